"""What a question asks for."""

from __future__ import annotations

import pytest

from iabench.grading.wanted import wanted


@pytest.mark.parametrize(
    ("question", "sort", "precision"),
    [
        ("who wrote it", "person", ""),
        ("which president introduced it", "person", ""),
        ("what is the name of her father", "person", ""),
        ("when did it open", "time", "when"),
        ("what year did it open", "time", "year"),
        ("on what date was it", "time", "day"),
        ("what month is it", "time", "month"),
        ("in which decade was it", "time", "decade"),
        ("in which century was it", "time", "century"),
        ("how many legs has it", "number", ""),
        ("what is the population of Lund", "number", ""),
        ("where is it", "place", ""),
        ("which country is it in", "place", ""),
        ("is it round", "yes-no", ""),
        ("is it marley and me or marley and i", "other", ""),
        ("what does it stand for", "expansion", ""),
        ("what is it made of", "other", ""),
    ],
)
def test_sort_and_precision(question: str, sort: str, precision: str) -> None:
    asks = wanted(question)
    assert (asks.sort, asks.precision) == (sort, precision)


def test_lists_and_stories() -> None:
    assert wanted("which two seas does it connect").all
    assert not wanted("which sea is it").all
    assert wanted("name a halogen").one
    assert wanted("who does penny end up with in season 3").fiction
    assert not wanted("who plays penny in season 3").fiction
    assert wanted("who won the super bowl").team
    assert not wanted("when did she die").loose
    assert wanted("when was it founded").loose
