"""`iabench detect`: verdicts on responses of any other tool."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from iabench import jsonl
from iabench.cli import options as opt
from iabench.datasets.lines import TABLES
from iabench.errors import ConfigError
from iabench.records import RunSpec
from iabench.reports.shown import one_line

if TYPE_CHECKING:
    from iabench.cli.progress import Lines
    from iabench.grading.rows import Row

__all__ = ["detect"]

_NAMED = 20
"""Rows that could not be read which are named on stderr; all of them stand in the verdicts."""


def detect(
    detector: Annotated[str, typer.Option(help="A detector or a grader.", show_default=False)],
    rows: Annotated[
        str,
        typer.Option(
            "--in",
            help="Rows with question, response, and for graders references: JSONL, CSV, or -.",
            show_default=False,
        ),
    ],
    out: Annotated[str, typer.Option("--out", "-o", help="JSON lines, or -.", show_default=False)],
    about: opt.About = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew; the old verdicts are kept beside.")
    ] = False,
    judge: opt.Judge = None,
    judge_url: opt.JudgeUrl = None,
    judge_votes: opt.JudgeVotes = 1,
    nli: opt.Nli = None,
    max_undecided: Annotated[
        float,
        typer.Option(help="Above this share left undecided by a failing judge: exit code 4."),
    ] = 0.05,
    quiet: opt.Quiet = False,
) -> int:
    """Judge responses of any other tool; the same command goes on where it was stopped."""
    from iabench.cli.judges import about_of, leaves, opened
    from iabench.cli.progress import watching
    from iabench.grading.rows import drop_stale, fault, judged, new_rows, read_rows, verdicts_there

    asked = about_of(detector, about) or "abstained"
    source = None if rows == "-" else _source(rows, out)
    target = None if out == "-" else Path(out).expanduser()
    spec = RunSpec(model="", judge=judge, judge_url=judge_url, judge_votes=judge_votes, nli=nli)
    talk = watching(quiet=quiet)
    with ExitStack() as open_things:
        opened_judge = open_things.enter_context(opened(detector, asked, spec))
        if target is not None and fresh:
            _set_aside(target)
        there = verdicts_there(target, opened_judge.id)
        total = None if source is None else _lines(source)
        line = leaves(opened_judge, total, private=True)
        if line:
            talk.say(line)
        file: BinaryIO = open_things.enter_context(
            nullcontext(sys.stdin.buffer) if source is None else source.open("rb")
        )
        put: Callable[[Any], None] = _print
        if target is not None:
            put = open_things.enter_context(jsonl.Appender(target)).add
        done = there.total()
        talk.begin("judging", total or 0, done=done)
        table = source is not None and source.suffix.lower() in TABLES
        found = read_rows(file, asked, table=table)
        wrong = _Wrong("stdin" if source is None else rows)
        stand: Counter[tuple[str, str]] = Counter()
        faults: Counter[str] = Counter()
        for verdict in judged(opened_judge, wrong.seen(new_rows(found, there, stand)), asked):
            put(verdict)
            if fault(verdict):
                faults[verdict["reason"]] += 1
            talk.advance()
        talk.end()
    if target is not None:
        drop_stale(target, stand)
    wrong.say(talk)
    if not stand:
        raise ConfigError(f"{rows} is empty: there is no row in it.", _ROW)
    return _trusted(faults, stand.total(), max_undecided, talk)


def _trusted(faults: Counter[str], n: int, most: float, talk: Lines) -> int:
    """Return 0, or 4 where a judge that failed left too much undecided; say it in any case."""
    left = faults.total()
    if left:
        reason = one_line(faults.most_common(1)[0][0])
        talk.say(f"{left:,} of {n:,} responses are undecided: {reason}")
        talk.say("  the same command asks for them again")
    if left <= most * n:
        return 0
    typer.echo(
        f"not to be trusted: {left / n:.1%} are undecided (--max-undecided {most:g})", err=True
    )
    return 4


_ROW = '{"question": "...", "response": "..."}'


class _Wrong:
    """Names rows that cannot be judged, the first of them at once and the rest as a number."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.rows = 0
        self._named: list[str] = []
        self._n = 0

    def seen(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows, with an eye on them."""
        for row in rows:
            self.rows += 1
            if row.case is None:
                self._n += 1
                if self._n <= _NAMED:
                    self._named.append(f"line {row.number}: {row.wrong}")
            yield row

    def say(self, talk: Lines) -> None:
        """Name them."""
        if self._n:
            talk.say(f"{self._n:,} of {self.rows:,} rows of {self._source} cannot be judged:")
        for line in self._named:
            talk.say(f"  {one_line(line)}")
        if self._n > _NAMED:
            talk.say(f"  and {self._n - _NAMED:,} more; each has its reason in the verdicts")


def _source(asked: str, out: str) -> Path:
    path = Path(asked).expanduser()
    if not path.is_file():
        raise ConfigError(f"no file {path}.", "--in ROWS.jsonl, ROWS.csv, or - for stdin")
    if out != "-" and path.resolve() == Path(out).expanduser().resolve():
        raise ConfigError("--in and --out are one file.", "another --out")
    return path


def _lines(path: Path) -> int:
    """Return about how many rows a file has: its lines that are not empty."""
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip()) - (path.suffix.lower() in TABLES)


def _set_aside(path: Path) -> None:
    number = 1
    while (aside := path.with_name(f"{path.name}.old{number}")).exists():
        number += 1
    if path.exists():
        path.rename(aside)


def _print(verdict: Mapping[str, Any]) -> None:
    sys.stdout.write(jsonl.canonical(verdict) + "\n")
    sys.stdout.flush()
