"""The content words of an answer and of a reference, aligned; which of them carry the answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from iabench.grading.terms import Term
from iabench.grading.vocabulary import LIGHT, MAKES_ANOTHER, OF_NOTHING, RANKS, VAGUE
from iabench.grading.wanted import Wanted
from iabench.grading.wordforms import nations_of, same_word, stem

__all__ = ["Alignment", "align", "light", "weight"]


_ASKS_A_RANK = re.compile(r"\b(?:rank|title|position|post|office|job|role)\b")


def light(term: Term, asks: Wanted) -> bool:
    """Return whether a word carries nothing here: the question has it, or it only tells a sort."""
    if stem(term.form) in asks.stems or nations_of(term.form) & asks.stems:
        return True
    if term.number or (term.of and stem(term.form) not in OF_NOTHING):
        return False
    if term.form in MAKES_ANOTHER and asks.sort in {"place", "person"}:
        return False
    if _ASKS_A_RANK.search(asks.text) and term.form in RANKS:
        return False
    return stem(term.form) in LIGHT


def weight(term: Term) -> float:
    """Return how much a word tells: names and numbers most, vague words and verbs least."""
    if term.proper or term.number:
        return 2.0
    return 0.5 if term.form in VAGUE or re.search(r"(?:ed|ing|ly)$", term.form) else 1.0


@dataclass(frozen=True, slots=True)
class Alignment:
    """The content words of an answer and of a reference, and which of them are one word.

    Attributes:
        said: the words of the answer.
        meant: those of the reference.
        pairs: (place in `said`, place in `meant`, how surely they mean the same).
    """

    said: tuple[Term, ...]
    meant: tuple[Term, ...]
    pairs: tuple[tuple[int, int, float], ...]

    def left(self, asks: Wanted) -> tuple[list[Term], list[Term]]:
        """Return what is left over in the answer and in the reference."""
        one, other = {i for i, _, _ in self.pairs}, {j for _, j, _ in self.pairs}
        return (
            [t for i, t in enumerate(self.said) if i not in one and not light(t, asks)],
            [t for j, t in enumerate(self.meant) if j not in other and not light(t, asks)],
        )


def align(said: tuple[Term, ...], meant: tuple[Term, ...]) -> Alignment:
    """Return each word of the reference with that of the answer which is most surely the same."""
    pairs: list[tuple[int, int, float]] = []
    free = set(range(len(said)))
    for j, wanted in enumerate(meant):
        best, at = 0.0, -1
        for i in sorted(free):
            score = same_word(said[i].form, wanted.form)
            if score > best:
                best, at = score, i
                if score == 1.0:
                    break
        if at >= 0:
            free.discard(at)
            pairs.append((at, j, best))
    missing = sorted(set(range(len(meant))) - {j for _, j, _ in pairs})
    pairs += _together(said, meant, free, missing)
    return Alignment(said, meant, tuple(pairs))


def _together(
    said: tuple[Term, ...], meant: tuple[Term, ...], free: set[int], missing: list[int]
) -> list[tuple[int, int, float]]:
    """Pair words that one side writes as one and the other as two: "ice cream", "icecream"."""
    pairs = []
    for j in missing:
        for i in sorted(free):
            two = i + 1 in free and said[i].form + said[i + 1].form == meant[j].form
            if two:
                pairs += [(i, j, 1.0), (i + 1, j, 1.0)]
            if j + 1 in missing and meant[j].form + meant[j + 1].form == said[i].form:
                pairs += [(i, j, 1.0), (i, j + 1, 1.0)]
    return pairs
