"""How sure a board's order is: ranks under joint cluster-bootstrap draws (protocol, section 4).

Every entry answered the same questions, so one draw resamples the clusters of all entries at once,
and in each draw they are ranked anew. An entry's interval is from the rank that it keeps with no
tie counted against it to the one with every tie counted, over the central share of the draws. Of
several models (a study over several organisms) models and seeds within them are drawn first, as in
`iabench.studies.against`: what holds for one model need not hold for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from iabench.leaderboards.board import Board, Cell
from iabench.leaderboards.entry import LETTERS, Entry
from iabench.leaderboards.questions import Questions
from iabench.metrics import parts as made
from iabench.metrics.base import Metric, Row
from iabench.metrics.counts import Stratum, count, of_task, of_twins
from iabench.metrics.estimate import TUNED_ON
from iabench.metrics.parts import Part
from iabench.records import Probe, TaskSpec
from iabench.rng import stream

__all__ = ["DRAWS", "RankInterval", "Sheet", "drawn", "rank_intervals"]

Floats = NDArray[np.float64]
DRAWS = 2000


@dataclass(frozen=True, slots=True)
class RankInterval:
    """A rank, and the ranks that cannot be told from it."""

    rank: int
    lo: int
    hi: int


class Sheet:
    """One cell of a board, ready to count any entry's ledger of it by one metric.

    Rows are made once for each probe and letter and shared by all entries; what is resampled
    together is the same for all of them.

    Args:
        cell: of the board.
        asked: its questions.
        metric: what ranks.
        over: tasks that it is over; twins are pooled over them.
    """

    def __init__(self, cell: Cell, asked: Questions, metric: Metric, over: Sequence[str]) -> None:
        self.metric = metric
        self.cell = cell.name
        specs = {spec.name: spec for spec in asked.specs}
        self._probes = {name: asked.of(name) for name in over if name in specs}
        self._rows = {
            name: [_by_letter(specs[name], probe, cell.name) for probe in probes]
            for name, probes in self._probes.items()
        }

    @cached_property
    def _strata(self) -> list[tuple[Stratum, list[tuple[str, int]]]]:
        """What is resampled together, with the (task, place) of each row."""
        places = {
            rows["u"].probe_id: (name, at)
            for name, all_rows in self._rows.items()
            for at, rows in enumerate(all_rows)
        }
        rows = {
            name: sorted((one["u"] for one in rows), key=lambda row: row.probe_id)
            for name, rows in self._rows.items()
        }
        if self.metric.unit == "pair":
            found = list(of_twins([row for some in rows.values() for row in some]))
        else:
            found = [of_task(name, some) for name, some in sorted(rows.items()) if some]
        return [
            (replace(stratum, label=f"{self.cell}\0{stratum.label}"),
             [places[row.probe_id] for row in stratum.rows])
            for stratum in found
        ]  # fmt: skip

    def parts(self, ledger: Mapping[str, str]) -> list[Part]:
        """Return the metric's counts of an entry, a part a task, or one of pooled twins."""
        counted = []
        for stratum, places in self._strata:
            rows = tuple(self._rows[name][at][ledger[name][at]] for name, at in places)
            mine = replace(stratum, rows=rows)
            if (found := count(self.metric, mine)) and found.taken[0]:
                # The rows of a thousand entries need not stay.
                counted.append((stratum, found))
        if self.metric.unit == "pair":
            return [made.pooled(self.metric, counted, 0)] if counted else []
        return [made.pooled(self.metric, [one], 0) for one in counted]


def drawn(
    sheets: Sequence[Sheet], entries: Sequence[Entry], *, seed: int, draws: int = DRAWS
) -> Floats:
    """Return (entries, cells, draws) values of the metric; NaN where an entry has none."""
    found = [[sheet.parts(_ledger(entry, sheet.cell)) for sheet in sheets] for entry in entries]
    metric = sheets[0].metric
    made.draw(
        ((metric, part) for cells in found for parts in cells for part in parts),
        seed=seed,
        draws=draws,
    )
    values = np.full((len(entries), len(sheets), draws), np.nan)
    for i, cells in enumerate(found):
        for j, parts in enumerate(cells):
            sums = [part.draws for part in parts if part.draws is not None]
            if sums:
                values[i, j] = made.over(metric, sums)
    return values


def rank_intervals(
    values: Floats,
    shown: Sequence[float],
    *,
    models: Sequence[int],
    higher_is_better: bool,
    level: float,
    seed: int,
) -> list[RankInterval]:
    """Return the rank of each entry with its interval.

    Args:
        values: (entries, cells, draws).
        shown: the value that each entry is ranked by.
        models: of each cell, its model.
        higher_is_better: of the metric.
        level: of the intervals.
        seed: of the draw of models and seeds.
    """
    means = np.einsum("ecd,dc->ed", np.nan_to_num(values), _weights(models, values.shape[2], seed))
    sign = 1.0 if higher_is_better else -1.0
    means, point = sign * means, sign * np.asarray(shown, float)
    best = np.empty(means.shape)
    worst = np.empty(means.shape)
    for at in range(means.shape[1]):
        # A tie in the twelfth digit is a tie.
        column = np.round(means[:, at], 12)
        ordered = np.sort(column)
        best[:, at] = 1 + len(column) - np.searchsorted(ordered, column, side="right")
        worst[:, at] = len(column) - np.searchsorted(ordered, column, side="left")
    tail = (1 - level) / 2
    lo = np.quantile(best, tail, axis=1, method="inverted_cdf")
    hi = np.quantile(worst, 1 - tail, axis=1, method="inverted_cdf")
    rank = [1 + int((point > value).sum()) for value in point]
    return [
        RankInterval(r, int(min(r, a)), int(max(r, b)))
        for r, a, b in zip(rank, lo, hi, strict=True)
    ]


def _weights(models: Sequence[int], draws: int, seed: int) -> Floats:
    """Return (draws, cells) weights that sum to 1: models, then seeds within each, resampled."""
    cells = {model: [i for i, one in enumerate(models) if one == model] for model in models}
    if len(cells) == 1:
        return np.full((draws, len(models)), 1 / len(models))
    chance, names = stream(seed, "two-level"), sorted(cells)
    weights = np.zeros((draws, len(models)))
    for at in range(draws):
        for pick in chance.integers(0, len(names), len(names)):
            mine = cells[names[pick]]
            for cell in chance.choice(np.asarray(mine), len(mine)):
                weights[at, cell] += 1 / len(names) / len(mine)
    return weights


def tasks_over(board: Board, cell: Cell, over: str) -> list[str]:
    """Return the tasks of a cell that a column is over."""
    members: Iterable[str] = board.suites.get(over, (over,))
    there = {task.name for task in cell.tasks}
    return [name for name in sorted(set(members)) if name in there]


def over_of(board: Board, cell: Cell, asked: Questions, metric: Metric, over: str) -> list[str]:
    """Return the tasks whose rows a metric is made from: those that define it, or lend it twins."""
    specs = {spec.name: spec for spec in asked.specs}
    named_only = bool(getattr(metric, "named_only", False))
    found = []
    for name in tasks_over(board, cell, over):
        named = specs[name].metrics
        defines = metric.id in named if named or named_only else True
        if defines or (metric.unit == "pair" and TUNED_ON in named):
            found.append(name)
    return found


def _ledger(entry: Entry, cell: str) -> Mapping[str, str]:
    return next(part.ledger for part in entry.parts if part.cell == cell)


def _by_letter(spec: TaskSpec, probe: Probe, cell: str) -> dict[str, Row]:
    """Return the row of a probe for every outcome that it may have."""
    row = Row(
        task=spec.name,
        probe_id=probe.id,
        cluster=probe.cluster,
        pair=probe.pair,
        tags=(),
        expect=probe.expect,
        answering_is=spec.answering_is,
        outcome="undecided",
        separable=spec.shape_separable,
    )
    return {
        sign: replace(row, outcome=outcome, admitted=admitted)  # type: ignore[arg-type]
        for sign, (outcome, admitted) in LETTERS.items()
    }
