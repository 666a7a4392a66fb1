"""Two short answers in other words, rule by rule."""

from __future__ import annotations

import pytest

from iabench.grading.spans import compare, is_quantity
from iabench.grading.terms import terms
from iabench.grading.wanted import wanted

WHAT = "what is it"


@pytest.mark.parametrize(
    ("answer", "reference", "question", "rule"),
    [
        ("the Amazon", "Amazon River", WHAT, "same words"),
        ("ice cream", "icecream", WHAT, "written together"),
        ("soya beans", "soybeans", WHAT, "written together"),
        ("NATO", "North Atlantic Treaty Organization", WHAT, "abbreviation"),
        ("European Union", "the EU", WHAT, "same words"),
        ("blue agave syrup from Mexico", "blue agave", WHAT, "more exact"),
        ("Austin", "Austin, Texas", "where is it", "the core of it"),
        ("Harvard", "Harvard University", "who did it", "same words"),
        ("andes", "the Andes Mountains of Peru", "where is it", "the core of it"),
        ("turkey", "a large roasted turkey", WHAT, "the core of it"),
        ("photosynthesis", "originating in photosynthesis", WHAT, "the core of it"),
        ("Rocky 4", "Rocky IV", "which rocky film is it", "same words"),
        ("the second", "2nd", WHAT, "same words"),
        ("heart", "the human heart", "which part of the human body is it", "same words"),
        ("Red Harbour Lane", "Red Harbour Lane Street Band Club", WHAT, "same words"),
        ("lonely hearts", "Lonely Hearts Summer Picnic", WHAT, "the core of it"),
        ("philadelphia", "Philadelphia Eagles", "who won the cup", "the core of it"),
        ("portugal", "Portuguese", "where does the name come from", "same words"),
        ("cleaning blood of its waste", "cleaning waste from the blood", WHAT, "same words"),
    ],
)
def test_the_same_in_other_words(answer: str, reference: str, question: str, rule: str) -> None:
    right, said = compare(answer, reference, wanted(question))
    assert (right, said) == (True, said)
    if rule != "same words":
        assert said == rule


@pytest.mark.parametrize(
    ("answer", "reference", "question", "against"),
    [
        ("Lyon", "Paris", WHAT, "other words"),
        ("the", "Paris", WHAT, "other words"),
        ("North Korea", "South Korea", WHAT, "the opposite"),
        ("Korea", "South Korea", WHAT, "another one of that name"),
        ("Season 2", "Season 3", WHAT, "another number"),
        ("Kansas City", "Kansas State", "who won", "another sort"),
        ("French franc", "Swiss franc", WHAT, "another nation"),
        ("prevented the war", "the war", WHAT, "denies"),
        ("blood cells", "blood", WHAT, "more than it"),
        ("Nigerian", "Niger", WHAT, "only derived from it"),
        ("Texas", "Austin, Texas", "where is it", "only a part of it"),
        ("India", "President of India", "who is it", "only a part of it"),
        ("university", "University of Lund", WHAT, "only the sort"),
        ("Rocky", "Rocky Mountain High II", WHAT, "a number is missing"),
        ("Mike", "Mike and Molly", WHAT, "a part of a list"),
        ("west coast road or hill", "coast road", WHAT, "another one of that name"),
        ("coast road or hill", "coast road", WHAT, "one of several"),
        ("general domestic price", "gross domestic product", "what does gdp stand for", ""),
        ("the deep blue sea", "the deep blue sky", WHAT, "another word in its place"),
        ("Tom Lind of Oslo", "Berg of Oslo", WHAT, ""),
        ("wax of wings and honey", "wax on a hive and bread of bees", WHAT, ""),
    ],
)
def test_another_thing(answer: str, reference: str, question: str, against: str) -> None:
    right, said = compare(answer, reference, wanted(question))
    assert right is False
    assert against in said


def test_words_far_apart_are_no_answer() -> None:
    far = "coast is where many people go by bus in winter because nobody minds rain on a road"
    assert compare(far, "coast road", wanted(WHAT)) == (False, "scattered")


def test_a_long_text_is_not_compared() -> None:
    words = " ".join(f"word{n}x" for n in range(40))
    assert compare(words, "word1x word2y", wanted(WHAT)) == (False, "too long to compare")


def test_a_text_without_words_equals_nothing() -> None:
    assert compare("?", "Paris", wanted(WHAT)) == (False, "other words")
    assert compare("not", "not", wanted(WHAT)) == (True, "same words")


def test_terms_know_their_place() -> None:
    austin, texas = terms("Austin, Texas").content
    assert (austin.later, texas.later, texas.proper) == (False, True, True)
    assert [t.proper for t in terms("Human fertilization").content] == [False, False]
    assert [t.of for t in terms("president of India").content] == [True, False]


def test_a_quantity_is_a_number_and_what_it_counts() -> None:
    assert is_quantity("22 episodes", wanted("how many episodes are there"))
    assert is_quantity("about 343 m/s", wanted(WHAT))
    assert is_quantity("16,801 students", wanted(WHAT))
    assert not is_quantity("Fifty Shades Darker", wanted("what are the fifty shades books"))
    assert not is_quantity("Paris", wanted(WHAT))
    assert not is_quantity("The 39 Steps of Doom Again", wanted(WHAT))
