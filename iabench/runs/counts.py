"""How many probes ended in each outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

__all__ = ["Counts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many probes ended in each outcome."""

    correct: int = 0
    incorrect: int = 0
    answered: int = 0
    abstained: int = 0
    hallucinated: int = 0
    overreached: int = 0
    degenerate: int = 0
    undecided: int = 0

    @property
    def n(self) -> int:
        """All probes."""
        return self.decided + self.undecided

    @property
    def decided(self) -> int:
        """Probes with an outcome."""
        return self.correct + self.answered + self.abstained + self.wrong + self.degenerate

    @property
    def wrong(self) -> int:
        """Answers that are false, or that should not have been given."""
        return self.incorrect + self.hallucinated + self.overreached

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)}
        )

    @classmethod
    def read(cls, found: Iterable[Mapping[str, Any]]) -> Counts:
        """Return the sum of counts as `results.json` holds them."""
        names = [f.name for f in fields(cls)]
        made = (cls(**{name: one.get(name, 0) for name in names}) for one in found)
        return sum(made, cls())
