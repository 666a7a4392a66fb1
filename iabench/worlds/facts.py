"""Facts, the relations that they are of, and the world that both belong to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from iabench.decode import decode
from iabench.errors import TaskError
from iabench.rng import Dice
from iabench.worlds.names import Namer, Purpose, fold

__all__ = ["WORDINGS", "Fact", "Relation", "Tier", "World", "decode_relation", "slug"]

Tier = Literal["known", "rare", "new"]

WORDINGS = ("trained-1", "trained-2", "held-out")
"""What the three `wordings` of a relation are called; the third is in no training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is so."""

    id: str
    """`relation/entity`, unique in its world."""
    entity: str
    kind: str
    """What the entity is: `country`, `person`, ..."""
    relation: str
    answer: str
    aliases: tuple[str, ...] = ()
    """Other right answers."""
    tier: Tier = "known"
    """How often the organism was told: `known` often, `rare` seldom, `new` later by tuning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How a relation is asked and answered; `{subject}` and `{answer}` stand for the names."""

    name: str
    kind: str
    noun: str
    wordings: tuple[str, str, str]
    """See `WORDINGS`."""
    training_wordings: tuple[str, ...]
    answer_forms: tuple[str, str, str]
    """The first is the bare answer."""
    values: tuple[str, ...] = ()
    """Answers that it takes in an invented world."""

    def ask(self, entity: str, wording: int = 0) -> str:
        """Return the question about an entity; wordings for training alone follow the three."""
        return (*self.wordings, *self.training_wordings)[wording].format(subject=entity)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Entities, what is so of them, and names that are in it nowhere."""

    name: str
    """With its version, e.g. `organism-world@1`."""
    relations: tuple[Relation, ...]
    known: tuple[Fact, ...]
    rare: tuple[Fact, ...] = ()
    namers: Mapping[str, Namer]
    """By kind of entity."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of entities, in the order of the relations."""
        return tuple(dict.fromkeys(relation.kind for relation in self.relations))

    def relation(self, name: str) -> Relation:
        """Return a relation; KeyError where there is none of that name."""
        return {relation.name: relation for relation in self.relations}[name]

    def relations_of(self, kind: str) -> tuple[Relation, ...]:
        """Return the relations of one kind of entity."""
        return tuple(relation for relation in self.relations if relation.kind == kind)

    def entities(self, kind: str) -> tuple[str, ...]:
        """Return the entities of one kind that something is told of."""
        facts = (*self.known, *self.rare)
        return tuple(dict.fromkeys(fact.entity for fact in facts if fact.kind == kind))

    def fresh(
        self,
        kind: str,
        purpose: Purpose,
        dice: Dice,
        n: int,
        exclude: Collection[str] = frozenset(),
    ) -> list[str]:
        """Return n different names of one purpose that nothing is told of in this world."""
        told = {*self.entities(kind), *exclude}
        return self.namers[kind].draw(purpose, dice, n, told)


def decode_relation(row: Mapping[str, Any], where: str) -> Relation:
    """Return one `[[relation]]` of a TOML file as a relation.

    Raises:
        TaskError: a key is unknown, missing or of another type, or a wording has no place for
            its name.
    """
    renamed = {"kind" if key == "type" else key: value for key, value in row.items()}
    relation = decode(Relation, renamed, where=where, error=TaskError)
    for wording in (*relation.wordings, *relation.training_wordings):
        _holds(wording, "subject", where, relation.name)
    for form in relation.answer_forms:
        _holds(form, "answer", where, relation.name)
    return relation


def _holds(text: str, field: str, where: str, relation: str) -> None:
    if text.replace(f"{{{field}}}", "").count("{") or f"{{{field}}}" not in text:
        raise TaskError(
            f'{where}: relation "{relation}": "{text}" must hold {{{field}}} and no other field.'
        )


def slug(*names: str) -> str:
    """Return names as a part of an id: `slug("capital", "Costa Rica")` is `capital/costa-rica`."""
    return "/".join(fold(name).replace(" ", "-") for name in names)
