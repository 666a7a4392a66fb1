"""`iabench leaderboard new|add|check|build|verify`: boards whose numbers anybody can make again."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from iabench.cli import options as opt
from iabench.errors import ConfigError

__all__ = ["app", "pairs"]

app = typer.Typer(help="Boards whose numbers anybody can make again.", no_args_is_help=True)

Board = Annotated[str, typer.Argument(help="The board's folder.", show_default=False)]
Name = Annotated[
    str, typer.Option("--name", help="Of the entry: its files and its page.", show_default=False)
]
_GATE = 3


@app.command("new")
def new(
    board: Board,
    tasks: opt.Tasks = None,
    study: Annotated[
        str | None,
        typer.Option(
            help="Make it from this study: its methods are the entries.", show_default=False
        ),
    ] = None,
    title: Annotated[str, typer.Option(help="What people read at its top.")] = "",
    says: Annotated[str, typer.Option(help="One sentence below it.")] = "",
    seed: opt.Seed = 0,
    rank_by: Annotated[
        str | None, typer.Option(help="A metric.  \\[awareness_score]", show_default=False)
    ] = None,
    system_prompt: opt.SystemPrompt = None,
    max_new_tokens: opt.MaxNewTokens = 128,
    require: Annotated[
        list[str] | None,
        typer.Option(
            "--field", help="A field that every entry fills.  \\[model, submitted_by, licence]"
        ),
    ] = None,
    include_private: Annotated[
        bool, typer.Option("--include-private", help="A study's own facts become public.")
    ] = False,
) -> None:
    """Write a board: its rules, how to submit, and the workflow that checks entries."""
    from iabench.cli.evaluate import prompt_of
    from iabench.leaderboards import make, studies
    from iabench.leaderboards.build import build

    folder = Path(board)
    if study is not None:
        made, notes = studies.from_study(
            folder, Path(study), title=title, says=says, include_private=include_private
        )
        for note in notes:
            typer.echo(f"note      {note}", err=True)
    else:
        made = make.new(
            folder, tasks or ["core"], title=title, says=says, seed=seed, rank_by=rank_by,
            system_prompt=prompt_of(system_prompt) or "", max_new_tokens=max_new_tokens,
            required=require or (),
        )  # fmt: skip
    build(folder, made)
    n = sum(task.n for cell in made.cells for task in cell.tasks)
    typer.echo(f"{folder}: {n:,} questions, judged by {made.detector} and {made.grader}", err=True)
    _next("check" if study else "add", folder, "" if study else " RUN --name NAME")


@app.command("add")
def add(
    board: Board,
    run: Annotated[
        str | None, typer.Argument(help="A run's folder; the last one if left out.")
    ] = None,
    name: Name = "",
    about: Annotated[
        list[str] | None, typer.Option("--about", help="KEY=VALUE of the entry, e.g. licence=MIT.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="An entry of that name goes.")] = False,
) -> None:
    """Make an entry of a finished run: its answers, judged and counted anew."""
    from iabench.leaderboards import board as boards
    from iabench.leaderboards import make
    from iabench.runs.folders import latest

    folder = boards.folder_of(board)
    place = Path(run) if run else latest()
    path, private = make.add(
        folder,
        boards.read(folder),
        place,
        name=name or place.name,
        about=pairs(about or []),
        replace=replace,
    )
    if private:
        typer.echo(f"note      {private:,} rows of somebody's own facts are left out", err=True)
    typer.echo(f"{path}: answers and numbers, self-reported", err=True)
    _next("check", folder, "")


@app.command("check")
def check(
    board: Board,
    entry: Annotated[list[str] | None, typer.Argument(help="Entries; all if left out.")] = None,
    processes: Annotated[
        int | None,
        typer.Option(help="At once, on a large board.  \\[one a core]", min=1, show_default=False),
    ] = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> int:
    """Judge all answers again and make every number anew; exit code 2 if one differs."""
    from iabench.cli.progress import watching
    from iabench.leaderboards import board as boards
    from iabench.leaderboards.check import check as checked
    from iabench.leaderboards.check import named
    from iabench.reports.shown import one_line

    folder = boards.folder_of(board)
    rules = boards.read(folder)
    found = []
    watch = watching(quiet=quiet)
    watch.begin("checking", len(named(folder, rules, entry or ())))
    for one in checked(folder, rules, entry or (), processes=processes or _cores()):
        found.append(one)
        watch.advance()
        if as_json:
            continue
        said = (
            one.refused
            or f"{one.n:,} answers judged again, {one.numbers:,} numbers the same · {one.status}"
        )
        typer.echo(f"{'✗' if one.refused else '✓'} {one.name}: {one_line(said)}")
    watch.end()
    if as_json:
        sys.stdout.write(
            json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1) + "\n"
        )
    return 2 if any(one.refused for one in found) else 0


@app.command("build")
def build(board: Board, open_page: opt.OpenPage = False) -> None:
    """Write index.html, a page a model, leaderboard.csv and leaderboard.md."""
    import webbrowser

    from iabench.leaderboards import board as boards
    from iabench.leaderboards.build import build as built
    from iabench.reports.shown import one_line

    folder = boards.folder_of(board)
    found, _ = built(folder, boards.read(folder))
    for name, why in found.left_out:
        typer.echo(f"note      {one_line(f'{name} is left out: {why}')}", err=True)
    if not found.rows:
        typer.echo("note      there are no entries yet: iabench leaderboard add", err=True)
    page = folder / "index.html"
    typer.echo(f"{len(found.rows):,} entries", err=True)
    typer.echo(str(page))
    if open_page:
        webbrowser.open(page.resolve().as_uri())


@app.command("verify")
def verify(
    board: Board,
    entry: Annotated[str, typer.Argument(help="The entry's name.", show_default=False)],
    model: opt.Model,
    n: Annotated[int, typer.Option("-n", help="Questions to ask again.", min=1)] = 100,
    draw: Annotated[
        int | None,
        typer.Option(
            help="The number that chooses them; drawn and said if left out.", show_default=False
        ),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Also ask under a private seed: the leakage gap.")
    ] = False,
    backend: opt.Backend = "auto",
    base_url: opt.BaseUrl = None,
    adapter: opt.Adapter = None,
    revision: opt.Revision = None,
    dtype: opt.Dtype = "auto",
    device: opt.Device = "auto",
    quiet: opt.Quiet = False,
) -> int:
    """Ask a draw of an entry's questions again, of the model itself; exit code 3 if they differ."""
    from iabench.cli.progress import watching
    from iabench.leaderboards import board as boards
    from iabench.leaderboards.verify import verify as again

    folder = boards.folder_of(board)
    given = {
        "backend": backend, "base_url": base_url, "adapter": adapter, "revision": revision,
        "dtype": dtype, "device": device,
    }  # fmt: skip
    found = again(
        folder,
        boards.read(folder),
        entry,
        model=model,
        draw=secrets.randbelow(2**31) if draw is None else draw,
        n=n,
        private=private,
        options={key: value for key, value in given.items() if value is not None},
        watch=watching(quiet=quiet),
    )
    said = "verified" if found.passed else "not confirmed"
    typer.echo(
        f"{'✓' if found.passed else '✗'} {entry}: {said}, {found.same_outcome} of {found.n} "
        f"outcomes and {found.same_text} texts came again (draw {found.draw})"
    )
    for gap in found.leakage:
        typer.echo(
            f"  {gap.metric}: public {gap.public:.3f}, private {gap.private:.3f}, "
            f"gap {gap.value:+.3f} [{gap.lo:+.3f}, {gap.hi:+.3f}], {gap.detectable:.3f} would show"
        )
    _next("build", folder, "")
    return 0 if found.passed else _GATE


def pairs(given: Sequence[str]) -> Mapping[str, str]:
    """Return KEY=VALUE words as a mapping.

    Raises:
        ConfigError: one has no sign of equality.
    """
    found = {}
    for word in given:
        key, sign, value = word.partition("=")
        if not sign or not key.strip():
            raise ConfigError(f'--about "{word}" says nothing.', "--about licence=MIT")
        found[key.strip()] = value.strip()
    return found


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _next(verb: str, folder: Path, more: str) -> None:
    typer.echo(f"next      iabench leaderboard {verb} {folder}{more}", err=True)
