"""What an answer and its nearest reference have in common, as numbers, and what the rules said.

A second look at a verdict of `match` whose rule is not decisive ("contained", "another word in
its place"): words and letters that both have, what is left over, names, numbers, denials, what is
the question's own, and what sort of thing is asked for. Boosted trees (`trees`) weigh them; they
were fitted on labelled answers (`likeness_fit.py`) and stand in `weights/match.json`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from iabench.grading.leftovers import Leftovers
from iabench.grading.leftovers import features as left_over
from iabench.grading.readings import readings
from iabench.grading.spans import settle
from iabench.grading.trees import Trees, read_trees
from iabench.grading.vocabulary import STOP
from iabench.grading.wanted import Wanted
from iabench.grading.wordforms import stem

__all__ = ["WEIGHTS", "features", "learned"]

WEIGHTS = Path(__file__).parent / "weights" / "match.json"
_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_DENIES = re.compile(r"\b(?:not|no|never|none|nobody|without|cannot)\b|n't\b")
_MOST = 150
"""Characters whose letters are compared in order."""
_FORMS = ("who", "when", "where", "how", "why", "which", "what", "how many", "how much")


@cache
def learned() -> Trees:
    """Return the trees that ship."""
    return read_trees(WEIGHTS)


def features(
    question: str,
    answer: str,
    references: Sequence[str],
    asks: Wanted,
    *,
    right: bool,
    reason: str,
) -> dict[str, float]:
    """Return what is weighed, by name; what is not there is 0.

    Args:
        question: the question.
        answer: a short answer, cleaned.
        references: at least one.
        asks: what the question asks for.
        right: the verdict of the rules.
        reason: theirs.
    """
    every = [_beside(question, answer, reference) for reference in references]
    near = max(every, key=lambda values: values["f1"] + values["trigrams"])
    asked = f" {question.lower()} "
    values = {
        **near,
        "best f1": max(one["f1"] for one in every),
        "references": float(len(references)),
        "right": float(right),
        f"rule: {reason}": 1.0,
        f"asks: {asks.sort}": 1.0,
    }
    values |= {f"form: {form}": 1.0 for form in _FORMS if f" {form} " in asked}
    over = [
        left_over(settled)
        for reference in references
        for reading in readings(reference)
        if isinstance(settled := settle(answer, reading, asks), Leftovers)
    ]
    if over:
        best = max(over, key=lambda one: one["f1"])
        values |= {f"left: {name}": value for name, value in best.items()} | {"left": 1.0}
    return values


def _content(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.lower() not in STOP]


def _beside(question: str, answer: str, reference: str) -> dict[str, float]:
    """Return how an answer stands to one reference."""
    said, meant = _content(answer), _content(reference)
    said_stems, meant_stems = ([stem(w.lower()) for w in words] for words in (said, meant))
    one, other = set(said_stems), set(meant_stems)
    asked = {stem(word.lower()) for word in _WORD.findall(question)}
    new_said = [w for w, s in zip(said, said_stems, strict=True) if s not in other | asked]
    new_meant = [w for w, s in zip(meant, meant_stems, strict=True) if s not in one | asked]
    shared = one & other
    low, low_reference = answer.lower(), reference.lower()
    values: dict[str, float] = {
        "precision": len(shared) / max(1, len(one)),
        "recall": len(shared) / max(1, len(other)),
        "f1": 2 * len(shared) / max(1, len(one) + len(other)),
        "new precision": len(shared - asked) / max(1, len(one - asked)),
        "new recall": len(shared - asked) / max(1, len(other - asked)),
        "added": len(new_said),
        "missing": len(new_meant),
        "words": len(said),
        "reference words": len(meant),
        "length": len(answer.split()),
        "names added": sum(word[0].isupper() for word in new_said),
        "names missing": sum(word[0].isupper() for word in new_meant),
        "small letters": answer == low,
        "small reference": reference == low_reference,
        "last word": bool(meant) and meant_stems[-1] in one,
        "first word": bool(meant) and meant_stems[0] in one,
        "own last word": bool(said) and said_stems[-1] in other,
        "own first word": bool(said) and said_stems[0] in other,
        "asked": len(one & asked) / max(1, len(one)),
        "only asked": bool(one) and one <= asked,
        "holds it": low_reference in low,
        "held by it": low in low_reference,
        "or": " or " in low and " or " not in low_reference,
    }
    denials = bool(_DENIES.search(low)), bool(_DENIES.search(low_reference))
    values |= {"denies": denials[0] - denials[1]}
    return {
        n: float(v)
        for n, v in (values | _numbers(said, meant) | _letters(low, low_reference)).items()
    }


def _numbers(said: list[str], meant: list[str]) -> dict[str, float]:
    one, other = ({word for word in words if word[0].isdigit()} for words in (said, meant))
    return {
        "numbers shared": len(one & other),
        "numbers added": len(one - other),
        "numbers missing": len(other - one),
        "other numbers": bool(one - other) and bool(other - one),
    }


def _letters(answer: str, reference: str) -> dict[str, float]:
    one, other = _trigrams(answer), _trigrams(reference)
    return {
        "trigrams": len(one & other) / len(one | other),
        "trigrams found": len(one & other) / len(other),
        "trigrams right": len(one & other) / len(one),
        "in order": SequenceMatcher(None, answer[:_MOST], reference[:_MOST], False).ratio(),
    }


def _trigrams(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[at : at + 3] for at in range(max(1, len(padded) - 2))}
