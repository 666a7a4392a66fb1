from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iabench.rng import Dice
from iabench.stats.sampling import FLOOR, allocate, systematic


def test_small_strata_get_a_floor_and_the_rest_goes_by_size() -> None:
    assert allocate([900, 90, 10], [1, 1, 1], 130) == [FLOOR + 91, FLOOR + 9, 10]


def test_weight_draws_more_densely() -> None:
    plain, weighted = allocate([500, 500], [1, 1], 100), allocate([500, 500], [1, 3], 100)
    assert plain == [50, 50]
    # Ten each, and of the eighty left three parts in four.
    assert weighted == [30, 70]


def test_what_a_stratum_cannot_take_goes_to_the_others() -> None:
    assert allocate([12, 1000], [50, 1], 100) == [12, 88]
    assert allocate([3, 4], [1, 1], 100) == [3, 4]
    assert allocate([], [], 5) == []


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="2 draws from 3 strata"):
        allocate([5, 5, 5], [1, 1, 1], 2)
    assert allocate([5, 0, 5], [1, 1, 1], 2) == [1, 0, 1]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from([1.0, 2.0])), min_size=1, max_size=12),
    st.integers(12, 500),
)
def test_all_is_drawn_that_was_asked_for(strata: list[tuple[int, float]], n: int) -> None:
    sizes, weights = [size for size, _ in strata], [weight for _, weight in strata]
    drawn = allocate(sizes, weights, n)
    assert sum(drawn) == min(n, sum(sizes))
    assert all(0 <= got <= size for got, size in zip(drawn, sizes, strict=True))
    assert all(got > 0 for got, size in zip(drawn, sizes, strict=True) if size)


def test_every_item_has_the_same_probability() -> None:
    items = list(range(9))
    clusters = ["a", "a", "a", "a", "b", "b", "c", "d", "e"]
    drawn = Counter(i for s in range(3000) for i in systematic(items, clusters, 4, Dice(s, "x")))
    for item in items:
        assert drawn[item] / 3000 == pytest.approx(4 / 9, abs=0.04)


def test_a_sample_is_spread_over_clusters_and_repeats_nothing() -> None:
    items = list(range(60))
    clusters = [str(i // 3) for i in items]
    for seed in range(20):
        drawn = systematic(items, clusters, 20, Dice(seed, "x"))
        assert len(set(drawn)) == 20
        # A third of each cluster of three, so one of each.
        assert max(Counter(clusters[i] for i in drawn).values()) == 1


def test_the_draw_is_that_of_the_dice() -> None:
    items, clusters = list("abcdef"), list("xxyyzz")
    one = systematic(items, clusters, 3, Dice(1, "x"))
    assert one == systematic(items, clusters, 3, Dice(1, "x"))
    assert any(one != systematic(items, clusters, 3, Dice(s, "x")) for s in range(2, 8))
    assert systematic(items, clusters, 0, Dice(1, "x")) == []
    assert sorted(systematic(items, clusters, 6, Dice(1, "x"))) == items
    with pytest.raises(ValueError, match="cannot draw 7 of 6"):
        systematic(items, clusters, 7, Dice(1, "x"))
