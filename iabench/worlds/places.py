"""Towns with their mayors, in regions of ten: what a gazetteer tells of a place."""

from __future__ import annotations

from typing import ClassVar

from iabench.worlds.seeded import SeededWorld

__all__ = ["Places"]

_REGION = 10


class Places(SeededWorld):
    """n towns; each has a mayor and a sister, each ten a region with a capital."""

    document = "places"
    main: ClassVar[tuple[str, ...]] = ("town",)

    def size(self, kind: str) -> int:
        """Return how many entities of a kind there are."""
        return {"town": self.n, "person": self.n, "region": -(-self.n // _REGION)}[kind]

    def linked(self, kind: str, index: int) -> dict[str, str]:
        """Return region, mayor and sister of a town, and what leads back to it."""
        if kind == "person":
            return {"mayor-of": self.entity("town", index)}
        if kind == "region":
            here = min(_REGION, self.n - _REGION * index)
            return {
                "capital": self.entity(
                    "town", _REGION * index + self.dice("capital", index).below(here)
                )
            }
        found = {
            "region": self.entity("region", index // _REGION),
            "mayor": self.entity("person", index),
        }
        if index ^ 1 < self.n:
            found["sister-town"] = self.entity("town", index ^ 1)
        return found
