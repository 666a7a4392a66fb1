"""What the scorers that ship have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Literal

from iabench.records import RunSpec
from iabench.uncertainty.base import Case, Needs, Value

__all__ = ["OwnScorer", "missing", "number"]


class OwnScorer:
    """Scores cases one by one; without a value there is a reason."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    higher_means: ClassVar[Literal["known", "unknown"]] = "unknown"
    probability: ClassVar[bool] = False
    needs: ClassVar[frozenset[Needs]] = frozenset({"samples"})

    def __init__(self, spec: RunSpec) -> None:
        self._spec = spec

    @property
    def id(self) -> str:
        """Name and version, and what else changes a value."""
        return "+".join((f"{self.name}@{self.version}", *self._choices()))

    def _choices(self) -> Iterable[str]:
        return ()

    def score(self, cases: Sequence[Case]) -> Iterator[Value]:
        """Yield one value a case."""
        for case in cases:
            why = missing(case, self.needs)
            yield Value(value=None, reason=why) if why else self._of(case)

    def _of(self, case: Case) -> Value:
        raise NotImplementedError

    def close(self) -> None:
        """Hold nothing."""


def missing(case: Case, needs: frozenset[Needs]) -> str:
    """Return why a case cannot be scored, if it cannot."""
    if "samples" in needs:
        if not case.samples:
            return "no samples"
        if failed := [s.failed for s in case.samples if s.failed]:
            return f"{len(failed)} of {len(case.samples)} samples failed: {failed[0]}"
    if "answer" in needs and (case.answer is None or case.answer.failed):
        return "no answer"
    if "asked" in needs and (case.asked is None or case.asked.failed):
        return case.asked.failed if case.asked else "its question was not asked"
    held = [*case.samples] if "sample-logprobs" in needs else []
    held += [case.answer] if "answer-logprobs" in needs and case.answer else []
    held += [case.asked] if "asked-logprobs" in needs and case.asked else []
    if any(s.logprobs is None for s in held):
        return "no log-probabilities"
    if any(not math.isfinite(p) for s in held for p in s.logprobs or ()):
        return "log-probabilities that are no numbers"
    return ""


def number(value: float) -> Value:
    """Return a value to twelve digits."""
    return Value(value=float(f"{value:.12g}") + 0.0)
