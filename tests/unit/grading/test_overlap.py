"""The graders that count words: `f1` and `rouge`."""

from __future__ import annotations

import time
from typing import Any

import pytest

from iabench.grading.base import Referenced
from iabench.grading.f1 import F1, token_f1
from iabench.grading.rouge import Rouge, rouge_l_recall


def graded(grader: Any, answer: str, *references: str) -> tuple[bool | None, str]:
    case = Referenced(question="q", answer=answer, references=references)
    (judged,) = grader.grade([case])
    return judged.value, judged.reason


@pytest.mark.parametrize(
    ("answer", "reference", "f1"),
    [
        ("Paris", "paris", 1.0),
        ("The city of Paris", "Paris", 0.5),
        ("a U.S. company", "the US company", 1.0),
        ("not 1912", "1912", 2 / 3),
        ("Paris Paris", "Paris", 2 / 3),
        ("Rome", "Paris", 0.0),
        ("奥斯陆市", "奥斯陆", 6 / 7),
        ("Straße", "STRASSE", 1.0),
        ("!", "?", 1.0),
        ("!", "Paris", 0.0),
        ("the", "Paris", 0.0),
    ],
)
def test_token_f1(answer: str, reference: str, f1: float) -> None:
    assert token_f1(answer, reference) == pytest.approx(f1)


def test_f1_decides_at_one_half_by_the_best_reference() -> None:
    assert graded(F1(), "in the city of Paris", "Paris") == (False, "token F1 0.40")
    assert graded(F1(), "city of Paris", "Paris") == (True, "token F1 0.50")
    assert graded(F1(), "city of Paris", "Rome", "City of Paris") == (True, "token F1 1.00")


@pytest.mark.parametrize(
    ("answer", "reference", "recall"),
    [
        ("It was built by Ida Marsh in 1874", "Ida Marsh", 1.0),
        ("Marsh, Ida", "Ida Marsh", 0.5),
        ("nobody", "Ida Marsh", 0.0),
        ("挪威的首都是奥斯陆", "奥斯陆", 1.0),
        ("?", "Ida", 0.0),
        ("Ida", "!", 0.0),
    ],
)
def test_rouge_l_recall(answer: str, reference: str, recall: float) -> None:
    assert rouge_l_recall(answer, reference) == pytest.approx(recall)


def test_rouge_decides_at_six_tenths_by_the_best_reference() -> None:
    assert graded(Rouge(), "one two three", "one two three four five") == (
        True,
        "ROUGE-L recall 0.60",
    )
    assert graded(Rouge(), "one two", "one two three four five")[0] is False
    assert graded(Rouge(), "Oslo", "Bergen", "Oslo")[0] is True


@pytest.mark.parametrize("grader", [F1(), Rouge()])
def test_nothing_is_undecided(grader: Any) -> None:
    assert graded(grader, " ", "x") == (None, "empty")
    assert graded(grader, "x") == (None, "no references")
    assert graded(grader, "x", "", " ") == (None, "no references")
    grader.close()


@pytest.mark.parametrize("grader", [F1(), Rouge()])
def test_two_huge_texts_take_seconds_at_most(grader: Any) -> None:
    start = time.perf_counter()
    graded(grader, "one two " * 25_000, "two three " * 20_000)
    assert time.perf_counter() - start < 8
