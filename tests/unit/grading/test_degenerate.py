"""Completions that are no response."""

from __future__ import annotations

import sys
import time

import pytest

from iabench.grading.degenerate import degenerate

# Seconds of a test count the tracer and a busy machine: a rule that is not linear takes minutes.
SLACK = 5 if sys.gettrace() is not None else 2
QUESTION = "What is the capital of France?"


@pytest.mark.parametrize("text", ["", " \n", "...", "?!", '"', "**", "\u200b"])
def test_empty(text: str) -> None:
    assert degenerate(QUESTION, text, cut=False) == "empty"


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of France?",
        "what is the capital of france",
        "Question: What is the capital of France?\nAnswer:",
        "What is the capital of France? What is the capital",
        "What is the capital",
    ],
)
def test_echo(text: str) -> None:
    assert degenerate(QUESTION, text, cut=False) == "echo"


@pytest.mark.parametrize(
    "text", ["France", "The capital of France is Paris.", "What is the capital of France? Paris"]
)
def test_no_echo(text: str) -> None:
    assert degenerate(QUESTION, text, cut=False) is None


def test_echo_of_a_short_question() -> None:
    assert degenerate("Who?", "Who?", cut=False) == "echo"
    assert degenerate("Who?", "Bo", cut=False) is None
    assert degenerate("", "Bo", cut=False) is None
    assert degenerate("A or B?", "A", cut=False) is None


@pytest.mark.parametrize(
    "text",
    [
        "Paris is a city. " + "It is large. " * 5,
        "the the the the the the the the the",
        "ab" * 30,
        "It is Paris. It is Paris. It is Paris. It is Paris. It is",
    ],
)
@pytest.mark.parametrize("cut", [True, False])
def test_loop(text: str, cut: bool) -> None:
    assert degenerate(QUESTION, text, cut) == "loop"


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, no!",
        "It is large. It is large. It is large.",
        "One and one and one and one and one are five, and that is what the answer was all along.",
        "1" + "0" * 40,
    ],
)
def test_no_loop(text: str) -> None:
    assert degenerate(QUESTION, text, cut=False) is None


def test_an_endless_number_is_a_loop_once_it_is_cut() -> None:
    assert degenerate("What is a third?", "0." + "3" * 100, cut=True) == "loop"
    assert degenerate("What is a third?", "0." + "3" * 100, cut=False) is None


@pytest.mark.parametrize(
    "text",
    ["The capital of", "Great question! The capital of France is", "Well, the capital of the"],
)
def test_nothing_said_at_the_token_limit(text: str) -> None:
    assert degenerate(QUESTION, text, cut=True) == "nothing said at the token limit"
    assert degenerate(QUESTION, text, cut=False) is None


@pytest.mark.parametrize(
    "text",
    [
        "The capital of France is Paris",
        "It is Paris, which lies on the",
        "Paris. This city is",
        "I'm sorry, but I don't know what the",
        "France is a country in western Europe. Its capital",
        "It is Paris.",
    ],
)
def test_what_was_said_before_the_limit_counts(text: str) -> None:
    assert degenerate(QUESTION, text, cut=True) is None


@pytest.mark.parametrize("text", ["ab " * 66_000, "a" * 199_999 + "b", ("a" * 500 + "b") * 400])
def test_a_long_text_takes_under_a_second(text: str) -> None:
    started = time.process_time()
    degenerate(QUESTION, text, cut=True)
    assert time.process_time() - started < 1.0 * SLACK
