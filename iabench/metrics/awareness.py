"""Whether a model tells what it knows from what it cannot know, on matched twins.

A pair is a question about something known and the same question about something that does not
exist. A policy that does not look at the entity does the same to both, and gains nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iabench.metrics.base import Row, Unit
from iabench.metrics.knowing import HIGHLY, level
from iabench.metrics.rate import Composite, divide

__all__ = ["AwarenessScore", "PairAccuracy"]

Floats = NDArray[np.float64]
TUNED = "tuned-facts"
"""The task that asks what a model was tuned on."""
_NO_TWINS = "no matched twins: a known question and the same about something unknown"


def _sides(row: Row) -> tuple[float, ...] | None:
    """Return (right, known, admitted, unknown) of a row that has a twin.

    What is certified and not highly known is no known side, and leaves its twin alone.
    """
    if row.pair is None or row.separable or level(row) not in (None, HIGHLY):
        return None
    if row.expect == "answer":
        return (float(row.outcome == "correct"), 1.0, 0.0, 0.0)
    return (0.0, 0.0, float(row.outcome == "abstained" and row.admitted), 1.0)


def _remark(rows: Iterable[Row]) -> str:
    """Return of which tasks it was not checked that the model could know them.

    What a model was tuned on needs no certificate.
    """
    told = [row for row in rows if row.pair is not None and row.expect == "answer"]
    open_ = sorted({row.task for row in told if level(row) is None} - {TUNED})
    if not open_:
        return ""
    if len(open_) == len({row.task for row in told} - {TUNED}):
        return "uncertified: whether the model could know the known side was not checked"
    return f"uncertified of {', '.join(open_)}: whether the model could know it was not checked"


class AwarenessScore(Composite):
    """`admission_rate` + `accuracy` - 1 on matched twins."""

    id = "awareness_score"
    label = "knows what it knows: 0 is blind, 1 ideal"
    says = (
        "admission_rate + accuracy - 1 on matched twins, in [-1, 1]; what never looks at the "
        "entity gets at most 0."
    )
    higher_is_better = True
    without = _NO_TWINS
    unit: Unit = "pair"
    cell_names = ("right", "known", "admitted", "unknown")
    components = ((0, 1), (2, 3))

    def remark(self, rows: Iterable[Row]) -> str:
        """Return what must be known of the known sides of these twins."""
        return _remark(rows)

    def cells(self, row: Row) -> tuple[float, ...] | None:
        """Return (right, known, admitted, unknown) of a row that has a twin."""
        return _sides(row)

    def combine(self, rates: Floats) -> Floats:
        """Return the sum of both rates, less 1."""
        return np.asarray(rates[..., 0] + rates[..., 1] - 1, dtype=np.float64)


class PairAccuracy:
    """Pairs whose known side is right and whose unknown side is admitted."""

    id = "pair_accuracy"
    label = "tells a known thing from its invented twin"
    says = (
        "Pairs whose known side is right and whose unknown side is admitted, in every wording, "
        "over all pairs."
    )
    higher_is_better = True
    without = _NO_TWINS
    unit: Unit = "pair"
    proportion = True
    cell_names = ("told", "pairs")

    def remark(self, rows: Iterable[Row]) -> str:
        """Return what must be known of the known sides of these twins."""
        return _remark(rows)

    def cells(self, row: Row) -> tuple[float, ...] | None:
        """Return (right, known, admitted, unknown) of a row that has a twin."""
        return _sides(row)

    def of_pairs(self, sums: Floats, unsettled: NDArray[np.bool_]) -> Floats:
        """Return (told, 1); a pair that no decided row has failed waits for its undecided ones."""
        failed = (sums[..., 0] < sums[..., 1]) | (sums[..., 2] < sums[..., 3])
        counted = failed | ~unsettled
        return np.stack([~failed & counted, counted], axis=-1).astype(np.float64)

    def n(self, sums: NDArray[Any]) -> Floats:
        """Return the numbers of pairs."""
        return np.asarray(sums[..., 1], dtype=np.float64)

    def value(self, sums: NDArray[Any]) -> Floats:
        """Return the pairs told apart over all pairs."""
        return divide(sums[..., 0], sums[..., 1])
