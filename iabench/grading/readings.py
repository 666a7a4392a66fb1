"""A reference as it may be read: without brackets, by its parts, as a list; names in an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from iabench.grading.names import PARTICLES
from iabench.grading.normalize import clean, detokenised
from iabench.grading.objections import Answer
from iabench.grading.wanted import Wanted

__all__ = ["members", "names_in", "outside_brackets", "readings"]

_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_NICKNAME = re.compile(r"\s[\"'(][\w. -]+[\"')](?=\s)")
_OR = re.compile(
    r"(?i)\s*[,;(]?\s*(?<!')\b(?:or|also known as|aka|a\.k\.a\.?|also called|formerly|i\.e\.)\b"
    r",?\s*"
    r"|\s/\s|(?<=[^\W\d]{3})/(?=[^\W\d]{3})|;"
)
_FEATURING = re.compile(r"(?i),?\s+\(?(?:featuring|feat\.?|ft\.?)\s")
_AND = re.compile(r"\s*(?:,\s*(?:and|or|&)\s+|,\s+|;\s*|\s+and\s+|\s*&\s*|\s+or\s+|\s*/\s*)", re.I)
_DESCRIBED = re.compile(r"(?:^|.*\s)[a-z][\w'-]*\s+((?:[A-Z][\w.'-]*\s?){2,5})$")
_MOST_NAMES = 12
# Words that have a capital at the beginning of a sentence without being of the name behind.
_OPENERS_WORDS = (
    "in it but and so then when while after before by although though yet here there this that "
    "later only both since until for from with as actually"
)
_OPENERS = frozenset(_OPENERS_WORDS.split())


@lru_cache(maxsize=4096)
def readings(reference: str) -> tuple[str, ...]:
    """Return the forms of a reference any of which answers as it does, itself first."""
    text = re.sub(r"(?<=[a-z]{2})\.$", "", clean(detokenised(reference)).strip(' *"'))
    forms = [text]
    plain = _NICKNAME.sub("", text)
    outside = _BRACKETS.sub("", plain).strip()
    inside = [m.strip() for m in _BRACKETS.findall(text)]
    forms.append(outside)
    forms += [
        m
        for m in inside
        if len(m) > 1
        and not re.fullmatch(
            r"[\W\d]*|.*\b\d{4}\b.*|.*\b(?:film|band|album|song|novel|series|character|actor|season|tv)\b.*",
            m,
            re.I,
        )
    ]
    forms.append(_FEATURING.split(outside)[0])
    title, colon, _ = outside.partition(": ")
    if colon and len(title.split()) > 1:
        forms.append(title)
    if not re.search(r"\d", outside):
        forms += [part.strip(" ()") for part in _OR.split(outside)]
    if (
        (described := _DESCRIBED.match(outside))
        and " and " not in outside
        and " of " not in outside
    ):
        forms.append(described[1].strip())
    if re.fullmatch(r"[^,]+, (?:Jr|Sr|II|III|OBE|MBE|CBE)\.?", outside):
        forms.append(outside.split(",")[0])
    return tuple(dict.fromkeys(form for form in forms if len(form) > 1 or form == text))


def outside_brackets(text: str) -> str:
    """Return a text without what it has in brackets, or itself where nothing else is there."""
    return _BRACKETS.sub("", text).strip() or text


def members(reference: str, asks: Wanted) -> tuple[tuple[str, ...], bool]:
    """Return (members of a list, whether one is enough); no members: it is no list."""
    text = _BRACKETS.sub("", reference)
    parts = tuple(part.strip(" .") for part in _AND.split(text) if part and part.strip(" ."))
    if len(parts) < 2 or any(len(part.split()) > 5 for part in parts):
        return (), False
    if asks.one:
        return parts, True
    joined = re.search(r"\s(?:and|&)\s", text) is not None
    if re.search(r"\d", text) and asks.sort in {"time", "number"}:
        return (), False
    if asks.all and (joined or len(parts) > 2):
        return parts, False
    named = all(part[0].isupper() for part in parts)
    if joined and named and asks.sort in {"person", "place"}:
        return parts, False
    return (), False


def names_in(answer: Answer) -> Iterator[tuple[int, int]]:
    """Yield (first word, last word) of what may be a name: a short answer, and runs of capitals."""
    words, text = answer.words, answer.text
    if len(words) <= 8:
        brackets = _BRACKETS.search(text)
        yield 0, len(words) - 1
        if brackets:
            last = sum(word.end <= brackets.start() for word in words) - 1
            if last >= 0:
                yield 0, last
        begins = 0
        for place in range(len(words) - 1):
            if re.search(r"[,:;]", answer.gap(place)) or words[place + 1].key == "and":
                yield begins, place
                begins = place + 1 + (words[place + 1].key == "and")
        if 0 < begins < len(words):
            yield begins, len(words) - 1
    yield from _capitals(answer)


def _capitals(answer: Answer) -> Iterator[tuple[int, int]]:
    words, count, place = answer.words, 0, 0
    if answer.lower:
        return
    while place < len(words) and count < _MOST_NAMES:
        if not answer.raw(place)[0].isupper():
            place += 1
            continue
        last = place
        while last + 1 < len(words) and re.fullmatch(r"\.? ?-?", answer.gap(last)):
            behind = answer.raw(last + 1)
            particle = words[last + 1].key in PARTICLES and last + 2 < len(words)
            if not (behind[0].isupper() or (particle and answer.raw(last + 2)[0].isupper())):
                break
            last += 1
        if not _possessor(answer, last):
            yield place, last
        if last > place and words[place].key in _OPENERS:
            yield place + 1, last
        place, count = last + 1, count + 1


def _possessor(answer: Answer, last: int) -> bool:
    """Return whether a name only owns what stands behind it: "Roosevelt's wife Eleanor"."""
    if not re.search(r"'s?$", answer.raw(last)) or last + 1 >= len(answer.words):
        return False
    return answer.gap(last) == " "
