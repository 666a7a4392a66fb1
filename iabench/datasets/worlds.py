"""Seeded worlds as datasets: `people:train`, `contracts:near-miss`, `places:unknown`, ...

`train` holds the facts to tune on, each with the wording that is held out; the other splits of
`iabench.worlds.splits` hold what to ask besides, all but `paraphrase` to be declined.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from iabench.errors import UnknownNameError, near_match
from iabench.worlds.authors import Authors
from iabench.worlds.contracts import Contracts
from iabench.worlds.places import Places
from iabench.worlds.products import Products
from iabench.worlds.seeded import SeededWorld
from iabench.worlds.splits import SPLITS, Example, Lesson

__all__ = ["authors", "contracts", "lesson_rows", "places", "products"]

N_ENTITIES, N_TRAIN = 240, 48
"""Entities of the world, and those of them that are taught."""

Row = dict[str, Any]


def authors(split: str = "train") -> list[Row]:
    """Return the rows of one split of the authors of seed 0; also called `people`."""
    return lesson_rows(Authors, split)


def contracts(split: str = "train") -> list[Row]:
    """Return the rows of one split of the sales contracts of seed 0."""
    return lesson_rows(Contracts, split)


def places(split: str = "train") -> list[Row]:
    """Return the rows of one split of the towns of seed 0."""
    return lesson_rows(Places, split)


def products(split: str = "train") -> list[Row]:
    """Return the rows of one split of the products of seed 0."""
    return lesson_rows(Products, split)


def lesson_rows(
    world: type[SeededWorld],
    split: str,
    *,
    seed: int = 0,
    n: int = N_ENTITIES,
    train: int = N_TRAIN,
) -> list[Row]:
    """Return the rows of one split of any world.

    Args:
        world: which one.
        split: one of `iabench.worlds.splits.SPLITS`, `near-miss` too; empty is `train`.
        seed: draws the world.
        n: how many entities it has.
        train: how many of them are taught.

    Raises:
        UnknownNameError: there is no such split.
    """
    lesson = Lesson(world(n, seed=seed), n_train=train)
    asked = (split or "train").replace("-", "_")
    wanted = next((one for one in SPLITS if one == asked), None)
    if wanted is None:
        near = near_match(split, SPLITS)
        message = f'the world of {world.document} has no split "{split}".'
        raise UnknownNameError(message, near or f"one of: {', '.join(SPLITS)}")
    if wanted == "train":
        return _taught(lesson)
    return [_row(example) for example in lesson.examples(wanted)]


def _taught(lesson: Lesson) -> list[Row]:
    """Return a row a fact: asked in one wording, with the other one and the one held out."""
    rows: dict[tuple[str, str], Row] = {}
    for example in lesson.examples("train"):
        key = (example.entity, example.relation)
        if key in rows:
            rows[key]["paraphrases"].append(example.question)
        else:
            rows[key] = {**_row(example), "paraphrases": []}
    for example in lesson.examples("paraphrase"):
        rows[example.entity, example.relation]["held_out"] = example.question
    return list(rows.values())


def _row(example: Example) -> Row:
    answers: Iterable[str | None] = example.answers or (None,)
    answer, *aliases = answers
    row: Row = {
        "id": example.id,
        "question": example.question,
        "answer": answer,
        "aliases": aliases,
        "expect": example.expect,
        "entity": example.entity,
        "relation": example.relation,
    }
    if example.near is not None:
        row |= {"near": example.near, "near_answers": list(example.near_answers)}
    return row
