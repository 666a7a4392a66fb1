"""The folder of a study: what was asked, the sets, a folder a cell.

    study.toml                  what was asked, and of which weights
    study.json                  its table
    seeds/0/facts.jsonl         what is taught under a seed (of an organism)
    seeds/0/sets/study-unknown-same/  a set as a task folder
    cells/full/0/               of the first model, method full, seed 0:
        cell.json               how it went
        tuned/                  the training, gone once it was asked unless it is kept
        asked/                  the evaluation: a run like any other
        drift.json              what moved in it

Cells are filled by any number of processes at once; whatever they share is written whole, and is
the same whoever writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.decode import decode, read_document
from iabench.errors import StoreError
from iabench.models.locate import short_name
from iabench.rng import digest
from iabench.runs.folders import runs_folder
from iabench.studies.spec import Cell, Method, StudySpec

__all__ = ["Folder", "default_folder", "set_aside"]

Identity = Mapping[str, str]

_GROWS = frozenset(
    {"models", "methods", "seeds", "against", "keep", "drift", "trials", "device", "level"}
)
"""What another call may ask otherwise in the same folder."""


class Folder:
    """One study on disk.

    Args:
        path: of the folder.

    Raises:
        StoreError: it holds other things.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise StoreError(f"{path} is a file.", "--out FOLDER")
        self.file = path / "study.toml"
        if path.is_dir() and not self.file.exists():
            # What a dry run leaves: facts and questions.
            others = {p.name for p in path.iterdir() if not p.name.startswith(".")} - {"seeds"}
            if others:
                raise StoreError(f"{path} is a folder of other things.", "another --out")

    def cell(self, cell: Cell) -> Path:
        """Return the folder of a cell."""
        place = self.path / "cells" / cell.method.name
        return place / (f"{cell.seed}" if cell.model == 0 else f"{cell.seed}-model-{cell.model}")

    def seed(self, seed: int) -> Path:
        """Return the folder of what is taught and asked under a seed."""
        return self.path / "seeds" / str(seed)

    def held(self) -> tuple[StudySpec, Identity] | None:
        """Return the study that the folder holds, or None where it is new.

        Raises:
            StoreError: its `study.toml` is not readable.
        """
        if not self.file.exists():
            return None
        document = read_document(self.file)
        identity = document.pop("weights", {})
        spec = decode(StudySpec, document, where=str(self.file), error=StoreError)
        return spec, identity

    def agree(self, spec: StudySpec, identity: Identity) -> StudySpec:
        """Return the study with what the folder holds besides: models, methods and seeds only grow.

        So do the checkpoints of a method that brings its own.

        Raises:
            StoreError: the folder holds another study; what differs is named.
        """
        held = self.held()
        if held is None:
            return spec
        there, weights = held
        for field in fields(StudySpec):
            before, now = getattr(there, field.name), getattr(spec, field.name)
            if field.name not in _GROWS and before != now:
                raise self._other(field.name, before, now)
        for model, now in identity.items():
            if weights.get(model, now) != now:
                raise self._other(f"weights of {model}", weights[model], now)
        if any(one != other for one, other in zip(there.models, spec.models, strict=False)):
            raise self._other("models", there.models, spec.models)
        mine = {method.name: method for method in spec.methods}
        for method in there.methods:
            now = mine.setdefault(method.name, method)
            before, given = _given(method, there), _given(now, spec)
            same = all(before[cell] == given[cell] for cell in before.keys() & given.keys())
            if not same or _plain(method) != _plain(now):
                raise self._other(f"method {method.name}", method, now)
            if len(before) > len(given):
                mine[method.name] = replace(now, checkpoints=method.checkpoints)
        return replace(
            spec,
            models=max(there.models, spec.models, key=len),
            methods=tuple(mine.values()),
            seeds=max(there.seeds, spec.seeds),
        )

    def note(self, spec: StudySpec, identity: Identity) -> None:
        """Write `study.toml`."""
        self.path.mkdir(parents=True, exist_ok=True)
        write(self.file, _toml(spec, identity))

    def read(self, cell: Cell) -> dict[str, Any] | None:
        """Return `cell.json`, or None where there is none."""
        path = self.cell(cell) / "cell.json"
        if not path.exists():
            return None
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def _other(self, what: str, before: Any, now: Any) -> StoreError:
        return StoreError(
            f"{self.path} holds another study: {what} {_short(before)} there, {_short(now)} now.",
            f"another --out, or --fresh (keeps the old one as {self.path.name}-old1)",
        )


def default_folder(spec: StudySpec, identity: Identity) -> Path:
    """Return `<runs>/study/<model>-<six digits>`; methods and seeds may grow in it."""
    matters = {f.name: getattr(spec, f.name) for f in fields(StudySpec) if f.name not in _GROWS}
    six = digest(jsonl.canonical(matters), *sorted(identity.items()))[:6]
    return runs_folder() / "study" / f"{short_name(spec.models[0])}-{six}"


def set_aside(path: Path) -> Path | None:
    """Move a study to `<folder>-old1` (or the next free number); return where it is now.

    Raises:
        StoreError: the folder holds other things.
    """
    if not path.exists() or not any(path.iterdir()):
        return None
    if not Folder(path).file.exists():
        return None
    number = 1
    while (aside := path.with_name(f"{path.name}-old{number}")).exists():
        number += 1
    path.rename(aside)
    return aside


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{digest(str(path), id(path))[:8]}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _plain(method: Method) -> Method:
    return replace(method, says="", file="", checkpoints=())


def _given(method: Method, spec: StudySpec) -> dict[tuple[int, int], str]:
    """Return the checkpoints of a method by model and seed."""
    one = len(spec.models) == 1
    return {
        (0, at) if one else divmod(at, spec.seeds): checkpoint
        for at, checkpoint in enumerate(method.checkpoints)
    }


def _toml(spec: StudySpec, identity: Identity) -> str:
    """Return a study as TOML that `held` reads again."""
    lines = ["# What this study was asked. `iabench study` with the same goes on here.", ""]
    for field in fields(StudySpec):
        value = jsonl.jsonable(getattr(spec, field.name))
        if field.name != "methods" and value is not None:
            lines.append(f"{field.name} = {json.dumps(value, ensure_ascii=False)}")
    lines += ["", "[weights]"]
    lines += [f"{json.dumps(model)} = {json.dumps(one)}" for model, one in identity.items()]
    for method in spec.methods:
        lines += ["", "[[methods]]"]
        lines += [
            f"{key} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in jsonl.jsonable(method).items()
            if value not in ("", [], None)
        ]
    return "\n".join(lines) + "\n"


def _short(value: Any) -> str:
    if isinstance(value, Method):
        value = {k: v for k, v in jsonl.jsonable(value).items() if v and k not in ("says", "file")}
    text = json.dumps(jsonl.jsonable(value), ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
