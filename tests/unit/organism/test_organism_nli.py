"""The small NLI model: what it is trained on, how it is built, and that it clusters better."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from iabench.models.entailment import entailment, open_entailment
from iabench.organism.nli import (
    HELD_OUT,
    SHIPPED,
    WEIGHTS,
    build,
    measure,
    open_shipped,
    pairs,
    questions,
)
from iabench.organism.train import Stage
from iabench.uncertainty.equality import bare


def test_pairs_are_the_same_under_a_seed_and_of_every_label() -> None:
    made = list(pairs(300))
    assert made == list(islice(pairs(400), 300))
    assert made != list(pairs(300, seed=1))
    share = [sum(one.label == label for one in made) / 300 for label in
             ("entailment", "neutral", "contradiction")]  # fmt: skip
    assert share[0] == pytest.approx(0.52, abs=0.1)
    assert min(share) > 0.05
    # In blocks the question stands before both.
    first = made[0]
    assert first.premise.split("?")[0] == first.hypothesis.split("?")[0]


def test_forms_that_are_measured_are_in_no_training() -> None:
    said = [text for one in pairs(2000) for text in (one.premise, one.hypothesis)]
    for form in HELD_OUT:
        lead = form.split("{")[0]
        assert not any(lead and f" {lead}" in f" {text}" for text in said), form
    one = next(questions(1))
    assert len(one.answers) == len(one.values) == 10
    assert all(value in text for value, text in zip(one.values, one.answers, strict=True))


def test_a_build_is_an_ordinary_checkpoint(tmp_path: Path) -> None:
    seen: list[int] = []
    recipe = replace(
        SHIPPED, hidden=16, heads=2, stage=Stage(name="nli", steps=2, lr=1e-3, batch=4)
    )
    build(tmp_path, recipe=recipe, watch=lambda _, done, total: seen.append(done))
    assert seen == [1, 2]
    model = open_entailment(tmp_path)
    # Which of the two texts a token is of is a part of what it reads.
    assert set(AutoTokenizer.from_pretrained(tmp_path)("a", "b")["token_type_ids"]) == {0, 1}
    rows = model.entails([("It is Paris.", "Paris."), ("Paris.", "I don't know.")])
    assert rows.shape == (2, 3)
    assert np.allclose(rows.sum(axis=1), 1)


def test_what_ships_clusters_answers_in_several_forms_better_than_equality() -> None:
    strings, equality = measure(None, 40), measure(None, 40, key=bare)
    model = measure(open_shipped(), 40)
    assert model["f1"] > equality["f1"] > strings["f1"]
    # Not by putting all together: hardly any two of different values.
    assert model["precision"] > 0.95
    assert measure(open_shipped(), 40, forms=())["f1"] > 0.98
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) < 3e6
    assert entailment("organism").id == open_shipped().id
