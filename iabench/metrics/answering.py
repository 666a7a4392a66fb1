"""How often a model answers, and how often it is right.

In the formulas C, I, A, G: correct, incorrect, abstained, degenerate where an answer is expected, D
their sum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iabench.metrics.base import Row
from iabench.metrics.rate import Composite, Proportion, divide
from iabench.records import Expect, Outcome

__all__ = [
    "AED",
    "Accuracy",
    "AccuracyAttempted",
    "EngagementRate",
    "ErrorRate",
    "HallucinationRate",
    "aed",
]

Floats = NDArray[np.float64]
_NO_ANSWERS = "no question expects an answer"


def aed(*, n_correct: int, n_incorrect: int, n: int) -> float:
    """Return the distance from answering all n questions and getting them right.

    sqrt((I^2 + (D - C)^2) / (2 D^2)): 0 is all right, 1 all wrong; abstaining on everything gives
    sqrt(1/2), answering everything 1 - accuracy.

    Raises:
        ValueError: the counts are no counts of n questions.
    """
    if n < 1 or min(n_correct, n_incorrect) < 0 or n_correct + n_incorrect > n:
        raise ValueError(f"{n_correct} correct and {n_incorrect} incorrect of {n}")
    return float(_distance(np.float64(n_correct / n), np.float64(n_incorrect / n)))


def _distance(right: Floats | np.float64, wrong: Floats | np.float64) -> Floats:
    return np.asarray(np.sqrt((wrong**2 + (1 - right) ** 2) / 2), dtype=np.float64)


class Accuracy(Proportion):
    """C / D."""

    id = "accuracy"
    label = "right on what it should know"
    says = "C / D: right answers over the questions that have one."
    higher_is_better = True
    without = _NO_ANSWERS
    over: Expect = "answer"
    hits: tuple[Outcome, ...] = ("correct",)


class AccuracyAttempted(Accuracy):
    """C / (C + I)."""

    id = "accuracy_attempted"
    label = "right when it answers"
    says = "C / (C + I): right answers over the answers that it gave."
    without = "no question that has an answer was answered"

    def counts(self, row: Row) -> bool:
        """Return whether it was answered."""
        return row.expect == "answer" and row.outcome in ("correct", "incorrect")


class EngagementRate(Accuracy):
    """(C + I) / D."""

    id = "engagement_rate"
    label = "answers at all"
    says = "(C + I) / D: answers, right or wrong, over the questions that have one."
    hits: tuple[Outcome, ...] = ("correct", "incorrect", "answered")


class ErrorRate(Accuracy):
    """I / D."""

    id = "error_rate"
    label = "wrong on what it should know"
    says = "I / D: wrong answers over the questions that have a right one."
    higher_is_better = False
    hits: tuple[Outcome, ...] = ("incorrect",)


class AED(Composite):
    """sqrt((I^2 + (D - C)^2) / (2 D^2))."""

    id = "aed"
    label = "distance from answering all and right"
    says = (
        "sqrt((I^2 + (D - C)^2) / (2 D^2)) over the questions that have an answer: 0 is all "
        "right, 1 all wrong."
    )
    higher_is_better = False
    without = _NO_ANSWERS
    cell_names = ("correct", "incorrect", "probes")
    components = ((0, 2), (1, 2))

    def cells(self, row: Row) -> tuple[float, ...] | None:
        """Return (correct, incorrect, 1) where an answer is expected."""
        if row.expect != "answer":
            return None
        return (float(row.outcome == "correct"), float(row.outcome == "incorrect"), 1.0)

    def combine(self, rates: Floats) -> Floats:
        """Return the distance at (C / D, I / D)."""
        return _distance(rates[..., 0], rates[..., 1])


class HallucinationRate(Composite):
    """Mean of `error_rate` and `fabrication_rate`."""

    id = "hallucination_rate"
    label = "states something false"
    says = (
        "Mean of error_rate (I / D) and fabrication_rate (H / N), equal weights; the one there is, "
        "if one."
    )
    higher_is_better = False
    without = "no question has an answer, and none is about something that does not exist"
    cell_names = ("incorrect", "answerable", "hallucinated", "fabrication_probes")
    components = ((0, 1), (2, 3))
    # So that a suite's rate is the mean of the two that stand beside it.
    suite_of_components = True

    def cells(self, row: Row) -> tuple[float, ...] | None:
        """Return the counts of the row's side, zeros for the other."""
        if row.expect == "answer":
            return (float(row.outcome == "incorrect"), 1.0, 0.0, 0.0)
        if row.answering_is == "fabrication":
            return (0.0, 0.0, float(row.outcome == "hallucinated"), 1.0)
        return None

    def combine(self, rates: Floats) -> Floats:
        """Return the mean of the rates there are."""
        there = ~np.isnan(rates)
        return divide(np.where(there, rates, 0.0).sum(-1), there.sum(-1))
