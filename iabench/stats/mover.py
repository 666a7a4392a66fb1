"""The interval of a difference of two independent estimates, from the interval of each.

MOVER (Zou and Donner, Statistics in Medicine 27, 2008; for two Wilson intervals it is Newcombe's
method 10, Statistics in Medicine 17, 1998): each end of the difference lies as far from it as the
ends that make it are from their values, by Pythagoras.
"""

from __future__ import annotations

import math

__all__ = ["Ends", "detectable", "difference"]

Ends = tuple[float, float, float]
"""(value, lo, hi)."""


def difference(one: Ends, other: Ends) -> tuple[float, float]:
    """Return (lo, hi) of `one` less `other`, at the level of their intervals."""
    (a, a_lo, a_hi), (b, b_lo, b_hi) = one, other
    value = a - b
    return (
        value - math.hypot(a - a_lo, b_hi - b),
        value + math.hypot(a_hi - a, b - b_lo),
    )


def detectable(one: Ends, other: Ends, level: float) -> float:
    """Return the least true difference that would have been found, with power .8.

    That is 2.8 standard errors; each standard error is that of the longer half of its interval.
    """
    from scipy.stats import norm

    from iabench.stats.paired import DETECTABLE

    z = float(norm.ppf((1 + level) / 2))
    halves = [max(value - lo, hi - value) / z for value, lo, hi in (one, other)]
    return DETECTABLE * math.hypot(*halves)
