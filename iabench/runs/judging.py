"""Verdicts: what a detector and a grader say of the answers, told no more than they may know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from iabench.grading.base import Answered, Detector, Grader, Referenced
from iabench.grading.degenerate import degenerate
from iabench.grading.long import LongAnswers, takes
from iabench.grading.match import Match
from iabench.records import About, Completion, Judgement, Probe, Verdict
from iabench.runs.rounds import graded_turn
from iabench.runs.store import Said, Store

__all__ = ["Verdicts", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """By request id: what was said of each answer, and what is no answer at all."""

    abstained: Mapping[str, Verdict]
    correct: Mapping[str, Verdict]
    degenerate: Mapping[str, str]


def judge(store: Store, probes: Sequence[Probe], detector: Detector, grader: Grader) -> Verdicts:
    """Return the verdicts on every greedy answer; those that stand already are not made again."""
    answers = list(_greedy(store.said, probes))
    no_answer = {
        completion.request_id: why
        for probe, completion in answers
        if (why := degenerate(probe.question, completion.text, completion.finish == "length"))
    }
    answers = [(p, c) for p, c in answers if c.request_id not in no_answer]

    abstained = store.verdicts(detector.id)
    new = [(p, c) for p, c in answers if c.request_id not in abstained]
    seen = [Answered(question=p.question, answer=c.text) for p, c in new]
    store.keep_verdicts(
        detector.id, _verdicts(new, detector.detect(seen), detector.id, "abstained")
    )
    abstained = store.verdicts(detector.id)

    answers = [
        (p, c)
        for p, c in answers
        if p.references
        and abstained[c.request_id].value is False
        and (c.series, c.turn) == graded_turn(p)
    ]
    # A judge reads long references too; words are matched in short ones only.
    long = [(p, c) for p, c in answers if isinstance(grader, Match) and takes(p.references)]
    rest = [(p, c) for p, c in answers if not (isinstance(grader, Match) and takes(p.references))]
    correct = _graded(store, rest, grader)
    if long:
        correct |= _graded(store, long, LongAnswers())
    return Verdicts(abstained=abstained, correct=correct, degenerate=no_answer)


def _graded(
    store: Store, answers: Sequence[tuple[Probe, Completion]], grader: Grader
) -> dict[str, Verdict]:
    """Return one grader's verdicts, with those made that are not there yet."""
    there = store.verdicts(grader.id)
    new = [(p, c) for p, c in answers if c.request_id not in there]
    shown = [
        Referenced(question=p.question, answer=c.text, references=p.references) for p, c in new
    ]
    store.keep_verdicts(grader.id, _verdicts(new, grader.grade(shown), grader.id, "correct"))
    return store.verdicts(grader.id)


def _greedy(said: Said, probes: Sequence[Probe]) -> Iterator[tuple[Probe, Completion]]:
    """Yield every turn of every probe that the model answered."""
    for probe in probes:
        for turn in range(1, 2 + len(probe.follow_ups)):
            series = "answer" if turn == 1 else f"turn-{turn}"
            completion = said.get((probe.id, series, turn, 0))
            if completion is not None and completion.finish != "error":
                yield probe, completion


def _verdicts(
    cases: Sequence[tuple[Probe, Completion]],
    judgements: Iterator[Judgement],
    grader: str,
    about: About,
) -> Iterator[Verdict]:
    for (_, completion), judgement in zip(cases, judgements, strict=True):
        yield Verdict(
            request_id=completion.request_id,
            grader=grader,
            about=about,
            value=judgement.value,
            kinds=judgement.kinds,
            reason=judgement.reason,
            evidence=judgement.evidence,
        )
