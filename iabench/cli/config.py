"""`-C FILE`: options of a command from TOML, YAML, or a finished `run.json` or `training.json`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer

from iabench.datasets.files import SUFFIXES
from iabench.decode import read_document
from iabench.errors import ConfigError, near_match
from iabench.records import RunSpec

__all__ = ["defaults", "there"]

# Options that are called otherwise in the code.
_NAMES = {"json": "as_json", "open": "open_page"}


def defaults(words: Sequence[str], app: typer.Typer) -> dict[str, dict[str, Any]]:
    """Return click's `default_map` for a command line that names a configuration file.

    Raises:
        ConfigError: no such file, or it holds a key that is no option of the verb.
    """
    path = _path(words)
    if path is None or not words:
        return {}
    document = read_document(path)
    if path.name == "run.json" and "asked" in document:
        document = _of_run(document["asked"])
        for key in ("facts", "real_names", "data_dir"):
            option = f"--{key.replace('_', '-')}"
            given = any(word.partition("=")[0] == option for word in words)
            if key in document and not given:
                document[key] = there(str(document[key]), key, path)
    elif path.name == "training.json" and "asked" in document:
        document = _of_training(document["asked"])
    command = typer.main.get_command(app)
    verb = getattr(command, "commands", {}).get(words[0])
    known = {str(param.name): param for param in verb.params} if verb else {}
    options: dict[str, Any] = {}
    for key, value in document.items():
        name = key.replace("-", "_")
        name = _NAMES.get(name, name)
        if name not in known:
            near = near_match(name, known)
            raise ConfigError(f'{path}: unknown key "{key}".', near or f"iabench {words[0]} --help")
        text = _text(value)
        options[name] = [text] if getattr(known[name], "multiple", False) else text
    return {words[0]: options}


def _path(words: Sequence[str]) -> Path | None:
    for i, word in enumerate(words):
        if word in ("-C", "--config") and i + 1 < len(words):
            return Path(words[i + 1])
        if word.startswith("-C") and len(word) > 2:
            return Path(word[2:])
    verb = words[0].upper().replace("-", "_") if words else ""
    named = os.environ.get(f"IABENCH_{verb}_CONFIG")
    return Path(named) if named else None


def _of_run(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a finished run: what differs from the defaults."""
    plain = {field.name: field.default for field in fields(RunSpec)}
    return {
        key: value
        for key, value in asked.items()
        if value is not None and (key == "model" or value != plain.get(key))
    }


def there(source: str, key: str, run: Path) -> str:
    """Return a file of a run as it can be read from here: as given, or from a folder above the run.

    Raises:
        ConfigError: it is in neither.
    """
    file = Path(source)
    if file.exists() or (key == "facts" and file.suffix.lower() not in SUFFIXES):
        return source
    for folder in run.resolve().parents:
        if not file.is_absolute() and (folder / file).exists():
            return str(folder / file)
    option = f"--{key.replace('_', '-')}"
    raise ConfigError(
        f"{run} was asked with {option} {source}, which is not here nor above the run.",
        f"{option} FOLDER/{file.name}, or the same command in the folder where it was begun",
    )


def _of_training(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a training that was: every field, so that no preset changes one."""
    method = {} if asked.get("method") == "custom" else {"method": asked.get("method")}
    given = {
        key: value if value != [] else "none" if key in ("anchors", "report_to") else None
        for key, value in asked.items()
        if key not in ("method", "base_weights", "files")
    }
    return {**method, **{k: v for k, v in given.items() if v is not None}, "settings": "published"}


def _text(value: Any) -> Any:
    """Return a list as it is typed: joined by commas, pairs by `=`."""
    if isinstance(value, dict):
        return ",".join(f"{k}={v}" for k, v in value.items())
    if isinstance(value, list):
        return ",".join(
            "=".join(map(str, item)) if isinstance(item, list) else str(item) for item in value
        )
    return value
