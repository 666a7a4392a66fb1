"""The catalogue: which tasks and suites there are, and how they are loaded.

Tasks come from three places: folders that ship with iabench, folders on `--include-path`, and
entry points of the group `iabench.tasks`. A name in two of them is an error that names both.
"""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.decode import decode, read_document
from iabench.errors import TaskError, UnknownNameError, near_match
from iabench.grading.base import Answered
from iabench.grading.lexical import Lexical
from iabench.records import Probe, RunSpec, TaskSpec
from iabench.tasks.base import TASKS, Task
from iabench.tasks.generate import GENERATORS, Generated
from iabench.tasks.limit import check_limit, limited
from iabench.tasks.manifest import Manifest, read_manifest, read_probes
from iabench.worlds.folders import data_folder

__all__ = ["check_requires", "describe", "expand", "load", "names", "suite_limit", "suites"]

Paths = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suite:
    name: str
    says: str
    tasks: tuple[str, ...]
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suites:
    suite: tuple[_Suite, ...]


def names(include_path: Paths = ()) -> list[str]:
    """Return the names of all tasks, sorted; nothing is generated and no plug-in imported."""
    return sorted({*_folders(tuple(include_path)), *TASKS.names()})


def suites(include_path: Paths = ()) -> dict[str, tuple[str, ...]]:
    """Return the tasks of each suite, iabench's own first."""
    found = {suite.name: suite.tasks for suite in _own_suites()}
    joined: dict[str, list[str]] = {}
    for folder in _folders(tuple(include_path)).values():
        manifest = read_manifest(folder)
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


def describe(include_path: Paths = ()) -> list[dict[str, Any]]:
    """Return name, size, expectation and a sentence for every task, without generating any."""
    folders = _folders(tuple(include_path))
    rows = []
    for name in names(include_path):
        if name in folders:
            manifest = read_manifest(folders[name])
            rows.append(
                {
                    "name": name,
                    "n": _size(folders[name], manifest),
                    "expects": manifest.expects,
                    "says": manifest.says,
                    "requires": manifest.requires,
                }
            )
        else:
            task = _plugged(name, 0)
            expects = {probe.expect for probe in task.probes}
            rows.append(
                {
                    "name": name,
                    "n": task.spec.n,
                    "expects": expects.pop() if len(expects) == 1 else "both",
                    "says": task.spec.says,
                    "requires": task.spec.requires,
                }
            )
    return rows


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
) -> list[Task]:
    """Return tasks with their probes.

    Args:
        asked: names, globs, suites; commas are understood.
        seed: 0 is the public set; any other draws a private one, where a task draws at all.
        limit: probes a task: a count from 1 up, or a share below 1.
        include_path: folders of tasks of one's own.
        provides: worlds that the model was taught; None leaves that unchecked.

    Raises:
        UnknownNameError: no such task.
        ConfigError: the limit means nothing.
        TaskError: the files of a task are wrong, or the model was not taught what it requires.
    """
    check_limit(limit)
    folders = _folders(tuple(include_path))
    tasks = []
    for name, cap in _caps(asked, include_path).items():
        whole = _from_folder(folders[name], seed) if name in folders else _plugged(name, seed)
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
    known, groups = names(include_path), suites(include_path)
    caps: dict[str, int | None] = {}
    for part in _parts(asked):
        cap = suite_limit(part)
        for name in (
            groups.get(part) or fnmatch.filter(known, part) or _unknown(part, known, groups)
        ):
            # A task that is also asked for without a limit is asked whole.
            before = caps.get(name, 0)
            caps[name] = None if cap is None or before is None else max(cap, before)
    return caps


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


def _folders(include_path: tuple[str, ...]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for root in (data_folder(), *(Path(path) for path in include_path)):
        if not root.is_dir():
            raise TaskError(f"no folder {root}.", "--include-path with a folder of tasks")
        inside = sorted(root.iterdir())
        for folder in [root] if (root / "task.toml").is_file() else inside:
            if not (folder / "task.toml").is_file():
                continue
            name = folder.resolve().name
            if name in found and found[name].resolve() != folder.resolve():
                raise TaskError(
                    f'task "{name}" is in {found[name]} and in {folder}.', "rename one of them"
                )
            found[name] = folder
    for name in TASKS.names():
        if name in found:
            origins = " and ".join(TASKS.origins()[name])
            raise TaskError(
                f'task "{name}" is in {found[name]} and comes with {origins}.', "rename one of them"
            )
    return found


def _size(folder: Path, manifest: Manifest) -> int:
    if manifest.probes.file is not None:
        return sum(1 for _ in jsonl.read(folder / manifest.probes.file))
    return manifest.n or 0


def _plugged(name: str, seed: int) -> Task:
    return TASKS.get(name)(RunSpec(model="", tasks=(name,), seed=seed))


@functools.lru_cache(maxsize=64)
def _generated(generator: str, name: str, version: int, seed: int) -> Generated:
    return GENERATORS[generator](name, version, seed)


def _from_folder(folder: Path, seed: int) -> Task:
    manifest = read_manifest(folder)
    made = _made(folder, manifest, seed)
    probes, invalid = _valid(made.probes)
    twice = len(probes) - len({probe.id for probe in probes})
    if not probes or twice:
        wrong = f"{twice} ids that occur twice" if twice else "no probe that can be asked"
        raise TaskError(f"{manifest.name}: {wrong}.")
    facts = [*made.facts, *_shape_facts(manifest)]
    if invalid:
        facts.append(("invalid", f"{len(invalid)} left out: a reference reads as an abstention"))
    spec = TaskSpec(
        name=manifest.name,
        version=manifest.version,
        says=manifest.says,
        licence=manifest.licence,
        source=manifest.source,
        seed=seed if made.draws else 0,
        checksum=jsonl.checksum(probes),
        n=len(probes),
        answering_is=manifest.answering_is,
        accepts=manifest.accepts,
        metrics=manifest.metrics,
        requires=manifest.requires,
        max_new_tokens=manifest.max_new_tokens,
        shape_auroc=manifest.shape_auroc,
        shape_separable=manifest.shape_separable,
    )
    return Task(spec=spec, probes=probes, facts=tuple(facts))


def _made(folder: Path, manifest: Manifest, seed: int) -> Generated:
    if manifest.probes.file is not None:
        return Generated(probes=read_probes(folder / manifest.probes.file, manifest), draws=False)
    generator = manifest.probes.generator or ""
    if generator not in GENERATORS:
        raise TaskError(
            f'{folder / "task.toml"}: no generator "{generator}".',
            near_match(generator, GENERATORS) or f"one of: {', '.join(GENERATORS)}",
        )
    return _generated(generator, manifest.name, manifest.version, seed)


def _valid(probes: Sequence[Probe]) -> tuple[tuple[Probe, ...], tuple[Probe, ...]]:
    """Return the probes that can be graded, and those with a reference that reads as abstaining."""
    cases = [(p.id, Answered(question=p.question, answer=r)) for p in probes for r in p.references]
    judged = Lexical().detect([case for _, case in cases])
    bad = {key for (key, _), said in zip(cases, judged, strict=True) if said.value}
    return (
        tuple(probe for probe in probes if probe.id not in bad),
        tuple(probe for probe in probes if probe.id in bad),
    )


def _shape_facts(manifest: Manifest) -> list[tuple[str, str]]:
    if manifest.shape_auroc is None:
        return []
    by_type = ", ".join(f"{kind} {value:.2f}" for kind, value in manifest.shape_by_type.items())
    return [("name-shape AUROC", f"{manifest.shape_auroc:.2f} ({by_type})")]
