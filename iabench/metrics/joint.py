"""Two runs of the same probes as one set of rows, so that whatever is counted is paired.

A joint metric counts a probe in both runs at once: its cells are those of the base, those of the
tuned, and what of them was gained and lost. So slices, clusters, twins and suites are made by the
same code as for one run, and a draw of weights falls on both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iabench.metrics.base import (
    AnyMetric,
    Metric,
    PairMetric,
    Row,
    RowsMetric,
    Unit,
    made_from_rows,
    made_of_pairs,
)

__all__ = ["JointMetric", "JointPairs", "JointRows", "Paired", "joint", "pair"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The rows of the probes that both runs have."""

    base: tuple[Row, ...]
    tuned: tuple[Row, ...]
    """Of the same probes, in the same order."""
    undecided: int
    """Probes that are undecided in one or both, and so in both rows."""


def pair(base: Sequence[Row], tuned: Sequence[Row]) -> Paired:
    """Return the rows of the probes that both have, sorted; undecided in one is so in both."""
    there = {(row.task, row.probe_id): row for row in tuned}
    rows = sorted(base, key=lambda row: (row.task, row.probe_id))
    both = [(row, there[key]) for row in rows if (key := (row.task, row.probe_id)) in there]
    open_ = ["undecided" in (b.outcome, t.outcome) for b, t in both]
    left = [_closed(row) if shut else row for (row, _), shut in zip(both, open_, strict=True)]
    # What is certified of a tuned model is what its base is known to know.
    right = [
        replace(_closed(row) if shut else row, tags=of_base.tags)
        for (of_base, row), shut in zip(both, open_, strict=True)
    ]
    return Paired(base=tuple(left), tuned=tuple(right), undecided=sum(open_))


def _closed(row: Row) -> Row:
    return replace(row, outcome="undecided", admitted=False)


Places = Mapping[tuple[str, str], Row]


class _Joint:
    """What a joint metric passes on of its own."""

    def __init__(self, metric: AnyMetric, tuned: Places) -> None:
        self.metric, self.tuned = metric, tuned
        self.id, self.label, self.says = metric.id, metric.label, metric.says
        self.higher_is_better, self.without = metric.higher_is_better, metric.without
        self.variant = str(getattr(metric, "variant", "raw"))
        self.named_only = bool(getattr(metric, "named_only", False))
        self.rare = bool(getattr(metric, "rare", False))

    def other(self, row: Row) -> Row:
        """Return the tuned row of a base row; one that is put into a corner takes it along."""
        other = self.tuned[row.task, row.probe_id]
        if other.outcome != "undecided":
            return other
        return replace(other, outcome=row.outcome, admitted=row.admitted)


class JointMetric(_Joint):
    """A metric of sums: (base, tuned, gained, lost), each as wide as the metric's own cells."""

    metric: Metric

    def __init__(self, metric: Metric, tuned: Places) -> None:
        super().__init__(metric, tuned)
        self.unit: Unit = metric.unit
        self.width = len(metric.cell_names)
        self.proportion = False
        self.cell_names = tuple(
            f"{side} {name}"
            for side in ("base", "tuned", "gained", "lost")
            for name in metric.cell_names
        )

    def cells(self, row: Row) -> tuple[float, ...] | None:
        """Return the counts of a probe in both runs, or None where it counts in neither."""
        one, other = self.metric.cells(row), self.metric.cells(self.other(row))
        if one is None and other is None:
            return None
        none = (0.0,) * len(one or other or ())
        return self.both(one or none, other or none)

    def both(self, one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
        """Return (base, tuned, gained, lost)."""
        return (
            *one,
            *other,
            *(max(t - b, 0.0) for b, t in zip(one, other, strict=True)),
            *(max(b - t, 0.0) for b, t in zip(one, other, strict=True)),
        )

    def n(self, sums: NDArray[Any]) -> Floats:
        """Return the denominators of the base."""
        return self.metric.n(sums[..., : self.width])

    def value(self, sums: NDArray[Any]) -> Floats:
        """Return tuned less base."""
        k = self.width
        found = self.metric.value(sums[..., k : 2 * k]) - self.metric.value(sums[..., :k])
        return np.asarray(found, dtype=np.float64)


class JointPairs(JointMetric):
    """A metric of whole pairs of twins."""

    metric: PairMetric

    def both(self, one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
        """Return what a pair needs of a probe in both runs."""
        return (*one, *other)

    def of_pairs(self, sums: Floats, unsettled: NDArray[np.bool_]) -> Floats:
        """Return (..., base, tuned, gained, lost) of pairs."""
        half = sums.shape[-1] // 2
        one = self.metric.of_pairs(sums[..., :half], unsettled)
        other = self.metric.of_pairs(sums[..., half:], unsettled)
        change = other - one
        return np.concatenate([one, other, change.clip(0, None), (-change).clip(0, None)], axis=-1)


class JointRows(_Joint):
    """A metric that is made from weighted rows."""

    metric: RowsMetric

    def takes(self, row: Row) -> bool:
        """Return whether a probe is the metric's in either run."""
        return self.metric.takes(row) or self.metric.takes(self.other(row))

    def sides(self, rows: Sequence[Row], one: Floats, other: Floats) -> Floats:
        """Return values (...) of the base rows under weights (..., rows), tuned under others."""
        both = [*rows, *(self.other(row) for row in rows)]
        taken = np.array([self.metric.takes(row) for row in both], bool)
        weights = np.concatenate([one, other], axis=-1)[..., taken]
        kept = [row for row, there in zip(both, taken.tolist(), strict=True) if there]
        return self.metric.value(kept, weights) if kept else np.full(one.shape[:-1], np.nan)

    def value(self, rows: Sequence[Row], weights: Floats) -> Floats:
        """Return tuned less base under weights (..., rows)."""
        none = np.zeros_like(weights)
        found = self.sides(rows, none, weights) - self.sides(rows, weights, none)
        return np.asarray(found, dtype=np.float64)


def joint(metric: AnyMetric, tuned: Sequence[Row]) -> JointMetric | JointRows:
    """Return a metric that counts base rows together with their tuned rows."""
    there = {(row.task, row.probe_id): row for row in tuned}
    if made_from_rows(metric):
        return JointRows(metric, there)
    if made_of_pairs(metric):
        return JointPairs(metric, there)
    return JointMetric(metric, there)
