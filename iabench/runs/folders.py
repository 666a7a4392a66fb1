"""Which folder a run has, and whether a folder that is there is the same run."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iabench.errors import StoreError
from iabench.models.locate import short_name
from iabench.records import ModelSpec, RunSpec
from iabench.rng import digest
from iabench.runs.store import locked, read_run

__all__ = [
    "check_model",
    "check_same",
    "default_folder",
    "identity",
    "latest",
    "place_aside",
    "runs_folder",
    "set_aside",
]

Identity = dict[str, str | None]

_LOADED = (
    "weights",
    "adapter_weights",
    "configuration",
    "dtype",
    "tokenizer",
    "chat_template",
    "quantize",
)


def runs_folder() -> Path:
    """Return `$IABENCH_RUNS`, or `runs` here."""
    return Path(os.environ.get("IABENCH_RUNS") or "runs")


def identity(spec: RunSpec, *, backend: str, model: Mapping[str, str | None]) -> Identity:
    """Return what can change an answer, as far as it is known before a model is loaded.

    Args:
        spec: what was asked for.
        backend: by name.
        model: digests of its weights, adapter, settings, ...

    Device, batch size, detector, grader and metrics are not part of it; neither are tasks and
    limit, which may grow.
    """
    return {
        "backend": backend,
        "model": spec.model,
        **model,
        "revision": spec.revision,
        "base": spec.base,
        "quantization": spec.quantize,
        "dtype": spec.dtype,
        "system prompt": spec.system_prompt,
        "chat template": spec.chat_template,
        "chat template options": " ".join(f"{k}={v}" for k, v in spec.chat_template_kwargs) or None,
        "token limit": str(spec.max_new_tokens),
        "seed": str(spec.seed),
        "sampling seed": str(spec.sampling_seed),
        "server": spec.base_url,
    }


def default_folder(spec: RunSpec, same: Identity, checksums: Mapping[str, str]) -> Path:
    """Return `<runs>/<model>/<tasks>-<six digits>`: the same command is the same folder."""
    six = digest(*same.items(), *sorted(checksums.items()))[:6]
    facts = [Path(spec.facts).stem] if spec.facts else []
    tasks = re.sub(r"[^a-z0-9+]+", "-", "+".join((*spec.tasks, *facts)).lower()).strip("-")[:40]
    return runs_folder() / short_name(spec.model) / f"{tasks}-{six}"


def check_same(folder: Path, run: Mapping[str, Any], same: Identity) -> None:
    """Refuse a folder that holds another evaluation, naming the difference.

    Raises:
        StoreError: model, prompt, seed or decoding differ.
    """
    there: Identity = run.get("identity") or {}
    # The name of a model may change (a path, a symbolic link) where its weights are the same.
    keys = [key for key in same if key != "model" or not same.get("weights")]
    different = [key for key in keys if there.get(key) != same[key]]
    if not different:
        return
    which = ("weights", "adapter", "settings")
    key = "model" if any(name in different for name in which) else different[0]
    before, now = _short(there.get(key)), _short(same[key])
    if before == now:
        what = next(name for name in (*which, key) if name in different)
        before = f"{before} ({what} {there.get(what)})"
        now = f"{now} ({what} {same.get(what)})"
    raise _other(folder, f"{key} {before} there, {now} now")


def check_model(folder: Path, run: Mapping[str, Any], model: ModelSpec) -> None:
    """Refuse to go on with a model that, once loaded, is another than the one before.

    Raises:
        StoreError: weights, dtype, tokenizer or chat template differ.
    """
    there = run.get("model")
    if not there:
        return
    for field in _LOADED:
        before, now = there.get(field), getattr(model, field)
        if before != now:
            word = field.replace("_", " ")
            raise _other(folder, f"{word} {_short(before)} there, {_short(now)} now")


def set_aside(folder: Path) -> Path | None:
    """Move a run to `<folder>-old1` (or the next free number); return where it is now.

    Raises:
        StoreError: somebody is writing to it, or it is no run.
    """
    aside = place_aside(folder)
    if aside is not None:
        with locked(folder):
            folder.rename(aside)
    return aside


def place_aside(folder: Path) -> Path | None:
    """Return where `set_aside` moves a run to, or None where there is none.

    Raises:
        StoreError: it is no run.
    """
    if (folder / "run.json").exists():
        return _free(folder)
    if folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise StoreError(f"{folder} is a folder of other things.", "another --out")
    return None


def _free(folder: Path) -> Path:
    number = 1
    while (aside := folder.with_name(f"{folder.name}-old{number}")).exists():
        number += 1
    return aside


def latest(folder: Path | None = None) -> Path:
    """Return the folder of the last run; given one, remember it.

    Raises:
        StoreError: there is none yet.
    """
    pointer = runs_folder() / "latest"
    if folder is not None:
        # Of use, but not worth failing a finished run for.
        with contextlib.suppress(OSError):
            pointer.parent.mkdir(parents=True, exist_ok=True)
            pointer.write_text(f"{folder.resolve()}\n", encoding="utf-8")
        return folder
    if not pointer.exists():
        raise StoreError("no run yet.", "iabench evaluate --model ID_OR_FOLDER")
    last = Path(pointer.read_text(encoding="utf-8").strip())
    if read_run(last) is None:
        raise StoreError(f"the last run, {last}, is no longer there.", "iabench runs")
    return last


def _other(folder: Path, difference: str) -> StoreError:
    return StoreError(
        f"{folder} holds another evaluation: {difference}.",
        f"another --out, or --fresh (keeps the old one as {_free(folder)})",
    )


def _short(value: str | None) -> str:
    if value is None:
        return "none"
    return value if len(value) <= 60 else f"{value[:48]}... ({digest(value)[:6]})"
