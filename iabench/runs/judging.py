"""Verdicts: what a detector and a grader say of the answers, told no more than they may know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from iabench.errors import IabenchError, PluginError
from iabench.grading.base import Answered, Detector, Grader, Referenced
from iabench.grading.degenerate import degenerate
from iabench.grading.long import LongAnswers, takes
from iabench.grading.match import Match
from iabench.models.endpoint import leaving
from iabench.records import About, Completion, Judgement, Probe, Verdict
from iabench.registry import origin_of
from iabench.runs.rounds import ANSWER, SAMPLES, graded_turn, guesses, series_name
from iabench.runs.store import Said, Store
from iabench.runs.watch import Watch

__all__ = ["Verdicts", "graded", "judge", "judge_samples", "leaving_for_judges"]


_Case = tuple[Probe, Completion]
_Seen = TypeVar("_Seen", Answered, Referenced)
_ANOTHER = "another one: --detector lexical, --grader match"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """By request id: what was said of each answer, and what is no answer at all."""

    abstained: Mapping[str, Verdict]
    correct: Mapping[str, Verdict]
    degenerate: Mapping[str, str]


def judge(
    store: Store,
    probes: Sequence[Probe],
    detector: Detector,
    grader: Grader,
    watch: Watch,
    *,
    said: Said | None = None,
) -> Verdicts:
    """Return the verdicts on every greedy answer; those that stand already are not made again.

    Args:
        store: of the run.
        probes: of the run.
        detector: says of each answer whether it abstains.
        grader: says of the others whether they are right.
        watch: is told about progress.
        said: what was said, where that is not all of the run.
    """
    answers = list(_greedy(store.said if said is None else said, probes))
    watch.begin("grading", len(answers))
    no_answer = {
        completion.request_id: why
        for probe, completion in answers
        if (why := degenerate(probe.question, completion.text, completion.finish == "length"))
    }
    answers = [(p, c) for p, c in answers if c.request_id not in no_answer]
    watch.advance(len(no_answer))

    abstained = _judged(
        store,
        answers,
        detector.id,
        "abstained",
        lambda new: _asked(
            detector,
            detector.detect,
            [Answered(question=p.question, answer=c.text) for p, c in new],
        ),
        # What is graded too is done when that is done.
        lambda case, verdict: None if _is_graded(case, verdict) else watch.advance(),
    )
    answers = [case for case in answers if _is_graded(case, abstained[case[1].request_id])]
    correct = graded(store, answers, grader, watch)
    return Verdicts(abstained=abstained, correct=correct, degenerate=no_answer)


def judge_samples(
    store: Store,
    probes: Sequence[Probe],
    n: int,
    detector: Detector,
    watch: Watch,
    *,
    said: Said | None = None,
) -> Mapping[str, Verdict]:
    """Return the detector's verdicts on all that is held, with those on samples made.

    Equal samples of a question, and samples that are its answer, are judged once.
    """
    held = store.said if said is None else said
    found = store.verdicts(detector.id)
    first: dict[tuple[str, str], Completion] = {}
    cases = []
    for probe in probes:
        keys = [(ANSWER, 0), *((SAMPLES, index) for index in range(n))]
        for series, index in keys:
            one = held.get((probe.id, series, 1, index))
            if one is not None and one.finish != "error" and one.text:
                known = first.setdefault((probe.question, one.text), one)
                cases.append((probe, one, known))
    watch.begin("grading", len(cases))
    new = [(p, c) for p, c, known in cases if c is known and c.request_id not in found]
    found = dict(
        _judged(
            store,
            new,
            detector.id,
            "abstained",
            lambda some: _asked(
                detector,
                detector.detect,
                [Answered(question=p.question, answer=c.text) for p, c in some],
            ),
            lambda _case, _verdict: watch.advance(),
        )
    )
    alike = [
        replace(found[known.request_id], request_id=c.request_id)
        for _, c, known in cases
        if c.request_id not in found
    ]
    store.keep_verdicts(detector.id, alike)
    watch.advance(len(cases) - len(new))
    return found | {verdict.request_id: verdict for verdict in alike}


def leaving_for_judges(
    store: Store,
    probes: Sequence[Probe],
    private: Collection[str],
    *judges: Detector | Grader,
) -> Iterator[str]:
    """Yield a line for each host that answers will be sent to, before the first one is.

    Args:
        store: of the run; answers that have their verdict already are not sent again.
        probes: of the run.
        private: names of the tasks whose probes come from somebody's own file.
        judges: those with a `sends_to`, the URL of a server, may send every answer to it.
    """
    sent: dict[str, dict[str, Probe]] = {}
    for one in judges:
        url = getattr(one, "sends_to", None)
        if url is not None:
            known = store.verdicts(one.id)
            said = [*_greedy(store.said, probes), *_greedy(guesses(store.said), probes)]
            new = {c.request_id: p for p, c in said}
            sent.setdefault(url, {}).update({id_: p for id_, p in new.items() if id_ not in known})
    for url, answers in sent.items():
        n_private = sum(probe.id.partition("/")[0] in private for probe in answers.values())
        line = leaving(url, len(answers), n_private, what="answers (at most)")
        if answers and line:
            yield line


def _is_graded(case: _Case, abstained: Verdict) -> bool:
    """Return whether an answer is held against references."""
    probe, said = case
    graded = (said.series, said.turn) == graded_turn(probe)
    return bool(probe.references) and abstained.value is False and graded


def graded(
    store: Store, answers: Sequence[_Case], grader: Grader, watch: Watch
) -> dict[str, Verdict]:
    """Return the verdicts on answers that were held against references, by request id.

    A judge reads long references too; words are matched in short ones only.
    """
    long = [(p, c) for p, c in answers if isinstance(grader, Match) and takes(p.references)]
    rest = [(p, c) for p, c in answers if not (isinstance(grader, Match) and takes(p.references))]
    correct = _graded(store, rest, grader, watch)
    if long:
        correct |= _graded(store, long, LongAnswers(), watch)
    return correct


def _graded(
    store: Store, answers: Sequence[_Case], grader: Grader, watch: Watch
) -> dict[str, Verdict]:
    """Return one grader's verdicts, with those made that are not there yet."""
    return _judged(
        store,
        answers,
        grader.id,
        "correct",
        lambda new: _asked(
            grader,
            grader.grade,
            [
                Referenced(question=p.question, answer=c.text, references=p.references)
                for p, c in new
            ],
        ),
        lambda _case, _verdict: watch.advance(),
    )


def _asked(
    by: Detector | Grader,
    judge: Callable[[Sequence[_Seen]], Iterable[Judgement]],
    cases: list[_Seen],
) -> Iterator[Judgement]:
    """Yield a judgement a case; what goes wrong in a plug-in is said to be its own fault.

    Raises:
        PluginError: it raised, or gave another number of judgements; it and its origin are named.
    """
    made, origin = 0, origin_of(by)
    try:
        for judgement in judge(cases):
            made += 1
            if made > len(cases):
                break
            yield judgement
    except IabenchError:
        raise
    except Exception as problem:  # a plug-in may raise anything
        if not origin:
            raise
        says = f"fails: {type(problem).__name__}: {problem}"
        raise PluginError(f"{by.id} of {origin} {says}.", _ANOTHER) from problem
    if made != len(cases):
        says = f"gives {'more' if made > len(cases) else 'fewer'} judgements than answers"
        raise PluginError(f"{by.id} of {origin or 'iabench'} {says}.", _ANOTHER)


def _judged(
    store: Store,
    answers: Sequence[_Case],
    grader: str,
    about: About,
    judged: Callable[[Sequence[_Case]], Iterator[Judgement]],
    done: Callable[[_Case, Verdict], None],
) -> dict[str, Verdict]:
    """Return the verdicts that stand, and beside them new ones, each stored as it is made."""
    verdicts = store.verdicts(grader)
    new = [(p, c) for p, c in answers if c.request_id not in verdicts]
    for case in answers:
        if case[1].request_id in verdicts:
            done(case, verdicts[case[1].request_id])

    def made() -> Iterator[Verdict]:
        for case, verdict in zip(new, _verdicts(new, judged(new), grader, about), strict=True):
            yield verdict
            verdicts[verdict.request_id] = verdict
            done(case, verdict)

    store.keep_verdicts(grader, made())
    return verdicts


def _greedy(said: Said, probes: Sequence[Probe]) -> Iterator[_Case]:
    """Yield every turn of every probe that the model answered."""
    for probe in probes:
        for turn in range(1, 2 + len(probe.follow_ups)):
            completion = said.get((probe.id, series_name(turn), turn, 0))
            if completion is not None and completion.finish != "error":
                yield probe, completion


def _verdicts(
    cases: Sequence[_Case],
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
            votes=judgement.votes,
        )
