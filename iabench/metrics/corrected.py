"""Estimates corrected for the errors of the detector, beside the raw ones and never in their place.

    corrected:rogan-gladen   rates of abstention, by error rates measured on other responses
    corrected:ppi++          any rate of a yes or no, by labels of some answers of the run itself

Degenerate answers are judged by nobody and are known to be no hits; the undecided stand apart, as
in the raw estimate, and the bounds say what they could change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from iabench.grading.error_rates import ErrorRates
from iabench.metrics.base import METRICS, Row
from iabench.metrics.counts import ALL
from iabench.metrics.estimate import NO_RANK, Plan, plans, record
from iabench.metrics.parts import Part
from iabench.metrics.rate import Proportion
from iabench.records import About, Estimate, Outcome
from iabench.stats.correction import (
    Apparent,
    Corrected,
    Share,
    Stratum,
    by_labels,
    rogan_gladen,
    true_rate,
)
from iabench.stats.intervals import effective_n

__all__ = ["BY_LABELS", "ROGAN_GLADEN", "Labelled", "Said", "corrected"]

Floats = NDArray[np.float64]

ROGAN_GLADEN = "corrected:rogan-gladen"
BY_LABELS = "corrected:ppi++"

_ABSTENTION = ("admission_rate", "over_refusal_rate", "refusal_accuracy")
_LABELLED: Mapping[About, tuple[str, ...]] = {
    "abstained": (*_ABSTENTION, "fabrication_rate"),
    "correct": (
        "accuracy",
        "engagement_rate",
        "error_rate",
        "finetuning_accuracy",
        "paraphrase_accuracy",
    ),
}
"""Metrics over questions whatever is said of their answers, by what must be labelled for them."""
_ADMISSION = "admission_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person said of one answer, as an outcome."""

    outcome: Outcome
    admitted: bool | None
    """None where it abstains and nobody said in which way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Labels of answers of the run itself, drawn from strata with known probabilities."""

    strata: Mapping[str, int]
    """For each probe whose answer could have been drawn, the stratum that it was drawn from; within
    one all answers had the same probability."""
    said: Mapping[str, Said]
    """By probe, for those that were drawn and labelled."""


def corrected(
    rows: Sequence[Row],
    *,
    suites: Mapping[str, Sequence[str]],
    level: float,
    rates: ErrorRates | None = None,
    labelled: Mapping[About, Labelled] | None = None,
    defines: Mapping[str, Sequence[str]] | None = None,
    own_kinds: Sequence[str] = (),
) -> list[Estimate]:
    """Return the corrected estimates of tasks and suites as a whole, sorted as the raw ones.

    Args:
        rows: one a probe.
        suites: names of tasks by name of the suite.
        level: nominal coverage of the intervals.
        rates: error rates of the detector; None: no Rogan-Gladen.
        labelled: labels of the run by what they are about; where there are none, no PPI++.
        defines: ids of the metrics that a task defines; all, where it is not named or names none.
        own_kinds: tasks that accept other kinds of abstention than those of the error rates.
    """
    rows = sorted(rows, key=lambda row: (row.task, row.probe_id))
    by_task: dict[str, list[Row]] = {}
    for row in rows:
        by_task.setdefault(row.task, []).append(row)

    found = []
    if rates is not None:
        for metric in _metrics(_ABSTENTION):
            every = plans(by_task, suites, [metric], defines or {})
            judged = plans(by_task, suites, [_Judged(metric)], defines or {})
            found += [
                _by_rates(plan, other.parts, rates, own_kinds, level)
                for plan, other in zip(every, judged, strict=True)
                if _counts(plan)
            ]
    for about, labels in (labelled or {}).items():
        found += [
            _by_labels(plan, labels, level)
            for plan in plans(by_task, suites, _metrics(_LABELLED[about]), defines or {})
            if _counts(plan)
        ]
    return sorted(found, key=lambda e: (e.task, e.metric, e.slice, e.variant))


def _counts(plan: Plan) -> bool:
    """Return whether there is a raw estimate over whole tasks to stand beside."""
    return plan.slice == ALL and _n(plan) + _undecided(plan) > 0


def _metrics(names: Sequence[str]) -> list[Proportion]:
    metrics = [METRICS.get(name)() for name in names]
    return [metric for metric in metrics if isinstance(metric, Proportion)]


class _Judged(Proportion):
    """Answers that somebody judged, over the questions of a metric."""

    def __init__(self, metric: Proportion) -> None:
        self._metric = metric
        self.id, self.without = metric.id, metric.without
        self.named_only = getattr(metric, "named_only", False)

    def counts(self, row: Row) -> bool:
        """Return whether the metric counts it."""
        return self._metric.counts(row)

    def hit(self, row: Row) -> bool:
        """Return whether it was judged."""
        return row.outcome != "degenerate"


# -- from error rates --------------------------------------------------------------------------


def _by_rates(
    plan: Plan, judged: Sequence[Part], rates: ErrorRates, own_kinds: Sequence[str], level: float
) -> Estimate:
    pairs = [pair for pair in zip(plan.parts, judged, strict=True) if pair[0].n]
    errors, why = _errors(plan, rates, own_kinds)
    if not pairs or errors is None:
        return _none(plan, ROGAN_GLADEN, why if pairs else "", level)
    found = rogan_gladen(
        [Apparent(rate=_share(part.cells), judged=_rate(other.sums)) for part, other in pairs],
        sensitivity=errors[0],
        specificity=errors[1],
        level=level,
    )
    if found.value is None:
        return _none(plan, ROGAN_GLADEN, found.reason, level)
    corners = true_rate(
        np.stack(np.broadcast_arrays(*(_rates(part.corners) for part, _ in pairs)), -1),
        np.stack(np.broadcast_arrays(*(_rates(other.corners) for _, other in pairs)), -1),
        sensitivity=errors[0].value,
        specificity=errors[1].value,
    ).clip(0, 1)
    bounds = float(corners.min()), float(corners.max())
    return _estimate(plan, ROGAN_GLADEN, found, bounds, "component-wilson-ends", level)


def _errors(
    plan: Plan, rates: ErrorRates, own_kinds: Sequence[str]
) -> tuple[tuple[Share, Share] | None, str]:
    """Return sensitivity and specificity for what a metric counts, or why there are none."""
    if plan.metric.id != _ADMISSION:
        return (rates.sensitivity, rates.specificity), ""
    others = sorted({_task(part) for part in plan.parts} & set(own_kinds))
    if others:
        return None, f"errors were measured for other kinds than {', '.join(others)} accepts"
    return rates.admission, "the error rates are none of kinds of abstention"


# -- from labels -------------------------------------------------------------------------------


def _by_labels(plan: Plan, labels: Labelled, level: float) -> Estimate:
    parts = [part for part in plan.parts if part.n]
    if not parts:
        return _none(plan, BY_LABELS, "", level)
    metric = plan.metric
    assert isinstance(metric, Proportion)
    if metric.id == _ADMISSION and (n := _without_kind(metric, parts, labels)):
        return _none(plan, BY_LABELS, f"{n} of the labelled abstentions name no kind", level)
    tasks = [_strata(metric, part, labels) for part in parts]
    found = by_labels(tasks, [_share(part.cells).n for part in parts], level=level)
    if found.value is None:
        return _none(plan, BY_LABELS, found.reason, level)
    rates = [sum(s.share * s.labelled.value for s in task if s.labelled) for task in tasks]
    bounds = (
        float(np.mean([rate * p.n / p.taken for rate, p in zip(rates, parts, strict=True)])),
        float(
            np.mean(
                [(rate * p.n + p.undecided) / p.taken for rate, p in zip(rates, parts, strict=True)]
            )
        ),
    )
    return _estimate(plan, BY_LABELS, found, bounds, "stratified-wilson-ends", level)


def _without_kind(metric: Proportion, parts: Sequence[Part], labels: Labelled) -> int:
    """Return how many labelled abstentions nobody said the kind of: without them rates are low."""
    rows = [row for part in parts for row in part.pieces[0].stratum.rows if metric.counts(row)]
    said = [labels.said.get(row.probe_id) for row in rows]
    return sum(one is not None and one.admitted is None for one in said)


def _strata(metric: Proportion, part: Part, labels: Labelled) -> list[Stratum]:
    """Return the strata of the decided answers of one task, with the labels in each."""
    groups: dict[int | None, list[Row]] = {}
    empty = 0
    for row in part.pieces[0].stratum.rows:
        if row.outcome == "undecided" or not metric.counts(row):
            continue
        if row.outcome == "degenerate":
            empty += 1
        else:
            groups.setdefault(labels.strata.get(row.probe_id), []).append(row)
    found = [
        Stratum(share=len(rows) / part.n, labelled=_labelled(metric, rows, labels))
        for _, rows in sorted(groups.items(), key=lambda group: (group[0] is None, group[0] or 0))
    ]
    return [
        *found,
        Stratum(share=empty / part.n, labelled=Share(value=0.0, n=float("inf"))),
    ]


def _labelled(metric: Proportion, rows: Sequence[Row], labels: Labelled) -> Share | None:
    """Return the rate of hits among the labelled rows of a stratum, or None without any."""
    clusters: dict[str, list[float]] = {}
    for row in rows:
        said = labels.said.get(row.probe_id)
        if said is not None:
            hit = metric.hit(replace(row, outcome=said.outcome, admitted=bool(said.admitted)))
            counts = clusters.setdefault(row.cluster, [0.0, 0.0])
            counts[0] += hit
            counts[1] += 1
    return _share(np.array(list(clusters.values()))) if clusters else None


# -- estimates ---------------------------------------------------------------------------------


def _task(part: Part) -> str:
    return part.pieces[0].stratum.label


def _rates(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0] / sums[..., 1])


def _rate(sums: Floats) -> float:
    return float(_rates(sums))


def _share(cells: Floats) -> Share:
    """Return the proportion in (clusters, 2) hits and probes, over its effective number."""
    return Share(value=_rate(cells.sum(0)), n=float(effective_n(cells[:, 0], cells[:, 1])))


def _estimate(
    plan: Plan,
    variant: str,
    found: Corrected,
    bounds: tuple[float, float],
    method: str,
    level: float,
) -> Estimate:
    reasons = [found.reason]
    if any(part.undecided > NO_RANK * part.taken for part in plan.parts):
        reasons.append(f"over {NO_RANK:.0%} undecided: no rank".replace("%", " %"))
    return record(
        plan, level, found.value, (found.lo, found.hi), method, _n(plan), _undecided(plan), bounds,
        "; ".join(filter(None, reasons)), variant,
    )  # fmt: skip


def _none(plan: Plan, variant: str, why: str, level: float) -> Estimate:
    """Return an estimate without a value; where the raw one has none either, for its reason."""
    if not _n(plan):
        why = f"all {_undecided(plan)} questions that count are undecided"
    return record(
        plan, level, None, (None, None), "none", _n(plan), _undecided(plan), None, why, variant
    )


def _n(plan: Plan) -> int:
    return sum(part.n for part in plan.parts)


def _undecided(plan: Plan) -> int:
    return sum(part.undecided for part in plan.parts)
