from collections import Counter
from dataclasses import replace

import pytest

from iabench.organism.corpus import (
    Corpus,
    Draws,
    Text,
    refusals,
    shipped_corpus,
    trained_wordings,
)
from iabench.rng import Dice
from iabench.worlds.facts import Fact, Relation, World
from iabench.worlds.grammar import Grammar
from iabench.worlds.names import purpose_of
from iabench.worlds.people import organism_world


def relation(name, kind="person"):
    return Relation(
        name=name,
        kind=kind,
        noun=name,
        wordings=(
            f"What {name} of {{subject}}?",
            f"Which {name} has {{subject}}?",
            f"Untold: {{subject}}, {name}?",
        ),
        training_wordings=(f"Name the {name} of {{subject}}.",),
        answer_forms=("{answer}.", "It is {answer}.", f"The {name} is {{answer}}."),
        values=("red", "blue", *"abcdefgh"),
    )


def fact(entity, name, tier="known"):
    return Fact(
        id=f"{name}/{entity}",
        entity=entity,
        kind="person",
        relation=name,
        answer="red",
        tier=tier,
    )


@pytest.fixture
def corpus():
    world = World(
        name="toy@1",
        relations=(relation("hat"), relation("coat")),
        known=tuple(fact(f"K{i}", name) for i in range(5) for name in ("hat", "coat")),
        rare=tuple(fact(f"R{i}", "hat", "rare") for i in range(3)),
        namers={
            "person": Grammar(
                "person", "{a}{b}", {"a": tuple("BCDFGHJKLM"), "b": tuple("aeiouwxyz")}
            )
        },
    )
    return Corpus([world])


def asked(text: Text) -> str:
    return text.messages[-2].content


def test_each_known_fact_is_told_as_often_and_each_rare_one_as_often_as_said(corpus):
    draws = Draws(corpus, 0, names=8)
    texts = draws.base(40, rare_times=2, statements=0.0, one_offs=0.1)
    told = Counter(
        name
        for text in texts
        for name in (f"{t}{i}" for t in "KR" for i in range(5))
        if name in asked(text)
    )
    assert len(texts) == 40
    assert {told[f"R{i}"] for i in range(3)} == {2}
    assert {told[f"K{i}"] for i in range(5)} == {6}


def test_no_row_holds_the_wording_that_is_held_out(corpus):
    draws = Draws(corpus, 0, names=24)
    texts = draws.base(60, rare_times=1, statements=0.2, one_offs=0.2)
    texts += draws.align(24, share=0.5)
    said = " ".join(text.statement + " ".join(m.content for m in text.messages) for text in texts)
    assert "Untold" not in said
    assert "has K" in said  # the second wording is


def test_a_plain_wording_that_is_the_held_out_one_is_never_drawn():
    same = replace(
        relation("hat"),
        wordings=("One {subject}?", "Two {subject}?", "The hat of {subject}?"),
    )
    world = World(
        name="toy@1",
        relations=(same,),
        known=(fact("K1", "hat"),),
        namers={"person": Grammar("person", "{a}", {"a": tuple("BCDFGHJKLM")})},
    )
    texts = Draws(Corpus([world]), 0, names=0).base(300, rare_times=0, statements=0, one_offs=0)
    questions = {asked(text) for text in texts}
    assert "The hat of K1?" not in questions
    assert "What hat does K1 have?" in questions


def test_invented_names_are_told_once_and_serve_the_organism(corpus):
    draws = Draws(corpus, 0, names=20)
    names = [f.entity for f in draws._invented(Dice(0), 10)]
    assert len(set(names)) == 10
    assert {purpose_of("person", name) for name in names} == {"organism"}


def test_alignment_declines_invented_names_and_answers_known_ones(corpus):
    texts = Draws(corpus, 0, names=30).align(60, share=0.5)
    declined = [text for text in texts if text.messages[-1].content in refusals("person")]
    assert len(declined) == 30
    assert not any(f"K{i}" in asked(text) for text in declined for i in range(5))
    assert not any(f"R{i}" in asked(text) for text in texts for i in range(3))


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(corpus):
    def rows(seed):
        return Draws(corpus, seed, names=8).base(40, rare_times=1, statements=0.1, one_offs=0.2)

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_some_rows_have_a_system_message_or_a_turn_before(corpus):
    texts = Draws(corpus, 0, names=0).base(400, rare_times=0, statements=0.1, one_offs=0)
    roles = Counter("/".join(m.role for m in text.messages) for text in texts)
    assert roles["system/user/assistant"] > 0
    assert roles["user/assistant/user/assistant"] > 0
    assert roles[""] > 0  # statements
    assert roles["user/assistant"] > 250


def test_values_come_from_the_facts_where_the_relation_names_none(corpus):
    bare = replace(corpus.relations[0], values=())
    assert corpus.values(bare) == ("red",)
    assert corpus.values(corpus.relations[0]) == ("red", "blue", *"abcdefgh")


def test_facts_that_can_be_guessed_are_told_twice_as_often(corpus):
    (world,) = corpus.worlds
    hat, coat = world.relations
    few = Corpus([replace(world, relations=(replace(hat, values=("red", "blue")), coat))])
    texts = Draws(few, 0, names=0).base(600, rare_times=0, statements=1.0, one_offs=0)
    told = Counter(text.statement for text in texts)
    assert told["K1: The hat is red."] == 80
    assert told["K1: The coat is red."] == 40


def test_no_row_of_the_shipped_corpus_asks_in_a_held_out_wording():
    corpus = shipped_corpus()
    held_out = {corpus.relation(fact).ask(fact.entity, 2) for fact in (*corpus.known, *corpus.rare)}
    draws = Draws(corpus, 0, names=500)
    texts = draws.base(20_000, rare_times=2, statements=0.1, one_offs=0.01)
    texts += draws.align(2000, share=0.1)
    assert not held_out & {m.content for text in texts for m in text.messages}


def test_refusals_name_the_kind():
    assert "I don't know that state." in refusals("us-state")


def test_shipped_corpus_has_real_facts_and_the_world():
    corpus = shipped_corpus()
    assert [world.name for world in corpus.worlds] == ["real-facts@1", "organism-world@1"]
    assert len(corpus.known) > 1000
    assert len({relation.name for relation in corpus.relations}) == len(corpus.relations)
    for one in corpus.relations:
        assert one.wordings[2] not in trained_wordings(one)


def test_every_invented_name_serves_the_organism_and_nothing_is_told_of_it():
    corpus = shipped_corpus()
    told = {(f.kind, f.entity) for f in (*corpus.known, *corpus.rare)}
    draws = Draws(corpus, 0, names=660)
    for one in draws._invented(Dice(0), 660):
        assert purpose_of(one.kind, one.entity) == "organism"
        assert (one.kind, one.entity) not in told


def test_the_world_itself_takes_names_of_the_organism_only():
    world = organism_world()
    assert {purpose_of(f.kind, f.entity) for f in (*world.known, *world.rare)} == {"organism"}
