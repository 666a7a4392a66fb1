"""`leaderboard check`: are the numbers of every entry what its answers give?

The answers of an entry are judged again by the board's detector and grader, every number is made
anew, and what its file says is held against that. Entries know nothing of each other, so they are
spread over processes where a board is large.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from iabench import jsonl
from iabench.errors import IabenchError, StoreError
from iabench.leaderboards import entry as entries
from iabench.leaderboards.board import Board
from iabench.leaderboards.entry import LETTERS, Answer, Entry, Part
from iabench.leaderboards.make import ASKED
from iabench.leaderboards.questions import Questions, questions_of
from iabench.leaderboards.recount import Recounted, check_judges, recount
from iabench.leaderboards.standings import check_shape
from iabench.leaderboards.verified import read_verified
from iabench.records import Estimate

__all__ = ["Checked", "check", "named"]

_SAME = 1e-9
"""Numbers are kept to twelve digits; two machines may differ in the last ones."""
_FEW = 20_000
"""Answers that are judged sooner than another process is up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found of one entry."""

    name: str
    refused: str
    """Why; empty: it stands."""
    n: int = 0
    """Answers that were judged again."""
    numbers: int = 0
    """Numbers that were made again."""
    status: str = "self-reported"


def check(
    folder: Path, board: Board, only: Sequence[str] = (), *, processes: int = 1
) -> Iterator[Checked]:
    """Yield what is found of each entry, as it is found, in the order of their names.

    Args:
        folder: of the board.
        board: what it holds.
        only: names of entries; all, if none.
        processes: at most so many at once. With more than one, the calling script needs the guard
            `if __name__ == "__main__"`.

    Raises:
        StoreError: there are no entries, or the board's questions are not at hand.
        ConfigError: this iabench has another detector or grader than the board.
    """
    names = named(folder, board, only)
    check_judges(board)
    asked = [questions_of(folder, board, cell) for cell in board.cells]
    doubles = _doubles(folder)
    per_entry = sum(len(questions.probes) for questions in asked)
    processes = min(processes, len(names), 1 + len(names) * per_entry // _FEW)
    found = partial(_found, folder, board, asked, doubles)
    if processes == 1:
        yield from map(found, names)
        return
    # Not forked: this process may have threads.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(found, names)


def named(folder: Path, board: Board, only: Sequence[str] = ()) -> list[str]:
    """Return the names of the entries that are to be checked.

    Raises:
        StoreError: there are none, or not all of those that are wanted.
    """
    there = entries.names(folder)
    if missing := [name for name in only if name not in there]:
        raise StoreError(f"{board.name} has no entry {missing[0][:80]}.", ", ".join(there[:8]))
    if not there:
        raise StoreError(
            f"{folder} has no entries.", f"iabench leaderboard add {folder} RUN --name NAME"
        )
    return [name for name in there if not only or name in only]


def _doubles(folder: Path) -> dict[str, str]:
    """Return by entry the one before it that is called the same."""
    first: dict[str, str] = {}
    found = {}
    for name in entries.names(folder):
        other = first.setdefault(_title(folder, name), name)
        if other != name:
            found[name] = other
    return found


def _found(
    folder: Path, board: Board, asked: Sequence[Questions], doubles: Mapping[str, str], name: str
) -> Checked:
    try:
        if name in doubles:
            raise StoreError(
                f'"{doubles[name]}" and "{name}" are called the same.', "--about model=..."
            )
        return _checked(folder, board, asked, name)
    except IabenchError as problem:
        return Checked(name=name, refused=problem.message)


def _title(folder: Path, name: str) -> str:
    """Return what an entry is called, in small letters; its name where it cannot be read."""
    try:
        return entries.read(folder, name).title.strip().casefold() or name
    except IabenchError:
        return f"\0{name}"


def _checked(folder: Path, board: Board, asked: Sequence[Questions], name: str) -> Checked:
    entry = entries.read(folder, name)
    check_shape(board, entry)
    _conditions(board, entry)
    if entries.digest_of(folder, name) != entry.answers.sha256:
        raise StoreError(f"{name}: its answers are not those that it was made of (sha256).", "")
    # More than that is not of this board, however much it is.
    most = sum(len(questions.probes) for questions in asked) + _FEW
    lines = list(islice(entries.answers_of(folder, name), most))
    if len(lines) != entry.answers.n:
        raise StoreError(f"{name} says {entry.answers.n:,} answers; there are {len(lines):,}.", "")
    numbers = 0
    for cell, questions in zip(board.cells, asked, strict=True):
        said = _all_there(name, questions, [line for line in lines if line.cell == cell.name])
        made = recount(board, cell, questions, said)
        part = next(part for part in entry.parts if part.cell == cell.name)
        numbers += _same(name, part, made, {line.id: line for line in said})
    if strangers := {line.cell for line in lines} - {cell.name for cell in board.cells}:
        raise StoreError(f"{name} has answers of {min(strangers)[:80]!r}, which is no cell.", "")
    found = read_verified(folder, board, entry)
    status = "self-reported"
    if found is not None:
        status = "verified" if found.passed else "not confirmed by a rerun"
    return Checked(name=name, refused="", n=len(lines), numbers=numbers, status=status)


def _conditions(board: Board, entry: Entry) -> None:
    """Make sure that the entry says of itself what the board asks."""
    for key in ASKED if not board.study else ("max_new_tokens",):
        wanted, there = getattr(board, key), entry.asked.get(key)
        if (there or "") != (wanted or ""):
            raise StoreError(
                f"{entry.name} was asked with {key} {str(there)[:60]!r}, not {str(wanted)[:60]!r}.",
                "",
            )
    if entry.asked.get("limit") is not None:
        raise StoreError(f"{entry.name} is of a limited run.", "the same command without --limit")
    for kind in ("detector", "grader"):
        if getattr(entry, kind) != getattr(board, kind):
            there, wanted = getattr(entry, kind)[:60], getattr(board, kind)
            raise StoreError(f"{entry.name} was judged by {there}, not by {wanted}.", "")


def _all_there(name: str, asked: Questions, lines: Sequence[Answer]) -> list[Answer]:
    """Return the answers in the order of the probes, each there once and no other."""
    by_id: dict[str, Answer] = {}
    for line in lines:
        if line.id in by_id:
            raise StoreError(f"{name} answers {line.id[:120]} twice.", "")
        by_id[line.id] = line
    wanted = [probe.id for probe in asked.probes]
    if missing := [key for key in wanted if key not in by_id]:
        raise StoreError(
            f"{name} lacks {len(missing):,} of {len(wanted):,} probes: {missing[0]}.", ""
        )
    if more := sorted(by_id.keys() - set(wanted)):
        raise StoreError(f"{name} answers {more[0][:120]}, which the board does not ask.", "")
    return [by_id[key] for key in wanted]


def _same(name: str, part: Part, made: Recounted, said: Mapping[str, Answer]) -> int:
    """Return how many numbers came out the same.

    Raises:
        StoreError: one did not.
    """
    for task, letters in made.part.ledger.items():
        if (there := part.ledger[task]) != letters:
            at = next(i for i, (a, b) in enumerate(zip(there, letters, strict=True)) if a != b)
            words = [LETTERS[sign][0] for sign in (there[at], letters[at])]
            raise StoreError(
                f"{name}: outcome {at + 1} of {task} is {words[0]} in its file; "
                f"judged again it is {words[1]}.",
                "",
            )
    for again in made.answers:
        if jsonl.canonical(said[again.id].verdicts) != jsonl.canonical(again.verdicts):
            raise StoreError(f"{name}: the verdicts on {again.id} are not what its judges say.", "")
        if said[again.id].outcome != again.outcome:
            raise StoreError(f"{name}: the outcome of {again.id} is not what its verdicts say.", "")
    there_by = {(e.task, e.metric): e for e in part.estimates}
    made_by = {(e.task, e.metric): e for e in made.part.estimates}
    if odd := there_by.keys() ^ made_by.keys() or len(there_by) != len(part.estimates):
        which = " of ".join(reversed(min(odd))) if isinstance(odd, set) else "a number"
        raise StoreError(
            f"{name}: {which[:120]} is there twice, or in its file or its answers only.", ""
        )
    for key, one in made_by.items():
        _equal(name, there_by[key], one)
    return len(made_by)


def _equal(name: str, there: Estimate, made: Estimate) -> None:
    for field in (
        "value",
        "lo",
        "hi",
        "n",
        "n_undecided",
        "level",
        "method",
        "higher_is_better",
        "bounds",
    ):
        said, is_ = getattr(there, field), getattr(made, field)
        if not _alike(said, is_):
            what = made.metric if field == "value" else f"{field} of {made.metric}"
            raise StoreError(
                f"{name}: {what} of {made.task} is {said} in its file; its answers give {is_}.", ""
            )


def _alike(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float | int):
        return abs(one - other) <= _SAME
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    return one == other
