"""Rows from files: JSON lines, JSON, CSV (commas, semicolons, tabs), Parquet.

Every complaint names the file and the line or row.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.datasets.base import RawRow
from iabench.errors import TaskError

__all__ = ["LONGEST", "SUFFIXES", "read_rows"]

LONGEST = 2**20
"""Bytes that one line may have: a fact is no book."""
SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
_ROW = '{"question": "...", "answer": "..."}'
_BOM = b"\xef\xbb\xbf"


def read_rows(path: Path) -> list[RawRow]:
    """Return the rows of a file, in order.

    Raises:
        TaskError: the file is of no form that is read, empty, or a row of it is broken.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise TaskError(
            f"{path}: facts are not read from {path.suffix or 'a file without suffix'}.",
            "a .jsonl, .json, .csv, .tsv or .parquet file",
        )
    try:
        rows = list(_rows(path))
    except OSError as problem:
        raise TaskError(f"cannot read {path}: {problem.strerror or problem}.") from None
    if not rows:
        raise TaskError(f"{path} is empty: there is no row in it.", _ROW)
    return rows


def _rows(path: Path) -> Iterator[RawRow]:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        yield from _parquet(path)
    elif suffix in (".csv", ".tsv"):
        yield from _csv(path)
    elif suffix == ".json" or _head(path).startswith(b"["):
        yield from _json(path)
    else:
        yield from _json_lines(path)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096).removeprefix(_BOM).lstrip()


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (number, line) of a file in UTF-8 that may begin with a byte order mark."""
    with path.open("rb") as file:
        for number, line in jsonl.text_lines(file, LONGEST):
            if isinstance(line, int):
                raise TaskError(
                    f"{path}, line {number}: {line / 2**20:.1f} MB long; a fact is one question "
                    f"and its answer, in at most {LONGEST >> 20} MB.",
                    "one fact a line",
                )
            if isinstance(line, UnicodeDecodeError):
                raise _not_utf8(path, number, line)
            yield number, line


def _not_utf8(path: Path, number: int, problem: UnicodeDecodeError) -> TaskError:
    with path.open("rb") as file:
        start = file.read(64)
    # Spreadsheets save "Unicode text" with two bytes a letter.
    is_16 = start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start
    return TaskError(
        f"{path}, line {number}: not UTF-8 (byte 0x{problem.object[problem.start]:02x}).",
        f"iconv -f {'UTF-16' if is_16 else 'WINDOWS-1252'} -t UTF-8 {path.name} "
        f"> utf8{path.suffix}",
    )


def _json_lines(path: Path) -> Iterator[RawRow]:
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            value = json.loads(line, object_pairs_hook=_object)
        except (ValueError, RecursionError) as problem:
            raise TaskError(f"{path}, line {number}: no JSON ({problem}).", _ROW) from None
        yield RawRow(where=f"line {number}", values=_table(value, path, f"line {number}"))


def _json(path: Path) -> Iterator[RawRow]:
    data = path.read_bytes().removeprefix(_BOM)
    if not data.strip():
        return
    try:
        value = json.loads(data.decode(), object_pairs_hook=_object)
    except UnicodeDecodeError as problem:
        raise _not_utf8(path, 1 + data.count(b"\n", 0, problem.start), problem) from None
    except json.JSONDecodeError as problem:
        if problem.msg == "Extra data":
            # JSON lines under another suffix.
            yield from _json_lines(path)
            return
        raise TaskError(f"{path}: no JSON ({problem}).") from None
    except RecursionError as problem:
        raise TaskError(f"{path}: no JSON ({problem}).") from None
    if isinstance(value, dict):
        lists = [rows for rows in value.values() if isinstance(rows, list)]
        value = lists[0] if len(lists) == 1 else [value]
    if not isinstance(value, list):
        raise TaskError(f"{path} holds no list of rows.", f"[{_ROW}]")
    for number, row in enumerate(value, start=1):
        yield RawRow(where=f"row {number}", values=_table(row, path, f"row {number}"))


class _Doubled(dict[str, Any]):
    """An object with a key that is there twice: which of the two counts is nobody's to say."""

    key = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = _Doubled(found)
    doubled.key = next(key for key, n in Counter(key for key, _ in pairs).items() if n > 1)
    return doubled


def _doubled(value: Any) -> str | None:
    """Return a key that is there twice anywhere in a value."""
    if isinstance(value, _Doubled):
        return value.key
    inside = value.values() if isinstance(value, dict) else value
    held = (_doubled(one) for one in inside if isinstance(one, dict | list))
    return next((key for key in held if key is not None), None)


def _table(value: Any, path: Path, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TaskError(f"{path}, {where}: not a JSON object.", _ROW)
    if (key := _doubled(value)) is not None:
        raise TaskError(f'{path}, {where}: the key "{key}" is there twice.', "one of the two")
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise TaskError(f"{path}, {where}: half a surrogate pair, which is no text.") from None
    return value


def _csv(path: Path) -> Iterator[RawRow]:
    lines = (line for _, line in _lines(path))
    first = next(lines, "")
    delimiter = max(",;\t", key=first.count)
    try:
        heads = [head.strip() for head in next(csv.reader([first], delimiter=delimiter), [])]
    except csv.Error as problem:
        raise TaskError(
            f"{path}, line 1: no CSV ({problem}).", "lines that end in a newline"
        ) from None
    twice = [head for head, n in Counter(heads).items() if head and n > 1]
    if twice:
        raise TaskError(f'{path}, line 1: the column "{twice[0]}" is there twice.', "two names")
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    # A row of several lines is named by its first.
    begins = 2
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            raise TaskError(f"{path}, line {begins}: no CSV ({problem}).") from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            if len(cells) > len(heads):
                raise TaskError(
                    f"{path}, line {begins}: {len(cells)} cells under {len(heads)} columns.",
                    "put a cell that holds the separator in quotes",
                )
            # Cells that a short row lacks are empty ones.
            values = dict(zip_longest(heads, cells, fillvalue=""))
            yield RawRow(where=f"line {begins}", values=values)
        begins = reader.line_num + 2


def _parquet(path: Path) -> Iterator[RawRow]:
    import pandas as pd

    if not path.stat().st_size:
        return
    try:
        table = pd.read_parquet(path)
    except (ValueError, OSError) as problem:
        line = (str(problem).splitlines() or [""])[0]
        raise TaskError(f"{path} is no Parquet file ({line}).") from None
    for number, row in enumerate(table.to_dict(orient="records"), start=1):
        values = {str(key): _plain(value) for key, value in row.items()}
        yield RawRow(where=f"row {number}", values=values)


def _plain(value: Any) -> Any:
    """Return arrays as lists and what is missing as None."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    # Only NaN and pandas' NaT and NA differ from themselves.
    return None if value is None or value != value else value
