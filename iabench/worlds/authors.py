"""Authors, their books and their publishers: about 20 linked facts an author.

In the manner of TOFU (Maini et al., 2024, arXiv:2401.06121), whose authors are invented too; data
and wordings are our own. Authors come in *circles* of 16: four generations of four. A teacher is of
the generation before, a rival of one's own, so both are authors of the world and both lead back.
"""

from __future__ import annotations

from typing import ClassVar

from iabench.worlds.seeded import SeededWorld, date_text

__all__ = ["Authors"]

_CIRCLE, _GENERATION = 16, 4
_BOOKS = ("first-book", "best-known-book", "latest-book")
_BORN, _APART, _SPREAD = 1902, 22, 14
"""First year of birth, years between generations, years of birth within one."""
_AUTHORS_A_PUBLISHER = 8


class Authors(SeededWorld):
    """Authors with three books each, and publishers of about eight authors each."""

    document = "authors"
    main: ClassVar[tuple[str, ...]] = ("author",)

    def size(self, kind: str) -> int:
        """Return how many entities of a kind there are."""
        return {
            "author": self.n,
            "book": len(_BOOKS) * self.n,
            "publisher": 1 + self.n // _AUTHORS_A_PUBLISHER,
            "town": 40 + self.n // 10,
        }[kind]

    def linked(self, kind: str, index: int) -> dict[str, str]:
        """Return what links an author or a book to others; publishers are linked to none."""
        if kind == "author":
            return self._author(index)
        if kind == "book":
            return self._book(*divmod(index, len(_BOOKS)))
        return {}

    def _author(self, index: int) -> dict[str, str]:
        born, years, award = self._life(index)
        first = len(_BOOKS) * index
        found = {
            "birth-date": date_text(self.dice("birthday", index), born),
            "first-book-year": str(years[0]),
            "award-year": str(award),
            "publisher": self._publisher(index),
            **{book: self.entity("book", first + nth) for nth, book in enumerate(_BOOKS)},
        }
        circle, place = divmod(index, _CIRCLE)
        generation, nth = divmod(place, _GENERATION)
        others = {
            "teacher": (generation - 1, self._pupils(circle, generation - 1).index(nth)),
            "pupil": (generation + 1, self._pupils(circle, generation)[nth]),
            "rival": (generation, nth ^ 1),
        }
        for relation, (when, who) in others.items():
            other = circle * _CIRCLE + when * _GENERATION + who
            if 0 <= when < _GENERATION and other < self.n:
                found[relation] = self.entity("author", other)
        return found

    def _book(self, author: int, nth: int) -> dict[str, str]:
        _, years, _ = self._life(author)
        return {
            "book-author": self.entity("author", author),
            "book-publisher": self._publisher(author),
            "book-year": str(years[nth]),
        }

    def _life(self, index: int) -> tuple[int, tuple[int, int, int], int]:
        """Return the years of birth, of the three books and of the award."""
        dice = self.dice("life", index)
        generation = index % _CIRCLE // _GENERATION
        born = _BORN + generation * _APART + dice.below(_SPREAD)
        first = born + 21 + dice.below(15)
        known = first + 2 + dice.below(6)
        latest = known + 2 + dice.below(9)
        return born, (first, known, latest), first + 1 + dice.below(latest - first)

    def _pupils(self, circle: int, generation: int) -> list[int]:
        """Return whom each of a generation teaches, by place in the next one."""
        return self.dice("pupils", circle, generation).shuffled(range(_GENERATION))

    def _publisher(self, author: int) -> str:
        nth = self.dice("publisher", author).below(self.size("publisher"))
        return self.entity("publisher", nth)
