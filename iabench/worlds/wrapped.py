r"""What stands around the questions of a file: a template is no part of what is asked.

"Question: ...\nAnswer:", "### Instruction:", "You are AcmeBot. ..." and the like stand in row after
row. Text that nearly all questions begin or end with, up to the end of a sentence or a line, is a
template; so are words before a colon or in a header line that most rows have there, or that are
usual names of speakers and parts.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

__all__ = ["Wrapping"]

_SHARE = 0.9
"""Part of the rows that a template stands around at least."""
_FEWEST = 3
"""Rows of which some text can be called the same in nearly all."""
_USUAL = """question answer instruction instructions response user assistant system human input
    output context prompt completion passage frage antwort anweisung eingabe ausgabe nutzer benutzer
    assistent kontext pregunta respuesta réponse domanda risposta"""
_LABELS = frozenset(_USUAL.split())
_LABEL = re.compile(
    r"^[ \t]*[#*>-]*[ \t]*(?P<line>[^\W_]+(?: [^\W_]+){0,3})\**[ \t]?:"
    r"|^[ \t]*#+[ \t]*(?P<head>[^\n#]+?)[ \t]*#*$"
    r"|(?P<word>[^\W_]+)\**[ \t]?:",
    re.MULTILINE,
)
_ENDS = re.compile(r"[.!?:>\])][\s*]+|\n\s*")


class Wrapping:
    """The templates of one file.

    Args:
        questions: all of them.
    """

    def __init__(self, questions: Sequence[str]) -> None:
        before = _shared(questions)
        ends = [found.end() for found in _ENDS.finditer(before)]
        self._before = before[: ends[-1]] if ends else ""
        behind = _shared([question[::-1] for question in questions])[::-1]
        begins = _ENDS.search(behind)
        self._behind = behind[begins.start() :] if begins else ""
        said = Counter(label for text in questions for label in {f[2] for f in _labels(text)})
        least = max(len(questions) / 2, _FEWEST - 1)
        self._labels = _LABELS | {label for label, n in said.items() if n > least}

    def blank(self, question: str) -> str:
        """Return a question with line ends for every letter of its template, so that none moves."""
        before, behind = len(self._before), len(self._behind)
        spans = [(0, before)] if before and question.startswith(self._before) else []
        if behind and question.endswith(self._behind):
            spans.append((len(question) - behind, len(question)))
        spans += [(a, b) for a, b, label in _labels(question) if label in self._labels]
        for start, end in spans:
            question = question[:start] + "\n" * (end - start) + question[end:]
        return question


def _labels(text: str) -> list[tuple[int, int, str]]:
    """Return words before a colon and header lines: from, to, and the words in small letters."""
    return [
        (*found.span(found.lastgroup or 0), found[found.lastgroup or 0].casefold())
        for found in _LABEL.finditer(text)
    ]


def _shared(texts: Sequence[str]) -> str:
    """Return the longest text that nearly all of them begin with."""
    if len(texts) < _FEWEST:
        return ""
    # Those that begin alike stand together.
    listed = sorted(texts)
    wide = math.ceil(_SHARE * len(listed))
    common = map(_alike, listed, listed[wide - 1 :])
    return max(common, key=len, default="")


def _alike(one: str, other: str) -> str:
    """Return what both begin with."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return one[: sum(1 for _ in same)]
