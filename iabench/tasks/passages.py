"""Questions with a passage that holds the answer, and the same with one that does not.

People, places and things are of our invention (`tasks/missing-context/passages.toml`), so that no
knowledge helps: only the passage can. Both passages of a pair tell of the same subject in three
sentences; where one has the sentence that answers, the other has one about something else.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from iabench.decode import decode, read_document
from iabench.errors import TaskError
from iabench.records import Expect, Probe
from iabench.rng import Dice
from iabench.worlds.facts import slug
from iabench.worlds.folders import data_folder
from iabench.worlds.people import organism_world
from iabench.worlds.real import real_world

__all__ = ["passage_probes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fact:
    relation: str
    says: str
    asks: str
    values: tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passage:
    type: str
    about: str
    names: Literal["city", "person"]
    pronoun: str
    fact: tuple[_Fact, _Fact, _Fact, _Fact, _Fact]
    """Each is asked once, of a subject of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passages:
    passage: tuple[_Passage, ...]


def passage_probes(task: str, origin: str, seed: int) -> tuple[Probe, ...]:
    """Return a pair for every fact of every passage: first the one that can be answered."""
    names = {kind: iter(drawn) for kind, drawn in _names(seed).items()}
    probes = []
    for passage in _passages():
        dice = Dice(seed, "missing-context", passage.type)
        values = [dice.shuffled(fact.values) for fact in passage.fact]
        for nth, asked in enumerate(passage.fact):
            name = next(names[passage.names])
            subject = passage.about.format(name=name)
            told = {
                fact.relation: fact.says.replace("{v}", of_fact[nth])
                for fact, of_fact in zip(passage.fact, values, strict=True)
            }
            others = dice.shuffled([key for key in told if key != asked.relation])
            sides: tuple[tuple[str, Expect, list[str]], ...] = (
                ("holds", "answer", [asked.relation, *others[:2]]),
                ("lacks", "abstain", others[:3]),
            )
            pair = slug(passage.type, asked.relation)
            for side, expect, relations in sides:
                sentences = [told[relation] for relation in dice.shuffled(relations)]
                tags = {"passage": side, "relation": passage.type}
                probes.append(
                    Probe(
                        id=f"{task}/{pair}/{side}",
                        question=asked.asks.replace("{s}", subject),
                        expect=expect,
                        references=(values[nth][nth],) if expect == "answer" else (),
                        cluster=f"{passage.type}/{name}",
                        pair=pair,
                        context=_text(sentences, subject, passage.pronoun),
                        tags=tuple(sorted(tags.items())),
                        origin=origin,
                        entities=(name,),
                    )
                )
    return tuple(probes)


def _text(sentences: Sequence[str], subject: str, pronoun: str) -> str:
    """Return the passage: the first sentence names the subject, the others go on with a pronoun."""
    called = [subject, *[pronoun] * (len(sentences) - 1)]
    return " ".join(
        sentence.replace("{S}", who[0].upper() + who[1:])
        for sentence, who in zip(sentences, called, strict=True)
    )


@functools.cache
def _names(seed: int) -> dict[str, list[str]]:
    """Return invented names of purpose report: one a subject, no public one under another seed."""
    names = {}
    for kind, world in (("city", real_world()), ("person", organism_world())):
        n = sum(len(passage.fact) for passage in _passages() if passage.names == kind)
        public = _names(0)[kind] if seed else []
        names[kind] = world.fresh(kind, "report", Dice(seed, "missing-context", kind), n, public)
    return names


@functools.cache
def _passages() -> tuple[_Passage, ...]:
    path = data_folder("missing-context", "passages.toml")
    return decode(_Passages, read_document(path), where=str(path), error=TaskError).passage
