"""Intervals of rates over clusters of probes.

A proportion gets Wilson's interval at its effective number of probes; a metric made of several
proportions is carried to their Wilson ends where there is too little to resample.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FEW",
    "at_wilson_ends",
    "correlation",
    "effective_n",
    "percentile",
    "wilson",
    "wilson_n",
]

Floats = NDArray[np.float64]

FEW = 30
"""Effective hits, or misses, of a proportion below which its bootstrap is not trusted.

The percentile interval of `aed` at an accuracy of .98 covers .79 to .94 (nominal .95) where there
are 1 to 5 effective misses, the Wilson ends .95 to .97. Changing over only where a draw has no
miss at all covers .99, because the choice then follows the luck of the draw; at 30 both ways agree.
"""

# With a handful of hits, each in a cluster of its own, the data look independent whatever the
# truth. A tenth of one mean cluster that says the rarer answer throughout keeps the design effect
# from vanishing there (coverage at p = .02, 60 clusters of 5, intra-cluster correlation .4: .894
# without, .967 with) and is lost among many hits.
_PRIOR_CLUSTERS = 0.1


def wilson(share: NDArray[Any], n: NDArray[Any], level: float) -> tuple[Floats, Floats]:
    """Return both ends of Wilson's score interval, NaN where n is 0.

    Args:
        share: proportions, any shape.
        n: numbers they are over (fractions allowed), same shape.
        level: nominal coverage, e.g. 0.95.
    """
    from statsmodels.stats.proportion import proportion_confint

    share, n = np.broadcast_arrays(np.asarray(share, float), np.asarray(n, float))
    with np.errstate(invalid="ignore", divide="ignore"):
        lo, hi = proportion_confint(share * n, n, alpha=1 - level, method="wilson")
    # At a share of 0 or 1 the end is the share itself; rounding must not move it outside.
    return np.clip(lo, 0, share), np.clip(hi, share, 1)


def wilson_n(share: float, lo: float, hi: float, level: float) -> float:
    """Return the number that a proportion with this Wilson interval is over; none is infinity."""
    from scipy.stats import norm

    width, square = hi - lo, norm.ppf((1 + level) / 2) ** 2
    if width <= 0:
        return float("inf")
    if width >= 1:
        return 0.0
    # With u = z^2 / n the width is 2 sqrt(share (1 - share) u + u^2 / 4) / (1 + u); squared, it has
    # one root above 0.
    a, b, c = width**2 - 1, 2 * width**2 - 4 * share * (1 - share), width**2
    return float(square * 2 * a / (-b - np.sqrt(b**2 - 4 * a * c)))


def effective_n(hits: NDArray[Any], sizes: NDArray[Any]) -> Floats:
    """Return how many independent probes a proportion over clusters is worth.

    It is n over the design effect (the variance between clusters by linearisation over the
    binomial one; Kish, Survey Sampling, 1965, section 5.4), held between the number of clusters
    and n. Where all probes agree the data hold no variance and it is the number of clusters.

    Args:
        hits: (clusters, ...) probes that count.
        sizes: (clusters, ...) probes; 0 where a cluster has none.

    Returns:
        shape (...), NaN where there is no probe.
    """
    hits, sizes = np.asarray(hits, float), np.asarray(sizes, float)
    n, clusters = sizes.sum(0), (sizes > 0).sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, mean = hits.sum(0) / n, n / clusters
        rarer = np.where(share < 0.5, 1.0, 0.0)
        total = n + _PRIOR_CLUSTERS * mean
        centre = (hits.sum(0) + _PRIOR_CLUSTERS * mean * rarer) / total
        squares = ((hits - centre * sizes) ** 2).sum(0)
        squares = squares + _PRIOR_CLUSTERS * (mean * (rarer - centre)) ** 2
        between = squares * clusters / (clusters - 1) / total**2
        effective = centre * (1 - centre) / between * n / total
        effective = np.where((share == 0) | (share == 1), clusters, effective)
        return np.where(n > 0, np.clip(effective, clusters, n), np.nan)


def correlation(hits: NDArray[Any], sizes: NDArray[Any]) -> Floats:
    """Return the correlation between proportions over the same clusters.

    Args:
        hits: (clusters, proportions).
        sizes: (clusters, proportions).

    Returns:
        (proportions, proportions), 1 on the diagonal, 0 beside one that does not vary.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        left = hits - sizes * (hits.sum(0) / sizes.sum(0))
        joint = left.T @ left
        spread = np.sqrt(np.diag(joint))
        found: Floats = np.nan_to_num(joint / np.outer(spread, spread), posinf=0.0, neginf=0.0)
    np.fill_diagonal(found, 1.0)
    return found.clip(-1.0, 1.0)


def percentile(draws: NDArray[Any], level: float) -> tuple[float, float]:
    """Return the percentile interval of (draws,) bootstrap values."""
    lo, hi = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(lo), float(hi)


def at_wilson_ends(
    combine: Callable[[Floats], Floats],
    rates: Floats,
    ends: tuple[Floats, Floats],
    related: Floats,
) -> tuple[float, float]:
    """Return the interval of a function of rates from the Wilson intervals of the rates.

    The way from the value to each end is the length, under the rates' correlation, of the ways
    that the single rates take it to their own ends (recovery of variance estimates: Zou and
    Donner, Statistics in Medicine 27, 2008). A sum of rates gets exactly that. For a function that
    bends, the value at the end of the way is taken where it lies further out.

    Args:
        combine: maps (..., K) rates to (...) values.
        rates: (K,) point estimates; NaN where a rate has no probe.
        ends: lower and upper ends of the rates, each (K,).
        related: (K, K) correlation.
    """
    here = float(combine(rates))
    moved = np.stack([np.where(np.eye(len(rates), dtype=bool), end, rates) for end in ends])
    change = np.nan_to_num(combine(moved) - here)  # (end, rate)
    reach = []
    for sign in (-1, 1):
        way = np.maximum((sign * change).max(0), 0)
        side = np.where((sign * change).argmax(0) == 0, -1, 1)
        signed = related * np.outer(side, side)
        length = float(np.sqrt(max(way @ signed @ way, 0)))
        if length == 0:
            reach.append(here)
            continue
        along = np.clip(side * (signed @ way) / length, -1, 1)
        point = rates + np.where(along > 0, ends[1] - rates, rates - ends[0]) * along
        reach.append(here + sign * max(length, sign * (float(combine(point)) - here)))
    return reach[0], reach[1]
