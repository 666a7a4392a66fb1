"""`leaderboard build`: the table as a page with a page a model, as CSV and as Markdown."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iabench import __version__
from iabench.errors import StoreError
from iabench.leaderboards import entry as entries
from iabench.leaderboards.board import Board
from iabench.leaderboards.entry import LETTERS, Entry
from iabench.leaderboards.questions import Questions
from iabench.leaderboards.standings import Figure, Standing, Standings, standings
from iabench.metrics.base import METRICS
from iabench.records import Probe
from iabench.reports import words
from iabench.reports.csv import neutral
from iabench.reports.html import environment, policy, sources
from iabench.reports.markdown import plain
from iabench.reports.markdown import table as table_of
from iabench.reports.write import write
from iabench.runs.counts import Counts

__all__ = ["build", "rank_of", "status_of", "written"]

_EXAMPLES = "hicA"
"""Outcomes that a model's page shows an answer of, where it has one."""


def build(folder: Path, board: Board) -> tuple[Standings, list[Path]]:
    """Write a board's files; pages of entries that are gone go too.

    Raises:
        StoreError: the board's questions are not at hand, or it cannot be written.
    """
    found = standings(folder, board)
    (folder / "models").mkdir(exist_ok=True)
    files = {
        "leaderboard.csv": _csv(found),
        "leaderboard.md": _markdown(found),
        "index.html": _index(found),
    }
    paths = [write(folder / name, text) for name, text in files.items()]
    pages = Pages(folder, found)
    paths += [
        write(folder / "models" / f"{row.entry.name}.html", pages.page(row)) for row in found.rows
    ]
    there = {row.entry.name for row in found.rows}
    for old in (folder / "models").glob("*.html"):
        if old.stem not in there:
            old.unlink()
    return found, paths


def rank_of(row: Standing) -> str:
    """Return `2 (1–3)`, or a dash."""
    if row.rank is None:
        return "–"
    one = row.rank
    return str(one.rank) if one.lo == one.hi else f"{one.rank} ({one.lo}–{one.hi})"


def status_of(row: Standing) -> str:
    """Return how far an entry was confirmed."""
    if row.verified is None:
        return "self-reported"
    return "verified" if row.verified.passed else "not confirmed by a rerun"


def written(figure: Figure) -> str:
    """Return a number with its interval or spread, as people read it."""
    if figure.value is None:
        return "–"
    text = words.number(figure.value)
    if figure.sd is not None:
        return f"{text} ±{words.number(figure.sd)}"
    if figure.lo is None or figure.hi is None:
        return text
    return f"{text} [{words.number(figure.lo)}, {words.number(figure.hi)}]"


def _csv(found: Standings) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = found.board.columns
    names = [c.metric if _alone(found.board, c.metric) else f"{c.metric}.{c.over}" for c in columns]
    head = ["rank", "rank_lo", "rank_hi", "entry", "model", "status", "undecided", "why_unranked"]
    writer.writerow(head + [f"{n}{end}" for n in names for end in ("", ".lo", ".hi", ".sd", ".n")])
    for row in found.rows:
        rank = row.rank
        cells: list[Any] = [rank.rank, rank.lo, rank.hi] if rank else [None, None, None]
        cells += [row.entry.name, row.entry.title, status_of(row), row.undecided, row.unranked]
        for one in row.figures:
            cells += [one.value, one.lo, one.hi, one.sd, one.n]
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()


def _alone(board: Board, metric: str) -> bool:
    return sum(column.metric == metric for column in board.columns) == 1


def _markdown(found: Standings) -> str:
    board = found.board
    head = ["rank", "model", *(_head(board, i) for i in range(len(board.columns))), "status"]
    rows = (
        (rank_of(row), row.entry.title, *map(written, row.figures), row.unranked or status_of(row))
        for row in found.rows
    )
    lines = [f"# {plain(board.title)}", "", plain(board.says), "", *table_of(head, rows)]
    lines += [plain(line) for line in _says(found)]
    lines += [f"- {plain(f'{name} is left out: {why}')}" for name, why in found.left_out]
    return "\n".join(lines) + "\n"


def _head(board: Board, at: int) -> str:
    column = board.columns[at]
    over = "" if column.over == board.headline else f" ({column.over})"
    return plain(words.head(column.metric) + over)


def _says(found: Standings) -> list[str]:
    """Return what a reader of the table must know."""
    board = found.board
    n = sum(len(one.probes) for one in found.asked)
    cells = len(board.cells)
    what = (
        f"mean ± sd over {cells} cells" if cells > 1 else f"{words.percent(board.level)} intervals"
    )
    return [
        f"{words.count(n, 'questions')}, seed {board.seed}; judged by {board.detector} and "
        f"{board.grader}; {what}. Behind a rank: the ranks that cannot be told from it, "
        "by joint resampling of the questions of all entries."
    ]


def _index(found: Standings) -> str:
    script = sources("page.js", *(["board.js"] if found.rows else []))
    metrics = [_direction(column.metric) for column in found.board.columns]
    return (
        environment()
        .get_template("board.html.j2")
        .render(
            found=found,
            board=found.board,
            columns=list(zip(found.board.columns, metrics, strict=True)),
            low=[
                -1.0 if column.metric == "awareness_score" else 0.0
                for column in found.board.columns
            ],
            says=_says(found),
            head=lambda i: words.head(found.board.columns[i].metric),
            rank_of=rank_of,
            status_of=status_of,
            words=words,
            version=__version__,
            policy=policy(script),
            script=script,
            style=sources("report.css", "board.css"),
        )
    )


def _direction(metric: str) -> bool:
    return bool(METRICS.get(metric)().higher_is_better)


class Pages:
    """The pages of the models of a board: what they share is made once."""

    def __init__(self, folder: Path, found: Standings) -> None:
        self._folder, self._found = folder, found
        self._template = environment().get_template("board_model.html.j2")
        self._script = sources("page.js")
        self._style = sources("report.css", "board.css")
        self._policy = policy(self._script)

    def page(self, row: Standing) -> str:
        """Return the page of one entry."""
        board = self._found.board
        return self._template.render(
            board=board,
            row=row,
            entry=row.entry,
            figures=list(zip(board.columns, row.figures, strict=True)),
            low={"awareness_score": -1.0},
            sides=_sides(self._found.asked, row.entry),
            examples=list(_examples(self._folder, self._found.asked[0], row.entry)),
            rank=rank_of(row),
            status=status_of(row),
            words=words,
            version=__version__,
            policy=self._policy,
            script=self._script,
            style=self._style,
        )


def _sides(asked: tuple[Questions, ...], entry: Entry) -> dict[str, list[tuple[str, Counts]]]:
    """Return (task, outcomes over all cells) for what expects an answer, and an abstention."""
    found: dict[str, dict[str, Counter[str]]] = {"answer": {}, "abstain": {}}
    for questions, part in zip(asked, entry.parts, strict=True):
        for name, letters in part.ledger.items():
            for expect, sign in zip(questions.expects(name), letters, strict=True):
                if sign != "-":
                    found[expect].setdefault(name, Counter())[LETTERS[sign][0]] += 1
    return {
        side: [(name, Counts(**counts)) for name, counts in tasks.items()]
        for side, tasks in found.items()
    }


def _examples(folder: Path, asked: Questions, entry: Entry) -> Iterator[tuple[Probe, str, str]]:
    """Yield (probe, response, outcome): the first answer of each of a few outcomes, if readable."""
    ledger = entry.parts[0].ledger
    signs = "".join(ledger[spec.name] for spec in asked.specs)
    probes = [probe for spec in asked.specs for probe in asked.of(spec.name)]
    wanted = sorted(at for sign in _EXAMPLES if (at := signs.find(sign)) >= 0)
    if not wanted:
        return
    try:
        lines = itertools.islice(
            entries.answers_of(folder, entry.name, only=set(wanted)), len(wanted)
        )
        by_id = {line.id: line.response for line in lines}
    except StoreError:
        return
    for at in wanted:
        if probes[at].id in by_id:
            yield probes[at], by_id[probes[at].id], LETTERS[signs[at]][0]
