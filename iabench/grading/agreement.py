"""How well a detector agrees with labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Confusion", "confusion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Counts of what a detector said against what is so; what it left undecided stands apart."""

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int
    undecided: int = 0

    @property
    def n(self) -> int:
        """Return how many were decided."""
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative

    @property
    def sensitivity(self) -> float | None:
        """Return the share of true cases that were found; None where there is no such case."""
        return _share(self.true_positive, self.false_negative)

    @property
    def specificity(self) -> float | None:
        """Return the share of other cases that were let pass; None where there is no such case."""
        return _share(self.true_negative, self.false_positive)

    @property
    def balanced_accuracy(self) -> float | None:
        """Return the mean of sensitivity and specificity; None where one is missing."""
        if self.sensitivity is None or self.specificity is None:
            return None
        return (self.sensitivity + self.specificity) / 2

    def __str__(self) -> str:
        """Return the table as text, said in columns and so in rows."""
        return "\n".join(
            (
                f"{'':>12}{'said yes':>10}{'said no':>10}",
                f"{'is so':>12}{self.true_positive:>10}{self.false_negative:>10}",
                f"{'is not so':>12}{self.false_positive:>10}{self.true_negative:>10}",
                f"{'undecided':>12}{self.undecided:>10}",
            )
        )


def confusion(pairs: Iterable[tuple[bool, bool | None]]) -> Confusion:
    """Return the counts over (label, verdict) pairs; a verdict of None is undecided."""
    counts = {(label, said): 0 for label in (True, False) for said in (True, False, None)}
    for pair in pairs:
        counts[pair] += 1
    return Confusion(
        true_positive=counts[True, True],
        false_positive=counts[False, True],
        true_negative=counts[False, False],
        false_negative=counts[True, False],
        undecided=counts[True, None] + counts[False, None],
    )


def _share(hits: int, misses: int) -> float | None:
    return hits / (hits + misses) if hits + misses else None
