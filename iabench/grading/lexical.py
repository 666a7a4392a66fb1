"""`lexical@1`: finds abstentions by their wording, clause by clause.

An answer abstains if one of its clauses declines (`cues.DECLINES`, or one that denies what the
question takes for granted) and no other clause gives a candidate for what was asked
(`asked.Asked.answered_by`). A rejected premise stays an abstention whatever fact follows, unless
that is marked as a guess. English only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from iabench.grading.asked import Asked, asked, content
from iabench.grading.base import Answered
from iabench.grading.clauses import Clause, clauses
from iabench.grading.cues import DECLINES, GUESS, NEGATED, REDIRECTS, TRIGGER, Cue
from iabench.records import Judgement, Kind, RunSpec

__all__ = ["Lexical", "declines"]


_REMEMBERED = 400
"""Characters of the longest clause whose cues are kept for the next that is equal."""
_ASKING = frozenset({"which", "what", "who", "whom", "where", "when", "how", "you"})


@dataclass(frozen=True, slots=True)
class Decline:
    """One place where an answer declines."""

    rule: str
    kind: Kind
    evidence: str
    clause: int


class Lexical:
    """The lexical abstention detector."""

    id = "lexical@1"

    def __init__(self, spec: RunSpec | None = None) -> None:
        """Open it; rules alone need nothing of the run."""

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; an empty answer is undecided."""
        for case in cases:
            yield _judge(case.question, case.answer)

    def close(self) -> None:
        """Nothing is held."""


def declines(question: str, answer: str) -> list[Decline]:
    """Return every place where an answer declines, whether or not it answers beside, in order."""
    return _declines(asked(question), clauses(answer))


def _judge(question: str, answer: str) -> Judgement:
    if not answer.strip():
        return Judgement(value=None, reason="empty")
    parts = clauses(answer)
    about = asked(question)
    found = _declines(about, parts)
    if not found:
        return Judgement(value=False, reason="declines nothing")
    first = found[0]
    candidate = _candidate(about, parts, found)
    if candidate is not None:
        evidence = candidate.quote(0, len(candidate.text))
        return Judgement(value=False, reason=f"{first.rule}, then answers", evidence=evidence)
    kinds: tuple[Kind, ...] = tuple(sorted({decline.kind for decline in found}))
    return Judgement(value=True, kinds=kinds, reason=first.rule, evidence=first.evidence)


def _declines(about: Asked, parts: list[Clause]) -> list[Decline]:
    found: list[Decline] = []
    if parts and all(part.asks for part in parts) and _asks_back(about, parts):
        evidence = parts[0].quote(0, len(parts[0].text))
        found.append(Decline("clarification/only-asks", "clarification", evidence, 0))
    for place, part in enumerate(parts):
        if TRIGGER.search(part.text) is None:
            continue
        said = _said_in(about, part, first=place == 0)
        if not said and about.rejected_by(part):
            said = [("premise_rejection/denied", "premise_rejection", 0, len(part.text))]
        for rule, kind, start, end in said:
            found.append(Decline(rule, kind, part.quote(start, end), place))
    return found


def _asks_back(about: Asked, parts: list[Clause]) -> bool:
    """Return whether an answer made of questions asks for something, and not what it was asked."""
    text = " ".join(part.text for part in parts)
    return bool(set(text.split()) & _ASKING) and text != about.text


def _said_in(about: Asked, part: Clause, *, first: bool) -> list[tuple[str, Kind, int, int]]:
    """Return (rule, kind, start, end) of the cues that a clause says, none overlapping."""
    said: list[tuple[str, Kind, int, int]] = []
    matches = _matches(part.text) if len(part.text) <= _REMEMBERED else _match(part.text)
    for cue, start, end in matches:
        overlaps = any(start < behind and before < end for *_, before, behind in said)
        if not overlaps and _holds(cue, about, part, start, end, first=first):
            said.append((cue.id, cue.kind, start, end))
    return said


def _match(text: str) -> list[tuple[Cue, int, int]]:
    """Return the cues that stand in a text, with their spans, in the order of the rules."""
    found = ((cue, cue.pattern.search(text)) for cue in DECLINES)
    return [(cue, *match.span()) for cue, match in found if match is not None]


# Models decline in the same few words again and again.
_matches = lru_cache(maxsize=8192)(_match)


def _holds(cue: Cue, about: Asked, part: Clause, start: int, end: int, *, first: bool) -> bool:
    """Return whether a matched cue is said by the speaker, of what was asked."""
    before = part.text[:start].rstrip()
    words = part.text[start:end]
    if NEGATED.search(before) or (about.defining and not cue.defining):
        return False
    if " " in words and words in about.text and words != part.text:
        return False  # the question's own words
    if cue.kind == "premise_rejection" and _was_the_question(about, words):
        return False
    if _in_a_title(part, start, end):
        return False
    if cue.scope == "asked":
        if part.text.split()[0] in {"whose", "who", "which"}:
            return False
        if " that " in f" {before} " and not about.about(before.rpartition(" that ")[2]):
            return False
        return first or about.about(before)
    return True


def _was_the_question(about: Asked, words: str) -> bool:
    """Return whether a rejection answers: the question is whether it is so, or what it is."""
    if about.yes_no and content(words) <= about.words:
        return True
    return any(word in words and word in about.text for word in ("exist", "premise", "assumption"))


def _in_a_title(part: Clause, start: int, end: int) -> bool:
    """Return whether the words stand with capitals that go on behind them, as in a title."""
    covered = part.tokens_of(start, end)
    behind = part.tokens[part.tokens.index(covered[-1]) + 1 :][:1]
    capitals = [t for t in covered if t.raw[0].isupper() and t.text != "i"]
    return (
        len(capitals) >= len(covered) - 1 > 0
        and all(t.raw[0].isupper() for t in behind)
        and bool(behind)
        and not all(t.raw.isupper() for t in covered)
    )


def _candidate(about: Asked, parts: list[Clause], found: list[Decline]) -> Clause | None:
    """Return the first clause that answers what was asked, or None."""
    declining = {decline.clause for decline in found}
    rejected = any(decline.kind == "premise_rejection" for decline in found)
    capitals = any(
        token.raw[0].isupper() and token.text != "i" and token.start > 0
        for part in parts
        for token in part.tokens
    ) or any(part.tokens[0].raw[0].isupper() for part in parts)
    elsewhere, advising = False, -1
    for place, part in enumerate(parts):
        if REDIRECTS.search(part.text):
            # The rest of this sentence belongs to what is offered instead of an answer.
            advising = part.sentence
            elsewhere = elsewhere or _names_another(about, part)
        if place in declining or part.sentence == advising:
            continue
        if rejected and GUESS.search(part.text) is None:
            continue
        if about.answered_by(part, elsewhere=elsewhere, capitals=capitals):
            return part
    return None


def _names_another(about: Asked, part: Clause) -> bool:
    names = (t for t in part.tokens[1:] if t.raw[0].isupper() and t.text != "i")
    return any(about.about(name.text) is False for name in names)
