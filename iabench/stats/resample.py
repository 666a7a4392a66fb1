"""Resampling of clusters: one seeded draw of weights for every metric, slice and run.

A draw takes as many clusters as there are, with replacement (Efron and Tibshirani, An Introduction
to the Bootstrap, 1993, chapter 8), and is a row of weights: how often each cluster was taken.
The weights depend on the seed, the label and the number of clusters alone, so two runs of one task,
whose clusters stand in the same order, are resampled together and their difference is paired.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iabench.errors import StatsError
from iabench.rng import stream

__all__ = ["resampled", "weights"]

# Entries of a block of weights: 24 bytes each while it is drawn, so about 50 MB.
_BLOCK = 2**21


def weights(clusters: int, *, seed: int, label: str, draws: int) -> Iterator[NDArray[np.float64]]:
    """Yield blocks of (some draws, clusters) weights, `draws` rows in all; rows sum to `clusters`.

    Raises:
        StatsError: there is nothing to draw from or no draw.
    """
    if clusters < 1 or draws < 1:
        raise StatsError(f"cannot resample {clusters} clusters {draws} times.")
    chance = stream(seed, "resample", label)
    block = max(1, _BLOCK // clusters)
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        taken = chance.integers(0, clusters, size=(rows, clusters))
        taken += np.arange(rows)[:, None] * clusters
        counts = np.bincount(taken.ravel(), minlength=rows * clusters)
        yield counts.reshape(rows, clusters).astype(np.float64)


def resampled(
    cells: NDArray[Any], *, seed: int, label: str, draws: int = 2000
) -> NDArray[np.float64]:
    """Return (draws, columns) sums of a (clusters, columns) matrix under resampling.

    Sums of counts are exact in float64, whatever order a threaded matrix product adds them in.
    """
    matrix = np.ascontiguousarray(cells, dtype=np.float64)
    blocks = weights(len(matrix), seed=seed, label=label, draws=draws)
    return np.concatenate([block @ matrix for block in blocks])
