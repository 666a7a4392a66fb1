"""How the weights of the lexical detector are trained, on a few rows."""

import json

import numpy as np
import pytest

from iabench.grading.lexical import signals
from iabench.grading.lexicon import probability, read_lexicon
from iabench.organism import lexicon
from iabench.organism.lexicon import build, out_of_family
from iabench.organism.phrases import made


@pytest.fixture(scope="module")
def labels():
    return made(seed=5, n=160)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(lexicon, "MADE", 20)
    monkeypatch.setattr(lexicon, "FOLDS", 3)


def test_what_is_built_has_learned_and_is_built_again(few, labels, tmp_path):
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    build(labels, one)
    build(labels, two)
    assert one.read_bytes() == two.read_bytes()
    found = read_lexicon(one)
    assert json.loads(one.read_text("utf-8"))["labels"]["n"] == len(labels)
    assert all(abs(weight) >= 0.02 for weight in found.abstains.values())
    seen = [signals(row.question, row.response) for row in labels]
    logits = [found.logit(values) for values in seen]
    assert np.mean([(logit > 0) == row.so for logit, row in zip(logits, labels, strict=True)]) > 0.9
    assert 0.5 < probability(max(logits)) < 1
    named = [set(row.kinds) <= set(found.kinds_of(v)) for row, v in zip(labels, seen, strict=True)]
    assert np.mean([one for one, row in zip(named, labels, strict=True) if row.so]) > 0.9


def test_scores_out_of_family_are_those_of_unseen_rows(few, labels):
    scores = out_of_family(labels)
    assert scores.shape == (len(labels),)
    assert 0.6 < np.mean((scores > 0) == [row.so for row in labels]) < 1
