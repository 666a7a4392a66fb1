"""Times and quantities of an answer against those of a reference, as exactly as is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from iabench.grading.numbers import (
    Quantity,
    agree,
    other_bound,
    other_currency,
    plain_numbers,
    quantities,
)
from iabench.grading.objections import Answer, covering, objection
from iabench.grading.spans import is_quantity
from iabench.grading.times import Time, another_part, is_time, plain_times, tells, times
from iabench.grading.wanted import Wanted

__all__ = ["PASS", "READ", "SHORT", "Verdict", "number", "time"]

Verdict = tuple[bool | None, str, str]
"""Right, wrong, or not for this rule to say; the rule or what stood against it; words."""
PASS: Verdict = (None, "", "")
SHORT = 12
"""Words up to which an answer is compared as one span."""
READ = 1500
"""Characters up to which an answer is read sentence by sentence; else only word for word."""

_RANGE = re.compile(
    r"\d ?(?:-|–|to) ?\d|\bbetween \S*\d\S*(?: \w+)? and \S*\d|\bfrom \S*\d\S*(?: \w+)? to \S*\d"
)
_OUT_OF = re.compile(r"\w (?:out )?of (?:the |its |all )?\w+")


def time(answer: Answer, reference: str, asks: Wanted) -> Verdict:
    """A time tells another as exactly as the question asks."""
    if asks.precision == "century" and re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)", reference):
        reference += " century"
    whole = is_time(reference)
    if whole and len(answer.words) <= SHORT and another_part(answer.text, reference):
        return False, "another time", ""
    short = asks.sort == "time" and len(answer.words) <= SHORT and is_time(answer.text)
    if not (whole or short) or (asks.sort == "number" and not asks.precision):
        return PASS
    meant = times(reference)
    if asks.precision == "" and all(m.grain == "years" for m in meant):
        return PASS
    plain = Answer(plain_times(answer.text), answer.question, answer.references)
    said = times(answer.text) if len(answer.text) <= READ else ()
    if asks.precision == "century" and re.fullmatch(r"\d+(?:st|nd|rd|th)\.?", answer.text):
        said = times(f"{answer.text} century")
    if not whole:
        # "May" tells too little of "the second Sunday in May".
        said = tuple(time for time in said if time.first is not None)
    if span := _whole_span(said):
        said = (span, *said)
    against = "another time"
    for time in said:
        if not any(tells(time, other, asks) for other in meant):
            continue
        objects = objection(plain, *covering(plain, time.start, time.end))
        if objects is None and _differing(said, time) and len(answer.words) <= SHORT // 2:
            objects = "one of several"
        if objects is None:
            return True, "time", plain.text[time.start : time.end]
        against = objects
    return (False, against, "") if whole else PASS


def _whole_span(said: tuple[Time, ...]) -> Time | None:
    """Return the span from the first to the last of two times: "from April 1861 until 1865"."""
    dated = sorted((t for t in said if t.first is not None), key=lambda t: t.start)
    if len(dated) != 2 or dated[0].first is None or dated[1].last is None:
        return None
    if dated[0].first >= dated[1].last:
        return None
    return Time("years", dated[0].first, dated[1].last, None, None, dated[0].start, dated[1].end)


def _differing(said: tuple[Time, ...], time: Time) -> bool:
    """Return whether an answer tells another time beside one."""
    apart = (o for o in said if o.end <= time.start or o.start >= time.end)
    return any((o.first, o.month, o.day) != (time.first, time.month, time.day) for o in apart)


def number(answer: Answer, reference: str, asks: Wanted) -> Verdict:
    """A number is another one, after conversion of units and rounding."""
    meant = quantities(reference)
    if not meant or not is_quantity(reference, asks):
        return PASS
    said = quantities(answer.text[:READ])
    if not said:
        return PASS if asks.sort != "number" else (False, "no number", "")
    short = len(answer.words) <= SHORT
    if short and "or" in answer.keys:
        return False, "one of several", ""
    if short and (other_bound(answer.text, reference) or other_currency(answer.text, reference)):
        return False, "another number", ""
    unit = asked_unit(asks.text)
    if len(meant) > 1 and _RANGE.search(plain_numbers(reference)):
        return _range(answer, said, meant)
    if len(meant) == 2 and _OUT_OF.search(plain_numbers(reference)):
        # "Nine of the thirteen" are nine.
        meant, said = meant[:1], said[: 1 if len(said) == 2 else None]
    for one in said:
        for other in meant:
            if agree(one, other, asked_unit=unit) and (short or _measured(one, other)):
                return True, "quantity", answer.text if short else f"{one.value:g} {one.unit}"
    return False, "another number", ""


def _range(answer: Answer, said: Sequence[Quantity], meant: Sequence[Quantity]) -> Verdict:
    """Both ends of a range are said; a unit behind the second is one of the first too."""
    if len(said) < 2:
        return False, "another range", ""
    unit, other = said[1].unit, meant[1].unit
    ends = zip(
        (replace(said[0], unit=said[0].unit or unit), said[1]),
        (replace(meant[0], unit=meant[0].unit or other), meant[1]),
        strict=True,
    )
    if all(agree(one, end) for one, end in ends):
        return True, "range", answer.text
    return False, "another range", ""


def _measured(one: Quantity, other: Quantity) -> bool:
    return bool(one.dimension and other.dimension) or one.value == other.value


def asked_unit(question: str) -> str:
    """Return the unit that a question asks for ("how many feet" gives "feet"), or ""."""
    found = re.search(r"\bhow many ([a-z]+)|\bin degrees ([a-z]+)", question)
    return (found[1] or found[2] or "") if found else ""
