"""Two runs of the same probes: tests of their difference, and what difference would show.

The bootstrap of a difference needs nothing of its own: `stats.resample` draws the same weights for
both runs. Here is what goes beside its interval.

    one probe a cluster, yes or no   exact McNemar (Psychometrika 12, 1947): the binomial of the
                                     probes that changed
    all else                         sign flips of clusters: were both models alike, their answers
                                     to one cluster could be exchanged (Fisher, The Design of
                                     Experiments, 1935, section 21); the metric is made again from
                                     the exchanged sums
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iabench.errors import StatsError
from iabench.rng import stream

__all__ = ["DETECTABLE", "detectable", "flipped", "flips", "mcnemar", "permutation_p"]

Floats = NDArray[np.float64]

DETECTABLE = 2.8
"""Standard errors that a true difference must be, to be found at level .05 four times of five:
1.96 + 0.84."""

# Bytes of a block of flips, which are held as float64 for the product.
_BLOCK = 2**22


def mcnemar(gained: int, lost: int) -> float:
    """Return the exact two-sided p of so many probes changing either way.

    Args:
        gained: probes that are a hit in the second run only.
        lost: probes that are one in the first only.
    """
    from scipy.stats import binomtest

    if gained + lost == 0:
        return 1.0
    return float(binomtest(gained, gained + lost).pvalue)


def flips(clusters: int, *, seed: int, label: str, draws: int) -> Iterator[Floats]:
    """Yield blocks of (some draws, clusters): 1 where the runs are exchanged, `draws` rows in all.

    Raises:
        StatsError: there is nothing to exchange or no draw.
    """
    if clusters < 1 or draws < 1:
        raise StatsError(f"cannot exchange {clusters} clusters {draws} times.")
    chance = stream(seed, "exchange", label)
    block = max(1, _BLOCK // clusters)
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        bits = chance.integers(0, 256, size=(rows, -(-clusters // 8)), dtype=np.uint8)
        yield np.unpackbits(bits, axis=1, count=clusters).astype(np.float64)


def flipped(cells: NDArray[Any], *, seed: int, label: str, draws: int) -> Floats:
    """Return (draws, columns) sums over the exchanged clusters of a (clusters, columns) matrix.

    With the change of each cluster in the cells, the sums go over from one run to the other.
    """
    matrix = np.ascontiguousarray(cells, dtype=np.float64)
    blocks = flips(len(matrix), seed=seed, label=label, draws=draws)
    return np.concatenate([block @ matrix for block in blocks])


def permutation_p(observed: float, exchanged: NDArray[Any]) -> float:
    """Return the two-sided p of a difference among those of (draws,) exchanged runs.

    What was observed is one of the exchanges, so p is never 0 (Phipson and Smyth, Statistical
    Applications in Genetics and Molecular Biology 9, 2010). An exchange without a value counts as
    extreme.
    """
    there = np.abs(np.asarray(exchanged, float))
    # Equal differences may differ in the last digit.
    extreme = ~(there < abs(observed) - 1e-9)
    return float((1 + extreme.sum()) / (1 + len(there)))


def detectable(draws: NDArray[Any]) -> float | None:
    """Return the least true difference that would have been found with power .8 at level .05.

    Args:
        draws: (draws,) paired bootstrap differences; NaN where a draw has no value.
    """
    there = np.asarray(draws, float)
    there = there[~np.isnan(there)]
    return DETECTABLE * float(there.std(ddof=1)) if len(there) > 1 else None
