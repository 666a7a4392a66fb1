"""Quantities and when two agree."""

from __future__ import annotations

import pytest

from iabench.grading.numbers import agree, is_unit, other_unit, quantities


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("half a billion", 5e8, ""),
        ("$2 million", 2e6, "$"),
        ("2.5 trillion dollars", 2.5e12, "dollar"),
        ("1,235 km/h", 1235, "km/h"),
        ("343 metres per second", 343, "m/s"),
        ("98.6 °F", 98.6, "fahrenheit"),
        ("37 C", 37, "celsius"),
        ("minus 273.15 degrees Celsius", -273.15, "celsius"),
        ("21 per cent", 21, "percent"),
        ("21%", 21, "percent"),
        ("a dozen eggs", 12, "egg"),
        ("twice", 2, "time"),
        ("5 of them", 5, ""),
        ("90km", 90, "km"),
        ("5k", 5000, ""),
        ("$3bn", 3e9, "$"),
        ("$2.4m", 2.4e6, "$"),
        ("none", 0, ""),
        ("two dozen", 24, ""),
        ("a couple", 2, ""),
        ("3/4", 0.75, ""),
        ("a day", 1, "day"),
        ("6 ft 2 in", 74, "inche"),
        ("two hours and 30 minutes", 150, "minute"),
    ],
)
def test_a_quantity_has_a_value_and_a_unit(text: str, value: float, unit: str) -> None:
    (found,) = quantities(text)
    assert found.value == pytest.approx(value)
    assert found.unit == unit


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("about 239,000 miles", "384,400 km"),
        ("0.83 km", "828 metres"),
        ("roughly one fifth", "21%"),
        ("about 70%", "71%"),
        ("1,235 km/h", "343 m/s"),
        ("-273 degrees C", "−273.15 °C"),
        ("212 °F", "100 °C"),
        ("2.18 billion", "2.187 billion"),
        ("94 thousand", "94,000"),
        ("$2 million", "2 million dollars"),
        ("0.2", "20%"),
        ("1.88 m", "6'2\""),
        ("100 square miles", "259 km²"),
        ("5,500 degrees Celsius", "5,778 K"),
        ("300,000 km per second", "299,792 km/s"),
        ("299,792,458 m/s", "about 300,000 km/s"),
        ("24 hours", "a day"),
    ],
)
def test_equal_after_rounding_and_conversion(said: str, wanted: str) -> None:
    assert agree(quantities(said)[0], quantities(wanted)[0])


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("343 km/h", "343 m/s"),
        ("384,400 miles", "384,400 km"),
        ("37 °F", "37 °C"),
        ("3", "3.14"),
        ("3.141", "3.14"),
        ("about 1980", "1984"),
        ("1980", "1984"),
        ("94 million", "94,000"),
        ("-26", "26"),
        ("0", "26"),
        ("20", "21"),
        ("about 20", "21"),
        ("5 seasons", "5 episodes"),
        ("5 kg", "5 km"),
    ],
)
def test_another_quantity(said: str, wanted: str) -> None:
    assert not agree(quantities(said)[0], quantities(wanted)[0])


def test_the_unit_that_was_asked_for() -> None:
    (feet,), (miles,) = quantities("5280"), quantities("1 mile")
    assert agree(miles, feet, asked_unit="feet")
    assert not agree(quantities("5280 yards")[0], feet, asked_unit="feet")
    assert other_unit("5,280 yards", 5, "5,280", "how many feet are in a mile") == "another unit"
    assert other_unit("5,280 ft", 5, "5,280", "how many feet are in a mile") is None
    assert other_unit("5,280 yards", 5, "5,280 ft", "how many feet are in a mile") is None
    assert other_unit("12 people", 2, "12", "how many were there") is None


def test_a_part_is_smaller_than_its_whole() -> None:
    assert [one.value for one in quantities("5 out of 4")] == [5, 4]


def test_units_are_known() -> None:
    assert is_unit("metres")
    assert is_unit("about")
    assert not is_unit("apples")
