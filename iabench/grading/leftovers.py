"""How likely an answer says what a reference says, from the words that only one of them has.

Where no rule decides, a logistic model of a few dozen features does: how much of each side the
other one has, which words are left over and where they stand, and what the question asks for. Its
weights were fitted on the development half of the labelled answers (`leftovers_fit.py`) and stand
in `leftovers.json`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from iabench.grading.alignment import Alignment, light, weight
from iabench.grading.terms import Term
from iabench.grading.vocabulary import SORTS
from iabench.grading.wanted import Wanted
from iabench.grading.wordforms import nations_of, stem

__all__ = ["WEIGHTS", "Leftovers", "features", "learned", "probability"]

WEIGHTS = Path(__file__).with_suffix(".json")
_VERBAL = re.compile(r"(?:ed|ing|ly)$")
_CLAUSE = re.compile(r"^(?:why|how)\b|^what (?:is|are|was|were|did|does|do|happen\w*|caus\w*)\b")


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Two short texts that share words, and what only one of them has.

    Attributes:
        alignment: their content words.
        left: of these, what only the answer has and what tells something.
        missing: what only the reference has.
        asks: what the question asks for.
    """

    alignment: Alignment
    left: tuple[Term, ...]
    missing: tuple[Term, ...]
    asks: Wanted

    def rule(self, *, right: bool) -> str:
        """Return which side has more, in words."""
        if not self.missing:
            return "more exact" if right else "more than it"
        if not self.left:
            return "the core of it" if right else "only a part of it"
        return "nearly the same words" if right else "another word in its place"


def probability(leftovers: Leftovers) -> float:
    """Return how likely the answer says what the reference says, 0 to 1."""
    weights = learned()
    score = weights["intercept"] + sum(
        weights[name] * value for name, value in features(leftovers).items()
    )
    return 1 / (1 + math.exp(-score))


@cache
def learned() -> dict[str, float]:
    """Return the weight of each feature, and the intercept."""
    found: dict[str, float] = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return found


def features(of: Leftovers) -> dict[str, float]:
    """Return what the decision rests on, by name; each is about 0 to 1."""
    left, missing, asks = of.left, of.missing, of.asks
    said, meant = of.alignment.said, of.alignment.meant
    found = {j for _, j, _ in of.alignment.pairs}
    coverage = 1 - _weigh(missing) / (_weigh(t for t in meant if not light(t, asks)) or 1)
    precision = 1 - _weigh(left) / (_weigh(t for t in said if not light(t, asks)) or 1)
    whole, part = not missing, not left
    values: dict[str, float] = {
        "coverage": coverage,
        "precision": precision,
        "f1": 2 * coverage * precision / ((coverage + precision) or 1),
        "coverage of a part": coverage * part,
        "precision of a whole": precision * whole,
        "whole": whole,
        "part": part,
        "words missing": min(len(missing), 4) / 4,
        "words added": min(len(left), 5) / 5,
        "only derived": min(score for *_, score in of.alignment.pairs) < 0.9,
        "only sorts": all(stem(meant[j].form) in SORTS or light(meant[j], asks) for j in found),
        "one word meant": sum(not light(t, asks) for t in meant) == 1,
        "person": asks.sort == "person",
        "place": asks.sort == "place",
        "amount or time": asks.sort in {"number", "time"},
        "clause": _CLAUSE.search(asks.text) is not None,
    }
    values |= _heads(of) | _kinds(of)
    return {name: float(value) for name, value in values.items()}


def _weigh(terms: Iterable[Term]) -> float:
    return sum(map(weight, terms))


def _heads(of: Leftovers) -> dict[str, float]:
    """Return what becomes of the head of each side: the last word before what qualifies it."""
    said, meant, pairs = of.alignment.said, of.alignment.meant, of.alignment.pairs
    head, other = _head(meant), _head(said)
    paired, answered = {j for _, j, _ in pairs}, {i for i, _, _ in pairs}
    behind = max(answered) + 1
    added = said[behind] if behind < len(said) and said[behind] in of.left else None
    return {
        "head": head in paired,
        "head of a part": head in paired and not of.left,
        "head of the answer": other in answered,
        "same head": any((i, j) == (other, head) for i, j, _ in pairs),
        "first word": 0 in paired,
        "first word of the answer": 0 in answered,
        "of a name": meant[head].of and any(t.proper for t in of.missing),
        "only the head": not of.left and paired == {head} and any(t.later for t in of.missing),
        "sequel": added is not None
        and added.number
        and not added.later
        and said[behind - 1].proper,
        "head added": added is not None and not (added.later or added.again or added.proper),
        "another order": [i for i, _, _ in pairs] != sorted(i for i, _, _ in pairs),
    }


def _head(terms: tuple[Term, ...]) -> int:
    return max((i for i, t in enumerate(terms) if not t.later), default=len(terms) - 1)


def _kinds(of: Leftovers) -> dict[str, float]:
    """Return what sort of words are left over: names, numbers, modifiers, what qualifies."""
    left, missing = of.left, of.missing
    found = [of.alignment.meant[j] for _, j, _ in of.alignment.pairs]
    return {
        "name missing": any(t.proper for t in missing),
        "main name missing": any(t.proper and not t.later for t in missing),
        "name added": any(t.proper for t in left),
        "main name added": any(t.proper and not t.later for t in left),
        "another name": any(t.proper for t in missing) and any(t.proper for t in left),
        "name found": any(t.proper for t in found),
        "number missing": any(t.number for t in missing),
        "number added": any(t.number for t in left),
        "main word missing": any(not t.later for t in missing),
        "main word added": any(not t.later for t in left),
        "member missing": any(t.again for t in missing),
        "member added": any(t.again for t in left),
        "verb missing": any(_VERBAL.search(t.form) for t in missing),
        "nation missing": any(nations_of(t.form) for t in missing),
        "in its place": _in_place(of, left, missing),
        "light word in its place": _in_place(of, *_unpaired(of)),
    }


def _unpaired(of: Leftovers) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Return every word that only one side has, but for those of the question."""
    one, other = {i for i, _, _ in of.alignment.pairs}, {j for _, j, _ in of.alignment.pairs}
    said = (t for i, t in enumerate(of.alignment.said) if i not in one)
    meant = (t for j, t in enumerate(of.alignment.meant) if j not in other)
    return (
        tuple(t for t in said if stem(t.form) not in of.asks.stems),
        tuple(t for t in meant if stem(t.form) not in of.asks.stems),
    )


def _in_place(of: Leftovers, left: tuple[Term, ...], missing: tuple[Term, ...]) -> bool:
    """Return whether a word of the answer stands where the reference has another one."""
    said, meant = of.alignment.said, of.alignment.meant
    pairs = {(i, j) for i, j, _ in of.alignment.pairs}
    for one in left:
        i = said.index(one)
        for other in missing:
            j = meant.index(other)
            behind = (i + 1, j + 1) in pairs or (i + 1 == len(said) and j + 1 == len(meant))
            if behind and ((i - 1, j - 1) in pairs or i == j == 0):
                return True
    return False
