"""What the lexical detector sees of a response: which rules speak, what stands beside, which words.

A signal is a name and a value. `n:` is what the narrow rules say (`lexical`), `r:` a wide rule of
`cues.OPEN`, with the place where it speaks and the form of the question; `b:` what clauses do
beside (guess, turn back, send elsewhere, bring what was asked); `q:` the question, `a:` its words;
`w:` and `v:` words of the first sentence and of the others, with marks for the question's own, for
names and for numbers; `c:` and `d:` the classes of these words, a few in a row; `f:` a class in
reply to a form of question; `m:` and `x:` rules and words of other languages. How
much each says is learned (`lexicon`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from iabench.grading.asked import Asked, content
from iabench.grading.clauses import Clause, in_a_title
from iabench.grading.cues import OPEN, Cue
from iabench.grading.cues.frames import (
    ANSWERS_ASIDE,
    BACKGROUND,
    GUESS,
    NEGATION,
    NO_CANDIDATE,
    REDIRECTS,
    TURNS,
    VERDICT,
)
from iabench.grading.stems import STOP, stem
from iabench.grading.wordclasses import word_class
from iabench.records import Judgement, Kind

__all__ = ["Found", "Seen", "foreign", "of_rules", "read_of", "see"]

_BESIDE: dict[str, Callable[[str], object]] = {
    "guess": GUESS.search,
    "turn": TURNS.match,
    "verdict": VERDICT.search,
    "elsewhere": REDIRECTS.search,
    "aside": ANSWERS_ASIDE.search,
    "speaks-of-it": NO_CANDIDATE.search,
    "denies": NEGATION.search,
    "background": BACKGROUND.search,
}
_YES = re.compile(r"^(?:yes|no|yeah|nope|yep|sure|certainly|absolutely|definitely|of course)\b")
_NOT_THAT = re.compile(r"\bnot (?:a |an |the |in |by |for |on |to )?\w+(?: \w+)?$")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_REMEMBERED = 400
"""Characters of the longest clause whose rules are kept for the next that is equal."""
_MOST, _LAST = 60, 10
"""Clauses of a long response that are read: so many at its beginning and at its end."""
_READ = 2_000
"""Characters of a text that is not English."""
_HALF, _SLIGHT, _FIRST, _FAINT = 0.5, 0.3, 0.7, 0.2
"""Values of signals that come in many variants, so that none of them weighs as much as a rule."""


@dataclass(frozen=True, slots=True)
class Found:
    """One place where a rule speaks."""

    rule: str
    kind: Kind
    clause: int
    start: int
    end: int
    """Where in the text of its clause."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The signals of a response, and where its rules speak."""

    values: dict[str, float]
    found: tuple[Found, ...]


def read_of(parts: Sequence[Clause]) -> list[Clause]:
    """Return the clauses of a response that are read: of a long one the first and the last."""
    return [*parts[:_MOST], *parts[max(_MOST, len(parts) - _LAST) :]]


def see(about: Asked, parts: Sequence[Clause]) -> Seen:
    """Return the signals of an English response that has at least one clause."""
    found = tuple(_found(parts))
    forms = about.forms
    values: dict[str, float] = dict.fromkeys((f"q:{form}" for form in forms), _SLIGHT)
    values |= _of_rules(parts, found, forms)
    values |= _beside(about, parts, {one.clause for one in found})
    values |= _opening(about, parts, forms)
    values |= _asks(about)
    values |= _words(about, parts, forms)
    return Seen(values, found)


def _found(parts: Sequence[Clause]) -> Iterator[Found]:
    last = parts[-1].sentence if parts else 0
    for place, part in enumerate(parts):
        if 2 <= part.sentence < last - 1:
            continue
        matches = _matches(part.text) if len(part.text) <= _REMEMBERED else _match(part.text)
        titled = sum(token.raw[0].isupper() for token in part.tokens) > 1
        for rule, start, end in matches:
            if not (titled and in_a_title(part, start, end)):
                yield Found(rule.id, rule.kind, place, start, end)


def _match(text: str) -> list[tuple[Cue, int, int]]:
    """Return the rules that speak in a text, with their spans."""
    found = ((rule, rule.pattern.search(text)) for rule in OPEN)
    return [(rule, *match.span()) for rule, match in found if match is not None]


# Models decline in the same few words again and again.
_matches = lru_cache(maxsize=8192)(_match)


def _of_rules(
    parts: Sequence[Clause], found: Sequence[Found], forms: Sequence[str]
) -> dict[str, float]:
    """Return the rules that speak, where, and to what sort of question."""
    values: dict[str, float] = {}
    last = parts[-1].sentence
    for one in found:
        part = parts[one.clause]
        name = f"r:{one.rule}"
        where = "first" if part.sentence == 0 else "last" if part.sentence == last else "later"
        values |= {name: 1.0, f"{name}:{where}": 1.0}
        if one.clause == 0:
            values[f"{name}:opens"] = _FIRST
        if part.sentence == 0:
            values |= dict.fromkeys((f"{name}:{form}" for form in forms), _HALF)
        if part.asks:
            values[f"{name}:asks"] = _HALF
    values[f"b:rules-{min(6, len({one.rule for one in found}))}"] = 1.0
    values[f"b:first-{any(parts[one.clause].sentence == 0 for one in found)}"] = 1.0
    return values


def _beside(about: Asked, parts: Sequence[Clause], spoken: set[int]) -> dict[str, float]:
    """Return what the clauses do in which no rule speaks, and how long all is."""
    values: dict[str, float] = {}
    capitals = any(
        token.raw[0].isupper() and token.text != "i" and token.start > 0
        for part in parts
        for token in part.tokens
    )
    rest = sum(len(part.tokens) for at, part in enumerate(parts) if at not in spoken)
    values[f"b:rest-{min(6, rest.bit_length())}"] = 1.0
    length = sum(len(part.tokens) for part in parts)
    values[f"b:length-{min(6, length.bit_length())}"] = 1.0
    values[f"b:sentences-{min(parts[-1].sentence, 3)}"] = 1.0
    first = min(spoken, default=len(parts))
    for place, part in enumerate(parts):
        where = "first" if part.sentence == 0 else "later"
        side = "in" if place in spoken else "before" if place < first else "behind"
        for name in _says(part.text):
            values[f"b:{name}-{side}-{where}"] = 1.0
        if part.asks:
            values[f"b:asks-{side}-{where}"] = 1.0
        if part.sentence < 4 and about.may_answer(part, capitals=capitals):
            values[f"b:may-answer-{about.wants}-{side}-{where}"] = 1.0
            if about.short(part):
                values[f"b:short-answer-{about.wants}-{side}"] = 1.0
    return values


@lru_cache(maxsize=8192)
def _says(text: str) -> tuple[str, ...]:
    """Return what a clause does beside declining."""
    return tuple(name for name, says in _BESIDE.items() if says(text))


def _opening(about: Asked, parts: Sequence[Clause], forms: Sequence[str]) -> dict[str, float]:
    """Return how the first sentence stands to the question."""
    opening = [part for part in parts if part.sentence == 0]
    text = " ".join(part.text for part in opening)
    said = content(text)
    shared = len(said & about.words) / max(1, len(about.words))
    denies = NEGATION.search(text) is not None
    values = {
        f"b:shares-{min(3, int(4 * shared))}-{denies}": 1.0,
        f"b:brings-{min(4, len(said - about.words))}-{denies}": _FIRST,
    }
    values |= dict.fromkeys((f"b:{shared > 0.4}-{denies}-{form}" for form in forms), _HALF)
    if about.entity and about.entity <= said:
        values["b:names-it"] = _FIRST
    if any(_NOT_THAT.search(part.text) for part in opening):
        values["b:not-that"] = 1.0
    if _YES.match(text):
        values[f"b:yes-{about.yes_no}"] = 1.0
    own = about.raw.lower()
    tokens = [token for part in opening for token in part.tokens]
    if any(t.raw[0].isdigit() and t.raw.lower() not in own for t in tokens):
        values[f"b:number-{about.wants}"] = _FIRST
    if any(t.raw[0].isupper() and t.raw.lower() not in own for t in tokens[1:] if t.text != "i am"):
        values[f"b:name-{about.wants}"] = _FIRST
    if parts[-1].asks:
        values["b:ends-asking"] = 1.0
    if any(all(token.quoted for token in part.tokens) for part in opening):
        values["b:quotes"] = 1.0
    return values


def _asks(about: Asked) -> dict[str, float]:
    """Return how a question begins, and its words."""
    words = about.text.split()
    names = [f"a:{' '.join(words[:n])}" for n in (1, 2)]
    return dict.fromkeys([*names, *(f"a:{stem(word)}" for word in words)], _FAINT)


def _words(about: Asked, parts: Sequence[Clause], forms: Sequence[str]) -> dict[str, float]:
    """Return words of the first sentence and of the others, their classes, a few in a row."""
    values: dict[str, float] = {}
    for part in parts:
        marked = ["^", *_marked(about, part), "$"]
        first = part.sentence == 0
        where, classed = ("w", "c") if first else ("v", "d")
        names = [f"{a} {b}" for a, b in pairwise(marked)] + marked[1:-1]
        values |= dict.fromkeys((f"{where}:{name}" for name in names), _SLIGHT)
        classes = [_class(word) for word in marked]
        rows = [classes, pairwise(classes), zip(classes, classes[1:], classes[2:], strict=False)]
        names = [name if isinstance(name, str) else " ".join(name) for row in rows for name in row]
        values |= dict.fromkeys((f"{classed}:{name}" for name in names), _FAINT)
        if first:
            crossed = (f"f:{form}:{one}" for form in forms for one in set(classes))
            values |= dict.fromkeys(crossed, _FAINT)
    return values


@lru_cache(maxsize=1 << 14)
def _class(word: str) -> str:
    """Return the class of a word or mark; "*" for a word of none."""
    return word_class(word) or ("*" if word.islower() else word)


def _marked(about: Asked, part: Clause) -> Iterator[str]:
    before = ""
    shouted = all(token.raw.isupper() for token in part.tokens)
    for at, token in enumerate(part.tokens):
        for word in token.text.split():
            if token.quoted:
                mark = "Quoted"
            elif word[0].isdigit():
                mark = "0"
            elif word not in STOP and stem(word) in about.words:
                mark = "Asked"
            elif at and token.raw[0].isupper() and word != "i" and not shouted:
                mark = "Name"
            else:
                mark = word
            if mark != before or mark not in {"Asked", "Name", "0", "Quoted"}:
                yield mark
            before = mark


def foreign(text: str) -> dict[str, float]:
    """Return words of a text that is not English, pairs of them, and letters, as words are bent."""
    text = text[:_READ]
    han = _HAN.findall(text)
    units = han or re.findall(r"[^\W\d_]+", text.lower())
    names = [*units, *(f"{a} {b}" for a, b in pairwise(["^", *units, "$"]))]
    if han:
        names += ["".join(units[at : at + 3]) for at in range(len(units) - 2)]
    else:
        bounded = [f"<{unit}>" for unit in units]
        names += [one[at : at + 5] for one in bounded for at in range(len(one) - 4)]
        classes = ["^", *filter(None, map(word_class, units)), "$"]
        names += [f"{a}>{b}" for a, b in pairwise(classes)]
    return dict.fromkeys((f"x:{name}" for name in names), _SLIGHT)


def of_rules(judged: Judgement, mark: str = "n") -> dict[str, float]:
    """Return what the narrow rules and the search for a candidate came to.

    Args:
        judged: their verdict.
        mark: what these signals begin with: `n`, or `m` where it is of another language.
    """
    values = {f"{mark}:any": 1.0, f"{mark}:{judged.value}": 1.0}
    values |= dict.fromkeys((f"{mark}:{kind}" for kind in judged.kinds), 1.0)
    if not judged.value:
        values[f"{mark}:{judged.reason.rpartition(', ')[2]}"] = 1.0
    return values
