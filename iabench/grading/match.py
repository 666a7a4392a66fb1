"""`match@1`: is a reference in the answer, and does the answer stand by it?

A reference counts if it is the whole answer, or stands in it as whole words and is neither denied
("not Paris"), nor one of several candidates ("Paris or Lyon"), nor taken back ("Paris. No, it is
Lyon"), nor a part of a longer name ("Papua New Guinea" for Guinea), nor only an echo of the
question. Numbers are compared by value, dates by their parts; diacritics are dropped only where
nothing is found with them. Element symbols and the like are compared with their case.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from iabench.grading.base import Referenced
from iabench.grading.dates import find_dates
from iabench.grading.normalize import Word, answer_words, clean
from iabench.records import Judgement, RunSpec

__all__ = ["Match"]

_SYMBOL = re.compile(r"[A-Z][a-z]?")
_ALSO_WORDS = "he as at in i no be am a o la pa us so ho os ac y"
_WORDS_TOO = frozenset(_ALSO_WORDS.split())
_SIGN = re.compile(
    r"(?:(?:\b(?:is|was|be|symbol|letters?|answer|by|as)\b|'s|[:=])[\s\"'(*`:]*|[\"'(*`])$", re.I
)
_SIGN_ENDS = re.compile(r"[\"')*`\]]*(?:\s*(?:$|[.,;:!?)]|[-–—(])|\s+for\b)")
_BOUNDARY = re.compile(r"[.,;:!?()\[\]—–\"]|\s-\s")
_SENTENCE_END = re.compile(r"[.;!?]")
_YES_NO = frozenset({"yes", "no", "true", "false"})
_ASKS_FOR_A_SYMBOL = frozenset({"symbol", "symbols", "abbreviation", "formula", "letter", "code"})
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
    | {"equatorial", "papua", "upper", "lower"}
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
_ALSO_MAYBE = re.compile(
    r"\b(?:(?:might|may|could)(?: also)? be|maybe|perhaps|possibly)(?: in)? (?P<candidate>[^\W_]+)",
    re.IGNORECASE,
)


class Match:
    """The matcher of answers and references."""

    id = "match@1"

    def __init__(self, spec: RunSpec | None = None) -> None:
        """Open it; rules alone need nothing of the run."""

    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order.

        `reason` is the rule that made it right (`exact`, `alias`, `symbol`, `yes or no`, `number`,
        `date`, `contained`), or what stood against it (`denied`, `one of several`, `taken back`,
        `another era`,
        `longer name`, `echo`, `no reference in it`). An empty answer, or a case without
        references, is undecided.
        """
        for case in cases:
            yield _judge(case)

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class _Answer:
    """An answer as it is searched, and all references, so that an alias is no rival."""

    text: str
    question: tuple[str, ...]
    references: tuple[tuple[str, ...], ...]

    @cached_property
    def words(self) -> list[Word]:
        return answer_words(self.text)

    @cached_property
    def bare(self) -> list[Word]:
        """Return the words without diacritics; the same places as `words`."""
        return answer_words(self.text, marks=False)

    @cached_property
    def keys(self) -> list[str]:
        return [word.key for word in self.words]

    @cached_property
    def taken_back(self) -> int:
        """Return where the last "no, it is X" begins, or -1."""
        return self._last(_TAKEN_BACK)

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
        own = word.casefold().removesuffix("'s")
        return (word[0].isupper() or word[0].isdigit()) and own not in known | _SMALL | _MAYBE


def _judge(case: Referenced) -> Judgement:
    if not case.answer.strip():
        return Judgement(value=None, reason="empty")
    references = [reference for reference in case.references if reference.strip()]
    if not references:
        return Judgement(value=None, reason="no references")
    keys = tuple(_keys(reference) for reference in references)
    text = clean(case.answer.replace("\n", " ; "))
    answer = _Answer(text, tuple(w.key for w in _question_words(case.question)), keys)
    against = ""
    for place, reference in enumerate(references):
        value, rule, evidence = _compare(answer, reference, keys[place])
        if value:
            if rule == "exact" and place:
                rule = "alias"
            return Judgement(value=True, reason=rule, evidence=evidence)
        against = against or rule
    return Judgement(value=False, reason=against or "no reference in it")


@lru_cache(maxsize=4096)
def _keys(reference: str) -> tuple[str, ...]:
    return tuple(word.key for word in answer_words(reference))


@lru_cache(maxsize=4096)
def _question_words(question: str) -> list[Word]:
    return answer_words(question)


def _compare(answer: _Answer, reference: str, keys: tuple[str, ...]) -> tuple[bool, str, str]:
    """Return (right, rule, words of the answer) for one reference."""
    reference = clean(reference)
    yes_no = len(keys) == 1 and keys[0] in _YES_NO
    if yes_no and not _ASKS_FOR_A_SYMBOL & set(answer.question):
        right = bool(answer.words) and answer.words[0].key == keys[0]
        return right, "yes or no", answer.raw(0) if right else ""
    if _SYMBOL.fullmatch(reference):
        found = _symbol(answer.text, reference)
        return (True, "symbol", found) if found else (False, "", "")
    if keys and tuple(answer.keys) == keys:
        return True, "exact", answer.text
    against = ""
    for rule, first, last in _occurrences(answer, reference, keys):
        objection = _objection(answer, first, last)
        if objection is None:
            return True, rule, answer.text[answer.words[first].start : answer.words[last].end]
        against = against or objection
    return False, against, ""


def _symbol(text: str, symbol: str) -> str:
    """Return the symbol where the answer gives it, or "".

    "He" and "In" are words as well: those count only where an answer stands.
    """
    if text.strip(" .,;:!?\"'*`()[]") == symbol:
        return symbol
    for found in re.finditer(rf"(?<![\w'.-]){symbol}(?![\w'])", text):
        before, behind = text[max(found.start() - 40, 0) : found.start()], text[found.end() :]
        if re.search(r"\b(?:not|never|or)\s+[\"'(]*$|\b[A-Z]\.\s*$", before):
            continue
        if re.match(r"[\"')]*\s+or\s+[A-Z]", behind[:20]):
            continue
        if symbol.lower() not in _WORDS_TOO or (
            _SIGN.search(before) and _SIGN_ENDS.match(behind[:20])
        ):
            return symbol
    return ""


def _occurrences(
    answer: _Answer, reference: str, keys: tuple[str, ...]
) -> Iterator[tuple[str, int, int]]:
    """Yield (rule, first word, last word) of every place where a reference stands."""
    rule = "number" if len(keys) == 1 and keys[0][-1].isdigit() else "contained"
    yield from ((rule, *span) for span in _runs(answer.keys, keys))
    wanted = [d for d in find_dates(reference) if d.end - d.start >= len(reference.rstrip("."))]
    if wanted:
        for date in find_dates(answer.text):
            if any(date.tells(other) for other in wanted):
                yield ("date", *_covering(answer, date.start, date.end))
    bare = tuple(word.key for word in answer_words(reference, marks=False))
    bare_words = [w.key for w in answer.bare]
    if bare != keys or bare_words != answer.keys:
        for span in _runs(bare_words, bare):
            yield (f"{rule}, without diacritics", *span)


def _runs(words: Sequence[str], keys: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    size = len(keys)
    for place in range(len(words) - size + 1 if keys else 0):
        if words[place] == keys[0] and tuple(words[place : place + size]) == keys:
            yield place, place + size - 1


def _covering(answer: _Answer, start: int, end: int) -> tuple[int, int]:
    ends = bisect_right(answer.words, start, key=lambda word: word.end)
    starts = bisect_left(answer.words, end, key=lambda word: word.start)
    return ends, starts - 1


def _objection(answer: _Answer, first: int, last: int) -> str | None:
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


def _longer_name(answer: _Answer, first: int, last: int) -> bool:
    if not answer.raw(first)[0].isupper() or answer.text.isupper():
        return False
    if first > 0 and answer.gap(first - 1) == " " and answer.words[first - 1].key in _COMPASS:
        return answer.raw(first - 1)[0].isupper()
    if last + 1 >= len(answer.words) or answer.gap(last) != " ":
        return False
    behind = answer.raw(last + 1)
    return behind[0].isupper() and behind.casefold() not in _SORTS | _SMALL


def _echo(answer: _Answer, first: int, last: int) -> bool:
    """Return whether the reference only stands in a longer phrase that the question had."""
    keys = answer.keys
    for start, end in ((first - 1, last), (first, last + 1)):
        if start < 0 or end >= len(keys):
            continue
        added = keys[start] if start < first else keys[end]
        phrase = tuple(keys[start : end + 1])
        if added not in _SMALL and any(True for _ in _runs(answer.question, phrase)):
            return True
    return False


def _denied(answer: _Answer, first: int, last: int) -> bool:
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


def _denied_behind(answer: _Answer, first: int, last: int) -> bool:
    """Return whether the reference is the subject of a denial: "Paris is not the capital"."""
    if first > 1 and not _BOUNDARY.search(answer.gap(first - 1)):
        return False
    behind = [w.key for w in answer.words[last + 1 : last + 4]]
    if not behind or _BOUNDARY.search(answer.gap(last)):
        return False
    if behind[0].endswith("n't"):
        return behind[1:2] != ["only"]
    return behind[0] in _COPULAS and behind[1:2] in (["not"], ["never"]) and behind[2:] != ["only"]


def _one_of_several(answer: _Answer, first: int, last: int) -> bool:
    return _rival_behind(answer, last) or _rival_before(answer, first)


def _rival_behind(answer: _Answer, last: int) -> bool:
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


def _rival_before(answer: _Answer, first: int) -> bool:
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


def _rival(answer: _Answer, own: int, other: int) -> bool:
    """Return whether the word at `other` is another candidate beside the reference at `own`."""
    if answer.is_reference(other) or not answer.names(answer.raw(other)):
        lower = answer.raw(own)[0].islower() and answer.raw(other)[0].islower()
        return lower and "or" in {w.key for w in answer.words[min(own, other) : max(own, other)]}
    if answer.raw(other)[0].isdigit():
        return _same_size(answer, own, other)
    return answer.raw(own)[0].isupper()


def _same_size(answer: _Answer, own: int, other: int) -> bool:
    """Return whether two words are numbers with as many digits: a range or a choice."""
    mine, theirs = answer.words[own].key, answer.words[other].key
    return mine.isdigit() and theirs.isdigit() and len(mine) == len(theirs)
