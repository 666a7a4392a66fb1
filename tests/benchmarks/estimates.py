"""Seconds and memory of all estimates of 100,000 rows: python -m tests.benchmarks.estimates.

Beside it, in the same run, one interval of one metric by `scipy.stats.bootstrap` (percentile).
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import numpy as np
from scipy.stats import bootstrap

from iabench.metrics.base import METRICS, Row
from iabench.metrics.estimate import estimates
from iabench.records import Outcome
from iabench.rng import stream
from tests.benchmarks.memory import peak_mb

TASKS = ("known-a", "known-b", "invented-a", "invented-b", "world")
SUITES = {"suite": TASKS, "half": TASKS[:3]}
ANSWERED: tuple[Outcome, ...] = ("correct", "incorrect", "abstained", "degenerate", "undecided")
DECLINED: tuple[Outcome, ...] = ("abstained", "hallucinated", "degenerate", "undecided")


def ledger(n: int) -> list[Row]:
    """Return n rows: 5 tasks, clusters of 2 or 3, 30 slices, 1 % undecided."""
    chance = stream(0, "benchmark")
    each = n // len(TASKS)
    rows = []
    for number, task in enumerate(TASKS):
        answers = chance.choice(ANSWERED, size=each, p=[0.7, 0.15, 0.1, 0.04, 0.01])
        declines = chance.choice(DECLINED, size=each, p=[0.8, 0.15, 0.04, 0.01])
        for i in range(each):
            entity = i * 2 // 5
            known = task.startswith("known") or (task == "world" and entity % 2 == 0)
            twin = entity if task != "world" else entity // 2
            outcome = str(answers[i] if known else declines[i])
            rows.append(
                Row(
                    task=task,
                    probe_id=f"{task}/{i}",
                    cluster=f"entity-{entity}",
                    pair=f"{'world' if task == 'world' else number % 2}-{twin}",
                    tags=(("relation", f"r{entity % 24}"), ("wording", f"w{i % 6}")),
                    expect="answer" if known else "abstain",
                    answering_is=None if known else "fabrication",
                    outcome=outcome,  # type: ignore[arg-type]
                    admitted=outcome == "abstained",
                )
            )
    return rows


def by_scipy(rows: list[Row], task: str, draws: int) -> tuple[float, float]:
    """Return the percentile interval of `aed` of one task over its clusters."""
    mine = [r for r in rows if r.task == task and r.outcome != "undecided"]
    _, cluster = np.unique([r.cluster for r in mine], return_inverse=True)
    right, wrong, n = (
        np.bincount(cluster, [outcome is None or r.outcome == outcome for r in mine])
        for outcome in ("correct", "incorrect", None)
    )

    def aed(*cells: Any, axis: int = -1) -> Any:
        c, i, d = (cell.sum(axis) for cell in cells)
        return np.sqrt((i**2 + (d - c) ** 2) / (2 * d**2))

    found = bootstrap(
        (right, wrong, n),
        aed,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=draws,
        batch=200,
        rng=np.random.default_rng(0),
    )
    return found.confidence_interval.low, found.confidence_interval.high


def main() -> None:
    """Print what it took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--draws", type=int, default=2000)
    asked = options.parse_args()
    rows = ledger(asked.rows)
    metrics = [METRICS.get(name)() for name in METRICS.names()]
    before = peak_mb()
    start, worked = time.perf_counter(), time.process_time()
    found = estimates(rows, suites=SUITES, metrics=metrics, level=0.95, seed=0, draws=asked.draws)
    ours, worked = time.perf_counter() - start, time.process_time() - worked
    after = peak_mb()
    start = time.perf_counter()
    by_scipy(rows, TASKS[0], asked.draws)
    theirs = time.perf_counter() - start
    clusters = len({(row.task, row.cluster) for row in rows})
    each = f"{len(found) * theirs / ours:,.0f}"
    lines = (
        f"{len(rows):,} rows, {clusters:,} clusters, {len(metrics)} metrics, {asked.draws:,} draws",
        f"all {len(found):,} estimates  {ours:6.2f} s ({worked:.2f} of CPU)  peak {after:,.0f} MB (rows {before:,.0f} MB)",
        f"one by scipy       {theirs:6.2f} s  {each} times the time of one of ours",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
