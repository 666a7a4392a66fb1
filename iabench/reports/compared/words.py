"""A comparison in words: names of changes, lines of the table, examples, the next command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from iabench.metrics.relative import RELATIVE
from iabench.metrics.transitions import Change
from iabench.records import Difference, Estimate
from iabench.reports.words import OWN, count, number, scorer_name, task_name
from iabench.runs.compare import Comparison, Pair
from iabench.runs.verdict import Kind

__all__ = [
    "CHANGES",
    "METRICS",
    "SHOWN",
    "Line",
    "Side",
    "examples",
    "interval",
    "lines",
    "next_step",
    "pairs_line",
    "relative",
    "sides",
    "signed",
    "wanted",
]

CHANGES: dict[Change, str] = {
    "kept": "still says “I don't know”",
    "began": "began to make things up",
    "stopped": "stopped making things up",
    "always": "always made things up",
    "neither": "said nothing at all",
    "learned": "learned",
    "still-right": "still right",
    "forgot": "forgot",
    "began-to-refuse": "began to refuse",
    "still-not": "still not right",
}
"""In the order in which they stand; the first five where nobody could know."""

METRICS = (
    "finetuning_accuracy",
    "refusal_accuracy",
    "over_refusal_rate",
    "accuracy",
    "awareness_score",
    "hallucination_rate",
    "aed",
)
"""The order in which metrics stand; others come after them."""

SHOWN = {"better": "better", "worse": "WORSE", "none": "none shown"}

_DRY = "          (--dry-run: memory, time, disk)"
_KEPT = 0.5
"""Refusals of a tuned model from which on it kept most of them."""

_TOLD: dict[Kind, tuple[Change, ...]] = {
    "made-up": ("began", "always", "forgot"),
    "refuses": ("began-to-refuse", "forgot"),
    "forgot": ("forgot", "began-to-refuse"),
    "gained": ("stopped", "kept"),
    "kept": ("began", "stopped", "forgot", "learned", "kept"),
    "unclear": ("began", "stopped", "forgot", "learned", "kept"),
}
"""Which changes are shown first for a verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the table of differences."""

    label: str
    inner: bool = False
    """Stands under the line above it."""
    difference: Difference | None = None
    """None: a title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The questions of one expectation, by what became of them."""

    title: str
    n: int
    changes: tuple[tuple[Change, str, int], ...]


def signed(value: float | None) -> str:
    """Return a difference as `+0.95`, `−0.79` or `−0.00`."""
    if value is None:
        return "–"
    # Which side of nothing it is on is seen of the smallest too.
    return f"{'−' if value < 0 else '+'}{number(abs(value))}"


def interval(difference: Difference) -> str:
    """Return `[+0.93, +0.97]`, or nothing where there is none."""
    if difference.lo is None or difference.hi is None:
        return ""
    return f"[{signed(difference.lo)}, {signed(difference.hi)}]"


def lines(comparison: Comparison) -> list[Line]:
    """Return the table: facts, then "I don't know" by task, then what it should know."""
    found = [
        Line(label=f"{task_name(d.task)}, right", difference=d)
        for d in _of("finetuning_accuracy", comparison)
    ]
    refusals = _of("refusal_accuracy", comparison)
    label = "says “I don't know” when it should"
    if len(refusals) == 1:
        found.append(Line(label=label, difference=refusals[0]))
    elif refusals:
        found.append(Line(label=label))
        found += [
            Line(label=task_name(d.task), inner=True, difference=d)
            for d in sorted(refusals, key=lambda d: (d.task not in OWN, d.task))
        ]
    for metric, label in (
        ("over_refusal_rate", "says it when it should not"),
        ("accuracy", "right on what everybody knows"),
        ("awareness_score", "awareness: tells the two apart"),
    ):
        one = comparison.difference(metric)
        if one is not None and one.value is not None:
            found.append(Line(label=label, difference=one))
    return [*found, *_latent(comparison)]


def _latent(comparison: Comparison) -> Iterator[Line]:
    """Yield what is said against what is known, by each scorer that has it of both runs."""
    there = [
        d
        for d in comparison.differences
        if (d.metric, d.task) == ("expressed_gap", comparison.headline) and d.value is not None
    ]
    if there:
        yield Line(label="riskier than its own uncertainty would be, by")
    for d in there:
        yield Line(label=scorer_name(d.variant), inner=True, difference=d)


def _of(metric: str, comparison: Comparison) -> list[Difference]:
    return [
        d
        for d in comparison.differences
        if d.metric == metric
        and d.task in comparison.shared.tasks
        and d.slice == "all"
        and d.value is not None
    ]


def sides(comparison: Comparison) -> list[Side]:
    """Return what became of the questions that nobody could know, then of the others."""
    names = list(CHANGES)
    found: list[Side] = []
    for title, part in (("questions that it cannot know", names[:5]), ("that it could", names[5:])):
        counts = [(one, CHANGES[one], comparison.counts.get(one, 0)) for one in part]
        n = sum(each for *_, each in counts)
        shown = tuple(one for one in counts if one[2] or one[0] != "neither")
        if n:
            said = title if found or title.startswith("questions") else f"questions {title}"
            found.append(Side(title=said, n=n, changes=shown))
    return found


def examples(comparison: Comparison, n: int = 2) -> list[Pair]:
    """Return pairs that show what the verdict says, chosen by rule: readable, of several tasks."""
    chosen: list[Pair] = []
    for wanted in _TOLD[comparison.verdict.kind]:
        pool = [one for one in comparison.pairs if one.change == wanted]
        while pool and len(chosen) < n:
            best = min(pool, key=lambda one: _plainness(one, chosen))
            chosen.append(best)
            pool.remove(best)
        if len(chosen) == n:
            break
    return chosen


def _plainness(one: Pair, chosen: list[Pair]) -> tuple[int, int, int, int, str]:
    tags = dict(one.tags)
    return (
        sum(other.task == one.task for other in chosen),
        int(one.task not in OWN),
        sum(dict(other.tags).get("relation") == tags.get("relation") for other in chosen),
        abs(len(one.tuned.response) - 60) // 20 + len(one.question) // 120,
        one.id,
    )


def pairs_line(comparison: Comparison, whole: bool = False) -> str:
    """Return how many are paired, and what is the same in both; `whole`: as words of their own."""
    undecided = (
        f" · {count(comparison.n_undecided)} undecided in one or both"
        if comparison.n_undecided
        else ""
    )
    otherwise = any(w.startswith("paired all the same") for w in comparison.warnings)
    same = "NOT the same in all" if otherwise else "same questions, template, sampling, detector"
    n = f"{count(comparison.n_paired, 'pairs')}, " if whole else f"{count(comparison.n_paired)}: "
    return f"{n}{same}{undecided}"


def next_step(comparison: Comparison) -> tuple[str, list[str]]:
    """Return why and what to type next; the command may take two lines."""
    asked = comparison.base.about.get("asked", {})
    base = shlex.quote(comparison.names[0])
    if comparison.verdict.kind == "made-up":
        facts = shlex.quote(asked.get("facts") or "FILE")
        refusal = comparison.difference("refusal_accuracy")
        if refusal is not None and (refusal.tuned or 0.0) >= _KEPT:
            command = [
                f"iabench study --model {base} --facts {facts} \\",
                f"  --methods seat,seat-own,entity-kl,replay{_DRY}",
            ]
            return "most refusals are kept; which method keeps more", command
        out = f"{Path(comparison.names[1]).name or 'model'}-seat"
        command = [
            f"iabench train seat --model {base} \\",
            f"  --facts {facts} --out {shlex.quote(out)}{_DRY}",
        ]
        return "keep the refusals", command
    if comparison.verdict.kind == "unclear" and not comparison.n_paired:
        tuned = shlex.quote(str(comparison.tuned.path))
        return "why nothing is decided", [f"iabench report {tuned}"]
    if comparison.verdict.kind == "unclear":
        again = f"iabench compare {base} {shlex.quote(comparison.names[1])} --tasks core"
        return "more questions", [again]
    tuned = shlex.quote(str(comparison.tuned.path))
    return "names that nobody has seen", [f"iabench evaluate -C {tuned}/run.json --seed 1"]


def relative(comparison: Comparison) -> list[Estimate]:
    """Return the headline's metrics of two runs, in their order."""
    order = [metric.id for metric in RELATIVE]
    found = [e for e in comparison.relative if (e.task, e.slice) == (comparison.headline, "all")]
    return sorted(found, key=lambda e: order.index(e.metric))


def wanted(comparison: Comparison) -> Iterator[Change]:
    """Yield the changes that the verdict is about, the first one first."""
    yield from (one for one in _TOLD[comparison.verdict.kind] if comparison.counts.get(one))
