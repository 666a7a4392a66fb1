"""What gates say on the command line, and the exit code that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import typer

from iabench.errors import ConfigError, StatsError
from iabench.runs.gates import Crossed, Required, required
from iabench.runs.run import Run

__all__ = ["metrics", "requirements", "requires", "said"]

Judged = tuple[Crossed, str]


def metrics() -> list[str]:
    """Return the metrics that a gate may be of."""
    from iabench.metrics.expressed import ExpressedGap
    from iabench.metrics.installed import own_metrics
    from iabench.metrics.selective import SELECTIVE

    return [*own_metrics(), *SELECTIVE, ExpressedGap.id]


def requirements(texts: Sequence[str] | None) -> list[Required]:
    """Return the gates of `--require`, as they are checked before a model is asked.

    Raises:
        ConfigError: one is none, or of a metric that there is not.
    """
    return required(texts or [], metrics()) if texts else []


def requires(
    gates: Iterable[Required], run: Run, *, task: str | None = None, strict: bool = False
) -> list[Judged]:
    """Return what `--require` says of a run: of its headline, or of a task or suite of it.

    Raises:
        ConfigError: the run has no such metric there.
    """
    try:
        return [gate.judge(run[gate.metric, task or run.headline], strict=strict) for gate in gates]
    except StatsError as problem:
        raise ConfigError(problem.message, problem.hint) from None


def said(judged: Iterable[Judged], *, strict: bool = False) -> tuple[list[str], int]:
    """Print a line for each gate; return the lines, and 3 where one was crossed, else 0."""
    lines, code = [], 0
    for state, text in judged:
        lines.append(f"{state}: {text}")
        typer.echo(lines[-1], err=True)
        if state == "crossed" or (strict and state == "cannot tell"):
            code = 3
    return lines, code
