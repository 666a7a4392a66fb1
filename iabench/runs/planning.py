"""What a run will be, settled before a model is loaded: tasks, folder, what stands there already.

Everything that can be wrong without a model is wrong here.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iabench.errors import ConfigError, StoreError
from iabench.grading.base import DETECTORS, GRADERS
from iabench.models.base import Backend
from iabench.models.locate import Located, backend_of, locate
from iabench.records import Probe, RunSpec
from iabench.runs.folders import (
    Identity,
    check_same,
    default_folder,
    identity,
    set_aside,
)
from iabench.runs.store import read_run
from iabench.tasks import catalog
from iabench.tasks.base import Task
from iabench.tasks.facts import YourFacts
from iabench.tasks.limit import check_limit

__all__ = ["Planned", "plan"]

SELECTION = "selection"
"""Headline of a run over tasks that make no suite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One evaluation, resolved."""

    spec: RunSpec
    backend: str
    folder: Path
    identity: Identity
    tasks: tuple[Task, ...]
    suites: Mapping[str, tuple[str, ...]]
    headline: str
    located: Located | None
    lent: Backend | None
    there: Mapping[str, Any]
    """`run.json` of the folder as it stands; empty where it is new."""
    notes: tuple[str, ...]

    @property
    def probes(self) -> tuple[Probe, ...]:
        """All that will be asked, in the order of the ledger."""
        return tuple(probe for task in self.tasks for probe in task.probes)

    @property
    def status(self) -> str:
        """`new`, `unfinished`, or `finished`: nothing is left to ask or to judge."""
        if not self.there:
            return "new"
        same = (
            self.there.get("status") == "complete"
            and _sizes(self.there) == {t.spec.name: t.spec.n for t in self.tasks}
            and self.there.get("detector") == DETECTORS.get(self.spec.detector)().id
            and self.there.get("grader") == GRADERS.get(self.spec.grader)().id
            and self.there.get("asked", {}).get("level") == self.spec.level
            and (self.folder / "results.json").exists()
        )
        return "finished" if same else "unfinished"


def plan(
    spec: RunSpec,
    *,
    out: Path | None = None,
    fresh: bool = False,
    lent: Backend | None = None,
) -> Planned:
    """Settle a run.

    Args:
        spec: what was asked for.
        out: exactly this folder; None for the default one.
        fresh: set an old run in the folder aside instead of going on with it.
        lent: a backend that is open already.

    Raises:
        IabenchError: whatever can be known to be wrong without a model.
    """
    _check(spec)
    backend = lent.spec.backend if lent else backend_of(spec)
    located = locate(spec) if backend == "hf" and lent is None else None
    same = identity(spec, backend=backend, weights=_weights(located, lent))
    tasks = _load(spec)
    folder = out or default_folder(spec, same, {t.spec.name: t.spec.checksum for t in tasks})
    if fresh:
        set_aside(folder)
    there = read_run(folder) or {}
    notes: list[str] = []
    if there:
        check_same(folder, there, same)
        spec, tasks = _grown(spec, tasks, there, notes)
    elif folder.is_dir() and any(p for p in folder.iterdir() if p.name != ".lock"):
        raise StoreError(f"{folder} is a folder of other things.", "another --out")
    if backend != "scripted":
        worlds = lent.spec.provides if lent else located.provides if located else ()
        catalog.check_requires(tasks, worlds, spec.model)
    _check_disk(folder, tasks, spec)
    suites, headline = _suites(spec, tasks)
    return Planned(
        spec=spec,
        backend=backend,
        folder=folder,
        identity=same,
        tasks=tuple(tasks),
        suites=suites,
        headline=headline,
        located=located,
        lent=lent,
        there=there,
        notes=tuple(notes),
    )


def _check(spec: RunSpec) -> None:
    """Refuse numbers that mean nothing and names that nobody knows."""
    check_limit(spec.limit)
    if spec.max_new_tokens < 1:
        raise ConfigError(
            f"--max-new-tokens {spec.max_new_tokens} leaves no answer.", "--max-new-tokens 128"
        )
    if not 0 < spec.level < 1:
        raise ConfigError(f"--level {spec.level:g} is no coverage.", "--level 0.95")
    rows(spec)
    DETECTORS.get(spec.detector)
    GRADERS.get(spec.grader)


def rows(spec: RunSpec) -> int | None:
    """Return the cap on rows that `--batch-size` sets, None for `auto`.

    Raises:
        ConfigError: neither `auto` nor a number from 1 up.
    """
    if spec.batch_size.partition(":")[0] == "auto":
        return None
    if not spec.batch_size.isdigit() or int(spec.batch_size) < 1:
        raise ConfigError(f"--batch-size {spec.batch_size} is no number of rows.", "auto, or 8")
    return int(spec.batch_size)


def _load(spec: RunSpec) -> list[Task]:
    tasks = catalog.load(
        spec.tasks,
        seed=spec.seed,
        limit=spec.limit,
        include_path=spec.include_path,
        yours=YourFacts.of(spec),
    )
    return sorted(tasks, key=lambda task: task.spec.name)


def _grown(
    spec: RunSpec, tasks: list[Task], there: Mapping[str, Any], notes: list[str]
) -> tuple[RunSpec, list[Task]]:
    """Keep what the folder holds: tasks and limit may grow, nothing shrinks."""
    asked = there.get("asked", {})
    before = tuple(asked.get("tasks", ()))
    held = {spec["name"]: spec for spec in there.get("tasks", ())}
    now = {task.spec.name: task.spec for task in tasks}
    wider = tuple(dict.fromkeys((*before, *spec.tasks)))
    if set(held) - set(now):
        notes.append(f"the folder holds {', '.join(sorted(set(held) - set(now)))} too: kept")
        spec = replace(spec, tasks=wider)
        tasks = _load(spec)
        now = {task.spec.name: task.spec for task in tasks}
    elif set(now) - set(held):
        spec = replace(spec, tasks=wider)
    if any(now[name].n < old["n"] for name, old in held.items()):
        notes.append("the folder holds more questions than --limit asks for: kept")
        spec = replace(spec, limit=asked.get("limit"))
        tasks = _load(spec)
        now = {task.spec.name: task.spec for task in tasks}
    for name, old in held.items():
        if now[name].checksum != old["checksum"]:
            raise StoreError(
                f"{name} has other questions than when this run began "
                f"(version {old['version']} then, {now[name].version} now).",
                "--fresh (keeps the old one)",
            )
    return spec, tasks


def _suites(spec: RunSpec, tasks: list[Task]) -> tuple[dict[str, tuple[str, ...]], str]:
    """Return the suites that the tasks cover whole, and the name of what the run is about."""
    names = {task.spec.name for task in tasks}
    known = catalog.suites(spec.include_path)
    covered = {
        name: tuple(sorted(members))
        for name, members in known.items()
        if set(members) <= names and (name in spec.tasks or not catalog.suite_limit(name))
    }
    if any(catalog.suite_limit(name) for name in spec.tasks):
        # A suite that asks a part of its tasks covers no other suite.
        covered = {name: members for name, members in covered.items() if name in spec.tasks}
    whole = [name for name in spec.tasks if set(covered.get(name, ())) == names]
    if whole:
        return covered, whole[0]
    if len(names) == 1:
        return covered, next(iter(names))
    return {**covered, SELECTION: tuple(sorted(names))}, SELECTION


def _weights(located: Located | None, lent: Backend | None) -> dict[str, str | None]:
    if located:
        return {"weights": located.weights, "adapter": located.adapter_weights}
    return {"weights": lent.spec.weights if lent else None, "adapter": None}


def _check_disk(folder: Path, tasks: list[Task], spec: RunSpec) -> None:
    """Refuse a run that cannot end: about 2 kB a probe beside its answer."""
    n = sum(task.spec.n for task in tasks)
    need = n * (2_000 + 12 * spec.max_new_tokens) + 2**20
    place = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    if free < need:
        raise StoreError(
            f"{folder} may need {need / 1e6:,.0f} MB; {free / 1e6:,.0f} MB are free.",
            "--out on another disk",
        )


def _sizes(there: Mapping[str, Any]) -> dict[str, int]:
    return {spec["name"]: spec["n"] for spec in there.get("tasks", ())}
