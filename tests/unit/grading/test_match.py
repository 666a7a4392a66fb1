"""The matcher against our own labelled answers, and rule by rule."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from iabench.grading.agreement import confusion
from iabench.grading.base import Grader, Referenced
from iabench.grading.match import Match
from iabench.records import Judgement

GOLDEN = Path(__file__).parents[2] / "golden" / "answers.jsonl"
# Seconds of a test count the tracer and a busy machine: a rule that is not linear takes minutes.
SLACK = 5 if sys.gettrace() is not None else 2
KNOWN_ERRORS = frozenset(
    {
        # A past state, taken back without a rival that has a capital.
        "She used to be a film director, but no, she is a baker. Not a film director.",
    }
)


def grade(answer: str, *references: str, question: str = "What is it?") -> Judgement:
    case = Referenced(question=question, answer=answer, references=references)
    (judgement,) = Match().grade([case])
    return judgement


def test_agrees_with_the_golden_answers() -> None:
    rows = [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]
    cases = [
        Referenced(question=r["question"], answer=r["response"], references=tuple(r["references"]))
        for r in rows
    ]
    said = list(Match().grade(cases))
    table = confusion((r["correct"], j.value) for r, j in zip(rows, said, strict=True))
    print(f"\nmatch@2 on {len(rows)} own answers\n{table}")
    wrong = {r["response"] for r, j in zip(rows, said, strict=True) if j.value != r["correct"]}
    assert len(rows) >= 80
    assert table.undecided == 0
    assert wrong == KNOWN_ERRORS


@pytest.mark.parametrize(
    ("answer", "references", "reason", "evidence"),
    [
        ("Paris.", ("Paris",), "exact", "Paris."),
        ("Lutetia", ("Paris", "Lutetia"), "alias", "Lutetia"),
        ("It is **Paris**, of course.", ("Paris",), "contained", "Paris"),
        ("It has twenty-six.", ("26",), "number", "twenty-six"),
        ("on July 4th, 1776", ("4 July 1776",), "date", "July 4th, 1776"),
        ("in Sao Paulo", ("São Paulo",), "contained, without diacritics", "Sao Paulo"),
        ("The symbol is He.", ("He",), "symbol", "He"),
    ],
)
def test_reason_names_the_rule_and_evidence_the_words(
    answer: str, references: tuple[str, ...], reason: str, evidence: str
) -> None:
    assert grade(answer, *references) == Judgement(value=True, reason=reason, evidence=evidence)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("Lyon", "no reference in it"),
        ("It is not Paris.", "denied"),
        ("Paris isn't the capital.", "denied"),
        ("Paris is never the capital.", "denied"),
        ("Paris or Lyon", "one of several"),
        ("Paris-Lyon", "one of several"),
        ("Lyon or perhaps Paris", "one of several"),
        ("Paris. It might also be Lyon.", "one of several"),
        ("Paris. No, wait, Lyon.", "taken back"),
        ("West Paris", "longer name"),
        ("Paris Hilton", "longer name"),
    ],
)
def test_reason_names_what_stands_against_it(answer: str, reason: str) -> None:
    judgement = grade(answer, "Paris")
    assert judgement.value is False
    assert judgement.reason == reason


@pytest.mark.parametrize(
    "answer",
    [
        "Paris isn't only the capital.",
        "Paris is not only the capital.",
        "None other than Paris.",
        "The capital, which is not a village, is Paris.",
        "Paris or so they say.",
        "Paris City",
        "PARIS HAS IT",
        "Paris. No, really.",
    ],
)
def test_what_only_looks_like_an_objection_is_none(answer: str) -> None:
    assert grade(answer, "Paris").value is True


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("from 1910 to 1912", False),
        ("1912 to 1920", False),
        ("1912 to the day", True),
        ("1912/1913", False),
        ("15-1912", True),
        ("1912 BCE", False),
        ("in 1912 or thereabouts", True),
    ],
)
def test_numbers_beside_numbers(answer: str, right: bool) -> None:
    assert grade(answer, "1912").value is right


def test_lower_case_rivals() -> None:
    assert grade("a painter or a sculptor", "painter").value is False
    assert grade("a sculptor or a painter", "painter").value is False
    assert grade("a painter or something", "painter").value is True


def test_yes_and_no_are_symbols_only_where_a_symbol_is_asked() -> None:
    assert grade("No, it is not.", "No").reason == "yes or no"
    symbol = "What is the symbol of nobelium?"
    assert grade("No, it is not.", "No", question=symbol).value is False
    assert grade("It is not No.", "No", question=symbol).value is False
    assert grade("K or Na", "K", question=symbol).value is False
    assert grade("J. K. Rowling", "K", question=symbol).value is False


def test_an_echo_of_the_question_is_no_answer() -> None:
    question = "Where is the Boston Globe printed?"
    assert (
        grade("The Boston Globe is printed far away.", "Boston", question=question).value is False
    )
    assert grade("The Boston Globe: in Boston.", "Boston", question=question).value is True
    assert grade("The old Boston.", "Boston", question="How old Boston is?").reason == "echo"


@pytest.mark.parametrize("answer", ["", "  \n "])
def test_an_empty_answer_is_undecided(answer: str) -> None:
    assert grade(answer, "Paris") == Judgement(value=None, reason="empty")


@pytest.mark.parametrize("references", [(), (" ",)])
def test_without_references_it_is_undecided(references: tuple[str, ...]) -> None:
    assert grade("Paris", *references) == Judgement(value=None, reason="no references")


def test_a_reference_or_answer_without_words_matches_nothing() -> None:
    assert grade("?!", "Paris").value is False
    assert grade("Paris", "?!").value is False


def test_a_line_break_ends_a_name() -> None:
    assert grade("Martin Luther\nKing of nothing", "Martin Luther").value is True


def test_it_is_a_grader_and_keeps_order() -> None:
    grader: Grader = Match()
    assert grader.id == "match@2"
    cases = [Referenced(question="?", answer=a, references=("Bo",)) for a in ("Bo", "", "Al")]
    assert [j.value for j in grader.grade(cases)] == [True, None, False]


@pytest.mark.parametrize(
    "answer",
    [
        "Paris. " * 28_000 + "No, Lyon",
        "not Paris " * 20_000,
        "Paris or Lyon " * 14_000,
        "12 March 2001 or " * 12_000,
        "É Paris " * 25_000,
        "no, " * 50_000,
        "He is " * 33_000,
        "1912 to " * 25_000,
    ],
)
def test_a_long_answer_takes_under_a_second(answer: str) -> None:
    started = time.process_time()
    grade(answer, "Paris", "12 March 2001", "He", "1912")
    assert time.process_time() - started < 1.0 * SLACK


def test_lone_surrogates_survive() -> None:
    assert grade("\ud800 Paris \udfff", "Paris").value is True
