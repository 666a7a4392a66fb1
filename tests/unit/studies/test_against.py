"""Differences of methods: the verdict needs the interval, the test and every model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from iabench.metrics.base import Row
from iabench.records import Outcome
from iabench.studies.against import differences_of, two_level
from iabench.studies.best import best, not_told_apart
from iabench.studies.spec import Cell, Method


@dataclass(frozen=True)
class Fake:
    """A cell with given answers."""

    cell: Cell
    rows: list[Row]
    made: bool = True


def cell(
    name: str, refused: int, *, model: int = 0, seed: int = 0, n: int = 40, right: int | None = None
) -> Any:
    """Return the answers of a method: `refused` of the new names; `right` of a mix, if there is."""

    def row(task: str, at: int, outcome: Outcome) -> Row:
        known = task != "study-unknown-same"
        return Row(
            task=task,
            probe_id=f"{model}.{seed}/{task}/{at}",
            cluster=f"{model}.{seed}/{task}/{at}",
            pair=f"{model}.{seed}/{at}",
            tags=(("relation", "r"),),
            expect="answer" if known else "abstain",
            answering_is=None if known else "fabrication",
            outcome=outcome,
            admitted=outcome == "abstained",
        )

    rows = [row("study-known-same", at, "correct") for at in range(n)]
    rows += [
        row("study-unknown-same", at, "abstained" if at < refused else "hallucinated")
        for at in range(n)
    ]
    if right is not None:
        rows += [
            row("study-mix-same", at, "correct" if at < right else "incorrect") for at in range(n)
        ]
    method = Method(name=name, source="preset")
    return Fake(Cell(method=method, model=model, seed=seed), rows)


def verdict(found: Any, name: str) -> str:
    return str(found[name]["refusal_accuracy"]["verdict"])


def test_far_apart_and_not_told_apart() -> None:
    cells = {"seat": [cell("seat", 30)], "full": [cell("full", 2)], "mine": [cell("mine", 31)]}
    found = differences_of(cells, "seat", known="known_same", level=0.95)
    assert set(found) == {"full", "mine"}
    assert found["full"]["refusal_accuracy"]["value"] == pytest.approx(-0.7)
    assert verdict(found, "full") == "worse"
    assert verdict(found, "mine") == "not told apart"
    assert found["full"]["awareness_score"]["value"] == pytest.approx(-0.7)
    assert found["full"]["refusal_accuracy"]["p_adjusted"] >= found["full"]["refusal_accuracy"]["p"]


def test_only_cells_of_the_same_model_and_seed_are_compared() -> None:
    cells = {"a": [cell("a", 30, seed=1)], "b": [cell("b", 2, seed=0)]}
    assert differences_of(cells, "a", known="known_same", level=0.95) == {}


def test_a_sign_that_differs_between_models_is_no_difference() -> None:
    def of(refused: tuple[int, int, int], name: str) -> list[Any]:
        return [cell(name, n, model=m, seed=s) for m, n in enumerate(refused) for s in range(2)]

    mixed = {"a": of((10, 10, 10), "a"), "b": of((40, 40, 9), "b")}
    same = {"a": of((10, 10, 10), "a"), "b": of((40, 40, 30), "b")}
    one = differences_of(mixed, "a", known="known_same", level=0.95)["b"]["refusal_accuracy"]
    other = differences_of(same, "a", known="known_same", level=0.95)["b"]["refusal_accuracy"]
    assert one["by_model"] == [0.75, 0.75, -0.025]
    assert one["verdict"] == "not told apart"
    assert other["verdict"] == "better"
    assert other["lo"] > 0


def test_what_the_best_is_not_told_apart_from() -> None:
    """Against the best itself, whatever the study compares with; none where nobody has a mean."""
    cells = {
        name: [cell(name, n)] for name, n in (("base", 40), ("seat", 10), ("a", 31), ("b", 32))
    }
    nothing = {"mean": None}

    def row(name: str) -> dict[str, Any]:
        n = {"base": 40, "seat": 10, "a": 31, "b": 32}[name]
        metrics = ("accuracy", "over_refusal_rate", "finetuning_accuracy", "awareness_score")
        return {
            "method": name, "incomplete": [], "refusal_accuracy": {"mean": n / 40},
            **dict.fromkeys(metrics, nothing),
        }  # fmt: skip

    rows = [row(name) for name in cells]
    assert best(rows, "refusal_accuracy", "seat") == ("b",)
    assert best(rows, "accuracy", "seat") == ()
    found = not_told_apart(cells, rows, against="seat", known="known_same", level=0.95)
    assert found == {"refusal_accuracy": {"best": "b", "alike": ["a"]}}
    rows[3]["incomplete"] = [{"model": 0, "seed": 1}]
    assert best(rows, "refusal_accuracy", "seat") == ("a",)


def test_the_distance_over_a_mix_is_compared() -> None:
    """The lower, the better: 0 is all right, 1 all wrong."""
    cells = {
        name: [cell(name, 10, right=right)] for name, right in (("a", 40), ("b", 38), ("c", 0))
    }
    found = differences_of(cells, "a", known="known_same", level=0.95)
    assert found["c"]["mix_same.aed"]["value"] == pytest.approx(1)
    assert found["c"]["mix_same.aed"]["verdict"] == "worse"
    assert found["b"]["mix_same.aed"]["verdict"] == "not told apart"
    assert "mix_other.aed" not in found["b"]
    assert "aed" not in found["b"]


def test_two_levels_are_wider_than_one() -> None:
    lo, hi = two_level([[0.1, 0.2], [0.5, 0.6], [0.9, 1.0]], 0.95)
    assert lo < 0.2
    assert hi > 0.9
    assert two_level([[0.3], [0.3]], 0.95) == pytest.approx((0.3, 0.3))
