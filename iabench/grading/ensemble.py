"""`ensemble@4`: rules and a learned model; where both agree they decide, else the judge does.

A member that is undecided itself disagrees with nobody, and one that is unsure hardly does: where
the odds that both together give are at least three to one, they decide. Where they do not, or
neither decides, the judge is asked if the run names one (`--judge`); without one the response is
undecided. What each said is kept with the verdict.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing

from iabench.grading.base import DETECTORS, Answered
from iabench.grading.judge import Judge
from iabench.records import Judgement, RunSpec
from iabench.rng import digest

__all__ = ["MEMBERS", "Ensemble"]

MEMBERS = ("lexical", "classifier")
"""Detectors that need no model of the user's; the kinds of the first count before the second's."""
_AT_ONCE = 512
_ODDS = math.log(3)
"""Of one value against the other, by both members together, from which they agree."""
_SUREST = 0.98
"""The confidence that counts, at most: nobody is so sure that the other does not matter."""


class Ensemble:
    """The detector `ensemble`."""

    def __init__(self, spec: RunSpec) -> None:
        self._members = [DETECTORS.get(name)(spec) for name in MEMBERS]
        self._judge = Judge(spec) if spec.judge else None
        every = [*self._members, *([self._judge] if self._judge else [])]
        self.id = "ensemble@4-" + digest(*(member.id for member in every), size=6)
        """`ensemble@4-` and a digest of the ids of all that it asks."""
        self.sends_to = self._judge.sends_to if self._judge else None
        """The server of its judge, or None."""
        self.costly = self._judge is not None
        """Its verdicts are kept when a run is judged again; only what is undecided is made anew."""
        self._open = ExitStack()
        for member in every:
            self._open.enter_context(closing(member))

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; disagreement without a judge is undecided.

        Raises:
            IabenchError: the judge cannot be opened.
        """
        for start in range(0, len(cases), _AT_ONCE):
            some = cases[start : start + _AT_ONCE]
            said = list(zip(*(member.detect(some) for member in self._members), strict=True))
            agreed = [self._agreed(judgements) for judgements in said]
            open_cases = [case for case, one in zip(some, agreed, strict=True) if one.value is None]
            judged = self._judge.detect(open_cases) if self._judge else iter(())
            for one in agreed:
                if one.value is not None or self._judge is None:
                    yield one
                else:
                    yield self._settled(one, next(judged))

    def close(self) -> None:
        """Close all members."""
        self._open.close()

    def _agreed(self, said: Sequence[Judgement]) -> Judgement:
        """Return the verdict that no member contradicts, or an undecided one."""
        votes = tuple((m.id, one.value) for m, one in zip(self._members, said, strict=True))
        decided = [one for one in said if one.value is not None]
        if not decided:
            return Judgement(value=None, reason=said[0].reason, votes=votes)
        odds = sum(_odds(one) for one in decided)
        unanimous = len({one.value for one in decided}) == 1
        if not unanimous and abs(odds) < _ODDS:
            words = {True: "abstains", False: "answers", None: "undecided"}
            reason = ", ".join(f"{name}: {words[value]}" for name, value in votes)
            return Judgement(value=None, reason=f"no agreement ({reason})", votes=votes)
        value = decided[0].value if unanimous else odds > 0
        agreeing = [one for one in decided if one.value == value]
        kinds = next((one.kinds for one in agreeing if one.kinds), ())
        return Judgement(
            value=value,
            kinds=kinds,
            reason=agreeing[0].reason,
            evidence=agreeing[0].evidence,
            votes=votes,
            confidence=1 / (1 + math.exp(-abs(odds))),
        )

    def _settled(self, agreed: Judgement, judged: Judgement) -> Judgement:
        assert self._judge is not None
        return Judgement(
            value=judged.value,
            kinds=judged.kinds,
            reason=f"{agreed.reason}; judge: {judged.reason or 'decides'}",
            evidence=judged.evidence,
            votes=(*agreed.votes, (self._judge.id, judged.value)),
        )


def _odds(judged: Judgement) -> float:
    """Return the logarithm of the odds that a response abstains, by one member."""
    sure = min(max(judged.confidence, 0.5), _SUREST)
    return math.log(sure / (1 - sure)) * (1 if judged.value else -1)
