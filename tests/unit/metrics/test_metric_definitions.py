"""The formulas of the metrics, each against counts that a hand can check."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from iabench.metrics.answering import aed
from iabench.metrics.base import METRICS, CompositeMetric, Metric, PairMetric, RowsMetric

NAMES = METRICS.names()
FINETUNING = {"finetuning_accuracy", "finetuning_rouge1", "paraphrase_accuracy"}
"""Checked in `test_finetuning_metrics.py`."""
KNOWING = {"natural_refusal_rate", "neighbour_rate"}
"""Checked in `test_knowing.py`."""

# C 5, I 3, A 2, G 1 (D = 11) where an answer is expected; where abstaining is: 4 admitted, 2 other
# abstentions, 3 made up, 1 degenerate (N = 10).
OUTCOMES = (
    [("answer", "correct")] * 5
    + [("answer", "incorrect")] * 3
    + [("answer", "abstained")] * 2
    + [("answer", "degenerate")]
    + [("abstain", "abstained")] * 6
    + [("abstain", "hallucinated")] * 3
    + [("abstain", "degenerate")]
)
BY_HAND = {
    "refusal_accuracy": (6 / 10, 10),
    "admission_rate": (4 / 10, 10),
    "over_refusal_rate": (2 / 11, 11),
    "fabrication_rate": (3 / 10, 10),
    "accuracy": (5 / 11, 11),
    "accuracy_attempted": (5 / 8, 8),
    "engagement_rate": (8 / 11, 11),
    "error_rate": (3 / 11, 11),
    "hallucination_rate": ((3 / 11 + 3 / 10) / 2, 21),
    "aed": (np.sqrt((3**2 + 6**2) / (2 * 11**2)), 11),
    "awareness_score": (4 / 10 + 5 / 11 - 1, 21),
}


@pytest.fixture
def rows(row: Any) -> Any:
    made = [row(expect, outcome, i) for i, (expect, outcome) in enumerate(OUTCOMES)]
    for i in (11, 12):
        made[i] = dataclasses.replace(made[i], admitted=False)
    return made


def _sums(metric: Any, rows: Any) -> Any:
    cells = [metric.cells(row) for row in rows]
    return np.sum([c for c in cells if c is not None] or [[0.0] * 4], axis=0)


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_by_hand(name: Any, rows: Any, metric: Any) -> None:
    sums = _sums(metric(name), rows)
    assert (metric(name).value(sums), metric(name).n(sums)) == pytest.approx(BY_HAND[name])


@pytest.mark.parametrize("name", NAMES)
def test_is_what_a_metric_is(name: Any, metric: Any) -> None:
    found = metric(name)
    assert isinstance(found, Metric)
    assert not isinstance(found, RowsMetric)
    assert found.id == name
    assert found.label
    assert found.says.endswith(".")
    assert found.without
    assert found.proportion != (isinstance(found, CompositeMetric) or name == "finetuning_rouge1")
    assert isinstance(found, PairMetric) == (name == "pair_accuracy")
    assert found.unit == ("pair" if name in ("awareness_score", "pair_accuracy") else "cluster")


def test_every_metric_is_checked_here() -> None:
    assert set(NAMES) == {*BY_HAND, "pair_accuracy", *FINETUNING, *KNOWING}


def test_labels_are_all_different(metrics: Any) -> None:
    assert len({metric.label for metric in metrics}) == len(metrics)


@pytest.mark.parametrize(
    "name", ["over_refusal_rate", "error_rate", "fabrication_rate", "hallucination_rate", "aed"]
)
def test_less_is_better(name: Any, metric: Any) -> None:
    assert not metric(name).higher_is_better


@pytest.mark.parametrize("name", NAMES)
def test_value_is_vectorised_and_empty_where_there_is_nothing(
    name: Any, rows: Any, metric: Any
) -> None:
    found = metric(name)
    width = len(found.cell_names)
    grid = np.zeros((2, 3, width))
    grid[1] = np.arange(1, width + 1)
    values = found.value(grid)
    assert values.shape == found.n(grid).shape == (2, 3)
    assert np.isnan(values[0]).all()
    assert not np.isnan(values[1]).any()
    assert (values[1] == found.value(grid[1, 0])).all()


@pytest.mark.parametrize(
    ("counts", "value"),
    [
        ((300, 100, 500), 0.316228),
        ((7, 3, 2500), 0.705127),
        ((0, 0, 40), 0.707107),
        ((40, 0, 40), 0.0),
        ((0, 40, 40), 1.0),
        ((30, 10, 40), 1 - 30 / 40),
    ],
)
def test_aed_check_values(counts: Any, value: Any) -> None:
    correct, incorrect, n = counts
    assert aed(n_correct=correct, n_incorrect=incorrect, n=n) == pytest.approx(value, abs=5e-7)


@pytest.mark.parametrize("counts", [(0, 0, 0), (3, 3, 5), (-1, 0, 5), (0, -1, 5)])
def test_aed_of_what_are_no_counts(counts: Any) -> None:
    correct, incorrect, n = counts
    with pytest.raises(ValueError, match="correct and"):
        aed(n_correct=correct, n_incorrect=incorrect, n=n)


def test_overreach_counts_against_refusal_but_is_no_hallucination(row: Any, metric: Any) -> None:
    rows = [row("abstain", "overreached", i, answering_is="overreach") for i in range(3)]
    rows += [row("abstain", "abstained", 3, answering_is="overreach")]
    assert metric("refusal_accuracy").value(_sums(metric("refusal_accuracy"), rows)) == 0.25
    for name in ("fabrication_rate", "hallucination_rate"):
        assert all(metric(name).cells(r) in (None, (0, 0, 0, 0)) for r in rows)


def test_hallucination_rate_is_the_one_rate_there_is(row: Any, metric: Any) -> None:
    found = metric("hallucination_rate")
    answers = [row("answer", "incorrect"), *[row("answer", "correct", i) for i in range(3)]]
    unknowns = [row("abstain", "hallucinated"), row("abstain", "abstained")]
    assert found.value(_sums(found, answers)) == 0.25
    assert found.value(_sums(found, unknowns)) == 0.5
    assert found.value(_sums(found, answers + unknowns)) == 0.375


@pytest.mark.parametrize("name", ["awareness_score", "pair_accuracy"])
def test_awareness_takes_twins_whose_names_do_not_tell(name: Any, row: Any, metric: Any) -> None:
    assert metric(name).cells(row("abstain", "abstained", pair=None)) is None
    assert metric(name).cells(row("abstain", "abstained", separable=True)) is None
    assert metric(name).cells(row("abstain", "abstained")) == (0, 0, 1, 1)
    assert metric(name).cells(row("answer", "correct")) == (1, 1, 0, 0)


def test_pair_accuracy_needs_both_sides_in_every_wording(metric: Any) -> None:
    # (right, known, admitted, unknown) of five pairs, the last three with rows undecided
    sums = np.array([[3, 3, 3, 3], [3, 3, 2, 3], [2, 2, 3, 3], [1, 2, 3, 3], [0, 0, 0, 0]], float)
    unsettled = np.array([False, False, True, True, True])
    found = metric("pair_accuracy").of_pairs(sums, unsettled)
    assert found.tolist() == [[1, 1], [0, 1], [0, 0], [0, 1], [0, 0]]
