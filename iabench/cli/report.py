"""`iabench report`: pages and tables of a finished run, once more."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from iabench.cli import options as opt
from iabench.cli.showing import Showing, shows
from iabench.runs.folders import latest
from iabench.runs.run import load

__all__ = ["report"]


@shows
def report(
    run: Annotated[
        str | None, typer.Argument(help="A run's folder; the last one if left out.")
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", "-o", help="Also write the page here.")
    ] = None,
    redact: opt.Redact = False,
    *,
    showing: Showing,
) -> None:
    """Show a finished run: the table, the page, CSV and Markdown."""
    from iabench.cli.evaluate import show

    finished = load(Path(run) if run else latest())
    show(finished, as_json=showing.as_json, quiet=showing.quiet)
    page = finished.path / "report.html"
    if out:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
    if redact:
        page = _redacted(finished.path, Path(out) if out else page.with_name("redacted.html"))
        typer.echo(f"redacted {page}", err=True)
    elif out:
        shutil.copyfile(page, out)
        page = Path(out)
    showing.pages([page])


def _redacted(folder: Path, page: Path) -> Path:
    """Write the page of a run as others may see it, and return where."""
    from iabench.reports.html import page as html
    from iabench.reports.redact import redacted
    from iabench.reports.view import load as view
    from iabench.reports.write import write

    return write(page, html(redacted(view(folder)), beside=False))
