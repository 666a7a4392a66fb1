"""An entry: what one model (or one method of a study) said on a board, and the numbers of it.

`entries/NAME.json` holds the numbers, `entries/NAME.jsonl.gz` a line for each probe of each cell:
its id, the response, the verdicts. Both come from strangers, so they are read with limits, and the
only file that an entry may name is its own.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import math
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.decode import decode
from iabench.errors import StoreError
from iabench.leaderboards.board import NAME, Pinned
from iabench.records import SCHEMA_VERSION, Estimate, Finish, ModelSpec

__all__ = [
    "LETTERS",
    "Answer",
    "Answers",
    "Entry",
    "Part",
    "answers_of",
    "digest_of",
    "letter",
    "names",
    "path_of",
    "read",
    "write",
]

MOST_JSON = 16 * 2**20
MOST_PACKED = 64 * 2**20
MOST_UNPACKED = 512 * 2**20
MOST_LINE = 4 * 2**20
"""Bytes above which a file of an entry, or a line of it, is refused unread."""
MOST_FIELDS = 40
"""What an entry may say of itself: so many things."""

LETTERS: Mapping[str, tuple[str, bool]] = {
    "c": ("correct", False),
    "i": ("incorrect", False),
    "n": ("answered", False),
    "A": ("abstained", True),
    "a": ("abstained", False),
    "h": ("hallucinated", False),
    "o": ("overreached", False),
    "d": ("degenerate", False),
    "u": ("undecided", False),
    "-": ("undecided", False),
}
"""What a letter of a ledger says: the outcome, and whether it is an admission. `-` counts nowhere:
its task counts what abstained in the first turn, and this did not."""
_LETTER = {said: sign for sign, said in reversed(tuple(LETTERS.items()))}


def letter(outcome: str, admitted: bool, counts: bool = True) -> str:
    """Return the letter of an outcome."""
    if not counts:
        return "-"
    return _LETTER[(outcome, admitted and outcome == "abstained")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The numbers of one cell."""

    cell: str
    tasks: tuple[Pinned, ...]
    ledger: Mapping[str, str]
    """By task, a letter for each probe, in the order of the task."""
    estimates: tuple[Estimate, ...]
    """Raw ones over whole tasks and suites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Where the answers are."""

    sha256: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What `entries/NAME.json` holds."""

    schema_version: int = SCHEMA_VERSION
    name: str
    board: str
    about: Mapping[str, str]
    """Who submits which model: the board says which fields there must be."""
    iabench: str
    asked: Mapping[str, Any]
    """How the questions were put, as far as it changes answers."""
    detector: str
    grader: str
    answers: Answers
    parts: tuple[Part, ...]
    model: ModelSpec | None = None
    file: str = ""
    """Its answers: `NAME.jsonl.gz` beside it, and nothing else."""

    @property
    def title(self) -> str:
        """What it is called."""
        return self.about.get("model") or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One line of the answers."""

    cell: str
    id: str
    response: str
    finish: Finish
    verdicts: tuple[dict[str, Any], ...] = ()
    outcome: str = ""
    earlier: tuple[dict[str, Any], ...] = field(default=())
    """Of a talk: what was said in the turns before, with how it ended."""


def path_of(folder: Path, name: str) -> Path:
    """Return the file of an entry.

    Raises:
        StoreError: the name is no name of an entry.
    """
    if not NAME.fullmatch(name):
        raise StoreError(f'"{name[:80]}" is no name of an entry.', "small letters, digits, - . _")
    return folder / "entries" / f"{name}.json"


def names(folder: Path) -> list[str]:
    """Return the names of all entries, sorted, whatever their files hold."""
    return sorted(path.name.removesuffix(".json") for path in (folder / "entries").glob("*.json"))


def read(folder: Path, name: str) -> Entry:
    """Return an entry as its file has it.

    Raises:
        StoreError: it is none; the reason is named.
    """
    path = path_of(folder, name)
    _whole(path, MOST_JSON, folder)
    try:
        value = json.loads(path.read_bytes(), parse_constant=_none, parse_float=_finite)
    except (ValueError, RecursionError) as problem:
        raise StoreError(f"{path} is not JSON: {problem}.", "iabench leaderboard add") from None
    if not isinstance(value, dict):
        raise StoreError(f"{path} holds no JSON object.", "iabench leaderboard add")
    if isinstance(version := value.get("schema_version"), int) and version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer iabench (schema {version}).", "pip install -U iabench"
        )
    entry = decode(Entry, value, where=str(path), error=StoreError)
    if entry.name != name:
        raise StoreError(f'{path} says that its name is "{entry.name[:80]}".', f'"{name}"')
    if len(entry.about) > MOST_FIELDS:
        raise StoreError(
            f"{path} says {len(entry.about):,} things of itself; {MOST_FIELDS} are read.", "fewer"
        )
    if entry.file not in ("", f"{name}.jsonl.gz"):
        raise StoreError(
            f'{path} names a file that is not its own: "{entry.file[:80]}".', f"{name}.jsonl.gz"
        )
    return entry


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is no number")
    return value


def _none(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def write(folder: Path, entry: Entry, lines: Iterable[Answer]) -> Path:
    """Write an entry and its answers; return the path of the first."""
    path = path_of(folder, entry.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = _packed(lines)
    path.with_suffix(".jsonl.gz").write_bytes(packed)
    digest = hashlib.sha256(packed).hexdigest()
    answers = replace(entry.answers, sha256=digest)
    jsonl.write_json(path, replace(entry, answers=answers, file=f"{entry.name}.jsonl.gz"))
    return path


def _packed(lines: Iterable[Answer]) -> bytes:
    """Return answers as gzip without a time in it: equal answers are equal bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9, mtime=0) as file:
        for line in lines:
            file.write(jsonl.canonical(line).encode() + b"\n")
    return out.getvalue()


def digest_of(folder: Path, name: str) -> str:
    """Return the sha256 of an entry's answers.

    Raises:
        StoreError: they are not there, lead elsewhere, or are too large.
    """
    path = path_of(folder, name).with_suffix(".jsonl.gz")
    _whole(path, MOST_PACKED, folder)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def answers_of(folder: Path, name: str, only: Collection[int] | None = None) -> Iterator[Answer]:
    """Yield the answers of an entry, never more than a line in memory.

    Args:
        folder: of the board.
        name: of the entry.
        only: places of the lines that are wanted, from 0; all, if None.

    Raises:
        StoreError: a line is no answer, or the file is broken or too large.
    """
    path = path_of(folder, name).with_suffix(".jsonl.gz")
    _whole(path, MOST_PACKED, folder)
    number = 0
    try:
        with gzip.open(path) as file:
            for number, line in _lines(file):
                if only is not None and number - 1 not in only:
                    continue
                where = f"{path}, line {number}"
                yield decode(Answer, json.loads(line), where=where, error=StoreError)
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as problem:
        raise StoreError(
            f"{path}, line {number + 1}: {problem}.", "iabench leaderboard add"
        ) from None


def _lines(file: Any) -> Iterator[tuple[int, bytes]]:
    read = number = 0
    while line := file.readline(MOST_LINE + 1):
        read, number = read + len(line), number + 1
        if len(line) > MOST_LINE:
            raise ValueError(f"has more than {MOST_LINE // 2**20} MB")
        if read > MOST_UNPACKED:
            raise ValueError(f"unpacks to more than {MOST_UNPACKED // 2**20} MB")
        yield number, line


def _whole(path: Path, most: int, folder: Path) -> None:
    """Make sure that a file is a plain one of this board, and not too large to be read."""
    entries = (folder / "entries").resolve()
    if path.is_symlink() or path.resolve().parent != entries:
        raise StoreError(f"{path} leads elsewhere.", "a plain file in entries/")
    if not path.is_file():
        raise StoreError(f"no {path}.", "iabench leaderboard add BOARD RUN")
    size = path.stat().st_size
    if size > most:
        raise StoreError(
            f"{path} has {size / 1e6:,.0f} MB; {most / 1e6:,.0f} are read.",
            "the answers of one run",
        )
