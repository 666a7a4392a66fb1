"""Calendar dates in English text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Date", "find_dates"]

_MONTH_NAMES = (
    "january february march april may june july august september october november december"
)
_MONTHS = _MONTH_NAMES.split()
_NUMBERS = {name[:3]: number for number, name in enumerate(_MONTHS, start=1)}
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)}|(?:{'|'.join(n[:3] for n in _MONTHS)}|sept)\b\.?)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{3,4})(?!\d)"
_WRITTEN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_DAY}(?: of)? {_MONTH}(?:,? (?:of |in )?{_YEAR})?",
        rf"\b{_MONTH} (?:the )?{_DAY}(?!\d)(?:,? (?:of |in )?{_YEAR})?",
        rf"\b{_MONTH}(?:,| of)? {_YEAR}",
        r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)",
        # 4/7/1776 is the fourth of July or the seventh of April: both are found.
        r"(?<!\d)(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<month>\d{1,2})[/.](?P<day>\d{1,2})[/.](?P<year>\d{4})(?!\d)",
    )
)


class Date(NamedTuple):
    """A date as far as it is told, and where it stands."""

    year: int | None
    month: int
    day: int | None
    start: int
    end: int

    def tells(self, other: Date) -> bool:
        """Return whether this date holds every part of `other`, and the same."""
        return (
            self.month == other.month
            and other.year in (None, self.year)
            and other.day in (None, self.day)
        )


def find_dates(text: str) -> Iterator[Date]:
    """Yield every date of `text` that tells a month, in all readings that it has."""
    for pattern in _WRITTEN:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            month = parts["month"].lower()
            number = int(month) if month.isdigit() else _NUMBERS[month[:3]]
            day = int(parts["day"]) if parts.get("day") else None
            year = int(parts["year"]) if parts.get("year") else None
            if 1 <= number <= 12 and (day is None or 1 <= day <= 31):
                yield Date(year, number, day, *found.span())
