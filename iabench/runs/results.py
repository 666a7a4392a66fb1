"""From completions and verdicts to the ledger, and from the ledger to `results.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from iabench import jsonl
from iabench.grading.base import Referenced
from iabench.grading.match import Match
from iabench.grading.rouge import rouge1_recall
from iabench.metrics.base import Row
from iabench.metrics.finetuning import ROUGE1, FinetuningRouge1
from iabench.metrics.installed import all_estimates
from iabench.metrics.knowing import NEIGHBOUR
from iabench.metrics.outcome import Decision, decide
from iabench.records import SCHEMA_VERSION, Completion, Estimate, Outcome, Probe, TaskSpec
from iabench.runs.adjusting import Adjusted
from iabench.runs.judging import Verdicts
from iabench.runs.leakage import generator_fit
from iabench.runs.rounds import ANSWER, SAMPLES, graded_turn, series_name
from iabench.runs.scoring import Scored
from iabench.runs.store import Said

__all__ = ["Entry", "ledger", "results", "samples", "scores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger: a probe, what was said, and what it counts as."""

    probe: Probe
    spec: TaskSpec
    completion: Completion | None
    decision: Decision
    counts: bool = True
    """False where its task counts what abstained in the first turn, and this did not."""
    gave_neighbour: bool | None = None
    """Of a near-miss: whether what is right of its neighbour was given."""

    @property
    def row(self) -> Row:
        """What a metric sees."""
        return Row(
            task=self.spec.name,
            probe_id=self.probe.id,
            cluster=self.probe.cluster,
            pair=self.probe.pair,
            tags=self.probe.tags,
            expect=self.probe.expect,
            answering_is=self.spec.answering_is,
            outcome=self.decision.outcome,
            admitted=self.decision.admitted,
            separable=self.spec.shape_separable,
            scores=scores(
                self.spec, self.probe.references, self._said, neighbour=self.gave_neighbour
            ),
        )

    @property
    def _said(self) -> str | None:
        said = self.completion
        return None if said is None or said.finish == "error" else said.text


def scores(
    spec: TaskSpec, references: Sequence[str], said: str | None, *, neighbour: bool | None = None
) -> tuple[tuple[str, float], ...]:
    """Return the numbers of one answer that a metric of its task wants; None: nothing was said."""
    if neighbour is not None:
        return ((NEIGHBOUR, float(neighbour)),)
    if said is None or not references or FinetuningRouge1.id not in spec.metrics:
        return ()
    return ((ROUGE1, rouge1_recall(said, references[0])),)


def ledger(
    probes: Sequence[Probe],
    tasks: Mapping[str, TaskSpec],
    said: Said,
    verdicts: Verdicts,
    *,
    limit: int,
) -> list[Entry]:
    """Return one entry a probe, in the order of the probes.

    Args:
        probes: all that were to be asked; one without an answer is undecided.
        tasks: specifications by name.
        said: completions by (probe id, series, turn, index).
        verdicts: by request id.
        limit: the run's token limit.
    """
    entries = []
    for probe in probes:
        spec = tasks[probe.id.partition("/")[0]]
        completion = said.get((probe.id, *graded_turn(probe), 0))
        counts = not spec.after_abstaining or _abstained_first(probe, said, verdicts)
        if counts is None:
            reason = "no verdict on abstaining in the first turn"
            decision = Decision(outcome="undecided", admitted=False, kinds=(), reason=reason)
        elif completion is None:
            decision = Decision(
                outcome="undecided", admitted=False, kinds=(), reason="an earlier turn failed"
            )
        else:
            key = completion.request_id
            decision = decide(
                expect=probe.expect,
                spec=spec,
                completion=completion,
                degenerate=verdicts.degenerate.get(key),
                abstained=verdicts.abstained.get(key),
                correct=verdicts.correct.get(key),
                limit=limit,
                referenced=bool(probe.references),
            )
        entries.append(
            Entry(
                probe=probe,
                spec=spec,
                completion=completion,
                decision=decision,
                counts=counts is not False,
            )
        )
    return _with_neighbours(entries)


def _with_neighbours(entries: list[Entry]) -> list[Entry]:
    """Return the entries, near-misses with whether the answer is right of their neighbour."""
    near = [entry for entry in entries if entry.probe.neighbour]
    made_up = [entry for entry in near if entry.decision.outcome == "hallucinated"]
    cases = [
        Referenced(
            question=entry.probe.question,
            answer=entry.completion.text if entry.completion else "",
            references=entry.probe.neighbour,
        )
        for entry in made_up
    ]
    # Words are matched whoever grades the run: these are short names, and nobody is asked again.
    given = {
        entry.probe.id
        for entry, said in zip(made_up, Match().grade(cases), strict=True)
        if said.value
    }
    return [
        replace(entry, gave_neighbour=entry.probe.id in given) if entry.probe.neighbour else entry
        for entry in entries
    ]


def _abstained_first(probe: Probe, said: Said, verdicts: Verdicts) -> bool | None:
    """Return whether the first answer abstained; None where nobody can say."""
    first = said.get((probe.id, ANSWER, 1, 0))
    if first is None or first.finish == "error":
        return None
    if first.request_id in verdicts.degenerate:
        return False
    verdict = verdicts.abstained.get(first.request_id)
    return verdict.value if verdict else None


def results(
    entries: Sequence[Entry],
    tasks: Sequence[tuple[TaskSpec, tuple[tuple[str, str], ...]]],
    suites: Mapping[str, Sequence[str]],
    *,
    headline: str,
    level: float,
    interval_seed: int,
    adjusted: Adjusted | None = None,
    scored: Scored | None = None,
    **said_of_run: Any,
) -> dict[str, Any]:
    """Return what goes to `results.json`: no times, no paths, nothing but what was counted.

    Args:
        entries: the ledger.
        tasks: specification and facts of each task.
        suites: tasks of each suite that the run covers whole.
        headline: the suite or task that the run is about.
        level: coverage of the intervals.
        interval_seed: of the resampling.
        adjusted: estimates corrected for the detector's errors, to stand beside the raw ones.
        scored: what scores of uncertainty are worth, likewise.
        said_of_run: detector, grader, seed, limit, token limit, how long references were judged,
            notes.
    """
    counted = [entry for entry in entries if entry.counts]
    made, left_out = all_estimates(
        [entry.row for entry in counted],
        selected={name for spec, _ in tasks for name in spec.metrics},
        suites=suites,
        level=level,
        seed=interval_seed,
        defines={spec.name: spec.metrics for spec, _ in tasks if spec.metrics},
    )
    made = sorted([*made, *generator_fit(made)], key=_place)
    notes = [*said_of_run.get("notes", ()), *left_out, *_not_counted(entries)]
    if adjusted is not None:
        made = sorted([*made, *adjusted.estimates], key=_place)
        notes += adjusted.notes
        said_of_run["corrected_by"] = adjusted.by
    if scored is not None:
        made = sorted([*made, *scored.estimates], key=_place)
        notes += scored.notes
        said_of_run["scorers"] = list(scored.scores)
        if scored.comparisons is not None:
            said_of_run["comparisons"] = dict(scored.comparisons)
    return {
        "schema_version": SCHEMA_VERSION,
        "headline": headline,
        "level": level,
        "tasks": [
            {**jsonl.jsonable(spec), "facts": jsonl.jsonable(facts)} for spec, facts in tasks
        ],
        "suites": {name: list(members) for name, members in suites.items()},
        "outcomes": {
            spec.name: _outcomes([e for e in counted if e.spec.name == spec.name])
            for spec, _ in tasks
        },
        "estimates": [jsonl.jsonable(estimate) for estimate in made],
        **said_of_run,
        "notes": notes,
    }


def _not_counted(entries: Sequence[Entry]) -> list[str]:
    """Return a line for each task that counts a part of its probes."""
    asked = Counter(entry.spec.name for entry in entries if entry.spec.after_abstaining)
    kept = Counter(entry.spec.name for entry in entries if entry.counts)
    return [
        f"{name} counts {kept[name]:,} of {n:,}: those that abstained in the first turn"
        for name, n in sorted(asked.items())
    ]


def _place(estimate: Estimate) -> tuple[str, str, str, str]:
    return estimate.task, estimate.metric, estimate.slice, estimate.variant


def samples(
    entries: Sequence[Entry],
    said: Said,
    verdicts: Verdicts,
    scored: Scored | None = None,
    forced: Sequence[Entry] | None = None,
) -> list[dict[str, Any]]:
    """Return one joined line a probe, for people and for other tools."""
    guessed = {entry.probe.id: entry for entry in forced or ()}
    lines = []
    for entry in entries:
        probe, completion = entry.probe, entry.completion
        line = jsonl.jsonable(probe)
        key = completion.request_id if completion else ""
        found = [book[key] for book in (verdicts.abstained, verdicts.correct) if key in book]
        line |= {
            "task": entry.spec.name,
            "private": entry.spec.private,
            "request_id": key,
            "response": completion.text if completion else "",
            "thinking": completion.thinking if completion else None,
            "finish": completion.finish if completion else "error",
            "turns": _turns(probe, said),
            "outcome": entry.decision.outcome,
            "counts": entry.counts,
            "gave_neighbour": entry.gave_neighbour,
            "kinds": list(entry.decision.kinds),
            "admitted": entry.decision.admitted,
            "reason": entry.decision.reason,
            "verdicts": [
                {k: v for k, v in jsonl.jsonable(verdict).items() if k != "request_id"}
                for verdict in found
            ],
        }
        if scored is not None:
            scores = {name: made[probe.id].value for name, made in scored.scores.items()}
            line |= {"scores": scores, "samples": _drawn(probe, said)}
        if guess := guessed.get(probe.id):
            line["guess"] = {
                "response": guess.completion.text if guess.completion else "",
                "outcome": guess.decision.outcome,
                "reason": guess.decision.reason,
            }
        lines.append(line)
    return lines


def _drawn(probe: Probe, said: Said) -> list[str]:
    texts: list[str] = []
    while (one := said.get((probe.id, SAMPLES, 1, len(texts)))) is not None:
        texts.append(one.text)
    return texts


def _turns(probe: Probe, said: Said) -> list[list[str]]:
    questions = (probe.question, *probe.follow_ups)
    turns = []
    for turn, question in enumerate(questions, start=1):
        answer = said.get((probe.id, series_name(turn), turn, 0))
        turns.append(["user", question])
        if answer is not None:
            turns.append(["assistant", answer.text])
    return turns


def _outcomes(entries: Sequence[Entry]) -> dict[str, Any]:
    counts: dict[str, Any] = _counted(entries)
    kinds = Counter(kind for e in entries for kind in e.decision.kinds)
    counts["kinds"] = dict(sorted(kinds.items()))
    counts["answerable"] = _counted([e for e in entries if e.probe.expect == "answer"])
    counts["unanswerable"] = _counted([e for e in entries if e.probe.expect == "abstain"])
    return counts


def _counted(entries: Sequence[Entry]) -> dict[str, int]:
    found = Counter(entry.decision.outcome for entry in entries)
    return {"n": len(entries), **{outcome: found[outcome] for outcome in get_args(Outcome)}}
