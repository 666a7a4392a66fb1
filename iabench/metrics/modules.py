"""iabench's metrics as in-process modules of Hugging Face `evaluate`.

Predictions are outcomes, references expectations. Nothing is loaded from the hub, nothing is
written to disk. Imported only when a module is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate
import numpy as np

from iabench.errors import UnknownNameError, near_match
from iabench.metrics.base import METRICS, Metric, Row
from iabench.records import Expect, Outcome

__all__ = ["SIMPLE", "module"]

SIMPLE = (
    "accuracy",
    "accuracy_attempted",
    "aed",
    "engagement_rate",
    "error_rate",
    "fabrication_rate",
    "hallucination_rate",
    "over_refusal_rate",
    "refusal_accuracy",
)
"""Metrics that need no more than outcomes and expectations."""


class _Module(evaluate.Metric):  # type: ignore[misc]
    """One metric, with its undecided predictions counted beside it."""

    metric: Metric
    writer: Any

    def _info(self) -> Any:
        return evaluate.MetricInfo(
            description=self.metric.says,
            citation="",
            inputs_description="predictions: outcomes; references: answer or abstain.",
            features=datasets.Features(
                {"predictions": datasets.Value("string"), "references": datasets.Value("string")}
            ),
        )

    def _finalize(self) -> None:
        """Read what was added back, in memory, as `evaluate` does, but without a hash of it.

        `datasets` would pickle the table for one, and with it pyarrow where that is installed
        outside a folder called site-packages: which fails.
        """
        if self.writer is not None:
            self.writer.finalize()
        self.writer = None
        table = datasets.table.InMemoryTable.from_buffer(self.buf_writer.getvalue())
        self.data = datasets.Dataset(table, fingerprint=self.config_name)

    def _compute(
        self, predictions: Sequence[Outcome], references: Sequence[Expect]
    ) -> dict[str, float | int | None]:
        pairs = list(zip(predictions, references, strict=True))
        cells = [self.metric.cells(_row(o, e)) for o, e in pairs if o != "undecided"]
        sums = np.sum([c for c in cells if c is not None] or np.zeros((1, 4)), axis=0)
        value = float(self.metric.value(sums))
        return {
            self.metric.id: None if np.isnan(value) else value,
            "n_undecided": sum(outcome == "undecided" for outcome in predictions),
        }


def _row(outcome: Outcome, expect: Expect) -> Row:
    return Row(
        task="",
        probe_id="",
        cluster="",
        pair=None,
        tags=(),
        expect=expect,
        answering_is="fabrication" if expect == "abstain" else None,
        outcome=outcome,
    )


def module(name: str) -> Any:
    """Return a metric as an `evaluate.Metric` that keeps everything in memory.

    Raises:
        UnknownNameError: no metric of that name can be made from outcomes alone.
    """
    if name not in SIMPLE:
        hint = near_match(name, SIMPLE) or f"one of: {', '.join(SIMPLE)}"
        raise UnknownNameError(f'no evaluate module "{name}".', hint)
    kind = type(name, (_Module,), {"metric": METRICS.get(name)()})
    return kind(config_name=name, keep_in_memory=True)
