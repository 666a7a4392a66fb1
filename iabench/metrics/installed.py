"""Which metrics a run counts: iabench's own always, those of plug-ins as far as they work.

A plug-in changes no number of iabench's own: its metrics are estimated by themselves. One that
cannot be imported, or that raises, is left out with a note; where a task names it, it is an error.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from iabench.errors import IabenchError, PluginError
from iabench.metrics.base import METRICS, AnyMetric, Row
from iabench.metrics.estimate import estimates
from iabench.records import Estimate

__all__ = ["all_estimates", "own_metrics"]


def all_estimates(
    rows: Sequence[Row], *, selected: Collection[str] = (), **options: Any
) -> tuple[list[Estimate], list[str]]:
    """Return the estimates of all metrics that are installed, and a note on each that is left out.

    Args:
        rows: one a probe.
        selected: metrics that a task names.
        options: of `iabench.metrics.estimate.estimates`.

    Raises:
        PluginError: a selected metric fails, or one of iabench's own is offered twice.
    """
    origins = METRICS.origins()
    own = own_metrics()
    found = estimates(rows, metrics=list(own.values()), **options)
    notes = []
    for name in sorted(origins.keys() - own.keys()):
        try:
            found += estimates(rows, metrics=[_metric(name)], **options)
        except Exception as problem:  # a plug-in may raise anything
            says = problem.message if isinstance(problem, IabenchError) else repr(problem)
            where = f"metric {name} of {' and '.join(origins[name])}"
            if name in selected:
                raise PluginError(f"{where} fails: {says}") from problem
            notes.append(f"{where} is left out: {says}")
    return sorted(found, key=lambda e: (e.task, e.metric, e.slice, e.variant)), notes


def own_metrics() -> dict[str, AnyMetric]:
    """Return iabench's own metrics by id."""
    origins = METRICS.origins()
    own = [name for name in origins if any(o.startswith("iabench ") for o in origins[name])]
    return {name: METRICS.get(name)() for name in own}


def _metric(name: str) -> AnyMetric:
    metric = METRICS.get(name)()
    if metric.id != name:
        raise PluginError(f'it calls itself "{metric.id}".')
    return metric
