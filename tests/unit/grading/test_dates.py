"""Dates in text."""

from __future__ import annotations

import pytest

from iabench.grading.dates import Date, find_dates


@pytest.mark.parametrize(
    "text",
    [
        "4 July 1776",
        "4th of July, 1776",
        "July 4, 1776",
        "July the 4th 1776",
        "jul. 4 1776",
        "1776-07-04",
        "1776-7-4",
        "4/7/1776",
        "7.4.1776",
    ],
)
def test_one_date_in_many_forms(text: str) -> None:
    assert (1776, 7, 4) in {found[:3] for found in find_dates(f"It was {text} then")}


def test_parts_that_are_not_told_are_none() -> None:
    assert [d[:3] for d in find_dates("in May 1912")] == [(1912, 5, None)]
    assert [d[:3] for d in find_dates("on 12 Sept")] == [(None, 9, 12)]


@pytest.mark.parametrize("text", ["it may be 12", "in 1912", "13/13/1912", "0 July", "1776-00-01"])
def test_what_is_no_date(text: str) -> None:
    assert all(d.month and d.day != 0 for d in find_dates(text))
    assert {(d.year, d.month) for d in find_dates(text)} <= {(None, 5)}


def test_a_date_tells_its_parts() -> None:
    full = Date(1776, 7, 4, 0, 1)
    assert full.tells(Date(1776, 7, None, 0, 1))
    assert full.tells(Date(None, 7, 4, 0, 1))
    assert not full.tells(Date(1777, 7, 4, 0, 1))
    assert not Date(1776, 7, None, 0, 1).tells(full)
