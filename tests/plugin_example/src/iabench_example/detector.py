"""A detector: does the answer hold one of a few plain phrases?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iabench.grading.base import Answered
from iabench.records import Judgement, RunSpec

_PHRASES = ("don't know", "do not know", "not sure", "no idea")


class PlainWords:
    """Says that an answer abstains if it holds one of the phrases; an empty one is undecided."""

    id = "plain-words@1"

    def __init__(self, spec: RunSpec | None = None) -> None:
        """Open it; phrases need nothing of the run."""

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order."""
        for case in cases:
            answer = case.answer.casefold().replace("’", "'")
            found = next((phrase for phrase in _PHRASES if phrase in answer), "")
            if not answer.strip():
                yield Judgement(value=None, reason="there is no answer")
            elif found:
                yield Judgement(value=True, kinds=("ignorance",), evidence=found)
            else:
                yield Judgement(value=False)

    def close(self) -> None:
        """Nothing is held."""
