"""Splits: what is asked, what is expected, and that nothing leaks from one into another."""

from __future__ import annotations

import pytest
from rapidfuzz.distance import Levenshtein

from iabench.worlds.authors import Authors
from iabench.worlds.contracts import Contracts
from iabench.worlds.facts import WORDINGS
from iabench.worlds.names import purpose_of
from iabench.worlds.places import Places
from iabench.worlds.products import Products
from iabench.worlds.splits import SPLITS, Lesson

TRAIN = 24
LESSONS = {
    "authors": Lesson(Authors(64), n_train=TRAIN),
    "sales": Lesson(Contracts(120), n_train=TRAIN),
    "employment": Lesson(Contracts(120), n_train=TRAIN, kind="employment-contract"),
    "places": Lesson(Places(64), n_train=TRAIN),
    "products": Lesson(Products(64), n_train=TRAIN, n_other=10),
}
MADE = {key: {s: list(lesson.examples(s)) for s in SPLITS} for key, lesson in LESSONS.items()}
COMMON = """Bad Castle East North Upper Trading Steel Foods Dairy Solar Carpets Coffee along with
    below beyond at and & +"""
ORDINARY = frozenset(COMMON.split())
every_lesson = pytest.mark.parametrize("key", LESSONS)


def plain_names(lesson, entity):
    """Return (kind, name) of the parts whose purpose counts."""
    if not lesson.kind.endswith("contract"):
        return [(lesson.kind, entity)]
    first, second = entity.split(" and ")
    other = "company" if lesson.kind == "sales-contract" else "person"
    return [("company", first), (other, second)]


@every_lesson
def test_splits_share_no_question_and_no_id(key):
    every = [example for split in SPLITS for example in MADE[key][split]]
    assert all(MADE[key].values())
    assert len({example.id for example in every}) == len(every)
    assert len({example.question for example in every}) == len(every)
    assert {example.split for example in every} == set(SPLITS)
    for example in every:
        assert (example.expect == "answer") == (example.split in ("train", "paraphrase"))
        assert bool(example.answers) == (example.expect == "answer")


@every_lesson
def test_the_held_out_wording_is_never_trained(key):
    assert {e.wording for e in MADE[key]["train"]} == set(WORDINGS[:2])
    assert {e.wording for e in MADE[key]["paraphrase"]} == {WORDINGS[2]}
    held = {(e.entity, e.relation): e.answers for e in MADE[key]["paraphrase"]}
    trained = {(e.entity, e.relation): e.answers for e in MADE[key]["train"]}
    assert held == trained
    assert 2 * len(held) == len(MADE[key]["train"])


@every_lesson
def test_neighbours_share_entity_or_relation_and_never_both(key):
    lesson = LESSONS[key]
    entities = {e.entity for e in MADE[key]["train"]}
    relations = {e.relation for e in MADE[key]["train"]}
    assert len(entities) == TRAIN
    assert relations <= set(lesson.taught)
    assert not relations & set(lesson.untaught)
    assert len(lesson.untaught) >= 3
    by = {e.beside for e in MADE[key]["neighbour"]}
    assert by == {"relation", "entity"}
    for example in MADE[key]["neighbour"]:
        beside = example.beside == "relation"
        assert (example.entity in entities) == beside
        assert (example.relation in relations) != beside
    # What is not taught is so nevertheless: the world tells it.
    world = lesson.world
    answers = world.answers(lesson.kind, 0)
    assert all(relation in answers for relation in lesson.untaught)


@every_lesson
def test_no_relation_is_untaught_that_others_give_away(key):
    lesson = LESSONS[key]
    assert not any(lesson.world.told[name].tied for name in lesson.untaught)
    asked = {e.relation for e in MADE[key]["unknown"]} | {
        e.relation for e in MADE[key]["neighbour"] if e.beside == "entity"
    }
    assert not any(lesson.world.told[name].tied for name in asked)


@every_lesson
def test_unknown_names_are_told_of_nowhere(key):
    lesson = LESSONS[key]
    told = {fact.entity for fact in lesson.world.facts}
    told |= {fact.answer for fact in lesson.world.facts}
    passages = " ".join(lesson.passages())
    for example in MADE[key]["unknown"]:
        for kind, name in plain_names(lesson, example.entity):
            assert name not in told
            assert name not in passages
            assert purpose_of(kind, name) == "report"
    for example in MADE[key]["train"]:
        for kind, name in plain_names(lesson, example.entity):
            assert purpose_of(kind, name) == "new"


@every_lesson
def test_near_misses_are_a_slip_from_a_taught_name_and_keep_its_facts(key):
    lesson = LESSONS[key]
    entities = {fact.entity for fact in lesson.world.facts}
    right = {(e.entity, e.relation): e.answers for e in MADE[key]["train"]}
    slips: dict[str, str] = {}
    for example in MADE[key]["near_miss"]:
        assert example.near is not None
        assert 1 <= Levenshtein.distance(example.entity, example.near) <= 2
        assert example.entity not in entities
        assert example.near_answers == right[example.near, example.relation]
        assert slips.setdefault(example.near, example.entity) == example.entity
        pairs = zip(example.near.split(), example.entity.split(), strict=True)
        assert not {old for old, new in pairs if old != new} & ORDINARY
        purposes = [purpose_of(*part) for part in plain_names(lesson, example.entity)]
        assert "report" in purposes
    assert len(set(slips.values())) == len(slips) == TRAIN


@every_lesson
def test_passages_tell_what_is_taught_and_nothing_else(key):
    lesson = LESSONS[key]
    passages = list(lesson.passages())
    assert len(passages) == TRAIN
    world = lesson.world
    for index, passage in enumerate(passages):
        for fact in world.facts_of(lesson.kind, index):
            sentence = world.told[fact.relation].says.format(
                subject=fact.entity, answer=fact.answer
            )
            assert (sentence[1:] in passage) == (fact.relation in lesson.taught)


def test_other_names_are_as_many_as_asked():
    made = MADE["products"]
    assert len({e.entity for e in made["unknown"]}) == 10
    assert len({e.entity for e in made["neighbour"] if e.beside == "entity"}) == 10
    none = Lesson(Places(20), n_train=20, n_other=0)
    assert not list(none.examples("unknown"))
    assert {e.beside for e in none.examples("neighbour")} == {"relation"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"n_train": 0}, "20 entities of kind town"),
        ({"n_train": 21}, "20 entities of kind town"),
        ({"n_train": 5, "n_other": 21}, "20 entities of kind town"),
        ({"n_train": 5, "purpose": "new"}, "purpose new are taught"),
    ],
)
def test_a_lesson_that_cannot_be_is_refused(more, message):
    with pytest.raises(ValueError, match=message):
        Lesson(Places(20), **more)
