"""Rows as arrays: clusters x slices x cells for one metric over one stratum.

A stratum is what is resampled together: the rows of one task by cluster, or the twins of one set
of tasks by pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iabench.metrics.base import Metric, Row, made_of_pairs
from iabench.records import Outcome

__all__ = ["ALL", "Counted", "Stratum", "corner_rows", "count", "of_task", "of_twins"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

ALL = "all"
"""The slice that holds every row."""

_CORNERS: dict[str, tuple[tuple[Outcome, bool], ...]] = {
    "answer": (
        ("correct", False),
        ("incorrect", False),
        ("abstained", False),
        ("degenerate", False),
    ),
    "fabrication": (
        ("abstained", True),
        ("abstained", False),
        ("hallucinated", False),
        ("degenerate", False),
    ),
    "overreach": (
        ("abstained", True),
        ("abstained", False),
        ("overreached", False),
        ("degenerate", False),
    ),
}


def corner_rows(row: Row) -> list[Row]:
    """Return an undecided row decided in each of the four ways that its side knows."""
    side = "answer" if row.expect == "answer" else row.answering_is or "fabrication"
    return [replace(row, outcome=outcome, admitted=yes) for outcome, yes in _CORNERS[side]]


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """Rows that are resampled together."""

    label: str
    """Names the draw of weights."""
    rows: tuple[Row, ...]
    unit: Places
    """(rows) which cluster, or which group of pairs, a row belongs to."""
    n_units: int
    pair: Places | None = None
    """(rows) which pair a row belongs to, where pairs are the units."""
    slices: tuple[str, ...] = (ALL,)
    columns: tuple[Places, ...] = field(default=())
    """For each tag key, (rows) the position in `slices` of the row's value, or -1."""
    orders: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """Orders of the rows of a slice that were made before, by ranking and slice."""

    @cached_property
    def decided(self) -> Places:
        """Positions of the rows that have an outcome."""
        return np.flatnonzero([row.outcome != "undecided" for row in self.rows])

    @cached_property
    def undecided(self) -> dict[str, tuple[Places, list[list[Row]]]]:
        """For each side, positions of its undecided rows and these decided in every way."""
        sides = {}
        for side in ("answer", "abstain"):
            at = [
                i
                for i, row in enumerate(self.rows)
                if row.outcome == "undecided" and row.expect == side
            ]
            sides[side] = (np.array(at, np.int64), [corner_rows(self.rows[i]) for i in at])
        return sides

    def tally(self, values: Floats, at: Places, group: Places, n: int) -> Floats:
        """Return (n, slices, k) sums, by group and slice, of (rows, k) values of the rows `at`."""
        width = len(self.slices)
        total = np.zeros((n * width, values.shape[1]))
        for column in (np.zeros(len(self.rows), np.int64), *self.columns):
            place = column[at]
            there = place >= 0
            cell = group[at][there] * width + place[there]
            for k in range(values.shape[1]):
                total[:, k] += np.bincount(cell, values[there, k], minlength=n * width)
        return total.reshape(n, width, -1)


def of_task(task: str, rows: Sequence[Row]) -> Stratum:
    """Return the stratum of one task: units are its clusters, slices all of its tags."""
    _, unit = np.unique([row.cluster for row in rows], return_inverse=True)
    slices, columns = _slices(rows)
    return Stratum(
        label=task,
        rows=tuple(rows),
        unit=unit.astype(np.int64),
        n_units=int(unit.max()) + 1,
        slices=slices,
        columns=columns,
    )


def of_twins(rows: Sequence[Row]) -> Iterator[Stratum]:
    """Yield strata of the rows that have a twin, one for each set of tasks that pairs lie in.

    The unit is the pair; pairs that share a cluster (one entity asked about in several ways) are
    one unit. Slices are made where all rows are of one task.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = [row for row in rows if row.pair is not None]
    if not rows:
        return
    _, pair = np.unique([str(row.pair) for row in rows], return_inverse=True)
    _, cluster = np.unique([f"{row.task}\0{row.cluster}" for row in rows], return_inverse=True)
    pairs, size = int(pair.max()) + 1, int(pair.max() + cluster.max()) + 2
    graph = coo_array((np.ones(len(rows)), (pair, pairs + cluster)), shape=(size, size))
    group = connected_components(graph, directed=False)[1][pair]
    touched: dict[int, set[str]] = {}
    for row, g in zip(rows, group.tolist(), strict=True):
        touched.setdefault(g, set()).add(row.task)
    of_group = {g: tuple(sorted(names)) for g, names in touched.items()}
    for tasks in sorted(set(of_group.values())):
        at = [i for i, g in enumerate(group.tolist()) if of_group[g] == tasks]
        mine = [rows[i] for i in at]
        # Units and pairs are numbered in the order of their names, never of their discovery.
        _, own = np.unique(pair[at], return_inverse=True)
        first: dict[int, int] = {}
        for i in np.array(at)[np.argsort(own, kind="stable")].tolist():
            first.setdefault(int(group[i]), len(first))
        slices, columns = _slices(mine) if len({row.task for row in rows}) == 1 else ((ALL,), ())
        yield Stratum(
            label="twins:" + ",".join(tasks),
            rows=tuple(mine),
            unit=np.array([first[int(group[i])] for i in at], np.int64),
            n_units=len(first),
            pair=own.astype(np.int64),
            slices=slices,
            columns=columns,
        )


def _slices(rows: Sequence[Row]) -> tuple[tuple[str, ...], tuple[Places, ...]]:
    tags = [dict(row.tags) for row in rows]
    names = sorted({f"{key}={value}" for own in tags for key, value in own.items()})
    place = {name: 1 + i for i, name in enumerate(names)}
    keys = sorted({key for own in tags for key in own})
    columns = tuple(
        np.array([place[f"{key}={own[key]}"] if key in own else -1 for own in tags], np.int64)
        for key in keys
    )
    return (ALL, *names), columns


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What one metric counts in one stratum."""

    cells: Floats
    """(units, slices, cells) of the decided rows."""
    corners: Floats
    """(answers, abstains, slices, cells) sums with the undecided rows of each side put into each of
    its four outcomes; an axis is 1 where its side has none."""
    taken: Floats
    """(slices) rows of the metric, decided or not."""
    undecided: Floats
    """(slices) undecided ones among them."""


def count(metric: Metric, stratum: Stratum) -> Counted | None:
    """Return the counts of a metric, or None where no row is the metric's."""
    decided = _cells(metric, [stratum.rows[i] for i in stratum.decided])
    width = next((len(cells) for cells in decided if cells is not None), 0)
    puts: list[tuple[Places, list[list[tuple[float, ...] | None]]]] = []
    for at, ways in stratum.undecided.values():
        cells = [_cells(metric, list(way)) for way in zip(*ways, strict=True)]
        width = max([width, *(len(c) for way in cells for c in way if c is not None)])
        puts.append((at, cells))
    if width == 0:
        return None
    values, taken = _dense(decided, width)
    sums = _Sums(stratum, width)
    sums.decided(values, stratum.decided, taken)
    for at, put in puts:
        sums.undecided(at, [_dense(way, width) for way in put])
    return sums.of_units() if stratum.pair is None else sums.of_pairs(metric)


class _Sums:
    """Sums by unit, or by pair, of the decided rows and of the undecided in each corner."""

    def __init__(self, stratum: Stratum, width: int) -> None:
        self.stratum, self.width = stratum, width
        self.group = stratum.unit if stratum.pair is None else stratum.pair
        self.n = int(self.group.max()) + 1
        self.taken = np.zeros(len(stratum.rows), bool)
        self.open = np.zeros(len(stratum.rows), bool)
        self.ways: list[list[tuple[Places, Floats]]] = []

    def decided(self, values: Floats, at: Places, taken: NDArray[np.bool_]) -> None:
        self.sums = self.stratum.tally(values, at, self.group, self.n)
        self.taken[at] = taken

    def undecided(self, at: Places, ways: list[tuple[Floats, NDArray[np.bool_]]]) -> None:
        for _, taken in ways:
            self.taken[at] |= taken
            self.open[at] |= taken
        self.ways.append([(at, values) for values, _ in ways])

    def corners(self, by: Places, n: int, close: Callable[[Floats], Floats]) -> Floats:
        """Return `close` of the (n, slices, width) sums to add in each corner, as a grid."""
        none = [np.zeros((n, len(self.stratum.slices), self.width))]
        sides = [
            [self.stratum.tally(values, at, by, n) for at, values in ways] or none
            for ways in self.ways
        ]
        return np.array([[close(a + b) for b in sides[1]] for a in sides[0]])

    def rows(self, which: NDArray[np.bool_], by: Places, n: int) -> Floats:
        """Return (n, slices) numbers of rows."""
        at = np.flatnonzero(which)
        return self.stratum.tally(np.ones((len(at), 1)), at, by, n)[..., 0]

    def of_units(self) -> Counted:
        one = np.zeros(len(self.stratum.rows), np.int64)
        total = self.sums.sum(0)
        return Counted(
            cells=self.sums,
            corners=self.corners(one, 1, lambda more: np.asarray(total + more[0])),
            taken=self.rows(self.taken, one, 1)[0],
            undecided=self.rows(self.open, one, 1)[0],
        )

    def of_pairs(self, metric: Metric) -> Counted:
        pairs, n = self.group, self.n
        abstain = np.array([row.expect == "abstain" for row in self.stratum.rows])
        present = [self.rows(self.taken & side, pairs, n) for side in (abstain, ~abstain)]
        matched = (present[0] > 0) & (present[1] > 0)
        open_ = self.rows(self.open, pairs, n)

        def settled(sums: Floats, unsettled: NDArray[np.bool_]) -> Floats:
            cells = metric.of_pairs(sums, unsettled) if made_of_pairs(metric) else sums
            return np.where(matched[..., None], cells, 0.0)

        unit = np.zeros(n, np.int64)
        unit[pairs] = self.stratum.unit
        cells = settled(self.sums, open_ > 0)
        by_unit = np.zeros((self.stratum.n_units, *cells.shape[1:]))
        np.add.at(by_unit, unit, cells)
        closed = np.zeros_like(matched)
        return Counted(
            cells=by_unit,
            corners=self.corners(
                pairs, n, lambda more: np.asarray(settled(self.sums + more, closed).sum(0))
            ),
            taken=np.where(matched, present[0] + present[1], 0).sum(0),
            undecided=np.where(matched, open_, 0).sum(0),
        )


def _cells(metric: Metric, rows: Sequence[Row]) -> list[tuple[float, ...] | None]:
    return [metric.cells(row) for row in rows]


def _dense(
    cells: Sequence[tuple[float, ...] | None], width: int
) -> tuple[Floats, NDArray[np.bool_]]:
    none = (0.0,) * width
    values = np.array([none if c is None else c for c in cells], np.float64)
    return values.reshape(-1, width), np.array([c is not None for c in cells], bool)
