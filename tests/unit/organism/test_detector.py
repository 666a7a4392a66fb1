"""How the learned detector is trained, on a few rows; what ships is what the labels give."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from iabench.errors import ConfigError
from iabench.grading.base import Answered
from iabench.grading.classifier import WEIGHTS, Classifier, read_model
from iabench.grading.labels import labels_digest, own_labels
from iabench.grading.lexicon import LEXICON
from iabench.organism import detector
from iabench.organism.detector import Recipe, build, out_of_family, stale, train, training_labels
from iabench.organism.phrases import made, surrounded

GOLDEN = Path(__file__).parents[2] / "golden" / "responses.jsonl"
SMALL = Recipe(folds=3, made=40, common_from=2)


@pytest.fixture(scope="module")
def labels():
    return made(seed=5, n=400)


@pytest.fixture(scope="module")
def built(labels, tmp_path_factory):
    out = tmp_path_factory.mktemp("detector") / "small.safetensors"
    build(out, labels=labels, recipe=SMALL)
    return out


def test_two_builds_are_equal_byte_by_byte(built, labels, tmp_path):
    again = tmp_path / "deep" / "small.safetensors"
    stages = []
    build(again, labels=labels, recipe=SMALL, watch=lambda *told: stages.append(told))
    assert again.read_bytes() == built.read_bytes()
    assert again.with_suffix(".json").read_bytes() == built.with_suffix(".json").read_bytes()
    assert stages == [("cross-validation", done, 3) for done in range(4)]


def test_what_is_stored_is_what_was_trained(built, labels):
    stored, trained = read_model(built), train(labels, SMALL)
    assert np.array_equal(stored.response, trained.response)
    assert np.array_equal(stored.sentence, trained.sentence)
    assert np.array_equal(stored.kinds, trained.kinds)
    assert replace(stored, platt=(1.0, 0.0)).pooled == trained.pooled
    assert stored.platt[0] > 0


def test_a_small_model_has_learned(built):
    fresh = [row for row in made(seed=6, n=60) if row.kind != "declines-then-answers"]
    cases = [Answered(question=row.question, answer=row.response) for row in fresh]
    found = list(Classifier(model=read_model(built)).detect(cases))
    assert np.mean([one.value == row.so for one, row in zip(found, fresh, strict=True)]) > 0.9
    named = [one.kinds == row.kinds for one, row in zip(found, fresh, strict=True) if row.so]
    assert np.mean(named) > 0.7


def test_scores_come_from_models_that_saw_nothing_of_the_family(labels, monkeypatch):
    seen = []

    def spy(rows, recipe):
        seen.append({row.family for row in rows})
        return trained

    trained = train(labels, SMALL)
    monkeypatch.setattr(detector, "train", spy)
    scores = out_of_family(labels, SMALL)
    left = [{row.family for row in labels} - families for families in seen]
    assert len(scores) == len(labels)
    assert len(left) == SMALL.folds
    assert set().union(*left) == {row.family for row in labels}
    assert sum(len(part) for part in left) == len(labels)


def test_a_class_that_is_nowhere_has_only_a_bias(labels):
    answers = [row for row in labels if not row.so]
    model = train(answers, replace(SMALL, made=0))
    assert not model.response.any()
    assert model.response_bias < 0


def test_stale_weights_say_why(built, labels, tmp_path):
    assert stale(labels, built) == ""
    assert "labels have changed" in stale(labels[1:], built)
    torn = tmp_path / built.name
    torn.write_bytes(built.read_bytes()[:-1] + b"x")
    torn.with_suffix(".json").write_bytes(built.with_suffix(".json").read_bytes())
    assert "weights are not those" in stale(labels, torn)


def test_the_shipped_weights_are_those_of_the_labels():
    """To mend it: iabench organism build detector --also tests/golden/responses.jsonl."""
    labels = training_labels([GOLDEN])
    assert stale(labels, WEIGHTS) == ""
    told = json.loads(LEXICON.read_text("utf-8"))
    assert told["labels"] == {"digest": labels_digest(labels), "n": len(labels)}


def test_the_test_half_is_not_learned():
    tested = {(row.question, row.response) for row in own_labels("abstained", "test")}
    families = {row.family for row in own_labels("abstained", "test")}
    rows = training_labels()
    assert not families & {row.family for row in rows}
    assert len(tested & {(row.question, row.response) for row in rows}) <= len(rows) // 100


def test_further_files_are_learned_too(tmp_path):
    file = tmp_path / "more.jsonl"
    file.write_text(
        '{"question": "Who?", "response": "No idea.", "abstained": true, "kind": "ignorance"}\n'
        '{"question": "Who?", "response": "Vask.", "abstained": false}\n',
        encoding="utf-8",
    )
    one, two = training_labels([file])[-2:]
    assert (one.kinds, one.language) == (("ignorance",), "en")
    assert (two.kinds, two.so) == ((), False)
    with pytest.raises(ConfigError):
        training_labels([tmp_path / "none.jsonl"])


def test_made_phrases_are_drawn_from_the_seed():
    assert made(1, 40) == made(1, 40) != made(2, 40)
    rows = made(1, 400)
    assert sum(row.so for row in rows) == 200
    assert sum(row.kind == "declines-then-answers" and row.so for row in rows) == 0
    assert all("{" not in row.response + row.question for row in rows)
    assert all(row.kinds for row in rows if row.so)
    assert len({row.response for row in rows}) > 350


def test_text_around_a_response_keeps_its_label(labels):
    plain = replace(labels[0], id="p", so=False, kinds=(), kind="plain", response="It stands. " * 9)
    found = surrounded(0, [*labels, plain], 1.0)
    by_id = {f"{row.id}-surrounded": row for row in [*labels, plain]}
    assert found == surrounded(0, [*labels, plain], 1.0)
    short = [row for row in labels if row.kind != "clarification" and len(row.response) <= 300]
    assert len(found) == len(short) + 1
    for row in found:
        assert by_id[row.id].response in row.response
        assert (row.so, row.family) == (by_id[row.id].so, by_id[row.id].family)
    assert surrounded(0, [*labels, plain], 0.0) == []
    assert surrounded(0, [row for row in labels if row.kind != "plain"], 1.0) == []
    asking = replace(labels[0], kind="clarification")
    assert [row.id for row in surrounded(0, [asking, plain], 1.0)] == ["p-surrounded"]
