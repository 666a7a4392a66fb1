"""`task.toml`: what a task is, apart from its probes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from iabench import jsonl
from iabench.decode import decode, read_document
from iabench.errors import ConfigError, TaskError
from iabench.records import Expect, Kind, Probe

__all__ = ["Manifest", "ProbeSource", "read_manifest", "read_probes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSource:
    """Where the probes come from: exactly one of the two."""

    file: str | None = None
    """JSON lines beside `task.toml`, one probe a line."""
    generator: str | None = None
    """One of iabench's own generators (`iabench.tasks.generate`)."""


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
    answering_is: Literal["fabrication", "overreach"] | None = None
    accepts: tuple[Kind, ...] = ("ignorance", "premise_rejection", "unknowable", "unrecognised")
    metrics: tuple[str, ...] = ()
    requires: str | None = None
    max_new_tokens: int = 32
    suites: tuple[str, ...] = ()
    """Suites of one's own that it belongs to; those that ship with iabench are closed."""
    shape_auroc: float | None = None
    """Of the public set, as `iabench.tasks.gauge` measures it."""
    shape_separable: bool = False
    shape_by_type: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One line of a probes file."""

    id: str
    question: str
    expect: Expect
    cluster: str
    tags: dict[str, str]
    references: tuple[str, ...] = ()
    pair: str | None = None
    context: str | None = None
    system: str | None = None
    follow_ups: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a task folder.

    Raises:
        TaskError: it cannot be read, a key is unknown, missing or wrong, or keys contradict.
    """
    path = folder / "task.toml"
    try:
        document = read_document(path)
    except ConfigError as problem:
        raise TaskError(problem.message) from None
    manifest = decode(Manifest, document, where=str(path), error=TaskError)
    if (manifest.probes.file is None) == (manifest.probes.generator is None):
        raise TaskError(
            f'{path}: "probes" names a file or a generator, and not both.',
            'probes = { file = "probes.jsonl" }',
        )
    if manifest.name != folder.name:
        raise TaskError(
            f'{path}: the task is called "{manifest.name}", its folder "{folder.name}".',
            f'name = "{folder.name}"',
        )
    if manifest.expects != "answer" and manifest.answering_is is None:
        raise TaskError(
            f"{path}: it expects abstaining and does not say what an answer is.",
            'answering_is = "fabrication" (or "overreach")',
        )
    if manifest.probes.generator is not None and manifest.n is None:
        raise TaskError(f'{path}: "n" is missing.', "add n = ..., the size of the public set")
    return manifest


def read_probes(path: Path, manifest: Manifest) -> tuple[Probe, ...]:
    """Return the probes in a file of JSON lines.

    Raises:
        TaskError: the file is not there or a row is wrong; the message names file and row.
    """
    if not path.is_file():
        raise TaskError(f"{manifest.name}: no file {path}.")
    probes = []
    for number, line in enumerate(jsonl.read(path), start=1):
        where = f"{path}, line {number}"
        row = decode(_Row, line, where=where, error=TaskError)
        if (row.expect == "answer") != bool(row.references):
            raise TaskError(
                f"{where}: references are given exactly where an answer is expected.",
                '"references": ["..."] with "expect": "answer"',
            )
        if manifest.expects not in ("both", row.expect):
            raise TaskError(
                f'{where}: expects "{row.expect}", the task "{manifest.expects}".',
                'expects = "both" in task.toml',
            )
        if "relation" not in row.tags:
            raise TaskError(f'{where}: "tags" has no "relation".', '"tags": {"relation": "..."}')
        probes.append(
            Probe(
                id=f"{manifest.name}/{row.id}",
                question=row.question,
                expect=row.expect,
                references=row.references,
                cluster=row.cluster,
                pair=row.pair,
                context=row.context,
                system=row.system,
                follow_ups=row.follow_ups,
                tags=tuple(sorted(row.tags.items())),
                origin=f"{manifest.name}@{manifest.version}",
                entities=row.entities,
            )
        )
    return tuple(probes)
