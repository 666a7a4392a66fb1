"""Samples with known inclusion probabilities: how many from each stratum, and which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from iabench.rng import Dice

__all__ = ["FLOOR", "allocate", "systematic"]

T = TypeVar("T")

FLOOR = 10
"""Draws that even a small stratum gets, where it and the sample are large enough."""


def allocate(sizes: Sequence[int], weights: Sequence[float], n: int) -> list[int]:
    """Return how many to draw from each stratum, at least one from each that is not empty.

    Half of the sample goes evenly to all strata, up to `FLOOR` each, so that a stratum in which the
    judge errs is not missed; the rest goes in proportion to size x weight. None gets more than it
    holds, and what it cannot take goes to the others.

    Args:
        sizes: of the strata.
        weights: how much more one of a stratum is worth drawing.
        n: of the sample; less than one a stratum raises ValueError, more than all there are is all.
    """
    there = sum(size > 0 for size in sizes)
    if n < there:
        raise ValueError(f"{n} draws from {there} strata")
    floor = max(1, min(FLOOR, n // (2 * there))) if there else 0
    drawn = [min(size, floor) for size in sizes]
    left = min(n, sum(sizes)) - sum(drawn)
    while left > 0:
        wanted = [
            size * weight if got < size else 0.0
            for size, weight, got in zip(sizes, weights, drawn, strict=True)
        ]
        share = left / sum(wanted)
        more = [
            min(int(want * share), size - got)
            for want, size, got in zip(wanted, sizes, drawn, strict=True)
        ]
        if not sum(more):
            # Less than one for each: the largest claims first.
            most = max(range(len(sizes)), key=lambda i: (wanted[i] * share - more[i], -i))
            more[most] = 1
            wanted[most] = 0.0
        drawn = [got + new for got, new in zip(drawn, more, strict=True)]
        left -= sum(more)
    return drawn


def systematic(items: Sequence[T], clusters: Sequence[str], n: int, dice: Dice) -> list[T]:
    """Return n of the items, each with probability n / len(items), spread over the clusters.

    The items are put into a drawn order of clusters and every so manieth is taken from a drawn
    start (systematic sampling: Cochran, Sampling Techniques, 1977, chapter 8), so no cluster gives
    more than one above its share.
    """
    if n > len(items):
        raise ValueError(f"cannot draw {n} of {len(items)}")
    place = {cluster: at for at, cluster in enumerate(dice.shuffled(sorted(set(clusters))))}
    mixed = dice.shuffled(list(zip(items, clusters, strict=True)))
    ordered = sorted(mixed, key=lambda pair: place[pair[1]])
    start, step = dice.uniform(), len(items) / n if n else 0.0
    return [ordered[int((at + start) * step)][0] for at in range(n)]
