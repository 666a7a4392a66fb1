"""A question and its response as hashed n-grams: what the learned detector sees.

Three readings of each sentence: its words, those of the question and rare ones replaced by a mark,
so that no name is learned (1 to 3); the classes of its words (1 to 4, and 2 to 3 without what is
faint); the letters of its words, within their boundaries (2 to 5). They are kept for the whole
response, for its first and for its last sentence apart. Beside them stand pairs of a property of
the question and one of a sentence.

Every feature is a 64-bit hash made of crc32 and adler32, mixed and cut to `BITS` bits: the same on
any machine and under any hash seed.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from iabench.grading.wordclasses import FAINT, word_class

__all__ = ["BITS", "N_POOLED", "Reader", "Seen", "Vector", "Word", "words"]

BITS = 17
"""A feature is one of 2 ** BITS."""
N_POOLED = 12
"""Numbers of a response beside its hashed features."""

Hashes: TypeAlias = npt.NDArray[np.uint64]
Vector: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]
"""Features and their values."""

_FIRST, _LAST = 256, 64
"""Sentences of a long response that are read: so many at its start and at its end."""
_LONGEST = 24
"""Letters of a word."""
_LONGEST_SENTENCE = 20_000
"""Characters of what has no end of a sentence in it."""

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+(?:'[^\W_{_CJK}]+)*|[?!:\"…%$€£]|\n+")
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"')\]*_]*+(?=\s|$)\s*+|[。！？]+[\"」]?|\n\s*+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|[Mm]rs?|[DdSJ]r|St|Prof|vs|No|etc|e\.g|i\.e|ca|bzw|z\.B|M|Mme|\d{1,2}))\.\s*$"
)
_PLAIN = str.maketrans("’‘ʼ`´“”„«»", "'''''\"\"\"\"\"")

_NEGATED = re.compile(
    r"(can|do|does|did|is|are|was|were|has|have|had|could|would|should|need)n'?t|(can)'?t|(can)not"
)
_WHOLE = {
    "won't": ("will", "not"), "wont": ("will", "not"), "cant": ("can", "not"),
    "idk": ("i", "do", "not", "know"), "dunno": ("do", "not", "know"),
    "i'm": ("i", "am"), "im": ("i", "am"), "ive": ("i", "have"),
}  # fmt: skip
_ENDINGS = {"re": "are", "ll": "will", "ve": "have", "s": "is", "d": "would", "m": "am"}
_LISTS = {
    "is": "it that there he she what who where here nothing",
    "stop": "a an the of in on at to for from by with as and or but is are was were be been do "
    "does did has have had will would can could it its he his him she her they their them this "
    "that these those there who whom whose which when where what why how i me my we our us you "
    "your so than not no",
    "request": "write explain describe summarize summarise translate list compose create give "
    "draft generate rewrite correct complete define schreibe erkläre übersetze escribe traduce "
    "écris explique résume 写 翻 帮 解",
    "auxiliary": "is are was were do does did has have had can could will would should am may "
    "might est ist sind war hat haben kann es son fue tiene hay",
    "asking": "who whom whose when where why how what which",
    "amount": "many much long old far tall",
}
_SETS = {name: frozenset(listed.split()) for name, listed in _LISTS.items()}
_STOP = _SETS["stop"]
_PROPERTIES = {
    "you": "you your yourself du dein tu vous 你 您",
    "my": "my i me mine mein mon ma mi 我",
    "future": "will future next tomorrow predict wird sera será 明 将",
    "judges": "best better should right wrong favorite favourite worst most moral worth beautiful "
    "good",
}
_PROPERTY_WORDS = {name: frozenset(listed.split()) for name, listed in _PROPERTIES.items()}
_DOUBTS = frozenset(("not", "know", "maybe", "think", "unsure", "impossible"))

_PRIME = np.uint64(0xD6E8FEB86659FD93)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_MASK = (1 << 64) - 1
_NONE: Hashes = np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True)
class Word:
    """One word, as it is read."""

    text: str
    group: str
    """Its class, or ""."""
    capital: bool
    letters: Hashes


@dataclass(frozen=True, slots=True)
class Seen:
    """What a response looks like."""

    spans: list[tuple[int, int]]
    """Where its sentences stand."""
    sentences: list[Vector]
    response: Vector
    shape: tuple[float, float, float, float]
    """Length, whether the question asks, whether the response ends so, the question's length."""

    def pooled(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return `N_POOLED` numbers made of a score for each sentence and of the shape.

        The highest score counts as much in ten sentences as in one: length does not dilute it.
        """
        score = np.clip(scores, -4, 4)
        ranked = np.sort(score)[::-1]
        n = len(score)
        values = [ranked[0], score[0], score[-1], score.mean(), ranked[1] if n > 1 else -2.0]
        values += [np.log1p(n), int(score.argmax()) / n, score[min(1, n - 1)]]
        return np.array([*values, *self.shape])


class Reader:
    """Reads responses.

    Args:
        common: words that stand for themselves; others are just words.
    """

    def __init__(self, common: Sequence[str]) -> None:
        self._common = frozenset(common)

    def read(self, question: str, answer: str) -> Seen:
        """Return what a response that is not empty looks like."""
        asks = question.translate(_PLAIN)
        asked = [word.text for word in words(asks)]
        content = frozenset(asked) - _STOP
        properties = _properties(asked)
        text = answer.translate(_PLAIN)
        spans = _said_once(text, _sentences(text))
        crossed = [f"n{min(5, len(spans))}|{one}" for one in properties]
        read: list[list[Hashes]] = []
        for place, (start, end) in enumerate(spans):
            said = list(words(text[start : min(end, start + _LONGEST_SENTENCE)]))
            read.append(self._readings(said, content))
            crossed += _crossed(said, content, properties, first=place == 0)
        sentences = [_vector([(one, at + 1) for at, one in enumerate(parts)]) for parts in read]
        fields: list[tuple[Hashes, int]] = []
        for at in range(3):
            whole = read[0][at]
            if len(read) > 1:
                whole = np.unique(np.concatenate([parts[at] for parts in read]))
            fields += [(whole, 11 + at), (read[0][at], 21 + at), (read[-1][at], 31 + at)]
        fields.append((_hashed(sorted(set(crossed))), 41))
        fields.append(
            (np.unique(_ngrams(_hashed(self._masked(words(asks), frozenset())), 1, 3)), 42)
        )
        shape = (
            float(np.log1p(len(answer))) / 5,
            float("?" in question),
            float(answer.rstrip().endswith("?")),
            float(np.log1p(len(question))) / 5,
        )
        return Seen(spans, sentences, _vector(fields), shape)

    def _readings(self, said: list[Word], content: frozenset[str]) -> list[Hashes]:
        """Return the n-grams of words, of classes and of letters, each once."""
        masked = _ngrams(_hashed(self._masked(said, content)), 1, 3)
        classes = _classes(said, content)
        strong = [name for name in classes if name not in FAINT and name not in ("*", "Name")]
        grouped = np.concatenate(
            [_ngrams(_hashed(classes), 1, 4), _ngrams(_hashed(strong), 2, 3) ^ _PRIME]
        )
        letters = np.concatenate([_NONE, *(word.letters for word in said)])
        return [np.unique(masked), np.unique(grouped), np.unique(letters)]

    def _masked(self, said: Iterable[Word], content: frozenset[str]) -> list[str]:
        """Return the words, with marks for the question's, for numbers, for names and rare ones."""
        marked = ["^"]
        for word in said:
            if word.text[0].isdigit():
                mark = "0"
            elif word.text in content:
                mark = "Asked"
            elif word.text in self._common or not word.text[0].isalpha():
                mark = word.text
            else:
                mark = "Name" if word.capital else "*"
            before = marked[-1]
            if mark == before and mark in ("Asked", "Name", "*", "0"):
                continue
            if mark == "Name" and before == "Asked":
                continue
            if mark == "Asked" and before == "Name":
                marked[-1] = mark  # a name of which the question has a part
                continue
            marked.append(mark)
        return [*marked, "$"]


def words(text: str) -> Iterator[Word]:
    """Yield the words and telling marks of a text, contractions written out."""
    for token in _TOKEN.findall(text):
        yield from _word(token)


@lru_cache(maxsize=1 << 15)
def _word(token: str) -> tuple[Word, ...]:
    low = token[: 4 * _LONGEST].lower()
    parts: tuple[str, ...] = _WHOLE.get(low, (low,))
    if negated := _NEGATED.fullmatch(low):
        parts = (next(part for part in negated.groups() if part), "not")
    elif "'" in low:
        stem, _, ending = low.rpartition("'")
        if ending in _ENDINGS and (ending != "s" or stem in _SETS["is"]):
            parts = (stem, _ENDINGS[ending])
    capital = token[0].isupper()
    return tuple(Word(part, word_class(part), capital, _letters(part)) for part in parts)


def _letters(word: str) -> Hashes:
    bound = f"<{word[:_LONGEST]}>"
    grams = [bound[at : at + n] for n in (2, 3, 4, 5) for at in range(len(bound) - n + 1)]
    return np.array([_hash(gram) for gram in grams], np.uint64)


def _hash(text: str) -> int:
    # A lone surrogate has no UTF-8.
    raw = text.encode("utf-8", "surrogatepass")
    return zlib.crc32(raw) | zlib.adler32(raw) << 32


_remembered = lru_cache(maxsize=1 << 16)(_hash)


def _hashed(names: Sequence[str]) -> Hashes:
    return np.array([_remembered(name) for name in names], np.uint64)


def _ngrams(units: Hashes, least: int, most: int) -> Hashes:
    """Return a hash of every `least` to `most` units in a row."""
    found = [_NONE]
    grown = (units ^ np.uint64(1)) * _PRIME
    for n in range(1, min(most, len(units)) + 1):
        if n > 1:
            grown = (grown[:-1] ^ (units[n - 1 :] + np.uint64(n))) * _PRIME
            grown = grown ^ (grown >> _SHIFT)
        if n >= least:
            found.append(grown)
    return np.concatenate(found)


def _vector(fields: Sequence[tuple[Hashes, int]]) -> Vector:
    """Return hashed features: each field of length 1, whatever number of features it has."""
    sizes = np.array([len(hashes) for hashes, _ in fields])
    salts = np.array([field * int(_GOLDEN) & _MASK for _, field in fields], np.uint64)
    salted = (np.concatenate([hashes for hashes, _ in fields]) ^ np.repeat(salts, sizes)) * _PRIME
    mixed = (salted ^ (salted >> _SHIFT)) * _GOLDEN
    values = np.repeat(np.maximum(sizes, 1).astype(np.float32) ** -0.5, sizes)
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64), values


def _sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text stand; of a very long text the first and the last."""
    found: list[tuple[int, int]] = []
    start = 0
    for end in _END.finditer(text):
        mark = end.group()
        if mark[0] == "." and _ABBREVIATION.search(text, max(start, end.end() - 12), end.end()):
            continue
        if text[start : end.end()].strip():
            found.append((start, end.end()))
            start = end.end()
    if text[start:].strip() or not found:
        found.append((start, len(text)))
    return found if len(found) <= _FIRST + _LAST else found[:_FIRST] + found[-_LAST:]


def _said_once(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the first of each sentence that is repeated: a model that loops says nothing new."""
    first = {text[start:end].strip(): (start, end) for start, end in reversed(spans)}
    return sorted(first.values())


def _classes(said: list[Word], content: frozenset[str]) -> list[str]:
    found = ["^"]
    for word in said:
        first = word.text[0]
        name = word.group
        if not name:
            if word.text in content:
                name = "Asked"
            elif first.isdigit():
                name = "0"
            elif first.isalpha():
                name = "Name" if word.capital else "*"
            else:
                name = word.text
        if name != found[-1] or name not in ("Asked", "*", "Name", "the", "of"):
            found.append(name)
    return [*found, "$"]


def _properties(asked: list[str]) -> list[str]:
    """Return what a question asks for, and of what sort it is."""
    told = [word for word in asked if word[0].isalnum()] or ["?"]
    form = "other"
    requests = _SETS["request"]
    politely = told[0] in ("please", "can", "could") and requests & set(told[:4])
    if told[0] in requests or politely:
        form = "request"
    elif told[0] in _SETS["auxiliary"]:
        form = "yes-no"
    else:
        for at, word in enumerate(told):
            if word in _SETS["asking"]:
                behind = told[at + 1] if at + 1 < len(told) else ""
                form = f"how {behind}" if word == "how" and behind in _SETS["amount"] else word
                break
    every = set(told)
    found = [form, *(name for name, listed in _PROPERTY_WORDS.items() if every & listed)]
    if len(told) > 40:
        found.append("long")
    return found


def _crossed(
    said: list[Word], content: frozenset[str], properties: list[str], *, first: bool
) -> list[str]:
    """Return pairs of what the question is and what a sentence holds."""
    texts = {word.text for word in said}
    holds = {word.group for word in said} - FAINT - {""}
    doubts = sorted(holds & _DOUBTS)
    if any(word.text[0].isdigit() and word.text not in content for word in said):
        holds.add("0")
    if any(
        w.capital and len(w.text) > 1 and not w.group and w.text not in content for w in said[1:]
    ):
        holds.add("Name")
    if "?" in texts:
        holds.add("?")
    holds.add(f"asked{min(3, 4 * len(texts & content) // max(1, len(content)))}")
    holds.add(f"length{min(3, len(said) // 8)}")
    offers = sorted(holds & {"0", "Name", "?", "length0"})
    where = ("any", "first") if first else ("any",)
    found = [f"{place} {one}|{held}" for place in where for one in properties for held in holds]
    found += [f"{place} {a} {b}" for place in where for a in offers for b in doubts]
    if first and said:
        opening = " ".join(word.group or "*" for word in said[:2])
        for one in properties:
            found += [f"opens {one}|{said[0].text}", f"opens {one}|{opening}"]
    return found
