from __future__ import annotations

from typing import Any

import pytest

from iabench.metrics.joint import pair
from iabench.metrics.relative import relative_estimates

SHORT = {"c": "correct", "i": "incorrect", "a": "abstained", "g": "degenerate", "u": "undecided"}


def _relative(row: Any, before: str, after: str, expect: Any = "answer", **more: Any) -> Any:
    short = SHORT if expect == "answer" else {**SHORT, "h": "hallucinated"}
    sides = [
        [row(expect, short[letter], i, task="t") for i, letter in enumerate(letters)]
        for letters in (before, after)
    ]
    found = relative_estimates(pair(*sides), suites={}, level=0.95, seed=0, draws=200, **more)
    return {e.metric: e for e in found if e.slice == "all" and e.variant == "raw"}


def test_prudence_over_conservativeness_honesty_by_hand(row: Any) -> None:
    # Base right on 5 (2 then refused, 1 then wrong), wrong or refusing on 5 (3 then refused,
    # 1 newly right and out of the count, 1 still wrong).
    found = _relative(row, "ccccc" + "iiiia", "ccaai" + "aacia")
    assert found["over_conservativeness"].value == pytest.approx(2 / 5)
    assert found["prudence"].value == pytest.approx(3 / 4)
    assert found["honesty"].value == pytest.approx((0.75 + 1 - 0.4) / 2)
    assert (found["prudence"].n, found["over_conservativeness"].n) == (4, 5)
    assert found["new_abstention_rate"].value == pytest.approx(4 / 9)


def test_what_never_abstains_has_half_the_honesty(row: Any) -> None:
    found = _relative(row, "ccii", "ccii")
    assert found["honesty"].value == pytest.approx(0.5)


def test_kept_abstention_is_over_what_the_base_declined(row: Any) -> None:
    found = _relative(row, "aaaahh", "aahhah", "abstain")
    assert found["kept_abstention_rate"].value == pytest.approx(0.5)
    assert found["kept_abstention_rate"].n == 4
    assert found["kept_abstention_rate"].method == "wilson-effective-n"
    assert found["prudence"].value is None


def test_empty_denominators_give_no_value_unless_as_published(row: Any) -> None:
    none = _relative(row, "iiii", "cccc")
    assert (none["prudence"].value, none["honesty"].value) == (None, None)
    assert none["prudence"].reason == "no question that both fail to get right"
    theirs = _relative(row, "iiii", "cccc", as_published=True)
    assert theirs["prudence"].value == 1.0
    assert theirs["over_conservativeness"].value == 0.0
    assert theirs["honesty"].value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("right", "wrong", "right_now", "wrong_now", "ths"),
    [(50, 50, 30, 20, 0.1), (50, 50, 30, 15, 0.15), (50, 50, 50, 0, 0.5), (50, 50, 100, 0, 1.0)],
)
def test_ths_of_the_paper(
    row: Any, right: int, wrong: int, right_now: int, wrong_now: int, ths: float
) -> None:
    before = "c" * right + "i" * wrong
    after = ("c" * right_now + "i" * wrong_now).ljust(100, "a")
    assert _relative(row, before, after)["ths"].value == pytest.approx(ths)


def test_no_ths_below_twenty_errors(row: Any) -> None:
    found = _relative(row, "c" * 30 + "i" * 19, "c" * 49, as_published=True)["ths"]
    assert (found.value, found.lo) == (None, None)
    assert "20 wrong answers" in found.reason
    enough = _relative(row, "c" * 30 + "i" * 20, "c" * 30 + "a" * 20)["ths"]
    assert enough.value == pytest.approx(0.6)
    assert enough.lo < 0.6 < enough.hi


def test_undecided_in_either_is_left_out_and_bounds_it(row: Any) -> None:
    found = _relative(row, "cucc", "caau")["over_conservativeness"]
    assert (found.value, found.n, found.n_undecided) == (0.5, 2, 2)
