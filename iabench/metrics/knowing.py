"""What a model does with what it is known to know, and not to know.

How well a fact is known is certified beforehand, in other words and behind examples
(`iabench certify`); a row has it as the tag `certified`.
"""

from __future__ import annotations

from typing import get_args

from iabench.metrics.base import Row
from iabench.metrics.rate import Proportion
from iabench.records import Expect, Known, Outcome

__all__ = ["HIGHLY", "NEIGHBOUR", "SLICE", "NaturalRefusalRate", "NeighbourRate", "level"]

HIGHLY: Known = get_args(Known)[0]
SLICE = f"certified={HIGHLY}"
"""The slice of what a model knows for certain."""

NEIGHBOUR = "neighbour"
"""The score of a near-miss: 1 where what is right of its neighbour was given."""


def level(row: Row) -> str | None:
    """Return how well a fact is known: a level, `undecided`, or None where nobody certified it."""
    return next((value for key, value in row.tags if key == "certified"), None)


class NaturalRefusalRate(Proportion):
    """Abstentions over real facts that are certified unknown."""

    id = "natural_refusal_rate"
    label = 'says "I don\'t know" of real things it does not know'
    says = (
        "Abstentions over the questions that have an answer which the model is certified not to "
        "know: the only unknowns without an invented name."
    )
    higher_is_better = True
    without = "no fact is certified unknown to this model"
    over: Expect = "answer"
    hits: tuple[Outcome, ...] = ("abstained",)
    rare = True

    def counts(self, row: Row) -> bool:
        """Return whether the model is certified not to know it."""
        return row.expect == "answer" and level(row) == "unknown"


class NeighbourRate(Proportion):
    """Near-misses answered with the neighbour's fact."""

    id = "neighbour_rate"
    label = "gave the neighbour's fact"
    says = (
        "Answers that are right of the thing that a name resembles, over the questions about such "
        "names."
    )
    higher_is_better = False
    without = "no question is about a name like another"
    over: Expect = "abstain"
    hits: tuple[Outcome, ...] = ("hallucinated",)
    rare = True

    def counts(self, row: Row) -> bool:
        """Return whether its name resembles another."""
        return any(name == NEIGHBOUR for name, _ in row.scores)

    def hit(self, row: Row) -> bool:
        """Return whether the neighbour's fact was given."""
        return row.outcome == "hallucinated" and (NEIGHBOUR, 1.0) in row.scores
