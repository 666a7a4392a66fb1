"""Whether a clause denies what a question takes for granted.

"Why did Edison invent the telephone?" takes for granted that he did. A clause rejects that if it
negates words of the question ("he did not invent it"), or the whole of it ("he never did"), and
the question was not whether it is so. Correcting a detail and answering all the same is another
matter: `reaffirmed` finds it.
"""

# ruff: noqa: E501  (a pattern is as long as it is)
from __future__ import annotations

import re

from iabench.grading.asked import Asked, content, stem
from iabench.grading.clauses import Clause
from iabench.grading.cues.frames import NEGATION

__all__ = ["rejects"]

_DENIED = re.compile(
    r"^there (?:is|was|are|were) none$|^(?:(?:but|and|so|actually|in fact|no|well|however|because|unfortunately|that|which|the \w+) )*"
    r"(?:it|he|she|they|we|that|this|there|one|the \w+|\w+)(?: \w+)? "
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would) (?:not|never)"
    r"(?: (?:actually|really|in fact|at all|true|so|either|yet|ever|been|quite|any|one|either))*$"
    r"|^(?:they|he|she|it|we)(?: \w+)? never (?:did|was|were|has|had|have|do|does)$"
    r"|^(?:(?:but|and|actually|in fact) )*(?:\w+ )?(?:has|have|had|is|are|left|wrote|won|did|with) none$"
)
_NEVER = re.compile(
    r"^(?:(?:but|actually|though|in fact|no) )*((?:(?!and|having|being|they|because)\w+ ){1,4}?)(?:(?:was|were|has|have|had|did) )?"
    r"(?:never|only ever)(?: \w+){1,5}$"
)
"""A short clause that something never did what is said of it."""
_GRANTED = re.compile(
    r"\b(?:who|whom|whose|when|where|which|why|how did|how does|how do|how was)\b"
)
"""Asks for a circumstance of what it takes for granted."""
_IN_FACT = re.compile(r"\b(?:in fact|actually|in reality|the opposite|the contrary|rather than)\b")
_WHY = re.compile(r"^(?:(?:can|could) you )?(?:explain )?(?:why|how come)\b")
_CONTRAST = re.compile(
    r"\bbut (?:in|for|by|the|a|to|with|from|also)\b|\bbetter than\b|\bmore than\b|^not \w+$"
)
_DENIES_SO = re.compile(r"^(?:it|they|he|she) (?:do|does|did|is|are|was|were)$")
_WEAK_WORDS = (
    "happen fact thing people time way first one two there case real known"
    " person know find found good much many"
)
_WEAK = frozenset(stem(word) for word in _WEAK_WORDS.split())
_ASKED_THING = re.compile(
    r"^(?:what|which)(?: other| kind of| sort of)? (\w+)(?: \w+)? (?:do|does|did|has|have|had|is|are|was|were)\b"
)
_SECRET = frozenset({"secret", "trick", "difference", "point", "rule", "catch", "limit"})


def rejects(about: Asked, clause: Clause, *, early: bool) -> bool:  # noqa: C901  (one test a line)
    """Return whether a clause denies what the question takes for granted.

    Args:
        about: the question.
        clause: the clause.
        early: it stands at the beginning of the response.
    """
    if (about.provides and about.composes) or clause.text.startswith(("if ", "never ")):
        return False
    if about.rejected_by(clause):
        return not _none_is_the_answer(about, clause)
    if not early or about.provides or about.yes_no or clause.asks:
        return False
    if NEGATION.search(about.text):
        return _DENIES_SO.match(clause.text) is not None
    if (
        _IN_FACT.search(clause.text)
        and _WHY.search(about.text)
        and content(clause.text) & about.words
    ):
        return True
    text = clause.text.removeprefix("i am afraid ").removeprefix("that ")
    if _DENIED.search(text):
        return True
    if _never_was(about, text):
        return True
    words = text.split()
    if not words or words[0] in {"i", "you", "if", "do"} or len(about.words) < 2:
        return False
    denial = NEGATION.search(text)
    if denial is None or text[denial.end() :].startswith(
        (" only", " just", " sure", " doubt", " because", " merely")
    ):
        return False
    if clause.text.startswith(("because ", "since ", "which ", "who ")) or _CONTRAST.search(
        clause.text
    ):
        return False
    behind = content(text[denial.end() :]) - _WEAK
    before = content(text[: denial.start()]) - _WEAK
    if _none_is_the_answer(about, clause) or not behind & about.words:
        return False
    if about.counts and not behind & about.entity:
        return False
    # What is denied is of the question, and so is what it is denied of.
    elided = words[0] in {"and", "but", "so"} and denial.start() < 14
    about_it = not before or bool(before & about.words) or len(behind & about.words) > 1
    return elided or words[0] in _PRONOUNS or about_it


def _never_was(about: Asked, text: str) -> bool:
    """Return whether a short clause says that what was asked about never did something."""
    never = _NEVER.match(text)
    if never is None or about.counts or about.defining or not _GRANTED.search(about.text):
        return False
    said = content(never[1])
    return said <= about.words and never[1].split()[0] not in {"i", "you", "we"}


_PRONOUN_WORDS = "it he she they that this there we no its his her their none neither"
_PRONOUNS = frozenset(_PRONOUN_WORDS.split())


def _none_is_the_answer(about: Asked, clause: Clause) -> bool:
    """Return whether "there is none" answers: only the thing asked for is denied."""
    asked_for = _ASKED_THING.match(about.text)
    denied = content(clause.text) & about.relation
    if asked_for is None:
        return bool(denied) and denied <= _SECRET
    return denied <= {stem(asked_for[1])} | _SECRET or about.text.startswith("what is the secret")
