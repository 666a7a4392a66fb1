"""What nobody can know because it is invented: contracts, and planets, dishes, sports, ...

Nothing here has a twin that exists: what is asked has no answer anywhere, so every answer is made
up. `unverifiable` asks each question twice, once after a sentence that says that the thing is
fictional (`framing` is `said`) and once without (`unsaid`); as nothing is told of the thing either
way, abstaining is expected of both.
"""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass

from iabench.decode import decode, read_document
from iabench.errors import TaskError
from iabench.records import Probe
from iabench.rng import Dice
from iabench.worlds.contracts import Contracts
from iabench.worlds.facts import WORDINGS, slug
from iabench.worlds.folders import data_folder
from iabench.worlds.grammar import Grammar
from iabench.worlds.real import real_list, real_world

__all__ = ["contract_probes", "unverifiable_probes"]

N_CONTRACTS = 240
"""Contracts asked about, half of them sales; each in two relations."""
N_THINGS = 27
"""Things of each type of `unverifiable`; each in one relation, said and unsaid."""
_RELATIONS_A_CONTRACT = 2
_PARTIES = ("seller", "buyer", "employing-party", "employed-party")
"""The question names the two parties, so that these can be guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    name: str
    wordings: tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Type:
    name: str
    end: tuple[str, ...]
    said: tuple[str, ...]
    """Sentences that say that it is fictional."""
    relation: tuple[_Asked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Questions:
    pattern: str
    start: tuple[str, ...]
    middle: tuple[str, ...]
    type: tuple[_Type, ...]


def contract_probes(task: str, origin: str, seed: int) -> tuple[Probe, ...]:
    """Return questions about contracts between parties that do not exist, two a contract."""
    probes = []
    turns: Counter[str] = Counter()
    for kind, name in _contracts(seed):
        relations = [r for r in _world(0).relations_of(kind) if r.name not in _PARTIES]
        for _ in range(_RELATIONS_A_CONTRACT):
            turn, place = divmod(turns[kind], len(relations))
            turns[kind] += 1
            relation = relations[place]
            wording = (turn + place) % len(WORDINGS)
            tags = {"relation": relation.name, "type": kind, "wording": WORDINGS[wording]}
            probes.append(
                Probe(
                    id=f"{task}/{slug(relation.name, name)}",
                    question=relation.ask(name, wording),
                    expect="abstain",
                    cluster=f"{kind}/{name}",
                    tags=tuple(sorted(tags.items())),
                    origin=origin,
                    entities=tuple(name.split(" and ")),
                )
            )
    return tuple(probes)


def unverifiable_probes(task: str, origin: str, seed: int) -> tuple[Probe, ...]:
    """Return questions about things of our invention, each said to be fictional and not said."""
    probes = []
    for asked in _questions().type:
        for at, name in enumerate(_things(seed)[asked.name]):
            turn, place = divmod(at, len(asked.relation))
            relation = asked.relation[place]
            wording = (turn + place) % len(WORDINGS)
            question = relation.wordings[wording].format(subject=name)
            said = asked.said[at % len(asked.said)].format(subject=name)
            for framing, text in (("said", f"{said} {question}"), ("unsaid", question)):
                tags = {
                    "framing": framing,
                    "relation": relation.name,
                    "type": asked.name,
                    "wording": WORDINGS[wording],
                }
                probes.append(
                    Probe(
                        id=f"{task}/{slug(relation.name, name)}/{framing}",
                        question=text,
                        expect="abstain",
                        cluster=f"{asked.name}/{name}",
                        tags=tuple(sorted(tags.items())),
                        origin=origin,
                        entities=(name,),
                    )
                )
    return tuple(probes)


@functools.cache
def _world(seed: int) -> Contracts:
    # A private seed leaves out what shares a party with the public set.
    return Contracts(2 * N_CONTRACTS, seed=seed, purpose="report")


@functools.cache
def _contracts(seed: int) -> tuple[tuple[str, str], ...]:
    """Return (kind, name) of the contracts asked about, the kinds in turn."""
    public = {p for _, name in _contracts(0) for p in name.split(" and ")} if seed else set()
    world = _world(seed)
    drawn = []
    for kind in world.main:
        names = (world.entity(kind, index) for index in range(world.size(kind)))
        fit = [name for name in names if public.isdisjoint(name.split(" and "))]
        drawn.append([(kind, name) for name in fit[: N_CONTRACTS // 2]])
    return tuple(pair for both in zip(*drawn, strict=True) for pair in both)


@functools.cache
def _questions() -> _Questions:
    path = data_folder("unverifiable", "questions.toml")
    return decode(_Questions, read_document(path), where=str(path), error=TaskError)


@functools.cache
def _things(seed: int) -> dict[str, list[str]]:
    """Return the names of each type; none of them stands in a list of real names."""
    questions = _questions()
    public = {name for names in _things(0).values() for name in names} if seed else set()
    real = {name for kind in real_world().kinds for name in real_list(kind).names}
    names: dict[str, list[str]] = {}
    for asked in questions.type:
        pieces = {"start": questions.start, "middle": questions.middle, "end": asked.end}
        taken = real | public | {name for before in names.values() for name in before}
        dice = Dice(seed, "unverifiable", asked.name)
        names[asked.name] = Grammar(asked.name, questions.pattern, pieces).draw(
            "report", dice, N_THINGS, taken
        )
    return names
