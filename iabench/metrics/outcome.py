"""From verdicts to the outcome of one probe: the only place where expectation and verdict meet.

Abstained or not is decided first; right or wrong only where an answer is expected. What nobody can
know stays undecided: it is never an abstention, a right or a wrong answer by default.
"""

from __future__ import annotations

from dataclasses import dataclass

from iabench.errors import TaskError
from iabench.records import Completion, Expect, Kind, Outcome, TaskSpec, Verdict

__all__ = ["Decision", "decide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of one probe."""

    outcome: Outcome
    admitted: bool = False
    """Abstained in a way that the task accepts as admitting it."""
    kinds: tuple[Kind, ...] = ()
    """Kinds of abstention, where it abstained."""
    reason: str = ""
    """Why it is degenerate or undecided."""


def decide(
    *,
    expect: Expect,
    spec: TaskSpec,
    completion: Completion,
    limit: int,
    degenerate: str | None,
    abstained: Verdict | None,
    correct: Verdict | None,
    referenced: bool = True,
) -> Decision:
    """Return the outcome of one probe.

    Args:
        expect: what the probe expects.
        spec: its task.
        completion: the graded completion.
        limit: the run's token limit.
        degenerate: in which way the text is no answer at all (empty, echo, loop, ...), or None.
        abstained: the detector's verdict; None where there is none.
        correct: the grader's; None where there is none, or none is needed.
        referenced: somebody wrote down what the answer is. Where not, an answer is `answered`:
            neither right nor wrong.

    Raises:
        TaskError: an answer was given where abstaining is expected, and the task does not say what
            that is.
    """
    if completion.finish == "error":
        return _undecided(completion.error or "backend error")
    decision = _heard(expect, spec, degenerate, abstained, correct, referenced)
    cut = completion.finish == "length" and limit < spec.max_new_tokens
    # Of a cut text only what was said counts, not what it had not come to yet.
    if cut and decision.outcome not in ("abstained", "correct", "undecided"):
        return _undecided(f"limit below the task's ({limit} < {spec.max_new_tokens} tokens)")
    return decision


def _heard(
    expect: Expect,
    spec: TaskSpec,
    degenerate: str | None,
    abstained: Verdict | None,
    correct: Verdict | None,
    referenced: bool,
) -> Decision:
    if degenerate is not None:
        return Decision(outcome="degenerate", reason=degenerate)
    if abstained is None or abstained.value is None:
        return _undecided(_why(abstained, "no verdict on abstaining"))
    if abstained.value:
        admitted = not set(abstained.kinds).isdisjoint(spec.accepts)
        return Decision(outcome="abstained", admitted=admitted, kinds=abstained.kinds)
    if expect == "answer" and not referenced:
        return Decision(outcome="answered")
    if expect == "answer":
        if correct is None or correct.value is None:
            return _undecided(_why(correct, "no verdict on correctness"))
        return Decision(outcome="correct" if correct.value else "incorrect")
    if spec.answering_is is None:
        raise TaskError(
            f"task {spec.name} expects abstaining, but does not say what an answer is.",
            'answering_is = "fabrication" or "overreach" in its task.toml',
        )
    return Decision(outcome="hallucinated" if spec.answering_is == "fabrication" else "overreached")


def _undecided(reason: str) -> Decision:
    return Decision(outcome="undecided", reason=reason)


def _why(verdict: Verdict | None, otherwise: str) -> str:
    return verdict.reason or otherwise if verdict else otherwise
