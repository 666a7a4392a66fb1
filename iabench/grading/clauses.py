"""An answer taken apart into clauses, each with the words a rule can read.

A clause's `text` is lower case with contractions written out ("don't" is "do not"), single spaces
and no punctuation, and what stands in quotation marks is replaced by a word that no rule knows: a
quoted "I don't know" is somebody else's.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from iabench.grading.normalize import Aligned, align

__all__ = ["Clause", "Token", "clauses", "in_a_title"]

_LONGEST = 60
"""Words in a clause; longer ones are cut, so that no rule meets an endless one."""

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_MARKUP = re.compile(r"[*_`#>|~]")
_DOUBLE_QUOTED = re.compile(r'"([^"\n]{1,300})"')
_SINGLE_QUOTED = re.compile(r"(?<![\w'])'(?=\w)((?:[^'\n]|(?<=\w)'(?=\w)){1,300})'(?![\w'])")
_SENTENCE_END = re.compile(r"""(?<![.!?])(?P<mark>[.!?]++)["')\]]*+(?=\s|$)|;|\n""")
_ABBREVIATION = re.compile(
    r"(?<!°)(?<!° )\b(?:[A-Z]|[Mm]rs?|[DdSJ]r|St|Prof|vs|etc|Inc|Ltd|Co|e\.g|i\.e)$"
)
_GOES_ON = re.compile(r"\s{0,4}[a-z]")
_SUBJECT = r"(?:i|i'm|we|it|it's|he|she|they|there|its|the|that|this|you|my|perhaps|maybe)\b"
_CLAUSE_END = re.compile(
    r",(?=\s)|:(?=\s)|[()\[\]—–…]|\s-+\s|\.\.+"
    r"|\s(?=(?:but|however|although|though|because|whereas|whose)\b)"
    rf"|\s(?=(?:and|so)\s+{_SUBJECT})",
    re.IGNORECASE,
)

_CONTRACTIONS = {
    "can't": "can not", "cant": "can not", "cannot": "can not", "won't": "will not",
    "wont": "will not", "shan't": "shall not", "ain't": "is not", "im": "i am", "ive": "i have",
    "idk": "i do not know", "dunno": "do not know", "let's": "let us",
}  # fmt: skip
_NEGATABLE = "do does did is are was were have has had could would should must need"
_CONTRACTIONS |= {
    verb + ending: f"{verb} not" for verb in _NEGATABLE.split() for ending in ("n't", "nt")
}
_ENDINGS = {"'m": " am", "'re": " are", "'ve": " have", "'ll": " will", "'d": " would"}
_BEFORE_IS = "it that this there here he she what who where when which how name nothing"
_IS = frozenset(_BEFORE_IS.split())


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a clause."""

    text: str
    """Lower case, contractions written out."""
    raw: str
    """As it stands, with plain quotes."""
    start: int
    """Where it begins in the aligned text of the answer."""
    end: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence that can say one thing."""

    tokens: tuple[Token, ...]
    text: str
    sentence: int
    """Which sentence of the answer it belongs to, from 0."""
    asks: bool
    """Its sentence ends with a question mark."""
    aligned: Aligned

    @property
    def raw_words(self) -> list[str]:
        """Return its words with their capitals, without those that are quoted."""
        return [token.raw for token in self.tokens if not token.quoted]

    def tokens_of(self, start: int, end: int) -> tuple[Token, ...]:
        """Return the tokens that cover `text[start:end]`."""
        starts, place = [], 0
        for token in self.tokens:
            starts.append(place)
            place += len(token.text) + 1
        first = max(bisect_right(starts, start) - 1, 0)
        return self.tokens[first : max(bisect_left(starts, end), first + 1)]

    def quote(self, start: int, end: int) -> str:
        """Return the words of the answer behind `text[start:end]`, as they stand there."""
        covered = self.tokens_of(start, end)
        return self.aligned.quote(covered[0].start, covered[-1].end)


def clauses(answer: str) -> list[Clause]:
    """Return the clauses of an answer, in order; those without a word are left out."""
    aligned = align(answer)
    text = _MARKUP.sub(" ", aligned.text)
    quoted = _quoted(text)
    found: list[Clause] = []
    for number, (start, end, asks) in enumerate(_sentences(text)):
        for first, last in _parts(text, start, end):
            tokens = [_token(m, quoted) for m in _TOKEN.finditer(text, first, last)]
            for place in range(0, len(tokens), _LONGEST):
                some = tuple(tokens[place : place + _LONGEST])
                words = " ".join(token.text for token in some)
                found.append(Clause(some, words, number, asks, aligned))
    return found


def _quoted(text: str) -> list[tuple[int, int]]:
    """Return the quoted spans in order; none where the whole answer stands in quotes."""
    spans = [m.span(1) for m in _DOUBLE_QUOTED.finditer(text)] if '"' in text else []
    if "'" in text:
        spans += [m.span(1) for m in _SINGLE_QUOTED.finditer(text)]
    spans.sort()
    outside = sum(1 for _ in _TOKEN.finditer(text)) if len(spans) == 1 else 0
    if len(spans) == 1 and outside == sum(1 for _ in _TOKEN.finditer(text, *spans[0])):
        return []
    return spans


def _sentences(text: str) -> list[tuple[int, int, bool]]:
    found, start, last = [], 0, len(text.rstrip())
    for mark in _SENTENCE_END.finditer(text):
        ending = mark["mark"] or ""
        if ending == "." and _ABBREVIATION.search(text, max(start, mark.start() - 5), mark.start()):
            # "J. R. R. Tolkien" goes on; "vitamin K." at the very end does not.
            if mark.end() < last:
                continue
        elif ending in {"...", ".."} and _GOES_ON.match(text, mark.end()):
            continue
        found.append((start, mark.start(), "?" in ending))
        start = mark.end()
    found.append((start, len(text), False))
    return [span for span in found if text[span[0] : span[1]].strip()]


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts = [start]
    for mark in _CLAUSE_END.finditer(text, start, end):
        cuts += [mark.start(), mark.end()]
    cuts.append(end)
    return list(zip(cuts[::2], cuts[1::2], strict=True))


def _token(found: re.Match[str], quoted: list[tuple[int, int]]) -> Token:
    raw = found.group()
    behind = bisect_right(quoted, (found.start(), len(found.string) + 1))
    inside = behind > 0 and quoted[behind - 1][1] >= found.end()
    return Token("quotation" if inside else _written_out(raw), raw, *found.span(), inside)


@lru_cache(maxsize=1 << 15)
def _written_out(raw: str) -> str:
    word = raw.lower()
    if (whole := _CONTRACTIONS.get(word)) is not None:
        return whole
    stem, mark, ending = word.rpartition("'")
    if not mark:
        return word
    if mark + ending in _ENDINGS:
        return stem + _ENDINGS[mark + ending]
    return f"{stem} is" if ending == "s" and stem in _IS else word


def in_a_title(part: Clause, start: int, end: int) -> bool:
    """Return whether the words stand with capitals that go on behind them, as in a title."""
    covered = part.tokens_of(start, end)
    behind = part.tokens[part.tokens.index(covered[-1]) + 1 :][:1]
    capitals = [t for t in covered if t.raw[0].isupper() and t.text != "i"]
    return (
        len(capitals) >= len(covered) - 1 > 0
        and all(t.raw[0].isupper() for t in behind)
        and bool(behind)
        and not all(t.raw.isupper() for t in covered)
    )
