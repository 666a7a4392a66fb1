"""Which facts are taught under a seed, and the sets that follow: of an organism, of any model.

An organism's world says everything: who is known, who is new, who is in it nowhere. Of any other
model only the facts' own source is known, and what everybody knows; a set that cannot be made from
those is left out with the reason. What belongs to studies of another kind is no part of any: the
mixes where no method labels questions, sets about facts where none is taught any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from iabench.datasets.base import DATASETS
from iabench.errors import TaskError, UnknownNameError
from iabench.organism.corpus import shipped_corpus
from iabench.organism.sources import rows as organism_rows
from iabench.records import Probe, Tags
from iabench.rng import Dice
from iabench.studies.mix import mix
from iabench.studies.sets import MIX, SETS, Lesson, named, task_of
from iabench.tasks import catalog
from iabench.tasks.told import SWAPPED, TUNED, YourFacts, told
from iabench.worlds.facts import WORDINGS, Fact, Relation, slug
from iabench.worlds.names import NameMaker, purpose_of
from iabench.worlds.people import TAUGHT_LATER, organism_world
from iabench.worlds.real import real_world

__all__ = ["of_a_file", "of_an_organism", "of_nothing"]

_OF_FACTS = ("new_untaught", "near_miss", "facts_trained", "facts_paraphrased")
"""Sets that say nothing where nobody is taught anything."""
_NAMES = 40
"""Names of a set."""


def of_an_organism(seed: int, *, facts: bool = True, questions: bool = False) -> Lesson:
    """Return the new people of a seed and everything about them, about others, about nobody.

    Args:
        seed: of what is taught and asked.
        facts: some method is taught facts.
        questions: some method labels questions.
    """
    world, corpus = organism_world(), shipped_corpus()
    new = organism_rows("new", seed)
    tuned = list(dict.fromkeys(str(row["entity"]) for row in new))
    dice = Dice(seed, "study")
    person = world.relations_of("person")
    taught = [relation for relation in person if relation.name in TAUGHT_LATER]
    others = [relation for relation in person if relation.name not in TAUGHT_LATER]
    strangers = world.fresh("person", "report", dice.at("strangers"), 2 * _NAMES)
    known = dice.at("known").shuffled(world.entities("person"))
    told = {(fact.entity, fact.relation): fact for fact in world.known}
    known = [name for name in known if (name, TAUGHT_LATER[0]) in told][:_NAMES]
    near = dict(_near(tuned, dice.at("near"), {*strangers, *tuned, *world.entities("person")}))
    of_others = [
        (relation, name)
        for kind in ("company", "place")
        for relation in world.relations_of(kind)
        for name in world.fresh(kind, "report", dice.at(kind), _NAMES // 2)
    ]
    beside = [f for f in corpus.known if f.kind != "person" or f.relation not in TAUGHT_LATER]
    mixed = mix(seed, apart={*known}) if questions else None
    if mixed is not None:
        beside = [fact for fact in beside if fact.entity not in mixed.entities]
    sets = {
        "unknown_same": _asked(product(taught, strangers[:_NAMES]), "same"),
        "unknown_other_relation": _asked(product(others, strangers[_NAMES:])),
        "unknown_other_type": _asked(of_others),
        "unknown_other_grammar": _asked(product(taught, _named_otherwise(seed))),
        "invented_real": _of_task("invented-entities"),
        "new_untaught": _asked(product(others, tuned)),
        "near_miss": _asked(product(taught, near.values())),
        "known_same": _told([told[n, r.name] for r, n in product(taught, known)], "same"),
        "known_other": _told(dice.at("beside").shuffled(beside)),
        "mix_same": _told(mixed.same, tiers=True) if mixed else (),
        "mix_other": _told(mixed.other, tiers=True) if mixed else (),
        "facts_trained": tuple(_fact(row, "question", "trained") for row in new),
        "facts_paraphrased": tuple(_fact(row, "held_out", "paraphrase") for row in new),
    }
    elsewhere = {*(() if facts else _OF_FACTS), *(() if questions else MIX)}
    answers = {(str(row["entity"]), str(row["relation"])): str(row["answer"]) for row in new}
    return Lesson(
        facts=tuple(new),
        questions=mixed.questions if mixed else None,
        sets={n: named(n, probes) for n, probes in sets.items() if n not in elsewhere},
        left_out={},
        near={
            f"{task_of('near_miss')}/{slug(relation.name, name)}": (answers[old, relation.name],)
            for old, name in near.items()
            for relation in taught
        },
    )


def of_a_file(yours: YourFacts, *, questions: bool = False) -> Lesson:
    """Return what a source of facts gives for any model; its facts are the same under every seed.

    A split `train` of a seeded world (`people:train`) also gives its neighbours and near-misses.

    Args:
        yours: the source.
        questions: some method labels questions.
    """
    asked = [name for name in told(yours, 0).asks if name in (TUNED, SWAPPED)]
    tasks = {task.spec.name: task.probes for task in catalog.load(asked, yours=yours)}
    tuned = tasks[TUNED]
    made: dict[str, Sequence[Probe]] = {
        "facts_trained": [p for p in tuned if p.tag("wording") == "trained"],
        "facts_paraphrased": [p for p in tuned if p.tag("wording") == "paraphrase"],
        "invented_real": _of_task("invented-entities"),
        "unknown_other_type": _of_task("fictional-people"),
        "known_other": _of_task("real-facts"),
    }
    made["unknown_same"] = tasks.get(SWAPPED, ())
    entities = {row["entity"] for row in _split(yours.source, "train")}
    beside = [r for r in _split(yours.source, "neighbour") if r["entity"] in entities]
    near = _split(yours.source, "near-miss")
    made["new_untaught"] = [_declined(row) for row in beside]
    made["near_miss"] = [_declined(row) for row in near]
    why = {
        "unknown_same": "no row names anything that can be swapped",
        "facts_paraphrased": "the facts bring no wording that is not trained",
        "known_same": "nobody knows what this model knew of such relations before",
        "unknown_other_relation": "the facts name no relation that they do not teach",
        "unknown_other_grammar": "names in a file are swapped in one way only",
        **dict.fromkeys(MIX, "nobody knows what this model was told, and how often"),
        "new_untaught": "the facts name no relation that they do not teach",
        "near_miss": "names in a file are swapped in one way only",
    }
    there = {name: named(name, made[name]) for name in SETS if made.get(name)}
    return Lesson(
        facts=None,
        sets=there,
        left_out={
            name: why[name] for name in SETS if name not in there and (questions or name not in MIX)
        },
        near={f"{task_of('near_miss')}/{row['id']}": tuple(row["near_answers"]) for row in near},
    )


def of_nothing() -> Lesson:
    """Return the sets of a study of any model that labels questions: what everybody knows."""
    made = {
        "invented_real": _of_task("invented-entities"),
        "unknown_other_type": _of_task("fictional-people"),
        "known_other": _of_task("real-facts"),
    }
    why = "a file of questions is tuned on whole; what is reported must be others"
    return Lesson(
        facts=None,
        sets={name: named(name, probes) for name, probes in made.items()},
        left_out=dict.fromkeys(MIX, why),
        near={},
    )


def _near(tuned: Sequence[str], dice: Dice, taken: set[str]) -> Iterable[tuple[str, str]]:
    """Yield (tuned name, a name with the same given name and another surname)."""
    surnames = organism_world().namers["person"].pieces["surname"]  # type: ignore[attr-defined]
    for old in tuned:
        given = old.partition(" ")[0]
        for surname in dice.at(old).shuffled(surnames):
            name = f"{given} {surname}"
            if purpose_of("person", name) == "report" and name not in taken:
                taken.add(name)
                yield old, name
                break


def _named_otherwise(seed: int) -> list[str]:
    """Return names of people spelled after real ones, as no anchor and no training spells them."""
    world = real_world()
    real = dict.fromkeys(f.answer for f in world.known if f.relation in ("author", "composer"))
    maker = NameMaker("person", list(real), order=3)
    return maker.draw("report", Dice(seed, "study", "otherwise"), _NAMES)


def _asked(cases: Iterable[tuple[Relation, str]], pair: str = "") -> tuple[Probe, ...]:
    """Return questions about what nothing is told of, wordings in turn.

    Args:
        cases: relations and names.
        pair: where given, the n-th question is the twin of the n-th of another set.
    """
    return tuple(
        Probe(
            id=f"set/{slug(relation.name, name)}",
            question=relation.ask(name, at % len(WORDINGS)),
            expect="abstain",
            cluster=f"{relation.kind}/{name}",
            pair=f"{pair}/{at}" if pair else None,
            tags=_tags(relation, at),
            origin="set@1",
            entities=(name,),
        )
        for at, (relation, name) in enumerate(cases)
    )


def _told(facts: Iterable[Fact], pair: str = "", *, tiers: bool = False) -> tuple[Probe, ...]:
    """Return questions about facts, wordings in turn."""
    corpus = shipped_corpus()
    return tuple(
        Probe(
            id=f"set/{fact.id}",
            question=corpus.relation(fact).ask(fact.entity, at % len(WORDINGS)),
            expect="answer",
            references=(fact.answer, *fact.aliases),
            cluster=f"{fact.kind}/{fact.entity}",
            pair=f"{pair}/{at}" if pair else None,
            tags=(*_tags(corpus.relation(fact), at), *([("tier", fact.tier)] if tiers else [])),
            origin="set@1",
            entities=(fact.entity,),
        )
        for at, fact in enumerate(facts)
    )


def _fact(row: Mapping[str, Any], key: str, wording: str) -> Probe:
    """Return the question about a fact that is taught, in one of its wordings."""
    return Probe(
        id=f"set/{row['id']}",
        question=row[key],
        expect="answer",
        references=(row["answer"], *row["aliases"]),
        cluster=f"person/{row['entity']}",
        tags=(("relation", row["relation"]), ("wording", wording)),
        origin="set@1",
        entities=(row["entity"],),
    )


def _declined(row: Mapping[str, Any]) -> Probe:
    """Return a question of a seeded world that is to be declined."""
    return Probe(
        id=f"set/{row['id']}",
        question=row["question"],
        expect="abstain",
        cluster=row["entity"],
        tags=(("relation", row["relation"]),),
        origin="set@1",
        entities=(row["entity"],),
    )


def _tags(relation: Relation, at: int) -> Tags:
    return (
        ("relation", relation.name),
        ("type", relation.kind),
        ("wording", WORDINGS[at % len(WORDINGS)]),
    )


def _of_task(name: str) -> tuple[Probe, ...]:
    """Return the probes of a task that ships, without twins: those are in no set."""
    (task,) = catalog.load((name,))
    return tuple(replace(probe, pair=None) for probe in task.probes)


def _split(source: str, split: str) -> list[Mapping[str, Any]]:
    """Return the rows of another split of a seeded world; none of any other source."""
    name, _, own = source.partition(":")
    if name not in DATASETS or name == "organism" or own not in ("", "train"):
        return []
    ask: Callable[[str], Iterable[Mapping[str, Any]]] = DATASETS.get(name)
    try:
        return list(ask(split))
    except (UnknownNameError, TaskError):
        return []
