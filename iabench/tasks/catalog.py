"""The catalogue: which tasks and suites there are, and how they are loaded.

Tasks come from four places: folders that ship with iabench, folders on `--include-path`, entry
points of the group `iabench.tasks`, and `file.py::name`. A name in two of them is an error that
names both, where that task is asked for. The folder of a published dataset holds a task for each of
its splits, `NAME:SPLIT`; its own name is a suite of those that it asks. Globs find none of them, as
their questions may not be on this machine.
"""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from iabench.datasets.published import Dataset, split_of
from iabench.decode import decode, read_document
from iabench.errors import TaskError, UnknownNameError, near_match
from iabench.records import TaskSpec
from iabench.tasks.base import TASKS, Task
from iabench.tasks.facts import FACTS_TASKS, YourFacts
from iabench.tasks.generate import DATED, GENERATORS, Generated
from iabench.tasks.limit import check_limit, limited
from iabench.tasks.manifest import Manifest, read_manifest, read_probes
from iabench.tasks.outside import from_python, in_a_file, plugged, ready
from iabench.tasks.published import published_task, published_tasks
from iabench.tasks.told import told
from iabench.worlds.folders import data_folder

__all__ = [
    "Found",
    "check_requires",
    "expand",
    "find",
    "load",
    "names",
    "suite_limit",
    "suites",
    "suites_beside",
    "whole_task",
]

Paths = Sequence[str]


@dataclass(frozen=True, slots=True)
class Found:
    """Folders of tasks by name, and why a name cannot be had."""

    folders: dict[str, Path]
    clashes: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suite:
    name: str
    says: str
    tasks: tuple[str, ...]
    limit: int | None = None
    beside: tuple[str, ...] = ()
    """Asked with the suite, and in none of its means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suites:
    suite: tuple[_Suite, ...]


def names(include_path: Paths = ()) -> list[str]:
    """Return the names of all tasks, sorted; nothing is generated and no plug-in imported."""
    return sorted({*find(tuple(include_path)).folders, *FACTS_TASKS, *TASKS.names()})


def suites(include_path: Paths = ()) -> dict[str, tuple[str, ...]]:
    """Return the tasks of each suite, iabench's own first."""
    found = {suite.name: suite.tasks for suite in _own_suites()}
    joined: dict[str, list[str]] = {}
    for name, folder in find(tuple(include_path)).folders.items():
        manifest = read_manifest(folder)
        if (dataset := manifest.probes.dataset) is not None and len(dataset.asks) > 1:
            joined[name] = list(published_tasks(name, dataset))[: len(dataset.asks)]
        for suite in manifest.suites:
            if suite in found:
                raise TaskError(
                    f'{folder / "task.toml"}: the suite "{suite}" is closed: '
                    "it is the same for everybody.",
                    f'suites = ["my-{suite}"]',
                )
            joined.setdefault(suite, []).append(manifest.name)
    return found | {name: tuple(sorted(tasks)) for name, tasks in sorted(joined.items())}


def suite_limit(name: str) -> int | None:
    """Return how many probes a suite asks of each of its tasks; None: all, or no such suite."""
    return {suite.name: suite.limit for suite in _own_suites()}.get(name)


def suites_beside() -> dict[str, tuple[str, ...]]:
    """Return the tasks that are asked with a suite and reported apart, by suite."""
    return {suite.name: suite.beside for suite in _own_suites() if suite.beside}


def expand(asked: str | Iterable[str], include_path: Paths = ()) -> tuple[str, ...]:
    """Return the names that commas, globs and suites stand for, each once, in the order asked.

    Raises:
        UnknownNameError: a part names no task and no suite; the nearest name is in the hint.
    """
    return tuple(_caps(asked, include_path))


def load(
    asked: str | Iterable[str],
    *,
    seed: int = 0,
    limit: float | None = None,
    include_path: Paths = (),
    provides: Iterable[str] | None = None,
    yours: YourFacts | None = None,
    data_dir: str | None = None,
) -> list[Task]:
    """Return tasks with their probes.

    Args:
        asked: names, globs, suites; commas are understood.
        seed: 0 is the public set; any other draws a private one, where a task draws at all.
        limit: probes a task: a count from 1 up, or a share below 1.
        include_path: folders of tasks of one's own.
        provides: worlds that the model was taught; None leaves that unchecked.
        yours: facts of one's own, for the tasks made from them.
        data_dir: folder with the files of published datasets; None: where they were fetched to.

    Raises:
        UnknownNameError: no such task.
        ConfigError: the limit means nothing.
        TaskError: the files of a task are wrong, or the model was not taught what it requires.
    """
    check_limit(limit)
    tasks: list[Task] = []
    wanted = _caps(asked, include_path)
    left_out = {name for name in wanted if _left_out(name, asked, seed, yours)}
    for name, cap in wanted.items():
        # Where nothing would stay, the first says why.
        if name in left_out and len(left_out) < len(wanted):
            continue
        whole = whole_task(name, seed, include_path, yours, data_dir)
        if whole.spec.name in {task.spec.name for task in tasks}:
            raise TaskError(f'two tasks are called "{whole.spec.name}".', "rename one of them")
        probes = limited(limited(whole.probes, cap), limit)
        spec = replace(
            whole.spec,
            n=len(probes),
            limited=whole.spec.limited or len(probes) < len(whole.probes),
        )
        tasks.append(replace(whole, spec=spec, probes=probes))
    if provides is not None:
        check_requires(tasks, provides, "this model")
    return tasks


def _left_out(name: str, asked: str | Iterable[str], seed: int, yours: YourFacts | None) -> bool:
    """Return whether one's own facts give nothing for a task that came with a suite."""
    if name not in FACTS_TASKS or yours is None or name in _parts(asked):
        return False
    return name not in told(yours, seed, name).asks


def whole_task(
    name: str, seed: int, include_path: Paths, yours: YourFacts | None, data_dir: str | None
) -> Task:
    """Return one task with all its probes, from wherever it comes."""
    if name in FACTS_TASKS:
        return ready(FACTS_TASKS[name](yours, seed), name, name)
    if in_a_file(name):
        task = from_python(name, seed)
        if task.spec.name in {*names(include_path), *suites(include_path)}:
            raise TaskError(f'{name}: there is a task "{task.spec.name}" already.', "rename it")
        return task
    folder = find(tuple(include_path)).folders.get(name.partition(":")[0])
    if folder is None:
        return plugged(name, seed)
    manifest = read_manifest(folder)
    if manifest.probes.dataset is None:
        return _from_folder(folder, manifest, seed)
    tasks = published_tasks(manifest.name, manifest.probes.dataset)
    split = tasks.get(name, name.partition(":")[2])
    return published_task(folder, manifest, split, data_dir)


def check_requires(tasks: Iterable[Task], provides: Iterable[str], model_name: str) -> None:
    """Refuse tasks whose answers a model was never taught.

    Raises:
        TaskError: naming the task, the world and the model.
    """
    taught = set(provides)
    for task in tasks:
        if task.spec.requires is not None and task.spec.requires not in taught:
            raise TaskError(
                f"{task.spec.name} needs a model that was taught {task.spec.requires}; "
                f"{model_name} was not.",
                "--tasks core",
            )


def _caps(asked: str | Iterable[str], include_path: Paths) -> dict[str, int | None]:
    """Return the tasks asked for, each with the most probes that its suites leave it."""
    splits = _published(include_path)
    known = [name for name in names(include_path) if name not in splits]
    groups = suites(include_path)
    for suite, beside in suites_beside().items():
        groups[suite] += beside
    caps: dict[str, int | None] = {}
    clashes = find(tuple(include_path)).clashes
    for part in _parts(asked):
        cap = suite_limit(part)
        if in_a_file(part):
            caps[part] = None
            continue
        for name in (
            groups.get(part)
            or fnmatch.filter(known, part)
            or _split(part, splits)
            or _unknown(part, [*known, *splits], groups)
        ):
            if name in clashes:
                raise TaskError(clashes[name], "rename one of them")
            # A task that is also asked for without a limit is asked whole.
            before = caps.get(name, 0)
            caps[name] = None if cap is None or before is None else max(cap, before)
    return caps


def _published(include_path: Paths) -> dict[str, Dataset]:
    """Return the published datasets by name."""
    folders = find(tuple(include_path)).folders.items()
    found = ((name, read_manifest(folder).probes.dataset) for name, folder in folders)
    return {name: dataset for name, dataset in found if dataset is not None}


def _split(part: str, splits: dict[str, Dataset]) -> list[str]:
    """Return the task that `NAME:SPLIT`, or `NAME` of a dataset that asks one split, stands for.

    Raises:
        UnknownNameError: the dataset has no such split.
    """
    name, _, split = part.partition(":")
    if name not in splits:
        return []
    tasks = published_tasks(name, splits[name])
    if not split:
        return [next(iter(tasks))]
    split_of(name, splits[name], split)
    return [task for task, one in tasks.items() if one == split] or [part]


def _parts(asked: str | Iterable[str]) -> list[str]:
    whole = [asked] if isinstance(asked, str) else asked
    return [part.strip() for text in whole for part in text.split(",") if part.strip()]


def _unknown(part: str, known: Iterable[str], groups: Iterable[str]) -> list[str]:
    near = near_match(part, [*known, *groups])
    hint = f"{near}   (iabench tasks list)" if near else "iabench tasks list"
    raise UnknownNameError(f'no task "{part}".', hint)


@functools.cache
def _own_suites() -> tuple[_Suite, ...]:
    path = data_folder("suites.toml")
    return decode(_Suites, read_document(path), where=str(path), error=TaskError).suite


def find(include_path: tuple[str, ...]) -> Found:
    """Return the folders of tasks, iabench's own and those on `--include-path`."""
    folders: dict[str, Path] = {}
    clashes: dict[str, str] = {}
    for root in (data_folder(), *(Path(path) for path in include_path)):
        if not root.is_dir():
            raise TaskError(f"no folder {root}.", "--include-path with a folder of tasks")
        inside = sorted(root.iterdir())
        for folder in [root] if (root / "task.toml").is_file() else inside:
            if not (folder / "task.toml").is_file():
                continue
            name = folder.resolve().name
            first = folders.setdefault(name, folder)
            if first.resolve() != folder.resolve():
                clashes[name] = f'task "{name}" is in {first} and in {folder}.'
    for name in FACTS_TASKS.keys() & folders.keys():
        clashes[name] = f'task "{name}" is in {folders[name]} and comes with iabench.'
    for name, origins in TASKS.origins().items():
        if name in folders:
            both = " and ".join(origins)
            clashes[name] = f'task "{name}" is in {folders[name]} and comes with {both}.'
        elif len(origins) > 1:
            clashes[name] = f'task "{name}" is offered by {" and ".join(origins)}.'
    return Found(folders, clashes)


@functools.lru_cache(maxsize=64)
def _generated(generator: str, name: str, version: int, seed: int, after: date | None) -> Generated:
    if after is not None:
        return DATED[generator](name, version, seed, after)
    return GENERATORS[generator](name, version, seed)


def _from_folder(folder: Path, manifest: Manifest, seed: int) -> Task:
    made = _made(folder, manifest, seed)
    spec = TaskSpec(
        name=manifest.name,
        version=manifest.version,
        says=manifest.says,
        licence=manifest.licence,
        source=manifest.source,
        seed=seed if made.draws else 0,
        checksum="",
        n=0,
        answering_is=manifest.answering_is,
        accepts=manifest.accepts,
        metrics=manifest.metrics,
        requires=manifest.requires,
        max_new_tokens=manifest.max_new_tokens,
        diagnostic=manifest.diagnostic,
        after_abstaining=manifest.after_abstaining,
        shape_auroc=manifest.shape_auroc,
        shape_separable=manifest.shape_separable,
    )
    facts = (*made.facts, *_shape_facts(manifest))
    return ready(Task(spec=spec, probes=made.probes, facts=facts), manifest.name, manifest.name)


def _made(folder: Path, manifest: Manifest, seed: int) -> Generated:
    if manifest.probes.file is not None:
        return Generated(probes=read_probes(folder / manifest.probes.file, manifest), draws=False)
    generator, after = manifest.probes.generator or "", manifest.probes.after
    where, known = folder / "task.toml", {**GENERATORS, **DATED}
    if generator not in known:
        raise TaskError(
            f'{where}: no generator "{generator}".',
            near_match(generator, known) or f"one of: {', '.join(known)}",
        )
    if (generator in DATED) != (after is not None):
        raise TaskError(
            f'{where}: the generator "{generator}" '
            + ("takes no date." if after else "needs the date after which it asks."),
            f'probes = {{ generator = "{generator}"{"" if after else ", after = 2030-12-31"} }}',
        )
    return _generated(generator, manifest.name, manifest.version, seed, after)


def _shape_facts(manifest: Manifest) -> list[tuple[str, str]]:
    if manifest.shape_auroc is None:
        return []
    by_type = ", ".join(f"{kind} {value:.2f}" for kind, value in manifest.shape_by_type.items())
    return [("name-shape AUROC", f"{manifest.shape_auroc:.2f} ({by_type})")]
