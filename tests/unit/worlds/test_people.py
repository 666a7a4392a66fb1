"""The organism's world, and worlds at large."""

from __future__ import annotations

from collections import Counter

import pytest

from iabench.errors import TaskError
from iabench.rng import Dice
from iabench.worlds import folders, real
from iabench.worlds.facts import decode_relation, slug
from iabench.worlds.grammar import Grammar
from iabench.worlds.names import purpose_of
from iabench.worlds.people import TAUGHT_LATER, new_people, organism_world
from iabench.worlds.real import real_world

WORLD = organism_world()


def test_the_world_is_as_large_as_its_card_says():
    assert WORLD.name == "organism-world@1"
    assert [len(WORLD.entities(k)) for k in ("person", "company", "place")] == [115, 68, 68]
    assert len(WORLD.known) == 100 * 5 + 60 * 3 + 60 * 3
    assert len(WORLD.rare) == 15 * 5 + 8 * 3 + 8 * 3
    assert {fact.tier for fact in WORLD.known} == {"known"}
    assert {fact.tier for fact in WORLD.rare} == {"rare"}
    ids = [fact.id for fact in (*WORLD.known, *WORLD.rare)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("kind", WORLD.kinds)
def test_names_can_be_made_a_hundred_thousand_a_type(kind):
    namer = WORLD.namers[kind]
    assert isinstance(namer, Grammar)
    assert namer.size >= 100_000
    assert len(set(namer.draw("report", Dice(0, "many"), 20_000))) == 20_000


def test_taught_names_have_the_purpose_of_training():
    assert {purpose_of(f.kind, f.entity) for f in (*WORLD.known, *WORLD.rare)} == {"organism"}
    assert {purpose_of(f.kind, f.entity) for f in new_people(7)} == {"new"}


@pytest.mark.parametrize("world", [WORLD, real_world()], ids=["organism", "real"])
def test_relations_are_asked_in_different_wordings(world):
    for relation in world.relations:
        every = (*relation.wordings, *relation.training_wordings)
        assert len(set(every)) == len(every)
        assert 4 <= len(relation.training_wordings) <= 5
        assert len(set(relation.answer_forms)) == 3


def test_no_value_begins_as_a_refusal_does():
    refusals = {"i", "sorry", "that", "there", "no", "unknown", "none", "not"}
    for relation in WORLD.relations:
        assert 16 <= len(relation.values) <= 70
        assert len(set(relation.values)) == len(relation.values)
        for value in relation.values:
            assert not value.upper().startswith("I")
            assert value.split()[0].lower() not in refusals
    facts = (*WORLD.known, *WORLD.rare)
    assert all(fact.answer in WORLD.relation(fact.relation).values for fact in facts)


def test_no_answer_is_worth_guessing():
    for relation in WORLD.relations:
        counts = Counter(f.answer for f in WORLD.known if f.relation == relation.name)
        assert max(counts.values()) - min(counts.values()) <= 1


def test_new_people_are_taught_three_relations_and_keep_two():
    facts = new_people(0)
    assert len(facts) == 120
    assert len({fact.entity for fact in facts}) == 40
    assert {fact.relation for fact in facts} == set(TAUGHT_LATER)
    assert {fact.tier for fact in facts} == {"new"}
    assert new_people(0, 5)[0].entity == facts[0].entity
    assert {f.entity for f in new_people(1)} != {f.entity for f in facts}


def test_a_composed_twin_is_about_as_long():
    namer = WORLD.namers["place"]
    twin = namer.twin_of("New Ambestworth", "report", Dice(0, "x"))
    assert abs(len(twin) - len("New Ambestworth")) <= 1


def test_a_grammar_that_is_exhausted_says_so():
    grammar = Grammar("person", "{a} {b}", {"a": ("X",), "b": ("Y", "Z")})
    with pytest.raises(ValueError, match="person"):
        grammar.draw("report", Dice(0, "x"), 3)


def test_slugs():
    assert slug("capital", "Côte d'Ivoire") == "capital/cote-d-ivoire"


ROW = {
    "name": "river",
    "type": "place",
    "noun": "river",
    "wordings": ["a {subject}", "b {subject}", "c {subject}"],
    "training_wordings": ["d {subject}"],
    "answer_forms": ["{answer}.", "It is {answer}.", "The {answer}."],
}


def test_a_relation_is_decoded():
    relation = decode_relation(ROW, "here")
    assert relation.kind == "place"
    assert relation.ask("Velm", 2) == "c Velm"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"wordngs": []}, "wordngs"),
        ({"wordings": ["a", "b {subject}", "c {subject}"]}, "{subject}"),
        ({"answer_forms": ["{answer}.", "{answer} of {subject}", "x {answer}"]}, "{answer}"),
    ],
)
def test_a_broken_relation_is_named(wrong, named):
    with pytest.raises(TaskError) as caught:
        decode_relation({**ROW, **wrong}, "here.toml")
    assert named in caught.value.message
    assert "here.toml" in caught.value.message


def test_data_that_are_missing_are_an_error_to_mend(monkeypatch, tmp_path):
    monkeypatch.setattr(folders, "__file__", str(tmp_path / "iabench" / "worlds" / "folders.py"))
    with pytest.raises(TaskError, match="missing from this installation"):
        folders.data_folder()
    (tmp_path / "tasks").mkdir()
    (tmp_path / "iabench" / "_tasks").mkdir(parents=True)
    assert folders.data_folder("a", "b") == tmp_path / "iabench" / "_tasks" / "a" / "b"


def test_a_kind_without_a_list_is_an_error():
    with pytest.raises(TaskError, match="no list of real names of kind unicorn"):
        real.real_list("unicorn")


def test_a_fact_of_no_relation_is_named(tmp_path):
    path = tmp_path / "facts.jsonl"
    path.write_text('{"id":"x/y","relation":"x","subject":"Y","answer":"Z","aliases":[]}\n')
    with pytest.raises(TaskError, match="line 1"):
        real._facts(path, {})
