"""Scores of uncertainty: from what a folder holds to a number a probe and scorer, model-free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import Any

from iabench.metrics.base import Row
from iabench.metrics.estimate import estimates
from iabench.metrics.selective import selective
from iabench.models.endpoint import leaving
from iabench.records import Completion, Estimate, Probe, RunSpec, Score, Verdict
from iabench.runs.rounds import ANSWER, SAMPLES, scorer_names
from iabench.runs.store import Store
from iabench.runs.watch import Watch
from iabench.uncertainty.base import SCORERS, AskingScorer, Case, Said, Scorer
from iabench.uncertainty.comparisons import Comparisons
from iabench.uncertainty.scorers import SemanticEntropy, comparing

__all__ = ["Scored", "scored", "worth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The scores of a run, and what they are worth."""

    scores: Mapping[str, Mapping[str, Score]]
    """By scorer id and probe id."""
    probabilities: frozenset[str]
    """Scorers whose value is a probability of being right."""
    estimates: tuple[Estimate, ...] = ()
    notes: tuple[str, ...] = field(default=())
    comparisons: Mapping[str, Any] | None = None
    """By which model samples were compared, and how often one way; None: by no model."""


def scored(
    store: Store,
    probes: Sequence[Probe],
    asked: RunSpec,
    abstained: Mapping[str, Verdict],
    watch: Watch,
) -> Scored | None:
    """Make all scores of a run anew and keep them; None where no scorer was asked for.

    Args:
        store: of the run.
        probes: of the run.
        asked: which scorers, and how they score.
        abstained: verdicts of the detector by request id, those on samples among them.
        watch: is told what leaves this machine.
    """
    names = scorer_names(asked)
    if not names:
        return None
    cases = [_case(store, probe, asked.samples, abstained) for probe in probes]
    scores: dict[str, dict[str, Score]] = {}
    probabilities = []
    with ExitStack() as opened:
        by: Comparisons | None = None
        for name in names:
            scorer = opened.enter_context(closing(SCORERS.get(name)(asked)))
            if isinstance(scorer, SemanticEntropy) and asked.entailment != "equality":
                by = by or opened.enter_context(closing(_comparisons(store, probes, asked, watch)))
                scorer.compare_by(by)
            own = _asked(store, probes, cases, scorer)
            scores[scorer.id] = made = {s.probe_id: s for s in _scores(scorer, probes, own)}
            store.keep_scores(scorer.id, made.values())
            probabilities += [scorer.id] if scorer.probability else []
    return Scored(
        scores=scores,
        probabilities=frozenset(probabilities),
        notes=_notes(scores),
        comparisons=None if by is None else by.told(),
    )


def _comparisons(
    store: Store, probes: Sequence[Probe], asked: RunSpec, watch: Watch
) -> Comparisons:
    """Return the comparisons of a run, those made before among them; all scorers share them."""
    model = comparing(asked)
    known = store.comparisons(model.id)
    if (url := getattr(model, "sends_to", None)) and not known:
        private = {task["name"] for task in store.run["tasks"] if task["private"]}
        n = sum(probe.id.partition("/")[0] in private for probe in probes)
        line = leaving(url, len(probes), n, what="questions with their samples (at most)")
        if line:
            watch.say(f"note      {line}")
    return Comparisons(model, known=known, keep=lambda made: store.keep_comparisons(model.id, made))


def _scores(scorer: Scorer, probes: Sequence[Probe], cases: Sequence[Case]) -> Iterator[Score]:
    for probe, value in zip(probes, scorer.score(cases), strict=True):
        yield Score(
            probe_id=probe.id,
            scorer=scorer.id,
            value=value.value,
            reason=value.reason,
            higher_means=scorer.higher_means,
        )


def _case(store: Store, probe: Probe, n: int, abstained: Mapping[str, Verdict]) -> Case:
    """Return what was said to a probe; in its first turn, which is what is sampled."""
    answer = store.said.get((probe.id, ANSWER, 1, 0))
    samples = [store.said.get((probe.id, SAMPLES, 1, index)) for index in range(n)]
    return Case(
        question=probe.question,
        answer=None if answer is None else _said(answer, abstained),
        samples=tuple(_said(one, abstained) for one in samples if one is not None),
    )


def _asked(
    store: Store, probes: Sequence[Probe], cases: Sequence[Case], scorer: Scorer
) -> Sequence[Case]:
    """Return the cases with the replies to the scorer's own question, if it has one."""
    if not isinstance(scorer, AskingScorer):
        return cases
    replies = [store.said.get((probe.id, scorer.series, 1, 0)) for probe in probes]
    return [
        case if reply is None else replace(case, asked=_said(reply, {}))
        for case, reply in zip(cases, replies, strict=True)
    ]


def _said(one: Completion, abstained: Mapping[str, Verdict]) -> Said:
    verdict = abstained.get(one.request_id)
    # What is no answer at all was shown to no detector; it says nothing, so it does not decline.
    empty = verdict is None and not one.text
    return Said(
        text=one.text,
        logprobs=one.logprobs,
        abstained=False if empty else None if verdict is None else verdict.value,
        failed=one.error or "",
    )


def _notes(scores: Mapping[str, Mapping[str, Score]]) -> tuple[str, ...]:
    """Return a line for each scorer that leaves questions without a score, with a reason."""
    notes = []
    for scorer, made in scores.items():
        none = [score for score in made.values() if score.value is None]
        if none:
            notes.append(
                f"{scorer}: {len(none):,} of {len(made):,} questions have no score "
                f"({none[0].reason})"
            )
    return tuple(notes)


def worth(
    found: Scored,
    rows: Sequence[Row],
    *,
    suites: Mapping[str, Sequence[str]],
    headline: str,
    level: float,
    seed: int,
) -> Scored:
    """Return the scores with what they are worth, for each task and suite as one set of rows.

    Known and unknown questions of a suite stand in different tasks, so a suite is no mean here: its
    rows are ranked together.
    """
    sides = {(row.task, row.expect) for row in rows}
    # A task of one side ranks nothing.
    sets = {
        task: [task]
        for task, side in sorted(sides)
        if side == "abstain" and (task, "answer") in sides
    }
    sets |= {name: list(members) for name, members in suites.items()}
    metrics = [
        metric
        for scorer, scores in found.scores.items()
        for first in list(scores.values())[:1]
        for metric in selective(
            scorer,
            higher_means=first.higher_means,
            probability=scorer in found.probabilities,
        )
    ]
    with_scores = [_with(row, found.scores) for row in rows]
    made: list[Estimate] = []
    for name, tasks in sets.items():
        own = [replace(row, task=name) for row in with_scores if row.task in tasks]
        made += [
            one
            for one in estimates(own, suites={}, metrics=metrics, level=level, seed=seed)
            if one.value is not None or name == headline
        ]
    return replace(found, estimates=tuple(made))


def _with(row: Row, scores: Mapping[str, Mapping[str, Score]]) -> Row:
    values = {name: made[row.probe_id].value for name, made in scores.items()}
    # Without tags there are no slices: each would be ranked 2,000 times over.
    return replace(row, tags=(), scores=tuple((k, v) for k, v in values.items() if v is not None))
