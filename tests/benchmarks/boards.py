"""A board of 1,000 entries, built: `python -m tests.benchmarks.boards [N]`.

Entries of the questions of `core`, with outcomes drawn at random; their answers are those of one
scripted run, as pages show a few of them and `build` reads no more. Every entry is ranked.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from iabench.leaderboards import board as boards
from iabench.leaderboards import make
from iabench.leaderboards.build import build
from iabench.rng import Dice
from iabench.runs.runner import evaluate
from tests.benchmarks.memory import peak_mb

ABOUT = {"submitted_by": "a benchmark", "licence": "none"}


def main(n: int = 1000) -> float:
    """Build a board of n entries and return the seconds that it took."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["IABENCH_RUNS"] = place
        folder = Path(place) / "board"
        board = make.new(folder, ["core"])
        run = evaluate("random", backend="scripted", tasks="core", out=Path(place) / "run")
        make.add(folder, board, run.path, name="e0", about=ABOUT)
        _copies(folder, n)
        start, used = time.perf_counter(), time.process_time()
        found, paths = build(folder, boards.read(folder))
        seconds, cpu = time.perf_counter() - start, time.process_time() - used
        peak = peak_mb()
        assert len(found.rows) == n
        assert all(row.rank for row in found.rows)
        questions = sum(task.n for task in board.cells[0].tasks)
        print(f"{n:,} entries of {questions:,} answers, {len(paths):,} files")
        print(f"built in {seconds:.1f} s ({cpu:.1f} of CPU), peak {peak:.0f} MB")
        return cpu


def _copies(folder: Path, n: int) -> None:
    first = json.loads((folder / "entries/e0.json").read_text())
    for number in range(1, n):
        name = f"e{number}"
        ledger = {
            task: "".join(_drawn(Dice(number, task), letter) for letter in letters)
            for task, letters in first["parts"][0]["ledger"].items()
        }
        part = {**first["parts"][0], "ledger": ledger}
        about = {**first["about"], "model": f"model {number}"}
        entry = {**first, "name": name, "file": f"{name}.jsonl.gz", "about": about, "parts": [part]}
        (folder / "entries" / f"{name}.json").write_text(json.dumps(entry))
        shutil.copy(folder / "entries/e0.jsonl.gz", folder / "entries" / f"{name}.jsonl.gz")


def _drawn(dice: Dice, letter: str) -> str:
    """Return another outcome now and then, of the same side."""
    sides = {"c": "ci", "i": "ci", "A": "Ah", "h": "Ah", "a": "ch"}
    return letter if dice.bits() % 4 else sides.get(letter, letter)[dice.bits() % 2]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
