"""Products in lines of five, each after the other, with makers and designers: a catalogue."""

from __future__ import annotations

from typing import ClassVar

from iabench.worlds.seeded import SeededWorld

__all__ = ["Products"]

_LINE = 5
_LINES_A_MAKER = 4


class Products(SeededWorld):
    """n products; a line has one maker and one category, and each is the successor of the last."""

    document = "products"
    main: ClassVar[tuple[str, ...]] = ("product",)

    def size(self, kind: str) -> int:
        """Return how many entities of a kind there are."""
        lines = -(-self.n // _LINE)
        return {
            "product": self.n,
            "person": self.n,
            "maker": -(-lines // _LINES_A_MAKER),
            "town": 40 + self.n // 10,
        }[kind]

    def linked(self, kind: str, index: int) -> dict[str, str]:
        """Return what a product shares with its line, and what its designer designed."""
        if kind == "person":
            return {"designed": self.entity("product", index)}
        if kind == "maker":
            return {}
        line, nth = divmod(index, _LINE)
        launched = self.dice("line", line)
        year = 1981 + launched.below(20)
        found = {
            "maker": self.entity("maker", line // _LINES_A_MAKER),
            "category": launched.choice(self.relation("category").values),
            "launch-year": str(year + sum(1 + launched.below(5) for _ in range(nth))),
            "designer": self.entity("person", index),
        }
        if nth:
            found["predecessor"] = self.entity("product", index - 1)
        if nth + 1 < _LINE and index + 1 < self.n:
            found["successor"] = self.entity("product", index + 1)
        return found
