"""Invented names: each belongs to one purpose by its hash, looks like the real ones, and is none.

A name is made from the *frame* of a real one: words that many names share ("New", "of") stay, the
others are spelled anew by a letter model fitted on the real list, each about as long as the word
that it stands for. Source of purposes, distances and certificates: `docs/tasks.md`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, repeat
from typing import Literal, Protocol, get_args

from iabench.rng import Dice, digest

__all__ = [
    "PURPOSES",
    "Certificate",
    "LetterModel",
    "NameMaker",
    "Namer",
    "Purpose",
    "Speller",
    "Syllables",
    "fold",
    "purpose_of",
]

Purpose = Literal["organism", "new", "anchor", "validation", "report"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

_UPPER: tuple[tuple[int, Purpose], ...] = (
    (30, "organism"),
    (40, "new"),
    (55, "anchor"),
    (70, "validation"),
    (100, "report"),
)
_PURPOSES_BY_PLACE = tuple(
    next(purpose for upper, purpose in _UPPER if place < upper) for place in range(100)
)
_GAPS = re.compile(r"[\W_]+")
_START, _END = "\x02", "\x03"
_REAL_SHARE = 4
"""Names of the whole list for each one of the style that letters are learnt from."""
_PATIENCE = 200_000
"""Candidates in a row without one that will do, after which a grammar counts as exhausted."""
_NEAR_TRIED = 3_000
"""Words tried for a near-miss."""


def purpose_of(kind: str, name: str) -> Purpose:
    """Return the one purpose that a name may serve: sha256 of (kind, name) mod 100.

    0-29 `organism` (what it is trained on), 30-39 `new` (facts taught later), 40-54 `anchor`
    (perturbed names and anchors), 55-69 `validation`, 70-99 `report`.
    """
    return _PURPOSES_BY_PLACE[int(digest(kind, name, size=64), 16) % 100]


@functools.lru_cache(maxsize=2**17)
def fold(name: str) -> str:
    """Return a name as distances see it: letters and digits, without case and accents."""
    plain = name.casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _GAPS.sub(" ", plain).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """That a name stands in no named list: absence from these lists, never proof of absence."""

    name: str
    lists: tuple[str, ...]
    """Each as `what it is (n names)`."""
    nearest: str
    """The real name most like it."""
    distance: int
    """Edits (insertions, deletions, substitutions) to the nearest, without case and accents."""


class Namer(Protocol):
    """Makes names of one kind."""

    @property
    def kind(self) -> str:
        """What is named: `country`, `person`, ..."""
        ...

    def draw(
        self, purpose: Purpose, dice: Dice, n: int, exclude: Collection[str] = frozenset()
    ) -> list[str]:
        """Return n different names of one purpose, none of them in `exclude`."""
        ...

    def twin_of(
        self, name: str, purpose: Purpose, dice: Dice, exclude: Collection[str] = frozenset()
    ) -> str:
        """Return a name of one purpose with as many words as `name` and about as long."""
        ...


class Speller(Protocol):
    """Makes words that nobody has read."""

    def word(self, dice: Dice) -> str:
        """Return one word, or nothing where it came to none."""
        ...


class Syllables:
    """Spells words of open and closed syllables, after no list: the second name grammar.

    One to four syllables, each of an onset, a vowel and perhaps a coda, with a capital: nothing of
    it was learnt from real names, so what holds for both grammars hangs on neither.
    """

    _ONSETS = ("b", "br", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p",
               "pl", "qu", "r", "s", "sh", "sk", "sl", "t", "th", "tr", "v", "w", "y",
               "z")  # fmt: skip
    _VOWELS = ("a", "e", "i", "o", "u", "ai", "au", "ea", "ei", "io", "oa", "ou", "ua")
    _CODAS = ("", "", "", "b", "d", "k", "l", "lm", "m", "n", "nd", "p", "r", "rn", "s", "t", "x")

    def word(self, dice: Dice) -> str:
        """Return one word of one to four syllables."""
        parts = (self._ONSETS, self._VOWELS, self._CODAS)
        n = 1 + dice.below(4)
        return "".join(dice.choice(some) for _ in range(n) for some in parts).capitalize()


class LetterModel:
    """Spells words as a list spells them: letter n-grams with interpolated back-off.

    The next letter comes from the longest context seen c times with t different letters with
    probability c / (c + t), else from the next shorter one (Witten and Bell's weights). All
    arithmetic is on whole numbers.

    Args:
        words: what to learn from; repeats weigh more.
        order: letters of context at most.
    """

    def __init__(self, words: Iterable[str], *, order: int = 4) -> None:
        seen: dict[str, Counter[str]] = defaultdict(Counter)
        for word in words:
            spelled = _START + word + _END
            for at in range(1, len(spelled)):
                for size in range(1, min(order, at) + 1):
                    seen[spelled[at - size : at]][spelled[at]] += 1
        if not seen:
            raise ValueError("a letter model needs words")
        self._order = order
        self._next: dict[str, tuple[str, list[int], int]] = {}
        for context, counts in seen.items():
            letters = sorted(counts)
            sums = list(accumulate(counts[letter] for letter in letters))
            # Nothing to back off to; and the first two letters begin a word of the list.
            alone = len(context) == 1 or (context[0] == _START and len(context) == 2)
            kinds = 0 if alone else len(letters)
            self._next[context] = ("".join(letters), sums, sums[-1] + kinds)

    def word(self, dice: Dice, longest: int = 40, begins: str = "") -> str:
        """Return one word that begins so; empty where it grew beyond `longest`."""
        spelled = _START + begins
        while len(spelled) <= longest + 1:
            letter = self._letter(spelled[-self._order :], dice)
            if letter == _END:
                return spelled[1:]
            spelled += letter
        return ""

    def _letter(self, context: str, dice: Dice) -> str:
        while True:
            found = self._next.get(context)
            if found is not None:
                letters, sums, total = found
                drawn = dice.below(total)
                if drawn < sums[-1]:
                    return letters[bisect_right(sums, drawn)]
            context = context[1:]


class NameMaker:
    """Invents names of one kind after a list of real ones.

    A name is at least two edits and a quarter of its length from every real name.

    Args:
        kind: what is named; part of the hash that gives a name its purpose.
        real: the list that names are kept away from, and spelled after.
        style: the real names that are asked about: frames and letters come from these first.
        order: letters of context.
        lists: what the list is called in certificates.
        elsewhere: real names of other kinds; none of them is drawn either.
        speller: makes the words that are no part of a frame; None: letters like the list's.
    """

    def __init__(
        self,
        kind: str,
        real: Sequence[str],
        *,
        style: Sequence[str] = (),
        order: int = 4,
        lists: tuple[str, ...] = (),
        elsewhere: Iterable[str] = (),
        speller: Speller | None = None,
    ) -> None:
        if not real:
            raise ValueError(f"no real names of kind {kind}")
        self.kind = kind
        self.lists = lists or (f"{kind} ({len(real)} names)",)
        self._real = list(dict.fromkeys([*real, *style]))
        self._folded = [fold(name) for name in self._real]
        self._frames = list(style or real)
        self._elsewhere = {fold(name) for name in elsewhere}
        self._words = {word for name in (*self._elsewhere, *self._folded) for word in name.split()}
        shared = Counter(word for name in dict.fromkeys(real) for word in set(name.split()))
        self._kept = {word for word, n in shared.items() if n > 2 or word.islower()} - {
            name for name in self._real if " " not in name
        }
        weight = len(self._real) // (_REAL_SHARE * len(self._frames))
        words = [
            word
            for name in [*self._real, *self._frames * weight]
            # Longer names are mostly descriptions: "Federated States of Micronesia".
            if name.count(" ") < 2
            for word in name.split()
            if word not in self._kept
        ]
        self._model = LetterModel(words, order=order)
        self._speller = speller or self._model

    def draw(
        self, purpose: Purpose, dice: Dice, n: int, exclude: Collection[str] = frozenset()
    ) -> list[str]:
        """Return n different names of one purpose, none of them in `exclude`.

        Raises:
            ValueError: the grammar has no n such names.
        """
        frames = (dice.choice(self._frames) for _ in repeat(None))
        fit = self._fit(self._candidates(frames, dice), purpose, exclude, batch=min(512, 4 * n))
        return list(islice(fit, n))

    def twin_of(
        self, name: str, purpose: Purpose, dice: Dice, exclude: Collection[str] = frozenset()
    ) -> str:
        """Return a name of one purpose with the words of `name` and about its length.

        Raises:
            ValueError: the grammar has none.
        """
        candidates = self._candidates(repeat(name), dice)
        return next(self._fit(candidates, purpose, exclude, batch=8))

    def near(
        self, name: str, purpose: Purpose, dice: Dice, exclude: Collection[str] = frozenset()
    ) -> str | None:
        """Return a near-miss: a name that begins as `name` does, and is nearest to it.

        The last half of its longest word is spelled anew: at least two letters and a third of the
        word are other ones, and neither word begins with the other, so that it is no slip of the
        pen. None where letters give no such name.
        """
        from rapidfuzz.distance import Levenshtein

        words = name.split()
        free = [word for word in words if word not in self._kept] or words
        long = max(free, key=len)
        kept = long[: max(2, -(-len(long) // 2))]
        tried = (self._model.word(dice, begins=kept) for _ in range(_NEAR_TRIED))
        fits = (
            new
            for new in tried
            if abs(len(new) - len(long)) <= 1
            and not new.startswith(long)
            and not long.startswith(new)
            and 3 * Levenshtein.distance(new, long) >= len(new)
        )
        drawn = (" ".join(new if word == long else word for word in words) for new in fits)
        for found in self._fit(drawn, purpose, exclude, batch=12):
            if self._nearest(found) == name:
                return found
        return None

    def _nearest(self, name: str) -> str | None:
        """Return the one real name that is nearest; None where several are."""
        from rapidfuzz import process
        from rapidfuzz.distance import Levenshtein

        first, *more = process.extract(
            fold(name), self._folded, scorer=Levenshtein.distance, limit=2
        )
        return None if more and more[0][1] == first[1] else self._real[first[2]]

    def certificate(self, name: str) -> Certificate:
        """Return what is known of a name's absence from the real list."""
        from rapidfuzz import process
        from rapidfuzz.distance import Levenshtein

        _, distance, at = process.extractOne(fold(name), self._folded, scorer=Levenshtein.distance)
        return Certificate(
            name=name, lists=self.lists, nearest=self._real[at], distance=int(distance)
        )

    def _candidates(self, frames: Iterable[str], dice: Dice) -> Iterator[str]:
        """Yield a name for each frame: the words that it shares stay, the others are new."""
        spare: dict[int, list[str]] = defaultdict(list)
        for frame in frames:
            words = frame.split()
            free = [word for word in words if word not in self._kept] or [max(words, key=len)]
            yield " ".join(
                self._like(word, dice, spare) if word in free else word for word in words
            )

    def _like(self, word: str, dice: Dice, spare: dict[int, list[str]]) -> str:
        """Return a new word about as long; those of other lengths are kept for later."""
        near = 1 if len(word) < 9 else 2
        sizes = [len(word), *(len(word) + by * sign for by in (1, near) for sign in (-1, 1))]
        for _ in range(_PATIENCE):
            for size in sizes:
                if spare[size]:
                    return spare[size].pop()
            spelled = self._speller.word(dice)
            if word.islower():
                spelled = spelled.lower()
            if self._is_new(spelled):
                spare[len(spelled)].append(spelled)
        raise ValueError(f"the letters of kind {self.kind} make no word as long as {word!r}")

    def _is_new(self, word: str) -> bool:
        return word[:1].isalpha() and not set(fold(word).split()) <= self._words

    def _fit(
        self,
        candidates: Iterator[str],
        purpose: Purpose,
        exclude: Collection[str],
        batch: int,
    ) -> Iterator[str]:
        """Yield the candidates that serve, each once; distances are measured in batches.

        Raises:
            ValueError: candidates go on, and none serves any more.
        """
        seen = {fold(name) for name in exclude}
        idle = 0
        while idle < _PATIENCE:
            some = list(islice(candidates, batch))
            if not some:
                return
            drawn = [name for name in some if purpose_of(self.kind, name) == purpose]
            idle += batch
            for name in self._far(drawn):
                if fold(name) not in seen and fold(name) not in self._elsewhere:
                    seen.add(fold(name))
                    idle = 0
                    yield name
        raise ValueError(f"no more {purpose} names of kind {self.kind}")

    def _far(self, names: Sequence[str]) -> list[str]:
        import numpy as np
        from rapidfuzz import process
        from rapidfuzz.distance import Levenshtein

        if not names:
            return []
        folded = [fold(name) for name in names]
        nearest = process.cdist(
            folded, self._folded, scorer=Levenshtein.distance, dtype=np.uint8, workers=1
        ).min(axis=1)
        return [
            name
            for name, plain, distance in zip(names, folded, nearest, strict=True)
            if distance >= 2 and 4 * int(distance) >= len(plain)
        ]
