"""`task.toml`: what a task is, apart from its probes."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from iabench.datasets.lines import SUFFIXES, Line, lines
from iabench.datasets.published import Dataset
from iabench.decode import decode, faults, read_document
from iabench.errors import ConfigError, TaskError, near_match
from iabench.records import Kind, Probe
from iabench.tasks.rows import Template, probe_of, row_faults
from iabench.worlds.names import fold

__all__ = [
    "Fault",
    "Manifest",
    "ProbeSource",
    "contradictions",
    "file_faults",
    "manifest_faults",
    "probe_rows",
    "read_manifest",
    "read_probes",
    "said",
]

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
"""What a task may be called: it is typed, and it names folders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong, and where."""

    where: str
    """The file, with its line where it has one."""
    says: str
    hint: str = ""

    def error(self) -> TaskError:
        """Return it as the error that stops."""
        return TaskError(f"{self.where}: {self.says}", self.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSource:
    """Where the probes come from: exactly one of the three."""

    file: str | None = None
    """`.jsonl` or `.csv` beside `task.toml`, one probe a row."""
    generator: str | None = None
    """One of iabench's own generators (`iabench.tasks.generate`)."""
    dataset: Dataset | None = None
    """How a dataset that others have published is read (`iabench.datasets.published`)."""
    after: date | None = None
    """The last day that a model can know of, for a generator that asks about the days after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The keys of `task.toml`. See `records.TaskSpec` for those that are carried over."""

    name: str
    version: int
    says: str
    licence: str
    source: str
    expects: Literal["answer", "abstain", "both"]
    probes: ProbeSource
    n: int | None = None
    """Probes of the public set, for lists that generate nothing; may be left out with a file."""
    template: str | None = None
    """What is asked, with the fields of a row in it: `Passage: {context}\\n{question}`."""
    answering_is: Literal["fabrication", "overreach"] | None = None
    accepts: tuple[Kind, ...] = ("ignorance", "premise_rejection", "unknowable", "unrecognised")
    metrics: tuple[str, ...] = ()
    requires: str | None = None
    max_new_tokens: int = 32
    diagnostic: bool = False
    after_abstaining: bool = False
    suites: tuple[str, ...] = ()
    """Suites of one's own that it belongs to; those that ship with iabench are closed."""
    shape_auroc: float | None = None
    """Of the public set, as `iabench.tasks.gauge` measures it."""
    shape_separable: bool = False
    shape_by_type: dict[str, float] = field(default_factory=dict)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a task folder.

    Raises:
        TaskError: it cannot be read, a key is unknown, missing or wrong, or keys contradict.
    """
    path = folder / "task.toml"
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _manifest(folder, folder.resolve(), changed)


@functools.lru_cache(maxsize=256)
def _manifest(folder: Path, place: Path, changed: int) -> Manifest:
    del place, changed  # a folder of one name may lie elsewhere, or hold another file by now
    path = folder / "task.toml"
    try:
        document = read_document(path)
    except ConfigError as problem:
        raise Fault(where=str(path), says=problem.message).error() from None
    manifest = decode(Manifest, document, where=str(path), error=TaskError)
    for says, hint in _contradictions(folder.resolve(), document):
        raise Fault(where=str(path), says=says, hint=hint).error()
    return manifest


def manifest_faults(folder: Path) -> list[Fault]:
    """Return everything that is wrong with a `task.toml` by itself."""
    path = folder / "task.toml"
    try:
        document = read_document(path)
    except ConfigError as problem:
        return [Fault(where=str(path), says=problem.message)]
    wrong = [*faults(Manifest, document), *_contradictions(folder.resolve(), document)]
    return [Fault(where=str(path), says=says, hint=hint) for says, hint in wrong]


def _contradictions(folder: Path, document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what no key shows alone; keys of a wrong type are left to others."""
    probes, name = document.get("probes"), document.get("name")
    if isinstance(probes, dict):
        file, generator = probes.get("file"), probes.get("generator")
        if sum(probes.get(key) is not None for key in ("file", "generator", "dataset")) != 1:
            yield (
                '"probes" names a file or a generator or a dataset, and one of them alone.',
                'probes = { file = "probes.jsonl" }',
            )
        elif isinstance(probes.get("dataset"), dict):
            yield from _splits(probes["dataset"])
        elif generator is not None and document.get("n") is None:
            yield '"n" is missing.', "add n = ..., the size of the public set"
        elif isinstance(file, str):
            yield from file_faults(folder, file)
    if isinstance(name, str):
        if name != folder.name:
            yield (
                f'the task is called "{name}", its folder "{folder.name}".',
                f'name = "{folder.name}"',
            )
        elif not NAME.fullmatch(name):
            yield f'"{name}" is no name.', "small letters, digits, and - _ ."
    splits = isinstance(probes, dict) and probes.get("dataset") is not None
    declines = document.get("expects") in ("abstain", "both") and not splits
    if declines and document.get("answering_is") is None:
        yield (
            "it expects abstaining and does not say what an answer is.",
            'answering_is = "fabrication" (or "overreach")',
        )
    if isinstance(document.get("template"), str):
        try:
            Template(document["template"])
        except TaskError as problem:
            yield problem.message, problem.hint


def _splits(dataset: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong between the keys of a dataset."""
    splits = dataset.get("split")
    if not isinstance(splits, dict):
        return
    for name in dataset.get("asks") or ():
        if name not in splits:
            near = near_match(str(name), splits) or ", ".join(splits)
            yield f'"asks" names "{name}", which is no split.', near
    for name, split in splits.items():
        if not isinstance(split, dict):
            continue
        if split.get("expect") == "abstain" and split.get("answering_is") is None:
            yield (
                f'the split "{name}" expects abstaining and does not say what an answer is.',
                'answering_is = "fabrication" (or "overreach")',
            )
        rows, block = split.get("rows"), split.get("block")
        if block and rows and any(place % block for place in rows):
            yield f'the rows of "{name}" cut a block of {block} about one entity.', "whole blocks"


def file_faults(folder: Path, file: str) -> Iterator[tuple[str, str]]:
    """Yield why a probes file may not be read: it lies elsewhere, or is of no kind known here."""
    try:
        inside = (folder / file).resolve().is_relative_to(folder)
    except (OSError, ValueError, RuntimeError):  # a null byte, a link that leads to itself
        inside = False
    if not inside:
        yield f'"{file}" leads out of the task folder.', "a file beside task.toml"
    elif Path(file).suffix not in SUFFIXES:
        yield f'"{file}" is no {" or ".join(SUFFIXES)} file.', 'file = "probes.jsonl"'


def probe_rows(path: Path, manifest: Manifest) -> Iterator[tuple[Line, list[Fault], Probe | None]]:
    """Yield each row of a probes file with what is wrong with it, and its probe if nothing is.

    Raises:
        TaskError: the file is not there or cannot be read.
    """
    template = Template(manifest.template) if manifest.template is not None else None
    origin = f"{manifest.name}@{manifest.version}"
    if not path.is_file():
        raise TaskError(f"{manifest.name}: no file {path}.")
    try:
        for line in lines(path):
            where = f"{path}, line {line.number}"
            if line.value is None:
                yield line, [Fault(where=where, says=line.wrong, hint=line.hint)], None
                continue
            wrong = row_faults(line.value, expects=manifest.expects, template=template)
            found = [Fault(where=where, says=says, hint=hint) for says, hint in wrong]
            if found:
                yield line, found, None
            else:
                probe = probe_of(line.value, task=manifest.name, origin=origin, template=template)
                yield line, [], probe
    except OSError as problem:
        raise TaskError(f"cannot read {path}: {problem}.") from None


def read_probes(path: Path, manifest: Manifest) -> tuple[Probe, ...]:
    """Return the probes in a `.jsonl` or `.csv` file.

    Raises:
        TaskError: the file is not there or empty, a row is wrong, or two contradict each other; the
            message names file and row.
    """
    rows = []
    for line, wrong, probe in probe_rows(path, manifest):
        if probe is None:
            raise wrong[0].error()
        rows.append((f"{path}, line {line.number}", probe))
    if not rows:
        raise TaskError(f"{path} is empty: there is no question in it.", "one question a row")
    for fault in contradictions(rows):
        raise fault.error()
    return tuple(probe for _, probe in rows)


def contradictions(rows: Iterable[tuple[str, Probe]]) -> Iterator[Fault]:
    """Yield ids that are there twice, and questions of which other answers are expected.

    Args:
        rows: probes, each with the place that it comes from.
    """
    ids: dict[str, str] = {}
    asked: dict[tuple[Any, ...], tuple[str, Probe]] = {}
    for where, probe in rows:
        if (before := ids.setdefault(probe.id, where)) != where:
            local = probe.id.partition("/")[2]
            yield Fault(
                where=where,
                says=f'the id "{local}" is there already: {before}.',
                hint="an id of its own for each question",
            )
        at, first = asked.setdefault(said(probe), (where, probe))
        answers, earlier = ({fold(text) for text in p.references} for p in (probe, first))
        if probe.expect != first.expect or (answers and not answers & earlier):
            yield Fault(
                where=where,
                says=f"it asks what is asked in {at} and expects another answer.",
                hint="one answer to each question",
            )


def said(probe: Probe) -> tuple[Any, ...]:
    """Return all that a model is told before it answers."""
    return (fold(probe.question), probe.context, probe.system, probe.follow_ups)
