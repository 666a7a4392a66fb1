"""Words that are written differently and mean the same."""

from __future__ import annotations

import pytest

from iabench.grading.wordforms import acronym, expand, roman, same_word, stem


@pytest.mark.parametrize(
    ("one", "other", "sameness"),
    [
        ("potatoes", "potato", 1.0),
        ("cities", "city", 1.0),
        ("teeth", "tooth", 1.0),
        ("colour", "color", 1.0),
        ("theatre", "theater", 1.0),
        ("organise", "organize", 1.0),
        ("grey", "gray", 1.0),
        ("film", "movie", 0.9),
        ("avacado", "avocado", 0.9),
        ("dostojewski", "dostoevsky", 0.9),
        ("ghandi", "gandhi", 0.9),
        ("schwarzeneger", "schwarzenegger", 0.9),
        ("norway", "norwegian", 0.8),
        ("developing", "development", 0.8),
        ("austria", "australia", 0.0),
        ("ireland", "iceland", 0.0),
        ("niger", "nigeria", 0.0),
        ("slovakia", "slovenia", 0.0),
        ("cornea", "corona", 0.0),
        ("neutron", "neuron", 0.0),
        ("12", "13", 0.0),
    ],
)
def test_sameness_of_words(one: str, other: str, sameness: float) -> None:
    assert same_word(one, other) == same_word(other, one) == sameness


@pytest.mark.parametrize(
    ("word", "plain"), [("gases", "gas"), ("as", "as"), ("glass", "glass"), ("r2d2", "r2d2")]
)
def test_a_stem_is_the_singular(word: str, plain: str) -> None:
    assert stem(word) == plain


def expanded(text: str) -> str:
    raw = tuple(text.split())
    return " ".join(word for word, _ in expand(tuple(w.lower() for w in raw), raw))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("the USA", "the united states"),
        ("us", "united states"),
        ("tell us more than that", "tell us more than that"),
        ("South America", "South America".lower()),
        ("Austin TX", "austin texas"),
        ("in or me", "in or me"),
        ("St Louis", "saint louis"),
        ("NYC", "new york"),
    ],
)
def test_abbreviations_are_written_out(text: str, plain: str) -> None:
    assert expanded(text) == plain


def test_acronyms_are_initials() -> None:
    assert acronym("nato", ["north", "atlantic", "treaty", "organization"])
    assert acronym("fbi", ["federal", "bureau", "of", "investigation"])
    assert not acronym("fbi", ["federal", "board", "of", "judges"])
    assert not acronym("n", ["north"])


def test_roman_numerals() -> None:
    assert [roman(word) for word in ("iv", "xvi", "xl", "mix", "", "iiii")] == [
        4, 16, 40, None, None, None,
    ]  # fmt: skip
