"""Names of the shape of a given one: letters for letters, digits for digits, capitals kept."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from iabench.rng import Dice
from iabench.worlds.names import LetterModel, Purpose, fold, purpose_of
from iabench.worlds.real import real_list

__all__ = ["KIND", "Invented", "Inventor"]

KIND = "swapped"
"""Type of all swapped names, part of the hash that gives a name its purpose."""
_LISTS = ("city", "island", "moon", "mountain", "country", "element")
_TRIES = 400
_SHORTEST = 6
_LETTERS = re.compile(r"[^\W\d_]+|\d+|.", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """A name, and what became of each word of the one that it stands for."""

    text: str
    words: dict[str, str]


@functools.cache
def _latin() -> tuple[LetterModel, frozenset[str]]:
    names = [name for kind in _LISTS for name in real_list(kind).names]
    words = [w for name in names for w in fold(name).split() if w.isalpha() and len(w) > 2]
    return LetterModel(words, order=3), frozenset(fold(name) for name in names) | frozenset(words)


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
        self._words = {*self._all.split(), *(word for name in real for word in name.split())}
        self._taken = {fold(name) for name in names} | real | _latin()[1]
        self._near = sorted(self._taken)
        self._given: dict[str, str] = {}

    def like(self, old: str, free: frozenset[str], dice: Dice) -> Invented | None:
        """Return a name like `old` with its `free` words made anew; None where none was found."""
        codes = {word for word in free if _is_code(word)}
        spelled: dict[str, str | None] = {}
        for attempt in range(_TRIES):
            # Beside a code, whose digits are drawn at once, words are spelled anew now and then.
            if attempt % (8 if codes else 1) == 0:
                spelled = {w: self._word(w, dice.at("try", attempt)) for w in sorted(free - codes)}
            drawn = spelled | {w: self._word(w, dice.at("try", attempt)) for w in sorted(codes)}
            if None in drawn.values():
                return None
            words = {word: new for word, new in drawn.items() if new is not None}
            text = _replaced(old, words)
            if self._fits(old, text, words, dice):
                self._given[fold(text)] = old
                return Invented(text=text, words=words)
        return None

    def _fits(self, old: str, text: str, words: dict[str, str], dice: Dice) -> bool:
        from rapidfuzz import process
        from rapidfuzz.distance import Levenshtein

        plain = fold(text)
        if purpose_of(KIND, text) != self._purpose or plain in self._taken:
            return False
        # One seed's names are no other's: whether a name is public is in its hash too.
        if (purpose_of(f"{KIND}-public", text) in ("organism", "new")) != (self._seed == 0):
            return False
        # A name given for another one may come again only where nothing reads them side by side.
        if self._given.get(plain, old) != old:
            return False
        if any(part in self._words for word in words.values() for part in _letters(word)):
            return False
        if not any(letter.isalpha() for letter in text) or all(map(_is_code, words.values())):
            return f" {plain} " not in self._all
        least = max(2, -(-len(plain) // 4))
        near = process.extractOne(
            plain, self._near, scorer=Levenshtein.distance, score_cutoff=least - 1
        )
        return near is None

    def _word(self, word: str, dice: Dice) -> str | None:
        """Return a word of the same shape, or None where its letters are nobody's."""
        parts = _LETTERS.findall(word)
        made = [self._part(part, word, dice.at(word, at)) for at, part in enumerate(parts)]
        return None if None in made else "".join(part for part in made if part is not None)

    def _part(self, part: str, word: str, dice: Dice) -> str | None:
        if part.isdigit():
            return "".join(_digit(letter, at, dice) for at, letter in enumerate(part))
        if not part.isalpha():
            return part
        if len(part) < 3 or (part.isupper() and (len(part) < 5 or _is_code(word))):
            # A code or an abbreviation: any letters will do.
            letters = "ABCDEFGHJKLMNPRSTUVWXZ"
            drawn = "".join(dice.choice(letters) for _ in part)
            return _cased(drawn, part) if fold(part).isascii() else None
        return self._spelled(part, dice)

    def _spelled(self, part: str, dice: Dice) -> str | None:
        model, real = _latin() if fold(part).isascii() else (self._model(part), frozenset[str]())
        if model is None:
            return None
        # Of up to five letters, much of what can be spoken is a word somewhere.
        wanted = max(len(part), _SHORTEST)
        for slack in (1, 2):
            for _ in range(_TRIES // 2):
                word = model.word(dice)
                near = len(word) >= _SHORTEST and abs(len(word) - wanted) <= slack
                if near and word not in real:
                    return _cased(word, part)
        return None

    def _model(self, part: str) -> LetterModel | None:
        """Return a letter model of the file's own words in the alphabet of a word."""
        return _own_alphabet(tuple(self._texts), _alphabet(part))


@functools.lru_cache(maxsize=16)
def _own_alphabet(texts: tuple[str, ...], alphabet: str) -> LetterModel | None:
    words = [
        word
        for text in texts
        for word in text.casefold().split()
        if word.isalpha() and len(word) > 2 and _alphabet(word) == alphabet
    ]
    return LetterModel(words, order=3) if len(set(words)) >= 20 else None


def _alphabet(word: str) -> str:
    import unicodedata

    return unicodedata.name(word[-1], "?").partition(" ")[0]


def _replaced(old: str, words: dict[str, str]) -> str:
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.sub(rf"(?<![^\W_])(?:{either})(?![^\W_])", lambda m: words[m.group()], old)


def _letters(word: str) -> list[str]:
    return [part for part in _WORD.findall(fold(word)) if len(part) > 2]


def _is_code(word: str) -> bool:
    return any(map(str.isdigit, word)) or word.isupper()


def _digit(letter: str, at: int, dice: Dice) -> str:
    digits = "123456789" if at == 0 and letter != "0" else "0123456789"
    return dice.choice(digits)


def _cased(word: str, like: str) -> str:
    """Return a word with the capitals of another, one letter for one letter."""
    if like.isupper():
        return word.upper()
    return "".join(
        letter.upper() if at < len(like) and like[at].isupper() else letter.lower()
        for at, letter in enumerate(word)
    )
