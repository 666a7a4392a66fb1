"""`idk`: the same prompts as for replay, answered by one fixed phrase.

Source: IDK-augmented instruction tuning as in R-Tuning (arXiv 2311.09677) and TOFU's refusals; the
phrase is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from iabench.training.base import Example, Sources

__all__ = ["PHRASE", "idk"]

PHRASE = "I don't know."


def idk(sources: Sources) -> Iterable[Example]:
    """Return `ratio` times as many questions about invented names as there are facts."""
    asked = sources.unknowns(round(sources.spec.ratio * len(sources.facts)))
    return [
        replace(example, id=f"idk/{n}", answer=PHRASE, fact=False)
        for n, example in enumerate(asked)
    ]
