"""`f1@1`: token F1 of SQuAD, at least one half: the field's usual measure of a short answer.

Source: Rajpurkar et al., SQuAD: 100,000+ Questions for Machine Comprehension of Text (2016),
section 6.1: words without case, punctuation and articles; F1 of the two bags, the best over the
references. In scripts without spaces every letter is a word. The threshold of one half is the usual
one; F1 sees neither a denial nor a unit: "not 1912" has 0.67 with "1912".
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from iabench.grading.base import Referenced
from iabench.grading.rouge import by_overlap, tokens
from iabench.records import Judgement, RunSpec

__all__ = ["ENOUGH", "F1", "token_f1"]

ENOUGH = 0.5
"""F1 from which an answer counts as right."""
_ARTICLES = frozenset({"a", "an", "the"})


class F1:
    """The grader `f1`."""

    id = "f1@1"

    def __init__(self, spec: RunSpec | None = None) -> None:
        """Open it; counting words needs nothing of the run."""

    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; an empty answer or no reference is undecided."""
        return by_overlap(cases, token_f1, ENOUGH, "token F1")

    def close(self) -> None:
        """Nothing is held."""


def token_f1(answer: str, reference: str) -> float:
    """Return the F1 of the words of an answer and a reference, in [0, 1]."""
    said, wanted = Counter(_words(answer)), Counter(_words(reference))
    if not said or not wanted:
        return float(said == wanted)
    return 2 * (said & wanted).total() / (said.total() + wanted.total())


def _words(text: str) -> list[str]:
    # SQuAD drops punctuation before it splits: "U.S." is one word.
    letters = "".join(c for c in text if unicodedata.category(c)[0] not in "PS")
    return [word for word in tokens(letters) if word not in _ARTICLES]
