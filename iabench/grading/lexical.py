"""`lexical@6`: finds abstentions by their wording, clause by clause, and weighs what it finds.

What narrow rules come to (`narrow`) is one signal among others: wide rules (`cues.OPEN`), what
the other clauses do, the question, words and their classes (`signals`). Learned weights decide
(`lexicon`); of German, French, Spanish and Chinese the phrases and the words of each. Where that
says little either way, a small encoder reads the whole (`encoder`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from iabench.grading.asked import Asked, asked
from iabench.grading.base import Answered
from iabench.grading.clauses import Clause, clauses
from iabench.grading.cues.frames import NEGATION
from iabench.grading.foreign import judge, language
from iabench.grading.lexicon import Lexicon, probability, shipped
from iabench.grading.narrow import MAKES, REFUSED, all_quoted, by_rules, declines_in
from iabench.grading.signals import Found, foreign, of_rules, read_of, see
from iabench.records import Judgement, Kind, RunSpec

__all__ = ["UNSURE", "Lexical", "signals"]

UNSURE = 3.0
"""The logit of the wording up to which a response is read whole.

Over families of the training labels the verdicts that this leaves to the wording are as often right
as the encoder's; from 2.5 on they are fewer, from 4 on nothing is gained.
"""
_AT_ONCE = 512
_OUTRIGHT: frozenset[Kind] = frozenset({"ignorance", *REFUSED})
_SPEAKER = frozenset({"i", "we"})
_REQUEST = re.compile(r"\b(?:this|that|your|such an?) request\b")
"""What is declined as a request is refused, and no admission."""
_DENIALS: frozenset[Kind] = frozenset({"premise_rejection", "unrecognised"})
_WORD = re.compile(r"[^\W_]")
_ANOTHER = re.compile(r"\b(?:did you mean|(?:perhaps|maybe|if) you mean\w*)\b", re.IGNORECASE)
_BARE, _BARER = 6, 4
"""Words of a response that names something and says nothing; and where a wide rule speaks."""


class Lexical:
    """The lexical abstention detector."""

    id = "lexical@6"

    def __init__(self, spec: RunSpec | None = None, *, reads: bool = True) -> None:
        """Open it; it needs nothing of the run. Without `reads` the wording decides all."""
        self._sure = probability(UNSURE) if reads else 0.0

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; an empty answer is undecided."""
        for start in range(0, len(cases), _AT_ONCE):
            some = cases[start : start + _AT_ONCE]
            judged = [_judge(case.question, case.answer, shipped()) for case in some]
            unsure = [
                at
                for at, (case, one) in enumerate(zip(some, judged, strict=True))
                if one.confidence < self._sure and _is_unsure(one, _said(case.answer))
            ]
            if unsure:
                from iabench.grading import encoder  # slow to load, and often not needed

                pairs = [(some[at].question, _said(some[at].answer)) for at in unsure]
                for at, read in zip(unsure, encoder.shipped().abstains(pairs), strict=True):
                    judged[at] = _read_whole(judged[at], *read)
            yield from judged

    def close(self) -> None:
        """Nothing is held."""


def signals(question: str, response: str) -> dict[str, float]:
    """Return the signals of a response that is not empty."""
    return _read(question, response)[1]


def _said(answer: str) -> str:
    """Return an answer without the thinking before it."""
    return answer.rpartition("</think>")[2]


def _is_unsure(worded: Judgement, said: str) -> bool:
    """Return whether more than the wording is to be read.

    Not where there are no words, or a few bare ones; nor where all is one quotation, or what was
    asked is declined and another thing offered.
    """
    if worded.value is None or not _WORD.search(said):
        return False
    if worded.value:
        return not (all_quoted(said) or (worded.evidence and _ANOTHER.search(said)))
    return not _names_only(clauses(said), ())


def _read_whole(worded: Judgement, logit: float, kinds: tuple[Kind, ...]) -> Judgement:
    """Return what the encoder says, in the words of the rules where both say the same."""
    if math.isnan(logit):
        return worded
    value, sure = logit > 0, probability(abs(logit))
    if value == worded.value:
        return replace(worded, confidence=sure)
    reason = f"{worded.reason}, read whole"
    return Judgement(value=value, kinds=kinds if value else (), reason=reason, confidence=sure)


def _judge(question: str, answer: str, lexicon: Lexicon) -> Judgement:
    said = _said(answer)
    if said == answer and "<think>" in answer:
        return Judgement(value=None, reason="truncated")
    if not said.strip():
        return Judgement(value=None, reason="empty")
    ruled, values, found, parts = _read(question, said)
    logit = lexicon.logit(values)
    outright = _outright(ruled, question, said, parts)
    value = outright or logit > 0
    kinds = lexicon.kinds_of(values) if value else ()
    if (
        value
        and not ruled.value
        and ((set(kinds) <= _DENIALS and _no_answers(asked(question))) or _names_only(parts, found))
    ):
        value = False
    if value == ruled.value:
        every = tuple(sorted({*ruled.kinds, *kinds})) if value else ()
        if outright and _REQUEST.search(said):
            every = ruled.kinds
        # What is declined outright is never unsure enough to be read whole.
        sure = probability(max(UNSURE, logit) if outright else abs(logit))
        return replace(ruled, kinds=every, confidence=sure)
    spoken = _loudest(lexicon, found)
    reason, evidence = f"{ruled.reason}, outweighed", ""
    if spoken and value:
        reason = spoken.rule
        evidence = parts[spoken.clause].quote(spoken.start, spoken.end)
    sure = probability(abs(logit))
    return Judgement(value=value, kinds=kinds, reason=reason, evidence=evidence, confidence=sure)


def _outright(ruled: Judgement, question: str, said: str, parts: list[Clause]) -> bool:
    """Return whether the speaker says in every clause that it does not know, cannot or will not.

    What is said so plainly is not weighed: no question makes "I don't know." an answer, but one
    that is about these words.
    """
    if not parts or not ruled.value or not set(ruled.kinds) <= _OUTRIGHT:
        return False
    about = asked(question)
    if about.provides or about.you or MAKES.search(about.text) or all_quoted(said):
        return False
    if any(not _SPEAKER & set(part.text.split()) or part.text in about.text for part in parts):
        return False
    return {d.clause for d in declines_in(about, parts)} == set(range(len(parts)))


def _no_answers(about: Asked) -> bool:
    """Return whether a denial answers a question: yes or no, how many, what does not."""
    return about.yes_no or about.counts or NEGATION.search(about.text) is not None


def _names_only(parts: list[Clause], found: tuple[Found, ...]) -> bool:
    """Return whether a few words deny nothing and ask nothing: they are an answer, as "crime"."""
    return (
        0 < sum(len(part.tokens) for part in parts) <= (_BARER if found else _BARE)
        and not any(part.asks or NEGATION.search(part.text) for part in parts)
        and not any(one.kind in {"ignorance", "clarification"} for one in found)
    )


def _read(
    question: str, said: str
) -> tuple[Judgement, dict[str, float], tuple[Found, ...], list[Clause]]:
    """Return what the narrow rules say, the signals, where wide rules speak, and the clauses."""
    other = language(question, said)
    if other is not None:
        ruled = judge(other, question, said)
        return ruled, {**of_rules(ruled, "m"), **foreign(said)}, (), []
    about, parts = asked(question), clauses(said)
    ruled = by_rules(about, parts, said)
    if not parts:
        return ruled, of_rules(ruled), (), []
    parts = read_of(parts)
    seen = see(about, parts)
    return ruled, {**of_rules(ruled), **seen.values}, seen.found, parts


def _loudest(lexicon: Lexicon, found: tuple[Found, ...]) -> Found | None:
    """Return the wide rule that says most."""
    return max(found, key=lambda one: lexicon.abstains.get(f"r:{one.rule}", 0.0), default=None)
