"""What stands against a reference that an answer has: it is denied, one of several, taken back...

All of it looks only at the words around one place of the answer, so that a long answer takes time
in proportion to its length.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from iabench.grading.normalize import Word, answer_words

__all__ = ["Answer", "objection", "runs"]

_BOUNDARY = re.compile(r"[.,;:!?()\[\]—–\"]|\s-\s")
_SENTENCE_END = re.compile(r"[.;!?]")
_ERA = frozenset({"bc", "bce"})

_NOT = frozenset({"not", "never", "nor", "neither", "cannot", "unlike", "except", "without"})
_NOT_DENYING = frozenset(
    {"only", "just", "merely", "sure", "certain", "know", "surprising", "doubt", "surprisingly"}
)
_INSTEAD = frozenset({("rather", "than"), ("instead", "of"), ("other", "than"), ("no", "longer")})
_COPULAS = frozenset({"is", "was", "are", "were", "does", "did", "has", "would", "could", "can"})
_REACH = 7
"""Words over which a "not" carries."""

_MAYBE = frozenset({"maybe", "perhaps", "possibly", "probably", "in", "at", "else", "it", "is"})
_OR_WHAT = frozenset({"so", "not", "thereabouts", "something", "more", "less", "later", "earlier"})
_COMPASS = frozenset(
    {"new", "north", "south", "east", "west", "northern", "western"}
    | {"equatorial", "papua", "upper", "lower", "blue", "white", "black", "red"}
)
_SORTS = frozenset(
    {
        "river",
        "ocean",
        "sea",
        "lake",
        "city",
        "island",
        "islands",
        "mountain",
        "mountains",
        "desert",
    }
    | {"university", "company", "inc", "ltd", "corporation", "jr", "sr", "republic", "state"}
)
_SMALL = frozenset({"the", "a", "an", "of", "in", "and", "is", "was", "it", "for", "to", "or"})
_TAKEN_BACK = re.compile(
    r"(?:^|[.,;!?-]\s*)(?:no|wait|actually|sorry|correction|scratch that|i mean|oops)\b[,.:!-]*\s+"
    r"(?:(?:wait|no|actually|it is|it's|it was|that is|i mean|i meant|rather)\b[,.:]*\s+){0,3}"
    r"(?P<candidate>[^\W_]+)",
    re.IGNORECASE,
)
_UNTRUE = re.compile(
    r"\b(?:that|this|it) (?:is|was)(?: only| just| simply)? (?:wrong|false|untrue|incorrect|"
    r"not (?:true|so|right|correct|the case)|an? (?:legend|myth|mistake))\b",
    re.IGNORECASE,
)
_INSTEAD_LOWER = re.compile(
    r",\s*no,\s*(?:sorry,\s*|wait,\s*)?(?:as )?(?P<candidate>[a-z][\w-]*)\s*[.!]?$"
)
_ALSO_MAYBE = re.compile(
    r"\b(?:(?:might|may|could)(?: also)? be|maybe|perhaps|possibly)(?: in)? (?P<candidate>[^\W_]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answer:
    """An answer as it is searched, and all references, so that an alias is no rival."""

    text: str
    question: tuple[str, ...]
    references: tuple[tuple[str, ...], ...]

    @cached_property
    def words(self) -> list[Word]:
        """Return the words, in order."""
        return answer_words(self.text)

    @cached_property
    def bare(self) -> list[Word]:
        """Return the words without diacritics; the same places as `words`."""
        return answer_words(self.text, marks=False)

    @cached_property
    def keys(self) -> list[str]:
        """Return the words as they are compared."""
        return [word.key for word in self.words]

    @cached_property
    def lower(self) -> bool:
        """Return whether the answer is all in small letters, so that no name stands out."""
        return self.text.islower()

    @cached_property
    def taken_back(self) -> int:
        """Return where the last "no, it is X" begins, or -1."""
        untrue = max((m.start() for m in _UNTRUE.finditer(self.text)), default=-1)
        lower = _INSTEAD_LOWER.search(self.text[-80:])
        if lower and lower["candidate"] not in _SMALL | _NOT_DENYING | {"really", "problem"}:
            return len(self.text)
        return max(untrue, self._last(_TAKEN_BACK))

    @cached_property
    def also_maybe(self) -> int:
        """Return where the last "or maybe X" begins, or -1."""
        return self._last(_ALSO_MAYBE)

    def _last(self, pattern: re.Pattern[str]) -> int:
        found = (m for m in pattern.finditer(self.text) if self.names(m["candidate"]))
        return max((m.start() for m in found), default=-1)

    def raw(self, place: int) -> str:
        """Return one word as it stands."""
        return self.text[self.words[place].start : self.words[place].end]

    def gap(self, place: int) -> str:
        """Return what stands between word `place` and the one behind it."""
        return self.text[self.words[place].end : self.words[place + 1].start]

    def is_reference(self, place: int) -> bool:
        """Return whether a reference begins at word `place`."""
        keys = tuple(word.key for word in self.words[place : place + 12])
        return any(keys[: len(reference)] == reference for reference in self.references)

    def names(self, word: str) -> bool:
        """Return whether a raw word can be a rival candidate: a name or a number."""
        known = {key for reference in self.references for key in reference}
        if "or" not in self.question:
            known.update(self.question)
        own = word.casefold().removesuffix("'s")
        return (word[0].isupper() or word[0].isdigit()) and own not in known | _SMALL | _MAYBE


def runs(words: Sequence[str], keys: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of every place where `keys` stand in `words`."""
    size = len(keys)
    for place in range(len(words) - size + 1 if keys else 0):
        if words[place] == keys[0] and tuple(words[place : place + size]) == keys:
            yield place, place + size - 1


def covering(answer: Answer, start: int, end: int) -> tuple[int, int]:
    """Return (first, last) of the words that the characters from `start` to `end` touch."""
    ends = bisect_right(answer.words, start, key=lambda word: word.end)
    starts = bisect_left(answer.words, end, key=lambda word: word.start)
    return ends, starts - 1


def objection(answer: Answer, first: int, last: int) -> str | None:
    """Return what stands against an occurrence of a reference, or None."""
    behind = answer.words[last + 1].key if last + 1 < len(answer.words) else ""
    if answer.raw(last)[-1].isdigit() and behind in _ERA:
        return "another era"
    if _longer_name(answer, first, last):
        return "longer name"
    if _echo(answer, first, last):
        return "echo"
    if _denied(answer, first, last):
        return "denied"
    if _one_of_several(answer, first, last):
        return "one of several"
    behind_it = answer.words[last].end
    if answer.taken_back >= behind_it:
        return "taken back"
    if answer.also_maybe >= behind_it:
        return "one of several"
    return None


def _longer_name(answer: Answer, first: int, last: int) -> bool:
    if not answer.raw(first)[0].isupper() or answer.text.isupper():
        return False
    if first > 0 and answer.gap(first - 1) == " " and answer.words[first - 1].key in _COMPASS:
        return answer.raw(first - 1)[0].isupper()
    if last + 1 >= len(answer.words) or answer.gap(last) != " ":
        return False
    behind = answer.raw(last + 1)
    return behind[0].isupper() and behind.casefold() not in _SORTS | _SMALL


def _echo(answer: Answer, first: int, last: int) -> bool:
    """Return whether the reference only stands in a longer phrase that the question had."""
    keys = answer.keys
    for start, end in ((first - 1, last), (first, last + 1)):
        if start < 0 or end >= len(keys):
            continue
        added = keys[start] if start < first else keys[end]
        phrase = tuple(keys[start : end + 1])
        if added not in _SMALL and any(True for _ in runs(answer.question, phrase)):
            return True
    return False


def _denied(answer: Answer, first: int, last: int) -> bool:
    words = answer.words
    for place in range(first - 1, max(first - 1 - _REACH, -1), -1):
        if _BOUNDARY.search(answer.gap(place)) or words[place].key == "but":
            break
        pair = (words[place].key, words[place + 1].key)
        if pair in _INSTEAD:
            return place == 0 or words[place - 1].key not in {"no", "none"}
        if pair[0] in _NOT or pair[0].endswith("n't"):
            return pair[1] not in _NOT_DENYING
    return _denied_behind(answer, first, last)


def _denied_behind(answer: Answer, first: int, last: int) -> bool:
    """Return whether the reference is the subject of a denial: "Paris is not the capital"."""
    if first > 1 and not _BOUNDARY.search(answer.gap(first - 1)):
        return False
    behind = [w.key for w in answer.words[last + 1 : last + 4]]
    if not behind or _BOUNDARY.search(answer.gap(last)):
        return False
    if behind[0].endswith("n't"):
        return behind[1:2] != ["only"]
    return behind[0] in _COPULAS and behind[1:2] in (["not"], ["never"]) and behind[2:] != ["only"]


def _one_of_several(answer: Answer, first: int, last: int) -> bool:
    return _rival_behind(answer, last) or _rival_before(answer, first)


def _rival_behind(answer: Answer, last: int) -> bool:
    place, words = last + 1, answer.words
    if place >= len(words) or _SENTENCE_END.search(answer.gap(last)):
        return False
    if _joins(answer.gap(last)):
        return _rival(answer, last, place)
    if words[place].key in {"to", "until"} and place + 1 < len(words):
        return _same_size(answer, last, place + 1)
    if words[place].key != "or":
        return False
    place += 1
    while place < len(words) and words[place].key in _MAYBE:
        place += 1
    return (
        place < len(words)
        and words[place].key not in _OR_WHAT
        and not _BOUNDARY.search(answer.gap(last + 1))
        and _rival(answer, last, place)
    )


def _rival_before(answer: Answer, first: int) -> bool:
    place, words = first - 1, answer.words
    if place < 0 or _SENTENCE_END.search(answer.gap(place)):
        return False
    if _joins(answer.gap(place)):
        return _rival(answer, first, place)
    if words[place].key in {"to", "until"} and place > 0:
        return _same_size(answer, first, place - 1)
    while place > 0 and words[place].key in _MAYBE:
        place -= 1
    return place > 0 and words[place].key == "or" and _rival(answer, first, place - 1)


def _joins(gap: str) -> bool:
    return gap.strip() in {"/", "-", "–"}


def _rival(answer: Answer, own: int, other: int) -> bool:
    """Return whether the word at `other` is another candidate beside the reference at `own`."""
    if answer.is_reference(other):
        return False
    if not answer.names(answer.raw(other)):
        lower = answer.raw(own)[0].islower() and answer.raw(other)[0].islower()
        return lower and "or" in {w.key for w in answer.words[min(own, other) : max(own, other)]}
    if answer.raw(other)[0].isdigit():
        return _same_size(answer, own, other)
    return answer.raw(own)[0].isupper()


def _same_size(answer: Answer, own: int, other: int) -> bool:
    """Return whether two words are numbers with as many digits: a range or a choice."""
    mine, theirs = answer.words[own].key, answer.words[other].key
    return mine.isdigit() and theirs.isdigit() and len(mine) == len(theirs)
