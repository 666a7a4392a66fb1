from __future__ import annotations

import itertools

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar as other_mcnemar

from iabench.errors import StatsError
from iabench.stats.multiple import holm
from iabench.stats.paired import detectable, flipped, flips, mcnemar, permutation_p


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (1, 0), (3, 9), (11, 594), (20, 20)])
def test_mcnemar_is_that_of_statsmodels(gained: int, lost: int) -> None:
    other = other_mcnemar([[5, lost], [gained, 7]], exact=True).pvalue
    assert mcnemar(gained, lost) == pytest.approx(min(float(other), 1.0))


def test_mcnemar_by_hand() -> None:
    # Three changes, all one way: 2 x (1/2)^3.
    assert mcnemar(0, 3) == pytest.approx(0.25)


def test_flips_are_fair_seeded_and_in_blocks() -> None:
    whole = np.concatenate(list(flips(40, seed=3, label="a", draws=5000)))
    assert whole.shape == (5000, 40)
    assert set(np.unique(whole)) == {0.0, 1.0}
    assert abs(whole.mean() - 0.5) < 0.01
    again = np.concatenate(list(flips(40, seed=3, label="a", draws=5000)))
    assert (whole == again).all()
    other = np.concatenate(list(flips(40, seed=4, label="a", draws=5000)))
    assert (whole != other).any()
    assert len(list(flips(2**20, seed=0, label="a", draws=9))) == 3


def test_flipped_sums_are_over_the_exchanged_clusters() -> None:
    cells = np.array([[1.0, 10.0], [2.0, 20.0]])
    found = flipped(cells, seed=0, label="x", draws=200)
    assert {tuple(line) for line in found.tolist()} == {(0, 0), (1, 10), (2, 20), (3, 30)}


def test_permutation_p_approaches_the_count_over_all_exchanges() -> None:
    change = np.array([3.0, 1.0, 2.0, 2.0, -1.0])
    exact = np.mean(
        [abs(np.dot(signs, change)) >= 7 for signs in itertools.product((-1, 1), repeat=5)]
    )
    sums = flipped(change[:, None], seed=1, label="x", draws=20000)[:, 0]
    assert permutation_p(7.0, 7.0 - 2 * sums) == pytest.approx(float(exact), abs=0.01)


def test_permutation_p_is_never_zero_and_a_missing_value_is_extreme() -> None:
    assert permutation_p(5.0, np.zeros(99)) == pytest.approx(0.01)
    assert permutation_p(5.0, np.full(99, np.nan)) == 1.0
    assert permutation_p(0.3, np.array([0.1 + 0.2, -0.3])) == 1.0


def test_detectable_is_found_four_times_of_five() -> None:
    chance = np.random.default_rng(0)
    n = 400
    # A paired mean with standard deviation 1 has a standard error of .05.
    least = detectable(chance.normal(0, 1 / np.sqrt(n), 4000))
    assert least is not None
    assert least == pytest.approx(0.14, rel=0.05)
    means = chance.normal(least, 1 / np.sqrt(n), 4000)
    assert (np.abs(means) > 1.96 / np.sqrt(n)).mean() == pytest.approx(0.8, abs=0.03)
    assert detectable(np.array([np.nan, 1.0])) is None


def test_holm_by_hand() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


def test_nothing_to_exchange() -> None:
    with pytest.raises(StatsError, match="0 clusters"):
        list(flips(0, seed=0, label="x", draws=3))
