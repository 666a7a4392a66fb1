"""From the rows of two runs to their differences, paired by probe: intervals, tests, power.

    interval   cluster-bootstrap of the difference, both runs under the same weights;
               component-wilson-ends where too few probes changed either way to resample them: then
               the metric is taken at the Wilson ends of what was gained and what was lost
    test       exact-mcnemar or cluster-sign-flip (`iabench.stats.paired`)
    power      2.8 standard errors of the bootstrap

One family of tests is fixed before looking and adjusted by Holm; all others are exploratory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from iabench.errors import StatsError
from iabench.metrics import parts as made
from iabench.metrics.base import AnyMetric, Row, made_of_proportions
from iabench.metrics.counts import ALL
from iabench.metrics.estimate import Plan, figure, plans
from iabench.metrics.joint import JointMetric, JointRows, Paired, joint
from iabench.metrics.parts import Interval, Part, percentile_interval
from iabench.metrics.rate import divide
from iabench.records import Difference
from iabench.stats.intervals import (
    FEW,
    at_wilson_ends,
    correlation,
    effective_n,
    wilson,
)
from iabench.stats.multiple import holm
from iabench.stats.paired import DETECTABLE, detectable, flipped, flips, mcnemar, permutation_p

__all__ = ["FAMILY", "Change", "changes", "differences"]

Floats = NDArray[np.float64]

FAMILY = (
    "awareness_score",
    "refusal_accuracy",
    "over_refusal_rate",
    "accuracy",
    "finetuning_accuracy",
)
"""Metrics of the headline whose tests are adjusted together."""

# Columns whose draws are held at a time: 2,000 draws of them are 32 MB.
_COLUMNS = 2000


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference with the draws behind it, for whoever pools it further."""

    difference: Difference
    draws: Floats
    """(draws,) paired bootstrap differences, NaN where one has no value; empty without a value."""


def differences(
    paired: Paired,
    *,
    metrics: Sequence[AnyMetric],
    suites: Mapping[str, Sequence[str]],
    headline: str,
    level: float,
    seed: int,
    draws: int = 2000,
    defines: Mapping[str, Sequence[str]] | None = None,
    family: Sequence[str] = FAMILY,
    keys: Sequence[str] = ("relation",),
) -> list[Difference]:
    """Return the differences tuned - base, sorted by (task, metric, slice).

    Args:
        paired: the rows of both runs (`iabench.metrics.joint.pair`).
        metrics: what to compare.
        suites: names of tasks by name of the suite.
        headline: the suite or task whose `family` is tested together.
        level: nominal coverage of the intervals.
        seed: of the resampling.
        draws: resamples, and exchanges.
        defines: ids of the metrics that a task defines; all, where it is not named.
        family: metrics tested together.
        keys: tags whose slices are compared too.

    Raises:
        StatsError: a level or number of draws that is none.
    """
    found = [
        change.difference
        for change in changes(
            paired, metrics=metrics, suites=suites, level=level, seed=seed, draws=draws,
            defines=defines, keys=keys,
        )
    ]  # fmt: skip
    found.sort(key=lambda d: (d.task, d.metric, d.slice))
    mine = [
        i
        for i, d in enumerate(found)
        if (d.task, d.slice) == (headline, ALL) and d.metric in family and d.p is not None
    ]
    for i, p in zip(mine, holm([found[i].p or 0.0 for i in mine]), strict=True):
        found[i] = replace(found[i], p_adjusted=figure(p))
    return found


def changes(
    paired: Paired,
    *,
    metrics: Sequence[AnyMetric],
    suites: Mapping[str, Sequence[str]],
    level: float,
    seed: int,
    draws: int = 2000,
    defines: Mapping[str, Sequence[str]] | None = None,
    keys: Sequence[str] = ("relation",),
) -> Iterator[Change]:
    """Yield the differences with their draws, unadjusted; arguments as of `differences`."""
    if not 0 < level < 1 or draws < 2:
        raise StatsError(f"no interval of level {level} from {draws} resamples.", "0.95 and 2000")
    by_task: dict[str, list[Row]] = {}
    for row in paired.base:
        by_task.setdefault(row.task, []).append(row)
    both = [joint(metric, paired.tuned) for metric in metrics]
    chunk: list[_OfSums] = []
    for plan in plans(by_task, suites, both, defines or {}):
        if plan.slice != ALL and plan.slice.partition("=")[0] not in keys:
            continue
        if isinstance(plan.metric, JointRows):
            yield _of_rows(plan, plan.metric, level=level, seed=seed, draws=draws)
            continue
        chunk.append(_OfSums(plan))
        if sum(one.columns for one in chunk) > _COLUMNS:
            yield from _drawn(chunk, level=level, seed=seed, draws=draws)
            chunk = []
    yield from _drawn(chunk, level=level, seed=seed, draws=draws)


def _drawn(chunk: Sequence[_OfSums], *, level: float, seed: int, draws: int) -> Iterator[Change]:
    """Yield the differences of sums of one chunk, all of them from the same draws."""
    made.draw(
        [(one.metric, part) for one in chunk for part in one.resampled], seed=seed, draws=draws
    )
    made.draw(
        [(one.metric, part) for one in chunk for part in one.exchanged],
        seed=seed, draws=draws, by=flipped,
    )  # fmt: skip
    for one in chunk:
        yield one.change(level)


class _OfSums:
    """One difference of a metric of sums: its parts, to be resampled and exchanged."""

    def __init__(self, plan: Plan) -> None:
        assert isinstance(plan.metric, JointMetric)
        self.plan, self.joint, self.metric = plan, plan.metric, plan.metric.metric
        self.base = slice(0, self.joint.width)
        self.tuned = slice(self.joint.width, 2 * self.joint.width)
        # A suite's difference is over the tasks in which both runs have a value.
        self.parts = [part for part in plan.parts if not np.isnan(self.joint.value(part.sums))]
        self.resampled = [_with(part, lambda c: c[:, : self.tuned.stop]) for part in self.parts]
        self.exchanged = [
            _with(part, lambda c: c[:, self.tuned] - c[:, self.base]) for part in self.parts
        ]

    @property
    def columns(self) -> int:
        """Columns to be resampled."""
        return 2 * self.joint.width * sum(len(part.pieces) for part in self.parts)

    def change(self, level: float) -> Change:
        """Return the difference, once the parts have their draws."""
        sums = [part.sums for part in self.parts]
        if not sums:
            return _none(self.plan, self.joint, level)
        base, tuned = (float(self._over(sums, side)) for side in (self.base, self.tuned))
        drawn = [part.draws for part in self.resampled if part.draws is not None]
        differ = self._over(drawn, self.tuned) - self._over(drawn, self.base)
        p, test = self._test(tuned - base)
        left = set(map(id, self.plan.parts)) - set(map(id, self.parts))
        return _change(
            self.plan, self.joint, (base, tuned), differ, self._interval(differ, level), p, test,
            level=level,
            n=sum(part.n if self.static else part.taken - part.undecided for part in self.parts),
            reason=f"without {len(left)} task in which a run has no value" if left else "",
        )  # fmt: skip

    def _over(self, sums: Sequence[Floats], side: slice) -> Floats:
        return made.over(self.metric, [part[..., side] for part in sums])

    @cached_property
    def static(self) -> bool:
        """Whether every cluster has the same denominators in both runs."""
        wholes = np.array([whole for _, whole in made.components(self.metric)], np.int64)
        k = self.joint.width
        cells = [part.cells for part in self.parts]
        return len(wholes) > 0 and all((c[:, wholes] == c[:, k + wholes]).all() for c in cells)

    def _test(self, value: float) -> tuple[float, str]:
        """Return the p of the difference, and the test that gave it."""
        if self.metric.proportion and self.static and len(self.parts) == 1:
            part, k = self.parts[0], self.joint.width
            if part.cells[:, 1].max() <= 1:
                gained, lost = part.sums[2 * k], part.sums[3 * k]
                return mcnemar(round(gained), round(lost)), "exact-mcnemar"
        moved = [part.draws for part in self.exchanged if part.draws is not None]
        both = list(zip([part.sums for part in self.parts], moved, strict=True))
        exchanged = made.over(self.metric, [sums[self.tuned] - over for sums, over in both])
        exchanged = exchanged - made.over(self.metric, [s[self.base] + over for s, over in both])
        return permutation_p(value, exchanged), "cluster-sign-flip"

    def _interval(self, drawn: Floats, level: float) -> Interval:
        from scipy.linalg import block_diag

        if not self.static:
            return percentile_interval(drawn, level)
        k = self.joint.width
        places = made.components(self.metric)
        hits = [side * k + hit for hit, _ in places for side in (0, 2, 3)]
        wholes = [whole for _, whole in places for _ in range(3)]
        cells = [part.cells for part in self.parts]
        rate = np.concatenate([divide(part.sums[hits], part.sums[wholes]) for part in self.parts])
        worth = np.concatenate([effective_n(c[:, hits], c[:, wholes]) for c in cells])
        # What bends is to be resampled at the base too; a sum of rates does not depend on it.
        counts = (np.arange(len(rate)) % 3 > 0) | made_of_proportions(self.metric)
        counts &= ~np.isnan(rate)
        if (worth[counts] * np.minimum(rate, 1 - rate)[counts] >= FEW).all():
            return percentile_interval(drawn, level)
        related = block_diag(*[correlation(c[:, hits], c[:, wholes]) for c in cells])
        lo, hi = at_wilson_ends(self._of_changes, rate, wilson(rate, worth, level), related)
        return lo, hi, "component-wilson-ends", ""

    def _of_changes(self, rates: Floats) -> Floats:
        """Return differences (...) of (..., parts x components x (base, gained, lost)) rates."""
        each = rates.reshape(*rates.shape[:-1], -1, 3)
        base, tuned = each[..., 0], each[..., 0] + each[..., 1] - each[..., 2]
        found = made.of_rates(self.metric, tuned) - made.of_rates(self.metric, base)
        return np.asarray(found, dtype=np.float64)


def _of_rows(plan: Plan, metric: JointRows, *, level: float, seed: int, draws: int) -> Change:
    """Return one difference of a metric that is made from weighted rows."""
    if not plan.parts:
        return _none(plan, metric, level)
    (part,) = plan.parts
    (piece,) = part.pieces
    rows = [piece.stratum.rows[i] for i in piece.rows]
    one, none = np.ones(len(rows)), np.zeros(len(rows))
    base, tuned = float(metric.sides(rows, one, none)), float(metric.sides(rows, none, one))
    if np.isnan(tuned - base):
        return _none(plan, metric, level)
    made.draw([(metric, part)], seed=seed, draws=draws)
    assert part.draws is not None
    unit = piece.stratum.unit[np.array(piece.rows, np.int64)]
    exchanged = [
        metric.sides(rows, swap, 1 - swap) - metric.sides(rows, 1 - swap, swap)
        for block in flips(piece.stratum.n_units, seed=seed, label=piece.stratum.label, draws=draws)
        for swap in [block[:, unit]]
    ]
    p = permutation_p(tuned - base, np.concatenate(exchanged))
    drawn = part.draws[:, 0]
    return _change(
        plan, metric, (base, tuned), drawn, percentile_interval(drawn, level), p,
        "cluster-sign-flip", level=level, n=part.n, reason="",
    )  # fmt: skip


def _with(part: Part, cells: Callable[[Floats], Floats]) -> Part:
    pieces = tuple(replace(piece, cells=cells(piece.cells)) for piece in part.pieces)
    return replace(part, pieces=pieces, draws=None)


def _power(
    drawn: Floats,
    value: float | None,
    ends: tuple[float | None, float | None],
    level: float,
) -> float | None:
    """Return the least difference that would have been found.

    Where no answer changed, the bootstrap's standard error is 0 and says nothing of the power; then
    it is that of the longer half of the interval.
    """
    from scipy.stats import norm

    least = detectable(drawn)
    lo, hi = ends
    if least is None or least > 1e-9 or value is None or lo is None or hi is None:
        return least
    return DETECTABLE * max(hi - value, value - lo) / float(norm.ppf((1 + level) / 2))


def _none(plan: Plan, metric: JointMetric | JointRows, level: float) -> Change:
    """Return that there is no difference, and why."""
    undecided = sum(part.undecided for part in plan.parts)
    why = f"all {undecided} questions that count are undecided in one or both" if undecided else ""
    return _change(
        plan, metric, None, np.empty(0), (None, None, "none", ""), None, "none",
        level=level, n=0, reason=why or plan.reason or metric.without,
    )  # fmt: skip


def _change(
    plan: Plan,
    metric: JointMetric | JointRows,
    values: tuple[float, float] | None,
    drawn: Floats,
    interval: Interval,
    p: float | None,
    test: str,
    *,
    level: float,
    n: int,
    reason: str,
) -> Change:
    lo, hi, method, without = interval
    base, tuned = values or (None, None)
    value = None if values is None else values[1] - values[0]
    if value is not None and lo is not None and hi is not None:
        # A percentile interval may miss its own estimate where the draws are skewed.
        lo, hi = min(lo, value), max(hi, value)
    found = Difference(
        task=plan.task,
        metric=metric.id,
        slice=plan.slice,
        variant=metric.variant,
        base=figure(base),
        tuned=figure(tuned),
        value=figure(value),
        lo=figure(lo),
        hi=figure(hi),
        level=level,
        method=method,
        p=figure(p),
        p_adjusted=None,
        test=test,
        detectable=figure(_power(drawn, value, (lo, hi), level)),
        n=n,
        n_undecided=sum(part.undecided for part in plan.parts),
        higher_is_better=metric.higher_is_better,
        reason="; ".join(filter(None, (without, reason))),
    )
    return Change(difference=found, draws=drawn)
