"""Tasks that Python gives: a function in somebody's file, or one that a distribution offers.

    import iabench

    def capitals(spec):
        return iabench.task("capitals", [...], licence="CC0-1.0", says="Capitals of countries.")

`--tasks my_tasks.py::capitals` asks it; as an entry point of the group `iabench.tasks` it has a
name everywhere. Whatever the door, what comes through it is checked alike.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from iabench.errors import IabenchError, PluginError, TaskError
from iabench.records import Kind, Probe, RunSpec, TaskSpec
from iabench.registry import from_file
from iabench.tasks.base import TASKS, UNREFERENCED, Task, checksum
from iabench.tasks.manifest import NAME, contradictions
from iabench.tasks.rows import probe_of, row_faults

__all__ = ["from_python", "in_a_file", "plugged", "reads_as_abstaining", "ready", "task"]

ACCEPTS: tuple[Kind, ...] = ("ignorance", "premise_rejection", "unknowable", "unrecognised")


def task(
    name: str,
    probes: Iterable[Mapping[str, Any] | Probe],
    *,
    says: str,
    licence: str,
    source: str = "",
    version: int = 1,
    seed: int = 0,
    answering_is: Literal["fabrication", "overreach"] | None = None,
    accepts: Sequence[Kind] = ACCEPTS,
    metrics: Sequence[str] = (),
    max_new_tokens: int = 32,
    facts: Mapping[str, str] | None = None,
) -> Task:
    """Return a task from its questions.

    Args:
        name: what it is called: small letters, digits, and - _ .
        probes: a mapping each with the keys of a row of `probes.jsonl`, or records.
        says: one plain sentence for people.
        licence: of the questions.
        source: where they come from.
        version: to be raised whenever a question changes.
        seed: the one that they were drawn with; 0 where nothing is drawn.
        answering_is: what an answer is where abstaining is expected.
        accepts: kinds of abstaining that count as admitting ignorance.
        metrics: that it defines; empty: all that its questions allow.
        max_new_tokens: tokens that an answer needs.
        facts: what else `tasks show` tells.

    Raises:
        TaskError: the first thing that is wrong, naming the probe.
    """
    if not NAME.fullmatch(name):
        raise TaskError(f'"{name}" is no name of a task.', "small letters, digits, and - _ .")
    origin = f"{name}@{version}" + (f", seed {seed}" if seed else "")
    made = tuple(_probe(row, name, origin, at) for at, row in enumerate(probes, start=1))
    spec = TaskSpec(
        name=name,
        version=version,
        says=says,
        licence=licence,
        source=source,
        seed=seed,
        checksum=checksum(made),
        n=len(made),
        answering_is=answering_is,
        accepts=tuple(accepts),
        metrics=tuple(metrics),
        max_new_tokens=max_new_tokens,
    )
    return Task(spec=spec, probes=made, facts=tuple((facts or {}).items()))


def _probe(row: Mapping[str, Any] | Probe, name: str, origin: str, at: int) -> Probe:
    if isinstance(row, Probe):
        return row
    if not isinstance(row, Mapping):
        raise TaskError(f"{name}, probe {at}: a {type(row).__name__}, not a mapping.")
    for says, hint in row_faults(row):
        raise TaskError(f"{name}, probe {at}: {says}", hint)
    return probe_of(row, task=name, origin=origin)


def in_a_file(name: str) -> bool:
    """Return whether a name on `--tasks` is `file.py::name`."""
    return ".py::" in name


def from_python(reference: str, seed: int) -> Task:
    """Return the task of `FILE.py::NAME`: a `Task`, or a function that returns one or its probes.

    A function is given the `RunSpec` if it takes an argument. Probes alone make a task that is
    called like the function.

    Raises:
        IabenchError: it cannot be had, or is no task; the file is named.
    """
    found = from_file(reference)
    made = _call(found, RunSpec(model="", tasks=(reference,), seed=seed), reference)
    if not isinstance(made, Task):
        if isinstance(made, str | Mapping) or not isinstance(made, Iterable):
            raise TaskError(
                f"{reference} gives a {type(made).__name__}, no task.",
                "return iabench.task(NAME, probes, ...)",
            )
        name = reference.rpartition("::")[2].lower().replace("_", "-")
        says = (inspect.getdoc(found) or name).splitlines()[0]
        made = task(name, made, says=says, licence="not stated", source=reference)
    return ready(made, made.spec.name, reference)


def plugged(name: str, seed: int) -> Task:
    """Return the task that an installed distribution offers under a name.

    Raises:
        IabenchError: it cannot be had, or is no task; the distribution is named.
    """
    found = TASKS.get(name)
    origin = " and ".join(TASKS.origins().get(name, ()))
    made = _call(found, RunSpec(model="", tasks=(name,), seed=seed), f'task "{name}" of {origin}')
    if not isinstance(made, Task):
        if isinstance(made, str | Mapping) or not isinstance(made, Iterable):
            raise PluginError(
                f'task "{name}" of {origin} is a {type(made).__name__}, no task.',
                "return iabench.task(NAME, probes, ...)",
            )
        says = (inspect.getdoc(found) or name).splitlines()[0]
        made = task(name, made, says=says, licence="not stated", source=origin)
    return ready(made, name, f'task "{name}" of {origin}')


def _call(found: Any, spec: RunSpec, where: str) -> Any:
    if not callable(found):
        return found
    try:
        made = found(spec) if inspect.signature(found).parameters else found()
        return list(made) if isinstance(made, Iterator) else made
    except IabenchError:
        raise
    except Exception as problem:  # somebody's function may raise anything
        raise PluginError(f"{where} fails: {type(problem).__name__}: {problem}.") from problem


def ready(made: Task, name: str, where: str) -> Task:
    """Return a task that can be asked, with its size and checksum as they are.

    Probes with a reference that the detector itself reads as abstaining are left out and counted.

    Raises:
        TaskError: its names, ids, expectations or size are wrong, or probes contradict each other.
    """
    if made.spec.max_new_tokens < 1:
        raise TaskError(f"{where}: max_new_tokens = {made.spec.max_new_tokens} leaves no answer.")
    if made.spec.name != name:
        raise TaskError(f'{where} calls itself "{made.spec.name}".', f'"{name}"')
    for probe in made.probes:
        if not probe.id.startswith(f"{name}/"):
            raise TaskError(f'{where}: the id "{probe.id}" is not "{name}/...".')
        # Where nobody wrote the answer down, only metrics that need none are made.
        bare = probe.expect == "answer" and made.spec.metrics == UNREFERENCED
        if (probe.expect == "answer") != bool(probe.references) and not bare:
            raise TaskError(
                f"{where}, {probe.id}: references are given exactly where an answer is expected."
            )
        if probe.expect == "abstain" and made.spec.answering_is is None:
            raise TaskError(
                f"{where} expects abstaining and does not say what an answer is.",
                'answering_is="fabrication" (or "overreach")',
            )
    again = f"iabench tasks validate {where if in_a_file(where) else name}"
    bad = reads_as_abstaining(made.probes)
    probes = tuple(probe for probe in made.probes if probe.id not in bad)
    left_out = tuple(probe for probe in made.probes if probe.id in bad)
    if not probes:
        wrong = next(
            (f', e.g. {key}: "{text}" reads as an abstention' for key, text in bad.items()), ""
        )
        raise TaskError(f"{where}: no probe that can be asked{wrong}.", again)
    for fault in contradictions(zip(_places(probes), probes, strict=True)):
        raise TaskError(f"{where}, {fault.where}: {fault.says}", again)
    facts = made.facts
    if bad:
        left = f"{len(bad)} left out: a reference reads as an abstention"
        facts = (*facts, ("invalid", left))
    spec = replace(made.spec, n=len(probes), checksum=checksum(probes))
    return replace(made, spec=spec, probes=probes, facts=facts, left_out=left_out)


def _places(probes: Sequence[Probe]) -> list[str]:
    """Return what each probe is called by: its id, or its place where others have its id too."""
    ids = Counter(probe.id for probe in probes)
    return [p.id if ids[p.id] == 1 else f"probe {at}" for at, p in enumerate(probes, start=1)]


def reads_as_abstaining(probes: Sequence[Probe]) -> dict[str, str]:
    """Return, by id, a reference of each probe that the detector itself reads as an abstention."""
    from iabench.grading.base import Answered
    from iabench.grading.lexical import Lexical  # its patterns take longer than a list of tasks

    cases = [(p.id, Answered(question=p.question, answer=r)) for p in probes for r in p.references]
    judged = Lexical().detect([case for _, case in cases])
    return {key: case.answer for (key, case), said in zip(cases, judged, strict=True) if said.value}
