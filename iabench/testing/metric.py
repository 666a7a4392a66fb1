"""What every metric of counts keeps to."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np

from iabench.metrics.base import Metric, PairMetric, Row, made_of_pairs
from iabench.records import Expect, Outcome, Tags

__all__ = ["MetricContract"]


class MetricContract:
    """What every metric of counts keeps to. Subclass it and make yours."""

    lowest: float = 0.0
    """The least value that it can have."""
    highest: float = 1.0
    """The largest."""
    tags: Tags = (("relation", "capital"),)
    """Of the rows that it is tried on, where it asks for tags."""

    def make(self) -> Metric:
        """Return the metric under test."""
        raise NotImplementedError

    def test_is_a_metric(self) -> None:
        """It has the whole protocol, and words for people."""
        metric = self.make()
        assert isinstance(metric, Metric)
        assert re.fullmatch(r"[a-z][a-z0-9_]*", metric.id)
        assert metric.label.strip()
        assert metric.says.strip()
        assert metric.without.strip()
        assert metric.unit in ("cluster", "pair")
        assert len(set(metric.cell_names)) == len(metric.cell_names) >= 1

    def test_cells_are_counts(self) -> None:
        """A row gives as many finite counts as have names, or None; a proportion yes of one."""
        metric = self.make()
        for row in _rows(self.tags):
            cells = metric.cells(row)
            if cells is None:
                continue
            assert metric.cells(row) == cells
            assert np.isfinite(cells).all()
            if not made_of_pairs(metric):
                assert len(cells) == len(metric.cell_names)
            if metric.proportion and not made_of_pairs(metric):
                assert cells in ((0.0, 1.0), (1.0, 1.0))

    def test_no_row_is_no_value(self) -> None:
        """The value of nothing is NaN, never 0; its n is 0."""
        metric = self.make()
        nothing = np.zeros(len(metric.cell_names))
        assert np.isnan(metric.value(nothing))
        assert float(metric.n(nothing)) == 0.0

    def test_values_are_vectorised(self) -> None:
        """Sums of shape (..., cells) give values of shape (...), each as if alone."""
        metric = self.make()
        sums = self._sums()
        values, sizes = metric.value(sums), metric.n(sums)
        assert values.shape == sizes.shape == sums.shape[:-1]
        for at in np.ndindex(*values.shape):
            np.testing.assert_equal(np.asarray(metric.value(sums[at])), values[at])
            np.testing.assert_equal(np.asarray(metric.n(sums[at])), sizes[at])

    def test_values_are_in_bounds(self) -> None:
        """No value of real counts leaves [lowest, highest]."""
        values = self.make().value(self._sums())
        there = values[~np.isnan(values)]
        assert there.size
        assert (there >= self.lowest - 1e-9).all()
        assert (there <= self.highest + 1e-9).all()

    def _sums(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return sums of real rows, of shape (3, 4, cells), the first of no row at all."""
        metric = self.make()
        units = self._units(metric)
        draws = np.random.default_rng(0).integers(0, 4, size=(3, 4, len(units)))
        draws[0, 0] = 0
        sums: np.ndarray[Any, np.dtype[np.float64]] = draws.astype(float) @ units
        return sums

    def _units(self, metric: Metric) -> np.ndarray[Any, np.dtype[np.float64]]:
        rows = [cells for row in _rows(self.tags) if (cells := metric.cells(row)) is not None]
        assert rows, "no row is the metric's: give the tags that it asks for"
        if not made_of_pairs(metric):
            return np.array(rows, dtype=float)
        paired: PairMetric = metric
        twins = [
            np.add(one, other)
            for known, unknown in itertools.product(
                _rows(self.tags, "answer"), _rows(self.tags, "abstain")
            )
            if (one := metric.cells(known)) is not None
            and (other := metric.cells(unknown)) is not None
        ]
        sums = np.array(twins, dtype=float)
        return np.asarray(paired.of_pairs(sums, np.zeros(len(sums), dtype=bool)), dtype=float)


def _rows(tags: Tags, side: Expect | None = None) -> list[Row]:
    """Return a row of every outcome that there can be on each side."""
    sides: tuple[Expect, ...] = (side,) if side else ("answer", "abstain")
    possible: dict[Expect, tuple[Outcome, ...]] = {
        "answer": ("correct", "incorrect", "abstained", "degenerate"),
        "abstain": ("abstained", "hallucinated", "overreached", "degenerate"),
    }
    return [
        Row(
            task="contract",
            probe_id=f"contract/{expect}-{outcome}-{admitted}",
            cluster=f"{expect}-{outcome}",
            pair=f"{outcome}",
            tags=tags,
            expect=expect,
            answering_is=None
            if expect == "answer"
            else "overreach"
            if outcome == "overreached"
            else "fabrication",
            outcome=outcome,
            admitted=admitted,
            scores=(("rouge1", 0.5), ("neighbour", 1.0)),
        )
        for expect in sides
        for outcome in possible[expect]
        for admitted in ((True, False) if outcome == "abstained" else (False,))
    ]
