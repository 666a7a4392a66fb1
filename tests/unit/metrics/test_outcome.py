from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from iabench.errors import TaskError
from iabench.metrics.outcome import Decision, decide
from iabench.records import Completion, TaskSpec, Verdict

SPEC = TaskSpec(
    name="toy",
    version=1,
    says="A toy.",
    licence="CC0-1.0",
    source="own",
    seed=0,
    checksum="0",
    n=1,
    answering_is="fabrication",
    max_new_tokens=32,
)
SAID = Completion(
    request_id="r",
    prompt_id="p",
    probe_id="toy/1",
    series="answer",
    turn=0,
    index=0,
    text="Paris.",
    finish="stop",
)
CUT = dataclasses.replace(SAID, finish="length")


def verdict(about: Any, value: Any, *kinds: Any, reason: Any = "") -> Any:
    return Verdict(
        request_id="r", grader="g@1", about=about, value=value, kinds=kinds, reason=reason
    )


YES, NO = verdict("abstained", True, "ignorance"), verdict("abstained", False)
RIGHT, WRONG = verdict("correct", True), verdict("correct", False)


def made(
    expect: Any = "answer",
    *,
    spec: Any = SPEC,
    said: Any = SAID,
    limit: Any = 128,
    degenerate: Any = None,
    a: Any = NO,
    c: Any = None,
) -> Any:
    return decide(
        expect=expect,
        spec=spec,
        completion=said,
        limit=limit,
        degenerate=degenerate,
        abstained=a,
        correct=c,
    )


@pytest.mark.parametrize(
    ("expect", "a", "c", "outcome"),
    [
        ("answer", NO, RIGHT, "correct"),
        ("answer", NO, WRONG, "incorrect"),
        ("answer", YES, WRONG, "abstained"),
        ("abstain", YES, None, "abstained"),
        ("abstain", NO, None, "hallucinated"),
    ],
)
def test_abstained_or_not_comes_first(expect: Any, a: Any, c: Any, outcome: Any) -> None:
    assert made(expect, a=a, c=c).outcome == outcome


def test_where_nobody_wrote_the_answer_down_an_answer_is_neither_right_nor_wrong() -> None:
    options: Any = {
        "expect": "answer", "spec": SPEC, "completion": SAID, "limit": 128, "degenerate": None,
        "correct": None, "referenced": False,
    }  # fmt: skip
    assert decide(**options, abstained=NO).outcome == "answered"
    assert decide(**options, abstained=YES).outcome == "abstained"
    assert decide(**options, abstained=None).outcome == "undecided"


def test_answering_may_be_overreach() -> None:
    spec = dataclasses.replace(SPEC, answering_is="overreach")
    assert made("abstain", spec=spec).outcome == "overreached"


def test_a_task_that_does_not_say_what_an_answer_is() -> None:
    spec = dataclasses.replace(SPEC, answering_is=None)
    with pytest.raises(TaskError, match="toy expects abstaining"):
        made("abstain", spec=spec)


@pytest.mark.parametrize(
    ("kinds", "admitted"),
    [
        (("ignorance",), True),
        (("premise_rejection",), True),
        (("unknowable",), True),
        (("unrecognised",), True),
        (("policy_refusal",), False),
        (("capability_refusal", "policy_refusal"), False),
        (("capability_refusal", "ignorance"), True),
        (("clarification",), False),
        ((), False),
    ],
)
def test_admitted_is_a_kind_that_the_task_accepts(kinds: Any, admitted: Any) -> None:
    found = made("abstain", a=verdict("abstained", True, *kinds))
    assert found == Decision(outcome="abstained", admitted=admitted, kinds=kinds)


def test_a_task_may_accept_clarification() -> None:
    spec = dataclasses.replace(SPEC, accepts=("clarification",))
    assert made("abstain", spec=spec, a=verdict("abstained", True, "clarification")).admitted


@pytest.mark.parametrize("expect", ["answer", "abstain"])
@pytest.mark.parametrize("reason", ["empty", "echo", "loop", "nothing said at the token limit"])
def test_no_answer_at_all_is_degenerate(expect: Any, reason: Any) -> None:
    found = made(expect, degenerate=reason, a=YES, c=RIGHT)
    assert (found.outcome, found.reason, found.admitted) == ("degenerate", reason, False)


@pytest.mark.parametrize("expect", ["answer", "abstain"])
@pytest.mark.parametrize(
    ("a", "c", "reason"),
    [
        (verdict("abstained", None, reason="judge timed out"), RIGHT, "judge timed out"),
        (None, RIGHT, "no verdict on abstaining"),
    ],
)
def test_without_a_verdict_on_abstaining_it_is_undecided(
    expect: Any, a: Any, c: Any, reason: Any
) -> None:
    found = made(expect, a=a, c=c)
    assert (found.outcome, found.reason) == ("undecided", reason)


@pytest.mark.parametrize(
    ("c", "reason"),
    [
        (verdict("correct", None, reason="judge timed out"), "judge timed out"),
        (verdict("correct", None), "no verdict on correctness"),
        (None, "no verdict on correctness"),
    ],
)
def test_without_a_verdict_on_correctness_an_answer_is_undecided(c: Any, reason: Any) -> None:
    found = made(c=c)
    assert (found.outcome, found.reason) == ("undecided", reason)


def test_correctness_is_not_asked_of_an_abstention() -> None:
    assert made(a=YES, c=None).outcome == "abstained"


@pytest.mark.parametrize("expect", ["answer", "abstain"])
def test_a_failed_backend_is_undecided_whatever_else_was_said(expect: Any) -> None:
    said = dataclasses.replace(SAID, finish="error", error="connection reset")
    found = made(expect, said=said, degenerate="empty", a=YES, c=RIGHT)
    assert (found.outcome, found.reason) == ("undecided", "connection reset")
    said = dataclasses.replace(said, error=None)
    assert made(expect, said=said).reason == "backend error"


@pytest.mark.parametrize(
    ("expect", "degenerate", "a", "c", "outcome"),
    [
        ("answer", "nothing said at the token limit", NO, None, "undecided"),
        ("abstain", "nothing said at the token limit", NO, None, "undecided"),
        ("answer", None, NO, WRONG, "undecided"),
        ("abstain", None, NO, None, "undecided"),
        ("answer", None, NO, RIGHT, "correct"),
        ("answer", None, YES, None, "abstained"),
        ("abstain", None, YES, None, "abstained"),
    ],
)
def test_cut_below_the_tasks_limit_only_what_was_said_counts(
    expect: Any, degenerate: Any, a: Any, c: Any, outcome: Any
) -> None:
    found = made(expect, said=CUT, limit=16, degenerate=degenerate, a=a, c=c)
    assert found.outcome == outcome
    if outcome == "undecided":
        assert found.reason == "limit below the task's (16 < 32 tokens)"


@pytest.mark.parametrize(("said", "limit"), [(CUT, 32), (CUT, 128), (SAID, 16)])
def test_cut_at_the_tasks_limit_or_not_cut_the_verdict_stands(said: Any, limit: Any) -> None:
    assert made("abstain", said=said, limit=limit).outcome == "hallucinated"
    assert made("answer", said=said, limit=limit, degenerate="empty").outcome == "degenerate"
