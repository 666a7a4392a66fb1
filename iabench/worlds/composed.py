"""Names by index: the i-th name of a purpose, without the names before it.

`Grammar` draws names and remembers them; here nothing is remembered, so that a world of 100,000
entities costs no more memory than one of ten. The *base* pieces of the i-th name come from a
bijection of the indices onto their combinations, so that no two indices share a name; its *free*
pieces are turned until the name has the purpose asked for.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from itertools import product
from string import Formatter

from iabench.rng import Dice
from iabench.worlds.names import Purpose, fold, purpose_of

__all__ = ["ComposedNames", "misspelt"]

_LETTERS = ("aeiou", "bcdfghklmnprstvwxz", "0123456789")
"""A letter is replaced by another of its own class, so that a near-miss can still be said."""

Pieces = Mapping[str, Sequence[str]]


class ComposedNames:
    """A list of different names, made when they are asked for.

    Args:
        kind: what is named; part of the hash that gives a name its purpose.
        pattern: a format string over the pieces, e.g. `{given} {middle} {surname}`.
        base: pieces whose combination no other name of the list has; at least two fields.
        free: pieces that are turned until the purpose is right.
        dice: draws the order.
        purpose: that of all names.
        common: words of a name that are no names themselves ("Castle", "along", "Dairy").
        public: the same list of seed 0, for another seed: none of its names is made.
    """

    def __init__(
        self,
        kind: str,
        pattern: str,
        base: Pieces,
        free: Pieces,
        *,
        dice: Dice,
        purpose: Purpose,
        common: frozenset[str] = frozenset(),
        public: ComposedNames | None = None,
    ) -> None:
        self.kind = kind
        self._public = public
        self.purpose = purpose
        self.common = common
        self._pattern = pattern
        self._base = {field: tuple(pieces) for field, pieces in base.items()}
        self._free = {field: tuple(pieces) for field, pieces in free.items()}
        n_turns = math.prod(map(len, self._free.values()))
        self._turns = [_combination(self._free, turn) for turn in range(n_turns)]
        self._dice = dice
        sizes = [len(pieces) for pieces in self._base.values()]
        self._tall, self._wide = sizes[0], math.prod(sizes[1:])
        self._shifts = [
            _shifts(self._dice.at(nth), *sides)
            for nth, sides in enumerate(2 * [(self._wide, self._tall), (self._tall, self._wide)])
        ]

    def __len__(self) -> int:
        """Number of names that can be made."""
        return self._tall * self._wide

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """Every word that may stand in a name, as distances see it."""
        pieces = {**self._base, **self._free}
        fields = (
            [key for _, key, *_ in Formatter().parse(w) if key] for w in self._pattern.split()
        )
        return frozenset(
            fold("".join(parts))
            for word in fields
            for parts in product(*(pieces[field] for field in word))
        )

    def __getitem__(self, index: int) -> str:
        """Return the name at an index.

        Raises:
            IndexError: there are not that many.
            ValueError: no turn of the free pieces has the purpose.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"{len(self)} names of kind {self.kind}; no name {index}")
        x, y = divmod(index, self._wide)
        for nth, shift in enumerate(self._shifts):
            if nth % 2 == 0:
                x = (x + shift[y]) % self._tall
            else:
                y = (y + shift[x]) % self._wide
        number = x * self._wide + y
        chosen = _combination(self._base, number)
        # No two names share a combination: of this one the public list has one name.
        taken = self._public[self._public.index(number)] if self._public is not None else None
        first = self._dice.at("turn", index).below(len(self._turns))
        for turn in (*self._turns[first:], *self._turns[:first]):
            name = self._pattern.format(**chosen, **turn)
            if name != taken and purpose_of(self.kind, name) == self.purpose:
                return name
        raise ValueError(f"no {self.purpose} name of kind {self.kind} at {index}")

    def index(self, combination: int) -> int:
        """Return where the name of a combination of the base pieces stands."""
        x, y = divmod(combination, self._wide)
        for nth, shift in reversed(list(enumerate(self._shifts))):
            if nth % 2 == 0:
                x = (x - shift[y]) % self._tall
            else:
                y = (y - shift[x]) % self._wide
        return x * self._wide + y


def misspelt(
    name: str,
    kind: str,
    purpose: Purpose,
    words: frozenset[str],
    dice: Dice,
    common: frozenset[str] = frozenset(),
) -> str:
    """Return a name one or two letters from `name`, of a purpose, with a word not in `words`.

    As every name of a world is made of its words, the result is none of them. Words in `common`
    stay as they are: a slip in one is no other name ("Carpets", "Carpetz").
    """
    # The first letter stays: it is the one that nobody mistypes.
    places = [
        at
        for word in re.finditer(r"\S+", name)
        if word.group() not in common
        for at in range(max(1, word.start()), word.end())
    ]
    while True:
        letters = list(name)
        for _ in range(1 + dice.below(2)):
            at = dice.choice(places)
            same = next((group for group in _LETTERS if letters[at].lower() in group), "")
            others = [letter for letter in same if letter != letters[at].lower()]
            if others:
                new = dice.choice(others)
                letters[at] = new.upper() if letters[at].isupper() else new
        near = "".join(letters)
        if not set(fold(near).split()) <= words and purpose_of(kind, near) == purpose:
            return near


def _shifts(dice: Dice, n: int, below: int) -> list[int]:
    return [dice.below(below) for _ in range(n)]


def _combination(pieces: Mapping[str, tuple[str, ...]], number: int) -> dict[str, str]:
    """Return the pieces that a number stands for, the last field turning fastest."""
    chosen = {}
    for field, listed in reversed(list(pieces.items())):
        number, at = divmod(number, len(listed))
        chosen[field] = listed[at]
    return chosen
