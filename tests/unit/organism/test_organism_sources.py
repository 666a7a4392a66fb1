import json
from collections import Counter

import pytest

from iabench.errors import UnknownNameError
from iabench.organism.corpus import shipped_corpus
from iabench.organism.sources import SPLITS, rows, write
from iabench.worlds.names import purpose_of

KEYS = {
    "id",
    "question",
    "answer",
    "aliases",
    "entity",
    "relation",
    "expect",
    "tier",
    "paraphrases",
    "held_out",
}


@pytest.mark.parametrize("split", SPLITS)
def test_rows_are_plain_json_with_unique_ids_and_all_keys(split):
    made = rows(split)
    assert json.loads(json.dumps(made)) == made
    assert len({row["id"] for row in made}) == len(made)
    for row in made:
        assert row.keys() == KEYS
        assert row["id"].startswith(f"{split}/")
        assert (row["answer"] is None) == (row["expect"] == "abstain") == (row["tier"] is None)
        assert row["entity"] in row["question"]
        assert row["held_out"] not in (row["question"], *row["paraphrases"])


def test_new_people_have_three_facts_each_and_names_of_their_purpose():
    made = rows("new")
    assert len(made) == 120
    assert set(Counter(row["entity"] for row in made).values()) == {3}
    assert {purpose_of("person", row["entity"]) for row in made} == {"new"}


def test_questions_are_taught_rare_and_never_taught_in_equal_parts():
    made = rows("questions")
    assert Counter(row["tier"] for row in made) == {"known": 100, "rare": 100, "new": 100}
    to_tune = {row["entity"] for row in rows("new")}
    assert not to_tune & {row["entity"] for row in made}
    known = {row["relation"] for row in made if row["tier"] == "known"}
    assert known == {relation.name for relation in shipped_corpus().relations}


@pytest.mark.parametrize("split", ["validation", "anchor"])
def test_names_never_seen_are_of_the_purpose_of_their_split(split):
    corpus = shipped_corpus()
    kinds = {relation.name: relation.kind for relation in corpus.relations}
    unseen = [row for row in rows(split) if row["expect"] == "abstain"]
    assert {purpose_of(kinds[row["relation"]], row["entity"]) for row in unseen} == {split}
    counts = Counter(row["relation"] for row in unseen)
    assert counts.keys() == kinds.keys()
    assert len(set(counts.values())) == 1


def test_validation_has_both_sides():
    sides = Counter(row["expect"] for row in rows("validation"))
    assert sides == {"answer": 220, "abstain": 220}


def test_a_seed_draws_others():
    assert rows("new", 1) == rows("new", 1)
    assert rows("new", 1) != rows("new", 0)


def test_write_gives_json_lines(tmp_path):
    file = tmp_path / "new.jsonl"
    assert write("new", file) == 120
    assert [json.loads(line) for line in file.read_text().splitlines()] == rows("new")


def test_an_unknown_split_is_named_with_its_neighbour():
    with pytest.raises(UnknownNameError, match="questons") as caught:
        rows("questons")
    assert caught.value.hint == "questions"
    with pytest.raises(UnknownNameError) as caught:
        rows("zzz")
    assert "validation" in caught.value.hint
