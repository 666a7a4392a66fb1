"""JSON lines: append what must survive, read it back, heal what a kill has torn.

A line is canonical JSON (sorted keys, no spaces, UTF-8), so equal records are equal bytes. Only the
last line of a file can be torn, and a torn line is cut off before anything is appended behind it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

from iabench.errors import StoreError

__all__ = [
    "Appender",
    "canonical",
    "checksum",
    "heal",
    "jsonable",
    "read",
    "text_lines",
    "write",
    "write_json",
]


def jsonable(value: Any) -> Any:
    """Return `value` with records as dicts and tuples as lists; None fields stay."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    return value


def canonical(value: Any) -> str:
    """Return canonical JSON: sorted keys, no spaces, lone surrogates replaced, no NaN.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(
        jsonable(value),
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )
    # A model may emit half a surrogate pair, which has no UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def checksum(values: Iterable[Any]) -> str:
    """Return the sha256 (hex) of the values as canonical JSON lines."""
    total = hashlib.sha256()
    for value in values:
        total.update(canonical(value).encode() + b"\n")
    return total.hexdigest()


def heal(path: Path) -> int:
    """Cut off a torn last line; return the number of bytes cut (0: nothing was torn)."""
    if not path.exists():
        return 0
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        end = size
        while end:
            start = max(0, end - 65536)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        if end < size:
            file.truncate(end)
        return size - end


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file; a torn last line is passed over.

    Raises:
        StoreError: a line that is not the last is no JSON object; the message names file and line.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = None
            if not isinstance(value, dict):
                raise StoreError(
                    f"{path}, line {number}: not a JSON object.",
                    f"remove that line (its answer is asked again), e.g. sed -i '{number}d' {path}",
                )
            yield value


def text_lines(
    file: BinaryIO, longest: int
) -> Iterator[tuple[int, str | int | UnicodeDecodeError]]:
    """Yield (number, line) of somebody's file in UTF-8, which may begin with a byte order mark.

    Instead of a line of more than `longest` bytes comes its size, instead of one that is not UTF-8
    the problem; never more than a line is in memory.
    """
    number = 0
    while raw := file.readline(longest + 1):
        number += 1
        if len(raw) > longest:
            size = len(raw)
            while not raw.endswith(b"\n") and (raw := file.readline(longest)):
                size += len(raw)
            yield number, size
            continue
        try:
            yield number, raw.removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").decode()
        except UnicodeDecodeError as problem:
            yield number, problem


class Appender:
    """Appends records to a file, each durable against a kill of this process when `add` returns.

    A write to the file system's cache survives SIGKILL; `sync` (at the end of each batch) also
    survives a power cut.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        heal(path)
        self._file: BinaryIO = path.open("ab", buffering=0)

    def add(self, record: Any) -> None:
        """Append one record as one line; a disk that fills mid-line leaves no torn line behind."""
        line = canonical(record).encode() + b"\n"
        start = self._file.seek(0, os.SEEK_END)
        try:
            written = self._file.write(line)
            while written < len(line):
                written += self._file.write(line[written:])
        except OSError:
            self._file.truncate(start)
            raise

    def sync(self) -> None:
        """Ask the operating system to put everything on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def write(path: Path, records: Iterable[Any]) -> None:
    """Write a whole file of JSON lines at once: it is there completely or as it was before."""
    _replace(path, (canonical(record) + "\n" for record in records))


def write_json(path: Path, value: Any) -> None:
    """Write one JSON document, indented for people, with sorted keys, at once."""
    text = json.dumps(
        jsonable(value), ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False
    )
    _replace(path, [text.encode("utf-8", "replace").decode("utf-8") + "\n"])


def _replace(path: Path, chunks: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.writelines(chunks)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
