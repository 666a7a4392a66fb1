"""The table of a board: each entry's numbers, its rank with an interval, and why it has none.

Made from `board.toml` and `entries/*.json` alone: what the files say is believed here, and made
again by `check`.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iabench.errors import IabenchError, StoreError
from iabench.leaderboards import entry as entries
from iabench.leaderboards.board import Board, Column
from iabench.leaderboards.entry import LETTERS, Entry
from iabench.leaderboards.questions import Questions, questions_of
from iabench.leaderboards.ranks import RankInterval, Sheet, drawn, over_of, rank_intervals
from iabench.leaderboards.verified import Verified, read_verified
from iabench.metrics.base import METRICS

__all__ = ["Figure", "Standing", "Standings", "check_shape", "figure_of", "standings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of the table."""

    value: float | None
    lo: float | None = None
    hi: float | None = None
    sd: float | None = None
    """Over several cells, instead of an interval."""
    n: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One row of the table."""

    entry: Entry
    figures: tuple[Figure, ...]
    undecided: float
    """The largest share of a task."""
    rank: RankInterval | None
    unranked: str
    """Why it has no rank."""
    verified: Verified | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """A board with its rows, the best first, those without a rank last."""

    board: Board
    rows: tuple[Standing, ...]
    left_out: tuple[tuple[str, str], ...]
    """Entries that could not be read, with why."""
    asked: tuple[Questions, ...]


def standings(folder: Path, board: Board) -> Standings:
    """Return the table of a board.

    Raises:
        StoreError: the board's own questions are not at hand.
    """
    asked = tuple(questions_of(folder, board, cell) for cell in board.cells)
    rows, left_out = [], []
    for name in entries.names(folder):
        try:
            found = entries.read(folder, name)
            check_shape(board, found)
        except IabenchError as problem:
            left_out.append((name, problem.message))
            continue
        rows.append(_row(folder, board, found))
    ranked = [row for row in rows if not row.unranked]
    if ranked:
        ranks = _ranks(board, asked, ranked)
        rows = [row for row in rows if row.unranked]
        rows += [replace(row, rank=rank) for row, rank in zip(ranked, ranks, strict=True)]
    rows.sort(key=lambda row: (row.rank is None, row.rank.rank if row.rank else 0, row.entry.name))
    return Standings(board=board, rows=tuple(rows), left_out=tuple(left_out), asked=asked)


def check_shape(board: Board, entry: Entry) -> None:
    """Make sure that an entry is one of this board: its cells, its tasks, all of its probes.

    Raises:
        StoreError: what is missing or of another version is named.
    """
    if entry.board != board.name:
        raise StoreError(
            f'{entry.name} is an entry of "{entry.board[:80]}", not of {board.name}.', board.name
        )
    for field in board.required:
        if not str(entry.about.get(field, "")).strip():
            raise StoreError(f'{entry.name} does not say "{field}".', f"--about {field}=...")
    parts = {part.cell: part for part in entry.parts}
    if len(parts) < len(entry.parts) or parts.keys() - {cell.name for cell in board.cells}:
        raise StoreError(f"{entry.name} has cells that the board has not, or one twice.", "")
    for cell in board.cells:
        part = parts.get(cell.name)
        if part is None:
            raise StoreError(
                f"{entry.name} lacks the cell {cell.name}.", "the whole run, or the whole study"
            )
        there = {task.name: task for task in part.tasks}
        for task in cell.tasks:
            _check_task(entry.name, task, there.get(task.name), part.ledger.get(task.name))
        if more := (part.ledger.keys() | there.keys()) - {task.name for task in cell.tasks}:
            raise StoreError(
                f"{entry.name} has {min(more)[:80]}, which the board does not ask.", ""
            )


def _check_task(name: str, wanted: Any, there: Any, ledger: str | None) -> None:
    again = "iabench evaluate as SUBMITTING.md says, whole"
    if there is None or ledger is None:
        raise StoreError(f"{name} lacks the task {wanted.name}.", again)
    if there.version != wanted.version:
        raise StoreError(
            f"{name} was asked version {there.version} of {wanted.name}; "
            f"the board asks version {wanted.version}.", again,
        )  # fmt: skip
    if there.n < wanted.n or len(ledger) < wanted.n:
        n = min(there.n, len(ledger))
        raise StoreError(
            f"{name} is limited: {n:,} of {wanted.n:,} probes of {wanted.name}.", again
        )
    if there.checksum != wanted.checksum or len(ledger) != wanted.n:
        raise StoreError(
            f"{name} was asked other questions of {wanted.name}: {there.checksum[:6]}; "
            f"the board's are {wanted.checksum[:6]}.", again,
        )  # fmt: skip
    if odd := set(ledger) - LETTERS.keys():
        raise StoreError(f"{name}: {min(odd)!r} is no outcome of {wanted.name}.", again)


def _row(folder: Path, board: Board, entry: Entry) -> Standing:
    figures = tuple(figure_of(entry, column) for column in board.columns)
    share, task = max(
        (Counter(letters)["u"] / len(letters), name)
        for part in entry.parts
        for name, letters in part.ledger.items()
    )
    unranked = entry.about.get("reference", "")
    if share > board.max_undecided:
        unranked = f"{share:.1%} of {task} undecided; up to {board.max_undecided:.0%} is ranked"
    elif figures[0].value is None:
        unranked = figures[0].reason or "no value"
    return Standing(
        entry=entry,
        figures=figures,
        undecided=share,
        rank=None,
        unranked=unranked.replace("%", " %"),
        verified=read_verified(folder, board, entry),
    )


def figure_of(entry: Entry, column: Column) -> Figure:
    """Return the mean over the cells; of one cell with its interval, of several with their sd."""
    found = [
        next(
            (e for e in part.estimates if (e.metric, e.task) == (column.metric, column.over)), None
        )
        for part in entry.parts
    ]
    values = [e.value for e in found if e is not None and e.value is not None]
    if len(values) < len(found) or not values:
        reason = next((e.reason for e in found if e is not None and e.value is None), "")
        return Figure(value=None, reason=reason or "not counted")
    first = found[0]
    assert first is not None
    if len(found) == 1:
        return Figure(value=first.value, lo=first.lo, hi=first.hi, n=first.n)
    return Figure(
        value=round(statistics.fmean(values), 6),
        sd=round(statistics.stdev(values), 6),
        n=sum(e.n for e in found if e is not None),
    )


def _ranks(
    board: Board, asked: Sequence[Questions], rows: Sequence[Standing]
) -> list[RankInterval]:
    column = board.ranked_by
    metric = METRICS.get(column.metric)()
    sheets = [
        Sheet(cell, one, metric, over_of(board, cell, one, metric, column.over))
        for cell, one in zip(board.cells, asked, strict=True)
    ]
    return rank_intervals(
        drawn(sheets, [row.entry for row in rows], seed=0),
        [float(row.figures[0].value or 0.0) for row in rows],
        models=[cell.model for cell in board.cells],
        higher_is_better=metric.higher_is_better,
        level=board.level,
        seed=0,
    )
