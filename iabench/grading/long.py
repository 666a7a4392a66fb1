"""`long@1`: is an answer right whose reference is too long to be repeated word by word?

A case is long where its first reference has more than eight words. If it has short references too
(aliases, or what must be said), the answer is right where it contains one of all, as `match` does;
else where it has at least 0.6 of the words of a reference (ROUGE-1 recall).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iabench.datasets.base import is_long
from iabench.grading.base import Referenced
from iabench.records import Judgement

__all__ = ["ENOUGH", "LongAnswers", "by_words", "takes"]

ENOUGH = 0.6
"""Recall from which an answer counts as right."""


def takes(references: Sequence[str]) -> bool:
    """Return whether references are long ones."""
    return bool(references) and is_long(references[0])


def by_words(references: Sequence[str]) -> bool:
    """Return whether long references are compared by ROUGE-1: none of them is short."""
    return all(map(is_long, references))


class LongAnswers:
    """The grader of long references."""

    id = "long@1"

    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; an empty answer or no reference is undecided."""
        # Listing tasks imports this file, and needs no rules of grading for it.
        from iabench.grading.match import Match
        from iabench.grading.rouge import rouge1_recall

        match = Match()
        for case in cases:
            # Beside a short form, shared words are not enough: "24 months" for "36 months" shares
            # most of them. The long form itself, word by word, is right all the same.
            if not by_words(case.references) or not case.references or not case.answer.strip():
                yield next(match.grade([case]))
                continue
            recall = max(rouge1_recall(case.answer, one) for one in case.references)
            yield Judgement(value=recall >= ENOUGH, reason=f"ROUGE-1 recall {recall:.2f}")

    def close(self) -> None:
        """Nothing is held."""
