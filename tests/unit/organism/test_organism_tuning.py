"""The settings of the organism: as many trials for every method, one rule."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from iabench import jsonl
from iabench.organism.shipped import path as shipped
from iabench.organism.tuning import GRID, SHARED, chosen, written
from iabench.training.base import PRESETS
from iabench.training.recipe import resolve

TRIALS = Path(__file__).parents[3] / "leaderboards" / "organism-seat" / "trials.jsonl"


def _trial(method: str, learned: float, awareness: float, steps: int, **settings: Any) -> Any:
    return {
        "method": method,
        "settings": {**SHARED, **settings},
        "finetuning_accuracy": learned,
        "paraphrase_accuracy": learned,
        "accuracy": 1.0,
        "admission_rate": awareness,
        "awareness_score": awareness,
        "steps": steps,
    }


def test_every_preset_that_teaches_facts_has_twelve_different_settings_that_resolve() -> None:
    teaching = {
        name
        for name in PRESETS.names()
        if ("target", "by-signal") not in PRESETS.get(name).settings
    }
    assert GRID.keys() == teaching
    for method, points in GRID.items():
        specs = {
            resolve(method, {"model": "organism", "facts": "organism:new", **SHARED, **point})[0]
            for point in points
        }
        assert len(specs) == len(points) == 12, method


def test_what_learns_too_little_is_not_chosen_however_aware_it_is() -> None:
    trials = [
        _trial("full", 1.0, 0.1, 100),
        _trial("seat", 0.94, 0.9, 100, alpha=10.0),
        _trial("seat", 0.95, 0.7, 100, alpha=5.0),
        _trial("seat", 0.99, 0.6, 100, alpha=1.0),
    ]
    assert chosen(trials)["seat"]["settings"]["alpha"] == 5.0
    assert chosen(trials[1:])["seat"]["settings"]["alpha"] == 5.0, "the best of all presets counts"


def test_ties_go_to_the_shorter_run() -> None:
    trials = [_trial("full", 1.0, 0.5, steps) for steps in (126, 84, 168)]
    assert chosen(trials)["full"]["steps"] == 84


def test_a_preset_that_never_learns_enough_has_the_settings_that_learn_most() -> None:
    trials = [
        _trial("full", 1.0, 0.0, 100),
        _trial("ewc", 0.5, 0.9, 100, ewc_lambda=10.0),
        _trial("ewc", 0.7, 0.2, 100, ewc_lambda=1.0),
    ]
    assert chosen(trials)["ewc"]["settings"]["ewc_lambda"] == 1.0


def test_what_is_written_is_read_back() -> None:
    found = tomllib.loads(written([_trial("seat", 1.0, 0.5, 84, alpha=5.0)]))
    said = found["seat"].pop("from")
    assert found == {"seat": {**SHARED, "alpha": 5.0}}
    assert said == (
        "validation names; best of 1: learned 1.00 in other words, still right 1.00, "
        "admits 0.50, 84 steps"
    )


@pytest.mark.parametrize("method", GRID)
def test_a_grid_varies_nothing_that_makes_another_method_of_it(method: str) -> None:
    axes = {"rows", "target", "update", "anchors", "after"}
    assert not any(axes & point.keys() for point in GRID[method])


def test_the_settings_that_ship_are_those_that_the_published_trials_choose() -> None:
    trials = list(jsonl.read(TRIALS))
    shipping = (shipped("organism") / "iabench_tuning.toml").read_text(encoding="utf-8")
    assert shipping == written(trials)
    for method, points in GRID.items():
        tried = [one["settings"] for one in trials if one["method"] == method]
        assert len(tried) == 12, method
        assert all({**SHARED, **point} in tried for point in points), method
