"""A run folder, read and decoded into a `View`.

`load` reads `run.json`, `results.json` and `samples.jsonl`, and what else there is of verdicts,
labels and error rates. Keys that a later version added without changing what the old ones mean are
passed over; a newer `schema_version` is refused.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from iabench import jsonl
from iabench.decode import decode
from iabench.errors import StoreError
from iabench.records import SCHEMA_VERSION, Estimate, ModelSpec, RunSpec, Score, TaskSpec, Verdict
from iabench.reports.judges import judged
from iabench.reports.view import Run, Sample, SampleVerdict, TaskCard, TaskOutcomes, View
from iabench.runs.counts import Counts
from iabench.runs.rounds import FORCED

__all__ = ["load"]

T = TypeVar("T")


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
