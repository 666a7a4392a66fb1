"""ROUGE in any alphabet (the library's own tokenizer keeps a-z and 0-9 only); grader `rouge@1`.

The grader: an answer is right where it has, in their order, at least 0.6 of the words of a
reference (ROUGE-L recall). Recall, because an answer may say more than was asked.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from iabench.grading.base import Referenced
from iabench.grading.fence import middle_cut
from iabench.grading.normalize import clean
from iabench.records import Judgement, RunSpec

__all__ = ["ENOUGH", "Rouge", "by_overlap", "rouge1_recall", "rouge_l_recall", "tokens"]

ENOUGH = 0.6
"""ROUGE-L recall from which an answer counts as right."""
_LONGEST = 6_000
"""Characters of an answer or reference that ROUGE-L compares, beginning and end."""

# Scripts written without spaces: every letter is a word of its own.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


def tokens(text: str) -> list[str]:
    """Return the words of a text in any script, without case and punctuation."""
    words, word = [], ""
    for letter in clean(text).casefold():
        if unicodedata.category(letter)[0] not in "LMN":
            words.append(word)
            word = ""
        elif not letter.isascii() and unicodedata.name(letter, "").startswith(_UNSPACED):
            words += [word, letter]
            word = ""
        else:
            word += letter
    return [found for found in (*words, word) if found]


def rouge1_recall(answer: str, reference: str) -> float:
    """Return the share of the reference's words that the answer has, in [0, 1].

    Source: Lin, ROUGE: A Package for Automatic Evaluation of Summaries (2004), n = 1.
    """
    return float(_scorer("rouge1").score(reference, answer)["rouge1"].recall)


def rouge_l_recall(answer: str, reference: str) -> float:
    """Return the share of the reference's words that the answer has in their order, in [0, 1].

    Source: Lin (2004), ROUGE-L: the longest common subsequence over the reference's length.
    """
    # The subsequence takes time in the product of the lengths.
    answer, reference = (" ".join(middle_cut(text, _LONGEST)[::2]) for text in (answer, reference))
    return float(_scorer("rougeL").score(reference, answer)["rougeL"].recall)


class Rouge:
    """The grader `rouge`."""

    id = "rouge@1"

    def __init__(self, spec: RunSpec | None = None) -> None:
        """Open it; counting words needs nothing of the run."""

    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; an empty answer or no reference is undecided."""
        return by_overlap(cases, rouge_l_recall, ENOUGH, "ROUGE-L recall")

    def close(self) -> None:
        """Nothing is held."""


def by_overlap(
    cases: Sequence[Referenced], score: Callable[[str, str], float], enough: float, name: str
) -> Iterator[Judgement]:
    """Yield one judgement a case: right where the best score over the references is enough.

    Args:
        cases: what is judged; undecided where the answer is empty or there is no reference.
        score: of an answer and a reference, in [0, 1].
        enough: from which an answer counts as right.
        name: of the score, for the reason.
    """
    for case in cases:
        references = [one for one in case.references if one.strip()]
        if not case.answer.strip() or not references:
            reason = "no references" if case.answer.strip() else "empty"
            yield Judgement(value=None, reason=reason)
            continue
        best = max(score(case.answer, one) for one in references)
        yield Judgement(value=best >= enough, reason=f"{name} {best:.2f}")


class _Tokenizer:
    def tokenize(self, text: str) -> list[str]:
        return tokens(text)


@functools.cache
def _scorer(kind: str) -> Any:
    from rouge_score import rouge_scorer

    return rouge_scorer.RougeScorer([kind], tokenizer=_Tokenizer())
