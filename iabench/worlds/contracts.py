"""Companies and persons joined by contracts: about 20 facts an edge.

In the manner of PISTOL (Qiu et al., 2024, arXiv:2406.16810), which joins invented parties by sales
and employment contracts; data and wordings are our own. A contract is an edge and is named by its
two parties. Companies stand in a ring: each sells to two others of it and employs two persons, so
no two contracts have the same parties.
"""

from __future__ import annotations

from typing import ClassVar

from iabench.rng import Dice
from iabench.worlds.names import Purpose
from iabench.worlds.seeded import SeededWorld

__all__ = ["Contracts"]

_EACH = 2
"""Sales that a company makes, and persons that it employs."""
_JOINED = " and "


class Contracts(SeededWorld):
    """n contracts, half of them sales and half employment, and who is party to them."""

    document = "contracts"
    main: ClassVar[tuple[str, ...]] = ("sales-contract", "employment-contract")
    smallest = 20

    def size(self, kind: str) -> int:
        """Return how many entities of a kind there are."""
        half = self.n // 2
        companies = -(-half // _EACH)
        return {
            "sales-contract": half,
            "employment-contract": half,
            "company": companies,
            "person": companies * (_EACH + 1),
            "town": 40 + self.n // 10,
        }[kind]

    def parties(self, kind: str, index: int) -> tuple[tuple[str, int], tuple[str, int]]:
        """Return kind and index of the two parties: seller and buyer, or company and person."""
        company, nth = divmod(index, _EACH)
        if kind == "sales-contract":
            return ("company", company), ("company", self._buyer(company, nth))
        return ("company", company), ("person", index)

    def entity(self, kind: str, index: int) -> str:
        """Return a name; that of a contract joins those of its parties."""
        if kind not in self.main:
            return super().entity(kind, index)
        return _JOINED.join(self.entity(*party) for party in self.parties(kind, index))

    def near(self, kind: str, index: int, purpose: Purpose, dice: Dice) -> str:
        """Return a name near an entity's; of a contract, one party is another."""
        if kind not in self.main:
            return super().near(kind, index, purpose, dice)
        parties = self.parties(kind, index)
        other = dice.below(len(parties))
        return _JOINED.join(
            super(Contracts, self).near(*party, purpose, dice)
            if nth == other
            else self.entity(*party)
            for nth, party in enumerate(parties)
        )

    def linked(self, kind: str, index: int) -> dict[str, str]:
        """Return parties, signatories and sums of contracts, and who employs and directs whom."""
        if kind == "sales-contract":
            return self._sale(index)
        if kind == "employment-contract":
            (_, company), (_, person) = self.parties(kind, index)
            return {
                "employing-party": self.entity("company", company),
                "employed-party": self.entity("person", person),
                "employment-signatory": self._director(company),
            }
        if kind == "company":
            return {"director": self._director(index)}
        employed = _EACH * self.size("company")
        if index >= employed:
            return {"directs": self.entity("company", index - employed)}
        # With an odd number of contracts the last company employs one person less.
        if index >= self.size("employment-contract"):
            return {}
        return {"employer": self.entity("company", index // _EACH)}

    def _sale(self, index: int) -> dict[str, str]:
        (_, seller), (_, buyer) = self.parties("sales-contract", index)
        dice = self.dice("sum", index)
        quantity, price = 20 + 10 * dice.below(200), 3 + dice.below(95)
        return {
            "seller": self.entity("company", seller),
            "buyer": self.entity("company", buyer),
            "seller-signatory": self._director(seller),
            "buyer-signatory": self._director(buyer),
            "quantity": f"{quantity} units",
            "unit-price": f"{price} crowns",
            "total-price": f"{quantity * price} crowns",
        }

    def _buyer(self, seller: int, nth: int) -> int:
        """Return the company that many places on: steps of 1 and 2 never join a pair twice."""
        return (seller + 1 + nth) % self.size("company")

    def _director(self, company: int) -> str:
        return self.entity("person", _EACH * self.size("company") + company)
