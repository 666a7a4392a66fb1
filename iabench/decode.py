"""From TOML, YAML and JSON to records: an unknown key is an error that names it.

The only module that imports pydantic.
"""

from __future__ import annotations

import functools
import json
import tomllib
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from iabench.errors import ConfigError, IabenchError, near_match

__all__ = ["decode", "faults", "read_document", "schema"]

T = TypeVar("T")

_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")


@functools.cache
def _adapter(record: Any) -> Any:
    from pydantic import ConfigDict, TypeAdapter

    config = ConfigDict(extra="forbid", strict=False, hide_input_in_errors=True)
    if is_dataclass(record):
        # A plain dataclass carries its configuration itself; without it pydantic drops unknown
        # keys in silence.
        record.__pydantic_config__ = config  # type: ignore[union-attr]
        return TypeAdapter(record)
    return TypeAdapter(record, config=config)


def decode(
    record: type[T], value: Any, *, where: str, error: type[IabenchError] = ConfigError
) -> T:
    """Return `value` (plain JSON types) as the record.

    Args:
        record: a record of `iabench.records` or of a room.
        value: dicts, lists, strings, numbers.
        where: the file or option that it comes from, for the message.
        error: what to raise.

    Raises:
        IabenchError: of the type asked for, naming the first wrong key.
    """
    decoded, wrong = _decoded(record, value)
    if wrong:
        says, hint = wrong[0]
        raise error(f"{where}: {says}", hint)
    return decoded  # type: ignore[no-any-return]


def faults(record: type[Any], value: Any) -> list[tuple[str, str]]:
    """Return everything that keeps `value` from being the record, as (what is wrong, hint)."""
    return _decoded(record, value)[1]


def _decoded(record: Any, value: Any) -> tuple[Any, list[tuple[str, str]]]:
    from pydantic import ValidationError

    try:
        return _adapter(record).validate_python(value), []
    except ValidationError as problem:
        # A key that is misspelt is missing too, under its right name: that comes second.
        wrong = sorted(problem.errors(), key=lambda error: error["type"] not in _UNKNOWN)
        return None, [_fault(record, error) for error in wrong]


def _fault(record: Any, error: Any) -> tuple[str, str]:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] in _UNKNOWN:
        names = list(getattr(record, "__dataclass_fields__", {}))
        near = near_match(str(error["loc"][-1]), names)
        return f'unknown key "{key}".', f'"{near}"' if near else f"one of: {', '.join(names)}"
    if error["type"] in ("missing", "missing_argument"):
        return f'"{key}" is missing.', f"add {key} = ..."
    return f'"{key}": {error["msg"]}.', ""


def schema(record: type[Any]) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a record, with its attribute docstrings."""
    from pydantic import ConfigDict, TypeAdapter

    before = getattr(record, "__pydantic_config__", None)
    record.__pydantic_config__ = ConfigDict(extra="forbid", use_attribute_docstrings=True)
    try:
        made: dict[str, Any] = TypeAdapter(record).json_schema()
    finally:
        record.__pydantic_config__ = before
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def read_document(path: Path) -> dict[str, Any]:
    """Return the table in a TOML, YAML or JSON file.

    Raises:
        ConfigError: the file is not there, does not parse, or holds no table.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"cannot read {path}: {problem}.") from None
    try:
        if path.suffix == ".toml":
            value: Any = tomllib.loads(text)
        elif path.suffix in (".yaml", ".yml"):
            import yaml

            value = yaml.safe_load(text)
        else:
            value = json.loads(text)
    except Exception as problem:
        if not isinstance(problem, ValueError) and type(problem).__module__.split(".")[0] != "yaml":
            raise
        line = str(problem).splitlines()[0]
        raise ConfigError(f"{path} does not parse: {line}.") from None
    if not isinstance(value, dict):
        raise ConfigError(f"{path} holds no table of keys and values.")
    return value
