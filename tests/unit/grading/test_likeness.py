"""What is weighed where a rule of the matcher is not decisive."""

from __future__ import annotations

import json

import numpy as np
import pytest

from iabench.grading.base import Referenced
from iabench.grading.labels import labels_digest, own_labels
from iabench.grading.likeness import WEIGHTS, features, learned
from iabench.grading.likeness_fit import Pairs, cross_validated, fit
from iabench.grading.match import SURE, Match, ruled
from iabench.grading.wanted import wanted


def seen(answer: str, *references: str, question: str = "what is it") -> dict[str, float]:
    asks = wanted(question)
    return features(question, answer, references, asks, right=False, reason="other words")


def test_the_trees_were_fitted_on_the_labels_as_they_are() -> None:
    told = json.loads(WEIGHTS.read_text("utf-8"))
    assert told["labels"] == labels_digest(own_labels("correct", "development"))


def test_every_value_that_is_weighed_can_be_seen() -> None:
    fixed = set(seen("a steep mule track", "a mule track over the pass"))
    named = ("rule: ", "asks: ", "form: ", "left: ")
    assert all(name in fixed or name.startswith(named) for name in learned().names)


def test_what_both_have_and_what_only_one_has() -> None:
    values = seen("two red barns", "three red barns", question="which barns are they")
    assert values["recall"] == pytest.approx(2 / 3)
    assert values["new recall"] == pytest.approx(1 / 2)  # the barns are the question's
    assert values["denies"] == 0
    assert seen("not a barn", "a barn")["denies"] == 1
    assert seen("in 1912", "in 1913")["other numbers"] == 1


def test_the_nearest_reference_counts() -> None:
    assert seen("the old mill", "a quarry", "the old mill house")["recall"] > 0.6
    assert seen("the old mill", "a quarry", "the old mill house")["references"] == 2


@pytest.mark.parametrize("text", ["", "!", "\ud83d", "?" * 500, "не знаю", "的"])
def test_odd_texts_have_values_too(text: str) -> None:
    assert all(np.isfinite(list(seen(text, text or ".").values())))


@pytest.mark.parametrize(
    ("question", "answer", "reference"),
    [
        ("What is the capital of France?", "It is not Paris.", "Paris"),
        ("What is the capital of France?", "Paris or Lyon", "Paris"),
        ("Which country exports most bauxite?", "Papua New Guinea", "Guinea"),
        ("What is the capital of France?", "Paris", "Paris"),
    ],
)
def test_a_decisive_rule_is_not_outweighed(question: str, answer: str, reference: str) -> None:
    case = Referenced(question=question, answer=answer, references=(reference,))
    (judged,) = Match().grade([case])
    assert judged == ruled(case)
    assert judged.reason in SURE


def test_one_that_is_not_decisive_can_be() -> None:
    rows = own_labels("correct", "development")
    cases = [
        Referenced(question=r.question, answer=r.response, references=r.references) for r in rows
    ]
    changed = [
        (row.so, judged)
        for row, case, judged in zip(rows, cases, Match().grade(cases), strict=True)
        if judged.value != ruled(case).value
    ]
    assert {judged.value for _, judged in changed} == {True, False}
    assert np.mean([so == judged.value for so, judged in changed]) > 0.8
    assert all(judged.reason.endswith(", outweighed") for _, judged in changed)


def test_a_fit_finds_what_tells() -> None:
    at = np.arange(160)
    values = np.column_stack([at % 2, (at // 2) % 2]).astype(float)
    right = values[:, 0] == 1
    families, open_ = tuple(map(str, at)), at % 4 != 0
    pairs = Pairs(("told", "noise"), values, right, np.ones(160), families, ~right, open_)
    trees = fit(pairs)
    assert trees.logit({"told": 1.0}) > 1 > -1 > trees.logit({"noise": 1.0})
    assert fit(pairs) == trees
    assert (cross_validated(pairs) == np.where(open_, right, ~right)).all()
