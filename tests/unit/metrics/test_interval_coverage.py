"""How often 95 % intervals hold the truth: 92 to 98 % over the whole range of rates.

Worlds of 150 entities asked in three wordings (the size of a shipped task), with wordings that are
independent (intra-cluster correlation 0) or move together (.4). Other shapes are slow tests; the
two claims that are narrower stand at the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from iabench.metrics import parts as made
from iabench.metrics.counts import of_task
from iabench.metrics.parts import Part, Piece
from iabench.stats.intervals import effective_n, wilson
from iabench.stats.resample import weights

RATES = (0.02, 0.06, 0.5, 0.94, 0.98)
CORRELATIONS = (0.0, 0.4)
SHAPES = ((60, 5), (40, 3), (300, 3), (100, 1))
DRAWS = 400


def _hits(shape: Any, rate: Any, rho: Any, n: Any, chance: Any) -> Any:
    """Return (clusters, n) beta-binomial counts."""
    p = np.full((shape[0], n), rate)
    if rho:
        p = chance.beta(rate * (1 / rho - 1), (1 - rate) * (1 / rho - 1), p.shape)
    return chance.binomial(shape[1], p).astype(float)


def _outcomes(shape: Any, shares: Any, rho: Any, n: Any, chance: Any) -> Any:
    """Return (clusters, n, outcomes) Dirichlet-multinomial counts."""
    p = np.broadcast_to(shares, (shape[0], n, len(shares)))
    if rho:
        gamma = chance.gamma(np.array(shares) * (1 / rho - 1), size=p.shape) + 1e-300
        p = gamma / gamma.sum(-1, keepdims=True)
    return chance.multinomial(shape[1], p).astype(float)


@pytest.fixture(scope="module")
def strata(row: Any) -> Any:
    def make(clusters: Any) -> Any:
        return of_task("t", [row("answer", "correct", i, task="t") for i in range(clusters)])

    return make


def _covered(metric: Any, worlds: Any, truth: Any, strata: Any) -> Any:
    """Return the share of worlds, each a list of (clusters, cells) by task, whose interval holds."""
    stratum = strata(len(worlds[0][0]))
    drawn = [
        np.concatenate(list(weights(stratum.n_units, seed=0, label=f"task-{i}", draws=DRAWS)))
        for i in range(len(worlds[0]))
    ]
    held = 0
    for tasks in worlds:
        suite = []
        for cells, w in zip(tasks, drawn, strict=True):
            piece = Piece(stratum=stratum, units=np.arange(len(cells)), cells=cells)
            suite.append(
                Part(
                    pieces=(piece,),
                    sums=cells.sum(0),
                    corners=cells.sum(0)[None, None],
                    n=0,
                    taken=0,
                    undecided=0,
                    draws=w @ cells,
                )
            )
        found = made.proportions(metric, suite)
        lo, hi, _, _ = made.interval(metric, suite, found, 0.95)
        held += lo <= truth <= hi
    return held / len(worlds)


def _proportion(shape: Any, rate: Any, rho: Any, n: Any, chance: Any) -> Any:
    hits = _hits(shape, rate, rho, n, chance)
    lo, hi = wilson(
        hits.mean(0) / shape[1], effective_n(hits, np.full((shape[0], 1), shape[1])), 0.95
    )
    return float(((lo <= rate) & (rate <= hi)).mean())


def _aed(shape: Any, rate: Any, rho: Any, n: Any, chance: Any, metric: Any, strata: Any) -> Any:
    # Of what is not right three quarters are wrong, one quarter abstained.
    shares = (rate, (1 - rate) * 0.75, (1 - rate) * 0.25)
    counts = _outcomes(shape, shares, rho, n, chance)
    counts[..., 2] = shape[1]
    truth = np.sqrt((shares[1] ** 2 + (1 - rate) ** 2) / 2)
    return _covered(metric("aed"), [[counts[:, i]] for i in range(n)], truth, strata)


def _awareness(
    shape: Any, rate: Any, rho: Any, n: Any, chance: Any, metric: Any, strata: Any
) -> Any:
    sides = [_hits(shape, rate, rho, n, chance) for _ in range(2)]
    full = np.full_like(sides[0], shape[1])
    cells = np.stack([sides[0], full, sides[1], full], -1)
    worlds = [[cells[:, i]] for i in range(n)]
    return _covered(metric("awareness_score"), worlds, 2 * rate - 1, strata)


def _suite(shape: Any, rate: Any, rho: Any, n: Any, chance: Any, metric: Any, strata: Any) -> Any:
    """Mean accuracy of two tasks, one at the rate, one at .8."""
    tasks = [_hits(shape, p, rho, n, chance) for p in (rate, 0.8)]
    full = np.full((shape[0], n), float(shape[1]))
    cells = [np.stack([hits, full], -1) for hits in tasks]
    worlds = [[c[:, i] for c in cells] for i in range(n)]
    return _covered(metric("accuracy"), worlds, (rate + 0.8) / 2, strata)


@pytest.mark.parametrize("rho", CORRELATIONS)
@pytest.mark.parametrize("rate", RATES)
def test_proportions(rate: Any, rho: Any) -> None:
    assert 0.92 <= _proportion((150, 3), rate, rho, 4000, np.random.default_rng(11)) <= 0.98


@pytest.mark.parametrize("rho", CORRELATIONS)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", [_aed, _awareness, _suite])
def test_metrics_of_several_proportions(
    kind: Any, rate: Any, rho: Any, metric: Any, strata: Any
) -> None:
    chance = np.random.default_rng(12)
    assert 0.92 <= kind((150, 3), rate, rho, 1000, chance, metric, strata) <= 0.98


def test_awareness_when_the_sides_of_a_pair_move_together(metric: Any, strata: Any) -> None:
    # One difficulty a pair: what is hard to answer is hard to admit.
    chance = np.random.default_rng(13)
    p = chance.beta(0.75, 0.75, (150, 1000))
    full = np.full(p.shape, 3.0)
    cells = np.stack([chance.binomial(3, p), full, chance.binomial(3, p), full], -1).astype(float)
    worlds = [[cells[:, i]] for i in range(1000)]
    assert 0.92 <= _covered(metric("awareness_score"), worlds, 0.0, strata) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("rho", CORRELATIONS)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("shape", SHAPES)
def test_proportions_of_other_shapes(shape: Any, rate: Any, rho: Any) -> None:
    assert 0.92 <= _proportion(shape, rate, rho, 20000, np.random.default_rng(14)) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("rho", CORRELATIONS)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("shape", [(150, 3), *SHAPES])
@pytest.mark.parametrize("kind", [_aed, _awareness, _suite])
def test_metrics_of_other_shapes(
    kind: Any, shape: Any, rate: Any, rho: Any, metric: Any, strata: Any
) -> None:
    chance = np.random.default_rng(15)
    assert 0.92 <= kind(shape, rate, rho, 5000, chance, metric, strata) <= 0.98


@pytest.mark.parametrize("rate", [0.02, 0.98])
def test_few_large_independent_clusters_are_covered_too_well(rate: Any) -> None:
    # 20 clusters of 20 that are in truth independent: with eight hits nobody can tell them from
    # correlated ones, and the interval takes the wider view.
    covered = _proportion((20, 20), rate, 0.0, 4000, np.random.default_rng(16))
    assert covered > 0.98
