from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from scipy.stats import entropy

from iabench.uncertainty import entropy as estimators

IDS = (0, 0, 0, 0, 1, 1, 1, 2, 2, 3)
SUMS = (-2, -2.5, -3, -2.2, -4, -4.5, -5, -6, -6.5, -8)
LENGTHS = (2, 3, 4, 2, 4, 5, 5, 6, 6, 8)
ONE = (0,) * 10


def test_golden_vector() -> None:
    """What the repositories' own functions give for these ten samples."""
    assert estimators.discrete(IDS) == pytest.approx(1.279854, abs=1e-6)
    assert estimators.rao_blackwell(IDS, SUMS, LENGTHS) == pytest.approx(1.262415, abs=1e-6)
    assert estimators.rao_blackwell(IDS, SUMS, [1] * 10) == pytest.approx(0.353491, abs=1e-6)
    assert estimators.kuhn(IDS, SUMS, LENGTHS) == pytest.approx(5.184942, abs=1e-6)
    assert estimators.kuhn(IDS, SUMS, [1] * 10) == pytest.approx(9.454622, abs=1e-6)
    assert estimators.monte_carlo(IDS, SUMS) == pytest.approx(3.290237, abs=1e-6)
    assert estimators.predictive(SUMS, LENGTHS) == pytest.approx(0.966667, abs=1e-6)
    assert estimators.predictive(SUMS) == pytest.approx(4.37, abs=1e-6)


def test_golden_vector_of_one_cluster() -> None:
    assert estimators.discrete(ONE) == 0
    assert math.copysign(1, estimators.discrete(ONE)) == 1
    assert 0 <= estimators.rao_blackwell(ONE, SUMS, LENGTHS) < 1e-12
    assert estimators.kuhn(ONE, SUMS, LENGTHS) == pytest.approx(3.658633, abs=1e-6)
    assert estimators.monte_carlo(ONE, SUMS) == pytest.approx(0.871101, abs=1e-6)


def partitions(n: int, most: int) -> Iterator[list[int]]:
    if n == 0:
        yield []
    for first in range(min(n, most), 0, -1):
        for rest in partitions(n - first, first):
            yield [first, *rest]


def test_all_partitions_of_ten() -> None:
    found = list(partitions(10, 10))
    assert len(found) == 42
    values = set()
    for sizes in found:
        ids = [at for at, size in enumerate(sizes) for _ in range(size)]
        value = estimators.discrete(ids)
        assert value == pytest.approx(float(entropy(sizes)), abs=1e-12)
        assert 0 <= value <= math.log(10) + 1e-12
        values.add(round(value, 9))
    assert len(values) == 39, "a coarse dial: 39 values"


def test_order_of_samples_changes_nothing() -> None:
    order = [7, 2, 9, 0, 4, 1, 8, 3, 6, 5]
    ids, lengths = ([v[at] for at in order] for v in (IDS, LENGTHS))
    sums = [SUMS[at] for at in order]
    for one in (estimators.discrete(ids) - estimators.discrete(IDS),
                estimators.monte_carlo(ids, sums) - estimators.monte_carlo(IDS, SUMS),
                estimators.kuhn(ids, sums, lengths) - estimators.kuhn(IDS, SUMS, LENGTHS)):  # fmt: skip
        assert abs(one) < 1e-12
