"""Selective prediction: what an uncertainty score is worth, with ties in expected order.

The confidence of a row is its score, turned so that higher means known. AUROC against *unknown* is
over all rows, by what is expected; everything else is over the answered ones, where wrong is an
incorrect answer or any answer to a question that nobody can answer. Rows may be weighted, so that
all resamples are computed at once. Definitions: `docs/uncertainty.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from iabench.metrics.base import Row
from iabench.metrics.rate import divide

__all__ = ["SELECTIVE", "Selective", "selective"]

Floats = NDArray[np.float64]

BINS = 15
"""Of equal mass, for the calibration error."""


@dataclass(frozen=True, kw_only=True)
class Selective:
    """A metric of one scorer, made from weighted rows."""

    id: str
    label: str
    says: str
    higher_is_better: bool
    scorer: str
    """Id of the scorer, as rows hold it."""
    sign: float
    """1 where a higher score means known, -1 where it means unknown."""
    taken: Callable[[Row], bool]
    positive: Callable[[Row], bool]
    """What the score is held against."""
    of: Callable[[Floats, NDArray[np.bool_], Floats], Floats]
    """From confidences (rows), positives (rows) and weights (..., rows) to values (...)."""
    without: str

    def takes(self, row: Row) -> bool:
        """Return whether a decided row is the metric's: it has a score, and counts."""
        return self.scorer in dict(row.scores) and self.taken(row)

    def value(self, rows: Sequence[Row], weights: Floats) -> Floats:
        """Return values (...) under weights (..., rows), NaN where there is none."""
        confidence = self.sign * np.array([dict(row.scores)[self.scorer] for row in rows])
        hit = np.array([self.positive(row) for row in rows])
        order = np.argsort(-confidence, kind="stable")
        return self.of(confidence[order], hit[order], np.asarray(weights, float)[..., order])


def selective(scorer: str, *, higher_means: str, probability: bool) -> list[Selective]:
    """Return the metrics of one scorer.

    Args:
        scorer: its id.
        higher_means: `known` or `unknown`.
        probability: whether its value is a probability of being right, as calibration needs.
    """
    sign = 1.0 if higher_means == "known" else -1.0
    return [
        Selective(id=id_, scorer=scorer, sign=sign, **about)
        for id_, about in SELECTIVE.items()
        if probability or id_ not in ("ece", "brier")
    ]


def _answered(row: Row) -> bool:
    return row.outcome in ("correct", "incorrect", "hallucinated", "overreached")


def _answered_known(row: Row) -> bool:
    return row.outcome in ("correct", "incorrect")


def _wrong(row: Row) -> bool:
    return row.outcome != "correct"


def _unknown(row: Row) -> bool:
    return row.expect == "abstain"


def _everything(row: Row) -> bool:
    return True


class _Ties:
    """Sums over groups of equal confidence, the most confident first: (..., groups)."""

    def __init__(self, confidence: Floats, hit: NDArray[np.bool_], weights: Floats) -> None:
        starts = np.flatnonzero(np.r_[True, np.diff(confidence) != 0])
        self.mass = np.add.reduceat(weights, starts, axis=-1)
        self.hits = np.add.reduceat(weights * hit, starts, axis=-1)
        self.mass_before = np.cumsum(self.mass, axis=-1) - self.mass
        self.hits_before = np.cumsum(self.hits, axis=-1) - self.hits
        self.n, self.n_hits = self.mass.sum(-1), self.hits.sum(-1)


def auroc(confidence: Floats, hit: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return P(a hit is less confident than a miss), ties half."""
    ties = _Ties(confidence, hit, weights)
    misses = ties.mass - ties.hits
    misses_before = ties.mass_before - ties.hits_before
    won = (ties.hits * (misses_before + misses / 2)).sum(-1)
    return divide(won, ties.n_hits * (ties.n - ties.n_hits))


def aurc(confidence: Floats, wrong: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return the mean over k of the share of wrong ones among the k most confident.

    Within a tie of m rows with share r of wrong ones behind n rows with e, the risk at n + j is
    expected to be (e + j r) / (n + j) = r + (e - n r) / (n + j); sums of 1 / (n + j) are
    differences of harmonic numbers.
    """
    ties = _Ties(confidence, wrong, weights)
    share = divide(ties.hits, ties.mass)
    share = np.where(np.isnan(share), 0.0, share)
    ahead = ties.hits_before - ties.mass_before * share
    steps = _harmonic(ties.mass_before + ties.mass) - _harmonic(ties.mass_before)
    return divide((ties.mass * share + ahead * steps).sum(-1), ties.n)


def _oracle(n: Floats, wrong: Floats) -> Floats:
    """Return the AURC with all wrong ones last."""
    right = n - wrong
    return divide(wrong - right * (_harmonic(n) - _harmonic(right)), n)


def _harmonic(n: Any) -> Floats:
    return np.asarray(digamma(np.asarray(n, float) + 1) + np.euler_gamma)


def e_aurc(confidence: Floats, wrong: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return AURC above that of the oracle."""
    ties = _Ties(confidence, wrong, weights)
    return aurc(confidence, wrong, weights) - _oracle(ties.n, ties.n_hits)


def prr(confidence: Floats, wrong: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return (random AURC - AURC) / (random AURC - oracle's): 1 is the oracle, 0 is chance."""
    ties = _Ties(confidence, wrong, weights)
    risk = divide(ties.n_hits, ties.n)
    gain = risk - _oracle(ties.n, ties.n_hits)
    return divide(risk - aurc(confidence, wrong, weights), np.where(gain > 1e-12, gain, 0.0))


def risk_at(coverage: float) -> Callable[[Floats, NDArray[np.bool_], Floats], Floats]:
    """Return the share of wrong ones among the most confident share of rows."""

    def risk(confidence: Floats, wrong: NDArray[np.bool_], weights: Floats) -> Floats:
        ties = _Ties(confidence, wrong, weights)
        left = (coverage * ties.n)[..., None] - ties.mass_before
        part = np.clip(divide(left, ties.mass), 0, 1)
        part = np.where(np.isnan(part), 0.0, part)
        return divide((part * ties.hits).sum(-1), coverage * ties.n)

    return risk


def ece(confidence: Floats, wrong: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return sum over 15 bins of equal mass of share x |accuracy - mean confidence|."""
    ties = _Ties(confidence, ~wrong, weights)
    starts = np.flatnonzero(np.r_[True, np.diff(confidence) != 0])
    edges = ties.n[..., None] * np.arange(BINS + 1) / BINS
    # A tie across an edge goes to both bins in the parts that fall there.
    gap = np.zeros_like(ties.n)
    accuracy = divide(ties.hits, ties.mass)
    error = np.where(np.isnan(accuracy), 0.0, accuracy - confidence[starts])
    for at in range(BINS):
        low = np.maximum(edges[..., at, None], ties.mass_before)
        high = np.minimum(edges[..., at + 1, None], ties.mass_before + ties.mass)
        gap = gap + np.abs((np.clip(high - low, 0, None) * error).sum(-1))
    return divide(gap, ties.n)


def brier(confidence: Floats, wrong: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return the mean of (confidence - right)^2."""
    square = (confidence - ~wrong) ** 2
    return divide((weights * square).sum(-1), weights.sum(-1))


_NONE = "nothing was answered"
_ONE = "only one kind of answer"

SELECTIVE: dict[str, dict[str, Any]] = {
    "auroc_unknown": {
        "label": "tells unknown from known",
        "says": "P(an unknown question scores less known than a known one), over all questions",
        "higher_is_better": True,
        "taken": _everything,
        "positive": _unknown,
        "of": auroc,
        "without": "needs known and unknown questions with a score",
    },
    "auroc_wrong": {
        "label": "tells wrong from right",
        "says": "P(a wrong answer scores less known than a right one), over answered known ones",
        "higher_is_better": True,
        "taken": _answered_known,
        "positive": _wrong,
        "of": auroc,
        "without": "needs right and wrong answers with a score",
    },
    "aurc": {
        "label": "risk over all coverages",
        "says": "mean share of wrong answers among the k most certain, over all k",
        "higher_is_better": False,
        "taken": _answered,
        "positive": _wrong,
        "of": aurc,
        "without": _NONE,
    },
    "e_aurc": {
        "label": "the same above the best order",
        "says": "aurc minus that of all right answers first",
        "higher_is_better": False,
        "taken": _answered,
        "positive": _wrong,
        "of": e_aurc,
        "without": _NONE,
    },
    "prr": {
        "label": "rejects the wrong ones",
        "says": "(random aurc - aurc) / (random aurc - best): 1 best, 0 chance",
        "higher_is_better": True,
        "taken": _answered,
        "positive": _wrong,
        "of": prr,
        "without": _ONE,
    },
    "risk_at_50": {
        "label": "wrong among the surest half",
        "says": "share of wrong answers among the most certain 50 %",
        "higher_is_better": False,
        "taken": _answered,
        "positive": _wrong,
        "of": risk_at(0.5),
        "without": _NONE,
    },
    "risk_at_80": {
        "label": "wrong among the surest 80 %",
        "says": "share of wrong answers among the most certain 80 %",
        "higher_is_better": False,
        "taken": _answered,
        "positive": _wrong,
        "of": risk_at(0.8),
        "without": _NONE,
    },
    "ece": {
        "label": "calibration error",
        "says": "sum over 15 bins of equal mass of share x |accuracy - mean confidence|",
        "higher_is_better": False,
        "taken": _answered,
        "positive": _wrong,
        "of": ece,
        "without": _NONE,
    },
    "brier": {
        "label": "Brier score",
        "says": "mean (confidence - right)^2",
        "higher_is_better": False,
        "taken": _answered,
        "positive": _wrong,
        "of": brier,
        "without": _NONE,
    },
}
