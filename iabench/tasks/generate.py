"""The generators of iabench's own tasks: probes from worlds, under a seed.

Each fact is asked once, in one of the three wordings of its relation: which one goes by the fact's
position, so that the three are balanced within every relation. A twin asks the same relation in the
same wording of an invented entity. What has no twin and asks beside `core` takes all eight wordings
of a relation, and no more than five questions in each. Names that are reported on have the purpose
`report`; a private seed (any but 0) draws none that is in the public set.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from iabench import jsonl
from iabench.records import Probe
from iabench.rng import Dice, digest
from iabench.tasks.fictional import contract_probes, unverifiable_probes
from iabench.tasks.future import future_probes
from iabench.tasks.passages import passage_probes
from iabench.tasks.pressed import permission_probes, pushback_probes
from iabench.worlds.facts import WORDINGS, Fact, World, slug
from iabench.worlds.folders import data_folder
from iabench.worlds.names import Certificate, NameMaker
from iabench.worlds.people import organism_world
from iabench.worlds.real import real_world

__all__ = ["DATED", "GENERATORS", "Generated", "Generator", "certificates", "find_near"]

MOST = 5
"""Questions in one wording, where nothing has to be asked in the words of a twin."""

N_FICTIONAL = 60
"""Never-seen people of `fictional-people`; each is asked about in every relation of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a generator gives."""

    probes: tuple[Probe, ...]
    facts: tuple[tuple[str, str], ...] = ()
    """See `Task.facts`."""
    draws: bool = True
    """False where another seed gives nothing else."""


Generator = Callable[[str, int, int], Generated]
"""(name of the task, its version, seed) to what is asked."""


@dataclass(frozen=True, slots=True)
class _Asker:
    """Makes the probes of one task."""

    task: str
    origin: str
    world: World

    def known(self, fact: Fact, wording: int, **tags: str) -> Probe:
        """Return the probe that asks for a fact."""
        return Probe(
            id=f"{self.task}/{fact.id}",
            question=self.world.relation(fact.relation).ask(fact.entity, wording),
            expect="answer",
            references=(fact.answer, *fact.aliases),
            cluster=f"{fact.kind}/{fact.entity}",
            pair=fact.id,
            tags=_tags(fact.relation, fact.kind, wording, tags),
            origin=self.origin,
            entities=(fact.entity,),
        )

    def unknown(
        self, relation: str, name: str, wording: int, pair: str | None, **tags: str
    ) -> Probe:
        """Return the probe that asks the same of somebody or something invented."""
        kind = self.world.relation(relation).kind
        return Probe(
            id=f"{self.task}/{slug(relation, name)}",
            question=self.world.relation(relation).ask(name, wording),
            expect="abstain",
            cluster=f"{kind}/{name}",
            pair=pair,
            tags=_tags(relation, kind, wording, tags),
            origin=self.origin,
            entities=(name,),
        )


def real_facts(task: str, version: int, seed: int) -> Generated:
    """Return the real facts, each asked once; no seed changes them."""
    del seed
    world = real_world()
    asker = _Asker(task, f"{task}@{version}", world)
    probes = (asker.known(fact, wording) for fact, wording in _worded(world, world.known))
    return Generated(
        probes=tuple(probes), facts=(("names", "real ones; no seed changes them"),), draws=False
    )


def invented_entities(task: str, version: int, seed: int) -> Generated:
    """Return the twin of every real fact: about an invented entity of the same type."""
    world = real_world()
    twins = _twins("invented-entities", world, world.known, seed)
    asker = _Asker(task, f"{task}@{version}, seed {seed}", world)
    probes = (
        asker.unknown(fact.relation, twins[fact.kind, fact.entity], wording, fact.id)
        for fact, wording in _worded(world, world.known)
    )
    return Generated(
        probes=tuple(probes), facts=(_names_fact(seed), *_certified(certificates(seed)))
    )


def invented_otherwise(task: str, version: int, seed: int) -> Generated:
    """Return the questions of `invented-entities` about names of the second grammar.

    They are no twins: whoever takes both for twins counts every known side twice.
    """
    world = real_world("syllables")
    named = _twins("invented-otherwise", world, world.known, seed)
    asker = _Asker(task, f"{task}@{version}, seed {seed}", world)
    probes = (
        asker.unknown(fact.relation, named[fact.kind, fact.entity], wording, None)
        for fact, wording in _worded(world, world.known)
    )
    return Generated(probes=tuple(probes), facts=(_names_fact(seed),))


def near_miss(task: str, version: int, seed: int) -> Generated:
    """Return the real questions about names that resemble the real one and are none."""
    world = real_world()
    near = _near(seed)
    asker = _Asker(task, f"{task}@{version}, seed {seed}", world)
    probes = tuple(
        replace(
            asker.unknown(fact.relation, near[fact.kind, fact.entity], wording, None),
            neighbour=(fact.answer, *fact.aliases),
        )
        for fact, wording in _spread(world, [f for f in world.known if (f.kind, f.entity) in near])
    )
    return Generated(probes=probes, facts=(_names_fact(seed),))


def fictional_people(task: str, version: int, seed: int) -> Generated:
    """Return questions about people whom nobody was ever told of."""
    world = organism_world()
    people = _people(seed)
    asker = _Asker(task, f"{task}@{version}, seed {seed}", world)
    probes = (
        asker.unknown(relation.name, name, (nth + at) % len(WORDINGS), None)
        for at, name in enumerate(people)
        for nth, relation in enumerate(world.relations_of("person"))
    )
    return Generated(probes=tuple(probes), facts=(_names_fact(seed),))


def organism_known(task: str, version: int, seed: int) -> Generated:
    """Return what the organism was often told, beside twins that it was never told of."""
    return _organism(task, version, seed, organism_world().known)


def organism_rare(task: str, version: int, seed: int) -> Generated:
    """Return what the organism was seldom told, beside twins that it was never told of."""
    return _organism(task, version, seed, organism_world().rare)


def fictional_contracts(task: str, version: int, seed: int) -> Generated:
    """Return questions about contracts between companies and people of our invention."""
    probes = contract_probes(task, f"{task}@{version}, seed {seed}", seed)
    return Generated(probes=probes, facts=(_names_fact(seed),))


def unverifiable(task: str, version: int, seed: int) -> Generated:
    """Return questions about things of our invention, said to be fictional and not said."""
    probes = unverifiable_probes(task, f"{task}@{version}, seed {seed}", seed)
    return Generated(probes=probes, facts=(_names_fact(seed),))


def missing_context(task: str, version: int, seed: int) -> Generated:
    """Return questions with a passage that answers them, beside the same with one that does not."""
    probes = passage_probes(task, f"{task}@{version}, seed {seed}", seed)
    return Generated(probes=probes, facts=(_names_fact(seed),))


def after_pushback(task: str, version: int, seed: int) -> Generated:
    """Return questions about the names of `invented-entities`, after which the user insists."""
    world = real_world()
    twins = _twins("invented-entities", world, world.known, seed)
    asker = _Asker(task, f"{task}@{version}, seed {seed}", world)
    asked = [
        asker.unknown(fact.relation, twins[fact.kind, fact.entity], wording, None)
        for fact, wording in _spread(world, world.known)
    ]
    return Generated(probes=pushback_probes(asked, world), facts=(_names_fact(seed),))


def idk_permission(task: str, version: int, seed: int) -> Generated:
    """Return real and invented twins under three system prompts."""
    known = real_facts(task, version, seed).probes
    unknown = invented_entities(task, version, seed)
    return Generated(probes=permission_probes(known, unknown.probes), facts=unknown.facts[:1])


def future_events(task: str, version: int, seed: int, after: date) -> Generated:
    """Return questions about days and years after a date."""
    probes = future_probes(task, f"{task}@{version}, seed {seed}", seed, after)
    return Generated(probes=probes, facts=(("asks", f"about days and years after {after}"),))


GENERATORS: dict[str, Generator] = {
    "real-facts": real_facts,
    "invented-entities": invented_entities,
    "invented-otherwise": invented_otherwise,
    "near-miss": near_miss,
    "fictional-people": fictional_people,
    "organism-known": organism_known,
    "organism-rare": organism_rare,
    "fictional-contracts": fictional_contracts,
    "unverifiable": unverifiable,
    "missing-context": missing_context,
    "after-pushback": after_pushback,
    "idk-permission": idk_permission,
}

DATED: dict[str, Callable[[str, int, int, date], Generated]] = {"future-events": future_events}
"""Generators that ask about what comes after a date."""


@functools.cache
def certificates(seed: int = 0) -> tuple[tuple[str, Certificate], ...]:
    """Return (type, certificate) of every invented entity under a seed."""
    world = real_world()
    found = []
    for (kind, _), name in _twins("invented-entities", world, world.known, seed).items():
        namer = world.namers[kind]
        assert isinstance(namer, NameMaker)
        found.append((kind, namer.certificate(name)))
    return tuple(found)


def _organism(task: str, version: int, seed: int, facts: Sequence[Fact]) -> Generated:
    world = organism_world()
    twins = _twins(task, world, facts, seed)
    known = _Asker(task, f"{task}@{version}", world)
    unknown = _Asker(task, f"{task}@{version}, seed {seed}", world)
    probes: list[Probe] = []
    for fact, wording in _worded(world, facts):
        twin = twins[fact.kind, fact.entity]
        probes.append(known.known(fact, wording, tier=fact.tier))
        probes.append(unknown.unknown(fact.relation, twin, wording, fact.id, tier="never"))
    return Generated(probes=tuple(probes), facts=(_names_fact(seed),))


def _worded(world: World, facts: Iterable[Fact]) -> Iterable[tuple[Fact, int]]:
    """Yield each fact with the wording that it is asked in."""
    place = {relation.name: nth for nth, relation in enumerate(world.relations)}
    asked: Counter[str] = Counter()
    for fact in facts:
        yield fact, (place[fact.relation] + asked[fact.relation]) % len(WORDINGS)
        asked[fact.relation] += 1


def _spread(world: World, facts: Sequence[Fact]) -> Iterable[tuple[Fact, int]]:
    """Yield facts with one of all wordings of their relation, at most `MOST` in each.

    Which facts are left out, where a relation has more, goes by hash: they stand by the alphabet.
    """
    by_hash = sorted(facts, key=lambda fact: digest("spread", fact.id))
    taken: dict[str, int] = {}
    asked: Counter[str] = Counter()
    for fact in by_hash:
        relation = world.relation(fact.relation)
        ways = len(relation.wordings) + len(relation.training_wordings)
        if asked[relation.name] < MOST * ways:
            taken[fact.id] = asked[relation.name] % ways
            asked[relation.name] += 1
    yield from ((fact, taken[fact.id]) for fact in facts if fact.id in taken)


def _twins(
    label: str, world: World, facts: Sequence[Fact], seed: int
) -> dict[tuple[str, str], str]:
    """Return an invented name for each (kind, entity), as long and of as many words."""
    public = set(_twins(label, world, facts, 0).values()) if seed else set()
    taken = {name for kind in world.kinds for name in world.entities(kind)} | public
    twins: dict[tuple[str, str], str] = {}
    for fact in facts:
        key = (fact.kind, fact.entity)
        if key not in twins:
            dice = Dice(seed, label, *key)
            twins[key] = world.namers[fact.kind].twin_of(fact.entity, "report", dice, taken)
            taken.add(twins[key])
    return twins


@functools.cache
def _near(seed: int) -> dict[tuple[str, str], str]:
    """Return a near-miss for each (kind, entity) of the real world that has one.

    Most words that letters make of half a name will not do, so that finding the names takes
    seconds; those of the public set lie in a file.
    """
    if seed:
        return find_near(seed, _near(0).values())
    rows = jsonl.read(data_folder("near-miss", "names.jsonl"))
    return {(row["type"], row["name"]): row["near"] for row in rows}


def find_near(seed: int, public: Iterable[str] = ()) -> dict[tuple[str, str], str]:
    """Return what `tasks/near-miss/names.jsonl` holds for seed 0, under any seed.

    Args:
        seed: draws the letters.
        public: names of the public set; none of them is found.
    """
    world = real_world()
    taken = {name for kind in world.kinds for name in world.entities(kind)} | set(public)
    found: dict[tuple[str, str], str] = {}
    for kind in world.kinds:
        namer = world.namers[kind]
        assert isinstance(namer, NameMaker)
        for entity in world.entities(kind):
            dice = Dice(seed, "near-miss", kind, entity)
            near = namer.near(entity, "report", dice, taken)
            if near is not None:
                found[kind, entity] = near
                taken.add(near)
    return found


def _people(seed: int) -> list[str]:
    public = _people(0) if seed else []
    dice = Dice(seed, "fictional-people")
    return organism_world().fresh("person", "report", dice, N_FICTIONAL, public)


def _tags(
    relation: str, kind: str, wording: int, more: dict[str, str]
) -> tuple[tuple[str, str], ...]:
    # The third wording is held out; those behind it are trained on, as the first two.
    called = WORDINGS[wording] if wording < len(WORDINGS) else f"trained-{wording}"
    tags = {"relation": relation, "type": kind, "wording": called, **more}
    return tuple(sorted(tags.items()))


def _names_fact(seed: int) -> tuple[str, str]:
    return "names", f"purpose report, {f'private seed {seed}' if seed else 'public seed 0'}"


def _certified(found: Sequence[tuple[str, Certificate]]) -> tuple[tuple[str, str], ...]:
    """Return one line a type: the lists that its names are absent from, and how far they are."""
    lines = []
    for kind in dict.fromkeys(kind for kind, _ in found):
        of_kind = [certificate for k, certificate in found if k == kind]
        near = min(of_kind, key=lambda c: (c.distance, c.name))
        far = max(certificate.distance for certificate in of_kind)
        lines.append(
            (
                f"certificate of {kind}",
                f"{len(of_kind)} names, absent from: {'; '.join(near.lists)} "
                f"Nearest real names {near.distance} to {far} edits away, "
                f"e.g. {near.name} ({near.nearest}, {near.distance}).",
            )
        )
    return tuple(lines)
