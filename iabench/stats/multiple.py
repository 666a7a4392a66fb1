"""Several tests at once: Holm's adjustment of their p values."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["holm"]


def holm(p: Sequence[float]) -> list[float]:
    """Return the p values adjusted by Holm (Scandinavian Journal of Statistics 6, 1979), in order.

    Finds at an adjusted .05 hold a false one with a chance of at most .05 over all of them.
    """
    from statsmodels.stats.multitest import multipletests

    return [float(adjusted) for adjusted in multipletests(p, method="holm")[1]] if p else []
