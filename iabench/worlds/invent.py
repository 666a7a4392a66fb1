"""Names of the shape of a given one: letters for letters, digits for digits, capitals kept.

In one file a word is invented alike wherever it stands, so that "Tobin Marsh" and "Marsh" stay one
man. Hence a purpose belongs to an invented word, not to the names that it is part of; only where no
word of a name is long enough ("Model 3", "X2") it belongs to the whole.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from iabench.rng import Dice
from iabench.worlds.names import LetterModel, Purpose, fold, purpose_of
from iabench.worlds.real import real_list

__all__ = ["KIND", "Invented", "Inventor"]

KIND = "swapped"
"""Type of all swapped names, part of the hash that gives a word its purpose."""
_LISTS = ("city", "island", "moon", "mountain", "country", "element")
_TRIES = 400
_SHORTEST = 6
_LONG_ENOUGH = 3
"""Signs of a word that has a purpose of its own: there are too few shorter ones."""
_LETTERS = re.compile(r"[^\W\d_]+|\d+|.", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_CAPITALS = "ABCDEFGHJKLMNPRSTUVWXZ"

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """A name, and what became of each word of the one that it stands for."""

    text: str
    words: dict[str, str]


@functools.cache
def _latin() -> tuple[LetterModel, frozenset[str]]:
    names = [name for kind in _LISTS for name in real_list(kind).names]
    words = [w for name in names for w in fold(name).split() if w.isalpha() and len(w) > 2]
    # Plain letters only: what has no accents gets none.
    model = LetterModel([word for word in words if word.isascii()], order=3)
    return model, frozenset(fold(name) for name in names) | frozenset(words)


class Inventor:
    """Invents names that are in no text and in no list.

    Args:
        texts: all texts of a file; none of their words is drawn.
        names: names in them.
        real_names: names given as existing.
        purpose: of the names drawn.
        seed: other than 0: names of seed 0 are not drawn.
    """

    def __init__(
        self,
        *,
        texts: Sequence[str],
        names: Iterable[str],
        real_names: Iterable[str],
        purpose: Purpose,
        seed: int,
    ) -> None:
        self._purpose: Purpose = purpose
        self._seed = seed
        self._texts = texts
        self._all = f" {' '.join(map(fold, texts))} "
        real = {fold(name) for name in real_names}
        here = {fold(name) for name in names}
        self._words = {*self._all.split(), *(word for name in real for word in name.split())}
        self._taken = here | real | _latin()[1]
        parts = {part for name in here | real for part in name.split() if len(part) > 2}
        self._near = sorted(self._taken | parts)
        self._made: dict[tuple[str, ...], Parts | None] = {}
        self._given: dict[str, str] = {}

    def like(self, old: str, free: frozenset[str], beside: str = "") -> Invented | None:
        """Return a name like `old` with its `free` words made anew; None where none was found.

        Args:
            old: the name.
            free: words of it.
            beside: whatever the words are invented anew for; within one, a word is always the same.
        """
        long = {word for word in free if _has_purpose(word)}
        words: dict[str, str] = {}
        for word in sorted(long):
            made = self._once(word, beside)
            if made is None:
                return None
            words[word] = _worded(word, made)
        short = sorted(free - long)
        for attempt in range(_TRIES if short else 1):
            for word in short:
                drawn = self._drawn(word, Dice(self._seed, KIND, old, beside, word, attempt))
                if drawn is None:
                    return None
                words[word] = _worded(word, drawn)
            text = _replaced(old, words)
            plain = fold(text)
            if plain in self._taken or f" {plain} " in self._all:
                continue
            if long or self._serves(plain):
                return Invented(text=text, words=words)
        return None

    def _once(self, word: str, beside: str) -> Parts | None:
        """Return what a word of a purpose is swapped for, drawn when it is first asked for."""
        small = word.casefold()
        key = (beside, small, "code" if _is_code(word) else "")
        if key not in self._made:
            dice = Dice(self._seed, KIND, *key)
            tries = (self._drawn(word, dice.at("try", attempt)) for attempt in range(_TRIES))
            fit = (made for made in tries if made is None or self._fits("".join(made), word))
            self._made[key] = found = next(fit, None)
            if found is not None:
                self._given[fold("".join(found))] = small
        return self._made[key]

    def _fits(self, made: str, word: str) -> bool:
        from rapidfuzz import process
        from rapidfuzz.distance import Levenshtein

        plain = fold(made)
        if plain in self._taken or not self._serves(plain):
            return False
        # A word given for another one may come again only where nothing reads them side by side.
        if self._given.get(plain, word.casefold()) != word.casefold():
            return False
        if any(part in self._words for part in _WORD.findall(plain) if len(part) > 2):
            return False
        if _is_code(word):
            return f" {plain} " not in self._all
        least = max(2, -(-len(plain) // 4))
        near = process.extractOne(
            plain, self._near, scorer=Levenshtein.distance, score_cutoff=least - 1
        )
        return near is None

    def _serves(self, plain: str) -> bool:
        """Return whether a text is of the purpose, and of the public set or not, as the seed is."""
        if purpose_of(KIND, plain) != self._purpose:
            return False
        # One seed's names are no other's: whether a name is public is in its hash too.
        public = purpose_of(f"{KIND}-public", plain) in ("organism", "new")
        return public == (self._seed == 0)

    def _drawn(self, word: str, dice: Dice) -> Parts | None:
        """Return parts of the same shape, small, or None where the letters are nobody's."""
        code = _is_code(word)
        made = [self._part(part, code, dice.at(at)) for at, part in enumerate(_parts(word))]
        return None if None in made else tuple(part for part in made if part is not None)

    def _part(self, part: str, code: bool, dice: Dice) -> str | None:
        if part.isdigit():
            return "".join(_digit(letter, at, dice) for at, letter in enumerate(part))
        if not part.isalpha():
            return part
        if code or len(part) == 1:
            # A code or an abbreviation: any letters will do.
            drawn = "".join(dice.choice(_CAPITALS) for _ in part)
            return drawn.lower() if fold(part).isascii() else None
        return self._spelled(part, dice)

    def _spelled(self, part: str, dice: Dice) -> str | None:
        if _alphabet(part) == "LATIN":
            model, real = _latin()
        else:
            found = _own_alphabet(tuple(self._texts), _alphabet(part))
            if found is None:
                return None
            model, real = found, frozenset()
        # Of up to five letters, much of what can be spoken is a word somewhere.
        wanted = max(len(part), _SHORTEST)
        for slack in (1, 2):
            for _ in range(_TRIES // 2):
                word = model.word(dice)
                near = len(word) >= _SHORTEST and abs(len(word) - wanted) <= slack
                if near and word not in real:
                    return word
        return None


@functools.lru_cache(maxsize=16)
def _own_alphabet(texts: tuple[str, ...], alphabet: str) -> LetterModel | None:
    """Return a letter model of a file's own words in an alphabet; None where they are few."""
    words = [
        word
        for text in texts
        for word in text.casefold().split()
        if word.isalpha() and len(word) > 2 and _alphabet(word) == alphabet
    ]
    return LetterModel(words, order=3) if len(set(words)) >= 20 else None


def _alphabet(word: str) -> str:
    return unicodedata.name(word[-1], "?").partition(" ")[0]


def _replaced(old: str, words: dict[str, str]) -> str:
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.sub(rf"(?<![^\W_])(?:{either})(?![^\W_])", lambda m: words[m.group()], old)


def _parts(word: str) -> list[str]:
    return _LETTERS.findall(word)


def _worded(like: str, made: Parts) -> str:
    """Return the parts as one word, with the capitals of another."""
    return "".join(_cased(new, old) for new, old in zip(made, _parts(like), strict=True))


def _is_code(word: str) -> bool:
    """Return whether a word is no name to be spoken: with digits, or a few capitals."""
    return any(map(str.isdigit, word)) or (word.isupper() and len(word) < 5)


def _has_purpose(word: str) -> bool:
    """Return whether there are enough words of this shape for each purpose."""
    if word.isdigit() or len(word) == 1:
        return False
    return len(word) >= _LONG_ENOUGH or not _is_code(word)


def _digit(letter: str, at: int, dice: Dice) -> str:
    digits = "123456789" if at == 0 and letter != "0" else "0123456789"
    return dice.choice(digits)


def _cased(word: str, like: str) -> str:
    """Return a word with the capitals of another, one letter for one letter."""
    if like.isupper() and len(like) > 1:
        return word.upper()
    return "".join(
        letter.upper() if at < len(like) and like[at].isupper() else letter.lower()
        for at, letter in enumerate(word)
    )
