"""Selective prediction: what an uncertainty score is worth, with ties in expected order.

The confidence of a row is its score, turned so that higher means known. AUROC against *unknown* is
over all rows, by what is expected; everything else is over the answered ones, where wrong is an
incorrect answer or any answer to a question that nobody can answer. Rows may be weighted, so that
all resamples are computed at once, and metrics of one order share its sums (`ranking`).
Definitions: `docs/uncertainty.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iabench.metrics.base import Row
from iabench.metrics.ranking import Ranked, Ranking, Ties
from iabench.metrics.rate import divide

__all__ = ["SELECTIVE", "Selective", "answered", "selective", "wrong"]

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
    ranking: Ranking
    of: Callable[[Ties], Floats]
    """From sums over ties (..., groups) to values (...)."""
    without: str

    @property
    def variant(self) -> str:
        """Whose it is."""
        return f"scorer={self.ranking.scorer}"

    def takes(self, row: Row) -> bool:
        """Return whether a decided row is the metric's: it has a score, and counts."""
        return self.ranking.takes(row)

    def value(self, rows: Sequence[Row], weights: Floats) -> Floats:
        """Return values (...) under weights (..., rows), NaN where there is none."""
        return self.of(Ranked(*self.ranking.read(rows)).ties(weights))


def selective(scorer: str, *, higher_means: str, probability: bool) -> list[Selective]:
    """Return the metrics of one scorer.

    Args:
        scorer: its id.
        higher_means: `known` or `unknown`.
        probability: whether its value is a probability of being right, as calibration needs.
    """
    sign = 1.0 if higher_means == "known" else -1.0
    made = []
    for id_, about in SELECTIVE.items():
        said = dict(about)
        order = Ranking(scorer=scorer, sign=sign, taken=said.pop("taken"), hit=said.pop("hit"))
        if probability or id_ not in ("ece", "brier"):
            made.append(Selective(id=id_, ranking=order, **said))
    return made


def answered(row: Row) -> bool:
    """Return whether a row holds an answer."""
    return row.outcome in ("correct", "incorrect", "hallucinated", "overreached")


def _answered_known(row: Row) -> bool:
    return row.outcome in ("correct", "incorrect")


def wrong(row: Row) -> bool:
    """Return whether an answer is wrong: not right, or to what nobody can answer."""
    return row.outcome != "correct"


def _unknown(row: Row) -> bool:
    return row.expect == "abstain"


def _everything(row: Row) -> bool:
    return True


def auroc(ties: Ties) -> Floats:
    """Return P(a hit is less confident than a miss), ties half."""
    return ties.auroc


def aurc(ties: Ties) -> Floats:
    """Return the mean over k of the share of wrong ones among the k most confident."""
    return ties.aurc


def e_aurc(ties: Ties) -> Floats:
    """Return AURC above that of the oracle."""
    return ties.aurc - ties.best


def prr(ties: Ties) -> Floats:
    """Return (random AURC - AURC) / (random AURC - oracle's): 1 is the oracle, 0 is chance."""
    risk = divide(ties.n_hits, ties.n)
    gain = risk - ties.best
    return divide(risk - ties.aurc, np.where(gain > 1e-12, gain, 0.0))


def risk_at(coverage: float) -> Callable[[Ties], Floats]:
    """Return the share of wrong ones among the most confident share of rows."""

    def risk(ties: Ties) -> Floats:
        taken = ties.first(ties.hits, coverage * ties.n[..., None])[..., 0]
        return divide(taken, coverage * ties.n)

    return risk


def ece(ties: Ties) -> Floats:
    """Return sum over 15 bins of equal mass of share x |accuracy - mean confidence|."""
    # A tie across an edge goes to both bins in the parts that fall there.
    edges = ties.n[..., None] * np.arange(BINS + 1) / BINS
    error = ties.mass * (1 - ties.confidence) - ties.hits
    gaps = np.diff(ties.first(error, edges), axis=-1)
    return divide(np.abs(gaps).sum(-1), ties.n)


def brier(ties: Ties) -> Floats:
    """Return the mean of (confidence - right)^2."""
    sure = ties.confidence
    square = ties.hits * sure**2 + (ties.mass - ties.hits) * (sure - 1) ** 2
    return divide(square.sum(-1), ties.n)


_NONE = "nothing was answered"
_ONE = "only one kind of answer"

SELECTIVE: dict[str, dict[str, Any]] = {
    "auroc_unknown": {
        "label": "tells unknown from known",
        "says": "P(an unknown question scores less known than a known one), over all questions",
        "higher_is_better": True,
        "taken": _everything,
        "hit": _unknown,
        "of": auroc,
        "without": "needs known and unknown questions with a score",
    },
    "auroc_wrong": {
        "label": "tells wrong from right",
        "says": "P(a wrong answer scores less known than a right one), over answered known ones",
        "higher_is_better": True,
        "taken": _answered_known,
        "hit": wrong,
        "of": auroc,
        "without": "needs right and wrong answers with a score",
    },
    "aurc": {
        "label": "risk over all coverages",
        "says": "mean share of wrong answers among the k most certain, over all k",
        "higher_is_better": False,
        "taken": answered,
        "hit": wrong,
        "of": aurc,
        "without": _NONE,
    },
    "e_aurc": {
        "label": "the same above the best order",
        "says": "aurc minus that of all right answers first",
        "higher_is_better": False,
        "taken": answered,
        "hit": wrong,
        "of": e_aurc,
        "without": _NONE,
    },
    "prr": {
        "label": "rejects the wrong ones",
        "says": "(random aurc - aurc) / (random aurc - best): 1 best, 0 chance",
        "higher_is_better": True,
        "taken": answered,
        "hit": wrong,
        "of": prr,
        "without": _ONE,
    },
    "risk_at_50": {
        "label": "wrong among the surest half",
        "says": "share of wrong answers among the most certain 50 %",
        "higher_is_better": False,
        "taken": answered,
        "hit": wrong,
        "of": risk_at(0.5),
        "without": _NONE,
    },
    "risk_at_80": {
        "label": "wrong among the surest 80 %",
        "says": "share of wrong answers among the most certain 80 %",
        "higher_is_better": False,
        "taken": answered,
        "hit": wrong,
        "of": risk_at(0.8),
        "without": _NONE,
    },
    "ece": {
        "label": "calibration error",
        "says": "sum over 15 bins of equal mass of share x |accuracy - mean confidence|",
        "higher_is_better": False,
        "taken": answered,
        "hit": wrong,
        "of": ece,
        "without": _NONE,
    },
    "brier": {
        "label": "Brier score",
        "says": "mean (confidence - right)^2",
        "higher_is_better": False,
        "taken": answered,
        "hit": wrong,
        "of": brier,
        "without": _NONE,
    },
}
