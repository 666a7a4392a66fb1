"""When two answers mean the same without a model: equal, once frame, case and marks are off.

"Paris", "It is Paris." and "The capital is Paris." are one answer. The frame is English: a pronoun
or a subject of plain words, a verb of being or place, and little words. What it does not know it
leaves, so that it parts answers that mean the same rather than joins those that do not.
"""

from __future__ import annotations

import re

from iabench.grading.normalize import answer_key

__all__ = ["bare"]

_FRAME = re.compile(
    # A name is no frame ("The Tarn is ..."), so the words of a subject begin small.
    r"^(?:(?:[Ii]t|[Tt]his|[Tt]hat|[Hh]e|[Ss]he|[Tt]hey)|[Tt]he(?: [a-z][\w-]*){1,4}?)"
    r"(?:'s| (?:is|was|are|were|lies|lie|stands|stand|flows|works|worked|lives|lived|comes|came))"
    r"(?: (?:written|composed|founded|born|located|based|called|named|situated|painted|discovered|"
    r"invented|made|spoken))?"
    r"(?: (?:in|by|at|on|from|near))?"
    r"(?: (?:the|a|an))? (?=\S)"
)


def bare(text: str) -> str:
    """Return the key of an answer; empty where it says nothing."""
    stripped = text.strip()
    return answer_key(_FRAME.sub("", stripped)) or answer_key(stripped) or stripped
