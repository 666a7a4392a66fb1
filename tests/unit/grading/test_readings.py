"""A reference as it may be read, and names in an answer."""

from __future__ import annotations

import pytest

from iabench.grading.objections import Answer
from iabench.grading.readings import members, names_in, readings
from iabench.grading.wanted import wanted


@pytest.mark.parametrize(
    ("reference", "reading"),
    [
        ("adenosine diphosphate (ADP)", "ADP"),
        ("adenosine diphosphate (ADP)", "adenosine diphosphate"),
        ('James "Jamie" Dornan', "James Dornan"),
        ("Pangaea or Pangea", "Pangea"),
        ("Daddy Zebra a.k.a. Mr. Zebra", "Daddy Zebra"),
        ("20 Fingers featuring singer Roula", "20 Fingers"),
        ("Argentine composer Lalo Schifrin", "Lalo Schifrin"),
        ("Geoffrey Palmer, OBE", "Geoffrey Palmer"),
        ("Kepner M.D.", "Kepner M.D."),
        ("the 1960s.", "the 1960s."),
        ("a bone.", "a bone"),
    ],
)
def test_readings(reference: str, reading: str) -> None:
    assert reading in readings(reference)


def test_brackets_with_a_year_or_a_sort_are_no_answer() -> None:
    assert readings("Thriller (1982 album)") == ("Thriller (1982 album)", "Thriller")
    assert readings("Thriller (film)") == ("Thriller (film)", "Thriller")


@pytest.mark.parametrize(
    ("reference", "question", "expected"),
    [
        ("red, green and blue", "what are the three colors", ("red", "green", "blue")),
        ("Cain and Abel", "who were her sons", ("Cain", "Abel")),
        ("Ann Lee and Bo Dahl", "who wrote it", ("Ann Lee", "Bo Dahl")),
        ("Marley and Me", "what is it", ()),
        ("Austin, Texas", "where is it", ()),
        ("Paris", "what are they", ()),
        ("1 and 2 May", "when are they", ()),
        ("a story about a very old man and the sea", "what are they", ()),
    ],
)
def test_members(reference: str, question: str, expected: tuple[str, ...]) -> None:
    assert members(reference, wanted(question))[0] == expected


def test_one_member_is_enough_where_one_is_asked() -> None:
    assert members("iodine, chlorine or bromine", wanted("name a halogen"))[1] is True


def names(text: str) -> set[str]:
    answer = Answer(text, (), ())
    return {
        text[answer.words[first].start : answer.words[last].end] for first, last in names_in(answer)
    }


def test_names_in_an_answer() -> None:
    assert "Mrs Thatcher" in names("the Iron Lady, Mrs Thatcher")
    assert "Bruce Wayne" in names("Bruce Wayne (in the films)")
    assert "Ludwig van Beethoven" in names("I am told that it was written by Ludwig van Beethoven.")
    assert "Spielberg" in names(
        "I think that it was certainly not anybody else. But Spielberg did it."
    )
    assert "Roosevelt's" not in names(
        "It was somebody else entirely, perhaps Roosevelt's wife Ann."
    )
    assert names("it was made by an unknown man of the old town of lund") == set()
