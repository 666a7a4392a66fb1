from __future__ import annotations

import pytest

from iabench.uncertainty.equality import bare


@pytest.mark.parametrize(
    "forms",
    [
        ("Paris", "Paris.", "It is Paris.", "The capital is Paris.", "it's Paris", "PARIS"),
        ("1950.", "It is 1950.", "The birth year is 1950.", "It was in 1950."),
        ("Henry Fielding", "It was written by Henry Fielding.", "It was Henry Fielding"),
        ("Peru.", "The mountain stands in Peru.", "It is in Peru."),
        ("sol", "It is the sol.", "The currency is the sol."),
    ],
)
def test_one_answer_in_several_forms(forms: tuple[str, ...]) -> None:
    assert len({bare(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It is Paris.", "It is not Paris."),
        ("The Tarn is long.", "The Lot is long."),
        ("The capital is Paris.", "The capital is Rome."),
        ("1950", "1951"),
        ("", "It is Paris."),
    ],
)
def test_different_answers_stay_apart(one: str, other: str) -> None:
    assert bare(one) != bare(other)


def test_nothing_is_nothing() -> None:
    assert bare("  ") == ""
    assert bare("It is") != ""
