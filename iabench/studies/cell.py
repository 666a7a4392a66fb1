"""One cell of a study: a model is tuned, asked, measured, and mostly thrown away again."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from iabench import jsonl
from iabench.errors import IabenchError, StoreError
from iabench.grading.base import DETECTORS, GRADERS
from iabench.models.deltas import SETTINGS as DELTA
from iabench.models.peak import peak_memory
from iabench.organism.train import one_thread
from iabench.records import ModelSpec, RunSpec
from iabench.runs.regrade import regrade
from iabench.runs.runner import evaluate
from iabench.runs.store import locked, read_run
from iabench.runs.watch import Watch
from iabench.studies.spec import Cell, Keep
from iabench.training.plan import plan
from iabench.training.spec import TrainSpec
from iabench.training.train import train

if TYPE_CHECKING:
    from iabench.studies.study import CellWatch

__all__ = ["Job", "make"]

State = Literal["made", "found", "failed", "busy"]

_TOKENS = 32
"""Most tokens of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything that making a cell needs."""

    cell: Cell
    folder: Path
    model: str
    facts: str
    sets: Path
    tasks: tuple[str, ...]
    tuning: TrainSpec | None
    """Of a preset."""
    given: str
    """The finished checkpoint of a method that brings one."""
    base: Path
    """Folder of the base's cell with the same model and seed."""
    keep: Keep
    drift: bool
    small: bool
    """One thread is no slower, and the same everywhere."""
    device: str
    dtype: str


def make(job: Job, watch: CellWatch) -> State:
    """Make a cell, unless it is made or another process is at it, and return what became of it.

    What goes wrong in it stands in `cell.json` and, with a traceback, in `crash.log`; only Ctrl-C
    comes through. A cell that was tuned and asked is whole, also where it could not be measured
    what moved: then `drift_failed` says why, and the next call tries that again.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(job.folder):
            said = _held(job)
            if said is not None:
                _judged_as_now(job)
                if not _drift_is_due(job):
                    watch.cell(job.cell, "found", str(said.get("from", "")))
                    return "found"
            watch.cell(job.cell, "begun")
            start = time.perf_counter()
            with one_thread() if job.small else nullcontext():
                if said is None:
                    said = _made(job, _Quiet(watch))
                    _note(job, said)
                if _drift_is_due(job):
                    said = _measured(job, said, watch)
                    _note(job, said)
            _throw_away(job)
            watch.cell(job.cell, "made", f"{time.perf_counter() - start:.1f}")
            return "made"
    except StoreError as problem:
        if "another iabench is writing" not in problem.message:
            return _failed(job, problem, watch)
        watch.cell(job.cell, "busy")
        return "busy"
    except Exception as problem:  # noqa: BLE001 - whatever happens in a cell stays in it
        return _failed(job, problem, watch)


def _made(job: Job, watch: Watch) -> dict[str, Any]:
    """Tune and ask; return what `cell.json` holds."""
    with peak_memory(job.device) as peak:
        model = _model(job, watch)
    said = _took(job)
    start = time.perf_counter()
    evaluate(
        model,
        tasks=job.tasks,
        include_path=[str(job.sets)],
        max_new_tokens=_TOKENS,
        device=job.device,
        dtype=job.dtype,
        out=job.folder / "asked",
        watch=watch,
    )
    said["seconds_asking"] = round(time.perf_counter() - start, 1)
    if job.tuning is not None:
        said["peak_memory"] = peak.bytes
    return said


def _measured(job: Job, said: dict[str, Any], watch: CellWatch) -> dict[str, Any]:
    """Measure what moved; return what `cell.json` holds then."""
    from iabench.studies.drift import measure

    said.pop("drift_failed", None)
    try:
        # Found where its weights are still there; tuned once more, to the same weights, if not.
        model = _model(job, _Quiet(watch))
        measure(job.folder, model, base=job.base, device=job.device, dtype=job.dtype)
    except Exception as problem:  # noqa: BLE001 - the cell is whole without it
        reason = _reason(job, problem)
        watch.say(f"note     {job.cell.method.name}:{job.cell.seed} drift not measured: {reason}")
        return {**said, "drift_failed": reason}
    return said


def _model(job: Job, watch: Watch) -> str:
    """Return the model that is to be asked, tuned where it is not there yet."""
    method, out = job.cell.method, job.folder / "tuned"
    if method.source == "base":
        return job.model
    if method.source == "checkpoints":
        return job.given
    if method.source == "command":
        _command(job, out)
    else:
        assert job.tuning is not None
        train(job.tuning, out, watch=watch)
    return str(out)


def _took(job: Job) -> dict[str, Any]:
    """Return where a model came from, and what its tuning took."""
    method, out = job.cell.method, job.folder / "tuned"
    if method.source == "command":
        seconds = float((job.folder / "command.done").read_text(encoding="utf-8"))
        return {"from": method.command[0], "seconds": seconds}
    if job.tuning is None:
        return {"from": job.given or job.model}
    run = json.loads((out / "training.json").read_text(encoding="utf-8"))
    planned = plan(job.tuning, out)
    an_epoch = planned.steps / planned.epochs if planned.epochs else 1
    return {
        "from": job.model,
        "settings": run["asked"],
        "steps": run["steps"],
        "seconds": run["seconds"],
        "tokens": round(planned.tokens * run["steps"] / max(1.0, an_epoch)),
        "recall": run.get("recall", []),
        "corpus": run["corpus"],
    }


def _command(job: Job, out: Path) -> None:
    """Run somebody's own command, without a shell, unless it was run; it leaves a model.

    Raises:
        StoreError: it cannot be run or fails, or leaves no model; its log is named.
    """
    fields = {
        "model": str(Path(job.model).absolute()) if Path(job.model).exists() else job.model,
        "facts": str(Path(job.facts).absolute()) if Path(job.facts).exists() else job.facts,
        "out": str(out.absolute()),
        "seed": str(job.cell.seed),
    }
    words = [_filled(word, fields) for word in job.cell.method.command]
    log, mark = job.folder / "command.log", job.folder / "command.done"
    if mark.exists():
        return
    start = time.perf_counter()
    shutil.rmtree(out, ignore_errors=True)
    try:
        with log.open("wb") as file:
            done = subprocess.run(
                words, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                cwd=Path(job.cell.method.file).absolute().parent, check=False,
            )  # fmt: skip
    except OSError as problem:
        raise StoreError(f"{words[0]} cannot be run: {problem.strerror}.") from None
    if done.returncode:
        raise StoreError(f"{words[0]} failed with exit code {done.returncode}: {log}")
    if not out.is_dir():
        raise StoreError(f"{words[0]} left no model in {out}: {log}")
    mark.write_text(f"{time.perf_counter() - start:.1f}\n", encoding="utf-8")


def _filled(word: str, fields: Mapping[str, str]) -> str:
    """Return one argument with its fields in place: plain substitution, nothing is evaluated."""
    for name, value in fields.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def _held(job: Job) -> dict[str, Any] | None:
    """Return what an earlier call left of a cell that is whole."""
    path = job.folder / "cell.json"
    if not path.exists():
        return None
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held if held.pop("status") == "complete" else None


def _note(job: Job, said: Mapping[str, Any]) -> None:
    jsonl.write_json(job.folder / "cell.json", {"status": "complete", **said})


def _drift_is_due(job: Job) -> bool:
    return job.drift and not (job.folder / "drift.json").exists()


def _judged_as_now(job: Job) -> None:
    """Judge a cell again, without its model, where detector or grader have another version now."""
    run = read_run(job.folder / "asked") or {}
    spec = RunSpec(model=job.model)
    detector = DETECTORS.get(spec.detector)(spec)
    grader = GRADERS.get(spec.grader)(spec)
    if (run.get("detector"), run.get("grader")) != (detector.id, grader.id):
        regrade(job.folder / "asked")


def _throw_away(job: Job) -> None:
    """Remove the weights that are not kept; what was asked and how it was trained stays."""
    tuned = job.folder / "tuned"
    if not tuned.exists() or job.keep == "all":
        return
    small = (tuned / "adapter_config.json").exists() or (tuned / DELTA).exists()
    if job.keep == "delta" and small:
        return
    for name in ("training.json", "README.md"):
        if (tuned / name).exists():
            shutil.copy(tuned / name, job.folder / name)
    shutil.rmtree(tuned)
    (job.folder / "command.done").unlink(missing_ok=True)


def _failed(job: Job, problem: Exception, watch: CellWatch) -> State:
    """Leave word of why a cell failed."""
    reason = _reason(job, problem)
    jsonl.write_json(job.folder / "cell.json", {"status": "failed", "reason": reason})
    watch.cell(job.cell, "failed", reason)
    return "failed"


def _reason(job: Job, problem: Exception) -> str:
    """Return what went wrong in a line; what is nobody's bad input has its traceback beside it."""
    if isinstance(problem, IabenchError):
        return problem.message
    log = job.folder / "crash.log"
    lines = traceback.format_exception(problem)
    log.write_text("".join(lines), encoding="utf-8")
    said = str(problem).partition("\n")[0]
    return f"{type(problem).__name__}: {said} ({log})"


class _Quiet:
    """Passes on how far a cell is, and nothing of its plans."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def say(self, line: str) -> None:
        """Drop the line."""

    def begin(self, stage: str, total: int, done: int = 0) -> None:
        """A stage begins."""
        self._watch.begin(stage, total, done)

    def advance(self, n: int = 1) -> None:
        """N more."""
        self._watch.advance(n)

    def end(self, summary: str = "") -> None:
        """The stage is over; what came of it stands in the cell's own files."""
        self._watch.end()

    def loaded(self, model: ModelSpec, notes: tuple[str, ...]) -> None:
        """It is known which model it is."""
