"""Trials are read whole, and the ones that the rule takes are marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iabench import jsonl
from iabench.errors import ConfigError
from iabench.studies.selection import read_trials


def trial(method: str, learned: float, aware: float, steps: int = 10) -> dict[str, Any]:
    return {
        "method": method,
        "settings": {},
        "paraphrase_accuracy": learned,
        "awareness_score": aware,
        "steps": steps,
    }


def test_the_rule_marks_one_a_method(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    trials = [
        trial("a", 1.0, 0.1), trial("a", 0.96, 0.3), trial("a", 0.9, 0.9),
        trial("b", 0.5, 0.9), trial("b", 0.6, 0.1),
        trial("c", 1.0, 0.2, 20), trial("c", 1.0, 0.2, 10),
    ]  # fmt: skip
    jsonl.write(path, trials)
    assert [one["chosen"] for one in read_trials(path)] == [
        False, True, False, False, True, False, True
    ]  # fmt: skip


def test_methods_that_label_questions_are_chosen_by_aed(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"

    def labelled(method: str, aed: float, steps: int = 10) -> dict[str, Any]:
        one = {"method": method, "settings": {}, "steps": steps}
        return {**one, "aed": aed, "over_refusal_rate": 0.1}

    jsonl.write(path, [labelled("a", 0.4), labelled("a", 0.3, 20), labelled("a", 0.3)])
    assert [one["chosen"] for one in read_trials(path)] == [False, False, True]
    jsonl.write(path, [labelled("a", 0.4), trial("b", 1.0, 0.1)])
    with pytest.raises(ConfigError, match='line 2: a trial has no "aed"'):
        read_trials(path)


def test_what_is_no_file_of_trials(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="of trials"):
        read_trials(tmp_path / "none.jsonl")
    jsonl.write(tmp_path / "x.jsonl", [{"method": "a"}])
    with pytest.raises(ConfigError, match='line 1: a trial has no "settings"'):
        read_trials(tmp_path / "x.jsonl")
