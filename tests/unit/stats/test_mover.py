from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from iabench.stats.mover import detectable, difference


def wilson(hits: int, n: int) -> tuple[float, float, float]:
    lo, hi = proportion_confint(hits, n, method="wilson")
    return hits / n, float(lo), float(hi)


@pytest.mark.parametrize(("a", "n", "b", "m"), [(56, 70, 48, 80), (0, 10, 0, 20), (9, 10, 3, 10)])
def test_of_two_wilson_intervals_it_is_newcombes(a: int, n: int, b: int, m: int) -> None:
    wanted = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
    assert difference(wilson(a, n), wilson(b, m)) == pytest.approx(wanted)


def test_what_would_have_shown_is_2_8_standard_errors() -> None:
    se = 0.05
    half = 1.959963984540054 * se
    ends = (0.5, 0.5 - half, 0.5 + half)
    assert detectable(ends, ends, 0.95) == pytest.approx(2.8 * np.sqrt(2) * se)
    # The longer half decides: none of an estimate at its limit is 0.
    assert detectable((1.0, 0.9, 1.0), (1.0, 0.9, 1.0), 0.95) > 0.1


def test_it_covers_the_truth() -> None:
    chance, p, q, n = np.random.default_rng(0), 0.9, 0.6, 60
    held = 0
    for _ in range(400):
        one, other = wilson(chance.binomial(n, p), n), wilson(chance.binomial(n, q), n)
        lo, hi = difference(one, other)
        held += lo <= p - q <= hi
    assert 0.92 <= held / 400 <= 0.98
