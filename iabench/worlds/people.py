"""The world that the shipped organism is taught: people, companies and places of our invention.

Fixed: its facts are a function of `tasks/organism-world/world.toml` and of world seed 0. Another
organism may be built with another training seed; what it is taught stays the same.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from iabench.decode import decode, read_document
from iabench.errors import TaskError
from iabench.rng import Dice
from iabench.worlds.facts import Fact, Relation, Tier, World, decode_relation, slug
from iabench.worlds.folders import data_folder
from iabench.worlds.grammar import Grammar

__all__ = ["ORGANISM_WORLD", "TAUGHT_LATER", "new_people", "organism_world"]

ORGANISM_WORLD = "organism-world@1"
TAUGHT_LATER = ("birthplace", "occupation", "employer")
"""Relations of new people that tuning teaches; their others stay untaught (the neighbours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    type: str
    pattern: str
    pieces: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taught:
    type: str
    known: int
    rare: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    world: str
    grammar: tuple[_Names, ...]
    taught: tuple[_Taught, ...]
    relation: tuple[dict[str, Any], ...] = field(default=())


@functools.cache
def organism_world() -> World:
    """Return the organism's world: 100 people, 60 companies and 60 places known, 31 rare.

    Raises:
        TaskError: its data are broken.
    """
    path = data_folder("organism-world", "world.toml")
    document = decode(_Document, read_document(path), where=str(path), error=TaskError)
    relations = tuple(decode_relation(row, str(path)) for row in document.relation)
    grammars = {g.type: Grammar(g.type, g.pattern, g.pieces) for g in document.grammar}
    known: list[Fact] = []
    rare: list[Fact] = []
    for taught in document.taught:
        dice = Dice(0, document.world, "entities", taught.type)
        names = grammars[taught.type].draw("organism", dice, taught.known + taught.rare)
        told = [relation for relation in relations if relation.kind == taught.type]
        known += _facts(names[: taught.known], told, "known", Dice(0, document.world, "known"))
        rare += _facts(names[taught.known :], told, "rare", Dice(0, document.world, "rare"))
    return World(
        name=document.world,
        relations=relations,
        known=tuple(known),
        rare=tuple(rare),
        namers=MappingProxyType(grammars),
    )


def new_people(seed: int, n: int = 40) -> tuple[Fact, ...]:
    """Return the facts that tuning teaches later: n people never seen before, three facts each.

    Names are of purpose `new`, relations are `TAUGHT_LATER`.
    """
    world = organism_world()
    names = world.fresh("person", "new", Dice(seed, world.name, "new-people"), n)
    taught = [world.relation(name) for name in TAUGHT_LATER]
    return tuple(_facts(names, taught, "new", Dice(seed, world.name, "new")))


def _facts(names: list[str], relations: list[Relation], tier: Tier, dice: Dice) -> list[Fact]:
    values = {r.name: _spread(r, len(names), dice.at(r.kind, r.name)) for r in relations}
    return [
        Fact(
            id=slug(relation.name, name),
            entity=name,
            kind=relation.kind,
            relation=relation.name,
            answer=values[relation.name][at],
            tier=tier,
        )
        for at, name in enumerate(names)
        for relation in relations
    ]


def _spread(relation: Relation, n: int, dice: Dice) -> list[str]:
    """Return n values, none more than once oftener than another: no answer is worth guessing."""
    rounds = -(-n // len(relation.values))
    return [value for _ in range(rounds) for value in dice.shuffled(relation.values)][:n]
