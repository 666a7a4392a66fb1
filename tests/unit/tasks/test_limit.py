"""`--limit`: the same part every time, twins together."""

from __future__ import annotations

import pytest

from iabench.errors import ConfigError
from iabench.tasks.catalog import load
from iabench.tasks.limit import check_limit, limited


@pytest.mark.parametrize("limit", [1, 13, 0.1, 200])
def test_twins_stay_together(limit):
    real, invented, both = load("real-facts,invented-entities,organism-world", limit=limit)
    assert {p.pair for p in real.probes} == {p.pair for p in invented.probes}
    pairs = [p.pair for p in both.probes]
    assert all(pairs.count(pair) == 2 for pair in pairs)
    assert len(pairs) <= max(2, limit if limit >= 1 else limit * 1720)


def test_a_smaller_limit_is_a_part_of_a_larger():
    probes = load("organism-world")[0].probes
    before: set[str] = set()
    for limit in (1, 2, 3, 10, 0.05, 0.5, 1720):
        taken = {probe.id for probe in limited(probes, limit)}
        assert before <= taken
        before = taken
    assert before == {probe.id for probe in probes}


def test_the_order_is_kept():
    probes = load("real-facts")[0].probes
    part = limited(probes, 50)
    assert len(part) == 50
    assert list(part) == [probe for probe in probes if probe in part]
    assert limited(probes, None) == probes


@pytest.mark.parametrize("limit", [0, -3, 0.0, 2.5])
def test_nonsense_is_refused(limit):
    with pytest.raises(ConfigError) as caught:
        check_limit(limit)
    assert caught.value.message == f"--limit {limit:g} asks nothing."
    assert caught.value.hint == "--limit 50 (a task), or --limit 0.1 (a share)"
