"""Seconds and peak memory of whole worlds: python -m tests.benchmarks.worlds [--entities N].

Each world is made in a process of its own: every fact of every entity, and for `--lessons` every
question of every split as well.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from iabench.worlds.authors import Authors
from iabench.worlds.contracts import Contracts
from iabench.worlds.places import Places
from iabench.worlds.products import Products
from iabench.worlds.seeded import SeededWorld
from iabench.worlds.splits import SPLITS, Lesson
from tests.benchmarks.memory import peak_mb

WORLDS: dict[str, type[SeededWorld]] = {
    "authors": Authors,
    "contracts": Contracts,
    "places": Places,
    "products": Products,
}


def measured(name: str, n: int, lessons: bool) -> tuple[int, int, int, float, float, float]:
    """Return main entities, all, facts (or questions), seconds, of CPU, and peak MB."""
    start, worked = time.perf_counter(), time.process_time()
    world = WORLDS[name](n)
    main = sum(world.size(kind) for kind in world.main)
    entities = sum(world.size(kind) for kind in world.kinds)
    if lessons:
        lesson = Lesson(world, n_train=world.size(world.main[0]) // 2)
        made = sum(1 for split in SPLITS for _ in lesson.examples(split))
    else:
        made = sum(1 for _ in world.facts)
    start, worked = time.perf_counter() - start, time.process_time() - worked
    return main, entities, made, start, worked, peak_mb()


def main() -> None:
    """Print a line a world."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entities", type=int, default=100_000)
    options.add_argument("--lessons", action="store_true", help="questions instead of facts")
    asked = options.parse_args()
    made = "questions" if asked.lessons else "facts"
    for name in WORLDS:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            found = fresh.submit(measured, name, asked.entities, asked.lessons).result()
        n, entities, count, seconds, worked, peak = found
        sys.stdout.write(
            f"{name:10} {n:9,} entities ({entities:9,} with all kinds)  {count:10,} {made}"
            f"  {seconds:6.1f} s ({worked:.1f} of CPU)  {peak:5,.0f} MB\n"
        )


if __name__ == "__main__":
    main()
