"""The model that weighs what is left over on either side."""

from __future__ import annotations

import json

import numpy as np
import pytest

from iabench.grading.labels import labels_digest
from iabench.grading.leftovers import WEIGHTS, Leftovers, features, learned, probability
from iabench.grading.leftovers_fit import OpenPairs, cross_validated, fit, learned_from
from iabench.grading.spans import settle
from iabench.grading.wanted import wanted


def left(answer: str, reference: str, question: str = "what is it") -> Leftovers:
    found = settle(answer, reference, wanted(question))
    assert isinstance(found, Leftovers)
    return found


def test_it_was_fitted_on_the_labels_as_they_are() -> None:
    told = json.loads(WEIGHTS.read_text("utf-8"))
    assert told["labels"] == labels_digest(learned_from())


def test_each_feature_has_a_weight_and_no_other() -> None:
    names = set(features(left("a steep mule track", "a mule track over the pass")))
    assert set(learned()) == names | {"intercept"}


def test_what_is_left_over_and_missing() -> None:
    one = left("old musical instruments", "a collection of musical instruments")
    values = features(one)
    assert [t.form for t in one.missing] == ["collection"]
    assert values["part"] == 1
    assert values["head"] == 0
    assert 0 < values["coverage"] < 1


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (("salt lake", "a shallow salt lake"), ("shallow", "a shallow salt lake")),
        (("the bronze statue", "a bronze statue of Zeus"), ("Zeus", "a bronze statue of Zeus")),
        (("Anna Lind, 1902", "Anna Lind"), ("Frozen 2", "Frozen")),
    ],
)
def test_which_of_two_is_likelier(more: tuple[str, str], less: tuple[str, str]) -> None:
    assert probability(left(*more)) > probability(left(*less))


def test_a_fit_finds_the_feature_that_tells() -> None:
    values = np.array([[i % 2, (i // 2) % 2] for i in range(80)], dtype=float)
    pairs = OpenPairs(("told", "noise"), values, values[:, 0] == 1, tuple(map(str, range(80))))
    weights = fit(pairs)
    assert weights["told"] > 10 * abs(weights["noise"])
    assert fit(pairs) == weights
    assert ((cross_validated(pairs) >= 0.5) == pairs.right).all()
