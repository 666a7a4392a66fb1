"""Times, from a day to a century, and what each tells."""

from __future__ import annotations

import pytest

from iabench.grading.times import coarse, is_time, tells, times
from iabench.grading.wanted import wanted


def told(question: str, said: str, meant: str) -> bool:
    return any(tells(one, other, wanted(question)) for one in times(said) for other in times(meant))


@pytest.mark.parametrize(
    ("text", "grain", "first", "last"),
    [
        ("the 60s", "decade", 1960, 1969),
        ("1960's", "decade", 1960, 1969),
        ("the nineteen fifties", "decade", 1950, 1959),
        ("the eighteen forties", "decade", 1840, 1849),
        ("sixteenth century", "century", 1501, 1600),
        ("3rd century BC", "century", -300, -201),
        ("1861-65", "years", 1861, 1865),
        ("1861 until 1865", "years", 1861, 1865),
        ("44 BC", "years", -44, -44),
        ("c. 3000 BC", "years", -3000, -3000),
        ("February", "month", None, None),
        ("2018/02/03", "date", 2018, 2018),
        ("1969, July 20", "date", 1969, 1969),
        ("20.07.69", "date", 1969, 1969),
        ("20.07.09", "date", 2009, 2009),
        ("July '69", "date", 1969, 1969),
        ("in Feb.", "month", None, None),
        ("79 CE", "years", 79, 79),
    ],
)
def test_a_time_is_read(text: str, grain: str, first: int | None, last: int | None) -> None:
    (time,) = times(text)
    assert (time.grain, time.first, time.last) == (grain, first, last)


@pytest.mark.parametrize(
    ("question", "said", "meant"),
    [
        ("when was it founded", "1998", "September 1998"),
        ("when was it founded", "september 1998", "4 September 1998"),
        ("what year was it", "June 29, 2007", "2007"),
        ("what month is it in", "14 May 2001", "May"),
        ("in what decade was it", "1962", "1960s"),
        ("in which century was he born", "1564", "16th century"),
        ("on what date was it", "the eleventh of September 2001", "September 11, 2001"),
        ("when did they last win the cup", "1994", "1993–94"),
        ("when did they win", "1993-94", "1994"),
        ("when did it begin", "1939", "1939 to 1945"),
        ("when did it end", "1945", "1939 to 1945"),
        ("when is it", "14 Feb", "February 14"),
        ("what century was it", "the 1800s", "19th century"),
        ("when did it open", "20 july , 1969", "July 20, 1969"),
    ],
)
def test_it_tells_enough(question: str, said: str, meant: str) -> None:
    assert told(question, said, meant)


@pytest.mark.parametrize(
    ("question", "said", "meant"),
    [
        ("when did she die", "March 2001", "12 March 2001"),
        ("when did she die", "2001", "12 March 2001"),
        ("when does it come out", "2018", "May 4, 2018"),
        ("on what date was it", "2001", "September 11, 2001"),
        ("what month is it in", "May", "June"),
        ("in what decade was it", "the 1950s", "1960s"),
        ("when was it built", "the 1960s", "1962"),
        ("what year was it", "the 1960s", "1962"),
        ("when was it built", "1960 to 1969", "1962"),
        ("when was it", "1942", "1939 to 1945"),
        ("when was it", "1939 to 1944", "1939 to 1945"),
        ("between which years was it", "1939", "1939 to 1945"),
        ("when did it start", "1999", "mid-July"),
        ("when did it start", "13 July", "14 July 1789"),
        ("when was it", "May", "1962"),
    ],
)
def test_it_tells_another_time_or_too_little(question: str, said: str, meant: str) -> None:
    assert not told(question, said, meant)


def test_a_reference_is_a_time_if_it_is_nothing_else() -> None:
    assert is_time("on the evening of 9 November 1989") is False
    assert is_time("in early November 1989")
    assert is_time("October 2003 – present")
    assert not is_time("the 1954 treaty")
    assert not is_time("Lyon")
    assert not is_time("week 4, 1954")


def test_a_year_is_too_coarse_beside_a_date() -> None:
    both = ("2018", "February 4, 2018")
    assert coarse("2018", both, "May 1, 2018")
    assert not coarse("2018", both, "4 February 2018")
    assert not coarse("2018", both, "2018")
    assert not coarse("February 4, 2018", both, "May 1, 2018")
