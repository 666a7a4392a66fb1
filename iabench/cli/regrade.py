"""`iabench regrade`: verdicts and results again, without the model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iabench.cli.options import Json, Quiet

__all__ = ["regrade"]


def regrade(
    run: Annotated[
        str | None, typer.Argument(help="A run's folder; the last one if left out.")
    ] = None,
    detector: Annotated[
        str | None, typer.Option(help="Another detector.  \\[the run's own]", show_default=False)
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Judge the answers of a run again and count anew; the model is not asked."""
    from iabench.cli.evaluate import show
    from iabench.cli.progress import watching
    from iabench.runs.folders import latest
    from iabench.runs.runner import regrade as again

    folder = Path(run) if run else latest()
    show(
        again(folder, detector=detector, watch=watching(quiet=quiet)),
        as_json=as_json,
        quiet=quiet,
    )
