"""From rows to estimates: every metric over every task, slice and suite, with its interval.

    proportion of a task             wilson-effective-n
    other metric, and every suite    cluster-bootstrap; component-wilson-ends where a proportion in
                                     it has too few hits or misses to resample
    headline metric of a task        also leave-one-relation-out: its range without one relation

A suite's estimate is the unweighted mean over its tasks that define the metric, resampled within
tasks; metrics of pairs pool the pairs over its tasks. Of slices a suite has only that of what a
model is certified to know. A metric that is `rare` is made only where there are rows of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from iabench.errors import StatsError
from iabench.metrics import parts as made
from iabench.metrics.base import AnyMetric, Row, made_from_rows
from iabench.metrics.counts import ALL, Stratum, count, of_task, of_twins
from iabench.metrics.knowing import SLICE as KNOWN
from iabench.metrics.parts import Part, Proportions
from iabench.records import Estimate

__all__ = ["HEADLINE", "NO_RANK", "Plan", "estimates", "figure", "plans", "record"]

HEADLINE = (
    "accuracy",
    "awareness_score",
    "hallucination_rate",
    "over_refusal_rate",
    "refusal_accuracy",
)
"""Metrics whose range without any one relation is reported."""

TUNED_ON = "finetuning_accuracy"
"""A task that names this metric lends its rows to the twins of a suite."""

NO_RANK = 0.02
"""Share of undecided rows of a task above which it is not ranked."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One estimate to be made."""

    task: str
    metric: AnyMetric
    slice: str
    parts: Sequence[Part]
    reason: str = ""

    @cached_property
    def proportions(self) -> Proportions | None:
        """What the metric is made of, if of proportions."""
        return made.proportions(self.metric, self.parts)


def estimates(
    rows: Sequence[Row],
    *,
    suites: Mapping[str, Sequence[str]],
    metrics: Sequence[AnyMetric],
    level: float,
    seed: int,
    draws: int = 2000,
    defines: Mapping[str, Sequence[str]] | None = None,
) -> list[Estimate]:
    """Return all estimates, sorted by (task, metric, slice, variant).

    The same rows in any order give the same estimates, byte for byte.

    Args:
        rows: one a probe.
        suites: names of tasks by name of the suite.
        metrics: what to estimate.
        level: nominal coverage of the intervals.
        seed: of the resampling.
        draws: resamples.
        defines: ids of the metrics that a task defines; all, where it is not named or names none.

    Raises:
        StatsError: two rows of one probe, two metrics of one id, a suite named as a task, or a
            level or number of draws that is none.
    """
    rows = sorted(rows, key=lambda row: (row.task, row.probe_id))
    _check(rows, suites, metrics, level, draws)
    by_task: dict[str, list[Row]] = {}
    for row in rows:
        by_task.setdefault(row.task, []).append(row)
    planned = list(plans(by_task, suites, metrics, defines or {}))
    wanted = {
        id(part): (plan.metric, part)
        for plan in planned
        if plan.parts and (plan.proportions is None or plan.proportions.resample)
        for part in plan.parts
    }
    made.draw(wanted.values(), seed=seed, draws=draws)
    found = [_estimate(plan, level) for plan in planned]
    found += _leave_one_relation_out(planned, level)
    return sorted(found, key=lambda e: (e.task, e.metric, e.slice, e.variant))


def _check(
    rows: Sequence[Row],
    suites: Mapping[str, Sequence[str]],
    metrics: Sequence[AnyMetric],
    level: float,
    draws: int,
) -> None:
    if not 0 < level < 1:
        raise StatsError(f"no level: {level}.", "a share, e.g. 0.95")
    if draws < 2:
        raise StatsError(f"{draws} resamples give no interval.", "2000")
    for one, other in pairwise(rows):
        if (one.task, one.probe_id) == (other.task, other.probe_id):
            raise StatsError(f"two rows of probe {one.probe_id}.")
    if len({(metric.id, _variant(metric)) for metric in metrics}) < len(metrics):
        raise StatsError("two metrics of one id.")
    if both := sorted(set(suites) & {row.task for row in rows}):
        raise StatsError(f"{both[0]} is a task and a suite.")


class _Strata:
    """What is resampled together, for one selection of tasks after the other."""

    def __init__(self, by_task: Mapping[str, list[Row]]) -> None:
        self._by_task = by_task
        self._clusters: dict[str, Stratum] = {}
        self._twins: dict[tuple[str, ...], list[Stratum]] = {}

    def of(self, metric: AnyMetric, tasks: Sequence[str]) -> list[Stratum]:
        """Return the tasks' strata of clusters, or of twins for a metric of pairs."""
        if not made_from_rows(metric) and metric.unit == "pair":
            key = tuple(tasks)
            if key not in self._twins:
                self._twins[key] = list(of_twins([r for task in key for r in self._by_task[task]]))
            return self._twins[key]
        for task in tasks:
            if task not in self._clusters:
                self._clusters[task] = of_task(task, self._by_task[task])
        return [self._clusters[task] for task in tasks]


def plans(
    by_task: Mapping[str, list[Row]],
    suites: Mapping[str, Sequence[str]],
    metrics: Sequence[AnyMetric],
    defines: Mapping[str, Sequence[str]],
) -> Iterator[Plan]:
    """Yield what is to be estimated; the arguments are those of `estimates`, rows by task."""
    strata = _Strata(by_task)
    for metric in metrics:
        own = [task for task in by_task if _defined(metric, defines.get(task, ()))]
        rare = bool(getattr(metric, "rare", False))
        whole: dict[str, Part] = {}
        sure: dict[str, Part] = {}
        for task in own:
            slices = dict(_slices(metric, strata.of(metric, [task])))
            if ALL in slices:
                whole[task] = slices[ALL]
                sure |= {task: slices[KNOWN]} if KNOWN in slices else {}
            elif not rare:
                yield Plan(task=task, metric=metric, slice=ALL, parts=[])
            for name, part in slices.items():
                yield Plan(task=task, metric=metric, slice=name, parts=[part])
        for suite, names in suites.items():
            tasks = sorted(set(names))
            if _named_only(metric) and not set(tasks) & set(own):
                continue
            if (missing := [task for task in tasks if task not in by_task]) and not rare:
                why = f"not asked: {', '.join(missing)}"
                yield Plan(task=suite, metric=metric, slice=ALL, parts=[], reason=why)
                continue
            parts = [whole[task] for task in tasks if task in whole]
            if not made_from_rows(metric) and metric.unit == "pair":
                # Facts that it was tuned on are a known side, though they count in no rate.
                lent = [task for task in tasks if TUNED_ON in defines.get(task, ())]
                twins = strata.of(metric, [task for task in tasks if task in own or task in lent])
                parts = [part for name, part in _slices(metric, twins) if name == ALL]
            if parts or not rare:
                yield Plan(task=suite, metric=metric, slice=ALL, parts=parts)
            if parts := [sure[task] for task in tasks if task in sure]:
                yield Plan(task=suite, metric=metric, slice=KNOWN, parts=parts)


def _named_only(metric: AnyMetric) -> bool:
    """Return whether a metric is made only for tasks that name it."""
    return bool(getattr(metric, "named_only", False))


def _defined(metric: AnyMetric, named: Sequence[str]) -> bool:
    """Return whether a task that names these metrics (none: all) defines one."""
    return metric.id in named if named or _named_only(metric) else True


def _slices(metric: AnyMetric, strata: Sequence[Stratum]) -> Iterator[tuple[str, Part]]:
    """Yield the slices in which there are rows of the metric, with all strata pooled."""
    if made_from_rows(metric):
        for at, name in enumerate(strata[0].slices):
            if part := made.weighted(metric, strata[0], at):
                yield name, part
        return
    found = [(stratum, count(metric, stratum)) for stratum in strata]
    counted = [(stratum, counts) for stratum, counts in found if counts and counts.taken[0]]
    if counted:
        for at, name in enumerate(counted[0][0].slices):
            part = made.pooled(metric, counted, at)
            if part.taken:
                yield name, part


def _estimate(plan: Plan, level: float) -> Estimate:
    metric, parts = plan.metric, plan.parts
    value = float(made.over(metric, [part.sums for part in parts])) if parts else float("nan")
    undecided = sum(part.undecided for part in parts)
    n = sum(part.n for part in parts)
    if np.isnan(value):
        why = plan.reason or metric.without
        if undecided:
            why = f"all {undecided} questions that count are undecided"
        return record(plan, level, None, (None, None), "none", n, undecided, None, why)
    lo, hi, method, without = made.interval(metric, parts, plan.proportions, level)
    if lo is not None and hi is not None:
        # A percentile interval may miss its own estimate where the draws are skewed.
        lo, hi = min(lo, value), max(hi, value)
    reasons = [without, _remark(plan)]
    if any(part.undecided > NO_RANK * part.taken for part in parts):
        reasons.append(f"over {NO_RANK:.0%} undecided: no rank".replace("%", " %"))
    reason = "; ".join(filter(None, reasons))
    corners = made.bounds(metric, parts)
    return record(plan, level, value, (lo, hi), method, n, undecided, corners, reason)


def _remark(plan: Plan) -> str:
    """Return what a metric says of the rows that it was made from."""
    remark = getattr(plan.metric, "remark", None)
    if remark is None:
        return str(getattr(plan.metric, "note", ""))
    return str(remark(row for part in plan.parts for p in part.pieces for row in p.stratum.rows))


def record(
    plan: Plan,
    level: float,
    value: float | None,
    ends: tuple[float | None, float | None],
    method: str,
    n: int,
    undecided: int,
    corners: tuple[float, float] | None,
    reason: str,
    variant: str | None = None,
) -> Estimate:
    """Return an estimate of what was planned, its figures to twelve digits."""
    return Estimate(
        task=plan.task,
        metric=plan.metric.id,
        slice=plan.slice,
        variant=variant or _variant(plan.metric),
        value=figure(value),
        lo=figure(ends[0]),
        hi=figure(ends[1]),
        level=level,
        method=method,
        n=n,
        n_undecided=undecided,
        bounds=None if corners is None else (_exact(corners[0]), _exact(corners[1])),
        higher_is_better=plan.metric.higher_is_better,
        reason=reason,
    )


def _variant(metric: AnyMetric) -> str:
    """Return what tells a metric from others of its id: whose scores it is made from."""
    return str(getattr(metric, "variant", "raw"))


def figure(value: float | None) -> float | None:
    """Return a number to twelve digits, None where there is none."""
    return None if value is None else _exact(value)


def _exact(value: float) -> float:
    # Sums that are no counts depend, in their last digits, on the number of BLAS threads.
    return float(f"{value:.12g}") + 0.0


def _leave_one_relation_out(plans: Sequence[Plan], level: float) -> Iterator[Estimate]:
    """Yield, for headline metrics of tasks, the range of the value without any one relation.

    Twins share their relation, so leaving it out takes away whole pairs.
    """
    relations: dict[tuple[str, str], dict[str, Part]] = {}
    for plan in plans:
        if plan.slice.startswith("relation=") and plan.parts:
            relations.setdefault((plan.task, plan.metric.id), {})[plan.slice[9:]] = plan.parts[0]
    for plan in plans:
        left = relations.get((plan.task, plan.metric.id), {})
        if plan.slice != ALL or plan.metric.id not in HEADLINE or made_from_rows(plan.metric):
            continue
        if len(left) < 3 or not plan.parts:
            continue
        whole = plan.parts[0]
        rest = {
            name: float(plan.metric.value(whole.sums - part.sums)) for name, part in left.items()
        }
        rest = {name: value for name, value in rest.items() if not np.isnan(value)}
        if len(rest) < 3:
            continue
        low, high = (pick(sorted(rest), key=rest.__getitem__) for pick in (min, max))
        value = float(plan.metric.value(whole.sums))
        yield record(
            plan, level, value, (rest[low], rest[high]), "range", whole.n, whole.undecided,
            made.bounds(plan.metric, plan.parts), f"lowest without {low}, highest without {high}",
            "leave-one-relation-out",
        )  # fmt: skip
