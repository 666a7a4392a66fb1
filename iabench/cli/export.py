"""`iabench export` and `iabench import`: results in the formats of other tools, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iabench.cli import options as opt
from iabench.errors import ConfigError

__all__ = ["export", "import_run"]


def export(
    run: Annotated[
        str | None, typer.Argument(help="A run's folder; the last one if left out.")
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            "--to", help="lm-eval, every-eval-ever, hf-eval-results, parquet.", show_default=False
        ),
    ] = "",
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to write to.")] = "export",
    include_private: Annotated[
        bool, typer.Option("--include-private", help="Rows of your own facts go along.")
    ] = False,
    dataset: Annotated[
        str,
        typer.Option(
            help="hf-eval-results: the benchmark's dataset, ORG/NAME.", show_default=False
        ),
    ] = "",
    organization: Annotated[
        str, typer.Option(help="every-eval-ever: who evaluated.", show_default=False)
    ] = "",
) -> None:
    """Write a run for another tool; rows of your own facts stay out unless asked for."""
    from iabench.reports.export.base import EXPORTS
    from iabench.reports.export.base import export as exported
    from iabench.runs.folders import latest

    if not to:
        raise ConfigError("--to is missing.", f"iabench export --to {EXPORTS.names()[0]}")
    given = {"dataset": dataset, "organization": organization}
    paths, private = exported(
        Path(run) if run else latest(),
        to,
        Path(out),
        include_private=include_private,
        options={key: value for key, value in given.items() if value},
    )
    if private:
        typer.echo(
            f"note      {private:,} rows of your own facts are left out (--include-private)",
            err=True,
        )
    for path in paths:
        typer.echo(str(path))


def import_run(
    source: Annotated[
        str, typer.Argument(metavar="RUN", help="A folder or file of samples.", show_default=False)
    ],
    origin: Annotated[str, typer.Option("--from", help="Whose they are: lm-eval.")] = "lm-eval",
    out: Annotated[
        str, typer.Option("--out", "-o", help="The run's folder, new.")
    ] = "runs/imported",
    detector: opt.Detector = "lexical",
    grader: opt.Grader = "match",
    max_undecided: opt.MaxUndecided = 0.05,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> int:
    """Judge and count the answers that another harness logged: a run like any other."""
    from iabench.cli.evaluate import show, trusted
    from iabench.cli.progress import watching
    from iabench.reports.export.samples import import_lm_eval

    if origin != "lm-eval":
        raise ConfigError(f'no import from "{origin}".', "--from lm-eval")
    finished = import_lm_eval(
        Path(source), Path(out), detector=detector, grader=grader, watch=watching(quiet=quiet)
    )
    show(finished, as_json=as_json, quiet=quiet)
    return trusted(finished, max_undecided)
