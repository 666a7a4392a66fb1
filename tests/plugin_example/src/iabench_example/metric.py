"""A metric: how often a model declines, whatever was asked."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from iabench.metrics.base import Row


class SilentRate:
    """Abstentions over all questions."""

    id = "silent_rate"
    label = "declines, whatever was asked"
    says = "Abstentions over all questions that could be decided."
    higher_is_better = False
    without = "nothing was asked"
    unit: Literal["cluster"] = "cluster"
    proportion = True
    cell_names = ("abstained", "probes")

    def cells(self, row: Row) -> tuple[float, ...] | None:
        """Return (abstained, 1)."""
        return (float(row.outcome == "abstained"), 1.0)

    def n(self, sums: NDArray[Any]) -> NDArray[np.float64]:
        """Return the numbers of questions."""
        return np.asarray(sums[..., 1], dtype=np.float64)

    def value(self, sums: NDArray[Any]) -> NDArray[np.float64]:
        """Return abstentions over questions, NaN where there is none."""
        whole = np.asarray(sums[..., 1], dtype=np.float64)
        return np.divide(sums[..., 0], whole, out=np.full(whole.shape, np.nan), where=whole > 0)
