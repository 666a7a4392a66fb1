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
from iabench.metrics.ranking import Ranked, RankedMetric, made_by_rank
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
    ranked: Ranked | None = None
    """These in order, where the metric is made from an order; shared by all of equal rankings."""


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
    if made_by_rank(metric):
        return _by_rank(metric, stratum, at)
    taken = _taken(metric.takes, stratum, at)
    if not taken.decided and not taken.undecided:
        return None
    rows = [stratum.rows[i] for i in taken.decided]
    corners = [[_whole(metric, [*rows, *a, *b]) for b in taken.ways[1]] for a in taken.ways[0]]
    return _from_rows(stratum, taken, _whole(metric, rows), corners)


def _by_rank(metric: RankedMetric, stratum: Stratum, at: int) -> Part | None:
    """Return the same of a metric that is made from an order: rows are read and ordered once."""
    ranking = metric.ranking
    key = (ranking, at)
    if key not in stratum.orders:
        taken = _taken(ranking.takes, stratum, at)
        sure, hit = ranking.read([stratum.rows[i] for i in taken.decided])

        def with_(rows: Sequence[Row]) -> Ranked:
            more, hits = ranking.read([row for row in rows if ranking.takes(row)])
            return Ranked(np.r_[sure, more], np.r_[hit, hits])

        corners = [[with_([*a, *b]) for b in taken.ways[1]] for a in taken.ways[0]]
        stratum.orders[key] = taken, Ranked(sure, hit), corners
    taken, ranked, corners = stratum.orders[key]
    if not taken.decided and not taken.undecided:
        return None

    def whole(one: Ranked) -> float:
        n = len(one.order)
        return float(metric.of(one.ties(np.ones(n)))) if n else float("nan")

    ends = [[whole(one) for one in row] for row in corners]
    part = _from_rows(stratum, taken, whole(ranked), ends)
    part.pieces[0].ranked = ranked
    return part


@dataclass(frozen=True, slots=True)
class _Taken:
    """Which rows of a slice a metric takes."""

    decided: list[int]
    undecided: list[int]
    ways: list[list[tuple[Row, ...]]]
    """For each side, its undecided rows with all of them decided in one way, for each way."""


def _taken(takes: Callable[[Row], bool], stratum: Stratum, at: int) -> _Taken:
    inside = _inside(stratum, at)
    decided = [i for i in stratum.decided.tolist() if inside[i] and takes(stratum.rows[i])]
    undecided = [
        i
        for i, row in enumerate(stratum.rows)
        if row.outcome == "undecided" and inside[i] and any(map(takes, corner_rows(row)))
    ]
    ways = [
        list(zip(*(corner_rows(r) for r in each), strict=True)) or [()]
        for each in (
            [stratum.rows[i] for i in undecided if stratum.rows[i].expect == side]
            for side in ("answer", "abstain")
        )
    ]
    return _Taken(decided, undecided, ways)


def _from_rows(
    stratum: Stratum, taken: _Taken, value: float, corners: Sequence[Sequence[float]]
) -> Part:
    return Part(
        pieces=(
            Piece(
                stratum=stratum,
                units=np.zeros(0, np.int64),
                cells=np.zeros((0, 0)),
                rows=tuple(taken.decided),
            ),
        ),
        sums=np.array([value]),
        corners=np.array(corners)[..., None],
        n=len(taken.decided),
        taken=len(taken.decided) + len(taken.undecided),
        undecided=len(taken.undecided),
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
    by_rows: dict[tuple[str, int], list[tuple[RowsMetric, Part]]] = {}
    for metric, part in wanted:
        for piece in part.pieces:
            key = (piece.stratum.label, piece.stratum.n_units)
            if made_from_rows(metric):
                by_rows.setdefault(key, []).append((metric, part))
            else:
                strata.setdefault(key, []).append((part, piece))
    for own_rows in by_rows.values():
        _draw_rows(own_rows, seed=seed, draws=draws)
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


def _draw_rows(own: Sequence[tuple[RowsMetric, Part]], *, seed: int, draws: int) -> None:
    """Give parts of one stratum that are made from rows their values under the same draws."""
    stratum = own[0][1].pieces[0].stratum
    # What is made from one order is made together, so that its sums are made once.
    orders: dict[int, list[tuple[RowsMetric, Part]]] = {}
    for metric, part in own:
        ranked = part.pieces[0].ranked
        orders.setdefault(id(part if ranked is None else ranked), []).append((metric, part))
    found: dict[int, list[Floats]] = {id(part): [] for _, part in own}
    for block in weights(stratum.n_units, seed=seed, label=stratum.label, draws=draws):
        for together in orders.values():
            piece = together[0][1].pieces[0]
            of_rows = block[:, stratum.unit[np.array(piece.rows, np.int64)]]
            ties = piece.ranked.ties(of_rows) if piece.ranked is not None else None
            for metric, part in together:
                if not piece.rows:
                    value = np.full(len(block), np.nan)
                elif ties is not None and made_by_rank(metric):
                    value = metric.of(ties)
                else:
                    value = metric.value([stratum.rows[i] for i in piece.rows], of_rows)
                found[id(part)].append(value)
    for _, part in own:
        part.draws = np.concatenate(found[id(part)])[:, None]
