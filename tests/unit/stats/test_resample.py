from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from iabench.errors import StatsError
from iabench.stats import resample
from iabench.stats.resample import resampled, weights


def _weights(clusters: Any, *, seed: Any = 0, label: Any = "task", draws: Any = 500) -> Any:
    return np.concatenate(list(weights(clusters, seed=seed, label=label, draws=draws)))


def test_a_draw_takes_as_many_clusters_as_there_are() -> None:
    drawn = _weights(40)
    assert drawn.shape == (500, 40)
    assert (drawn.sum(1) == 40).all()
    assert drawn.min() == 0
    assert drawn.var(0).mean() == pytest.approx(1 - 1 / 40, rel=0.05)


def test_weights_depend_on_seed_and_label_alone() -> None:
    assert (_weights(40) == _weights(40)).all()
    assert (_weights(40) != _weights(40, seed=1)).any()
    assert (_weights(40) != _weights(40, label="other")).any()


def test_sums_are_the_weighted_cells() -> None:
    cells = np.random.default_rng(0).normal(size=(40, 3))
    assert resampled(cells, seed=0, label="task", draws=500) == pytest.approx(_weights(40) @ cells)


def test_two_runs_of_a_task_are_resampled_together() -> None:
    # Their difference is the same in every cluster, so it does not vary at all.
    base = np.random.default_rng(0).integers(0, 3, (40, 1))
    runs = [resampled(base + shift, seed=3, label="task", draws=50) for shift in (0, 1)]
    assert (runs[1] - runs[0] == 40).all()


def test_the_spread_is_that_of_the_mean() -> None:
    cells = np.random.default_rng(0).normal(size=(400, 1))
    means = resampled(cells, seed=0, label="task", draws=4000) / 400
    assert means.std() == pytest.approx(cells.std() / 20, rel=0.05)


def test_draws_come_in_blocks_that_fit_in_memory(monkeypatch: Any) -> None:
    monkeypatch.setattr(resample, "_BLOCK", 100)
    blocks = list(weights(40, seed=0, label="task", draws=5))
    assert [len(block) for block in blocks] == [2, 2, 1]
    assert [len(block) for block in weights(1000, seed=0, label="task", draws=2)] == [1, 1]


@pytest.mark.parametrize(("clusters", "draws"), [(0, 5), (5, 0)])
def test_nothing_to_draw(clusters: Any, draws: Any) -> None:
    with pytest.raises(StatsError, match="cannot resample"):
        list(weights(clusters, seed=0, label="task", draws=draws))
