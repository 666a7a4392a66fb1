"""Whether a response that declines gives a candidate all the same.

"I'm not sure, but I think 1912" answers; "I'm not sure, but you could ask the town hall" does not.
Background, another entity, advice and offers are no candidates.
"""

# ruff: noqa: E501  (a pattern is as long as it is)
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from iabench.grading.asked import Asked, content
from iabench.grading.clauses import Clause
from iabench.grading.cues.frames import (
    ANSWERS_ASIDE,
    BACKGROUND,
    GUESS,
    NEGATION,
    NO_CANDIDATE,
    REDIRECTS,
    TURNS,
    VERDICT,
)
from iabench.records import Kind

__all__ = ["candidate"]

_UNDECIDED: frozenset[Kind] = frozenset({"unknowable", "ignorance"})
_ASKING: frozenset[Kind] = frozenset({"clarification"})
_REFUSED: frozenset[Kind] = frozenset({"policy_refusal", "capability_refusal"})
_YES = re.compile(
    r"^(?:(?:but|so|then|well|in short|generally|and|i think|probably|usually) )*"
    r"(?:yes|no|yeah|nope|yep|probably not|almost certainly|not really|most likely|unlikely)\b(?! (?:such|\w+ (?:is|was|are|were|has)\b))"
)
_SUBORDINATE = re.compile(
    r"^(?:although|though|while|whereas|because|since|if|when|as|where|whose|who|unless|until|for|"
    r"without|beyond|after|before|in all|according|based|to|from|by|despite|in spite|thinking|and|or)\b"
)
_SUBJECT = re.compile(
    r"^(?:(?:but|yet|and|so|still|then|well|however|i think|i believe|that) )*"
    r"(?:it|he|she|they|that|this|its|his|her|their)\b(?! (?:may|might|could|can|would) )"
)
_SPEAKER = re.compile(r"^(?:(?:but|and|so|yet|however|though) )*(?:i|we|you|your|my)\b")
_IS_IT = re.compile(r"^(?:it|that|this|he|she|they) (?:(?:will|should|must) be|means|is called)\b")
_PRELUDE = re.compile(
    r"^(?:i|we|to|before|your|let me|there (?:are|were)|many|in order|it|that|this|so|a few|some|two|"
    r"three|four|five|thousands|hundreds|plenty|lots|a handful|history|for|between)\b"
    r"|\b(?:could|may|might|depends?|vary|varies|several|dozens|before|help|more|sure|happy|glad|"
    r"love|need|details|questions?)\b"
)
_YEAR = re.compile(r"^(?:1\d|20)\d\d$")
_STRONG = re.compile(
    r"\b(?:probably|perhaps|maybe|likely|guess|i (?:think|believe|suspect|suppose)|i would)\b"
)
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|approximately|some|circa|nearly|almost|over|between) \d"
)
_BY = re.compile(r"\b(?:by|from) [A-Z]")
_FEW = 3
"""Words of the longest question that is a guess: "Prut?"."""
_NEAR = 3
"""Sentences behind the first decline in which a candidate is looked for; then comes background."""
_BARE = 7
"""Words of the longest sentence that is a bare answer."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the sentences of a response say of one another."""

    about: Asked
    kinds: AbstractSet[Kind]
    capitals: bool
    lengths: Counter[int]
    """Words by sentence, of what does not decline."""
    declined: AbstractSet[int]
    """The sentences that hold a clause that declines."""
    guesses: AbstractSet[int]
    """The sentences that guess."""


def candidate(
    about: Asked,
    parts: list[Clause],
    declining: AbstractSet[int],
    kinds: AbstractSet[Kind],
    *,
    flat: bool = False,
) -> Clause | None:
    """Return the first clause that answers what was asked, or None.

    Args:
        about: the question.
        parts: the clauses of the response.
        declining: the places of those that decline.
        kinds: the kinds in which they do.
        flat: the whole of what was asked is denied ("It doesn't."), not a detail.
    """
    reading = _read(about, parts, declining, kinds)
    first = min(declining)
    elsewhere, advising, turned = False, -1, -1
    for place, part in enumerate(parts):
        turns = TURNS.match(part.text) is not None
        if turns:
            turned = part.sentence if place >= first else turned
            advising = -1
            if place not in declining and VERDICT.search(part.text):
                return part
        if part.sentence > parts[first].sentence + _NEAR and not VERDICT.search(part.text):
            continue
        if place in declining or _numbers_a_list(part):
            elsewhere = elsewhere or _speaks_of_another(about, part)
            continue
        if _offers(reading, part):
            # The rest of this sentence belongs to what is offered instead of an answer.
            advising = part.sentence
            elsewhere = elsewhere or _names_another(about, part)
        if part.sentence == advising:
            continue
        before, after_turn = place < first, turned == part.sentence
        if _decides(part) or _gives(
            reading, part, turned=after_turn, elsewhere=elsewhere, before=before, flat=flat
        ):
            return part
        elsewhere = elsewhere or _names_another(about, part)
    return None


def _read(
    about: Asked, parts: list[Clause], declining: AbstractSet[int], kinds: AbstractSet[Kind]
) -> _Reading:
    """Return what the sentences of a response say of one another."""
    capitals = any(
        token.raw[0].isupper() and token.text != "i" and token.start > 0
        for part in parts
        for token in part.tokens
    )
    lengths: Counter[int] = Counter()
    declined = {parts[place].sentence for place in declining}
    guesses: set[int] = set()
    for place, part in enumerate(parts):
        if place not in declining and not ANSWERS_ASIDE.search(part.text):
            lengths[part.sentence] += len(part.tokens)
            if GUESS.search(part.text):
                guesses.add(part.sentence)
    return _Reading(about, kinds, capitals, lengths, declined, guesses)


def _offers(reading: _Reading, part: Clause) -> bool:
    """Return whether a clause offers something else, or asks back."""
    asks = part.asks and reading.lengths[part.sentence] > _FEW
    return REDIRECTS.search(part.text) is not None or (
        asks and part.sentence not in reading.guesses
    )


def _decides(part: Clause) -> bool:
    """Return whether a clause takes a side."""
    return (
        VERDICT.search(part.text) is not None
        and not NO_CANDIDATE.search(part.text)
        and (len(part.tokens) > _FEW or part.text.startswith("my "))
        and not part.asks
    )


def _gives(
    reading: _Reading, part: Clause, *, turned: bool, elsewhere: bool, before: bool, flat: bool
) -> bool:
    """Return whether a clause gives what was asked, after a decline of these kinds."""
    about = reading.about
    if "premise_rejection" not in reading.kinds:
        return _answers(reading, part, turned=turned, elsewhere=elsewhere, before=before)
    if elsewhere:
        return False
    longest = _FEW + 1 if about.wants == "any" else _BARE
    bare = before and reading.lengths[part.sentence] <= longest and about.short(part)
    return (not flat and _reaffirms(about, part, capitals=reading.capitals)) or (
        bare and about.may_answer(part, capitals=reading.capitals)
    )


def _answers(
    reading: _Reading, part: Clause, *, turned: bool, elsewhere: bool, before: bool
) -> bool:
    """Return whether a clause is a candidate beside an admission or a refusal."""
    about, text = reading.about, part.text
    if about.yes_no and _YES.match(text):
        return True
    guess = GUESS.search(text) is not None
    if NO_CANDIDATE.search(text) or not about.may_answer(
        part, capitals=reading.capitals, strict=not (turned or guess)
    ):
        return False
    if _SPEAKER.match(text) and not guess:
        return False
    if NEGATION.search(text) and not (guess or about.defining or (about.yes_no and turned)):
        return False
    typed = _typed(about, part)
    if _stands_bare(reading, part, typed=typed, before=before):
        return not part.asks or typed or len(part.tokens) <= _FEW
    undecided = "unknowable" in reading.kinds or reading.kinds <= _UNDECIDED
    if undecided and about.open and not typed and not (turned and guess):
        return False
    if typed and about.wants == "number" and _ABOUT.search(text):
        return True
    if turned or part.sentence in reading.guesses:
        return _guesses(reading, part, typed=typed, turned=turned, elsewhere=elsewhere)
    return _states(reading, part, typed=typed, before=before, elsewhere=elsewhere)


def _typed(about: Asked, part: Clause) -> bool:
    """Return whether a name or a number was asked for, and a clause may hold one."""
    years = [_YEAR.match(token.text) for token in part.tokens if token.text.isdigit()]
    if about.wants == "number" and years and all(years):
        return about.dated
    return about.wants != "any"


def _stands_bare(reading: _Reading, part: Clause, *, typed: bool, before: bool) -> bool:
    """Return whether a clause is a bare answer: "Prut.", "About 1912"."""
    about = reading.about
    alone = part.sentence not in reading.declined or (before and part.sentence == 0)
    if not alone or reading.lengths[part.sentence] > (_BARE if typed else _FEW + 1):
        return False
    if not typed and (_SUBORDINATE.match(part.text) or reading.kinds <= _ASKING):
        return False
    return about.short(part) and not about.raw_has(part)


def _guesses(
    reading: _Reading, part: Clause, *, typed: bool, turned: bool, elsewhere: bool
) -> bool:
    """Return whether a clause in a sentence that guesses, or turns back, is the guess."""
    about, text = reading.about, part.text
    guess = GUESS.search(text) is not None
    named, said = _named(about, part), bool(content(text) & about.main)
    itself = named or said or _SUBJECT.match(text) is not None or not about.entity
    if reading.kinds & _REFUSED and not (typed or said or guess):
        return False
    brief = guess and (turned or len(part.tokens) <= 2 * _BARE)
    generic = not named and not guess and BACKGROUND.search(text) is not None
    return (typed and not elsewhere) or ((itself or brief) and not generic)


def _states(reading: _Reading, part: Clause, *, typed: bool, before: bool, elsewhere: bool) -> bool:
    """Return whether a clause states an answer, without a mark of doubt."""
    about, text = reading.about, part.text
    named, said = _named(about, part), bool(content(text) & about.main)
    guess = GUESS.search(text) is not None
    if _SUBORDINATE.match(text) or (not named and not guess and BACKGROUND.search(text)):
        return False
    if typed:
        fragment = part.sentence in reading.declined and not before and len(part.tokens) <= _FEW
        return not fragment and about.answered_by(
            part, elsewhere=elsewhere, capitals=reading.capitals
        )
    if reading.kinds & _REFUSED:
        return False
    if reading.kinds <= _ASKING:
        return before and not part.asks and len(part.tokens) > _FEW and not _PRELUDE.search(text)
    opens = before and part.sentence == 0
    if not elsewhere and (_IS_IT.match(text) or _SUBJECT.match(text)):
        return _IS_IT.match(text) is not None or said or opens
    return (named or not about.entity) and (said or opens)


def _named(about: Asked, part: Clause) -> bool:
    return bool(about.entity) and about.names(part)


def _reaffirms(about: Asked, part: Clause, *, capitals: bool) -> bool:
    """Return whether a clause says what was asked, of whom it was asked, after a correction."""
    if not about.may_answer(part, capitals=capitals) or _SUBORDINATE.match(part.text):
        return False
    if NEGATION.search(part.text) or (
        about.wants != "name" and _BY.search(" ".join(part.raw_words))
    ):
        return False
    if _STRONG.search(part.text) and about.answered_by(part, elsewhere=False, capitals=capitals):
        return True
    behind = content(" ".join(token.text for token in part.tokens[1:]))
    return about.of_the_asked(part) and 2 * len(about.main & behind) >= max(len(about.main), 1)


def _numbers_a_list(part: Clause) -> bool:
    """Return whether a clause is the "1." before an item."""
    if len(part.tokens) > 1 or not part.text.isdigit():
        return False
    text, token = part.aligned.text, part.tokens[0]
    return text[token.end : token.end + 1] in {".", ")"} and text[: token.start].rstrip(" *")[
        -1:
    ] in {"", "\n"}


def _speaks_of_another(about: Asked, part: Clause) -> bool:
    """Return whether a declining clause turns to another entity: "you may mean Tarsia"."""
    return REDIRECTS.search(part.text) is not None and _names_another(about, part)


def _names_another(about: Asked, part: Clause) -> bool:
    names = (t for t in part.tokens[1:] if t.raw[0].isupper() and t.text != "i")
    return any(about.about(name.text) is False for name in names)
