"""ROUGE-1 recall in any alphabet (the library's own tokenizer keeps a-z and 0-9 only)."""

from __future__ import annotations

import functools
import unicodedata
from typing import Any

from iabench.grading.normalize import clean

__all__ = ["rouge1_recall", "tokens"]

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
    return float(_scorer().score(reference, answer)["rouge1"].recall)


class _Tokenizer:
    def tokenize(self, text: str) -> list[str]:
        return tokens(text)


@functools.cache
def _scorer() -> Any:
    from rouge_score import rouge_scorer

    return rouge_scorer.RougeScorer(["rouge1"], tokenizer=_Tokenizer())
