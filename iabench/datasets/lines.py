"""The rows of a file, JSON lines or CSV: each its plain values, or what is wrong with it.

A byte-order mark is passed over, a last line needs no line end, and empty lines are nothing. A CSV
may be separated by commas, semicolons or tabs; its first line names the columns. In a probes file
columns that hold several values separate them by `|`: `24 months | two years`; tags are
`relation=warranty | ...`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from iabench import jsonl

__all__ = ["LISTS", "LONGEST", "SUFFIXES", "TABLES", "Line", "lines", "rows_of"]

SUFFIXES = (".jsonl", ".csv")
LONGEST = 2**20
"""Most bytes of a line: a question is no book."""
LISTS = ("references", "follow_ups", "entities")
"""Columns of a CSV that hold several values."""
TABLES = (".csv", ".tsv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a probes file."""

    number: int
    """Line of the file, from 1; of a row over several lines the last."""
    value: dict[str, Any] | None
    """Its keys and values, or None where it holds none."""
    wrong: str = ""
    """Why it holds none."""
    hint: str = ""


def lines(path: Path, *, cells_as_they_stand: bool = False) -> Iterator[Line]:
    """Yield the rows of a `.jsonl` or `.csv` file; never more than a line is in memory at once.

    Args:
        path: the file.
        cells_as_they_stand: cells of a CSV are neither split, stripped nor left out where empty.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        table = path.suffix.lower() in TABLES
        yield from rows_of(file, table=table, cells_as_they_stand=cells_as_they_stand)


def rows_of(file: BinaryIO, *, table: bool, cells_as_they_stand: bool = False) -> Iterator[Line]:
    """Yield the rows of an open file, as `lines` does: a CSV where `table`, else JSON lines."""
    if table:
        yield from _table(file, _whole_row if cells_as_they_stand else _row)
    else:
        yield from _objects(file)


def _objects(file: BinaryIO) -> Iterator[Line]:
    for line in _texts(file):
        if isinstance(line, Line):
            yield line
        elif line[1].strip():
            yield _object(*line)


def _object(number: int, text: str) -> Line:
    try:
        value = json.loads(text, object_pairs_hook=_once)
    except _TwiceError as problem:
        return Line(number=number, value=None, wrong=f'the key "{problem}" is there twice.')
    except RecursionError:
        return Line(number=number, value=None, wrong="brackets are nested too deep.")
    except ValueError as problem:
        return Line(number=number, value=None, wrong=f"not a JSON object: {problem}.")
    if not isinstance(value, dict):
        return Line(
            number=number, value=None, wrong="not a JSON object.", hint='{"id": "...", ...}'
        )
    return Line(number=number, value=value)


class _TwiceError(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _TwiceError(key)
        found[key] = value
    return found


_ToLine = Callable[[int, list[str], list[str]], Line]


def _table(file: BinaryIO, to_line: _ToLine) -> Iterator[Line]:
    """Yield the rows of a CSV; a quoted cell may go over several lines."""
    source = _Source(file)
    # The module's own limit, one for the whole process, is an eighth of what a line may have.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST))
    head = next((text for text in source if text.strip()), None)
    if head is not None:
        separator = max(",;\t", key=head.count)
        columns = [name.strip() for name in next(csv.reader([head], delimiter=separator))]
        twice = next((name for name in columns if name and columns.count(name) > 1), None)
        if twice is not None:
            wrong = f'the column "{twice}" is there twice.'
            yield Line(number=source.number, value=None, wrong=wrong)
            return
        reader = csv.reader(source, delimiter=separator, strict=True)
        yield from _rows(source, columns, reader, to_line)
    yield from source.wrong


def _rows(
    source: _Source, columns: list[str], reader: Iterator[list[str]], to_line: _ToLine
) -> Iterator[Line]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            wrong = f"not a row of a CSV: {problem}."
            yield Line(number=source.number, value=None, wrong=wrong)
            continue
        if any(cell.strip() for cell in cells):
            yield to_line(source.number, columns, cells)


class _Source:
    """The readable lines of a file, for a reader that takes nothing else; the others are kept."""

    def __init__(self, file: BinaryIO) -> None:
        self._lines = _texts(file)
        self.number = 0
        self.wrong: list[Line] = []

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            if isinstance(line, Line):
                self.wrong.append(line)
            else:
                self.number, text = line
                return text
        raise StopIteration


def _whole_row(number: int, columns: list[str], cells: list[str]) -> Line:
    if len(cells) != len(columns):
        return Line(
            number=number,
            value=None,
            wrong=f"{len(cells)} cells under {len(columns)} columns.",
            hint="put a cell that holds the separator into double quotes",
        )
    return Line(number=number, value=dict(zip(columns, cells, strict=True)))


def _row(number: int, columns: list[str], cells: list[str]) -> Line:
    whole = _whole_row(number, columns, cells)
    if whole.value is None:
        return whole
    value: dict[str, Any] = {}
    for name, cell in whole.value.items():
        if not cell.strip():
            continue
        parts = [part.strip() for part in cell.split("|") if part.strip()]
        if name == "tags":
            if not all("=" in part for part in parts):
                return Line(
                    number=number,
                    value=None,
                    wrong=f'the tags "{cell}" are no key=value.',
                    hint="relation=warranty | type=product",
                )
            pairs = (part.partition("=") for part in parts)
            value[name] = {key.strip(): said.strip() for key, _, said in pairs}
        else:
            value[name] = parts if name in LISTS else cell.strip()
    return Line(number=number, value=value)


def _texts(file: BinaryIO) -> Iterator[tuple[int, str] | Line]:
    """Yield (number, text) of every line, or what is wrong with it."""
    for number, text in jsonl.text_lines(file, LONGEST):
        if isinstance(text, int):
            yield Line(
                number=number,
                value=None,
                wrong=f"{text / 1e6:,.1f} MB in one line; {LONGEST / 1e6:,.0f} is the most.",
                hint="one question a line",
            )
        elif isinstance(text, UnicodeDecodeError):
            yield Line(
                number=number,
                value=None,
                wrong=f"not UTF-8 (byte {text.start + 1}).",
                hint="save the file as UTF-8",
            )
        else:
            yield number, text
