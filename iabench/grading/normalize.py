"""Text as the detectors and graders compare it: plain, folded, and as the words of an answer.

Everything here takes time linear in the length of the text and lets lone surrogates pass, because
what a model wrote is hostile text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "Aligned",
    "Word",
    "align",
    "answer_key",
    "answer_words",
    "clean",
    "detokenised",
    "fold",
    "unmarked",
]

_QUOTES = dict.fromkeys("‘’‚‛′´ʼ＇", "'") | dict.fromkeys("“”„‟″«»＂", '"') | {"‑": "-", "−": "-"}
# Letters that Unicode does not take apart into a base and a mark.
_BASES = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
# More marks in a row are cut off, as in the Stream-Safe Text Format of UAX #15: reordering a run
# of marks takes quadratic time.
_MOST_MARKS = 30


class _Plain(dict[int, str]):
    """Translation table, filled as characters come: compatible forms, plain quotes, no controls."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if char in _QUOTES:
            plain = _QUOTES[char]
        elif category == "Cf":  # zero-width, bidi control, soft hyphen
            plain = ""
        elif category == "Cc" and not char.isspace():
            plain = " "
        else:
            plain = unicodedata.normalize("NFKC", char)
        self[code] = plain
        return plain


class _Unmarked(dict[int, str]):
    """Translation table, filled as characters come: letters without their marks."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFD", chr(code))
        bare = "".join(c for c in parts if not unicodedata.category(c).startswith("M"))
        self[code] = _BASES.get(bare, bare)
        return self[code]


_plain = _Plain()
_unmarked = _Unmarked()


def clean(text: str) -> str:
    """Return `text` in NFKC with plain quotes, without invisible characters, spaces single."""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", _few_marks(text.translate(_plain)))
    return " ".join(text.split())


def fold(text: str) -> str:
    """Return `clean(text)` with case folded."""
    return clean(text).casefold()


_APART = (
    (re.compile(r" (?='(?:s|m|re|ve|ll|d|t)\b)|(?<=n) (?='t\b)| (?=n't\b)"), ""),
    (re.compile(r"(?<=') (?=s\b)"), ""),
    (re.compile(r" (?=[,;:!?])| (?=\.(?: |$))"), ""),
    (re.compile(r"(?<=[$£€]) (?=\d)|(?<=\() | (?=\))"), ""),
    (re.compile(r"(?<=\d) ([-–]) (?=\d)"), r"\1"),
    (re.compile(r"``|''"), '"'),
)


def detokenised(text: str) -> str:
    """Return `text` without the spaces of a tokenizer: "20 july , 1969", "rubik 's cube"."""
    if " " not in text:
        return text
    for pattern, plain in _APART:
        text = pattern.sub(plain, text)
    return text


def unmarked(text: str) -> str:
    """Return `text` with letters stripped of their diacritics ("São" gives "Sao")."""
    return text if text.isascii() else text.translate(_unmarked)


def _few_marks(text: str) -> str:
    kept, run = [], 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Plain text that remembers where in its source each character stood."""

    text: str
    source: str
    offsets: tuple[int, ...] | None
    """Index in the source of each character of `text`; None: they are the same."""

    def quote(self, start: int, end: int) -> str:
        """Return the words of the source behind `text[start:end]`."""
        if start >= end:
            return ""
        if self.offsets is None:
            return self.source[start:end]
        return self.source[self.offsets[start] : self.offsets[end - 1] + 1]


def align(text: str) -> Aligned:
    """Return `text` with plain quotes and letters, marks and invisible characters out.

    Case and white space stay. For reading English, where a mark carries nothing.
    """
    if text.isascii():
        return Aligned(text, text, None)
    plain: list[str] = []
    offsets: list[int] = []
    for place, char in enumerate(text):
        piece = _plain[ord(char)].translate(_unmarked)
        plain.append(piece)
        offsets.extend([place] * len(piece))
    return Aligned("".join(plain), text, tuple(offsets))


class Word(NamedTuple):
    """One word of an answer, as it is compared, and where it stands in the cleaned text."""

    key: str
    start: int
    end: int


_INITIALS = re.compile(r"\b(?:[^\W\d_]\.[ ]?){2,}|\b[^\W\d_](?:[ ][^\W\d_]){1,3}\b(?!')")
_WORD = re.compile(
    r"(?P<number>(?:(?<!\w)-)?(?:\d{1,3}(?:[, ']\d{3})+(?!\d)|\d+)(?:\.\d+)?(?!\w))"
    r"|(?P<word>[^\W_]+(?:'[^\W_]+)*)"
    r"|(?P<percent>%)"
)
_ARTICLES = frozenset({"a", "an", "the"})
_BELOW_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_FROM_TWENTY = "twenty thirty forty fifty sixty seventy eighty ninety"
_SHORT = 200
"""Characters of a text whose words are kept."""
_UNITS = {word: value for value, word in enumerate(_BELOW_TWENTY.split())}
_TENS = {word: 10 * value for value, word in enumerate(_FROM_TWENTY.split(), start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}


def answer_words(text: str, *, marks: bool = True) -> list[Word]:
    """Return the words of an answer, in order, as they are compared.

    Case is folded and articles and punctuation are out; numbers have no thousands separators and
    no trailing zeros, number words are digits, initials are one word ("J. R. R." gives "jrr") and
    a possessive s is out.

    Args:
        text: an answer or a reference.
        marks: False: diacritics are out too.
    """
    # Short texts are compared again and again; long ones are not kept.
    words = list(_short_words(text)) if len(text) <= _SHORT else _all_words(text)
    return words if marks else [Word(unmarked(w.key), w.start, w.end) for w in words]


@lru_cache(maxsize=8192)
def _short_words(text: str) -> tuple[Word, ...]:
    return tuple(_all_words(text))


def _all_words(text: str) -> list[Word]:
    text = clean(text)
    words: list[Word] = []
    joined = {m.start(): m for m in _INITIALS.finditer(text)}
    place = 0
    while (found := _WORD.search(text, place)) is not None:
        initials = joined.get(found.start())
        if initials is not None and (key := _initials(initials.group())):
            end = initials.start() + len(initials.group().rstrip())
            words.append(Word(key, initials.start(), end))
            place = initials.end()
            continue
        place = found.end()
        words.append(Word(_key(found), *found.span()))
    return _spoken_numbers([w for w in words if w.key not in _ARTICLES] or words)


def answer_key(text: str, *, marks: bool = True) -> str:
    """Return `answer_words(text)` as one string: equal keys are equal answers."""
    return " ".join(word.key for word in answer_words(text, marks=marks))


def _initials(text: str) -> str:
    """Return the letters of initials as one word; "" where they are words ("I a")."""
    letters = re.findall(r"[^\W\d_]", text)
    dotted = text.count(".") == len(letters)
    capital = all(c.isupper() for c in letters)
    return "".join(letters).casefold() if dotted or capital else ""


def _key(found: re.Match[str]) -> str:
    if found["percent"]:
        return "percent"
    if found["word"]:
        return found["word"].casefold().removesuffix("'s")
    whole, _, decimals = re.sub(r"[, ']", "", found["number"]).partition(".")
    sign = "-" if whole.startswith("-") else ""
    whole = whole.lstrip("-").lstrip("0") or "0"
    decimals = decimals.rstrip("0")
    return sign + whole + ("." + decimals if decimals else "")


def _spoken_numbers(words: list[Word]) -> list[Word]:
    """Return the words with each run of number words ("twenty-six", "1.5 million") made digits."""
    out: list[Word] = []
    place = 0
    while place < len(words):
        value, after = _number_at(words, place)
        if after == place:
            out.append(words[place])
            place += 1
        else:
            out.append(Word(value, words[place].start, words[after - 1].end))
            place = after
    return out


def _number_at(words: list[Word], place: int) -> tuple[str, int]:
    """Return the number that begins at `place` and the place behind it, or ("", place)."""
    first = words[place].key
    scale = _SCALES.get(words[place + 1].key) if place + 1 < len(words) else None
    if re.fullmatch(r"-?\d+(\.\d+)?", first):
        return (_plain_number(float(first) * scale), place + 2) if scale else ("", place)
    total = group = 0
    after, last = place, 0
    while after < len(words):
        key = words[after].key
        if key in _UNITS and (last == 0 or last >= 100 or (last >= 20 and 0 < _UNITS[key] < 10)):
            last = _UNITS[key] or 1
            group += _UNITS[key]
        elif key in _TENS and (last == 0 or last >= 100):
            last = _TENS[key]
            group += last
        elif key in _UNITS | _TENS and after == place + 1 and 11 <= group <= 20:
            # A year as it is spoken: nineteen twelve, twenty twenty-four.
            last = (_UNITS | _TENS)[key]
            group = group * 100 + last
        elif key in _SCALES and last < _SCALES[key]:
            last = _SCALES[key]
            group = max(group, 1) * last
            if last > 100:
                total, group = total + group, 0
        elif not (key == "and" and last >= 100 and _goes_on(words, after + 1)):
            break
        after += 1
    return str(total + group), after


def _goes_on(words: list[Word], place: int) -> bool:
    return place < len(words) and (words[place].key in _UNITS or words[place].key in _TENS)


def _plain_number(value: float) -> str:
    return str(round(value)) if abs(value - round(value)) < 1e-6 else repr(value)
