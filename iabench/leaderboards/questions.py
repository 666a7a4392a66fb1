"""What a cell of a board asks: tasks and probes, from the catalogue or from the board itself."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.decode import decode
from iabench.errors import StoreError
from iabench.leaderboards.board import Board, Cell, Pinned
from iabench.records import Expect, Probe, TaskSpec
from iabench.runs.run import Run
from iabench.tasks import catalog

__all__ = ["Questions", "pinned", "questions_of", "questions_of_run", "write_questions"]

_LONGEST = 256 * 2**20
"""Bytes of questions, unpacked, above which a file is refused."""


@dataclass(frozen=True, kw_only=True)
class Questions:
    """One cell's tasks with their probes."""

    specs: tuple[TaskSpec, ...]
    probes: tuple[Probe, ...]

    @cached_property
    def _by_task(self) -> dict[str, list[Probe]]:
        found: dict[str, list[Probe]] = {}
        for probe in self.probes:
            found.setdefault(probe.id.partition("/")[0], []).append(probe)
        return found

    def of(self, task: str) -> list[Probe]:
        """Return the probes of a task, in their order."""
        return self._by_task.get(task, [])

    def expects(self, task: str) -> list[Expect]:
        """Return what the probes of a task expect."""
        return [probe.expect for probe in self.of(task)]


def pinned(specs: Sequence[TaskSpec]) -> tuple[Pinned, ...]:
    """Return what a board keeps of tasks."""
    return tuple(
        Pinned(name=spec.name, version=spec.version, checksum=spec.checksum, n=spec.n)
        for spec in specs
    )


def questions_of(folder: Path, board: Board, cell: Cell) -> Questions:
    """Return a cell's questions, the very ones that the board pins.

    Raises:
        StoreError: what is at hand has another version or checksum; both are named.
    """
    if cell.questions:
        found = _read(folder / "questions" / cell.questions)
    else:
        tasks = catalog.load([task.name for task in cell.tasks], seed=board.seed)
        found = Questions(
            specs=tuple(task.spec for task in tasks),
            probes=tuple(probe for task in tasks for probe in task.probes),
        )
    there = {spec.name: spec for spec in found.specs}
    for task in cell.tasks:
        spec = there.get(task.name)
        if spec is None:
            raise StoreError(
                f"{board.name} asks {task.name}, which is not at hand.", "iabench tasks list"
            )
        checksum = jsonl.checksum(found.of(task.name)) if cell.questions else spec.checksum
        if (spec.version, checksum) != (task.version, task.checksum):
            raise StoreError(
                f"{board.name} pins {task.name} version {task.version} ({task.checksum[:6]}); "
                f"at hand is version {spec.version} ({checksum[:6]}).",
                "the iabench that the board was made with, or a new board",
            )
    return found


def questions_of_run(run: Run) -> Questions:
    """Return what a run asked."""
    where = str(run.path)
    specs = [{k: v for k, v in task.items() if k != "facts"} for task in run.results["tasks"]]
    lines = jsonl.read(run.path / "probes.jsonl")
    return Questions(
        specs=tuple(decode(TaskSpec, one, where=where, error=StoreError) for one in specs),
        probes=tuple(decode(Probe, line, where=where, error=StoreError) for line in lines),
    )


def write_questions(path: Path, specs: Sequence[TaskSpec], probes: Sequence[Probe]) -> None:
    """Write the questions of a cell; equal questions are equal bytes."""
    value = {"specs": jsonl.jsonable(list(specs)), "probes": jsonl.jsonable(list(probes))}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(jsonl.canonical(value).encode(), 9, mtime=0))


def _read(path: Path) -> Questions:
    value = _document(path)
    where = str(path)
    return Questions(
        specs=tuple(decode(TaskSpec, one, where=where, error=StoreError) for one in value["specs"]),
        probes=tuple(decode(Probe, one, where=where, error=StoreError) for one in value["probes"]),
    )


def _document(path: Path) -> Mapping[str, Any]:
    hint = "git checkout of the board: its questions are part of it"
    try:
        with gzip.open(path) as file:
            text = file.read(_LONGEST + 1)
        if len(text) > _LONGEST:
            raise StoreError(f"{path} unpacks to more than {_LONGEST // 2**20} MB.", hint)
        value = json.loads(text)
    except (OSError, EOFError, ValueError) as problem:
        raise StoreError(f"cannot read {path}: {problem}.", hint) from None
    if not isinstance(value, dict) or not {"specs", "probes"} <= value.keys():
        raise StoreError(f"{path} holds no questions.", hint)
    return value
