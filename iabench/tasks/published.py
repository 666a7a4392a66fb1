"""Tasks over published datasets: each split that is asked is a task of its own.

    popqa               the one split that this dataset asks
    coconot:contrast    one of several; `coconot` alone stands for all that it asks

A split expects one thing of all its questions, so what an answer would be, which abstentions count
and which metrics there are is the same throughout. Questions that the rows answer differently, or
that are both to be answered and to be declined, are set aside and counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from iabench.datasets.published import Dataset, split_of
from iabench.datasets.readers import PublishedRow, read_part
from iabench.errors import TaskError
from iabench.records import Probe, TaskSpec
from iabench.tasks.base import UNREFERENCED, Task
from iabench.tasks.manifest import Manifest
from iabench.tasks.outside import ready
from iabench.tasks.rows import Template
from iabench.worlds.names import fold

__all__ = ["published_task", "published_tasks"]


def published_tasks(name: str, dataset: Dataset) -> dict[str, str]:
    """Return the split behind the name of each task of a dataset, those that it asks first.

    A dataset that asks one split is called by its own name.
    """
    asked = {_called(name, dataset, split): split for split in dataset.asks}
    rest = {
        _called(name, dataset, split): split
        for split, one in dataset.split.items()
        if not one.sentences
    }
    return asked | rest


def _called(name: str, dataset: Dataset, split: str) -> str:
    return name if dataset.asks == (split,) else f"{name}:{split}"


def published_task(folder: Path, manifest: Manifest, split: str, data_dir: str | None) -> Task:
    """Return one split of a dataset as a task.

    Args:
        folder: of the task, for messages.
        manifest: its manifest.
        split: which one.
        data_dir: where its files are; None for what was fetched.

    Raises:
        IabenchError: there is no such split, no copy of it, or its files are not as published.
    """
    dataset = manifest.probes.dataset
    if dataset is None:
        raise TaskError(f"{folder} is no published dataset.", f"--tasks {manifest.name}")
    wanted = split_of(manifest.name, dataset, split)
    part = read_part(manifest.name, dataset, split, data_dir)
    compared = wanted.expect == "answer" and wanted.referenced
    rows, in_conflict, repeated = _settled(part.rows, compared=compared)
    name = _called(manifest.name, dataset, split)
    template = Template(dataset.template) if dataset.template else None
    probes = tuple(_probe(row, name, manifest.version, wanted.expect, template) for row in rows)
    if not wanted.referenced:
        probes = tuple(replace(probe, references=()) for probe in probes)
    spec = TaskSpec(
        name=name,
        version=manifest.version,
        says=wanted.says,
        licence=manifest.licence,
        source=manifest.source,
        seed=0,
        checksum="",
        n=0,
        answering_is=wanted.answering_is,
        accepts=wanted.accepts or manifest.accepts,
        metrics=manifest.metrics if wanted.referenced else UNREFERENCED,
        max_new_tokens=manifest.max_new_tokens,
    )
    left_out = [
        f"{part.empty:,} without question or answer" if part.empty else "",
        f"{part.contradicted:,} also asked with the other expectation" if part.contradicted else "",
        f"{in_conflict:,} that the rows answer differently" if in_conflict else "",
        f"{repeated:,} asked twice" if repeated else "",
    ]
    facts = [
        ("files", "; ".join(part.files)),
        ("rows", f"{part.n:,} read{f' of {wanted.n:,} published' if wanted.n else ''}"),
        ("left out", ", ".join(filter(None, left_out))),
        ("aliases", f"{part.aliases:,} left out: no name, in the question, or too poor"),
    ]
    said = {"left out": any(left_out), "aliases": bool(part.aliases)}
    kept = tuple((key, text) for key, text in facts if said.get(key, True))
    return ready(Task(spec=spec, probes=probes, facts=kept), name, name)


def _settled(
    rows: Iterable[PublishedRow], *, compared: bool
) -> tuple[list[PublishedRow], int, int]:
    """Return the rows that can be asked, how many are in conflict, and how many say the same.

    Rows that ask the same and share an answer become one with the answers of all.

    Args:
        rows: of one split.
        compared: their answers are references, so that they can be in conflict.
    """
    asked: dict[tuple[str, str | None], list[PublishedRow]] = {}
    for row in rows:
        asked.setdefault((fold(row.question), row.context), []).append(row)
    kept: list[PublishedRow] = []
    in_conflict = repeated = 0
    for same in asked.values():
        answers = [{fold(text) for text in row.answers} for row in same]
        if compared and len(same) > 1 and not set.intersection(*answers):
            in_conflict += len(same)
            continue
        repeated += len(same) - 1
        every = tuple(dict.fromkeys(text for row in same for text in row.answers))
        kept.append(replace(same[0], answers=every))
    return _with_ids(kept), in_conflict, repeated


def _with_ids(rows: Iterable[PublishedRow]) -> list[PublishedRow]:
    """Return rows whose ids are there once: some datasets give one to several questions."""
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        n = seen[row.id] = seen.get(row.id, 0) + 1
        found.append(row if n == 1 else replace(row, id=f"{row.id}-{n}"))
    return found


def _probe(
    row: PublishedRow, task: str, version: int, expect: str, template: Template | None
) -> Probe:
    question = template.fill({"question": row.question}) if template else row.question
    return Probe(
        id=f"{task}/{row.id}",
        question=question,
        expect="answer" if expect == "answer" else "abstain",
        references=row.answers if expect == "answer" else (),
        cluster=row.cluster,
        context=row.context,
        tags=row.tags,
        origin=f"{task}@{version}",
    )
