"""Completions that are no response at all, found before any detector is asked."""

from __future__ import annotations

import re

from iabench.grading.asked import asked, content
from iabench.grading.clauses import clauses
from iabench.grading.cues import ANSWERS_ASIDE
from iabench.grading.narrow import declines
from iabench.grading.normalize import fold

__all__ = ["degenerate"]

_SILENT = re.compile(r"[\s.,:;!?'\"*_\-]*")
_WORD = re.compile(r"[^\W_]+")
_LABELS = frozenset({"q", "question", "a", "answer"})
_FEWEST_REPEATS = 4
_SHORTEST_LOOP = 24
"""Characters; "no, no, no, no" is talk."""


def degenerate(question: str, text: str, cut: bool) -> str | None:
    """Return how a completion is degenerate, or None where it says something.

    Args:
        question: what was asked.
        text: the completion, without its thinking.
        cut: it was stopped by the task's token limit.

    Returns:
        `empty`: no word in it. `echo`: the question, or its beginning, and nothing else. `loop`: at
        least half of it is one piece repeated to the end. `nothing said at the token limit`: it
        was cut before a clause said anything of its own. None: none of these.
    """
    folded = fold(text)
    if _SILENT.fullmatch(folded):
        return "empty"
    if _echoes(fold(question), folded):
        return "echo"
    if _loops(folded, cut):
        return "loop"
    if cut and not _says_something(question, text):
        return "nothing said at the token limit"
    return None


def _echoes(question: str, text: str) -> bool:
    asks = _WORD.findall(question)
    says = _WORD.findall(text)
    while says and says[0] in _LABELS and says[0] != asks[:1]:
        says = says[1:]
    while says and says[-1] in _LABELS and (not asks or says[-1] != asks[-1]):
        says = says[:-1]
    if not asks or len(says) < max(4, len(asks) / 2):
        return bool(asks) and says == asks
    return all(word == asks[place % len(asks)] for place, word in enumerate(says))


def _loops(text: str, cut: bool) -> bool:
    """Return whether at least half of a text is one piece, repeated four times or more to its end.

    The borders of the reversed text (Knuth, Morris and Pratt's failure function) give the shortest
    period of every suffix in linear time.
    """
    backwards = text[::-1]
    border = [0] * len(backwards)
    longest = period = 0
    for place in range(1, len(backwards)):
        length = border[place - 1]
        while length and backwards[place] != backwards[length]:
            length = border[length - 1]
        border[place] = length + (backwards[place] == backwards[length])
        repeats_every = place + 1 - border[place]
        if place + 1 >= _FEWEST_REPEATS * repeats_every:
            longest, period = place + 1, repeats_every
    if longest < max(_SHORTEST_LOOP, len(text) / 2):
        return False
    # A long number is an answer: 1000000...; only one without end is a loop.
    return cut or any(char.isalpha() for char in backwards[:period])


def _says_something(question: str, text: str) -> bool:
    if declines(question, text):
        return True
    about = asked(question)
    parts = clauses(text)
    finished = parts if text.rstrip()[-1] in '.!?"' else parts[:-1]
    if any(
        content(part.text) - about.words and not ANSWERS_ASIDE.search(part.text)
        for part in finished
    ):
        return True
    return any(about.answered_by(part, elsewhere=False, capitals=True) for part in parts[-1:])
