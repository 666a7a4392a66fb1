"""The settings of methods that label questions: as many trials for each, one rule, kept apart."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from iabench import jsonl
from iabench.organism.shipped import path as shipped
from iabench.studies.entropy_trials import GRID, MODEL, REPORTED, SEED, SHARED, chosen, written
from iabench.studies.mix import asked_apart, mix
from iabench.studies.presets import named_study
from iabench.training.recipe import resolve

TRIALS = Path(__file__).parents[3] / "leaderboards" / "organism-se-tuning" / "trials.jsonl"


def _trial(method: str, aed: float, steps: int = 31, **settings: Any) -> dict[str, Any]:
    return {
        "method": method,
        "settings": {**SHARED, **settings},
        "aed": aed,
        "accuracy": 0.9,
        "over_refusal_rate": 0.1,
        "refusal_accuracy": 0.5,
        "steps": steps,
    }


def test_every_row_of_the_study_has_as_many_different_settings_that_resolve() -> None:
    rows = {row.name: row for row in named_study("se-tuning").methods}
    assert rows.keys() <= GRID.keys()
    axes = {"rows", "target", "anchors", "after", "signal", "kept", "abstention"}
    for method, points in GRID.items():
        typed = {"model": MODEL, "questions": "organism:questions", **SHARED}
        preset = rows[method].preset if method in rows else method
        specs = {resolve(preset, {**typed, **point})[0] for point in points}
        assert len(specs) == len(points) == 6, method
        assert not any(axes & point.keys() for point in points)


def test_the_lowest_aed_is_chosen_and_of_equal_ones_the_shorter_run() -> None:
    trials = [
        _trial("se-tuning", 0.48, threshold=1.75),
        _trial("se-tuning", 0.46, 62, threshold=2.0),
        _trial("se-tuning", 0.46, 31, threshold=2.25),
        _trial("r-tuning", 0.5),
    ]
    best = chosen(trials)
    assert best["se-tuning"]["settings"]["threshold"] == 2.25
    assert best["r-tuning"]["aed"] == 0.5


def test_what_is_written_is_read_back() -> None:
    found = tomllib.loads(written([_trial("se-tuning", 0.46, threshold=2.0)]))
    said = found["se-tuning"].pop("from")
    assert found == {"se-tuning": {**SHARED, "threshold": 2.0}}
    assert said == (
        "validation questions; best of 1: AED 0.460, still right 0.90, declines 0.50 of what was "
        "never taught and 0.10 of what was, 31 steps"
    )


def test_nothing_that_a_study_reports_chooses_a_setting() -> None:
    asked = {(f.kind, f.entity) for part in asked_apart(SEED, REPORTED) for f in part}
    tuned = mix(SEED).entities
    assert SEED not in REPORTED
    assert not tuned & {entity for _, entity in asked}
    for seed in REPORTED:
        told = mix(seed)
        assert not asked & {(f.kind, f.entity) for f in (*told.same, *told.other)}


def test_as_many_questions_are_of_the_relations_tuned_on_as_of_others() -> None:
    same, other = asked_apart(SEED, REPORTED)
    relations = {str(row["relation"]) for row in mix(SEED).questions}
    assert {fact.relation for fact in same} <= relations
    assert not {fact.relation for fact in other} & relations
    assert len(same) == pytest.approx(len(other), abs=5)


def test_the_settings_that_ship_are_those_that_the_published_trials_choose() -> None:
    trials = list(jsonl.read(TRIALS))
    shipping = (shipped(MODEL) / "iabench_tuning.toml").read_text(encoding="utf-8")
    assert shipping == written(trials)
    for method, points in GRID.items():
        tried = [one["settings"] for one in trials if one["method"] == method]
        assert len(tried) == 6, method
        assert all({**SHARED, **point} in tried for point in points), method
