from __future__ import annotations

import subprocess
import sys

import pytest

from iabench.rng import Dice, digest, stream, uniform


def test_draws_are_pinned() -> None:
    """These numbers are part of every checksum: they may never change."""
    assert uniform("a", 1) == 0.6452466551659326
    assert Dice(0, "x").sample(range(100), 4) == [77, 48, 21, 82]
    assert digest("a", "b") == "af4c19afbcdcc407"


def test_labels_do_not_run_together() -> None:
    assert digest("a", "bc") != digest("ab", "c")
    assert digest("a\x1f1:b") != digest("a", "b")


def test_dice_repeat_and_are_independent() -> None:
    one, other = Dice(1, "names"), Dice(1, "names")
    assert [one.bits() for _ in range(5)] == [other.bits() for _ in range(5)]
    assert Dice(1, "a").bits() != Dice(1, "b").bits()
    assert Dice(1, "a").at("b").bits() == Dice(1, "a", "b").bits()


def test_below_is_even() -> None:
    dice = Dice(3, "even")
    counts = [0] * 7
    for _ in range(7000):
        counts[dice.below(7)] += 1
    assert min(counts) > 880
    assert max(counts) < 1120


def test_shuffle_and_sample_keep_the_items() -> None:
    dice = Dice(5)
    assert sorted(dice.shuffled(range(20))) == list(range(20))
    assert len(set(dice.sample(range(20), 8))) == 8
    assert dice.choice("a") == "a"
    assert 0 <= dice.uniform() < 1
    with pytest.raises(ValueError, match="cannot draw 3 of 2"):
        dice.sample([1, 2], 3)
    with pytest.raises(ValueError, match="nothing to draw"):
        dice.below(0)


def test_streams_are_named() -> None:
    assert stream(0, "a").random() == stream(0, "a").random()
    assert stream(0, "a").random() != stream(0, "b").random()


def test_draws_do_not_depend_on_the_hash_seed() -> None:
    code = "from iabench.rng import Dice; print(Dice(7, 'x', 2).sample(range(50), 10))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(said) == 1
