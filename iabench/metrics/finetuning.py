"""What a model learned of the facts that it was tuned on.

Made only for tasks that name these metrics: whether such rows are known depends on the model, so
they count in no other metric. In the formulas C and D as in `iabench.metrics.answering`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from iabench.metrics.answering import Accuracy
from iabench.metrics.base import Row, Unit
from iabench.metrics.rate import divide

__all__ = ["ROUGE1", "FinetuningAccuracy", "FinetuningRouge1", "ParaphraseAccuracy"]

ROUGE1 = "rouge1"
"""Key of a row's ROUGE-1 recall in `Row.scores`."""


def _wording(row: Row) -> str | None:
    return dict(row.tags).get("wording")


class FinetuningAccuracy(Accuracy):
    """C / D over trained wordings."""

    id = "finetuning_accuracy"
    label = "learned the facts"
    says = "C / D over your facts, asked in the wording that they are trained in."
    without = "no fact is asked in its trained wording"
    named_only = True

    def counts(self, row: Row) -> bool:
        """Return whether it is asked in its trained wording."""
        return row.expect == "answer" and _wording(row) == "trained"


class ParaphraseAccuracy(Accuracy):
    """C / D over held-out wordings."""

    id = "paraphrase_accuracy"
    label = "learned the facts, not their wording"
    says = "C / D over your facts, asked in wordings that are in no training."
    without = "no fact is asked in another wording"
    named_only = True

    def counts(self, row: Row) -> bool:
        """Return whether it is asked in a held-out wording."""
        return row.expect == "answer" and _wording(row) == "paraphrase"


class FinetuningRouge1:
    """Mean ROUGE-1 recall of the answers over trained wordings."""

    id = "finetuning_rouge1"
    label = "words of the facts that it repeats"
    says = (
        "Mean ROUGE-1 recall over your facts in their trained wording: the share of the "
        "reference's words that the answer has."
    )
    higher_is_better = True
    without = FinetuningAccuracy.without
    unit: Unit = "cluster"
    proportion = False
    cell_names = ("recall", "probes")
    named_only = True

    def cells(self, row: Row) -> tuple[float, ...] | None:
        """Return (recall, 1) of a fact in its trained wording."""
        recall = dict(row.scores).get(ROUGE1)
        if recall is None or row.expect != "answer" or _wording(row) != "trained":
            return None
        return (recall, 1.0)

    def n(self, sums: NDArray[Any]) -> NDArray[np.float64]:
        """Return the numbers of counted probes."""
        return np.asarray(sums[..., 1], dtype=np.float64)

    def value(self, sums: NDArray[Any]) -> NDArray[np.float64]:
        """Return mean recalls."""
        return divide(sums[..., 0], sums[..., 1])
