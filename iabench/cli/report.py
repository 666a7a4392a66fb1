"""`iabench report`: pages and tables of a finished run or study, once more."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from iabench.cli import options as opt
from iabench.cli.showing import Showing, shows
from iabench.errors import ConfigError
from iabench.runs.folders import latest
from iabench.runs.run import load

__all__ = ["report"]


@shows
def report(
    run: Annotated[
        str | None, typer.Argument(help="A run's or a study's folder; the last run if left out.")
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", "-o", help="Also write the page here.")
    ] = None,
    redact: opt.Redact = False,
    paper: Annotated[
        str | None,
        typer.Option(
            "--paper", help="Write table.tex, figure.pdf, methods.tex, refs.bib into this folder."
        ),
    ] = None,
    *,
    showing: Showing,
) -> None:
    """Show a finished run or study: table, page, CSV, Markdown; or write it up for a paper."""
    folder = Path(run) if run else latest()
    if paper:
        from iabench.reports.paper.write import write_paper

        for path in write_paper(folder, Path(paper)):
            typer.echo(str(path))
        return
    if (folder / "study.json").exists():
        from iabench.cli.study import show_study

        if redact:
            raise ConfigError("--redact is for the page of a run.", "without --redact")

        page = show_study(folder, as_json=showing.as_json, quiet=showing.quiet)
    else:
        from iabench.cli.evaluate import show

        show(load(folder), as_json=showing.as_json, quiet=showing.quiet)
        page = folder / "report.html"
    if out:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
    if redact:
        page = _redacted(folder, Path(out) if out else page.with_name("redacted.html"))
        typer.echo(f"redacted {page}", err=True)
    elif out:
        shutil.copyfile(page, out)
        page = Path(out)
        typer.echo(f"written  {page}", err=True)
    showing.pages([page])


def _redacted(folder: Path, page: Path) -> Path:
    """Write the page of a run as others may see it, and return where."""
    from iabench.reports.html import page as html
    from iabench.reports.loading import load as view
    from iabench.reports.redact import redacted
    from iabench.reports.write import write

    return write(page, html(redacted(view(folder)), beside=False))
