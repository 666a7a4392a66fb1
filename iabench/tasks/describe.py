"""What is told of every task without asking any: `iabench tasks list`, the tables of the docs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from iabench.datasets.lines import lines
from iabench.errors import IabenchError
from iabench.tasks.base import TASKS
from iabench.tasks.catalog import Found, find, names, whole_task
from iabench.tasks.facts import FACTS_TASKS, SAYS
from iabench.tasks.manifest import Manifest, read_manifest
from iabench.tasks.outside import plugged
from iabench.tasks.published import published_tasks
from iabench.tasks.told import TUNED
from iabench.worlds.folders import data_folder

__all__ = ["describe"]

Paths = Sequence[str]


def describe(include_path: Paths = (), *, checksums: bool = False) -> list[dict[str, Any]]:
    """Return name, kind, size, licence, expectation and a sentence for every task.

    `diagnostic` says that a task is too small to rank by, or made to compare its own slices. `kind`
    is `generated`, `file`, `published`, `plug-in` or `your own facts`; `from` says where a
    task comes from that is not iabench's own; `error` why one cannot be asked; `splits` what there
    is of a published dataset.

    Args:
        include_path: folders of tasks of one's own.
        checksums: also that of the public set, for which the tasks are generated; of a published
            dataset those of its files, as far as they are pinned.
    """
    found = find(tuple(include_path))
    rows = []
    for name in names(include_path):
        row: dict[str, Any] = {"name": name, "n": None, "expects": "", "says": "", "requires": None}
        row |= {"kind": "", "licence": None, "source": None, "shape_auroc": None, "splits": {}}
        row["diagnostic"] = False
        row |= {"from": _origin(name, found), "error": found.clashes.get(name)}
        if row["error"] is None:
            try:
                row |= _described(name, found.folders.get(name))
                if checksums:
                    row["checksum"] = _checksum(name, found.folders.get(name), include_path)
            except IabenchError as problem:
                row["error"] = problem.message
        rows.append(row)
    return rows


def _described(name: str, folder: Path | None) -> dict[str, Any]:
    if name in FACTS_TASKS:
        expects = "answer" if name == TUNED else "abstain"
        return {"kind": "your own facts", "expects": expects, "says": SAYS[name]}
    if folder is not None:
        return _of_folder(folder, read_manifest(folder))
    task = plugged(name, 0)
    sides = {probe.expect for probe in task.probes}
    told = ("says", "requires", "licence", "source", "shape_auroc", "n", "diagnostic")
    expects = sides.pop() if len(sides) == 1 else "both"
    return {"kind": "plug-in", "expects": expects} | {key: getattr(task.spec, key) for key in told}


def _checksum(name: str, folder: Path | None, include_path: Paths) -> Any:
    """Return the checksum of a task's public set, of a dataset's files by name; None: no such."""
    if name in FACTS_TASKS:
        return None
    if folder is not None and (dataset := read_manifest(folder).probes.dataset) is not None:
        return {one.name: one.sha256 for one in dataset.file}
    return whole_task(name, 0, include_path, None, None).spec.checksum


def _of_folder(folder: Path, manifest: Manifest) -> dict[str, Any]:
    told = ("says", "requires", "licence", "source", "shape_auroc", "expects", "diagnostic")
    row = {key: getattr(manifest, key) for key in told} | {"n": _size(folder, manifest)}
    dataset = manifest.probes.dataset
    if dataset is None:
        return row | {"kind": "file" if manifest.probes.file else "generated"}
    splits = {
        task: {"split": split, "n": dataset.split[split].n, "expects": dataset.split[split].expect}
        for task, split in published_tasks(manifest.name, dataset).items()
    }
    sizes = [dataset.split[split].n for split in dataset.asks]
    n = None if None in sizes else sum(filter(None, sizes))
    return row | {"kind": "published", "n": n, "splits": splits}


def _origin(name: str, found: Found) -> str | None:
    """Return where a task comes from; None for iabench's own."""
    if name in FACTS_TASKS:
        return None
    if name not in found.folders:
        return " and ".join(TASKS.origins().get(name, ()))
    folder = found.folders[name]
    return None if folder.parent == data_folder() else str(folder)


def _size(folder: Path, manifest: Manifest) -> int:
    if manifest.probes.file is not None and (file := folder / manifest.probes.file).is_file():
        if file.suffix == ".jsonl":
            # A row a line: nothing need be parsed to count them.
            with file.open("rb") as rows:
                return sum(1 for row in rows if row.strip())
        return sum(1 for _ in lines(file))
    return manifest.n or 0
