"""Scores of uncertainty: from what a folder holds to a number a probe and scorer, model-free."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import Any

from iabench.metrics.base import AnyMetric, Row
from iabench.metrics.estimate import estimates
from iabench.metrics.expressed import GUESSED_WRONG, UNGUESSED, ExpressedGap, guessed
from iabench.metrics.selective import answered, selective
from iabench.models.endpoint import leaving
from iabench.records import Completion, Estimate, Outcome, Probe, RunSpec, Score, Verdict
from iabench.runs.rounds import ANSWER, FORCED, SAMPLES, guessable, guesses, scorer_names
from iabench.runs.store import Said, Store
from iabench.runs.watch import Watch
from iabench.uncertainty.base import SCORERS, AskingScorer, Case, ClusteringScorer, Scorer
from iabench.uncertainty.base import Said as Heard
from iabench.uncertainty.comparisons import Comparisons

__all__ = ["Scored", "expressed", "scored", "sets_of", "with_scores", "worth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The scores of a run, and what they are worth."""

    scores: Mapping[str, Mapping[str, Score]]
    """By scorer id and probe id."""
    probabilities: frozenset[str]
    """Scorers whose value is a probability of being right."""
    estimates: tuple[Estimate, ...] = ()
    notes: tuple[str, ...] = field(default=())
    guesses: Mapping[str, Mapping[str, Score]] = field(default_factory=dict)
    """The same scores of the answers of the forced pass."""
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
    cases = [_case(store.said, probe, asked.samples, abstained) for probe in probes]
    asked_again = guessable(probes) if asked.elicit == "forced" else []
    said = guesses(store.said)
    guessed = [_case(said, probe, asked.samples, abstained) for probe in asked_again]
    scores: dict[str, dict[str, Score]] = {}
    of_guesses: dict[str, dict[str, Score]] = {}
    probabilities = []
    with ExitStack() as opened:
        by: Comparisons | None = None
        for name in names:
            scorer = opened.enter_context(closing(SCORERS.get(name)(asked)))
            if isinstance(scorer, ClusteringScorer) and asked.entailment != "equality":
                by = by or opened.enter_context(closing(_comparisons(store, probes, asked, watch)))
                scorer.compare_by(by)
            own = _asked(store, probes, cases, scorer)
            scores[scorer.id] = made = {s.probe_id: s for s in _scores(scorer, probes, own)}
            store.keep_scores(scorer.id, made.values())
            probabilities += [scorer.id] if scorer.probability else []
            if guessed and not isinstance(scorer, AskingScorer):
                made = {s.probe_id: s for s in _scores(scorer, asked_again, guessed)}
                of_guesses[scorer.id] = made
                store.keep_scores(f"{FORCED}/{scorer.id}", made.values())
    return Scored(
        scores=scores,
        probabilities=frozenset(probabilities),
        notes=_notes(scores),
        guesses=of_guesses,
        comparisons=None if by is None else by.told(),
    )


def _comparisons(
    store: Store, probes: Sequence[Probe], asked: RunSpec, watch: Watch
) -> Comparisons:
    """Return the comparisons of a run, those made before among them; all scorers share them."""
    # With it come the estimators, which take their time to be imported.
    from iabench.uncertainty.scorers import comparing

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


def _case(said: Said, probe: Probe, n: int, abstained: Mapping[str, Verdict]) -> Case:
    """Return what was said to a probe; in its first turn, which is what is sampled."""
    answer = said.get((probe.id, ANSWER, 1, 0))
    samples = [said.get((probe.id, SAMPLES, 1, index)) for index in range(n)]
    return Case(
        question=probe.question,
        answer=None if answer is None else _heard(answer, abstained),
        samples=tuple(_heard(one, abstained) for one in samples if one is not None),
    )


def _asked(
    store: Store, probes: Sequence[Probe], cases: Sequence[Case], scorer: Scorer
) -> Sequence[Case]:
    """Return the cases with the replies to the scorer's own question, if it has one."""
    if not isinstance(scorer, AskingScorer):
        return cases
    replies = [store.said.get((probe.id, scorer.series, 1, 0)) for probe in probes]
    return [
        case if reply is None else replace(case, asked=_heard(reply, {}))
        for case, reply in zip(cases, replies, strict=True)
    ]


def _heard(one: Completion, abstained: Mapping[str, Verdict]) -> Heard:
    verdict = abstained.get(one.request_id)
    # What is no answer at all was shown to no detector; it says nothing, so it does not decline.
    empty = verdict is None and not one.text
    return Heard(
        text=one.text,
        logprobs=None
        if one.logprobs is None
        else tuple(math.nan if p is None else p for p in one.logprobs),
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
    guessed: Sequence[Row] | None = None,
) -> Scored:
    """Return the scores with what they are worth, for each task and suite as one set of rows.

    Known and unknown questions of a suite stand in different tasks, so a suite is no mean here: its
    rows are ranked together.

    Args:
        found: the scores.
        rows: one a probe.
        suites: tasks by name of the suite.
        headline: the suite or task that the run is about.
        level: coverage of the intervals.
        seed: of the resampling.
        guessed: rows of the forced pass; None: there was none.
    """
    if guessed is None and not any(row.outcome == "abstained" for row in rows):
        # It declined nothing, so the run is its own forced pass.
        found, guessed = replace(found, guesses=found.scores), rows
    metrics: list[AnyMetric] = [
        metric
        for scorer, scores in found.scores.items()
        for first in list(scores.values())[:1]
        for metric in selective(
            scorer,
            higher_means=first.higher_means,
            probability=scorer in found.probabilities,
        )
    ]
    metrics += [
        expressed(scorer, first.higher_means, guessed is not None, scorer in found.guesses)
        for scorer, scores in found.scores.items()
        for first in list(scores.values())[:1]
    ]
    outcomes = {row.probe_id: row.outcome for row in guessed or ()}
    scored_rows = [with_scores(row, found, outcomes.get(row.probe_id)) for row in rows]
    made: list[Estimate] = []
    for name, tasks in sets_of(rows, suites).items():
        own = [replace(row, task=name) for row in scored_rows if row.task in tasks]
        made += [
            one
            for one in estimates(own, suites={}, metrics=metrics, level=level, seed=seed)
            if one.value is not None or name == headline
        ]
    return replace(found, estimates=tuple(made))


def sets_of(rows: Sequence[Row], suites: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the sets of tasks that are ranked together: suites, and tasks of both sides."""
    sides = {(row.task, row.expect) for row in rows}
    # A task of one side ranks nothing.
    sets = {
        task: [task]
        for task, side in sorted(sides)
        if side == "abstain" and (task, "answer") in sides
    }
    return sets | {name: list(members) for name, members in suites.items()}


def expressed(
    scorer: str, higher_means: str, forced: bool, guessed: bool, *, who: str = "the model"
) -> ExpressedGap:
    """Return the metric that holds what a model says against a score of it.

    Args:
        scorer: its id.
        higher_means: `known` or `unknown`.
        forced: whether there is a forced pass.
        guessed: whether the scorer has scores of it.
        who: lacks one, if so.
    """
    sign = 1.0 if higher_means == "known" else -1.0
    if not forced:
        why = f"{who} abstains, and was not asked for a guess: --elicit forced"
        return ExpressedGap(scorer=scorer, sign=sign, without=why)
    if not guessed:
        why = "its question is put about free answers alone"
        return ExpressedGap(scorer=scorer, sign=sign, without=why)
    return ExpressedGap(scorer=scorer, sign=sign)


def with_scores(row: Row, found: Scored, outcome: Outcome | None) -> Row:
    """Return a row with its scores, and with what became of it in the forced pass."""
    held = [(name, made[row.probe_id].value) for name, made in found.scores.items()]
    if outcome is not None and outcome != "undecided":
        there = answered(replace(row, outcome=outcome))
        held += [
            (guessed(name), made[row.probe_id].value)
            for name, made in found.guesses.items()
            if there and row.probe_id in made
        ]
        held.append((GUESSED_WRONG, float(outcome != "correct")) if there else (UNGUESSED, 1.0))
    # Without tags there are no slices: each would be ranked 2,000 times over.
    return replace(row, tags=(), scores=tuple((k, v) for k, v in held if v is not None))
