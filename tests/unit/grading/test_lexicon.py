"""Weights by the names of signals."""

from __future__ import annotations

from pathlib import Path

import pytest

from iabench import jsonl
from iabench.grading.lexicon import Lexicon, probability, read_lexicon, shipped

SMALL = Lexicon(
    bias=-1.0,
    slope=2.0,
    abstains={"r:a": 3.0, "w:b": -0.5},
    kinds={"ignorance": {"": 0.5, "r:a": -1.0}, "unknowable": {"": -2.0, "r:a": 1.0}},
)


def test_a_logit_is_the_sum_of_weights_times_the_slope() -> None:
    assert SMALL.logit({}) == -2.0
    assert SMALL.logit({"r:a": 1.0, "w:b": 2.0, "w:unknown": 5.0}) == 2.0 * (-1 + 3 - 1)
    assert probability(0) == 0.5
    assert probability(1e9) == pytest.approx(1)


def test_kinds_are_the_likely_ones_or_else_the_likeliest() -> None:
    assert SMALL.kinds_of({}) == ("ignorance",)
    assert SMALL.kinds_of({"r:a": 1.0}) == ("ignorance",)
    assert SMALL.kinds_of({"r:a": 3.0}) == ("unknowable",)


def test_it_is_read_from_a_file(tmp_path: Path) -> None:
    told = {"bias": -1.0, "slope": 2.0, "abstains": {"r:a": 3.0}, "kinds": {"ignorance": {"": 0.5}}}
    jsonl.write_json(tmp_path / "l.json", told)
    assert read_lexicon(tmp_path / "l.json").logit({"r:a": 1.0}) == 4.0


def test_what_ships_knows_every_kind() -> None:
    assert len(shipped().kinds) == 7
    assert shipped().slope > 0
