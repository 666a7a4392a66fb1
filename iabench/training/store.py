"""The folder of a training: `training.json`, checkpoints while it goes on, and what comes of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.errors import TrainingError
from iabench.runs.store import locked
from iabench.training.spec import TrainSpec

__all__ = ["Folder", "read_training", "set_aside"]

_ANYWAY = frozenset({"device", "checkpoint_every", "report_to", "save", "method", "data_dir"})
"""Fields that change no weight. `path` does, in the last digits; its checkpoints are others."""
_FILES = ("facts", "questions", "real_names")
"""Fields that may name a file, which is known by what it holds, wherever it lies."""


class Folder:
    """One training on disk.

    Args:
        path: of the folder.
        spec: of the training that is wanted.
        base: digest of the base's weights.
        writes: only one process does.
        fresh: nothing in it counts; another process may not have set it aside yet.

    Raises:
        TrainingError: the folder holds another training, or other things.
    """

    def __init__(
        self, path: Path, spec: TrainSpec, *, base: str, writes: bool = True, fresh: bool = False
    ) -> None:
        self.path, self.writes, self._fresh = path, writes, fresh
        self.checkpoints = path / "checkpoints"
        self._file = path / "training.json"
        wanted = {**jsonl.jsonable(spec), "base_weights": base, "files": _files(spec)}
        self.run: dict[str, Any] = {} if fresh else self._held(wanted)
        self.run.setdefault("status", "new")
        self.run["asked"] = wanted

    @property
    def status(self) -> str:
        """`new`, `started`, `failed`, or `complete`."""
        return str(self.run["status"])

    @property
    def checkpoint(self) -> str | None:
        """The last checkpoint that was written whole, or None."""
        if self._fresh:
            return None
        whole = [
            folder
            for folder in self.checkpoints.glob("checkpoint-*")
            # The last file of a checkpoint: what was killed before it has none.
            if (folder / "trainer_state.json").exists() and _readable(folder / "trainer_state.json")
        ]
        last = max(whole, key=lambda folder: int(folder.name.rpartition("-")[2]), default=None)
        return str(last) if last else None

    def note(self, **said: Any) -> None:
        """Add to `training.json`."""
        self.run |= said
        self.write("training.json", json.dumps(self.run, indent=1, ensure_ascii=False) + "\n")

    def write(self, name: str, text: str) -> None:
        """Write a file whole or not at all."""
        if not self.writes:
            return
        self.path.mkdir(parents=True, exist_ok=True)
        torn = self.path / f".{name}.part"
        torn.write_text(text, encoding="utf-8")
        torn.replace(self.path / name)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for this process, and leave word of how a training stopped."""
        with self._locked():
            self.note(status="started")
            try:
                yield
            except BaseException:
                self.note(status="failed")
                raise

    def drop(self, step: int) -> bool:
        """Remove the checkpoint of a step, of no use; return whether one before it is left."""
        if self.writes:
            shutil.rmtree(self.checkpoints / f"checkpoint-{step}", ignore_errors=True)
        return any(self.checkpoints.glob("checkpoint-*"))

    def _locked(self) -> contextlib.AbstractContextManager[None]:
        if not self.writes:
            return contextlib.nullcontext()
        self.path.mkdir(parents=True, exist_ok=True)
        return locked(self.path)

    def _held(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Return `training.json` as it stands, if it is the same training."""
        if self.path.exists() and not self.path.is_dir():
            raise TrainingError(f"{self.path} is a file.", "--out FOLDER")
        if not self._file.exists():
            others = [p for p in self.path.glob("*") if not p.name.startswith(".")]
            if any(p.name != "checkpoints" for p in others):
                raise TrainingError(f"{self.path} is a folder of other things.", "another --out")
            return {}
        held = read_training(self.path)
        before = held.get("asked", {})
        files, there = wanted["files"], before.get("files", {})
        for key, value in wanted.items():
            if key in (*_ANYWAY, "files") or (key in files and files[key] == there.get(key)):
                continue
            if key in files and key in there:
                raise self._other(f"content of {key}", there[key], files[key])
            # A field that an older iabench did not have yet says nothing.
            if key in before and before[key] != value:
                if self._came_to_nothing(held):
                    return {}
                raise self._other(key.replace("_", " "), before.get(key), value)
        return held

    def _came_to_nothing(self, held: dict[str, Any]) -> bool:
        """Return whether a training failed before its first step: another may take its folder."""
        kept = (self.path / "thresholds.json", *self.checkpoints.glob("checkpoint-*"))
        return held.get("status") == "failed" and not any(path.exists() for path in kept)

    def _other(self, what: str, before: Any, now: Any) -> TrainingError:
        differs = f"{what} {_short(before)} there, {_short(now)} now"
        return TrainingError(
            f"{self.path} holds another training: {differs}.",
            f"another --out, or --fresh (keeps the old one as {self.path.name}-old1)",
        )


def read_training(path: Path) -> dict[str, Any]:
    """Return `training.json` of a folder that has one.

    Raises:
        TrainingError: it is torn, or none of ours.
    """
    file = path / "training.json"
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        held = None
    if not isinstance(held, dict):
        raise TrainingError(
            f"{file} is not readable.",
            f"another --out, or --fresh (keeps the old one as {path.name}-old1)",
        )
    return held


def set_aside(path: Path) -> Path | None:
    """Move a training to `<folder>-old1` (or the next free number); return where it is now.

    Raises:
        TrainingError: the folder holds other things.
    """
    if path.exists() and not path.is_dir():
        raise TrainingError(f"{path} is a file.", "--out FOLDER")
    if not path.exists() or not any(path.iterdir()):
        return None
    if not (path / "training.json").exists():
        raise TrainingError(f"{path} is a folder of other things.", "another --out")
    number = 1
    while (aside := path.with_name(f"{path.name}-old{number}")).exists():
        number += 1
    with locked(path):
        path.rename(aside)
    return aside


def _files(spec: TrainSpec) -> dict[str, str]:
    """Return digests of the files that a training reads, by the field that names them."""
    named = {key: Path(str(getattr(spec, key))) for key in _FILES if getattr(spec, key)}
    return {
        key: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for key, path in named.items()
        if path.is_file()
    }


def _readable(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
