"""Expressed against latent: does a model decline the questions that it is least certain of?

What it says is a point: the share of questions that it answers, and the share of these answers that
is wrong. What its uncertainty says is a curve: the forced pass, in which it answers always, kept to
its most certain answers. The number is how far the point lies above the curve at its own coverage.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iabench.metrics.base import Row
from iabench.metrics.ranking import Ranked
from iabench.metrics.rate import divide
from iabench.metrics.selective import answered, wrong

__all__ = ["GUESSED_WRONG", "UNGUESSED", "ExpressedGap", "guessed"]

Floats = NDArray[np.float64]

GUESSED_WRONG = "guessed wrong"
"""1 where the answer of the forced pass is wrong, 0 where it is right."""
UNGUESSED = "nothing guessed"
"""1 where the forced pass has no answer either."""


def guessed(scorer: str) -> str:
    """Return the name under which a row holds the score of its answer in the forced pass."""
    return f"guessed {scorer}"


@dataclass(frozen=True, kw_only=True)
class ExpressedGap:
    """Risk of the run, less risk of the forced pass at the same coverage, by one scorer."""

    scorer: str
    sign: float
    """1 where a higher score means known, -1 where it means unknown."""
    without: str = "nothing was answered, or the forced pass answers less than the run"
    note: str = ""

    id = "expressed_gap"
    label = "what it says, against its uncertainty"
    says = "risk of the answers given, less risk of as many of the most certain forced ones"
    higher_is_better = False

    @property
    def variant(self) -> str:
        """Whose it is."""
        return f"scorer={self.scorer}"

    def takes(self, row: Row) -> bool:
        """Return whether a decided row is decided, and if guessed scored, in the forced pass."""
        held = {name for name, _ in row.scores}
        return UNGUESSED in held or {GUESSED_WRONG, guessed(self.scorer)} <= held

    def value(self, rows: Sequence[Row], weights: Floats) -> Floats:
        """Return values (...) under weights (..., rows), NaN where there is none."""
        weights = np.asarray(weights, float)
        given = np.array([answered(row) for row in rows], bool)
        bad = np.array([wrong(row) for row in rows], bool)
        n = weights[..., given].sum(-1)
        risk = divide(weights[..., given & bad].sum(-1), n)

        held = [dict(row.scores) for row in rows]
        there = np.array([GUESSED_WRONG in one for one in held], bool)
        guesses = [one for one in held if GUESSED_WRONG in one]
        sure = self.sign * np.array([one[guessed(self.scorer)] for one in guesses], float)
        bad_guess = np.array([one[GUESSED_WRONG] > 0 for one in guesses], bool)
        ties = Ranked(sure, bad_guess).ties(weights[..., there])
        # A rounding of sums is no lack of answers.
        enough = ties.n >= n - 1e-9
        curve = divide(ties.first(ties.hits, n[..., None])[..., 0], n)
        return np.where(enough, risk - curve, np.nan)

    def remark(self, rows: Iterable[Row]) -> str:
        """Return what must be known to read it."""
        return self.note
