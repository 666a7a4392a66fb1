"""When two names name one person."""

from __future__ import annotations

import pytest

from iabench.grading.names import same_person


def rule(said: str, meant: str, *, fiction: bool = False) -> str:
    return same_person(tuple(said.split()), tuple(meant.split()), fiction=fiction)


@pytest.mark.parametrize(
    ("said", "meant", "expected"),
    [
        ("barry dyer", "barry alvin dyer", "name, in another form"),
        ("einstein albert", "albert einstein", "name, in another order"),
        ("einstein a", "albert einstein", "name, in another order"),
        ("a einstein", "albert einstein", "name, in another form"),
        ("van gogh", "vincent van gogh", "last name"),
        ("vangogh", "van gogh", "name, written together"),
        ("king louis 16", "louis xvi", "name"),
        ("louis sixteenth", "louis xvi", "name"),
        ("louis xiv", "louis xiv of france", "name"),
        ("us grant", "ulysses s grant", "name, in another form"),
        ("john ronald reuel tolkien", "jrr tolkien", "name, in another form"),
        ("dante", "dante alighieri", "known by the first name"),
        ("ghandi", "mahatma gandhi", "last name"),
        ("nick sagar", "nick sager", "name, in another form"),
        ("bill clinton", "william jefferson clinton", "name, in another form"),
        ("gerald ford", "ford", "longer form of the name"),
        ("norma jean mortensen", "norma jeane mortenson", "name, in another form"),
        ("jacqueline kennedy onassis", "jacqueline kennedy", "name, one more last name"),
        ("gabriel garcia", "gabriel garcia marquez", "name, one last name of two"),
        ("cassius clay jr", "cassius clay", "name"),
    ],
)
def test_one_person(said: str, meant: str, expected: str) -> None:
    assert rule(said, meant) == expected


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("alfred einstein", "albert einstein"),
        ("marie", "marie curie"),
        ("pierre curie", "marie curie"),
        ("martin luther king", "martin luther"),
        ("john adams", "john quincy adams"),
        ("george w bush", "george hw bush"),
        ("louis xiv", "louis xvi"),
        ("elizabeth", "elizabeth ii"),
        ("elizabeth ii windsor", "elizabeth windsor"),
        ("homer simpson", "homer"),
        ("dante gabriel rossetti", "dante alighieri"),
        ("roosevelt wife", "roosevelt"),
        ("martin king sr", "martin king jr"),
        ("house of commons", "house of lords"),
        ("president of india", "india"),
        ("tom or jerry", "tom"),
        ("area 51", "area 52"),
        ("", "marie curie"),
        ("a b c d e f g", "marie curie"),
        ("anna berg", "anna lind featuring tom berg"),
        ("j paul smith", "anna j smith"),
    ],
)
def test_two_people(said: str, meant: str) -> None:
    assert rule(said, meant) == ""


def test_characters_go_by_their_first_names() -> None:
    assert rule("penny", "penny blake", fiction=True) == "name of a character"
    assert rule("penny blake", "penny", fiction=True) == "name of a character"
    assert rule("penny", "penny blake") == ""
