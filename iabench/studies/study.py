"""study(): every method on every model under every seed, each cell in a folder of its own.

Read from below: `run` makes the cells one after the other, whichever no other process holds;
`Study` is what was settled before.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from iabench import jsonl
from iabench.errors import ConfigError, StoreError
from iabench.models.locate import Located, locate
from iabench.records import RunSpec
from iabench.rng import digest
from iabench.runs.watch import Silent, Watch
from iabench.studies import lessons, sets
from iabench.studies.cell import Job, make
from iabench.studies.spec import Cell, StudySpec, check_given, only_of
from iabench.studies.store import Folder, default_folder, set_aside
from iabench.tasks.told import YourFacts
from iabench.training.plan import Plan
from iabench.training.plan import plan as plan_training
from iabench.training.recipe import resolve
from iabench.training.spec import TrainSpec
from iabench.worlds.people import ORGANISM_WORLD

__all__ = ["CellWatch", "Needs", "Study", "open_study", "run"]

_ASKING = 12.0
"""Seconds of an evaluation, guessed: loading, 1,200 short answers, resampling."""
_ANYWAY = frozenset(
    {"device", "checkpoint_every", "report_to", "save", "method", "facts", "questions"}
)
"""Fields of a training that change no weight; what is taught is known by its sets."""
_A_RUN = 6 * 2**20
"""Bytes of one evaluation, with its page left out."""


class CellWatch(Watch, Protocol):
    """Is also told of cells."""

    def cell(self, cell: Cell, state: str, says: str = "") -> None:
        """A cell is `made`, `found`, `failed`, `begun`, or `busy` in another process."""
        ...


class Nobody(Silent):
    """Nobody watches a study."""

    def cell(self, cell: Cell, state: str, says: str = "") -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a study takes, guessed before anything runs."""

    tunings: int
    evaluations: int
    given: int
    """Checkpoints that are finished already."""
    facts: int
    memory: int
    disk: int
    disk_free: int
    seconds: float

    def check(self, folder: Path) -> None:
        """Refuse a study that the disk cannot hold.

        Raises:
            StoreError: with both figures.
        """
        if self.disk > self.disk_free:
            raise StoreError(
                f"{folder} may need {self.disk / 1e6:,.0f} MB; {self.disk_free / 1e6:,.0f} MB "
                "are free.",
                "--keep none, or --out on another disk",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A study, settled: nothing about it can be wrong any more without running it."""

    spec: StudySpec
    folder: Folder
    identity: Mapping[str, str]
    located: tuple[Located, ...]
    only: tuple[Cell, ...]
    """The cells that this call is to make."""
    lessons: tuple[sets.Lesson, ...]
    """One a seed."""
    notes: tuple[str, ...]

    @property
    def is_organism(self) -> bool:
        """Whether the models know the organism's world."""
        return all(ORGANISM_WORLD in one.provides for one in self.located)

    def facts(self, seed: int) -> str:
        """Return the source of what is taught under a seed."""
        return self.spec.facts or str(self.folder.seed(seed) / "facts.jsonl")

    def questions(self, seed: int) -> str:
        """Return the source of what methods label themselves under a seed."""
        return self.spec.questions or str(self.folder.seed(seed) / "questions.jsonl")

    def _taught(self, cell: Cell) -> dict[str, str]:
        """Return what a method is taught, under the name of the setting."""
        if cell.method.by_signal:
            return {"questions": self.questions(cell.seed)}
        return {"facts": self.facts(cell.seed)}

    def tuning(self, cell: Cell) -> TrainSpec:
        """Return the training of a cell whose method is a preset.

        Raises:
            ConfigError: a setting that is none.
        """
        method = cell.method
        given = {key: json.loads(value) for key, value in (*method.settings, *self.spec.overrides)}
        typed: dict[str, Any] = {
            "model": self.spec.models[cell.model],
            **self._taught(cell),
            "columns": self.spec.columns,
            "real_names": self.spec.real_names,
            "device": self.spec.device,
            "dtype": self.spec.dtype,
            "settings": self.spec.settings,
            "seed": cell.seed,
            **given,
        }
        folder = self.located[cell.model].path
        made, _ = resolve(method.preset, typed, folder=folder, row=method.name)
        delta = made.update == "sparse" and made.after == "none" and self.spec.keep == "delta"
        return replace(made, save="delta" if delta else "model")

    def job(self, cell: Cell) -> Job:
        """Return everything that making a cell needs."""
        return Job(
            cell=cell,
            folder=self.folder.cell(cell),
            model=self.spec.models[cell.model],
            facts=self.facts(cell.seed),
            sets=self.folder.seed(cell.seed) / "sets",
            tasks=tuple(map(sets.task_of, self.lessons[cell.seed].sets)),
            tuning=self.tuning(cell) if cell.method.source == "preset" else None,
            given=self._given(cell),
            base=self.folder.cell(replace(cell, method=self.spec.cells[0].method)),
            keep=self.spec.keep,
            drift=self.spec.drift,
            small=self.is_organism,
            device=self.spec.device,
            dtype=self.spec.dtype,
        )

    def needs(self) -> Needs:
        """Return what the cells of this call take that are not made yet."""
        todo = [cell for cell in self.only if not self.is_made(cell)]
        tuned = [cell for cell in todo if cell.method.source == "preset"]
        plans: dict[tuple[str, int], Plan] = {}
        for cell in tuned:
            key = (cell.method.name, cell.model)
            if key not in plans:
                self.write_seed(cell.seed)
                plans[key] = plan_training(self.tuning(cell), self.folder.cell(cell))
        mine = [plans[cell.method.name, cell.model] for cell in tuned]
        place = self.folder.path.absolute()
        there = next(p for p in (place, *place.parents) if p.exists())
        kept = sum(map(self._kept, mine))
        external = [cell for cell in todo if cell.method.source == "command"]
        return Needs(
            tunings=len(tuned) + len(external),
            evaluations=len(todo),
            given=sum(cell.method.source == "checkpoints" for cell in todo),
            facts=self.n_taught,
            memory=max((one.needed for one in mine), default=0),
            # One training at a time writes its checkpoints.
            disk=kept + max((one.disk for one in mine), default=0) + _A_RUN * len(todo),
            disk_free=shutil.disk_usage(there).free,
            seconds=sum(one.seconds for one in mine) + _ASKING * len(todo),
        )

    @property
    def n_taught(self) -> int:
        """How many facts are taught, or questions where no facts are."""
        lesson = self.lessons[0]
        if not self.spec.teaches:
            return len(lesson.questions or ())
        return len(lesson.facts or lesson.sets["facts_trained"])

    def write_seed(self, seed: int) -> None:
        """Write what is taught and asked under a seed, unless it is there.

        Raises:
            StoreError: cells of the seed are made, and were taught other facts or asked fewer.
        """
        lesson, folder = self.lessons[seed], self.folder.seed(seed)
        there = {path.parent.name for path in (folder / "sets").glob("*/task.toml")}
        done = folder / "sets" / "done"
        taught = digest(json.dumps(jsonl.jsonable(lesson.facts)), str(self.spec.limit))
        before = done.read_text(encoding="utf-8") if done.exists() else None
        same = before in ("", taught)  # "": of a study that did not note it
        if same and there.issuperset(map(sets.task_of, lesson.sets)):
            return
        if before and not same and any(map(self.folder.read, self._of(seed))):
            raise StoreError(
                f"{self.folder.path} holds another study: seed {seed} has other facts, or another "
                "--limit, than the cells that are made.",
                f"another --out, or --fresh (keeps the old one as {self.folder.path.name}-old1)",
            )
        if lesson.facts is not None and self.spec.teaches:
            jsonl.write(folder / "facts.jsonl", lesson.facts)
        if lesson.questions is not None:
            jsonl.write(folder / "questions.jsonl", lesson.questions)
        sets.write(lesson, folder / "sets", limit=self.spec.limit)
        done.write_text(taught, encoding="utf-8")

    def _of(self, seed: int) -> list[Cell]:
        return [cell for cell in self.spec.cells if cell.seed == seed]

    def check_settings(self) -> None:
        """Refuse to go on where a cell that is made was tuned by other settings than now.

        Raises:
            StoreError: the cell, the setting, and both values.
        """
        for cell in self.spec.cells:
            held = (self.folder.read(cell) or {}).get("settings")
            if held is None or cell.method.source != "preset":
                continue
            now = jsonl.jsonable(self.tuning(cell))
            for key in sorted(now.keys() & held.keys() - _ANYWAY):
                if now[key] != held[key]:
                    raise StoreError(
                        f"{self.folder.path} holds another study: {cell.method.name} with "
                        f"{key.replace('_', ' ')} {held[key]} there, {now[key]} now.",
                        "another --out, or --fresh (keeps the old one as "
                        f"{self.folder.path.name}-old1)",
                    )

    def set_aside(self) -> None:
        """Move what the folder holds to one beside it, once nothing speaks against the study.

        Raises:
            IabenchError: something does; nothing is moved.
        """
        path = self.folder.path
        if path.exists():
            # What is taught is planned from files: those of the old study are another's.
            with TemporaryDirectory(dir=path.parent, prefix=".") as place:
                replace(self, folder=Folder(Path(place))).needs().check(path)
            set_aside(path)

    def _given(self, cell: Cell) -> str:
        given = cell.method.checkpoints
        return given[cell.model * self.spec.seeds + cell.seed] if given else ""

    def is_made(self, cell: Cell) -> bool:
        """Whether a cell is whole, with what moved in it where that is asked for."""
        held = self.folder.read(cell)
        measured = not self.spec.drift or (self.folder.cell(cell) / "drift.json").exists()
        return held is not None and held["status"] == "complete" and measured

    def _kept(self, planned: Plan) -> int:
        """Return the bytes that stay of a training."""
        if self.spec.keep == "none":
            return 0
        small = planned.spec.update in ("lora", "sparse") and planned.spec.after == "none"
        share = planned.changing / planned.parameters if small else 1.0
        if self.spec.keep == "delta" and not small:
            return 0
        return int(4 * planned.parameters * share)


def open_study(
    spec: StudySpec,
    *,
    only: Sequence[str] = (),
    out: Path | None = None,
    fresh: bool = False,
    dry: bool = False,
) -> Study:
    """Settle a study.

    Args:
        spec: what was asked for.
        only: `METHOD` or `METHOD:SEED`: the cells to make in this call; empty: all.
        out: exactly this folder; None for the default one.
        fresh: set an old study in the folder aside, once all is checked, instead of going on
            with it.
        dry: leave everything where it is.

    Raises:
        IabenchError: whatever can be known to be wrong before anything runs.
    """
    located, identity = _located(spec)
    is_organism = all(ORGANISM_WORLD in one.provides for one in located)
    if spec.by_signal and spec.questions is None and not is_organism:
        raise ConfigError(
            f"{spec.by_signal[0]} labels questions, and {spec.models[0]} has none of its own.",
            "--questions FILE",
        )
    if spec.facts is None and spec.teaches and not is_organism:
        raise ConfigError(
            f"{spec.models[0]} has no new people of its own: it needs facts to be taught.",
            "--facts FILE",
        )
    path = out or default_folder(spec, identity)
    folder = Folder(path)
    if not fresh:
        spec = folder.agree(spec, identity)
        located, identity = _located(spec)
    over = check_given(spec)
    of_file = None
    if spec.facts is not None:
        yours = YourFacts(source=spec.facts, real_names=spec.real_names, columns=spec.columns)
        of_file = lessons.of_a_file(yours, questions=bool(spec.by_signal))
    elif not is_organism:
        of_file = lessons.of_nothing()
    made = tuple(
        of_file or lessons.of_an_organism(seed, facts=spec.teaches, questions=bool(spec.by_signal))
        for seed in range(spec.seeds)
    )
    notes = [f"{name} is left out: {why}" for name, why in made[0].left_out.items()]
    notes += over
    if spec.seeds == 1:
        notes.append("one seed: no spread; --seeds 3 tells luck from method")
    if of_file is not None:
        notes.append("the same facts under every seed: only the tuning varies")
    if len(spec.models) == 1:
        notes.append("one model: what holds here need not hold for another")
    study = Study(
        spec=spec, folder=folder, identity=identity, located=located,
        only=only_of(only, spec), lessons=made, notes=tuple(notes),
    )  # fmt: skip
    if not fresh:
        study.check_settings()
    elif not dry:
        study.set_aside()
    return study


def run(study: Study, watch: CellWatch | None = None) -> int:
    """Make the cells of a study that are not made, and return how many failed.

    A cell that another process holds is left to it; one that fails says why in its `cell.json`, and
    the others go on.
    """
    watch = watch or Nobody()
    study.folder.note(study.spec, study.identity)
    failed = 0
    for cell in study.only:
        study.write_seed(cell.seed)
        failed += make(study.job(cell), watch) == "failed"
    return failed


def _located(spec: StudySpec) -> tuple[tuple[Located, ...], dict[str, str]]:
    """Return where the models lie, and digests of their weights by name."""
    located = tuple(locate(RunSpec(model=model)) for model in spec.models)
    return located, {m: one.weights for m, one in zip(spec.models, located, strict=True)}
