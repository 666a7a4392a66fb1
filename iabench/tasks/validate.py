"""Everything that is wrong with a task, at once, each with file and row.

What stops the task from being asked, or makes its numbers wrong, is an error; what somebody should
look at is a warning.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from iabench.decode import decode, faults, read_document
from iabench.errors import ConfigError, TaskError, near_match
from iabench.records import Probe
from iabench.registry import Registry
from iabench.tasks import catalog
from iabench.tasks.base import checksum
from iabench.tasks.gauge import AIM, SEPARABLE, name_shape_auroc
from iabench.tasks.manifest import (
    Fault,
    Manifest,
    contradictions,
    file_faults,
    manifest_faults,
    probe_rows,
    said,
)
from iabench.tasks.outside import reads_as_abstaining
from iabench.tasks.rows import Template
from iabench.worlds.folders import data_folder
from iabench.worlds.names import fold
from iabench.worlds.real import real_list

__all__ = ["Checked", "validate"]

FEW = 30
"""Questions, or names a side, below which a rate or the shape gauge says little."""
_UNSTATED = ("", "?", "none", "not stated", "tbd", "todo", "unknown")

Rows = Sequence[tuple[str, Probe]]
"""Probes, each with the place that it comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found."""

    name: str
    errors: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claims:
    """What a task says of itself, from wherever it comes."""

    where: str
    expects: str
    answering_is: str | None
    licence: str
    source: str
    metrics: tuple[str, ...]
    shape_auroc: float | None
    shape_separable: bool


@dataclass(slots=True)
class _Found:
    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def error(self, where: str, says: str, hint: str = "") -> None:
        self.errors.append(Fault(where=where, says=says, hint=hint))

    def warn(self, where: str, says: str, hint: str = "") -> None:
        self.warnings.append(Fault(where=where, says=says, hint=hint))


def validate(target: str, include_path: Sequence[str] = ()) -> Checked:
    """Return everything that is wrong with a task.

    Args:
        target: a folder with a `task.toml`, `file.py::name`, or the name of a task.
        include_path: folders of tasks, where it is a name.

    Raises:
        IabenchError: there is no such task, or its Python cannot be run.
    """
    found = _Found()
    folder = Path(target).expanduser()
    if folder.is_dir():
        return _folder(folder, found)
    if folder.is_file() and folder.name == "task.toml":
        return _folder(folder.parent, found)
    task, *more = catalog.load((target,), include_path=include_path)
    if more:
        raise TaskError(f"{target} is several tasks.", f"iabench tasks validate {task.spec.name}")
    rows = [(probe.id, probe) for probe in task.probes]
    sides = {probe.expect for probe in task.probes}
    spec = task.spec
    claims = _Claims(
        where=spec.name,
        expects="both" if len(sides) == 2 else next(iter(sides)),
        answering_is=spec.answering_is,
        licence=spec.licence,
        source=spec.source,
        metrics=spec.metrics,
        shape_auroc=spec.shape_auroc,
        shape_separable=spec.shape_separable,
    )
    _claimed(claims, found)
    facts = _set(rows, claims, found)
    return _checked(spec.name, found, [*facts, ("checksum", spec.checksum[:12])])


def _checked(name: str, found: _Found, facts: Sequence[tuple[str, str]]) -> Checked:
    return Checked(
        name=name,
        errors=tuple(found.errors),
        warnings=tuple(found.warnings),
        facts=tuple(facts),
    )


def _folder(folder: Path, found: _Found) -> Checked:
    path = folder / "task.toml"
    if not path.is_file():
        raise TaskError(f"{folder} has no task.toml.", "iabench tasks new NAME")
    found.errors += manifest_faults(folder)
    name = folder.resolve().name
    own = data_folder(name)
    if name in catalog.names() and own.resolve() != folder.resolve():
        found.error(str(path), f'there is a task "{name}" already.', "rename the folder")
    manifest = _readable(folder)
    for suite in manifest.suites:
        if suite in catalog.suites():
            found.error(str(path), f'the suite "{suite}" is closed.', f'suites = ["my-{suite}"]')
    claims = _Claims(
        where=str(path),
        **{name: getattr(manifest, name) for name in _Claims.__slots__ if name != "where"},
    )
    _claimed(claims, found)
    if not (folder / "CARD.md").is_file():
        found.warn(str(folder), "there is no CARD.md.", "say what it measures and where it is from")
    for code in sorted(folder.rglob("*.py")):
        found.warn(str(code), "a task folder holds data only; this is never run.")
    rows = _rows(folder, manifest, found)
    whole = checksum(probe for _, probe in rows)
    return _checked(name, found, [*_set(rows, claims, found), ("checksum", whole[:12])])


def _readable(folder: Path) -> Manifest:
    """Return a manifest of the keys that are right, so that the rows can be checked too."""
    try:
        document = read_document(folder / "task.toml")
    except ConfigError:
        document = {}
    held: dict[str, Any] = {
        "name": folder.resolve().name, "version": 1, "says": "", "licence": "", "source": "",
        "expects": "both", "probes": {"file": "probes.jsonl"},
    }  # fmt: skip
    for key in document.keys() & {f.name for f in fields(Manifest)} - {"name"}:
        if not faults(Manifest, {**held, key: document[key]}):
            held[key] = document[key]
    try:
        Template(held.get("template") or "")
    except TaskError:
        del held["template"]
    return decode(Manifest, held, where=str(folder), error=TaskError)


def _rows(folder: Path, manifest: Manifest, found: _Found) -> list[tuple[str, Probe]]:
    if manifest.probes.dataset is not None:
        # Its rows are on nobody's machine by themselves: `tasks show --data-dir` counts them.
        return []
    if manifest.probes.generator is not None:
        if found.errors:
            return []
        (task,) = catalog.load((folder.resolve().name,), include_path=(str(folder),))
        return [(probe.id, probe) for probe in task.probes]
    file = folder / (manifest.probes.file or "")
    if any(file_faults(folder.resolve(), manifest.probes.file or "")):
        return []
    rows = []
    n = 0
    try:
        for line, wrong, probe in probe_rows(file, manifest):
            n += 1
            found.errors += wrong
            if probe is not None:
                rows.append((f"{file}, line {line.number}", probe))
    except TaskError as problem:
        found.error(str(file), problem.message)
        return []
    if not n:
        found.error(str(file), "the file is empty.", "one question a row")
    return rows


def _claimed(claims: _Claims, found: _Found) -> None:
    for key in ("licence", "source"):
        if any(f'"{key}"' in fault.says for fault in found.errors):
            continue
        if getattr(claims, key).strip().lower() in _UNSTATED:
            found.error(claims.where, f'"{key}" says nothing.', f'{key} = "..."')
    known = Registry[Any]("metrics", "metric").names()
    for name in claims.metrics:
        if name not in known:
            found.error(claims.where, f'no metric "{name}".', near_match(name, known) or "")


def _set(rows: Rows, claims: _Claims, found: _Found) -> list[tuple[str, str]]:
    """Check the probes as a set; return what is to be said of it."""
    if not rows:
        return [("questions", "0")]
    _twice(rows, found)
    _twins(rows, claims, found)
    _balance(rows, claims, found)
    _references(rows, found)
    if claims.answering_is == "fabrication":
        _exists(rows, found)
    sides = Counter(probe.expect for _, probe in rows)
    facts = [
        ("questions", f"{len(rows):,} ({sides['answer']:,} to answer, {sides['abstain']:,} not)"),
        ("entities", f"{len({probe.cluster for _, probe in rows}):,}"),
        ("relations", f"{len({probe.tag('relation') for _, probe in rows}):,}"),
        ("pairs", f"{len({probe.pair for _, probe in rows} - {None}):,}"),
    ]
    return [*facts, *_shape(rows, claims, found)]


def _twice(rows: Rows, found: _Found) -> None:
    """Ids, and questions: the same one again contradicts, leaks between splits, or counts twice."""
    wrong = list(contradictions(rows))
    found.errors += wrong
    contradict = {fault.where for fault in wrong if fault.says.startswith("it asks")}
    asked: dict[tuple[Any, ...], tuple[str, Probe]] = {}
    for where, probe in rows:
        at, first = asked.setdefault(said(probe), (where, probe))
        if first is probe or where in contradict:
            continue
        for key in ("split", "wording"):
            if probe.tag(key) != first.tag(key):
                both = f"{first.tag(key)} and {probe.tag(key)}"
                found.error(where, f"its question leaks between {key}s {both}: {at}.")
                break
        else:
            found.error(where, f"the same question is there already: {at}.")


def _twins(rows: Rows, claims: _Claims, found: _Found) -> None:
    pairs: dict[str, list[tuple[str, Probe]]] = {}
    for where, probe in rows:
        if probe.pair is not None:
            pairs.setdefault(probe.pair, []).append((where, probe))
    for pair, members in pairs.items():
        where = members[0][0]
        if claims.expects == "both" and len({probe.expect for _, probe in members}) < 2:
            found.error(
                where,
                f'the pair "{pair}" has one side only.',
                "a known question and its unknown twin share a pair",
            )
        if len({probe.tag("relation") for _, probe in members}) > 1:
            found.warn(where, f'the pair "{pair}" asks of different relations.')


def _balance(rows: Rows, claims: _Claims, found: _Found) -> None:
    n = len(rows)
    for side in ("answer", "abstain"):
        share = sum(probe.expect == side for _, probe in rows) / n
        if claims.expects == "both" and share == 0:
            found.error(claims.where, f'it expects "both", and no question expects "{side}".')
        elif claims.expects == "both" and share < 0.2:
            found.warn(claims.where, f'only {share:.0%} of the questions expect "{side}".')
    if n < FEW:
        found.warn(claims.where, f"{n} questions: intervals will be wide.", f"{FEW} and more")
    if n >= FEW > (entities := len({probe.cluster for _, probe in rows})):
        found.warn(claims.where, f"{entities} entities: they are what is resampled.")


def _references(rows: Rows, found: _Found) -> None:
    bad = reads_as_abstaining([probe for _, probe in rows])
    for where, probe in rows:
        if probe.id in bad:
            found.error(where, f'the reference "{bad[probe.id]}" reads as an abstention.')
        words = f" {fold(probe.question)} "
        if any(f" {fold(text)} " in words for text in probe.references if fold(text)):
            found.warn(where, "the answer stands in the question.")


def _names(probe: Probe) -> tuple[str, ...]:
    return probe.entities or (probe.cluster.rpartition("/")[2],)


def _exists(rows: Rows, found: _Found) -> None:
    real = _real_names()
    # Who is also asked about what can be answered is no invention: a false premise, a passage.
    known = {probe.cluster for _, probe in rows if probe.expect == "answer"}
    for where, probe in rows:
        if probe.expect == "answer" or probe.cluster in known:
            continue
        for name in _names(probe):
            if fold(name) not in real:
                continue
            says = f'"{name}" exists: it is in the list of real names, {real[fold(name)]}.'
            # A cluster may well be real: a false premise about somebody who exists.
            say = found.error if probe.entities else found.warn
            say(where, says, "another name; entities holds invented names only")


@functools.cache
def _real_names() -> dict[str, str]:
    """Return real names, folded, with the kind of list that each is in."""
    kinds = sorted(path.stem for path in data_folder("invented-entities", "lists").glob("*.txt"))
    return {fold(name): kind for kind in kinds for name in real_list(kind).names}


def _shape(rows: Rows, claims: _Claims, found: _Found) -> Iterator[tuple[str, str]]:
    """Gauge how well letters alone tell the known names from the invented ones."""
    known, invented = (
        list(dict.fromkeys(n for _, p in rows if p.expect == side for n in _names(p)))
        for side in ("answer", "abstain")
    )
    if claims.answering_is != "fabrication" or not known or not invented:
        return
    if set(known) == set(invented):
        yield "name-shape AUROC", "none: both sides ask of the same names"
        return
    measured = name_shape_auroc(known, invented)
    if measured is None:
        yield "name-shape AUROC", "none: it takes five names a side"
        return
    n = min(len(known), len(invented))
    few = f"; few names: {n} a side" if n < FEW else ""
    yield "name-shape AUROC", f"{measured:.2f} (aim: {AIM} or less{few})"
    says = f"letters alone tell its invented names from real ones: AUROC {measured:.2f}"
    if measured > SEPARABLE and n >= FEW and not claims.shape_separable:
        found.error(claims.where, f"{says}.", "shape_separable = true, or other names")
    elif measured > AIM:
        found.warn(claims.where, f"{says}; {AIM} is aimed at.")
    if claims.shape_auroc is not None and abs(claims.shape_auroc - measured) > 0.02:
        found.warn(claims.where, f"shape_auroc says {claims.shape_auroc:.2f}.", f"{measured:.3f}")
