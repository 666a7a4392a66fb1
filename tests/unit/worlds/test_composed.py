"""Names by index: different, of one purpose, and slips of them that are none of them."""

from __future__ import annotations

import pytest
from rapidfuzz.distance import Levenshtein

from iabench.rng import Dice
from iabench.worlds.composed import ComposedNames, misspelt
from iabench.worlds.names import PURPOSES, fold, purpose_of

BASE = {"a": ("Alm", "Bel", "Cor"), "b": ("Dun", "Eck"), "c": ("Fen", "Gar")}
FREE = {"d": tuple(f"X{n}" for n in range(100)), "e": ("ia", "um", "os")}
PATTERN = "{a}{b} {c} {d}{e}"


def names(purpose="new", seed=0):
    return ComposedNames("thing", PATTERN, BASE, FREE, dice=Dice(seed, "t"), purpose=purpose)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_combination_of_the_base_comes_once_and_with_the_purpose(purpose):
    made = [names(purpose)[index] for index in range(12)]
    assert len(names()) == 12
    assert {name[:6] + name[7:10] for name in made} == {
        a + b + c for a in BASE["a"] for b in BASE["b"] for c in BASE["c"]
    }
    assert {purpose_of("thing", name) for name in made} == {purpose}


def test_a_name_does_not_depend_on_those_before_it():
    fresh = names()
    assert [names()[index] for index in (7, 3)] == [fresh[index] for index in range(12)][7:2:-4]


def test_a_seed_is_another_order():
    assert [names(seed=1)[n][:10] for n in range(12)] != [names()[n][:10] for n in range(12)]


@pytest.mark.parametrize("seed", range(1, 30))
def test_no_seed_makes_a_name_of_the_public_one(seed):
    public = names()
    private = ComposedNames(
        "thing", PATTERN, BASE, FREE, dice=Dice(seed, "t"), purpose="new", public=public
    )
    made = {private[n] for n in range(12)}
    assert len(made) == 12
    assert not made & {public[n] for n in range(12)}
    assert {public.index(n) for n in range(12)} == set(range(12))


def test_beyond_the_last_there_is_none():
    for index in (-1, 12):
        with pytest.raises(IndexError, match="12 names of kind thing"):
            names()[index]


def test_pieces_that_reach_for_no_purpose_say_so():
    few = ComposedNames(
        "thing",
        "{a} {b}",
        {"a": ("A", "B"), "c": ("",)},
        {"b": ("C",)},
        dice=Dice(0),
        purpose="new",
    )
    found = [purpose_of("thing", name) for name in ("A C", "B C")]
    assert "new" not in found
    with pytest.raises(ValueError, match="no new name of kind thing"):
        few[0]


def test_words_are_all_that_a_name_can_be_made_of():
    words = names().words
    assert {"almdun", "coreck", "fen", "x17ia"} <= words
    assert len(words) == 3 * 2 + 2 + 300
    for index in range(12):
        assert set(fold(names()[index]).split()) <= words


@pytest.mark.parametrize("name", ["Abber & Bront Lamps", "Webbett X480T", "Al Bo"])
def test_a_slip_is_one_or_two_letters_away_and_made_of_other_words(name):
    words = frozenset(fold(name).split())
    slips = [misspelt(name, "thing", "report", words, Dice(n)) for n in range(60)]
    distances = {Levenshtein.distance(name, slip) for slip in slips}
    assert distances == {1, 2}
    for slip in slips:
        assert purpose_of("thing", slip) == "report"
        assert not set(fold(slip).split()) <= words
        assert slip[0] == name[0]
        assert [letter.isupper() for letter in slip] == [letter.isupper() for letter in name]


def test_common_words_have_no_slips():
    words, common = (
        frozenset(fold("Castle Abbden along Toll").split()),
        frozenset({"Castle", "along"}),
    )
    for n in range(40):
        slip = misspelt("Castle Abbden along Toll", "thing", "report", words, Dice(n), common)
        assert [word for word in slip.split() if word in common] == ["Castle", "along"]


def test_a_slip_that_makes_another_word_of_the_world_is_not_taken():
    # Every one-letter change of the last letter is a word; so a slip changes the first "a".
    words = frozenset({"bab", *(f"ba{letter}" for letter in "bcdfghklmnprstvwxz")})
    slips = {misspelt("Bab", "thing", "report", words, Dice(n)) for n in range(40)}
    assert all(slip[1] != "a" for slip in slips)
