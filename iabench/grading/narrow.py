"""The narrow rules of the lexical detector: clauses that decline, and none that answers.

An answer abstains if one of its clauses declines (`cues.DECLINES`, or one that denies what the
question takes for granted) and no other clause gives a candidate for what was asked
(`candidates`).
"""

# ruff: noqa: E501  (a pattern is as long as it is)
from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

from iabench.grading.asked import Asked, asked, content
from iabench.grading.candidates import candidate
from iabench.grading.clauses import Clause, clauses, in_a_title
from iabench.grading.cues import ANSWERS_ASIDE, DECLINES, NEGATED, REDIRECTS, Cue
from iabench.grading.cues.frames import NEGATION
from iabench.grading.presupposed import rejects
from iabench.grading.unsaid import Decline, by_default
from iabench.records import Judgement, Kind

__all__ = ["MAKES", "REFUSED", "all_quoted", "by_rules", "declines", "declines_in"]

_REMEMBERED = 400
"""Characters of the longest clause whose cues are kept for the next that is equal."""
_OPENS, _CLOSES = frozenset("\"“'‘«„"), frozenset("\"”'’»“")
REFUSED: frozenset[Kind] = frozenset({"policy_refusal", "capability_refusal"})
_EXPLAINED = frozenset(
    {
        "ignorance/cannot-say",
        "ignorance/cannot-give",
        "ignorance/not-have",
        "ignorance/not-have-that",
        "ignorance/not-mine",
        "ignorance/beyond-my-knowledge",
        "premise_rejection/denied",
        "premise_rejection/not-so",
        "clarification/then-i-can",
        "clarification/please",
        "clarification/need-more",
        "unrecognised/cannot-find-an",
    }
)
_WHETHER = re.compile(r"^(?:do|does|did|is|are|was|were|has|have|may|must|should)\b")
_UNWILLING = frozenset(
    {
        "ignorance/cannot-say",
        "ignorance/cannot-give",
        "ignorance/no-guess",
        "default/speaker-denies",
    }
)
MAKES = re.compile(
    r"^(?:(?:please|now|can you|could you|help me|help me to) )*(?:write|make|create|generate|print|"
    r"produce|draft|compose|rank|forge|roleplay|pretend|design|build|tell me a joke|how (?:do|can|to))\b"
)
_CREATIVE = re.compile(
    r"\b(?:essay|poem|story|dialogue|song|haiku|sonnet|scene|monologue|limerick|fable)\b"
)
_OPENS_A_TEXT = frozenset('—–-"“*#«')
_NEGATIVE = re.compile(r"n['’]t\b|\b(?:no|not|never|nothing|cannot|unable)\b", re.IGNORECASE)
_FLAT = frozenset({"premise_rejection/denied", "premise_rejection/not-so"})
_STOCK = frozenset(
    {
        "premise_rejection/premise",
        "premise_rejection/misunderstanding",
        "premise_rejection/you-confuse",
        "premise_rejection/contrary",
    }
)
_IS_THERE = re.compile(
    r"^(?:(?:is|are|was|were) there|(?:do|does|did) (?:any|we have)|(?:has|have) any)\b"
)
"""Asks whether there is one, so that "no" answers."""
_RELATIVE = re.compile(r"\w (?:which|who|whose)$|(?<!\bbut)(?<!\band)(?<!\bso)(?<=\w) that$")
_FAR = 3
"""Words of a denial of the whole question."""
_PART_OF = re.compile(r"\w (?:that|which|who|whom|where|whose)\b")
_ON_LIMITS = re.compile(r"\blimit\w*\b|\brefuse\b|\bcan you not\b|\bcan not you\b|\bunable\b")
_NOT_BUT = re.compile(r"^but (?:in|for|by|the|a|an|to|with|from|rather|of|on|at)\b")
_LETTER = re.compile(
    r"\s*[*_>\"“]*(?:dear|hello|hi|hey) [A-Z\[][\w ]*[\],]|\s*[*_]*subject:", re.IGNORECASE
)
_COURTESY = re.compile(
    r"\b(?:sure|certainly|of course|happy|glad|love|gladly|fun|absolutely|help|look into|before i|"
    r"let me|just so|to get started|many|several|dozens|will do|enough|not quite clear|not listed|so that|depends?|vary|varies|could refer|with that)\b"
)
_ASKING = frozenset({"or", "whose", "which", "what", "who", "whom", "where", "when", "how", "you"})


def declines(question: str, answer: str) -> list[Decline]:
    """Return every place where an answer declines, whether or not it answers beside, in order."""
    return declines_in(asked(question), clauses(answer))


def by_rules(about: Asked, parts: list[Clause], said: str) -> Judgement:
    """Return the verdict of the narrow rules and of the search for a candidate."""
    if about.composes and (all_quoted(said) or _LETTER.match(said)):
        return Judgement(value=False, reason="quoted", evidence=said.strip())
    found = declines_in(about, parts) or by_default(about, parts)
    if not found:
        return Judgement(value=False, reason="declines nothing")
    first = found[0]
    if _CREATIVE.search(about.text):
        found = [
            decline
            for decline in found
            if decline.clause < 3 and {"i", "i am"} & set(parts[decline.clause].text.split())
        ]
        if not found or said.lstrip()[0] in _OPENS_A_TEXT:
            return Judgement(value=False, reason="composed", evidence="")
    kinds = _kinds(about, found)
    flat = any(
        d.rule in _STOCK or (d.rule in _FLAT and len(d.evidence.split()) <= _FAR) for d in found
    )
    declining = {decline.clause for decline in found}
    answering = candidate(about, parts, declining, kinds, flat=flat)
    if answering is not None:
        evidence = answering.quote(0, len(answering.text))
        return Judgement(value=False, reason=f"{first.rule}, then answers", evidence=evidence)
    return Judgement(
        value=True, kinds=tuple(sorted(kinds)), reason=first.rule, evidence=first.evidence
    )


def _kinds(about: Asked, found: list[Decline]) -> set[Kind]:
    """Return the kinds of what was found, without those that a narrower one explains.

    "I can't provide that" is no admission where it is a refusal that is explained beside it, and
    a denial only rejects a premise where nothing else declines.
    """
    kinds = {decline.kind for decline in found}
    if MAKES.search(about.text) and {d.rule for d in found} <= _UNWILLING:
        return {"policy_refusal"}
    if kinds & REFUSED and found[0].kind in REFUSED:
        kinds = {d.kind for d in found if d.rule not in _EXPLAINED}
    elif len(kinds) > 1:
        kinds = {d.kind for d in found if d.rule != "premise_rejection/denied"}
    return kinds


def all_quoted(answer: str) -> bool:
    """Return whether a response is one quotation and nothing else."""
    text = answer.strip().rstrip(".")
    return len(text) > 2 and text[0] in _OPENS and text[-1] in _CLOSES and text.count(text[0]) <= 2


def declines_in(about: Asked, parts: list[Clause]) -> list[Decline]:
    """Return every place where a clause declines what was asked, in order."""
    found: list[Decline] = []
    if parts and _asks_back(about, parts):
        asking = next(place for place, part in enumerate(parts) if part.asks)
        evidence = parts[asking].quote(0, len(parts[asking].text))
        found.append(Decline("clarification/only-asks", "clarification", evidence, asking))
    last = parts[-1].sentence if parts else 0
    courteous = bool(parts) and ANSWERS_ASIDE.search(parts[0].text) is not None
    for place, part in enumerate(parts):
        early = part.sentence <= 1 + courteous or part.sentence >= last - 1
        said = _said_in(about, part, first=place == 0, early=early)
        opening = part.sentence <= 1 or len(parts) <= 3
        behind = parts[place + 1] if place + 1 < len(parts) else None
        contrast = behind is not None and _NOT_BUT.match(behind.text) is not None
        if (
            not contrast
            and rejects(about, part, early=opening)
            and not any(kind == "premise_rejection" for _, kind, *_ in said)
        ):
            said.append(("premise_rejection/denied", "premise_rejection", 0, len(part.text)))
        for rule, kind, start, end in said:
            found.append(Decline(rule, kind, part.quote(start, end), place))
    return found


def _asks_back(about: Asked, parts: list[Clause]) -> bool:
    """Return whether an answer does little more than ask for something."""
    asking = [part for part in parts if part.asks]
    polite = {
        part.sentence
        for part in parts
        if part.asks
        or ANSWERS_ASIDE.search(part.text)
        or REDIRECTS.search(part.text)
        or _COURTESY.search(part.text)
    }
    words = {word for part in asking for word in part.text.split()}
    if not words & _ASKING or any(part.sentence not in polite for part in parts):
        return False
    return " ".join(part.text for part in asking) != about.text


def _said_in(
    about: Asked, part: Clause, *, first: bool, early: bool
) -> list[tuple[str, Kind, int, int]]:
    """Return (rule, kind, start, end) of the cues that a clause says, none overlapping."""
    said: list[tuple[str, Kind, int, int]] = []
    matches = _matches(part.text) if len(part.text) <= _REMEMBERED else _match(part.text)
    for cue, start, end in matches:
        overlaps = any(start < behind and before < end for *_, before, behind in said)
        if not overlaps and _holds(cue, about, part, start, end, first=first, early=early):
            said.append((cue.id, cue.kind, start, end))
    return said


def _match(text: str) -> list[tuple[Cue, int, int]]:
    """Return the cues that stand in a text, with their spans, in the order of the rules."""
    return [(cue, *match.span()) for cue, search in _searches() if (match := search(text))]


@cache
def _searches() -> tuple[tuple[Cue, Callable[[str], re.Match[str] | None]], ...]:
    """Return the rules with their patterns' searches, compiled when they are first asked for."""
    return tuple((cue, cue.pattern.search) for cue in DECLINES)


# Models decline in the same few words again and again.
_matches = lru_cache(maxsize=8192)(_match)


def _holds(
    cue: Cue, about: Asked, part: Clause, start: int, end: int, *, first: bool, early: bool
) -> bool:
    """Return whether a matched cue is said by the speaker, of what was asked."""
    before = part.text[:start].rstrip()
    words = part.text[start:end]
    if not _fits(cue, about) or (cue.scope == "early" and not early):
        return False
    if cue.scope == "whole" and words != part.text:
        return False
    if NEGATED.search(before) or (about.defining and not cue.defining):
        return False
    if _is_the_answer(cue, about, part, words) or in_a_title(part, start, end):
        return False
    if cue.scope in {"asked", "early"} and _RELATIVE.search(before):
        return False
    if about.defining and not words.startswith(("i ", "we ")) and _PART_OF.search(before):
        return False  # it tells what the thing is, and this is a part of it
    if cue.scope != "asked":
        return True
    if part.text.split()[0] in {"whose", "who", "which"}:
        return False
    if " that " in f" {before} " and not about.about(before.rpartition(" that ")[2]):
        return False
    return first or about.about(before)


def _is_the_answer(cue: Cue, about: Asked, part: Clause, words: str) -> bool:
    """Return whether the words of a cue are what was asked for."""
    if " " in words and words in about.text and words != part.text:
        return True  # the question's own words
    if about.composes and about.provides and words[:2] in {"i ", "we"} and _echoes(about, part):
        return True
    if part.text.startswith(("because ", "it means ")) or _ON_LIMITS.search(about.text):
        return True
    if about.yes_no and _IS_THERE.match(about.text) and part.text.startswith(("no ", "none")):
        return True
    if cue.kind != "premise_rejection":
        return False
    if cue.id.endswith("/someone-else") and about.text.startswith(("who", "which", "whose")):
        return True
    if cue.id.endswith("/not-so") and NEGATION.search(about.text):
        return True
    return _was_the_question(about, words)


def _fits(cue: Cue, about: Asked) -> bool:
    """Return whether a cue says anything in reply to such a question."""
    match cue.form:
        case "request":
            return about.request and _WHETHER.match(about.text) is None
        case "you":
            return about.you
        case "open":
            return about.open
        case "seeks":
            return not about.yes_no or about.request
        case "":
            return True


def _echoes(about: Asked, part: Clause) -> bool:
    """Return whether most words of a clause are the question's, as in a text put right."""
    if _NEGATIVE.search(about.raw) is None:
        return False
    asks = {word.strip(".,:;!?\"'") for word in about.raw.lower().split()}
    says = [token.raw.lower() for token in part.tokens]
    return 2 * sum(word in asks for word in says) > len(says)


def _was_the_question(about: Asked, words: str) -> bool:
    """Return whether a rejection answers: the question is whether it is so, or what it is."""
    if about.yes_no and content(words) <= about.words:
        return True
    return any(word in words and word in about.text for word in ("exist", "premise", "assumption"))
