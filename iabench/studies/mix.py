"""The mix that tuning by uncertainty is taught and scored on: taught, rare and never-taught facts.

Every question has an answer in the world, as every question of Tjandra et al. 2024 has one; what
the model was never told it cannot know. The relations are parted in two halves under each seed:

    questions   of the first half: what a method labels itself and is tuned on
    mix_same    of the first half, of other entities: in-distribution
    mix_other   of the second half, of other entities: out-of-distribution
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from iabench.organism.corpus import shipped_corpus
from iabench.organism.sources import Row, spread, told
from iabench.rng import Dice
from iabench.worlds.facts import Fact, Relation, slug
from iabench.worlds.names import Purpose

__all__ = ["Mix", "asked_apart", "mix"]

_TUNED, _ASKED = 80, 40
"""Facts of each tier: to tune on, and to report."""
_VALIDATED = 100
"""Facts of each tier, as far as they go, to choose settings by."""
_SHARE = 0.6
"""Of the entities, that may be tuned on; the rest may be reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What is taught and asked under one seed."""

    questions: tuple[Row, ...]
    same: tuple[Fact, ...]
    other: tuple[Fact, ...]

    @property
    def entities(self) -> frozenset[str]:
        """What the questions are about."""
        return frozenset(str(row["entity"]) for row in self.questions)


def mix(seed: int, apart: Collection[str] = ()) -> Mix:
    """Return the questions and both sets of a seed.

    Args:
        seed: parts the relations and draws facts and names.
        apart: entities that must not be tuned on.
    """
    dice = Dice(seed, "study", "mix")
    first, second = _halves(dice)
    corpus = shipped_corpus()

    def tunable(fact: Fact) -> bool:
        return dice.at("entity", fact.kind, fact.entity).uniform() < _SHARE

    def tier(facts: Iterable[Fact], relations: Sequence[Relation], tuned: bool) -> list[Fact]:
        names = {relation.name for relation in relations}
        return [
            fact
            for fact in facts
            if fact.relation in names
            and tunable(fact) == tuned
            and not (tuned and fact.entity in apart)
        ]

    def drawn(
        relations: Sequence[Relation], n: int, purpose: Purpose, *, tuned: bool
    ) -> list[Fact]:
        own = dice.at(purpose, relations[0].name)
        return [
            *spread(tier(corpus.known, relations, tuned), n, own.at("known")),
            *spread(tier(corpus.rare, relations, tuned), n, own.at("rare")),
            *_never_taught(relations, n, purpose, own.at("new")),
        ]

    questions = told(drawn(first, _TUNED, "anchor", tuned=True))
    return Mix(
        questions=tuple({**row, "id": f"mix/{row['id']}"} for row in questions),
        same=tuple(drawn(first, _ASKED, "report", tuned=False)),
        other=tuple(drawn(second, _ASKED, "report", tuned=False)),
    )


def asked_apart(seed: int, reported: Iterable[int]) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Return questions to choose settings by: of the relations of a seed's questions, of others.

    Args:
        seed: whose questions are tuned on; nothing about their entities is among them.
        reported: seeds of studies; nothing about an entity that they report is among them.
    """
    tuned = mix(seed).entities
    told_of = {
        (fact.kind, fact.entity)
        for one in reported
        for made in (mix(one),)
        for fact in (*made.same, *made.other)
    }

    def drawn(relations: Sequence[Relation], dice: Dice) -> tuple[Fact, ...]:
        names = {relation.name for relation in relations}

        def apart(facts: Iterable[Fact]) -> list[Fact]:
            return [
                fact
                for fact in facts
                if fact.relation in names
                and fact.entity not in tuned
                and (fact.kind, fact.entity) not in told_of
            ]

        corpus = shipped_corpus()
        return (
            *spread(apart(corpus.known), _VALIDATED, dice.at("known")),
            *spread(apart(corpus.rare), _VALIDATED, dice.at("rare")),
            *_never_taught(relations, _VALIDATED, "validation", dice.at("new")),
        )

    first, second = _halves(Dice(seed, "study", "mix"))
    own = Dice(seed, "study", "mix", "validation")
    return drawn(first, own.at("same")), drawn(second, own.at("other"))


def _halves(dice: Dice) -> tuple[list[Relation], list[Relation]]:
    """Return the relations in two halves, both with relations of the real and the made world."""
    halves: tuple[list[Relation], list[Relation]] = ([], [])
    relations = shipped_corpus().relations
    for made in (True, False):
        some = [relation for relation in relations if bool(relation.values) == made]
        for at, relation in enumerate(dice.at("relations", made).shuffled(some)):
            halves[at % 2].append(relation)
    return halves


def _never_taught(
    relations: Sequence[Relation], n: int, purpose: Purpose, dice: Dice
) -> list[Fact]:
    """Return facts about names of which nothing is told, relations in turn.

    The world says what is right, and no model can know it.
    """
    made = [relation for relation in relations if relation.values]
    found = []
    for at, relation in enumerate(made):
        share = n // len(made) + (at < n % len(made))
        own = dice.at(relation.name)
        for name in shipped_corpus().fresh(relation.kind, own, share, purpose):
            fact = Fact(
                id=slug(relation.name, name),
                entity=name,
                kind=relation.kind,
                relation=relation.name,
                answer=own.choice(relation.values),
            )
            found.append(replace(fact, tier="new"))
    return found
