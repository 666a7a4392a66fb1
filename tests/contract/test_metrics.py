"""iabench's own metrics keep the contract that plug-ins are held to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from iabench.metrics.abstention import RefusalAccuracy
from iabench.metrics.base import METRICS, Metric, Row, made_from_rows
from iabench.testing import MetricContract

LOWEST = {"awareness_score": -1.0}
WORDING = {
    "finetuning_accuracy": "trained",
    "finetuning_rouge1": "trained",
    "paraphrase_accuracy": "paraphrase",
}


def keeps(contract: Any) -> None:
    for test in dir(contract):
        if test.startswith("test_"):
            getattr(contract, test)()


@pytest.mark.parametrize("name", METRICS.names())
def test_own_metrics(name: str) -> None:
    class Contract(MetricContract):
        lowest = LOWEST.get(name, 0.0)
        tags = (
            ("relation", "capital"),
            ("wording", WORDING.get(name, "held-out")),
            *((("certified", "unknown"),) if name == "natural_refusal_rate" else ()),
        )

        def make(self) -> Metric:
            return METRICS.get(name)()

    assert not made_from_rows(METRICS.get(name)())
    keeps(Contract())


class ZeroOfNothing(RefusalAccuracy):
    def value(self, sums: Any) -> Any:
        return np.nan_to_num(super().value(sums))


class OfAllSums(RefusalAccuracy):
    def value(self, sums: Any) -> Any:
        sums = np.asarray(sums).reshape(-1, 2).sum(0)
        return np.asarray(sums[0] / max(sums[1], 1.0))


class PerCent(RefusalAccuracy):
    def value(self, sums: Any) -> Any:
        return super().value(sums) * 100


class Halves(RefusalAccuracy):
    def cells(self, row: Row) -> tuple[float, ...] | None:
        return (0.5, 1.0)


@pytest.mark.parametrize(
    ("metric", "test"),
    [
        (ZeroOfNothing, "test_no_row_is_no_value"),
        (OfAllSums, "test_values_are_vectorised"),
        (PerCent, "test_values_are_in_bounds"),
        (Halves, "test_cells_are_counts"),
        (object, "test_is_a_metric"),
    ],
)
def test_a_metric_that_breaks_it_is_found(metric: Any, test: str) -> None:
    class Contract(MetricContract):
        def make(self) -> Any:
            return metric()

    with pytest.raises(AssertionError):
        getattr(Contract(), test)()
