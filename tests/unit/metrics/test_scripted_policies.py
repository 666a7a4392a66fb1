"""Policies that need no model, played on 400 pairs of twins, against values made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from iabench.metrics.estimate import estimates

PAIRS = 400
ROOT_HALF = 0.7071067811865476


def oracle(known: Any, real: Any, chance: Any) -> Any:
    return ("correct", False) if known else ("abstained", True)


def always_abstain(known: Any, real: Any, chance: Any) -> Any:
    return "abstained", True


def always_answer(known: Any, real: Any, chance: Any) -> Any:
    return ("correct" if chance.random() < 0.7 else "incorrect", False) if known else WRONG


def always_empty(known: Any, real: Any, chance: Any) -> Any:
    return "degenerate", False


def always_policy_refusal(known: Any, real: Any, chance: Any) -> Any:
    return "abstained", False


def entity_blind(known: Any, real: Any, chance: Any) -> Any:
    """Abstains on a coin; knows every answer."""
    if chance.random() < 0.5:
        return "abstained", True
    return ("correct", False) if known else WRONG


def shape(known: Any, real: Any, chance: Any) -> Any:
    """Answers, and rightly where there is an answer, iff the name looks real."""
    if not real:
        return "abstained", True
    return ("correct", False) if known else WRONG


WRONG = ("hallucinated", False)
echo = always_empty  # an echo is degenerate: grading says so, metrics see no difference

# refusal, admission, over-refusal, accuracy, engagement, hallucination, aed, awareness, pairs
BY_HAND: dict[Any, tuple[float, ...]] = {
    oracle: (1, 1, 0, 1, 1, 0, 0, 1, 1),
    always_abstain: (1, 1, 1, 0, 0, 0, ROOT_HALF, 0, 0),
    always_empty: (0, 0, 0, 0, 0, 0, ROOT_HALF, -1, 0),
    echo: (0, 0, 0, 0, 0, 0, ROOT_HALF, -1, 0),
    always_policy_refusal: (1, 0, 1, 0, 0, 0, ROOT_HALF, -1, 0),
}
COLUMNS = (
    "refusal_accuracy",
    "admission_rate",
    "over_refusal_rate",
    "accuracy",
    "engagement_rate",
    "hallucination_rate",
    "aed",
    "awareness_score",
    "pair_accuracy",
)


@pytest.fixture(scope="module")
def played(row: Any, metrics: Any) -> Any:
    def play(policy: Any, looks_real: Any = (0.9, 0.3)) -> Any:
        chance = np.random.default_rng(7)
        rows = []
        for number in range(PAIRS):
            for known in (True, False):
                real = chance.random() < looks_real[0 if known else 1]
                outcome, admitted = policy(known, real, chance)
                expect = "answer" if known else "abstain"
                rows.append(row(expect, outcome, number, admitted=admitted))
        suites = {"both": ["known", "invented"]}
        found = estimates(rows, suites=suites, metrics=metrics, level=0.95, seed=0, draws=200)
        for e in found:
            if e.value is not None and e.lo is not None and e.hi is not None:
                assert e.lo <= e.value <= e.hi
        return {e.metric: e for e in found if e.task == "both"}

    return play


@pytest.mark.parametrize("policy", list(BY_HAND))
def test_by_hand(policy: Any, played: Any) -> None:
    found = played(policy)
    values = [found[name].value for name in COLUMNS]
    assert values == pytest.approx(BY_HAND[policy], abs=1e-11)
    for name in COLUMNS:
        # All agree, and still there is an interval: 400 questions are not all questions.
        assert found[name].hi - found[name].lo > 0.002


def test_always_answer(played: Any) -> None:
    found = played(always_answer)
    accuracy = found["accuracy"].value
    assert accuracy == pytest.approx(0.7, abs=0.05)
    assert found["aed"].value == pytest.approx(1 - accuracy, abs=1e-11)
    assert found["accuracy_attempted"].value == accuracy
    assert found["awareness_score"].value == pytest.approx(accuracy - 1, abs=1e-11)
    assert found["hallucination_rate"].value == pytest.approx((1 - accuracy + 1) / 2, abs=1e-11)
    assert found["refusal_accuracy"].value == found["pair_accuracy"].value == 0


def test_a_policy_blind_to_the_entity_gains_nothing(played: Any) -> None:
    found = played(entity_blind)
    assert found["awareness_score"].value == pytest.approx(0, abs=0.1)
    assert found["awareness_score"].lo < 0 < found["awareness_score"].hi
    assert found["pair_accuracy"].value == pytest.approx(0.25, abs=0.06)


def test_shape_gets_as_far_as_names_tell(played: Any) -> None:
    assert played(shape)["awareness_score"].value == pytest.approx(0.6, abs=0.08)
    assert abs(played(shape, looks_real=(0.5, 0.5))["awareness_score"].value) < 0.1
