"""The real world as far as `tasks/real-facts` tells of it, and names in none of its lists."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from iabench import jsonl
from iabench.decode import decode, read_document
from iabench.errors import TaskError
from iabench.worlds.facts import Fact, World, decode_relation
from iabench.worlds.folders import data_folder
from iabench.worlds.names import NameMaker, Syllables

__all__ = ["REAL_WORLD", "RealList", "real_list", "real_world"]

REAL_WORLD = "real-facts@1"

Grammar = Literal["letters", "syllables"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RealList:
    """A list of real names."""

    kind: str
    names: tuple[str, ...]
    says: str
    """What it is, where it comes from, and how many names it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    id: str
    relation: str
    subject: str
    answer: str
    aliases: tuple[str, ...] = ()


@functools.cache
def real_world(grammar: Grammar = "letters") -> World:
    """Return the real facts, their relations, and a maker of invented names for each kind.

    Args:
        grammar: `letters` spells names like the real ones; `syllables` like none of them.

    Raises:
        TaskError: the data are broken; the message names file and row.
    """
    relations_file = data_folder("real-facts", "relations.toml")
    rows = read_document(relations_file).get("relation", [])
    relations = tuple(decode_relation(row, str(relations_file)) for row in rows)
    kinds = {relation.name: relation.kind for relation in relations}
    known = _facts(data_folder("real-facts", "facts.jsonl"), kinds)
    listed = {kind: real_list(kind) for kind in dict.fromkeys(kinds.values())}
    every = {name for found in listed.values() for name in found.names}
    makers = {
        kind: NameMaker(
            kind,
            found.names,
            style=tuple(dict.fromkeys(fact.entity for fact in known if fact.kind == kind)),
            lists=(found.says,),
            elsewhere=every,
            speller=Syllables() if grammar == "syllables" else None,
        )
        for kind, found in listed.items()
    }
    return World(name=REAL_WORLD, relations=relations, known=known, namers=MappingProxyType(makers))


@functools.cache
def real_list(kind: str) -> RealList:
    """Return the list of real names of one kind; `# ` lines at its head say what it is."""
    path = data_folder("invented-entities", "lists", f"{kind}.txt")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as problem:
        raise TaskError(f"no list of real names of kind {kind}: {problem}.") from None
    says = " ".join(line[2:].strip() for line in lines if line.startswith("# "))
    names = tuple(line for line in lines if line and not line.startswith("#"))
    return RealList(kind=kind, names=names, says=says)


def _facts(path: Path, kinds: dict[str, str]) -> tuple[Fact, ...]:
    facts = []
    for number, line in enumerate(jsonl.read(path), start=1):
        row = decode(_Row, line, where=f"{path}, line {number}", error=TaskError)
        if row.relation not in kinds:
            raise TaskError(f'{path}, line {number}: no relation "{row.relation}".')
        facts.append(
            Fact(
                id=row.id,
                entity=row.subject,
                kind=kinds[row.relation],
                relation=row.relation,
                answer=row.answer,
                aliases=row.aliases,
            )
        )
    return tuple(facts)
