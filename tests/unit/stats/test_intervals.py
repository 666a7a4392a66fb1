from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from iabench.stats.intervals import (
    at_wilson_ends,
    correlation,
    effective_n,
    percentile,
    wilson,
    wilson_n,
)


def test_wilson_solves_its_own_equation() -> None:
    # The ends are where |share - p| is z standard errors *at p*.
    z = norm.ppf(0.95)
    lo, hi = wilson(np.array([0.3]), np.array([40.0]), 0.90)
    for end in (lo[0], hi[0]):
        assert abs(0.3 - end) == pytest.approx(z * np.sqrt(end * (1 - end) / 40), rel=1e-9)


def test_wilson_at_the_edges() -> None:
    share = np.array([0.0, 1.0, 0.5, np.nan])
    lo, hi = wilson(share, np.array([10.0, 10.0, 0.0, 0.0]), 0.95)
    z2 = norm.ppf(0.975) ** 2
    assert (lo[0], hi[1]) == (0.0, 1.0)
    assert hi[0] == pytest.approx(z2 / (10 + z2))
    assert lo[1] == pytest.approx(10 / (10 + z2))
    assert np.isnan([lo[2], hi[2], lo[3], hi[3]]).all()


def test_effective_n_of_independent_probes_is_about_n() -> None:
    chance = np.random.default_rng(0)
    hits = chance.binomial(3, 0.5, (2000, 1)).astype(float)
    assert effective_n(hits, np.full((2000, 1), 3.0))[0] == pytest.approx(6000, rel=0.1)


def test_effective_n_of_identical_probes_is_the_number_of_clusters() -> None:
    hits = np.repeat([[0.0], [5.0]], 50, axis=0)
    assert effective_n(hits, np.full((100, 1), 5.0))[0] == 100


def test_effective_n_of_half_correlated_probes() -> None:
    # Clusters of two: half the pairs agree by force, so the design effect is 1 + rho = 1.5.
    hits = np.array([[2.0], [0.0]] * 375 + [[1.0]] * 250)
    assert effective_n(hits, np.full((1000, 1), 2.0))[0] == pytest.approx(2000 / 1.5, rel=0.01)


@pytest.mark.parametrize("hits", [0.0, 4.0])
def test_effective_n_is_the_number_of_clusters_when_all_agree(hits: Any) -> None:
    assert effective_n(np.full((30, 1), hits), np.full((30, 1), 4.0))[0] == 30


def test_effective_n_passes_over_clusters_without_probes() -> None:
    hits, sizes = np.zeros((9, 2)), np.zeros((9, 2))
    hits[:4, 0], sizes[:6, 0] = 1.0, 2.0
    found = effective_n(hits, sizes)
    assert 6 <= found[0] <= 12
    assert np.isnan(found[1])
    assert found[0] == effective_n(hits[:6, :1], sizes[:6, :1])[0]


def test_effective_n_of_one_cluster_is_one() -> None:
    assert effective_n(np.array([[1.0]]), np.array([[3.0]]))[0] == 1


def test_correlation_of_rates_over_clusters() -> None:
    sizes = np.full((4, 3), 2.0)
    hits = np.array([[2, 0, 1], [0, 2, 1], [2, 0, 1], [0, 2, 1]], float)
    found = correlation(hits, sizes)
    assert found == pytest.approx(np.array([[1, -1, 0], [-1, 1, 0], [0, 0, 1]]))


def test_percentile_is_the_quantiles() -> None:
    assert percentile(np.arange(101.0), 0.9) == pytest.approx((5.0, 95.0))


def _sum(rates: Any) -> Any:
    return rates.sum(-1)


def _distance(rates: Any) -> Any:
    return np.sqrt((rates[..., 1] ** 2 + (1 - rates[..., 0]) ** 2) / 2)


RATES = np.array([0.3, 0.6])
ENDS = (np.array([0.2, 0.4]), np.array([0.5, 0.7]))


@pytest.mark.parametrize("r", [-1.0, -0.3, 0.0, 1.0])
def test_ends_of_a_sum_recover_the_variances(r: Any) -> None:
    related = np.array([[1, r], [r, 1]])
    lo, hi = at_wilson_ends(_sum, RATES, ENDS, related)
    assert lo == pytest.approx(0.9 - np.sqrt(0.1**2 + 0.2**2 + 2 * r * 0.1 * 0.2))
    assert hi == pytest.approx(0.9 + np.sqrt(0.2**2 + 0.1**2 + 2 * r * 0.2 * 0.1))


def test_ends_of_one_rate_are_its_own() -> None:
    rates, ends = np.array([0.3, np.nan]), (np.array([0.2, np.nan]), np.array([0.5, np.nan]))
    found = at_wilson_ends(lambda r: r[..., 0], rates, ends, np.eye(2))
    assert found == pytest.approx((0.2, 0.5))


def test_ends_follow_a_function_that_bends() -> None:
    # All errors are answers (r = -1): both rates go to their ends together.
    rates, ends = np.array([0.96, 0.04]), (np.array([0.90, 0.016]), np.array([0.984, 0.10]))
    lo, hi = at_wilson_ends(_distance, rates, ends, np.array([[1.0, -1.0], [-1.0, 1.0]]))
    assert lo == pytest.approx(_distance(np.array([0.984, 0.016])))
    assert hi >= _distance(np.array([0.90, 0.10])) - 1e-12


def test_ends_of_a_function_of_nothing_are_its_value() -> None:
    assert at_wilson_ends(lambda r: r[..., 0] * 0 + 7.0, RATES, ENDS, np.eye(2)) == (7.0, 7.0)


@pytest.mark.parametrize(("share", "n"), [(0.3, 50.0), (0.02, 77.5), (0.0, 30.0), (1.0, 41.0)])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_number_behind_a_wilson_interval(share: float, n: float, level: float) -> None:
    lo, hi = wilson(np.array([share]), np.array([n]), level)
    assert wilson_n(share, lo[0], hi[0], level) == pytest.approx(n)


def test_an_interval_of_no_width_is_over_infinitely_many_and_a_full_one_over_none() -> None:
    assert wilson_n(0.4, 0.4, 0.4, 0.95) == np.inf
    assert wilson_n(0.4, 0.0, 1.0, 0.95) == 0.0
