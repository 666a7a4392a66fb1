"""`iabench report`: pages and tables of a finished run, once more."""

from __future__ import annotations

import shutil
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from iabench.cli.options import Json, Quiet
from iabench.runs.folders import latest
from iabench.runs.run import load

__all__ = ["report"]


def report(
    run: Annotated[
        str | None, typer.Argument(help="A run's folder; the last one if left out.")
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", "-o", help="Also write the page here.")
    ] = None,
    as_json: Json = False,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    quiet: Quiet = False,
) -> None:
    """Show a finished run: the table, the page, CSV and Markdown."""
    from iabench.cli.evaluate import show

    finished = load(Path(run) if run else latest())
    show(finished, as_json=as_json, quiet=quiet)
    page = finished.path / "report.html"
    if out:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page, out)
        page = Path(out)
    if open_page:
        webbrowser.open(page.resolve().as_uri())
