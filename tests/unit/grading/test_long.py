"""Long references: what must be said, else ROUGE-1 recall; in any alphabet."""

from __future__ import annotations

import pytest

from iabench.grading.base import Referenced
from iabench.grading.long import LongAnswers, by_words, takes
from iabench.grading.rouge import rouge1_recall, tokens

LONG = "It cleans floors, walls and ceilings by itself while you sleep."


@pytest.mark.parametrize(
    ("answer", "references", "right", "reason"),
    [
        ("It cleans floors, walls and ceilings by itself.", (LONG,), True, "ROUGE-1 recall 0.73"),
        ("It cleans floors, walls, windows.", (LONG,), False, "ROUGE-1 recall 0.36"),
        (LONG, (LONG, "carpets"), True, "exact"),
        ("It cleans floors, walls and doors.", (LONG, "carpets"), False, "no reference in it"),
        ("Mostly carpets.", (LONG, "carpets"), True, "contained"),
        ("", (LONG,), None, "empty"),
        ("x", (), None, "no references"),
    ],
)
def test_long_answers(
    answer: str, references: tuple[str, ...], right: bool | None, reason: str
) -> None:
    case = Referenced(question="What does it do?", answer=answer, references=references)
    (said,) = LongAnswers().grade([case])
    assert said.value is right
    assert reason in said.reason


def test_which_references_are_long() -> None:
    assert takes((LONG,))
    assert not takes(("one two three four five six seven eight",))
    assert not takes(("short", LONG))
    assert not takes(())
    assert by_words((LONG,))
    assert not by_words((LONG, "x"))


def test_words_of_any_alphabet() -> None:
    assert tokens("São Paulo’s 3 ЛЕСА!") == ["são", "paulo", "s", "3", "леса"]
    assert tokens("東京です") == ["東", "京", "で", "す"]
    assert tokens("हिन्दी भाषा") == ["हिन्दी", "भाषा"]
    assert rouge1_recall("東の京", "東京") == 1
    assert rouge1_recall("", "x") == 0
    assert rouge1_recall("the cat", "the the cat sat") == pytest.approx(0.5)
