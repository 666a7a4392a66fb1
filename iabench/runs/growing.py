"""What the folder of a run holds already: tasks, limit and samples may grow, nothing shrinks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from iabench.errors import StoreError
from iabench.records import RunSpec
from iabench.runs.store import answers, read_run
from iabench.tasks import catalog
from iabench.tasks.base import Task
from iabench.tasks.facts import YourFacts
from iabench.tasks.limit import limited

__all__ = ["grown", "specs_of", "there_in"]


def there_in(folder: Path, *, fresh: bool) -> Mapping[str, Any]:
    """Return `run.json` of a folder that holds answers; what never got that far binds nobody.

    Args:
        folder: of the run.
        fresh: what it holds is set aside, whatever that is.

    Raises:
        StoreError: the folder holds other things.
    """
    if fresh and (folder / "run.json").exists():
        return {}
    held = read_run(folder)
    if held is not None:
        return held if answers(folder) else {}
    if folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise StoreError(f"{folder} is a folder of other things.", "another --out")
    return {}


def grown(
    spec: RunSpec, tasks: list[Task], there: Mapping[str, Any], notes: list[str]
) -> tuple[RunSpec, list[Task]]:
    """Keep what the folder holds: tasks and limit may grow, nothing shrinks."""
    asked = there.get("asked", {})
    paths = tuple(dict.fromkeys((*asked.get("include_path", ()), *spec.include_path)))
    held = specs_of(there)
    now = {task.spec.name: task for task in tasks}
    kept: list[str] = []
    for name, old in held.items():
        (whole,) = catalog.load(
            (name,),
            seed=spec.seed,
            include_path=paths,
            yours=YourFacts.of(spec),
            data_dir=spec.data_dir or asked.get("data_dir"),
        )
        if whole.spec.checksum != old["checksum"]:
            raise StoreError(
                f"{name} has other questions than when this run began "
                f"(version {old['version']} then, {whole.spec.version} now).",
                "--fresh (keeps the old one)",
            )
        if name not in now or now[name].spec.n < old["n"]:
            probes = limited(whole.probes, old["n"])
            task_spec = replace(whole.spec, n=len(probes), limited=len(probes) < len(whole.probes))
            now[name] = replace(whole, spec=task_spec, probes=probes)
            kept.append(f"{old['n']:,} of {name}")
    spec = _sampled(spec, there, notes)
    if kept:
        notes.append(
            f"the folder holds more than is asked for now, and keeps it: {', '.join(kept)}"
        )
    shrunk = set(kept) and all(now[name].spec.n == held.get(name, {}).get("n") for name in now)
    spec = replace(
        spec,
        tasks=tuple(dict.fromkeys((*asked.get("tasks", ()), *spec.tasks))),
        limit=asked.get("limit") if shrunk else spec.limit,
        include_path=paths,
    )
    return spec, sorted(now.values(), key=lambda task: task.spec.name)


def _sampled(spec: RunSpec, there: Mapping[str, Any], notes: list[str]) -> RunSpec:
    """Keep the samples that the folder holds: they may become more, and stay as warm.

    Raises:
        StoreError: they were drawn at another temperature.
    """
    asked = there.get("asked", {})
    held = asked.get("samples", 0)
    if asked.get("elicit") == "forced" and spec.elicit == "free":
        notes.append("the folder holds a forced pass, and keeps it")
        spec = replace(spec, elicit="forced")
    if not held:
        return spec
    before = asked["sample_temperature"]
    if spec.samples and before != spec.sample_temperature:
        raise StoreError(
            f"the samples there were drawn at {before:g}, not at {spec.sample_temperature:g}.",
            "another --out, or --fresh (keeps the old one)",
        )
    if spec.samples < held:
        notes.append(f"the folder holds {held} samples a question, and keeps them")
        scorer = spec.scorer or tuple(asked["scorer"])
        return replace(spec, samples=held, sample_temperature=before, scorer=scorer)
    return spec


def specs_of(there: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the specifications of the tasks in a folder by name."""
    return {
        task["name"]: {key: value for key, value in task.items() if key != "facts"}
        for task in there.get("tasks", ())
    }
