"""From the cells of a study to its table: a row a method, mean and spread over models and seeds.

At the top of a row each figure names the set that it is over; `by_set` holds every metric of every
set. What a cell lacks is a missing value with a reason, never a zero. What differs from one machine
to the next (seconds, memory) stands under `costs` and nowhere else.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.errors import StatsError
from iabench.grading.base import Referenced
from iabench.grading.match import Match
from iabench.metrics.base import Row
from iabench.records import SCHEMA_VERSION
from iabench.runs.run import Run, load
from iabench.studies.against import differences_of
from iabench.studies.best import not_told_apart
from iabench.studies.selection import read_trials
from iabench.studies.sets import MIX, SETS, UNKNOWN, task_of
from iabench.studies.spec import BASE, Cell, Method
from iabench.studies.study import Study

__all__ = ["Asked", "assemble", "write_table"]

Figure = dict[str, Any]
"""mean, sd (the sample one, None of one value) and the values, None where a cell has none."""

_UNSEEN = ("unknown_other_relation", "unknown_other_type", "unknown_other_grammar", "invented_real")
_MATCHED = 0.98
"""Recall of the facts at which methods are compared a second time."""
_UNKNOWN_FIGURES = ("refusal_accuracy", "admission_rate", "hallucination_rate")
_SHOWN = (
    ("mix_same", 4),
    ("unknown_same", 4),
    ("known_same", 2),
    ("facts_paraphrased", 2),
    ("near_miss", 2),
)
_KNOWN_FIGURES = ("accuracy", "over_refusal_rate", "aed")
_MIX_FIGURES = ("aed", "accuracy", "error_rate", "over_refusal_rate", "accuracy_attempted")
_TIERS = ("known", "rare", "new")


@dataclass(frozen=True)
class Asked:
    """One cell as far as it is made."""

    cell: Cell
    said: Mapping[str, Any]
    """`cell.json`; empty where there is none yet."""
    folder: Path

    @property
    def made(self) -> bool:
        """Whether it is whole."""
        return self.said.get("status") == "complete"

    @cached_property
    def run(self) -> Run:
        """The evaluation."""
        return load(self.folder / "asked")

    @cached_property
    def samples(self) -> list[dict[str, Any]]:
        """Its answers."""
        return self.run.samples()

    @cached_property
    def rows(self) -> list[Row]:
        """What a metric sees of them; ids, entities and pairs are of this model and seed."""
        at = f"{self.cell.model}.{self.cell.seed}"
        return [
            Row(
                task=one["task"],
                probe_id=f"{at}/{one['id']}",
                cluster=f"{at}/{one['cluster']}",
                pair=f"{at}/{one['pair']}" if one["pair"] else None,
                tags=tuple((key, value) for key, value in one["tags"]),
                expect=one["expect"],
                answering_is="fabrication" if one["expect"] == "abstain" else None,
                outcome=one["outcome"],
                admitted=one["admitted"],
            )
            for one in self.samples
        ]

    def value(self, metric: str, name: str | None) -> float | None:
        """Return a metric over a set, or over all sets."""
        if not self.made:
            return None
        try:
            found = self.run[metric, task_of(name)] if name else self.run[metric]
        except StatsError:
            return None
        return found.value


def assemble(study: Study) -> dict[str, Any]:
    """Return the table of a study: what `study.json` holds."""
    spec = study.spec
    cells = [Asked(c, study.folder.read(c) or {}, study.folder.cell(c)) for c in spec.cells]
    by_method: dict[str, list[Asked]] = {}
    for one in cells:
        by_method.setdefault(one.cell.method.name, []).append(one)
    base = {one.cell.at: one for one in by_method[BASE]}
    known = "known_same" if "known_same" in study.lessons[0].sets else "known_other"
    rows = [_row(mine, base, study, known) for mine in by_method.values()]
    against = spec.against
    if against is not None:
        found = differences_of(by_method, against, known=known, level=spec.level)
        for row in rows:
            row["against"] = found.get(row["method"])
    alike = not_told_apart(by_method, rows, against=against, known=known, level=spec.level)
    trials = read_trials(Path(spec.trials)) if spec.trials else []
    for row in rows:
        row["costs"]["trials"] = sum(t["method"] == row["method"] for t in trials) or None
    return {
        "schema_version": SCHEMA_VERSION,
        "models": list(spec.models),
        "weights": dict(study.identity),
        "seeds": spec.seeds,
        "facts": spec.facts or "organism:new, another draw for each seed",
        "questions": (spec.questions or "a mix of facts, another draw for each seed")
        if spec.by_signal
        else None,
        "n_facts": study.n_taught,
        "teaches": "facts" if spec.teaches else "questions",
        "against": against,
        "level": spec.level,
        "sets": _sets(study),
        "known": known,
        "rows": rows,
        "not_told_apart": alike,
        "matched_recall": {
            "recall": _MATCHED,
            "rows": [_matched(by_method[method.name], known) for method in spec.methods],
        },
        "trials": trials,
        "asked": _questions(cells),
        "judged_by": next(
            ([one.run.results[k] for k in ("detector", "grader")] for one in cells if one.made), []
        ),
        "notes": [*study.notes, *_unmeasured(cells)],
    }


def write_table(study: Study) -> dict[str, Any]:
    """Write `study.json` and return what it holds."""
    made = assemble(study)
    jsonl.write_json(study.folder.path / "study.json", made)
    return made


def _row(
    mine: Sequence[Asked], base: Mapping[tuple[int, int], Asked], study: Study, known: str
) -> dict[str, Any]:
    method = mine[0].cell.method
    unseen = [name for name in _unseen(mine[0], study) if name in study.lessons[0].sets]

    def over(metric: str, name: str | None) -> Figure:
        return figure(one.value(metric, name) for one in mine)

    def mean_over(metric: str) -> Figure:
        return figure(_mean(one.value(metric, name) for name in unseen) for one in mine)

    why = _not_taught(method)
    return {
        "method": method.name,
        "source": method.source,
        "says": method.says,
        "not_taught": why,
        **{
            metric: figure(None for _ in mine) if why else over(metric, name)
            for metric, name in (
                ("finetuning_accuracy", "facts_trained"),
                ("paraphrase_accuracy", "facts_paraphrased"),
            )
        },
        "mix": {name: _mixed(mine, name) for name in MIX if name in study.lessons[0].sets},
        **{metric: over(metric, "unknown_same") for metric in _UNKNOWN_FIGURES},
        "unknown_unseen": {
            "sets": unseen,
            **{metric: mean_over(metric) for metric in _UNKNOWN_FIGURES},
        },
        **{metric: over(metric, known) for metric in _KNOWN_FIGURES},
        "awareness_score": over("awareness_score", None),
        "over_refusal_on_facts": over("over_refusal_rate", "facts_trained"),
        "neighbour_refusal": over("refusal_accuracy", "new_untaught"),
        "gave_neighbour": figure(_gave_neighbour(one, study) for one in mine),
        "kept_abstention_rate": figure(_kept(one, base.get(one.cell.at)) for one in mine),
        "by_set": {name: _by_metric(mine, name) for name in study.lessons[0].sets},
        "costs": _costs(mine),
        "recall": [one.said["recall"][-1]["recall"] if one.said.get("recall") else None
                   for one in mine],
        "incomplete": [
            {"model": one.cell.model, "seed": one.cell.seed, "reason": _why_not(one)}
            for one in mine
            if not one.made
        ],
    }  # fmt: skip


def _not_taught(method: Method) -> str | None:
    """Return why a row has no accuracy on the facts of the study."""
    return "tuned on questions, not taught the facts" if method.by_signal else None


def _mixed(mine: Sequence[Asked], name: str) -> dict[str, Figure]:
    """Return what is said to the mix: AED, and shares declined by how often the model was told."""
    made = {m: figure(one.value(m, name) for one in mine) for m in _MIX_FIGURES}
    for tier in _TIERS:
        made[f"declined_{tier}"] = figure(_declined(one, name, tier) for one in mine)
    return made


def _declined(one: Asked, name: str, tier: str) -> float | None:
    """Return the share of a tier that is declined, undecided left out."""
    if not one.made:
        return None
    marks = [
        row.outcome == "abstained"
        for row in one.rows
        if row.task == task_of(name) and ("tier", tier) in row.tags and row.outcome != "undecided"
    ]
    return round(statistics.fmean(marks), 6) if marks else None


def figure(values: Iterable[float | None]) -> Figure:
    """Return mean, sample standard deviation and values; what is missing counts in neither."""
    listed = list(values)
    there = [value for value in listed if value is not None]
    return {
        "mean": round(statistics.fmean(there), 6) if there else None,
        "sd": round(statistics.stdev(there), 6) if len(there) > 1 else None,
        "values": listed,
    }


def _mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of values, None unless all are there."""
    listed = list(values)
    there = [value for value in listed if value is not None]
    return statistics.fmean(there) if there and len(there) == len(listed) else None


def _by_metric(mine: Sequence[Asked], name: str) -> dict[str, Figure]:
    """Return every metric that a set defines."""
    task = task_of(name)
    metrics = {
        e.metric
        for one in mine
        if one.made
        for e in one.run.estimates
        if (e.task, e.slice, e.variant) == (task, "all", "raw") and e.value is not None
    }
    return {m: figure(one.value(m, name) for one in mine) for m in sorted(metrics)}


def _unseen(one: Asked, study: Study) -> Sequence[str]:
    """Return the unknown sets whose relation, type or grammar the method's own anchor did not see.

    Perturbed copies of the facts show their relations, their type and how their names are made;
    replayed, added and protected questions (`organism:anchor`) also show the other relations and
    types, so that only names made otherwise are left.
    """
    if one.cell.method.source != "preset":
        return _UNSEEN
    tuning = study.tuning(one.cell)
    shown = len(tuning.rows) > 1 or "ewc" in tuning.anchors
    return ("unknown_other_grammar",) if shown else _UNSEEN


def _kept(one: Asked, base: Asked | None) -> float | None:
    """Return P(abstains | the base did) over all unknown sets, undecided left out."""
    if not one.made or base is None or not base.made:
        return None
    tasks = {task_of(name) for name in UNKNOWN}
    before = {s["id"] for s in base.samples if s["task"] in tasks and s["outcome"] == "abstained"}
    now = [
        s["outcome"] == "abstained"
        for s in one.samples
        if s["id"] in before and s["outcome"] != "undecided"
    ]
    return round(statistics.fmean(now), 6) if now else None


def _gave_neighbour(one: Asked, study: Study) -> float | None:
    """Return the share of near-misses that are answered with what is right of the neighbour."""
    if not one.made:
        return None
    near = study.lessons[one.cell.seed].near
    asked = [s for s in one.samples if s["task"] == task_of("near_miss") and s["id"] in near]
    answered = [
        Referenced(question=s["question"], answer=s["response"], references=near[s["id"]])
        for s in asked
        if s["outcome"] == "hallucinated"
    ]
    given = sum(bool(verdict.value) for verdict in Match().grade(answered)) if answered else 0
    return round(given / len(asked), 6) if asked else None


def _costs(mine: Sequence[Asked]) -> dict[str, Any]:
    """Return what a tuning took; of what ran elsewhere nobody knows."""

    def of(key: str) -> Figure:
        return figure(one.said.get(key) for one in mine)

    return {key: of(key) for key in ("steps", "tokens", "seconds", "peak_memory")}


def _matched(mine: Sequence[Asked], known: str) -> dict[str, Any]:
    """Return the figures of those cells that stopped at the first recall high enough."""
    there = [one for one in mine if _stopped_at(one)]
    sets: list[tuple[str, str | None]] = [
        ("finetuning_accuracy", "facts_trained"),
        ("paraphrase_accuracy", "facts_paraphrased"),
        ("refusal_accuracy", "unknown_same"),
        ("accuracy", known),
        ("over_refusal_rate", known),
        ("awareness_score", None),
    ]
    figures = {metric: figure(one.value(metric, name) for one in there) for metric, name in sets}
    return {
        "method": mine[0].cell.method.name,
        "cells": len(there),
        "of": len(mine),
        "steps": figure(one.said.get("steps") for one in there),
        **figures,
    }


def _stopped_at(one: Asked) -> bool:
    """Return whether a tuning ended at its first recall of `_MATCHED` or more."""
    found = [log["recall"] for log in one.said.get("recall", ())]
    return bool(found) and found[-1] >= _MATCHED and all(r < _MATCHED for r in found[:-1])


def _unmeasured(cells: Iterable[Asked]) -> list[str]:
    """Return a line for each cell of which it could not be measured what moved."""
    return [
        f"what moved in {one.cell.method.name}:{one.cell.seed} was not measured: {reason}"
        for one in cells
        if (reason := one.said.get("drift_failed"))
    ]


def _why_not(one: Asked) -> str:
    return str(one.said.get("reason") or "not made yet")


def _questions(cells: Sequence[Asked]) -> list[dict[str, Any]]:
    """Return questions of the first model and seed with what each method said.

    Those about new names on which the methods part most come first, then old and new facts.
    """
    mine = {c.cell.method.name: c for c in cells if c.cell.at == (0, 0) and c.made}
    said = {name: {s["id"]: s for s in one.samples} for name, one in mine.items()}
    if not said:
        return []
    first = next(iter(said.values()))
    found = []
    for name, n in _SHOWN:
        ids = [i for i, s in first.items() if s["task"] == task_of(name)]
        parts = {i: len({one[i]["outcome"] for one in said.values() if i in one}) for i in ids}
        # The most different first; of those as different, by their order in the set.
        found += [
            {
                "set": name,
                "about": SETS[name][1],
                "question": first[i]["question"],
                "answers": {m: one[i]["response"] for m, one in said.items() if i in one},
            }
            for i in sorted(ids, key=lambda i: -parts[i])[:n]
        ]
    return found


def _sets(study: Study) -> list[dict[str, Any]]:
    """Return what each set of such a study is, how large, or why there is none."""
    lesson = study.lessons[0]
    found = []
    for name, (expect, says) in SETS.items():
        path = study.folder.seed(0) / "sets" / task_of(name) / "probes.jsonl"
        n = sum(1 for _ in jsonl.read(path)) if path.exists() else 0
        why = lesson.left_out.get(name)
        if why is None and name not in lesson.sets:
            continue
        found.append({"name": name, "expect": expect, "says": says, "n": n, "left_out": why})
    return found
