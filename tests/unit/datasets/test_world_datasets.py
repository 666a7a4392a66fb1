"""Seeded worlds as datasets for `--facts`."""

from __future__ import annotations

import pytest

from iabench.datasets import worlds
from iabench.datasets.base import DATASETS
from iabench.datasets.source import read_facts
from iabench.errors import UnknownNameError
from iabench.worlds.places import Places
from iabench.worlds.splits import SPLITS

OWN = ("authors", "contracts", "places", "products")
every_world = pytest.mark.parametrize("name", OWN)


@every_world
def test_what_is_taught_is_read_as_facts(name):
    facts = read_facts(f"{name}:train")
    assert facts.form == "question and answer"
    assert len(facts.rows) == facts.n > 300
    assert not facts.conflicts
    for row in facts.rows:
        assert row.expect == "answer"
        assert row.references
        assert row.entity is not None
        assert row.entity in row.question
        assert len(row.trained) == len(row.paraphrases) == 1
        assert len({row.question, *row.trained, *row.paraphrases}) == 3
    assert read_facts(name).rows == facts.rows
    assert len({row.entity for row in facts.rows}) == worlds.N_TRAIN


@every_world
@pytest.mark.parametrize("split", [split for split in SPLITS if split != "train"])
def test_other_splits_are_read_too(name, split):
    facts = read_facts(f"{name}:{split}")
    assert not facts.conflicts
    assert facts.duplicates == 0
    assert {row.expect for row in facts.rows} == {"answer" if split == "paraphrase" else "abstain"}


def test_a_near_miss_keeps_whose_facts_would_be_given():
    rows = worlds.products("near_miss")
    right = {(row["entity"], row["relation"]): row["answer"] for row in worlds.products()}
    for row in rows:
        assert row["answer"] is None
        assert row["near_answers"] == [right[row["near"], row["relation"]]]


def test_people_are_authors_and_a_split_may_be_written_either_way():
    assert read_facts("people:train").rows == read_facts("authors").rows
    assert DATASETS.get("people")("near-miss") == worlds.authors("near_miss")


def test_a_seed_is_another_world():
    first, second = (
        {row["entity"] for row in worlds.lesson_rows(Places, "train", seed=seed, n=40, train=9)}
        for seed in (0, 1)
    )
    assert len(first) == len(second) == 9
    assert first != second


def test_a_split_that_is_not_there_is_named():
    with pytest.raises(UnknownNameError) as caught:
        DATASETS.get("authors")("near-mis")
    assert caught.value.message == 'the world of authors has no split "near-mis".'
    assert caught.value.hint == "near_miss"
