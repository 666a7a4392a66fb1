"""What a run will be, settled before a model is loaded: tasks, folder, what stands there already.

Everything that can be wrong without a model is wrong here.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.errors import ConfigError, StoreError, TaskError
from iabench.grading.base import DETECTORS, GRADERS
from iabench.metrics.base import METRICS
from iabench.models.base import BACKENDS, Backend, weights_digest
from iabench.models.endpoint import leaving, with_server
from iabench.models.locate import Located, backend_of, locate
from iabench.records import Probe, RunSpec
from iabench.rng import digest
from iabench.runs.asking import rows
from iabench.runs.certificates import Certificate, find, told
from iabench.runs.folders import (
    Identity,
    check_same,
    default_folder,
    identity,
    place_aside,
)
from iabench.runs.growing import grown, specs_of, there_in
from iabench.runs.rounds import asking_back, guessable, scorer_names
from iabench.runs.store import answers
from iabench.tasks import catalog
from iabench.tasks.base import Task
from iabench.tasks.facts import FACTS_TASKS, YourFacts
from iabench.tasks.limit import check_limit
from iabench.uncertainty.base import SCORERS, ClusteringScorer

__all__ = ["SELECTION", "Planned", "digests", "plan", "tasks_of"]

_DTYPES = ("auto", "float32", "float16", "bfloat16")

SELECTION = "selection"
"""Headline of a run over tasks that make no suite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One evaluation, resolved."""

    spec: RunSpec
    backend: str
    folder: Path
    identity: Identity
    tasks: tuple[Task, ...]
    suites: Mapping[str, tuple[str, ...]]
    headline: str
    located: Located | None
    lent: Backend | None
    there: Mapping[str, Any]
    """`run.json` of the folder as it stands; empty where it is new."""
    fresh: bool
    """Whether what the folder holds is set aside first."""
    certificate: Certificate | None
    """What the model, or its base, is known to know."""
    notes: tuple[str, ...]

    @property
    def probes(self) -> tuple[Probe, ...]:
        """All that will be asked, in the order of the ledger."""
        return tuple(probe for task in self.tasks for probe in task.probes)

    @property
    def requests(self) -> int:
        """Answers that the run will hold: a greedy one a turn, samples, replies to scorers."""
        turns = sum(1 + len(probe.follow_ups) for probe in self.probes)
        again = (self.spec.samples + len(asking_back(self.spec))) * len(self.probes)
        forced = len(guessable(self.probes)) if self.spec.elicit == "forced" else 0
        return turns + again + forced * (1 + self.spec.samples)

    @property
    def status(self) -> str:
        """`new`, `unfinished`, or `finished`: nothing is left to ask, to judge or to count."""
        if not self.there:
            return "new"
        asked = self.there.get("asked", {})
        same = (
            self.there.get("status") == "complete"
            and (self.folder / "results.json").exists()
            and self.there.get("answers") == answers(self.folder) >= self.requests
            and not self.there.get("failed")
            and specs_of(self.there) == {t.spec.name: jsonl.jsonable(t.spec) for t in self.tasks}
            and self.there.get("detector") == DETECTORS.get(self.spec.detector)(self.spec).id
            and self.there.get("grader") == GRADERS.get(self.spec.grader)(self.spec).id
            and asked.get("level") == self.spec.level
            and self.there.get("certificate")
            == (self.certificate.digest if self.certificate else None)
            and bool(asked.get("adjust_for_detector")) == self.spec.adjust_for_detector
            and asked.get("interval_seed") == self.spec.interval_seed
            and all(asked.get(k, v) == v for k, v in _scoring(self.spec).items())
        )
        return "finished" if same else "unfinished"


def plan(
    spec: RunSpec,
    *,
    out: Path | None = None,
    fresh: bool = False,
    lent: Backend | None = None,
) -> Planned:
    """Settle a run.

    Args:
        spec: what was asked for.
        out: exactly this folder; None for the default one.
        fresh: do not go on with an old run in the folder; `run` sets it aside, nothing here does.
        lent: a backend that is open already.

    Raises:
        IabenchError: whatever can be known to be wrong without a model.
    """
    _check(spec)
    notes: list[str] = []
    if lent is None:
        spec, notes = with_server(spec)
    elif spec.base_url:
        raise ConfigError("a model in memory is behind no server.", "without base_url")
    backend = lent.spec.backend if lent else backend_of(spec)
    BACKENDS.get(backend)
    if backend == "callable" and lent is None:
        lent = BACKENDS.get(backend)(spec, ())
    located = locate(spec) if backend == "hf" and lent is None else None
    same = identity(spec, backend=backend, model=digests(spec, located, lent))
    tasks = tasks_of(spec)
    folder = out or default_folder(spec, same, {t.spec.name: t.spec.checksum for t in tasks})
    there = there_in(folder, fresh=fresh)
    if there:
        check_same(folder, there, same)
        spec, tasks = grown(spec, tasks, there, notes)
    if backend != "scripted":
        worlds = lent.spec.provides if lent else located.provides if located else ()
        catalog.check_requires(tasks, worlds, spec.model)
    _check_ids(tasks)
    _check_disk(folder, tasks, spec)
    suites, headline = _suites(spec, tasks)
    notes += _leaving(spec, tasks)
    certificate = find(spec, tasks, located=located, weights=same.get("weights"))
    if certificate:
        notes.append(f"certified: {told(certificate.known.values())} ({certificate.says})")
    if fresh and (aside := place_aside(folder)):
        notes.append(f"the old run goes to {aside}")
    return Planned(
        spec=spec,
        backend=backend,
        folder=folder,
        identity=same,
        tasks=tuple(tasks),
        suites=suites,
        headline=headline,
        located=located,
        lent=lent,
        there=there,
        fresh=fresh,
        certificate=certificate,
        notes=tuple(notes),
    )


def _check(spec: RunSpec) -> None:
    """Refuse numbers that mean nothing and names that nobody knows."""
    check_limit(spec.limit)
    if spec.max_new_tokens < 1:
        raise ConfigError(
            f"--max-new-tokens {spec.max_new_tokens} leaves no answer.", "--max-new-tokens 128"
        )
    if not 0 < spec.level < 1:
        raise ConfigError(f"--level {spec.level:g} is no coverage.", "--level 0.95")
    if spec.dtype not in _DTYPES:
        raise ConfigError(f'no dtype "{spec.dtype}".', f"--dtype {', '.join(_DTYPES)}")
    reserved = {"tokenize", "add_generation_prompt", "chat_template", "conversation"}
    for key, _ in spec.chat_template_kwargs:
        if key in reserved:
            raise ConfigError(f"--chat-template-kwargs {key} is iabench's own.", "leave it out")
    rows(spec)
    _check_scorers(spec)
    # Opening is cheap and says what they lack; what they are opened for is judged at the end.
    DETECTORS.get(spec.detector)(spec).close()
    GRADERS.get(spec.grader)(spec).close()
    for name, offered in METRICS.origins().items():
        if len(offered) > 1 and any(origin.startswith("iabench ") for origin in offered):
            METRICS.get(name)  # says who the two are, while nothing is asked yet
    if spec.facts and not set(catalog.expand(spec.tasks, spec.include_path)) & set(FACTS_TASKS):
        raise ConfigError(
            f"--facts {spec.facts} is not asked by --tasks {','.join(spec.tasks)}.",
            "--tasks finetune, or tuned-facts,swapped-facts",
        )


def _check_scorers(spec: RunSpec) -> None:
    """Refuse samples that are all one, and scorers of what is not asked."""
    if spec.samples < 0:
        raise ConfigError(f"--samples {spec.samples} are none.", "--samples 10")
    if spec.sample_temperature < 0 or not math.isfinite(spec.sample_temperature):
        raise ConfigError(
            f"--sample-temperature {spec.sample_temperature:g} is none.", "--sample-temperature 1"
        )
    if spec.samples > 1 and not spec.sample_temperature:
        raise ConfigError(
            f"{spec.samples} samples at temperature 0 are one sample {spec.samples} times.",
            "--sample-temperature 1",
        )
    if spec.elicit == "forced" and not scorer_names(spec):
        raise ConfigError(
            "--elicit forced is scored by uncertainty, and no scorer is asked for.",
            "--samples 10, or --scorer max-probability",
        )
    for name in scorer_names(spec):
        with closing(SCORERS.get(name)(spec)) as scorer:
            if scorer.needs & {"samples", "sample-logprobs"} and not spec.samples:
                raise ConfigError(f"--scorer {name} needs samples.", "--samples 10")
            if isinstance(scorer, ClusteringScorer):
                scorer.check()


def _scoring(spec: RunSpec) -> dict[str, Any]:
    """Return what decides the scores of a run, as its file holds it."""
    by = {"nli": ("nli",), "llm": ("judge", "judge_url")}.get(spec.entailment, ())
    fields = (
        "samples",
        "elicit",
        "abstentions",
        "entailment",
        "assignment",
        "question_prefix",
        *by,
    )
    return {"scorer": list(spec.scorer), **{name: getattr(spec, name) for name in fields}}


def _check_ids(tasks: list[Task]) -> None:
    for task in tasks:
        wrong = [p.id for p in task.probes if p.id.partition("/")[0] != task.spec.name]
        if wrong:
            raise TaskError(
                f'{task.spec.name}: the probe "{wrong[0]}" does not begin with its task.',
                f'"{task.spec.name}/..."',
            )


def tasks_of(spec: RunSpec) -> list[Task]:
    """Return the tasks that a run asks, by name.

    Raises:
        IabenchError: no such task, or one that cannot be read or made.
    """
    tasks = catalog.load(
        spec.tasks,
        seed=spec.seed,
        limit=spec.limit,
        include_path=spec.include_path,
        yours=YourFacts.of(spec),
        data_dir=spec.data_dir,
    )
    return sorted(tasks, key=lambda task: task.spec.name)


def _suites(spec: RunSpec, tasks: list[Task]) -> tuple[dict[str, tuple[str, ...]], str]:
    """Return the suites that the tasks cover whole, and the name of what the run is about."""
    asked = {task.spec.name for task in tasks}
    # What is reported apart counts in no mean, unless nothing else is asked.
    apart = {name for beside in catalog.suites_beside().values() for name in beside}
    names = asked - apart or asked
    known = catalog.suites(spec.include_path)
    covered = {
        name: tuple(sorted(members))
        for name, members in known.items()
        if set(members) <= names and (name in spec.tasks or not catalog.suite_limit(name))
    }
    if any(catalog.suite_limit(name) for name in spec.tasks):
        # A suite that asks a part of its tasks covers no other suite.
        covered = {name: members for name, members in covered.items() if name in spec.tasks}
    whole = [name for name in spec.tasks if set(covered.get(name, ())) == names]
    if whole:
        return covered, whole[0]
    if len(names) == 1:
        return covered, next(iter(names))
    return {**covered, SELECTION: tuple(sorted(names))}, SELECTION


def digests(spec: RunSpec, located: Located | None, lent: Backend | None) -> dict[str, str | None]:
    """Return digests of everything about the model that can change an answer."""
    if located:
        return {
            "weights": located.weights,
            "adapter": located.adapter_weights,
            "own chat template": located.chat_template and digest(located.chat_template),
            "settings": located.settings,
        }
    if lent:
        held = lent.spec
        settings = digest(
            held.configuration, held.tokenizer, held.chat_template, held.dtype, held.quantize
        )
        return {"weights": held.weights, "adapter": held.adapter_weights, "settings": settings}
    path = Path(spec.model)
    table = weights_digest([path]) if path.is_file() and not spec.base_url else None
    return {"weights": table, "adapter": None, "settings": None}


def _leaving(spec: RunSpec, tasks: list[Task]) -> list[str]:
    """Return the line that says what goes to another machine, before anything does."""
    if spec.base_url is None:
        return []
    n = sum(task.spec.n for task in tasks)
    private = sum(task.spec.n for task in tasks if task.spec.private)
    line = leaving(spec.base_url, n, private)
    return [line] if line else []


def _check_disk(folder: Path, tasks: list[Task], spec: RunSpec) -> None:
    """Refuse a run that cannot end: about 2 kB a probe beside its answer."""
    n = sum(task.spec.n for task in tasks)
    need = n * (2_000 + 12 * spec.max_new_tokens) + 2**20
    place = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    if free < need:
        raise StoreError(
            f"{folder} may need {need / 1e6:,.0f} MB; {free / 1e6:,.0f} MB are free.",
            "--out on another disk",
        )
