"""A board: which questions, put how, judged by whom, ranked by what. One folder, data only.

    board.toml              all of that, pinned by versions and checksums
    entries/NAME.json       an entry: its model, its numbers; NAME.jsonl.gz its answers
    verified/NAME.json      written by `verify` alone, so no entry can say it of itself
    questions/*.json.gz     of a board made from a study: what each cell was asked
    index.html models/*.html leaderboard.csv leaderboard.md     written by `build`

A board has *cells*: one for models that are asked once, a cell a model and seed for a study. What
it shows of an entry is the mean over them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.decode import decode, read_document
from iabench.errors import ConfigError, StoreError
from iabench.metrics.estimate import NO_RANK

__all__ = [
    "FILE",
    "NAME",
    "REQUIRED",
    "Board",
    "Cell",
    "Column",
    "Pinned",
    "folder_of",
    "read",
    "write",
]

FILE = "board.toml"
REQUIRED = ("model", "submitted_by", "licence")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
"""Names of boards and entries: they become names of files and addresses of pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A task as the board asks it."""

    name: str
    version: int
    checksum: str
    """sha256 of its probes."""
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One run that every entry holds."""

    name: str
    tasks: tuple[Pinned, ...]
    questions: str = ""
    """A file in `questions/`; empty: the tasks are those of the catalogue."""
    model: int = 0
    """Of a study: its model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One number of the table."""

    metric: str
    over: str
    """A task of the cells, or their headline."""
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What `board.toml` holds."""

    name: str
    title: str
    says: str
    """One sentence for people."""
    cells: tuple[Cell, ...]
    columns: tuple[Column, ...]
    """The first one ranks."""
    detector: str
    grader: str
    headline: str
    """What the cells are about: a suite of their tasks, or their only one."""
    suites: Mapping[str, tuple[str, ...]]
    seed: int = 0
    """Of the public set."""
    max_new_tokens: int = 128
    decoding: str = "greedy"
    system_prompt: str = ""
    chat_template: str = "auto"
    level: float = 0.95
    required: tuple[str, ...] = REQUIRED
    """Fields of `about` that an entry must fill."""
    agreement: float = 0.98
    """Share of the outcomes of a rerun that must come again."""
    max_undecided: float = NO_RANK
    study: bool = False
    """Made from a study: its entries are methods."""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ConfigError(f'"{self.name}" is no name of a board.', "small letters, digits, -")
        if self.decoding != "greedy":
            raise ConfigError(
                f'decoding "{self.decoding}": boards are greedy.', 'decoding = "greedy"'
            )
        names = [cell.name for cell in self.cells]
        if not self.cells or not self.columns or len(set(names)) < len(names):
            raise ConfigError(f"{self.name} needs cells, each of its own name, and columns.", FILE)
        for cell in self.cells:
            if cell.questions and not NAME.fullmatch(cell.questions):
                raise ConfigError(f'questions = "{cell.questions}" leads elsewhere.', "0.json.gz")

    @property
    def ranked_by(self) -> Column:
        """The column that ranks."""
        return self.columns[0]


def folder_of(board: str | Path) -> Path:
    """Return a board's folder.

    Raises:
        StoreError: there is no board.
    """
    folder = Path(board)
    if not (folder / FILE).is_file():
        raise StoreError(
            f"no board at {folder}: it has no {FILE}.", f"iabench leaderboard new {folder}"
        )
    return folder


def read(folder: Path) -> Board:
    """Return the board of a folder.

    Raises:
        StoreError: there is none.
        ConfigError: `board.toml` is wrong; the key is named.
    """
    path = folder_of(folder) / FILE
    return decode(Board, read_document(path), where=str(path))


def write(folder: Path, board: Board) -> None:
    """Write `board.toml`, in the order of its fields."""
    lines = ["# What everybody is asked, and how they are judged. See docs/leaderboards.md."]
    plain = [
        field.name for field in fields(Board) if field.name not in ("cells", "columns", "suites")
    ]
    lines += [f"{name} = {_toml(getattr(board, name))}" for name in plain]
    lines += ["", "[suites]", *(f"{_toml(k)} = {_toml(v)}" for k, v in board.suites.items())]
    for column in board.columns:
        lines += ["", "[[columns]]", *_fields(column)]
    for cell in board.cells:
        lines += ["", "[[cells]]", *_fields(cell, without=("tasks",))]
        for task in cell.tasks:
            lines += ["", "[[cells.tasks]]", *_fields(task)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _fields(record: Any, without: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{field.name} = {_toml(getattr(record, field.name))}"
        for field in fields(record)
        if field.name not in without
    ]


def _toml(value: Any) -> str:
    """Return a plain value as TOML: JSON's strings, numbers and lists are TOML's too."""
    # TOML has no escape for U+007F as it stands.
    return json.dumps(jsonl.jsonable(value), ensure_ascii=False).replace("\x7f", "\\u007F")
