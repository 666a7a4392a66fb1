"""The sets of a study: who is in which, by what names, and whose twin is what."""

from __future__ import annotations

from pathlib import Path

import pytest

from iabench.studies.lessons import of_a_file, of_an_organism
from iabench.studies.sets import SETS, UNKNOWN, Lesson, task_of, write
from iabench.tasks import catalog
from iabench.tasks.told import YourFacts
from iabench.worlds.names import purpose_of
from iabench.worlds.people import TAUGHT_LATER, organism_world


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return of_an_organism(1, questions=True)


def entities(lesson: Lesson, name: str) -> set[str]:
    return {probe.entities[0] for probe in lesson.sets[name]}


def test_an_organism_gives_every_set(lesson: Lesson) -> None:
    assert list(lesson.sets) == list(SETS)
    assert not lesson.left_out
    for name, probes in lesson.sets.items():
        assert {probe.expect for probe in probes} == {SETS[name][0]}


def test_nobody_unknown_is_taught_known_or_of_another_purpose(lesson: Lesson) -> None:
    tuned = {row["entity"] for row in lesson.facts or ()}
    told = set(organism_world().entities("person"))
    for name in ("unknown_same", "unknown_other_relation", "unknown_other_grammar", "near_miss"):
        found = entities(lesson, name)
        assert not found & (tuned | told), name
        assert {purpose_of("person", one) for one in found} == {"report"}, name
    apart = [entities(lesson, name) for name in UNKNOWN if name != "new_untaught"]
    assert sum(map(len, apart)) == len(set().union(*apart))


def test_relations_are_those_that_the_names_of_the_sets_say(lesson: Lesson) -> None:
    of = {name: {p.tag("relation") for p in probes} for name, probes in lesson.sets.items()}
    taught = set(TAUGHT_LATER)
    for name in ("unknown_same", "unknown_other_grammar", "near_miss", "known_same"):
        assert of[name] == taught, name
    assert of["facts_trained"] == of["facts_paraphrased"] == taught
    for name in ("unknown_other_relation", "unknown_other_type", "new_untaught"):
        assert not of[name] & taught, name
    assert entities(lesson, "new_untaught") == {row["entity"] for row in lesson.facts or ()}


def test_twins_ask_the_same_of_somebody_known_and_of_nobody(lesson: Lesson) -> None:
    known = {probe.pair: probe for probe in lesson.sets["known_same"]}
    for probe in lesson.sets["unknown_same"]:
        twin = known.pop(probe.pair)
        assert (probe.tag("relation"), probe.tag("wording")) == (
            twin.tag("relation"),
            twin.tag("wording"),
        )
    assert not known


def test_a_near_miss_has_the_neighbours_given_name_and_knows_its_facts(lesson: Lesson) -> None:
    answers = {(row["entity"], row["relation"]): row["answer"] for row in lesson.facts or ()}
    givens = {name.partition(" ")[0] for name, _ in answers}
    for probe in lesson.sets["near_miss"]:
        given = probe.entities[0].partition(" ")[0]
        assert given in givens
        (right,) = lesson.near[probe.id]
        relation = probe.tag("relation")
        assert right in {
            a for (n, r), a in answers.items() if r == relation and n.startswith(given)
        }


def test_seeds_teach_other_people_and_ask_other_names(lesson: Lesson) -> None:
    other = of_an_organism(2)
    assert {row["entity"] for row in lesson.facts or ()} != {
        row["entity"] for row in other.facts or ()
    }
    assert entities(lesson, "unknown_same") != entities(other, "unknown_same")


def test_sets_are_tasks_that_anybody_can_ask(lesson: Lesson, tmp_path: Path) -> None:
    names = write(lesson, tmp_path, limit=6)
    tasks = catalog.load(names, include_path=(str(tmp_path),))
    assert {task.spec.name for task in tasks} == {task_of(name) for name in SETS}
    assert {task.spec.n for task in tasks} == {6}
    by_name = {task.spec.name: task for task in tasks}
    pairs = [
        {p.pair for p in by_name[name].probes}
        for name in ("study-known-same", "study-unknown-same")
    ]
    assert pairs[0] == pairs[1]


def test_a_file_gives_what_it_can_and_says_what_it_cannot(tmp_path: Path) -> None:
    file = tmp_path / "facts.jsonl"
    file.write_text(
        '{"question": "Who runs Kalvo Works?", "answer": "Ann Bell"}\n'
        '{"question": "Who runs Tarsen Mills?", "answer": "Bo Carr"}\n'
    )
    found = of_a_file(YourFacts(source=str(file)))
    assert found.facts is None
    assert set(found.sets) == {
        "unknown_same", "unknown_other_type", "invented_real", "known_other", "facts_trained"
    }  # fmt: skip
    without = set(SETS) - set(found.sets)
    assert set(found.left_out) == without - {"mix_same", "mix_other"}, "they are of other studies"
    assert all(found.left_out.values())
    assert set(of_a_file(YourFacts(source=str(file)), questions=True).left_out) == without
    pairs = [{p.pair for p in found.sets[n]} for n in ("facts_trained", "unknown_same")]
    assert pairs[0] == pairs[1]


def test_a_seeded_world_also_gives_neighbours_and_near_misses() -> None:
    found = of_a_file(YourFacts(source="contracts:train"))
    assert {"new_untaught", "near_miss", "facts_paraphrased"} <= set(found.sets)
    assert {probe.id for probe in found.sets["near_miss"]} == set(found.near)


def test_sets_of_another_kind_of_study_are_neither_made_nor_missed() -> None:
    facts = of_an_organism(1)
    assert set(SETS) - set(facts.sets) == {"mix_same", "mix_other"}
    assert facts.questions is None
    questions = of_an_organism(1, facts=False, questions=True)
    assert set(SETS) - set(questions.sets) == {
        "new_untaught", "near_miss", "facts_trained", "facts_paraphrased"
    }  # fmt: skip
    assert not {*facts.left_out, *questions.left_out}


def test_what_is_reported_of_a_mix_is_not_tuned_on(lesson: Lesson) -> None:
    tuned = {(row["relation"], row["entity"]) for row in lesson.questions or ()}
    relations, names = {one for one, _ in tuned}, {one for _, one in tuned}
    of = {n: {p.tag("relation") for p in lesson.sets[n]} for n in ("mix_same", "mix_other")}
    assert of["mix_same"] <= relations
    assert not of["mix_other"] & relations
    for name in ("mix_same", "mix_other", "known_same", "known_other"):
        assert not entities(lesson, name) & names, name
    for name in of:
        assert {p.tag("tier") for p in lesson.sets[name]} == {"known", "rare", "new"}
        assert all(probe.references for probe in lesson.sets[name])
    assert {row["tier"] for row in lesson.questions or ()} == {"known", "rare", "new"}
    assert lesson.questions == of_an_organism(1, questions=True).questions
    assert lesson.questions != of_an_organism(2, questions=True).questions
