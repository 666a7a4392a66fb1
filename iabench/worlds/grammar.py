"""Names composed of pieces: every piece is common, only the combination is new."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from iabench.rng import Dice
from iabench.worlds.names import Purpose, fold, purpose_of

__all__ = ["Grammar"]


class Grammar:
    """Names by a pattern over lists of pieces.

    Args:
        kind: what is named; part of the hash that gives a name its purpose.
        pattern: a format string over the pieces, e.g. `{given} {surname}`.
        pieces: the lists, by field of the pattern.
    """

    def __init__(self, kind: str, pattern: str, pieces: Mapping[str, tuple[str, ...]]) -> None:
        self.kind = kind
        self.pattern = pattern
        self.pieces = dict(pieces)

    @property
    def size(self) -> int:
        """Number of names that can be made, of all purposes together."""
        return math.prod(len(pieces) for pieces in self.pieces.values())

    def draw(
        self, purpose: Purpose, dice: Dice, n: int, exclude: Collection[str] = frozenset()
    ) -> list[str]:
        """Return n different names of one purpose, none of them in `exclude`.

        Raises:
            ValueError: there are no n such names.
        """
        return list(islice(self._names(purpose, dice, exclude), n))

    def twin_of(
        self, name: str, purpose: Purpose, dice: Dice, exclude: Collection[str] = frozenset()
    ) -> str:
        """Return a name of one purpose, as many words as `name` and within a letter of its length.

        Raises:
            ValueError: there is none.
        """
        return next(
            twin
            for twin in self._names(purpose, dice, exclude)
            if abs(len(twin) - len(name)) <= 1 and twin.count(" ") == name.count(" ")
        )

    def _names(self, purpose: Purpose, dice: Dice, exclude: Collection[str]) -> Iterator[str]:
        seen = {fold(name) for name in exclude}
        # In 20 rounds of the whole pool a name is missed with probability e^-20.
        for _ in range(20 * self.size):
            name = self.pattern.format(
                **{field: dice.choice(pieces) for field, pieces in self.pieces.items()}
            )
            if purpose_of(self.kind, name) == purpose and fold(name) not in seen:
                seen.add(fold(name))
                yield name
        raise ValueError(f"no more {purpose} names of kind {self.kind}")
