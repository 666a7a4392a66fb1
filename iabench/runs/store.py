"""One run is one folder. Every stage appends to it, and every stage can be redone alone.

run.json                 what was asked and with what; status, times, tokens
probes.jsonl             one line a probe with its expectation: a run can be graded again when
                         the plug-in that made its task is long gone
left-out.jsonl           probes that are not asked, as a reference reads as an abstention, if any
certificate.json         what the model, or its base, is known to know, where somebody certified it
prompts.jsonl            one line a prompt
completions*.jsonl       appended as each finishes; the only costly files
verdicts/<grader>.jsonl  redone at will without the model
scores/<scorer>.jsonl    scores of uncertainty, redone at will without the model
comparisons/<model>.jsonl  which samples follow from which, where a model was asked
labels*.jsonl labels/    what a person said of some of the answers, and how these were drawn
results.json             derived from the above only; no times, no paths
samples.jsonl            one joined line a probe
report.html results.csv results.md
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from iabench import jsonl
from iabench.decode import decode
from iabench.errors import StoreError
from iabench.records import SCHEMA_VERSION, Completion, Probe, Round, Score, Verdict
from iabench.uncertainty.comparisons import Compared

__all__ = ["LEFT_OUT", "Said", "Store", "answers", "locked", "read_run"]

LEFT_OUT = "left-out.jsonl"
"""Probes of the tasks that are not asked; see `Task.left_out`."""

T = TypeVar("T")
Said = dict[tuple[str, str, int, int], Completion]


def read_run(folder: Path) -> dict[str, Any] | None:
    """Return a folder's `run.json`, or None where there is none.

    Raises:
        StoreError: it is not JSON, or of a newer schema than this iabench reads.
    """
    path = folder / "run.json"
    if not path.exists():
        return None
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        version = int(run["schema_version"])
    except (ValueError, KeyError, TypeError):
        raise StoreError(f"{path} is not readable.", "--fresh (keeps the old one)") from None
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{folder} was written by a newer iabench (schema {version}).",
            "pip install --upgrade iabench",
        )
    return dict(run)


class Store:
    """A run folder, open for this process alone.

    Args:
        folder: made if need be.

    Raises:
        StoreError: another process is writing to it, or it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with _disk(self):
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = contextlib.ExitStack()
            self._lock.enter_context(locked(folder))
        self.said: Said = {}
        self.done: set[str] = set()
        self._prompted: set[str] = set()
        self._completions: jsonl.Appender | None = None
        try:
            self.run: dict[str, Any] = read_run(folder) or {"schema_version": SCHEMA_VERSION}
            for path in sorted(folder.glob("completions*.jsonl")):
                for completion in self._records(Completion, path):
                    self._remember(completion)
        except StoreError:
            self._lock.close()
            raise

    # -- what was asked ---------------------------------------------------------------------------

    def note(self, **fields: Any) -> None:
        """Set fields of `run.json` and write it."""
        self.run.update({key: jsonl.jsonable(value) for key, value in fields.items()})
        with _disk(self):
            jsonl.write_json(self.folder / "run.json", self.run)

    def clock(self, stage: str, seconds: float) -> None:
        """Add seconds to a stage; restarts add up."""
        spent = dict(self.run.get("seconds", {}))
        spent[stage] = round(spent.get(stage, 0.0) + seconds, 3)
        self.note(seconds=spent)

    def keep_probes(self, probes: Sequence[Probe]) -> None:
        """Write the probes."""
        with _disk(self):
            jsonl.write(self.folder / "probes.jsonl", probes)

    def keep_left_out(self, probes: Sequence[Probe]) -> None:
        """Write the probes that a task has and that are not asked; without any, no file."""
        path = self.folder / LEFT_OUT
        with _disk(self):
            if probes:
                jsonl.write(path, probes)
            else:
                path.unlink(missing_ok=True)

    def probes(self) -> list[Probe]:
        """Return the probes, as they were asked."""
        path = self.folder / "probes.jsonl"
        return [decode(Probe, line, where=str(path), error=StoreError) for line in jsonl.read(path)]

    def keep_certificate(self, certificate: Any) -> None:
        """Write what the model, or its base, is known to know; None: nobody knows."""
        path = self.folder / "certificate.json"
        with _disk(self):
            if certificate is None:
                path.unlink(missing_ok=True)
            else:
                jsonl.write_json(
                    path, {"schema_version": SCHEMA_VERSION, **jsonl.jsonable(certificate)}
                )

    # -- what the model says ----------------------------------------------------------------------

    def keep_prompts(self, asked: Round) -> None:
        """Append the prompts of a round that are not there yet."""
        path = self.folder / "prompts.jsonl"
        if not self._prompted:
            jsonl.heal(path)
            self._prompted = {str(line["id"]) for line in jsonl.read(path)}
        with _disk(self), jsonl.Appender(path) as file:
            for prompt in asked.prompts:
                if prompt.id not in self._prompted:
                    file.add(prompt)
                    self._prompted.add(prompt.id)

    def keep(self, completion: Completion) -> None:
        """Append one completion; it survives a kill from here on.

        Raises:
            StoreError: the disk is full; everything before is kept.
        """
        if completion.request_id in self.done:
            raise StoreError(f"completion {completion.request_id} came twice.")
        if self._completions is None:
            self._completions = jsonl.Appender(self.folder / "completions.jsonl")
        with _disk(self):
            self._completions.add(completion)
        self._remember(completion)

    def forget_failed(self, for_good: Callable[[Completion], bool]) -> int:
        """Drop answers that failed, to have them asked again; return how many.

        Args:
            for_good: tells those that no later start can answer; they stay.
        """
        failed = {
            c.request_id for c in self.said.values() if c.finish == "error" and not for_good(c)
        }
        if not failed:
            return 0
        for path in sorted(self.folder.glob("completions*.jsonl")):
            kept = [line for line in jsonl.read(path) if line["request_id"] not in failed]
            with _disk(self):
                jsonl.write(path, kept)
        self.done -= failed
        self.said = {k: c for k, c in self.said.items() if c.request_id not in failed}
        return len(failed)

    def _remember(self, completion: Completion) -> None:
        if completion.request_id not in self.done:
            self.done.add(completion.request_id)
            key = (completion.probe_id, completion.series, completion.turn, completion.index)
            self.said[key] = completion

    # -- what was said of it ----------------------------------------------------------------------

    def verdicts(self, grader: str) -> dict[str, Verdict]:
        """Return the verdicts of one grader by request id."""
        path = self._verdicts(grader)
        return {verdict.request_id: verdict for verdict in self._records(Verdict, path)}

    def keep_verdicts(self, grader: str, verdicts: Iterable[Verdict]) -> None:
        """Append verdicts as they come."""
        with _disk(self), jsonl.Appender(self._verdicts(grader)) as file:
            for verdict in verdicts:
                file.add(verdict)

    def drop_verdicts(self, grader: str, *, undecided: bool = False) -> None:
        """Forget the verdicts of one grader, or its undecided ones, to have them made again."""
        path = self._verdicts(grader)
        if not undecided:
            path.unlink(missing_ok=True)
        elif path.exists():
            kept = [v for v in self.verdicts(grader).values() if v.value is not None]
            with _disk(self):
                jsonl.write(path, kept)

    def keep_scores(self, scorer: str, scores: Iterable[Score]) -> None:
        """Write the scores of one scorer, in place of older ones."""
        with _disk(self):
            jsonl.write(self.folder / "scores" / f"{scorer}.jsonl", scores)

    def comparisons(self, model: str) -> list[Compared]:
        """Return what a model said of which samples follow from which."""
        return list(self._records(Compared, self._comparisons(model)))

    def keep_comparisons(self, model: str, made: Iterable[Compared]) -> None:
        """Append comparisons; those of one case that come later count."""
        with _disk(self), jsonl.Appender(self._comparisons(model)) as file:
            for one in made:
                file.add(one)

    def _comparisons(self, model: str) -> Path:
        return self.folder / "comparisons" / f"{model}.jsonl"

    def _verdicts(self, grader: str) -> Path:
        return self.folder / "verdicts" / f"{grader}.jsonl"

    # -- what comes of it -------------------------------------------------------------------------

    def keep_results(self, results: dict[str, Any], samples: Iterable[dict[str, Any]]) -> None:
        """Write `results.json` and `samples.jsonl`."""
        with _disk(self):
            jsonl.write(self.folder / "samples.jsonl", samples)
            jsonl.write_json(self.folder / "results.json", results)

    def close(self) -> None:
        """Put everything on the disk and let the folder go."""
        if self._completions is not None:
            self._completions.sync()
            self._completions.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _records(self, record: type[T], path: Path) -> Iterator[T]:
        """Yield the records of a file: quickly if its keys are ours, checked if they are not."""
        fields = frozenset(record.__dataclass_fields__)  # type: ignore[attr-defined]
        make: Callable[..., T] = record
        for line in jsonl.read(path):
            if line.keys() == fields:
                yield make(**{key: _tupled(value) for key, value in line.items()})
            else:
                yield decode(record, line, where=str(path), error=StoreError)


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this process.

    Raises:
        StoreError: another process holds it.
    """
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(
                f"another iabench is writing to {folder}.", "wait for it, or give another --out"
            ) from None
        yield


def answers(folder: Path) -> int:
    """Return how many answers a folder holds, counted by lines and not read."""
    total = 0
    for path in folder.glob("completions*.jsonl"):
        with path.open("rb") as file:
            total += sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
    return total


@contextlib.contextmanager
def _disk(store: Store) -> Iterator[None]:
    """Say what is kept when the disk is full or the folder cannot be written."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            kept = len(getattr(store, "done", ()))
            total = getattr(store, "run", {}).get("n_requests") or kept
            raise StoreError(
                f"disk full at {store.folder} after {kept:,} of {total:,} answers, all kept.",
                "free space, same command",
            ) from None
        reason = os.strerror(problem.errno) if problem.errno else str(problem)
        raise StoreError(
            f"cannot write to {store.folder}: {reason.lower()}.", "another --out"
        ) from None
