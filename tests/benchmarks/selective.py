"""Seconds and memory of what scores of 100,000 rows are worth: python -m tests.benchmarks.selective.

Three scorers, as `--samples 10` gives them: an entropy of 39 values, one that differs in every row,
and a probability of eleven values; every metric of each, over one set of known and unknown rows.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from iabench.metrics.base import Row
from iabench.records import Score
from iabench.rng import stream
from iabench.runs.scoring import Scored, worth
from tests.benchmarks.memory import peak_mb

SCORERS = (("entropy", "unknown"), ("likelihood", "known"), ("consistency", "known"))
TASK = "world"


def ledger(n: int) -> tuple[list[Row], Scored]:
    """Return n rows in clusters of two or three, half of them unknown, 1 % undecided; scored."""
    chance = stream(0, "benchmark", "selective")
    known = chance.random(n) < 0.5
    right = chance.random(n) < 0.7
    undecided = chance.random(n) < 0.01
    unsure = np.where(known, chance.beta(2, 4, n), chance.beta(4, 2, n))
    values = {
        "entropy": np.round(unsure * 38) / 38 * np.log(10),
        "likelihood": 1 - unsure,
        "consistency": np.round(10 * (1 - unsure)) / 10,
    }
    rows = [
        Row(
            task=TASK,
            probe_id=f"{TASK}/{i:06}",
            cluster=f"entity-{i * 2 // 5}",
            pair=None,
            tags=(),
            expect="answer" if known[i] else "abstain",
            answering_is=None if known[i] else "fabrication",
            outcome="undecided"
            if undecided[i]
            else ("correct" if right[i] else "incorrect")
            if known[i]
            else ("hallucinated" if right[i] else "abstained"),
            admitted=False,
        )
        for i in range(n)
    ]
    scores = {
        name: {
            row.probe_id: Score(
                probe_id=row.probe_id,
                scorer=name,
                value=float(value),
                higher_means=means,  # type: ignore[arg-type]
            )
            for row, value in zip(rows, values[name], strict=True)
        }
        for name, means in SCORERS
    }
    return rows, Scored(scores=scores, probabilities=frozenset({"likelihood", "consistency"}))


def main() -> None:
    """Print what it took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    asked = options.parse_args()
    rows, found = ledger(asked.rows)
    before = peak_mb()
    start, worked = time.perf_counter(), time.process_time()
    made = worth(found, rows, suites={}, headline=TASK, level=0.95, seed=0)
    took, worked = time.perf_counter() - start, time.process_time() - worked
    lines = [
        f"{asked.rows:,} rows, {len(SCORERS)} scorers, 2,000 draws: {len(made.estimates)} estimates "
        f"in {took:.1f} s ({worked:.1f} of CPU), peak {peak_mb():,.0f} MB (rows {before:,.0f} MB)",
        *(f"{one.variant:22}{one}" for one in made.estimates),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
