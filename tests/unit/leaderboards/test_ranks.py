"""Ranks under joint draws: the same draws as an entry's own interval, ties, models, undecided."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from iabench.leaderboards.board import Board
from iabench.leaderboards.entry import read
from iabench.leaderboards.questions import questions_of
from iabench.leaderboards.ranks import Sheet, drawn, over_of, rank_intervals
from iabench.leaderboards.standings import standings
from iabench.metrics.base import METRICS
from iabench.stats.intervals import percentile

Ranks = list[tuple[int, int, int]]


def ranks(values: np.ndarray, shown: list[float], *, models: list[int], up: bool = True) -> Ranks:
    found = rank_intervals(
        values, shown, models=models, higher_is_better=up, level=0.95, seed=0
    )  # fmt: skip
    return [(one.rank, one.lo, one.hi) for one in found]


@pytest.mark.parametrize("metric", ["accuracy", "aed", "awareness_score", "pair_accuracy"])
def test_draws_are_those_of_the_estimates(folder: Path, board: Board, metric: str) -> None:
    """What an entry's own cluster-bootstrap interval is made of, an entry's ranks are made of."""
    from iabench.metrics.estimate import estimates

    cell, entry = board.cells[0], read(folder, "random")
    asked = questions_of(folder, board, cell)
    one = METRICS.get(metric)()
    over = over_of(board, cell, asked, one, "selection")
    sheet = Sheet(cell, asked, one, over)
    (values,) = drawn([sheet], [entry], seed=0, draws=400)[0]
    rows = [
        sheet._rows[task][at][sign]
        for task in over
        for at, sign in enumerate(entry.parts[0].ledger[task])
    ]
    wanted = next(
        e
        for e in estimates(
            rows, suites={"selection": over}, metrics=[one], level=0.95, seed=0, draws=400
        )
        if e.task == "selection"
    )
    assert np.isfinite(values).all()
    if wanted.method == "cluster-bootstrap":
        # Labels of strata name the cell too, so the draws are others: equal within their noise.
        assert percentile(values, 0.95) == pytest.approx((wanted.lo, wanted.hi), abs=0.02)
    assert values.mean() == pytest.approx(float(wanted.value or 0), abs=0.01)


def test_an_entry_that_is_better_in_every_draw_is_first_alone() -> None:
    values = np.stack([np.full((1, 100), x) for x in (0.2, 0.9, 0.5)])
    assert ranks(values, [0.2, 0.9, 0.5], models=[0]) == [(3, 3, 3), (1, 1, 1), (2, 2, 2)]
    assert ranks(values, [0.2, 0.9, 0.5], models=[0], up=False)[0] == (1, 1, 1)


def test_equal_entries_share_their_rank_and_its_interval() -> None:
    values = np.stack([np.full((1, 100), x) for x in (0.5, 0.5, 0.1)])
    assert ranks(values, [0.5, 0.5, 0.1], models=[0]) == [(1, 1, 2), (1, 1, 2), (3, 3, 3)]


def test_draws_are_joint_so_small_differences_count() -> None:
    noise = np.random.default_rng(0).normal(0.5, 0.2, (1, 1000))
    values = np.stack([noise, noise - 0.01])
    assert ranks(values, [0.5, 0.49], models=[0]) == [(1, 1, 1), (2, 2, 2)]


def test_what_holds_for_one_model_only_is_not_told_apart() -> None:
    """Two models of three cells each: A is above B in one, below it in the other."""
    models = [0, 0, 0, 1, 1, 1]
    a = np.repeat([0.9, 0.9, 0.9, 0.1, 0.1, 0.1], 500).reshape(6, 500)
    b = np.repeat([0.4] * 6, 500).reshape(6, 500)
    assert ranks(np.stack([a, b]), [0.5, 0.4], models=models) == [(1, 1, 2), (2, 1, 2)]


def test_more_than_two_percent_undecided_has_no_rank(folder: Path, board: Board) -> None:
    path = folder / "entries/random.json"
    value = json.loads(path.read_text())
    ledger = value["parts"][0]["ledger"]
    # 3 of 156 are 1.9 %, 4 are 2.6 %.
    for n, ranked in ((3, True), (4, False)):
        ledger["long-tail-facts"] = "u" * n + ledger["long-tail-facts"][n:]
        path.write_text(json.dumps(value))
        row = next(r for r in standings(folder, board).rows if r.entry.name == "random")
        assert (row.rank is not None) is ranked
    assert row.unranked == "2.6 % of long-tail-facts undecided; up to 2 % is ranked"
    assert standings(folder, board).rows[-1].entry.name == "random"
