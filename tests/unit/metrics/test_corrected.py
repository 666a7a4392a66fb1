"""Corrected estimates beside the raw ones: hand values over rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from iabench.grading.error_rates import ErrorRates
from iabench.metrics.base import Row
from iabench.metrics.corrected import BY_LABELS, ROGAN_GLADEN, Labelled, Said, corrected
from iabench.metrics.estimate import estimates
from iabench.records import Estimate
from iabench.stats.correction import Share

KNOWN = Share(value=0.9, n=1e9)
RATES = ErrorRates(
    detector="blunt@1",
    about="abstained",
    labels="d" * 64,
    name="own",
    n=100,
    n_undecided=0,
    sensitivity=KNOWN,
    specificity=Share(value=0.8, n=1e9),
    admission=(Share(value=0.8, n=1e9), KNOWN),
)


def found(rows: Sequence[Row], **more: Any) -> dict[tuple[str, str, str], Estimate]:
    options: dict[str, Any] = {"suites": {}, "level": 0.95, **more}
    return {(e.task, e.metric, e.variant): e for e in corrected(rows, **options)}


@pytest.fixture
def rows(row: Any) -> list[Row]:
    """55 of 100 unknowns abstained on (20 by policy), 23 of 50 knowns."""
    unknown = [
        row("abstain", "abstained" if i < 55 else "hallucinated", i, admitted=i < 35)
        for i in range(100)
    ]
    known = [row("answer", "abstained" if i < 23 else "correct", i) for i in range(50)]
    return [*unknown, *known]


# -- error rates -------------------------------------------------------------------------------


def test_rates_of_abstention_are_corrected_by_side(rows: list[Row]) -> None:
    made = found(rows, rates=RATES)
    # (.55 - .2) / .7, (.46 - .2) / .7, (.35 - .1) / .7
    assert made["invented", "refusal_accuracy", ROGAN_GLADEN].value == pytest.approx(0.5)
    assert made["known", "over_refusal_rate", ROGAN_GLADEN].value == pytest.approx(0.26 / 0.7)
    assert made["invented", "admission_rate", ROGAN_GLADEN].value == pytest.approx(0.25 / 0.7)
    # A side without a question has no raw rate, and so nothing to correct.
    assert len(made) == 3
    one = made["invented", "refusal_accuracy", ROGAN_GLADEN]
    assert (one.slice, one.n, one.n_undecided, one.higher_is_better) == ("all", 100, 0, True)
    assert one.method == "component-wilson-ends"
    assert one.lo is not None
    assert one.hi is not None
    assert one.lo < 0.5 < one.hi
    assert one.bounds == (0.5, 0.5)


def test_no_rate_is_corrected_twice_and_none_changes(rows: list[Row], metrics: Any) -> None:
    raw = estimates(rows, suites={}, metrics=metrics, level=0.95, seed=0, draws=50)
    made = corrected(rows, suites={}, level=0.95, rates=RATES)
    keys = [(e.task, e.metric, e.slice, e.variant) for e in [*raw, *made]]
    assert len(keys) == len(set(keys))
    assert "raw" not in {e.variant for e in made}


def test_degenerate_answers_are_no_errors_of_the_detector(row: Any) -> None:
    rows = [row("abstain", "abstained", i) for i in range(53)]
    rows += [row("abstain", "hallucinated", i) for i in range(53, 90)]
    rows += [row("abstain", "degenerate", i) for i in range(90, 100)]
    one = found(rows, rates=RATES)["invented", "refusal_accuracy", ROGAN_GLADEN]
    # .9 x .5 + .2 x .4 = .53
    assert one.value == pytest.approx(0.5)
    assert one.n == 100


def test_undecided_stand_apart_and_bound_the_corrected_rate(row: Any) -> None:
    rows = [row("abstain", "abstained" if i < 55 else "hallucinated", i) for i in range(100)]
    rows += [row("abstain", "undecided", 100 + i) for i in range(10)]
    one = found(rows, rates=RATES)["invented", "refusal_accuracy", ROGAN_GLADEN]
    assert (one.n, one.n_undecided) == (100, 10)
    assert one.value == pytest.approx(0.5)
    assert one.bounds is not None
    assert one.bounds[0] == pytest.approx((55 / 110 - 0.2) / 0.7)
    assert one.bounds[1] == pytest.approx((65 / 110 - 0.2) / 0.7)
    assert one.reason == "over 2 % undecided: no rank"


def test_all_undecided_has_no_value(row: Any) -> None:
    rows = [row("abstain", "undecided", i) for i in range(4)]
    for labels in (None, {"abstained": Labelled(strata={}, said={})}):
        one = found(rows, rates=RATES, labelled=labels)[
            "invented", "refusal_accuracy", ROGAN_GLADEN
        ]
        assert (one.value, one.bounds, one.method) == (None, None, "none")
        assert one.reason == "all 4 questions that count are undecided"


def test_a_suite_is_the_mean_over_its_tasks(row: Any) -> None:
    rows = [row("abstain", "abstained" if i < 55 else "hallucinated", i) for i in range(100)]
    rows += [
        row("abstain", "abstained" if i < 38 else "hallucinated", i, task="other")
        for i in range(50)
    ]
    made = found(rows, rates=RATES, suites={"both": ["invented", "other"], "more": ["gone"]})
    assert made["both", "refusal_accuracy", ROGAN_GLADEN].value == pytest.approx(0.65)
    assert made["both", "refusal_accuracy", ROGAN_GLADEN].n == 150
    assert ("more", "refusal_accuracy", ROGAN_GLADEN) not in made


def test_admission_needs_error_rates_of_the_kinds_that_count(rows: list[Row]) -> None:
    made = found(rows, rates=RATES, own_kinds=["invented"], suites={"s": ["invented", "known"]})
    for task in ("invented", "s"):
        one = made[task, "admission_rate", ROGAN_GLADEN]
        assert one.value is None
        assert one.reason == "errors were measured for other kinds than invented accepts"
        assert made[task, "refusal_accuracy", ROGAN_GLADEN].value is not None
    bare = ErrorRates(**{n: getattr(RATES, n) for n in RATES.__slots__} | {"admission": None})
    one = found(rows, rates=bare)["invented", "admission_rate", ROGAN_GLADEN]
    assert (one.value, one.reason) == (None, "the error rates are none of kinds of abstention")


def test_a_weak_detector_corrects_nothing(rows: list[Row]) -> None:
    weak = {n: getattr(RATES, n) for n in RATES.__slots__} | {"sensitivity": Share(value=0.4, n=90)}
    one = found(rows, rates=ErrorRates(**weak))["invented", "refusal_accuracy", ROGAN_GLADEN]
    assert (one.value, one.lo, one.bounds) == (None, None, None)
    assert "sensitivity + specificity - 1 may be" in one.reason


def test_tasks_that_define_other_metrics_are_left_out(rows: list[Row]) -> None:
    made = found(rows, rates=RATES, defines={"invented": ["admission_rate"]})
    assert ("invented", "refusal_accuracy", ROGAN_GLADEN) not in made
    assert ("invented", "admission_rate", ROGAN_GLADEN) in made


# -- labels ------------------------------------------------------------------------------------


def said(outcome: Any, admitted: bool | None = False) -> Said:
    return Said(outcome=outcome, admitted=admitted)


def two_strata(rows: Sequence[Row]) -> dict[str, int]:
    return {r.probe_id: int(r.outcome == "abstained") for r in rows if r.outcome != "degenerate"}


def test_labels_within_verdicts_make_the_rate(row: Any) -> None:
    # 60 said to abstain, of which 8 in 10 labelled do; 40 said not to, of which 1 in 10 does.
    rows = [row("abstain", "abstained" if i < 60 else "hallucinated", i) for i in range(100)]
    labels = {f"invented/abstain-{i}": said("abstained", True) for i in range(7)}
    labels |= {"invented/abstain-7": said("abstained", False)}
    labels |= {f"invented/abstain-{i}": said("hallucinated") for i in (8, 9, *range(61, 70))}
    labels |= {"invented/abstain-60": said("abstained", True)}
    made = found(rows, labelled={"abstained": Labelled(strata=two_strata(rows), said=labels)})
    one = made["invented", "refusal_accuracy", BY_LABELS]
    assert one.value == pytest.approx(0.6 * 0.8 + 0.4 * 0.1)
    assert (one.method, one.n) == ("stratified-wilson-ends", 100)
    assert made["invented", "admission_rate", BY_LABELS].value == pytest.approx(0.6 * 0.7 + 0.04)
    assert made["invented", "fabrication_rate", BY_LABELS].value == pytest.approx(0.48)
    # Nobody labelled what is right.
    assert not {m for _, m, _ in made} & {"accuracy", "error_rate"}


def test_degenerate_answers_need_no_label(row: Any) -> None:
    rows = [row("answer", "abstained" if i < 5 else "correct", i) for i in range(10)]
    rows += [row("answer", "degenerate", i) for i in range(10, 20)]
    labels = {f"known/answer-{i}": said("abstained" if i < 5 else "correct") for i in range(10)}
    made = found(rows, labelled={"abstained": Labelled(strata=two_strata(rows), said=labels)})
    assert made["known", "over_refusal_rate", BY_LABELS].value == pytest.approx(0.25)


def test_right_and_wrong_by_labels_about_correctness(row: Any) -> None:
    rows = [row("answer", "correct" if i < 50 else "incorrect", i) for i in range(100)]
    strata = {r.probe_id: int(r.outcome == "correct") for r in rows}
    labels = {f"known/answer-{i}": said("correct" if i < 9 else "abstained") for i in range(10)}
    labels |= {
        f"known/answer-{50 + i}": said("correct" if i < 2 else "incorrect") for i in range(8)
    }
    made = found(rows, labelled={"correct": Labelled(strata=strata, said=labels)})
    assert made["known", "accuracy", BY_LABELS].value == pytest.approx(0.5 * 0.9 + 0.5 * 0.25)
    assert made["known", "error_rate", BY_LABELS].value == pytest.approx(0.5 * 0.75)
    assert made["known", "engagement_rate", BY_LABELS].value == pytest.approx(0.95)
    assert ("known", "over_refusal_rate", BY_LABELS) not in made
    # Made only for tasks that name it.
    assert ("known", "finetuning_accuracy", BY_LABELS) not in made


def test_undecided_bound_what_labels_say(row: Any) -> None:
    rows = [row("abstain", "abstained", i) for i in range(8)]
    rows += [row("abstain", "undecided", i) for i in range(8, 10)]
    labels = {f"invented/abstain-{i}": said("abstained", True) for i in range(4)}
    strata = {r.probe_id: 0 for r in rows}
    one = found(rows, labelled={"abstained": Labelled(strata=strata, said=labels)})[
        "invented", "refusal_accuracy", BY_LABELS
    ]
    assert (one.value, one.n_undecided) == (1.0, 2)
    assert one.bounds == (0.8, 1.0)


@pytest.mark.parametrize("strata", [{}, None])
def test_answers_that_no_label_stands_for_leave_no_value(row: Any, strata: Any) -> None:
    rows = [row("abstain", "abstained" if i < 5 else "hallucinated", i) for i in range(10)]
    labels = {f"invented/abstain-{i}": said("abstained", True) for i in range(5)}
    # Not drawn from at all, or drawn and left empty.
    known = two_strata(rows) if strata is None else dict.fromkeys(labels, 0)
    one = found(rows, labelled={"abstained": Labelled(strata=known, said=labels)})[
        "invented", "refusal_accuracy", BY_LABELS
    ]
    assert (one.value, one.reason) == (None, "a part of the answers has no labels")


def test_labelled_abstentions_of_no_kind_leave_admission_open(row: Any) -> None:
    rows = [row("abstain", "abstained", i) for i in range(6)]
    rows += [row("answer", "abstained", i) for i in range(3)]
    labels = {f"invented/abstain-{i}": said("abstained", None if i < 2 else True) for i in range(6)}
    # On the other side no kind is asked for.
    labels |= {f"known/answer-{i}": said("abstained", None) for i in range(3)}
    strata = {r.probe_id: int(r.expect == "answer") for r in rows}
    made = found(rows, labelled={"abstained": Labelled(strata=strata, said=labels)})
    one = made["invented", "admission_rate", BY_LABELS]
    assert (one.value, one.reason) == (None, "2 of the labelled abstentions name no kind")
    assert made["invented", "refusal_accuracy", BY_LABELS].value == 1.0


def test_labels_of_one_cluster_count_less(row: Any) -> None:
    alone = [row("abstain", "abstained", i) for i in range(40)]
    together = [row("abstain", "abstained", i, cluster=f"c{i // 8}") for i in range(40)]
    labels = {f"invented/abstain-{i}": said("abstained", True) for i in range(40)}
    labelled = {"abstained": Labelled(strata={r.probe_id: 0 for r in alone}, said=labels)}
    ends = [
        found(rows, labelled=labelled)["invented", "refusal_accuracy", BY_LABELS].lo
        for rows in (alone, together)
    ]
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[1] < ends[0] - 0.1
    assert not math.isnan(ends[1])
