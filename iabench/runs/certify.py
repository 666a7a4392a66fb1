"""certify(): what a model knows, found out before it is asked what is reported.

    facts -> in other words, behind drawn examples -> greedy answers -> right or not
          -> samples of what no greedy answer got right -> highly, maybe, weakly known, or unknown

Source of the levels: protocol in `docs/certify.md`, after Gekhman et al., arXiv 2405.05904.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.errors import ConfigError, StoreError, TaskError
from iabench.grading.base import GRADERS, Grader
from iabench.models.base import BACKENDS, Backend
from iabench.models.engine import TOO_LONG, Engine
from iabench.models.locate import Located, backend_of, locate, short_name
from iabench.prompts.templates import prompt
from iabench.records import SCHEMA_VERSION, Certified, Probe, Round, RunSpec, Sampling
from iabench.rng import digest
from iabench.runs.asking import again, clocked, engine_for, leaving_word, opened, put
from iabench.runs.certificates import CERTIFICATE, CERTIFIED, LEVELS, base_weights
from iabench.runs.folders import Identity, check_same, identity, runs_folder, set_aside
from iabench.runs.judging import graded
from iabench.runs.planning import digests, tasks_of
from iabench.runs.provenance import host, packages
from iabench.runs.store import Store, read_run
from iabench.runs.watch import Watch
from iabench.tasks import catalog
from iabench.tasks.base import Task
from iabench.tasks.certify import FORCED, Examples, certifiable, how_known, rewordings

__all__ = ["Certifying", "How", "Made", "certify", "plan_certificate"]

_SHOTS = (4, 0)
"""Numbers of examples that are tried; what gets more right is taken, of equals the first."""
_TRIED = 40
"""Facts that they are tried on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a model is asked what it knows."""

    draws: int = 4
    """Other wordings, each behind other examples."""
    shots: int | None = None
    """Examples; None: four, or none where a model gets more right without."""
    samples: int = 16
    """Of what no greedy answer got right, over all draws."""
    temperature: float = 0.5
    """Of the samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certifying:
    """One certificate, planned."""

    spec: RunSpec
    how: How
    backend: str
    lent: Backend | None
    located: Located | None
    tasks: tuple[Task, ...]
    probes: tuple[Probe, ...]
    identity: Identity
    folder: Path
    finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A finished certificate."""

    folder: Path
    about: Mapping[str, Any]
    """`certificate.json`."""

    @property
    def by_task(self) -> Mapping[str, Mapping[str, int]]:
        """How many facts of each task are of each level."""
        return dict(self.about["levels"])

    @property
    def undecided_share(self) -> float:
        """Share of the facts whose level nobody could tell."""
        counts = sum((Counter(levels) for levels in self.by_task.values()), Counter[str]())
        return counts["undecided"] / max(1, counts.total())


def plan_certificate(
    spec: RunSpec, how: How, *, out: Path | None = None, fresh: bool = False, dry: bool = False
) -> Certifying:
    """Settle what will be asked, of whom, and where it goes.

    Raises:
        IabenchError: whatever can be known to be wrong without a model.
    """
    _check(spec, how)
    backend = backend_of(spec)
    lent = BACKENDS.get(backend)(spec, ()) if backend == "callable" else None
    located = locate(spec) if backend == "hf" else None
    _check_base(spec, located)
    tasks = tasks_of(spec)
    if backend != "scripted":
        catalog.check_requires(tasks, located.provides if located else (), spec.model)
    probes = tuple(probe for task in tasks for probe in task.probes if certifiable(probe))
    if not probes:
        names = ", ".join(task.spec.name for task in tasks)
        raise TaskError(
            f"nothing to certify: no question of {names} has an answer to be known.",
            "--tasks real-facts",
        )
    same = identity(spec, backend=backend, model=digests(spec, located, lent))
    same["draws and samples"] = repr(how)
    same["facts"] = digest(*(part for probe in probes for part in (probe.id, probe.question)))
    own = f"certificate-{digest(*same.items())[:6]}"
    folder = out or runs_folder() / short_name(spec.model) / own
    if fresh and not dry:
        set_aside(folder)
    there = {} if fresh else read_run(folder) or {}
    if there:
        check_same(folder, there, same)
    elif not fresh and folder.is_dir() and any(folder.iterdir()):
        raise StoreError(f"{folder} is a folder of other things.", "another --out")
    return Certifying(
        spec=spec,
        how=how,
        backend=backend,
        lent=lent,
        located=located,
        tasks=tuple(tasks),
        probes=probes,
        identity=same,
        folder=folder,
        finished=there.get("status") == "complete"
        and not there.get("failed")
        and (folder / CERTIFICATE).is_file(),
    )


def certify(planned: Certifying, watch: Watch) -> Made:
    """Carry out what was planned, from wherever an earlier start of it stopped."""
    if not planned.finished:
        with Store(planned.folder) as store, leaving_word(store):
            _begin(store, planned)
            again(store, watch)
            with opened(store, planned, watch) as backend, clocked(store, "asking"):
                engine = engine_for(store, backend, planned.spec, watch)
                grader = GRADERS.get(planned.spec.grader)(planned.spec)
                with closing(grader):
                    asking = _Asking(store, planned, engine, grader, watch)
                    shots = planned.how.shots
                    if shots is None:
                        shots = asking.shots(planned.probes)
                    greedy = asking.greedy(planned.probes, shots)
                    left = [probe for probe in planned.probes if True not in greedy[probe.id]]
                    samples = asking.sampled(left, shots)
            found = [_certified(p, greedy[p.id], samples.get(p.id, [])) for p in planned.probes]
            _conclude(store, planned, found, shots, grader.id)
    return Made(folder=planned.folder, about=_document(planned.folder / CERTIFICATE))


class _Asking:
    """Asks the facts of one certificate, and says which answers are right."""

    def __init__(
        self, store: Store, planned: Certifying, engine: Engine, grader: Grader, watch: Watch
    ) -> None:
        self.store, self.engine, self.grader, self.watch = store, engine, grader, watch
        self.how, spec = planned.how, planned.spec
        self.greedily = Sampling(max_new_tokens=spec.max_new_tokens, seed=spec.sampling_seed)
        by_task: dict[str, list[Probe]] = {}
        for probe in planned.probes:
            by_task.setdefault(_task(probe), []).append(probe)
        self.examples = {task: Examples(probes) for task, probes in by_task.items()}

    def shots(self, probes: Sequence[Probe]) -> int:
        """Return the number of examples behind which a model gets most right."""
        some = sorted(probes, key=lambda probe: digest("try", probe.id))[:_TRIED]
        rounds = {n: self._round(some, f"try-{n}", 0, n, self.greedily) for n in _SHOTS}
        found = self._right(list(rounds.values()), some)
        won = {
            n: sum(verdicts[at] is True for verdicts in found.values())
            for at, n in enumerate(_SHOTS)
        }
        shots = max(_SHOTS, key=lambda n: (won[n], n))
        says = ", ".join(f"{won[n]} of {len(some)} right behind {n}" for n in _SHOTS)
        self.watch.say(f"note      examples before each question: {shots} ({says})")
        return shots

    def greedy(self, probes: Sequence[Probe], shots: int) -> dict[str, list[bool | None]]:
        """Return whether the greedy answer to each draw is right, by probe."""
        draws = range(self.how.draws)
        return self._right(
            [self._round(probes, f"forced-{d + 1}", d, shots, self.greedily) for d in draws], probes
        )

    def sampled(self, probes: Sequence[Probe], shots: int) -> dict[str, list[bool | None]]:
        """Return whether each sample is right, by probe; as many of each draw."""
        if not probes or not self.how.samples:
            return {}
        n = math.ceil(self.how.samples / self.how.draws)
        warm = replace(self.greedily, temperature=self.how.temperature, n=n)
        draws = range(self.how.draws)
        return self._right(
            [self._round(probes, f"forced-samples-{d + 1}", d, shots, warm) for d in draws], probes
        )

    def _round(
        self, probes: Sequence[Probe], series: str, draw: int, shots: int, sampling: Sampling
    ) -> Round:
        prompts = (
            prompt(
                probe,
                self.examples[_task(probe)].before(probe, draw, shots),
                series=series,
                turn=1,
                template=FORCED,
            )
            for probe in probes
        )
        return Round(series=series, sampling=sampling, prompts=tuple(prompts))

    def _right(
        self, rounds: Sequence[Round], probes: Sequence[Probe]
    ) -> dict[str, list[bool | None]]:
        """Ask what has not been asked, and return what is right of all of it, by probe."""
        said = self.store.said
        places = [(one.series, index) for one in rounds for index in range(one.sampling.n)]
        if any((p.id, series, 1, index) not in said for p in probes for series, index in places):
            put(self.store, self.engine, rounds, self.watch)
        there = {
            (probe.id, *place): said[probe.id, place[0], 1, place[1]]
            for probe in probes
            for place in places
        }
        cases = [
            (probe, one)
            for probe in probes
            for place in places
            if (one := there[probe.id, *place]).finish != "error"
        ]
        verdicts = graded(self.store, cases, self.grader, self.watch)
        values = {id_: verdict.value for id_, verdict in verdicts.items()}
        return {
            probe.id: [values.get(there[probe.id, *place].request_id) for place in places]
            for probe in probes
        }


def _certified(probe: Probe, greedy: list[Any], samples: list[Any]) -> Certified:
    known = how_known(greedy, samples)
    return Certified(
        probe_id=probe.id,
        known=known,
        greedy=tuple(greedy),
        samples=tuple(samples),
        reason="" if known else "answers that could not be had or judged decide",
    )


def _begin(store: Store, planned: Certifying) -> None:
    store.note(
        status="started",
        iabench=packages()["iabench"],
        asked=planned.spec,
        how=planned.how,
        identity=planned.identity,
        headline="certificate",
        tasks=[
            {
                **{field.name: getattr(task.spec, field.name) for field in fields(task.spec)},
                "facts": task.facts,
            }
            for task in planned.tasks
        ],
        packages=packages(),
        host=host(),
        command=sys.argv,
        started=store.run.get("started") or _now(),
        finished=None,
    )
    store.keep_probes(planned.probes)


def _conclude(
    store: Store, planned: Certifying, found: Sequence[Certified], shots: int, grader: str
) -> None:
    """Write the certificate, last of all the file that it is known by."""
    levels: dict[str, Counter[str]] = {}
    for one in found:
        levels.setdefault(one.probe_id.partition("/")[0], Counter())[one.known or "undecided"] += 1
    framed = sum(probe.question in rewordings(probe)[0] for probe in planned.probes)
    how = planned.how
    names = ", ".join(levels)
    jsonl.write(planned.folder / CERTIFIED, found)
    jsonl.write_json(
        planned.folder / CERTIFICATE,
        {
            "schema_version": SCHEMA_VERSION,
            "says": f"{names} asked of {planned.spec.model} in {how.draws} other wordings, "
            f"{shots} examples before each",
            "model": {
                "backend": planned.backend,
                "name": planned.spec.model,
                "weights": planned.identity.get("weights"),
                "server": planned.spec.base_url,
            },
            "tasks": {t.spec.name: t.spec.checksum for t in planned.tasks if t.spec.name in levels},
            "levels": {
                task: {level: n[level] for level in (*LEVELS, "undecided") if n[level]}
                for task, n in sorted(levels.items())
            },
            "how": jsonl.jsonable(replace(how, shots=shots)),
            "worded": {"anew": len(planned.probes) - framed, "in a frame": framed},
            "grader": grader,
            "finished": _now(),
        },
    )
    failed = sum(
        c.finish == "error" and not (c.error or "").startswith(TOO_LONG)
        for c in store.said.values()
    )
    store.note(status="complete", finished=_now(), failed=failed)


def _check(spec: RunSpec, how: How) -> None:
    if how.draws < 1:
        raise ConfigError(f"--draws {how.draws} asks nothing.", "--draws 4")
    if how.shots is not None and how.shots < 0:
        raise ConfigError(f"--shots {how.shots} are none.", "--shots 4, or leave it out")
    if how.samples < 0:
        raise ConfigError(f"--samples {how.samples} are none.", "--samples 16")
    if how.samples and not (how.temperature > 0 and math.isfinite(how.temperature)):
        raise ConfigError(
            f"samples at temperature {how.temperature:g} are one sample.", "--temperature 0.5"
        )
    if spec.max_new_tokens < 1:
        raise ConfigError(
            f"--max-new-tokens {spec.max_new_tokens} leaves no answer.", "--max-new-tokens 32"
        )
    GRADERS.get(spec.grader)(spec).close()


def _check_base(spec: RunSpec, located: Located | None) -> None:
    """Refuse a tuned model: what it knew is what its base knows.

    Raises:
        ConfigError: it is an adapter, or was trained by iabench; the hint names its base.
    """
    if located is None:
        return
    if located.adapter is not None:
        raise ConfigError(
            f"{spec.model} is tuned; what it could know is what its base knows.",
            f"iabench certify --model {located.path}",
        )
    if base_weights(located) is not None:
        about = _document(located.path / "training.json")
        raise ConfigError(
            f"{spec.model} is tuned; what it could know is what its base knows.",
            f"iabench certify --model {about['asked'].get('model', 'BASE')}",
        )


def _document(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _task(probe: Probe) -> str:
    return probe.id.partition("/")[0]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
