"""A metric over one task or over pooled twins, ready for a value, bounds and an interval.

A part is one slice; a suite's estimate is made of one part a task. Resampled sums are drawn only
for the parts that need them, all parts of a stratum from the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iabench.metrics.base import (
    AnyMetric,
    Metric,
    Row,
    RowsMetric,
    made_from_rows,
    made_of_proportions,
)
from iabench.metrics.counts import Counted, Stratum, corner_rows
from iabench.metrics.rate import divide
from iabench.stats.intervals import (
    FEW,
    at_wilson_ends,
    correlation,
    effective_n,
    percentile,
    wilson,
)
from iabench.stats.resample import resampled, weights

__all__ = [
    "Interval",
    "Part",
    "Piece",
    "Proportions",
    "bounds",
    "components",
    "draw",
    "interval",
    "of_rates",
    "over",
    "percentile_interval",
    "pooled",
    "proportions",
    "weighted",
]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Interval = tuple[float | None, float | None, str, str]


@dataclass(kw_only=True)
class Piece:
    """A part's share of one stratum."""

    stratum: Stratum
    units: Places
    """Which units of the stratum have a count here."""
    cells: Floats
    """(units, cells); empty where the metric is made from rows."""
    rows: tuple[int, ...] = ()
    """Positions of the rows of a metric that is made from rows."""


@dataclass(kw_only=True)
class Part:
    """One metric in one slice of a task, or of pooled twins."""

    pieces: tuple[Piece, ...]
    sums: Floats
    """(cells); for a metric made from rows its value."""
    corners: Floats
    """(answers, abstains, cells) with the undecided of each side put into each outcome."""
    n: int
    taken: int
    undecided: int
    draws: Floats | None = None
    """(draws, cells), where they were needed."""

    @property
    def cells(self) -> Floats:
        """(units, cells) over all strata."""
        return np.concatenate([piece.cells for piece in self.pieces])


def pooled(metric: Metric, counted: Sequence[tuple[Stratum, Counted]], at: int) -> Part:
    """Return one slice of a metric with its strata pooled."""
    corners = [c.corners[:, :, at] for _, c in counted]
    sums = np.sum([c.cells[:, at].sum(0) for _, c in counted], axis=0)
    return Part(
        pieces=tuple(_piece(s, c.cells[:, at]) for s, c in counted),
        sums=sums,
        corners=np.sum(np.broadcast_arrays(*corners), axis=0),
        n=round(float(metric.n(sums))),
        taken=round(sum(float(c.taken[at]) for _, c in counted)),
        undecided=round(sum(float(c.undecided[at]) for _, c in counted)),
    )


def _piece(stratum: Stratum, cells: Floats) -> Piece:
    # A slice touches few of the units; only these are kept.
    units = np.flatnonzero(cells.any(1))
    return Piece(stratum=stratum, units=units, cells=cells[units])


def weighted(metric: RowsMetric, stratum: Stratum, at: int) -> Part | None:
    """Return one slice of a metric that is made from rows, or None where no row is the metric's."""
    inside = _inside(stratum, at)
    decided = [i for i in stratum.decided.tolist() if inside[i] and metric.takes(stratum.rows[i])]
    undecided = [
        i
        for i, row in enumerate(stratum.rows)
        if row.outcome == "undecided" and inside[i] and any(map(metric.takes, corner_rows(row)))
    ]
    if not decided and not undecided:
        return None
    rows = [stratum.rows[i] for i in decided]
    ways = [
        list(zip(*(corner_rows(r) for r in each), strict=True)) or [()]
        for each in (
            [stratum.rows[i] for i in undecided if stratum.rows[i].expect == side]
            for side in ("answer", "abstain")
        )
    ]
    corners = [[_whole(metric, [*rows, *a, *b]) for b in ways[1]] for a in ways[0]]
    return Part(
        pieces=(
            Piece(
                stratum=stratum,
                units=np.zeros(0, np.int64),
                cells=np.zeros((0, 0)),
                rows=tuple(decided),
            ),
        ),
        sums=np.array([_whole(metric, rows)]),
        corners=np.array(corners)[..., None],
        n=len(decided),
        taken=len(decided) + len(undecided),
        undecided=len(undecided),
    )


def _inside(stratum: Stratum, at: int) -> NDArray[np.bool_]:
    if at == 0:
        return np.ones(len(stratum.rows), bool)
    return np.asarray(np.any([column == at for column in stratum.columns], axis=0), bool)


def _whole(metric: RowsMetric, rows: Sequence[Row]) -> float:
    rows = [row for row in rows if metric.takes(row)]
    return float(metric.value(rows, np.ones(len(rows)))) if rows else float("nan")


def over(metric: AnyMetric, sums: Sequence[Floats]) -> Floats:
    """Return the unweighted mean over parts of the metric at (..., cells) sums, NaN without any."""
    if made_from_rows(metric):
        return _mean([part[..., 0] for part in sums])
    if made_of_proportions(metric) and metric.suite_of_components:
        return metric.combine(_mean([_rates(metric, part) for part in sums]))
    return _mean([metric.value(part) for part in sums])


def _mean(values: Sequence[Floats]) -> Floats:
    stack = np.stack(np.broadcast_arrays(*values))
    there = ~np.isnan(stack)
    return divide(np.where(there, stack, 0.0).sum(0), there.sum(0))


def bounds(metric: AnyMetric, parts: Sequence[Part]) -> tuple[float, float]:
    """Return the lowest and highest value over the corners of the undecided.

    Every metric moves one way only as rows go from one outcome to another, so its extremes lie
    where all undecided of one side have the same outcome.
    """
    values = over(metric, [part.corners for part in parts])
    return float(np.nanmin(values)), float(np.nanmax(values))


def components(metric: AnyMetric) -> tuple[tuple[int, int], ...]:
    """Return positions in the cells of (hits, probes) of each proportion that a metric is of."""
    if made_of_proportions(metric):
        return metric.components
    return ((0, 1),) if not made_from_rows(metric) and metric.proportion else ()


def _rates(metric: AnyMetric, sums: NDArray[Any]) -> Floats:
    parts, wholes = np.array(components(metric)).T
    return divide(sums[..., parts], sums[..., wholes])


@dataclass(frozen=True, kw_only=True)
class Proportions:
    """All proportions that an estimate is made of, part by part."""

    rates: Floats
    """NaN where one has no probe."""
    n: Floats
    """Effective."""
    related: Floats
    """Correlations."""

    @property
    def live(self) -> NDArray[np.bool_]:
        """Those that have probes."""
        return ~np.isnan(self.rates)

    @property
    def resample(self) -> bool:
        """Whether there are several, each with hits and misses enough to be resampled."""
        rates, n = self.rates[self.live], self.n[self.live]
        return len(rates) > 1 and bool((n * np.minimum(rates, 1 - rates) >= FEW).all())


def proportions(metric: AnyMetric, parts: Sequence[Part]) -> Proportions | None:
    """Return the proportions that a metric is made of, or None where it is made of none."""
    if not components(metric):
        return None
    hits, wholes = np.array(components(metric)).T
    rates = np.concatenate([_rates(metric, part.sums) for part in parts])
    n, related = [], np.eye(len(rates))
    for i, part in enumerate(parts):
        cells = part.cells
        n.append(effective_n(cells[:, hits], cells[:, wholes]))
        own = slice(i * len(hits), (i + 1) * len(hits))
        related[own, own] = correlation(cells[:, hits], cells[:, wholes])
    return Proportions(rates=rates, n=np.concatenate(n), related=related)


def of_rates(metric: AnyMetric, rates: Floats) -> Floats:
    """Return values (...) of the proportions of all parts (..., parts x components)."""
    width = len(components(metric))
    by_part = rates.reshape(*rates.shape[:-1], -1, width)
    each = [by_part[..., i, :] for i in range(by_part.shape[-2])]
    if not made_of_proportions(metric):
        return _mean([rate[..., 0] for rate in each])
    if metric.suite_of_components:
        return metric.combine(_mean(each))
    return _mean([metric.combine(rate) for rate in each])


def interval(
    metric: AnyMetric, parts: Sequence[Part], found: Proportions | None, level: float
) -> Interval:
    """Return (lo, hi, method, why there is none)."""
    if found is not None and not found.resample:
        ends = wilson(found.rates, found.n, level)
        if found.live.sum() == 1:
            lo, hi = sorted(float(of_rates(metric, end)) for end in ends)
            return lo, hi, "wilson-effective-n", ""
        lo, hi = at_wilson_ends(lambda r: of_rates(metric, r), found.rates, ends, found.related)
        return lo, hi, "component-wilson-ends", ""
    values = over(metric, [part.draws for part in parts if part.draws is not None])
    return percentile_interval(values, level)


def percentile_interval(drawn: Floats, level: float) -> Interval:
    """Return the percentile interval of draws, its method, and why there is none."""
    there = drawn[~np.isnan(drawn)]
    if len(there) < 0.95 * len(drawn):
        return None, None, "cluster-bootstrap", "no interval: most resamples have no value"
    lo, hi = percentile(there, level)
    if lo == hi:
        return None, None, "cluster-bootstrap", "no interval: all resamples agree"
    return lo, hi, "cluster-bootstrap", ""


def draw(
    wanted: Iterable[tuple[AnyMetric, Part]],
    *,
    seed: int,
    draws: int,
    by: Callable[..., Floats] = resampled,
) -> None:
    """Give the parts their resampled sums; each stratum is drawn once for all of them.

    Args:
        wanted: parts with their metrics.
        seed: of the draw.
        draws: how many.
        by: makes (draws, columns) sums of (clusters, columns) cells, as `stats.resample.resampled`.
    """
    strata: dict[tuple[str, int], list[tuple[Part, Piece]]] = {}
    for metric, part in wanted:
        for piece in part.pieces:
            if made_from_rows(metric):
                part.draws = _drawn_rows(metric, piece, seed=seed, draws=draws)
            else:
                key = (piece.stratum.label, piece.stratum.n_units)
                strata.setdefault(key, []).append((part, piece))
    for (label, _), pieces in strata.items():
        cells = np.zeros((pieces[0][1].stratum.n_units, sum(p.cells.shape[1] for _, p in pieces)))
        start = 0
        for _, piece in pieces:
            stop = start + piece.cells.shape[1]
            cells[piece.units, start:stop] = piece.cells
            start = stop
        sums = by(cells, seed=seed, label=label, draws=draws)
        stops = np.cumsum([piece.cells.shape[1] for _, piece in pieces])[:-1]
        for (part, _), own in zip(pieces, np.split(sums, stops, axis=1), strict=True):
            part.draws = own if part.draws is None else part.draws + own


def _drawn_rows(metric: RowsMetric, piece: Piece, *, seed: int, draws: int) -> Floats:
    stratum, at = piece.stratum, np.array(piece.rows, np.int64)
    rows = [stratum.rows[i] for i in piece.rows]
    if not rows:
        return np.full((draws, 1), np.nan)
    blocks = weights(stratum.n_units, seed=seed, label=stratum.label, draws=draws)
    values = [metric.value(rows, block[:, stratum.unit[at]]) for block in blocks]
    return np.concatenate(values)[:, None]
