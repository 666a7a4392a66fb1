"""A run folder, read and decoded: all that a report is made from.

`load` reads `run.json`, `results.json` and `samples.jsonl`, and what else there is of verdicts,
labels and error rates. Keys that a later version added without changing what the old ones mean are
passed over; a newer `schema_version` is refused.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

from iabench import jsonl
from iabench.decode import decode
from iabench.errors import StoreError
from iabench.records import (
    SCHEMA_VERSION,
    About,
    Estimate,
    Expect,
    Finish,
    Kind,
    ModelSpec,
    Outcome,
    RunSpec,
    Score,
    Tags,
    TaskSpec,
    Verdict,
)
from iabench.reports.judges import Judged, judged
from iabench.runs.counts import Counts
from iabench.runs.rounds import FORCED
from iabench.tasks.base import DIAGNOSTIC

__all__ = ["Run", "Sample", "SampleVerdict", "TaskCard", "TaskOutcomes", "View", "load"]

T = TypeVar("T")
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


def load(path: str | Path) -> View:
    """Return the run in a folder.

    Raises:
        StoreError: a file is missing, broken, or of a newer `schema_version`.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise StoreError(f"no run at {folder}.", "iabench runs   (lists the runs there are)")
    run = _document(folder / "run.json", folder)
    results = _document(folder / "results.json", folder)
    lines = folder / "samples.jsonl"
    if not lines.exists():
        raise StoreError(f"{folder} has no samples.jsonl.", f"iabench regrade {folder}")
    samples = tuple(
        _record(Sample, _turns(line), f"{lines}, line {number}")
        for number, line in enumerate(jsonl.read(lines), start=1)
    )
    detector, grader = str(results.get("detector", "")), str(results.get("grader", ""))
    level = float(results.get("level", 0.95))
    verdicts = {one.key: _verdicts(one) for one in samples if one.verdicts}
    return View(
        path=folder,
        run=_run(run, folder / "run.json"),
        headline=results.get("headline"),
        tasks=tuple(_card(task, folder / "results.json") for task in results.get("tasks", [])),
        suites={name: tuple(tasks) for name, tasks in results.get("suites", {}).items()},
        outcomes={
            task: _outcomes(counts, f"{folder / 'results.json'}, outcomes of {task}")
            for task, counts in results.get("outcomes", {}).items()
        },
        estimates=tuple(
            _record(Estimate, one, f"{folder / 'results.json'}, estimate {number}")
            for number, one in enumerate(results.get("estimates", []), start=1)
        ),
        samples=samples,
        detector=detector,
        grader=grader,
        seed=int(results.get("seed", 0)),
        limit=results.get("limit"),
        level=level,
        max_new_tokens=int(results.get("max_new_tokens", 0)),
        notes=tuple(results.get("notes", [])),
        scores=_scores(folder / "scores"),
        guesses=_scores(folder / "scores" / FORCED),
        long_references=dict(results.get("long_references") or {}),
        judged=(
            judged(folder, "abstained", detector, verdicts, level),
            judged(folder, "correct", grader, verdicts, level),
        ),
    )


def _scores(folder: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(jsonl.read(file), start=1):
            one = _record(Score, line, f"{file}, line {number}")
            if one.value is not None:
                sign = 1.0 if one.higher_means == "known" else -1.0
                found.setdefault(one.scorer, {})[one.probe_id] = sign * one.value
    return found


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


def _document(path: Path, folder: Path) -> dict[str, Any]:
    if not path.exists():
        if path.name == "run.json":
            raise StoreError(
                f"{folder} is no run: it has no run.json.",
                "iabench runs   (lists the runs there are)",
            )
        raise StoreError(
            f"{folder} has no {path.name}: the run is not finished.",
            f"iabench evaluate -C {folder / 'run.json'}   (goes on where it stopped)",
        )
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise StoreError(f"cannot read {path}: {problem}.", f"iabench regrade {folder}") from None
    if not isinstance(value, dict):
        raise StoreError(f"{path} holds no JSON object.", f"iabench regrade {folder}")
    version = value.get("schema_version")
    if not isinstance(version, int):
        raise StoreError(f"{path} has no schema_version.", f"iabench regrade {folder}")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer iabench (schema {version}; this one reads "
            f"{SCHEMA_VERSION}).",
            "pip install -U iabench",
        )
    return value


def _record(record: type[T], value: Any, where: str) -> T:
    if isinstance(value, dict):
        known = record.__dataclass_fields__  # type: ignore[attr-defined]
        value = {key: one for key, one in value.items() if key in known}
    return decode(record, value, where=where, error=StoreError)


def _run(value: dict[str, Any], path: Path) -> Run:
    asked = _record(RunSpec, value.get("asked"), f"{path}, asked")
    model = _record(ModelSpec, value.get("model"), f"{path}, model")
    return _record(Run, {**value, "asked": asked, "model": model}, str(path))


def _verdicts(sample: Sample) -> list[Verdict]:
    """Return a sample's verdicts tied to its request."""
    return [
        Verdict(
            request_id=sample.key,
            **{part.name: getattr(one, part.name) for part in fields(SampleVerdict)},
        )
        for one in sample.verdicts
    ]


def _card(value: Any, path: Path) -> TaskCard:
    spec = _record(TaskSpec, value, f"{path}, tasks")
    return TaskCard(spec=spec, facts=tuple((str(k), str(v)) for k, v in value.get("facts", [])))


def _outcomes(value: Any, where: str) -> TaskOutcomes:
    if not isinstance(value, dict):
        raise StoreError(f"{where}: no JSON object.")
    return TaskOutcomes(
        total=_record(Counts, value, where),
        answerable=_record(Counts, value.get("answerable") or {}, f"{where}, answerable"),
        unanswerable=_record(Counts, value.get("unanswerable") or {}, f"{where}, unanswerable"),
        kinds=dict(value.get("kinds") or {}),
    )


def _turns(line: dict[str, Any]) -> dict[str, Any]:
    # A talk may be stored as [role, content] pairs or as messages.
    turns = line.get("turns") or ()
    pairs = [(t.get("role"), t.get("content")) if isinstance(t, dict) else t for t in turns]
    return {**line, "turns": pairs}
