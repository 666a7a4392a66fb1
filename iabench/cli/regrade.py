"""`iabench regrade`: verdicts and results again, without the model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iabench.cli import options as opt

__all__ = ["regrade"]


def regrade(
    run: Annotated[
        str | None, typer.Argument(help="A run's folder; the last one if left out.")
    ] = None,
    detector: Annotated[
        str | None, typer.Option(help="Another detector.  \\[the run's own]", show_default=False)
    ] = None,
    grader: Annotated[
        str | None, typer.Option(help="Another grader.  \\[the run's own]", show_default=False)
    ] = None,
    judge: opt.Judge = None,
    judge_url: opt.JudgeUrl = None,
    judge_votes: Annotated[
        int | None, typer.Option(help="Verdicts on each answer; most decide.", show_default=False)
    ] = None,
    nli: opt.Nli = None,
    adjust_for_detector: opt.AdjustForDetector = False,
    error_rates: Annotated[
        str | None,
        typer.Option(
            help="Correct by this table of `detectors validate --json`, or by what is `published`.",
            show_default=False,
        ),
    ] = None,
    max_undecided: opt.MaxUndecided = 0.05,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> int:
    """Judge the answers of a run again and count anew; the model is not asked."""
    from iabench.cli.evaluate import show, trusted
    from iabench.cli.progress import watching
    from iabench.runs.folders import latest
    from iabench.runs.regrade import regrade as again

    folder = Path(run) if run else latest()
    finished = again(
        folder,
        detector=detector,
        grader=grader,
        judge=judge,
        judge_url=judge_url,
        judge_votes=judge_votes,
        nli=nli,
        adjust_for_detector=adjust_for_detector,
        error_rates=error_rates,
        watch=watching(quiet=quiet),
    )
    show(finished, as_json=as_json, quiet=quiet)
    return trusted(finished, max_undecided)
