"""Text as it is compared."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iabench.grading.normalize import align, answer_key, answer_words, clean, fold, unmarked

# Seconds of a test count the tracer and a busy machine: a rule that is not linear takes minutes.
SLACK = 5 if sys.gettrace() is not None else 2


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  a\t b\n", "a b"),
        ("I don’t “know”", 'I don\'t "know"'),
        ("zero\u200bwidth \u202eturned\u202c", "zerowidth turned"),
        ("Ａ²ﬁ", "A2fi"),
        ("e\u0301", "é"),
        ("a\x00b", "a b"),
        ("−5", "-5"),
        ("\ud800x", "\ud800x"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_fold_takes_case_out() -> None:
    assert fold("  STRAẞE É ") == "strasse é"


def test_unmarked_takes_marks_off_letters() -> None:
    assert unmarked("São Łódź Ærø plain") == "Sao Łodz Æro plain".replace(
        "Ł", unmarked("Ł")
    ).replace("Æ", unmarked("Æ"))
    assert unmarked("łódź") == "lodz"
    assert unmarked("plain") == "plain"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("The Paris.", "paris"),
        ("The", "the"),
        ("1,912", "1912"),
        ("1 500 000", "1500000"),
        ("26.0", "26"),
        ("26.50", "26.5"),
        ("007", "7"),
        ("-26", "-26"),
        ("1914-1918", "1914 1918"),
        ("26th", "26th"),
        ("26%", "26 percent"),
        ("twenty-six", "26"),
        ("twenty", "20"),
        ("One hundred and five", "105"),
        ("a hundred", "100"),
        ("two thousand and one", "2001"),
        ("nine hundred thousand three hundred and two", "900302"),
        ("1.5 million", "1500000"),
        ("1.5 of it", "1.5 of it"),
        ("nineteen twelve", "1912"),
        ("twenty twenty-four", "2024"),
        ("one two", "1 2"),
        ("hundred and more", "100 and more"),
        ("J. R. R. Tolkien", "jrr tolkien"),
        ("J.R.R. Tolkien", "jrr tolkien"),
        ("J R R Tolkien", "jrr tolkien"),
        ("a b c", "b c"),
        ("U.S.A.", "usa"),
        ("Paris's mayor", "paris mayor"),
        ("O’Connor", "o'connor"),
        ("rock & roll", "rock roll"),
        ("", ""),
    ],
)
def test_answer_key(text: str, key: str) -> None:
    assert answer_key(text) == key


def test_answer_key_without_marks() -> None:
    assert answer_key("São Paulo") == "são paulo"
    assert answer_key("São Paulo", marks=False) == "sao paulo"


def test_words_know_where_they_stand() -> None:
    text = "In the year twenty-six, J. R. R. came."
    spans = {w.key: text[w.start : w.end] for w in answer_words(text)}
    assert spans["26"] == "twenty-six"
    assert spans["jrr"] == "J. R. R."


def test_aligned_text_quotes_its_source() -> None:
    aligned = align("I don’t\u200b know cafés")
    assert aligned.text == "I don't know cafes"
    assert aligned.quote(2, 12) == "don’t\u200b know"
    assert aligned.quote(13, 18) == "cafés"
    assert aligned.quote(3, 3) == ""
    assert align("plain").quote(0, 3) == "pla"


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_passes_and_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    answer_words(text)
    aligned = align(text)
    assert aligned.quote(0, len(aligned.text)) in text


@pytest.mark.parametrize(
    "text",
    [
        "e" + "\u0316\u0301" * 100_000,
        "1" * 200_000 + "a",
        "1,111" * 40_000,
        "one " * 50_000,
        "A. " * 66_000,
        "\ud800é" * 100_000,
        "a" * 200_000,
    ],
)
def test_long_text_takes_linear_time(text: str) -> None:
    started = time.process_time()
    answer_words(text)
    align(text)
    fold(text)
    assert time.process_time() - started < 1.0 * SLACK
