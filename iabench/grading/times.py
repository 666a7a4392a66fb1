"""Times as an answer tells them, from a day to a century, and when one tells another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from iabench.grading.dates import find_dates
from iabench.grading.normalize import clean
from iabench.grading.wanted import Wanted
from iabench.grading.wordforms import ORDINALS

__all__ = ["Time", "another_part", "coarse", "is_time", "plain_times", "tells", "times"]

_ORDINAL = re.compile(
    r"\b(?:"
    + "|".join(sorted(ORDINALS, key=len, reverse=True))
    + r")(?= (?:of|day|century|[jfmasond][a-z]{2,8} ?\b))",
    re.I,
)
_SPACES = re.compile(r" (?=[,.])|(?<=\d) (?=(?:st|nd|rd|th|s)\b)")
_TENS_WORDS = "twenties thirties forties fifties sixties seventies eighties nineties"
_TENS = _TENS_WORDS.split()
_DECADE = re.compile(
    r"(?i)\b(?P<year>1\d\d0|20\d0)'?s\b|(?:\bthe |')(?P<short>\d0)'?s\b"
    r"|\b(?:(?P<hundreds>nineteen|eighteen)[ -])?(?P<word>" + "|".join(_TENS) + r")\b"
)
_CENTURY = re.compile(
    r"(?i)\b(?P<number>\d{1,2})(?:st|nd|rd|th)[ -]centur(?:y|ies)\b(?P<bc> b\.?c)?"
)
_YEARS = re.compile(
    r"\b(?P<first>[12]\d{3}) ?(?:[-–—/]|to|until|till|through|and|, ?) ?(?:\w+ )?"
    r"(?P<last>[12]\d{3}|\d{2})\b(?![-–/,]?\d)"
)
_YEAR = re.compile(
    r"(?i)(?:\bad )?\b(?P<year>[12]\d{3}|\d{1,5}(?= ?(?:a\.?d|c\.?e|b\.?c)))\b"
    r"(?![.,]?\d)(?P<bc> ?b\.?c)?"
)
_MONTHS = "january february march april may june july august september october november december"
_MONTH = re.compile(rf"(?i)\b(?:{_MONTHS.replace(' ', '|')})\b")
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?!\d)")
_AROUND_WORDS = (
    "in on at of the a an and to from until till between since by around about circa c ca "
    "approximately early late mid middle year years month day date century season ad ce bc bce "
    "during after before beginning end start spring summer autumn fall winter first last monday "
    "tuesday wednesday thursday friday saturday sunday following ended began it was is st nd rd "
    "th s present now today onwards onward every each annually ongoing currently"
)
_AROUND = frozenset(_AROUND_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+")

_YEAR_FIRST = re.compile(rf"(?i)\b(\d{{4}}),? ({_MONTHS.replace(' ', '|')}) (\d{{1,2}})\b(?!,? \d)")
_SHORT_YEAR = re.compile(
    r"(?P<before>\b\d{1,2}[/.]\d{1,2}[/.]|(?<!\w)')(?P<year>\d\d)(?![\w/.]*\d|s|')"
)
_MONTH_ALONE = re.compile(r"(?i)(?:in )?(jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?")

_THIS_CENTURY = 30
"""Two digits below it are a year of this century, others of the last."""

Grain = Literal["date", "month", "years", "decade", "century"]


@dataclass(frozen=True, slots=True)
class Time:
    """A time as far as it is told.

    `first` and `last` are its years, negative before Christ, None where it tells none; they differ
    for a span. `month` and `day` are 1-based.
    """

    grain: Grain
    first: int | None
    last: int | None
    month: int | None
    day: int | None
    start: int
    end: int


def _long_year(found: re.Match[str]) -> str:
    century = "19" if int(found["year"]) >= _THIS_CENTURY else "20"
    return found["before"].replace("'", "") + century + found["year"]


def plain_times(text: str) -> str:
    """Return the text with ordinals as numbers and without spaces before commas."""
    text = _SPACES.sub("", clean(text))
    text = _YEAR_FIRST.sub(r"\2 \3, \1", text)
    text = _SHORT_YEAR.sub(_long_year, text)
    if alone := _MONTH_ALONE.fullmatch(text):
        return next(m for m in _MONTHS.split() if m.startswith(alone[1].lower()[:3])).title()
    return _ORDINAL.sub(lambda found: f"{ORDINALS[found.group().lower()]}th", text)


@lru_cache(maxsize=4096)
def times(text: str) -> tuple[Time, ...]:
    """Return the times that a text tells, longest reading first; places are of `plain_times`."""
    text = plain_times(text)
    found = [
        Time("date", date.year, date.year, date.month, date.day, date.start, date.end)
        for date in find_dates(text)
    ]
    found += [
        Time("date", int(m["year"]), int(m["year"]), int(m["month"]), int(m["day"]), *m.span())
        for m in _ISO.finditer(text)
    ]
    # Readings of one date, such as 3/4/2001, share their place.
    found = [
        d
        for d in found
        if not any(
            o.start <= d.start and d.end <= o.end and (o.end - o.start) > (d.end - d.start)
            for o in found
        )
    ]
    taken = [(time.start, time.end) for time in found]

    def free(match: re.Match[str]) -> bool:
        place = match.span()
        if any(start < place[1] and place[0] < end for start, end in taken):
            return False
        taken.append(place)
        return True

    found += [_decade(m) for m in _DECADE.finditer(text) if free(m)]
    found += [_century(m) for m in _CENTURY.finditer(text) if free(m)]
    found += [span for m in _YEARS.finditer(text) if (span := _years(m)) and free(m)]
    found += [_year(m) for m in _YEAR.finditer(text) if free(m)]
    names = _MONTHS.split()
    found += [
        Time("month", None, None, names.index(m.group().lower()) + 1, None, *m.span())
        for m in _MONTH.finditer(text)
        if free(m)
    ]
    return tuple(found)


def _decade(found: re.Match[str]) -> Time:
    if found["year"]:
        first = int(found["year"])
    elif found["short"]:
        first = 1900 + int(found["short"])
    else:
        hundreds = 1800 if (found["hundreds"] or "").lower() == "eighteen" else 1900
        first = hundreds + 20 + 10 * _TENS.index(found["word"].lower())
    # "The 1900s" is a century as often as a decade: it stays a decade, and tells no century.
    return Time("decade", first, first + 9, None, None, *found.span())


def _century(found: re.Match[str]) -> Time:
    number = int(found["number"])
    first, last = 100 * (number - 1) + 1, 100 * number
    if found["bc"]:
        first, last = -last, -first
    return Time("century", first, last, None, None, *found.span())


def _years(found: re.Match[str]) -> Time | None:
    first = int(found["first"])
    last = (
        int(found["last"]) if len(found["last"]) == 4 else first // 100 * 100 + int(found["last"])
    )
    return Time("years", first, last, None, None, *found.span()) if first < last else None


def _year(found: re.Match[str]) -> Time:
    year = int(found["year"]) * (-1 if found["bc"] else 1)
    return Time("years", year, year, None, None, *found.span())


@lru_cache(maxsize=4096)
def is_time(text: str) -> bool:
    """Return whether a reference is a time and nothing but the words around one."""
    told = times(text)
    if not told:
        return False
    plain = plain_times(text)
    rest = list(plain)
    for time in told:
        rest[time.start : time.end] = " " * (time.end - time.start)
    left = "".join(rest)
    return not re.search(r"\d", left) and all(w.lower() in _AROUND for w in _WORD.findall(left))


def coarse(reference: str, others: tuple[str, ...], answer: str) -> bool:
    """Return whether a year says too little: other references tell its day, the answer another.

    "2018" and "February 4, 2018" are references, the answer is "May 1, 2018".
    """
    meant = times(reference)
    if not meant or any(time.grain != "years" for time in meant) or not is_time(reference):
        return False
    years = {year for time in meant for year in (time.first, time.last)}
    dates = [t for other in others for t in times(other) if t.month and t.first in years]
    said = [t for t in times(answer) if t.month and t.first in years]
    return bool(dates and said) and not any(
        _agree(one.day, date.day) and one.month == date.month for one in said for date in dates
    )


_PARTS = (
    re.compile(r"(?i)\b(?:early|earlier|beginning|start|opening|first half|dawn)\b"),
    re.compile(r"(?i)\b(?:mid|middle|midst)\b"),
    re.compile(r"(?i)\b(?:late|later|end|closing|second half|close)\b"),
)
_SEASONS = tuple(
    re.compile(rf"(?i)\b(?:{season})\b") for season in ("spring", "summer", "autumn|fall", "winter")
)


def another_part(said: str, meant: str) -> bool:
    """Return whether two texts name different parts of a period: early and late, spring and autumn.

    One that names none may mean any.
    """
    for parts in (_PARTS, _SEASONS):
        one = {at for at, part in enumerate(parts) if part.search(said)}
        other = {at for at, part in enumerate(parts) if part.search(meant)}
        if one and other and not one & other:
            return True
    return False


def tells(said: Time, meant: Time, asks: Wanted) -> bool:
    """Return whether one time answers the question as another does.

    A more exact one does. A coarser one does where the question asks no more: its year where a year
    is asked, the year of an event that takes longer than a day where it asks "when".
    """
    if asks.precision == "year" and said.first and meant.first:
        return _spans(said, meant, asks)
    if asks.precision == "month" and said.month and meant.month:
        return said.month == meant.month and _agree(said.first, meant.first)
    if meant.grain in {"decade", "century"} or (meant.grain == "years"):
        return said.first is not None and _spans(said, meant, asks)
    if said.grain in {"decade", "century"} or said.first != said.last:
        return False
    if said.month is None and meant.first is None:
        return False
    if not (_agree(said.first, meant.first) and _agree(said.month, meant.month)):
        return False
    if said.month is None:
        return asks.precision == "when" and asks.loose and _past(asks)
    if not _agree(said.day, meant.day):
        return False
    if said.day is None and meant.day is not None:
        return asks.precision == "when" and asks.loose and said.first is not None
    return said.first is not None or meant.first is None or said.day is not None


def _past(asks: Wanted) -> bool:
    return re.search(r"\b(?:did|was|were|had|became|last|first|released)\b", asks.text) is not None


def _agree(one: int | None, other: int | None) -> bool:
    return one is None or other is None or one == other


def _spans(said: Time, meant: Time, asks: Wanted) -> bool:
    """Compare years: equal spans, a year within a decade, the end of a span that is asked for."""
    if said.first is None or meant.first is None:
        return False
    if (said.first, said.last) == (meant.first, meant.last):
        return True
    single = said.first == said.last
    if meant.grain == "century" and said.grain == "decade":
        return said.first % 100 == 0 and said.first + 1 == meant.first
    if meant.grain in {"decade", "century"}:
        return single and meant.last is not None and meant.first <= said.first <= meant.last
    if said.grain in {"decade", "century"}:
        return False
    if meant.first == meant.last:
        # The season of 1993-94, for one of its years.
        return said.last == said.first + 1 and meant.first in (said.first, said.last)
    if not single or asks.all:
        return False
    if meant.last == meant.first + 1:
        return said.first in (meant.first, meant.last)
    if re.search(r"\b(?:start|begin|began|begun|first|found|built|found)\w*\b", asks.text):
        return said.first == meant.first
    if re.search(r"\b(?:end|ended|last|finish|stop)\w*\b", asks.text):
        return said.first == meant.last
    return False
