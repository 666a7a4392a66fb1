"""Chance is passed in: draws that are the same on every machine and under every hash seed.

Neither `random` nor NumPy promises the same draws across versions, so worlds, tasks and samples
draw here: the uniform with labels (a, b, ...) under a seed is the first 53 bits of the sha256 of
them, joined with their lengths, over 2**53. Statistics, where speed matters and a new NumPy may
change the last digit of an interval, draw from `stream`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Dice", "digest", "stream", "uniform"]

T = TypeVar("T")


def digest(*parts: object, size: int = 16) -> str:
    """Return the first `size` hex digits of the sha256 of the parts, joined unambiguously."""
    return hashlib.sha256(_joined(parts)).hexdigest()[:size]


def uniform(*parts: object) -> float:
    """Return a number in [0, 1) that is a function of the parts alone."""
    return (int.from_bytes(hashlib.sha256(_joined(parts)).digest()[:8], "big") >> 11) / 2**53


def _joined(parts: Sequence[object]) -> bytes:
    # The length before each part keeps ("a", "bc") and ("ab", "c") apart.
    texts = [str(part) for part in parts]
    # A lone surrogate has no UTF-8, but it must have a digest.
    return "\x1f".join([f"{len(text)}:{text}" for text in texts]).encode("utf-8", "surrogatepass")


class Dice:
    """A stream of draws named by a seed and labels.

    Two dice with the same seed and labels give the same draws; dice with different labels are
    independent. `Dice(0, "names").at("city")` is a stream of its own.
    """

    def __init__(self, seed: int, *labels: object) -> None:
        self._labels = (seed, *labels)
        self._step = 0
        self._root = hashlib.sha256(_joined(self._labels))

    def at(self, *labels: object) -> Dice:
        """Return an independent stream under further labels."""
        seed, *rest = self._labels
        assert isinstance(seed, int)
        return Dice(seed, *rest, *labels)

    def bits(self) -> int:
        """Return the next 64 bits."""
        block = self._root.copy()
        block.update(self._step.to_bytes(8, "big"))
        self._step += 1
        return int.from_bytes(block.digest()[:8], "big")

    def uniform(self) -> float:
        """Return the next number in [0, 1)."""
        return (self.bits() >> 11) / 2**53

    def below(self, n: int) -> int:
        """Return a whole number in [0, n)."""
        if n < 1:
            raise ValueError(f"nothing to draw from: n = {n}")
        return self.bits() * n >> 64

    def choice(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in a drawn order (Fisher-Yates)."""
        drawn = list(items)
        for last in range(len(drawn) - 1, 0, -1):
            other = self.below(last + 1)
            drawn[last], drawn[other] = drawn[other], drawn[last]
        return drawn

    def sample(self, items: Sequence[T], n: int) -> list[T]:
        """Return n different items in a drawn order; raises ValueError where there are fewer."""
        if n > len(items):
            raise ValueError(f"cannot draw {n} of {len(items)}")
        return self.shuffled(items)[:n]


def stream(seed: int, *labels: object) -> np.random.Generator:
    """Return a NumPy generator for statistics, named by a seed and labels."""
    import numpy as np

    words = hashlib.sha256(_joined((seed, *labels))).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(words[:16], "big")))
