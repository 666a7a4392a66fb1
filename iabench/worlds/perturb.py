"""The swap: the same question about something that does not exist.

A name that stands in more than half of the rows is the *frame* (the company that the file is about)
and stays, however it is written. Of a question's other names the most specific one is swapped for
an invented one of the same type and shape: "Falcon X200" becomes "Merrow T480"; words that say what
sort of thing is named ("Lake", "GmbH", "Project") and those that many names share stay. One word is
swapped for the same one wherever it is part of a name, and for none that stands in the file, in a
list of real names given, or in iabench's own lists.

A name is what is written as one: capitals inside a sentence, letters and digits together, a title
in quotation marks. No model and no dictionary is asked. Where a language writes all nouns large,
`iabench.worlds.capitals` says which of them count; `iabench.worlds.wrapped` says what stands around
the questions and names nothing; questions in titles or capitals only yield names that are none.

The most specific name is the one that the question is about: one of several words or with digits
that comes up again in the file, then others of that kind, then titles, then single words. Countries
and cities, peoples, prizes and genres are what is mentioned beside it, and go last; so does what
stands in a fourth of the rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from iabench.worlds.capitals import (
    ARTICLES,
    GENERIC,
    HEADS,
    JOINING,
    NO_NAMES,
    Nouns,
    mentioned_beside,
    titles,
)
from iabench.worlds.invent import Inventor
from iabench.worlds.names import Purpose
from iabench.worlds.wrapped import Wrapping

__all__ = ["Asked", "Swap", "Swapper"]

_TOKEN = re.compile(r"[^\W_]+(?:[-.&/’'][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$", re.IGNORECASE)
_STARTS = re.compile(r"(?:^|[.!?:;\n\"“”(\[]\s*|[-*•]\s)$")
_QUARTER = re.compile(r"(?:q[1-4]|h[12]|\d+(?:st|nd|rd|th|s|%|x|k|gb|mb|tb|km|kg|cm|mm|m))", re.I)
_LEAST_FRAME = 3
"""Rows that a frame stands in at least: in a file of two, every name would be one."""
_NEARLY_FRAME = 4
"""A name in a fourth of the rows, and in more than these, says little of any one of them."""
_LONGEST_NAME = 5
"""Words of a name that is looked for in small letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the finder sees of a row."""

    question: str
    answer: str = ""
    entity: str | None = None
    """What it is about, where the row says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """One name for another, in every mention."""

    old: str
    new: str
    what: Literal["name", "frame"]
    pieces: tuple[tuple[str, str], ...]
    """(old, new): the whole name first, then the words of it that may stand alone."""

    def apply(self, text: str) -> str:
        """Return a text with all mentions swapped."""
        new = {old.casefold(): new for old, new in reversed(self.pieces)}

        def instead(found: re.Match[str]) -> str:
            swapped = new[found.group().casefold()]
            if found.group().isupper() and not self.old.isupper():
                return swapped.upper()
            return swapped.lower() if found.group().islower() else swapped

        either = "|".join(re.escape(old) for old, _ in self.pieces)
        return re.sub(rf"(?<![^\W_])(?:{either})(?![^\W_])", instead, text, flags=re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    named: bool
    """Written as a name, or as a part of one."""
    first: bool
    """At the head of a sentence, where every word is written large."""


class Swapper:
    """Finds and swaps the names of one file.

    Args:
        rows: all of them: frames and rarity are counted over the whole file.
        real_names: names that exist and must not be hit by chance.
        seed: draws the names; 0 is the public set, whose names no other seed draws.
        purpose: `report` to test, `anchor` to train.
    """

    def __init__(
        self,
        rows: Sequence[Asked],
        *,
        real_names: Iterable[str] = (),
        seed: int = 0,
        purpose: Purpose = "report",
    ) -> None:
        self._rows = rows
        self._texts = [f"{row.question}\n{row.answer}" for row in rows]
        self._real_names = tuple(real_names)
        self._seed, self._purpose = seed, purpose
        self._wrapping = Wrapping([row.question for row in rows])
        asked = [f"{self._wrapping.blank(row.question)}\n{row.answer}" for row in rows]
        self._nouns = Nouns(self._texts)
        self._small: frozenset[str] = frozenset()
        self._count(asked)
        # Then with names that somebody wrote in small letters.
        self._small = self._slipped(asked)
        self._count(asked)
        found = [self._names(row.question) for row in rows]
        self._df = Counter(name.casefold() for names in found for name in set(names))
        self._all = tuple(dict.fromkeys(name for names in found for name in names))
        self._kept = self._shared_words()

    def _slipped(self, texts: Sequence[str]) -> frozenset[str]:
        """Return names of several words that are written small, though not more often than large.

        One slip of the shift key makes no word of a name.
        """
        names = {
            name.casefold()
            for row in self._rows
            for name in self._names(row.question)
            if " " in name and not name.islower()
        }
        words = [_words(text) for text in texts]
        written: Counter[tuple[str, bool]] = Counter()
        for size in range(2, _LONGEST_NAME + 1):
            for listed in words:
                for at in range(len(listed) - size + 1):
                    run = " ".join(listed[at : at + size])
                    if run.casefold() in names:
                        written[run.casefold(), run.islower()] += 1
        return frozenset(name for name in names if written[name, True] <= written[name, False])

    def _count(self, texts: Sequence[str]) -> None:
        """See which words are ordinary ones, and which are those of a frame."""
        self._ordinary: frozenset[str] = frozenset()
        self._frame_words: set[str] = set()
        tokens = [self._tokens(text) for text in texts]
        small = Counter(
            w.text for words in tokens for w in words if w.text.islower() and not w.named
        )
        large = Counter(
            w.text.casefold()
            for words in tokens
            for w in words
            if not w.first and w.text[:1].isupper()
        )
        self._ordinary = frozenset(word for word, n in small.items() if n > large[word])
        tokens = [self._tokens(text) for text in texts]
        said = Counter(
            key for words in tokens for key in {w.text.casefold() for w in words if w.named}
        )
        self._inside = {w.text for words in tokens for w in words if w.named and not w.first}
        least = max(len(texts) / 2, _LEAST_FRAME - 1)
        self._frame_words = {word for word, n in said.items() if n > least}

    @cached_property
    def frames(self) -> tuple[str, ...]:
        """Names that stand in more than half of the rows, the most frequent first."""
        asked = (f"{self._wrapping.blank(row.question)}\n{row.answer}" for row in self._rows)
        found = Counter(f for text in asked for f in set(self._runs(text, frame=True)))
        names = sorted(found, key=lambda name: (-found[name], name.isupper(), name))
        return tuple({name.casefold(): name for name in reversed(names)}.values())[::-1]

    @property
    def nouns_large(self) -> bool:
        """Whether the file writes all nouns large, so that capitals say less."""
        return self._nouns.large

    @cached_property
    def _inventor(self) -> Inventor:
        taken = [row.entity for row in self._rows if row.entity]
        return Inventor(
            texts=self._texts,
            names=[*self._all, *taken, *self.frames],
            real_names=self._real_names,
            purpose=self._purpose,
            seed=self._seed,
        )

    def name(self, row: Asked) -> str | None:
        """Return the most specific name in a row's question that is no frame, or None."""
        entity = (row.entity or "").strip()
        mentioned = re.search(rf"(?<![^\W_]){re.escape(entity)}(?![^\W_])", row.question, re.I)
        if entity and mentioned and not self._is_frame(entity):
            return entity
        names = self._names(row.question)
        return max(names, key=lambda name: self._specific(name, row.question), default=None)

    def swap(self, row: Asked) -> Swap | None:
        """Return the swap of a row's name; None where it names nothing, or nothing can be made."""
        name = self.name(row)
        return self._swapped(name, "name") if name else None

    def swap_frame(self, row: Asked) -> Swap | None:
        """Return the swap of the frame in a question: another one for each name beside it."""
        frames = self._runs(self._wrapping.blank(row.question), frame=True)
        if not frames:
            return None
        beside = self.name(row) or row.question
        return self._swapped(frames[0], "frame", beside)

    def _swapped(self, old: str, what: Literal["name", "frame"], beside: str = "") -> Swap | None:
        words = [found.group() for found in _TOKEN.finditer(old)]
        proper = [word for word in words if not _is_generic(word)] or words
        if not old.islower():
            # Of a title, its large words.
            proper = [
                w for w in proper if not w.islower() and w.casefold() not in NO_NAMES
            ] or proper
        free = [word for word in proper if word not in self._kept] or proper
        new = self._inventor.like(old, frozenset(free), beside)
        if new is None:
            return None
        alone = [
            (word, new.words[word])
            for word in free
            if len(words) > 1 and word[:1].isupper() and len(word) > 2
        ]
        return Swap(old=old, new=new.text, what=what, pieces=((old, new.text), *alone))

    def _is_frame(self, name: str) -> bool:
        words = [found.group() for found in _TOKEN.finditer(name)]
        return bool(words) and all(word.casefold() in self._frame_words for word in words)

    def _specific(self, name: str, question: str) -> tuple[int, int, int, bool, int, int]:
        """Return what the names of a question are put in order by."""
        n = self._df[name.casefold()]
        often = n > max(_NEARLY_FRAME, len(self._rows) / 4)
        whole = " " in name or any(letter.isdigit() for letter in name)
        # A word that is large at the head of sentences only may be a verb.
        sure = name in self._inside or whole
        if not sure or self._is_beside(name):
            tier = 0 if not sure else 1
        elif name in self._titles(question):
            tier = 3
        else:
            tier = 4 if whole and not often else 2
        again = 0 if often else min(n, _NEARLY_FRAME)
        return (tier, again, name.count(" "), whole, len(name), question.find(name))

    def _is_beside(self, name: str) -> bool:
        """Return whether a name is what is mentioned beside others: a country, a prize, a genre."""
        words = [word.casefold() for word in _words(name)]
        ordinary = all(word in self._ordinary or _is_generic(word) for word in words)
        return ordinary or mentioned_beside(name)

    def _titles(self, text: str) -> list[str]:
        return [text[start:end] for start, end in titles(text)]

    def _names(self, question: str) -> list[str]:
        """Return the names in a question that are no frames; a title counts whole."""
        bare = self._wrapping.blank(question)
        found = []
        for start, end in titles(bare):
            inside = self._runs(bare[start:end], frame=False)
            if inside and not self._is_frame(bare[start:end]):
                found.append(bare[start:end])
                bare = bare[:start] + "\n" * (end - start) + bare[end:]
        return list(dict.fromkeys([*self._runs(bare, frame=False), *found]))

    def _runs(self, text: str, *, frame: bool) -> list[str]:
        """Return the longest runs of words that are written as names, frames or all others."""
        runs: list[list[_Word]] = [[]]
        behind = 0
        for word in self._tokens(text):
            wanted = word.named and (word.text.casefold() in self._frame_words) == frame
            gap = text[behind : word.start]
            if not wanted and not self._joins(word, text):
                runs.append([])
            elif runs[-1] and gap != " ":
                runs.append([word] if wanted else [])
            elif wanted or runs[-1]:
                runs[-1].append(word)
            behind = word.end
        found = []
        for run in runs:
            while run and not run[-1].named:
                run.pop()
            # A number alone, or one before a name, names nothing.
            while run and run[0].text.isdigit():
                run.pop(0)
            if not all(_is_generic(word.text) for word in run):
                found.append(text[run[0].start : run[-1].end])
        return list(dict.fromkeys(found))

    def _joins(self, word: _Word, text: str) -> bool:
        """Return whether a small word stands inside a name ("University of Velbryn")."""
        behind = text[word.end : word.end + 2]
        return (
            word.text in JOINING and len(behind) == 2 and behind[0] == " " and behind[1].isupper()
        )

    def _tokens(self, text: str) -> list[_Word]:
        words: list[_Word] = []
        shouted = text.isupper()
        for found in _TOKEN.finditer(text):
            raw = _POSSESSIVE.sub("", found.group())
            first = _STARTS.search(text[max(0, found.start() - 3) : found.start()]) is not None
            named = self._named(raw, first=first, shouted=shouted)
            if raw.isdigit() and words and words[-1].named:
                # "Boeing 747", but "March 2020" and "in 1999" are no names.
                named = text[words[-1].end : found.start()] == " "
            elif named and first and _behind(text, found.end()) in ARTICLES:
                named = False
            words.append(_Word(raw, found.start(), found.start() + len(raw), named, first))
        return self._in_small_letters(words)

    def _in_small_letters(self, words: list[_Word]) -> list[_Word]:
        """Return the words with names named that are written small here and large elsewhere."""
        if not self._small:
            return words
        for size in range(2, _LONGEST_NAME + 1):
            for at in range(len(words) - size + 1):
                run = words[at : at + size]
                if not run[0].named and " ".join(w.text for w in run).casefold() in self._small:
                    words[at : at + size] = [replace(word, named=True) for word in run]
        return words

    def _named(self, word: str, *, first: bool, shouted: bool) -> bool:
        small = word.casefold()
        if small in NO_NAMES or _QUARTER.fullmatch(word) or len(word) < 2:
            return False
        # "CFO", "VAT", "API": short and all in capitals, it is a word of every trade.
        if word.isalpha() and word.isupper() and len(word) <= 4:
            return False
        digits, letters = any(map(str.isdigit, word)), any(map(str.isalpha, word))
        if digits and letters:
            return True
        if shouted or not any(map(str.isupper, word)) or self._nouns.common(word):
            return False
        # At the head of a sentence every word is written large.
        known = small in self._ordinary or small in HEADS
        return not (first and known and not word[1:].isupper())

    def _shared_words(self) -> frozenset[str]:
        """Return words that say what sort of thing is named: they stand in several names."""
        heads = Counter(w for name in self._all for w in set(_words(name)) if w.isalpha())
        whole = {name for name in self._all if " " not in name}
        return frozenset(
            word
            for word, n in heads.items()
            if word not in whole and (word.casefold() in self._ordinary or n > 2)
        )


def _is_generic(word: str) -> bool:
    """Return whether a word of a name says what sort of thing it names, or joins others."""
    return word.casefold() in GENERIC or word in JOINING


def _behind(text: str, at: int) -> str:
    """Return the small word behind a place, or nothing."""
    found = re.match(r" ([^\W\d_]+)", text[at : at + 12])
    return found.group(1) if found and found.group(1).islower() else ""


def _words(text: str) -> list[str]:
    return [found.group() for found in _TOKEN.finditer(text)]
