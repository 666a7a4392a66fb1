"""Rows in the order of a score: ranked once, and then counted under any weights.

Whatever is made of one order (AUROC, AURC, calibration) needs the same sums over the same ties. So
a metric names its `Ranking`; metrics of equal rankings share the sorted rows, and under each block
of weights the sums. Weights of a resample are counts, which is what makes 100,000 rows feasible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from iabench.metrics.base import AnyMetric, Row, RowsMetric
from iabench.metrics.rate import divide

if TYPE_CHECKING:
    from typing_extensions import TypeIs

__all__ = ["Ranked", "RankedMetric", "Ranking", "Ties", "made_by_rank"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Which rows are ranked, by what, and which of them are hits."""

    scorer: str
    """Id of the scorer, as rows hold it."""
    sign: float
    """1 where a higher score means known, -1 where it means unknown."""
    taken: Callable[[Row], bool]
    hit: Callable[[Row], bool]
    """What the score is held against."""

    def takes(self, row: Row) -> bool:
        """Return whether a decided row is ranked: it has a score, and counts."""
        return self.taken(row) and any(name == self.scorer for name, _ in row.scores)

    def read(self, rows: Sequence[Row]) -> tuple[Floats, Bools]:
        """Return confidence and hit of each row."""
        confidence = np.array([dict(row.scores)[self.scorer] for row in rows], float)
        return self.sign * confidence, np.array([self.hit(row) for row in rows], bool)


class Ranked:
    """Rows in order, the most confident first.

    Args:
        confidence: of each row.
        hit: whether it is one.
    """

    def __init__(self, confidence: Floats, hit: Bools) -> None:
        self.order = np.argsort(-confidence, kind="stable")
        ordered = confidence[self.order]
        self.hit = hit[self.order]
        self.starts = np.flatnonzero(np.r_[True, np.diff(ordered) != 0][: len(ordered)])
        self.confidence = ordered[self.starts]
        """Of each group of ties."""

    def ties(self, weights: Floats) -> Ties:
        """Return the sums under weights (..., rows), rows in the order in which they were given."""
        return Ties(self, np.asarray(weights, float))


class Ties:
    """Sums over groups of equal confidence, the most confident first: (..., groups)."""

    def __init__(self, ranked: Ranked, weights: Floats) -> None:
        own = weights[..., ranked.order]
        self.confidence = ranked.confidence
        self.mass, self.hits = self._grouped(ranked, own), self._grouped(ranked, own * ranked.hit)
        self._upto = np.cumsum(self.mass, axis=-1)
        hits_upto = np.cumsum(self.hits, axis=-1)
        self.mass_before, self.hits_before = self._upto - self.mass, hits_upto - self.hits
        self.n, self.n_hits = self._last(self._upto), self._last(hits_upto)

    @staticmethod
    def _grouped(ranked: Ranked, values: Floats) -> Floats:
        if len(ranked.starts) == values.shape[-1]:
            return values
        return np.asarray(np.add.reduceat(values, ranked.starts, axis=-1))

    @staticmethod
    def _last(sums: Floats) -> Floats:
        return sums[..., -1] if sums.shape[-1] else np.zeros(sums.shape[:-1])

    @cached_property
    def auroc(self) -> Floats:
        """P(a hit is less confident than a miss), ties half."""
        misses, before = self.mass - self.hits, self.mass_before - self.hits_before
        won = (self.hits * (before + misses / 2)).sum(-1)
        return divide(won, self.n_hits * (self.n - self.n_hits))

    @cached_property
    def aurc(self) -> Floats:
        """Mean over k of the share of hits among the k most confident.

        Within a tie of m rows with share r of hits behind n rows with e, the risk at n + j is
        expected to be (e + j r) / (n + j) = r + (e - n r) / (n + j); sums of 1 / (n + j) are
        differences of harmonic numbers.
        """
        # Where a group has no mass its step is none, whatever its share.
        share = self.hits / np.where(self.mass > 0, self.mass, 1.0)
        ahead = self.hits_before - self.mass_before * share
        steps = np.diff(harmonic(self._upto), axis=-1, prepend=0.0)
        return divide((self.hits + ahead * steps).sum(-1), self.n)

    @cached_property
    def best(self) -> Floats:
        """The AURC with all hits last."""
        misses = self.n - self.n_hits
        return divide(self.n_hits - misses * (harmonic(self.n) - harmonic(misses)), self.n)

    def first(self, values: Floats, mass: Floats) -> Floats:
        """Return (..., k) sums of values (..., groups) over the first `mass` (..., k).

        Of a group that is cut, the share that falls there.
        """
        edges, sums = (
            np.concatenate([np.zeros((*one.shape[:-1], 1)), one], axis=-1)
            for one in (self._upto, np.cumsum(values, axis=-1))
        )
        width = edges.shape[-1]
        each = zip(
            mass.reshape(-1, mass.shape[-1]),
            edges.reshape(-1, width),
            sums.reshape(-1, width),
            strict=True,
        )
        return np.array([np.interp(*one) for one in each]).reshape(mass.shape)


def harmonic(n: Floats) -> Floats:
    """Return the harmonic numbers of n: 1 + 1/2 + ... + 1/n, between counts their continuation."""
    counts = n.astype(np.int64)
    if n.size < 1000 or (counts != n).any():
        return np.asarray(digamma(n + 1) + np.euler_gamma)
    # Ten times as fast as digamma, which says the same.
    return np.asarray(digamma(np.arange(1.0, counts.max() + 2)) + np.euler_gamma)[counts]


@runtime_checkable
class RankedMetric(RowsMetric, Protocol):
    """A metric of rows that is made from one order of them."""

    @property
    def ranking(self) -> Ranking:
        """Equal for metrics that are made from the same order."""
        ...

    def of(self, ties: Ties) -> Floats:
        """Return values (...), NaN where there is none."""
        ...


def made_by_rank(metric: AnyMetric) -> TypeIs[RankedMetric]:
    """Return whether a metric is made from one order of its rows."""
    return hasattr(metric, "ranking")
