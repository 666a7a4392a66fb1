"""The content words of a short text, as they are compared, and what stands between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from iabench.grading.normalize import Word, answer_words, clean, unmarked
from iabench.grading.vocabulary import NEGATIONS, PREPOSITIONS, STOP
from iabench.grading.wordforms import ORDINALS, expand, roman

__all__ = ["Term", "Terms", "terms"]

_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")


@dataclass(frozen=True, slots=True)
class Term:
    """One content word of a span.

    Attributes:
        form: as it is compared.
        proper: it has a capital where the text has small letters too.
        later: it stands behind a preposition or comma: it qualifies what stands before.
        again: it stands behind "and", "or" or a comma: a member of a list.
        of: "of" stands behind it.
        place: index of the word that it came from.
    """

    form: str
    proper: bool
    later: bool
    again: bool
    of: bool
    place: int

    @property
    def number(self) -> bool:
        """Return whether it is a number."""
        return self.form[:1].isdigit() or self.form[1:2].isdigit()


@dataclass(frozen=True, slots=True)
class Terms:
    """The content words of a span, what stood between them, and whether it denies."""

    content: tuple[Term, ...]
    denies: bool
    either: bool
    both: bool
    joined: str
    initials: tuple[str, ...]


@lru_cache(maxsize=8192)
def terms(text: str) -> Terms:
    """Return the content words of a short text."""
    text = clean(text)
    words = answer_words(text)
    keys = tuple(_form(words, at) for at in range(len(words)))
    raw = tuple(text[w.start : w.end].replace(".", "") for w in words)
    mixed = any(w[:1].islower() for w in raw) or len(raw) <= 6
    # One capital at the beginning is a sentence's: "Human fertilization".
    named = len(words) == 1 or any(w[:1].isupper() for w in raw[1:])
    capitals = not text.isupper() or len(words) == 1
    content: list[Term] = []
    later, again, before = False, False, -1
    for form, place in expand(keys, raw):
        gap = text[words[place - 1].end : words[place].start] if place else ""
        if place != before and re.search(r"[,(:;]|\s-\s", gap):
            later = later or bool(content)
            again = True
        before = place
        if form in PREPOSITIONS and content:
            later = True
        if form in {"and", "or"}:
            again = bool(content)
        letter = len(form) == 1 and raw[place].isupper() and (form != "a" or place == len(raw) - 1)
        if (form in STOP and not (letter and place)) or form in NEGATIONS:
            continue
        proper = capitals and mixed and raw[place][:1].isupper() and (place > 0 or named)
        of = place + 1 < len(keys) and keys[place + 1] == "of"
        content.append(Term(form, proper, later, again, of, place))
        again = False
    return Terms(
        tuple(content),
        any(key in NEGATIONS and not _number_sign(keys, at) for at, key in enumerate(keys)),
        "or" in keys,
        "and" in keys,
        "".join(key for key in keys if key not in {"a", "an", "the"}),
        keys,
    )


def _form(words: Sequence[Word], at: int) -> str:
    key = unmarked(words[at].key).replace("'", "")
    if ordinal := _ORDINAL.fullmatch(key):
        return ordinal[1]
    if key in ORDINALS:
        return str(ORDINALS[key])
    if at and key != "i" and (value := roman(key)) is not None and len(key) < 6:
        return str(value) if len(key) > 1 or (key in "vx" and len(words[at - 1].key) > 3) else key
    return key


def _number_sign(keys: Sequence[str], at: int) -> bool:
    """Return whether a "no" stands for "number": "Symphony No. 8"."""
    return keys[at] == "no" and at + 1 < len(keys) and keys[at + 1][:1].isdigit()
