"""Divisions that metrics share: what a class of metrics is, apart from what it counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from iabench.metrics.base import Row, Unit
from iabench.records import Expect, Outcome

__all__ = ["Composite", "Proportion", "divide"]

Floats = NDArray[np.float64]


def divide(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """Return part / whole, NaN where whole is 0."""
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    found: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return found


class Proportion:
    """A yes/no a probe: outcomes that are hits, over the probes with one expectation."""

    id: str
    label: str
    says: str
    higher_is_better: bool
    without: str
    over: Expect
    hits: tuple[Outcome, ...]
    unit: Unit = "cluster"
    proportion: bool = True
    cell_names: tuple[str, ...] = ("hits", "probes")

    def counts(self, row: Row) -> bool:
        """Return whether a decided row is in the denominator."""
        return row.expect == self.over

    def hit(self, row: Row) -> bool:
        """Return whether a counted row is in the numerator."""
        return row.outcome in self.hits

    def cells(self, row: Row) -> tuple[float, ...] | None:
        """Return (hit, 1), or None where the row does not count."""
        return (float(self.hit(row)), 1.0) if self.counts(row) else None

    def n(self, sums: NDArray[Any]) -> Floats:
        """Return the numbers of counted probes."""
        return np.asarray(sums[..., 1], dtype=np.float64)

    def value(self, sums: NDArray[Any]) -> Floats:
        """Return hits over counted probes."""
        return divide(sums[..., 0], sums[..., 1])


class Composite:
    """A function of proportions."""

    id: str
    label: str
    says: str
    higher_is_better: bool
    without: str
    unit: Unit = "cluster"
    proportion: bool = False
    cell_names: tuple[str, ...]
    components: tuple[tuple[int, int], ...]
    suite_of_components: bool = False

    def combine(self, rates: Floats) -> Floats:
        """Return values (...) of proportions (..., components)."""
        raise NotImplementedError

    def n(self, sums: NDArray[Any]) -> Floats:
        """Return the probes in all the denominators, each once."""
        wholes = sorted({whole for _, whole in self.components})
        return np.asarray(sums[..., wholes].sum(-1), dtype=np.float64)

    def value(self, sums: NDArray[Any]) -> Floats:
        """Return the function at the proportions of the sums."""
        parts, wholes = ([pair[side] for pair in self.components] for side in (0, 1))
        return self.combine(divide(sums[..., parts], sums[..., wholes]))
