"""A run as reports see it: all that a page, a table or a file is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from iabench.records import (
    About,
    Estimate,
    Expect,
    Finish,
    Kind,
    ModelSpec,
    Outcome,
    RunSpec,
    Tags,
    TaskSpec,
)
from iabench.reports.judges import Judged
from iabench.runs.counts import Counts
from iabench.tasks.base import DIAGNOSTIC

__all__ = ["Run", "Sample", "SampleVerdict", "TaskCard", "TaskOutcomes", "View"]

Side = Literal["answer", "abstain"]


# Tasks made from somebody's own facts are shown by what their questions are: (tag, its values).
_SHOWN: dict[str, tuple[str, dict[str, str]]] = {
    "tuned-facts": (
        "wording",
        {"trained": "your facts", "paraphrase": "your facts, reworded"},
    ),
    "swapped-facts": (
        "swap",
        {
            "name": "your facts, names swapped",
            "own": "your own unknowns",
        },
    ),
    "swapped-frames": ("swap", {"frame": "your facts, frame swapped"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOutcomes:
    """Outcomes of one task, all and by what was expected."""

    total: Counts
    answerable: Counts
    unanswerable: Counts
    kinds: Mapping[Kind, int]
    """How often each kind of abstention was seen; one answer may be of several."""

    def side(self, side: Side) -> Counts:
        """Return the counts of the probes that expect an answer, or an abstention."""
        return self.answerable if side == "answer" else self.unanswerable


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCard:
    """A task's specification and what else its card tells."""

    spec: TaskSpec
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleVerdict:
    """What one grader said of one answer."""

    grader: str
    about: About
    value: bool | None
    kinds: tuple[Kind, ...] = ()
    reason: str = ""
    evidence: str = ""
    votes: tuple[tuple[str, bool | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """An answer of the forced pass."""

    outcome: Outcome
    response: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One probe with its answer and outcome: one line of `samples.jsonl`."""

    id: str
    task: str
    question: str
    expect: Expect
    outcome: Outcome
    request_id: str = ""
    context: str | None = None
    system: str | None = None
    references: tuple[str, ...] = ()
    cluster: str = ""
    pair: str | None = None
    tags: Tags = ()
    origin: str = ""
    entities: tuple[str, ...] = ()
    response: str | None = None
    thinking: str | None = None
    finish: Finish | None = None
    kinds: tuple[Kind, ...] = ()
    admitted: bool = False
    reason: str | None = None
    verdicts: tuple[SampleVerdict, ...] = ()
    turns: tuple[tuple[str, str], ...] = ()
    gave_neighbour: bool | None = None
    """Of a near-miss: whether what is right of the thing that its name resembles was given."""
    guess: Guess | None = None
    """What the forced pass came to, where there was one."""

    @property
    def key(self) -> str:
        """What verdicts on its answer are found by."""
        return self.request_id or self.id

    @property
    def relation(self) -> str:
        """The value of the tag that every probe has."""
        return dict(self.tags).get("relation", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was asked and with what: `run.json`."""

    status: str
    asked: RunSpec
    model: ModelSpec
    iabench: str = ""
    packages: Mapping[str, Any] = field(default_factory=dict)
    host: Mapping[str, Any] = field(default_factory=dict)
    tokens: Mapping[str, float] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    started: str | None = None
    finished: str | None = None
    notes: tuple[str, ...] = ()
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything a report shows."""

    path: Path
    run: Run
    headline: str | None
    """The suite or task that the numbers at the top are of; None where there is no such one."""
    tasks: tuple[TaskCard, ...]
    suites: Mapping[str, tuple[str, ...]]
    outcomes: Mapping[str, TaskOutcomes]
    estimates: tuple[Estimate, ...]
    samples: tuple[Sample, ...]
    detector: str
    grader: str
    seed: int
    limit: float | None
    level: float
    max_new_tokens: int
    notes: tuple[str, ...]
    judged: tuple[Judged, ...] = ()
    """Who judged: whether answers abstain, then whether they are correct."""
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """By scorer, how certain each probe's answer is, by the probe's id: higher means known."""
    guesses: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """The same of the answers of the forced pass."""
    long_references: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By task, how many long references were judged in which way."""

    @property
    def private(self) -> frozenset[str]:
        """Tasks made from somebody's own facts, and suites that hold one."""
        own = {card.spec.name for card in self.tasks if card.spec.private}
        return frozenset(own | {name for name, tasks in self.suites.items() if own & set(tasks)})

    @property
    def name(self) -> str:
        """The model as people call it: the last part of its path or hub id."""
        return self.run.model.name.rstrip("/").rsplit("/", 1)[-1] or self.run.model.name

    @property
    def total(self) -> Counts:
        """Outcomes over all tasks."""
        return sum((found.total for found in self.outcomes.values()), Counts())

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the run noted, each once, and how long references were judged."""
        long = [f"{task}: {_long(ways)}" for task, ways in self.long_references.items()]
        return tuple(dict.fromkeys((*self.notes, *self.run.notes, *long)))

    def side(self, side: Side) -> Counts:
        """Return the outcomes of one expectation over all tasks."""
        return sum((found.side(side) for found in self.outcomes.values()), Counts())

    def tasks_of(self, side: Side) -> tuple[tuple[str, Counts], ...]:
        """Return (task, counts) of the tasks that have probes of one expectation."""
        names = [card.spec.name for card in self.tasks if card.spec.name in self.outcomes]
        found = [(name, self.outcomes[name].side(side)) for name in names]
        return tuple((name, counts) for name, counts in found if counts.n)

    def rows_of(self, side: Side) -> tuple[tuple[str, str, Counts], ...]:
        """Return (task, how it is called, counts) of what a table shows for one expectation."""
        found: list[tuple[str, str, Counts]] = []
        for task, counts in self.tasks_of(side):
            tag, labels = _SHOWN.get(task, ("", {}))
            parts = [
                (task, label, self._counted(task, side, (tag, value)))
                for value, label in labels.items()
            ]
            parts = [part for part in parts if part[2].n]
            label = f"{task} {DIAGNOSTIC}" if task in self.diagnostic else task
            found += parts or [(task, label, counts)]
        # One's own come first.
        return tuple(sorted(found, key=lambda row: row[0] not in _SHOWN))

    @property
    def diagnostic(self) -> frozenset[str]:
        """Tasks that are too small to rank by, or made to compare their own slices."""
        return frozenset(card.spec.name for card in self.tasks if card.spec.diagnostic)

    @property
    def neighbours(self) -> Mapping[str, int]:
        """How many near-misses of each task that has some were given their neighbour's fact."""
        found = Counter[str]()
        for one in self.samples:
            if one.gave_neighbour is not None:
                found[one.task] += one.gave_neighbour
        return found

    def _counted(self, task: str, side: Side, tag: tuple[str, str]) -> Counts:
        outcomes = Counter(
            one.outcome
            for one in self.samples
            if one.task == task and one.expect == side and tag in one.tags
        )
        return Counts(**{str(outcome): n for outcome, n in outcomes.items()})

    def estimate(
        self, metric: str, task: str | None = None, part: str = "all", variant: str = "raw"
    ) -> Estimate | None:
        """Return one estimate (of the headline where no task is named), or None."""
        wanted = (task if task is not None else self.headline, metric, part, variant)
        for found in self.estimates:
            if (found.task, found.metric, found.slice, found.variant) == wanted:
                return found
        return None


_WAYS = {
    "must_say": "by what must be said",
    "rouge1": "by ROUGE-1 recall of at least 0.6",
    "not_judged": "not at all (declined, or no answer)",
}


def _long(ways: Mapping[str, int]) -> str:
    """Return how long references were judged, in words."""
    n = sum(ways.values())
    parts = [f"{ways[way]:,} {says}" for way, says in _WAYS.items() if way in ways]
    parts += [f"{count:,} by {grader}" for grader, count in ways.items() if grader not in _WAYS]
    return f"{n:,} long {'references' if n != 1 else 'reference'}, judged: {', '.join(parts)}"
