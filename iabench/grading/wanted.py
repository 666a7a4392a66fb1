"""What sort of answer a question asks for, from its words: how a reference is to be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from iabench.grading.normalize import answer_words, clean
from iabench.grading.wordforms import stem

__all__ = ["Precision", "Sort", "Wanted", "wanted"]

Sort = Literal["person", "time", "number", "place", "yes-no", "expansion", "other"]
Precision = Literal["", "when", "day", "month", "year", "decade", "century"]

_PERSONS = (
    "actor actress singer author writer president king queen pope emperor empress person man "
    "woman player scientist artist painter composer director leader politician general "
    "philosopher poet musician founder inventor explorer character monarch minister governor "
    "host coach captain novelist boxer footballer dictator astronaut chancellor senator judge "
    "physicist chemist mathematician winner driver hero prince princess quarterback chief "
    "member apostle roman"
)
_PERSON = re.compile(
    r"\b(?:who|whose|whom|who's)\b"
    r"|\b(?:which|what|name the|name an?)\b(?: [\w.'-]+){0,4}? (?:"
    + _PERSONS.replace(" ", "|")
    + r")\b"
    r"|\b(?:real|full|birth|maiden|first|last|stage) name\b"
    r"|\bname of (?:the )?(?:[\w'-]+ ){0,3}(?:"
    + _PERSONS.replace(" ", "|")
    + r"|father|mother|son|"
    r"daughter|brother|sister|wife|husband)\b",
)
_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|tall|high|far|big|large|deep|wide|heavy|fast|often|hot|cold)\b"
    r"|\b(?:number|percentage|percent|population|amount|speed|height|length|distance|temperature|"
    r"price|cost|rate|age|weight|area|count|average) (?:of|for|from|in|is|do|does|to)\b"
    r"|^number of\b"
)
_TIME: tuple[tuple[Precision, re.Pattern[str]], ...] = (
    ("century", re.compile(r"\b(?:what|which) century\b")),
    ("decade", re.compile(r"\b(?:what|which) decade\b")),
    ("day", re.compile(r"\b(?:what|which|exact|the) (?:[\w-]+ )?(?:date|day)\b|\bbirthday\b")),
    ("month", re.compile(r"\b(?:what|which) months?\b")),
    (
        "year",
        re.compile(
            r"\b(?:what|which|the) (?:\w+ )?years?\b|\byear (?:did|was|is|of)\b"
            r"|\bbetween which years\b"
        ),
    ),
    (
        "when",
        re.compile(
            r"\bwhen\b|\brelease date\b|\blast time\b|\bfirst time\b|\bwhat time\b|\bdate of\b"
        ),
    ),
)
_PLACES = (
    "city country state county place continent town region province location capital island "
    "village ocean sea river lake mountain district area"
)
_PLACE = re.compile(
    r"\bwhere\b|\b(?:which|what)\b(?: [\w.'-]+){0,2}? (?:" + _PLACES.replace(" ", "|") + r")\b"
)
_YES_NO = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|must)\b(?!.*\bor\b)"
)
_EXPANSION = re.compile(
    r"\bstands? (?:for|4)\b|\bfull (?:form|name|meaning)\b|\bacronym\b|\bshort for\b"
    r"|\babbreviation\b"
)
_ALL = re.compile(
    r"\b(?:what|which|who|where|name)\b.{0,40}?\b(?:two|three|four|five|six|seven|both|all)\b"
    r"|\b(?:what|who|which) (?:[\w']+ )?(?:are|were)\b|\bnames of\b|\bbetween which\b"
    r"|\bwhat (?:gifts|awards|countries|states|colors|colours|teams|nations)\b"
)
_ONE = re.compile(r"\b(?:name|give) (?:a|an|one|any)\b|\bone of\b|\ban example\b|\ba country\b")
_STORY = re.compile(
    r"\b(?:season|episode|character|end up with|(?:in|on|of|from) the (?:movie|film|show|series|"
    r"book|novel|play|story|game)|who (?:does|did) \w+ (?:end|marry|date|choose|move|fall|get|have|"
    r"love|sleep|pick)|"
    r"who (?:kills|killed|dies|marries|becomes) .* (?:in|on))\b"
)
_SPORT = re.compile(
    r"\b(?:super ?bowl|world series|championship|cup|playoffs?|nfl|nba|mlb|nhl|ncaa|league|team|"
    r"football|basketball|baseball|hockey|soccer|stadium|bowl game|tournament|final four|finals?)\b"
)
_MAKERS = re.compile(
    r"\b(?:play\w*|s[aiu]ng|sings|singer|direct\w*|wrote|writes?|written|author|voice\w*|host\w*|actor|"
    r"actress|star\w*|produc\w*|perform\w*|cast|band|compose\w*|narrat\w*|won|wins?|winner|judge\w*|"
    r"real|owns?)\b"
)
_POINT_EVENTS = re.compile(
    r"\b(?:die|died|dead|death|birth|was born|were born|birthday|signed|sign|kill\w*|"
    r"assassinat\w+|shot|land\w*|"
    r"crash\w*|explode\w*|attack\w*|married|wedding|bomb\w*|holiday|celebrated|observed)\b"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question asks for.

    Attributes:
        sort: of answer.
        precision: of a time, where one is asked.
        loose: the year or month of an event is enough where the reference tells its day.
        all: every member of a list is asked for.
        one: any member of a list will do.
        team: the question is of sport, where the place of a team names it.
        fiction: a character of a story is asked for.
        stems: the question's words, in the form in which they are compared.
        text: the question, in lower case.
    """

    sort: Sort
    precision: Precision
    loose: bool
    all: bool
    one: bool
    fiction: bool
    team: bool
    stems: frozenset[str]
    text: str


@lru_cache(maxsize=4096)
def wanted(question: str) -> Wanted:
    """Return what a question asks for."""
    text = clean(question).casefold()
    precision: Precision = next((name for name, asks in _TIME if asks.search(text)), "")
    return Wanted(
        sort=_sort(text, precision),
        precision=precision,
        loose=_POINT_EVENTS.search(text) is None,
        all=_ALL.search(text) is not None,
        one=_ONE.search(text) is not None,
        fiction=(_STORY.search(text) is not None and _MAKERS.search(text) is None)
        or re.search(r"\bfirst name\b", text) is not None,
        team=_SPORT.search(text) is not None,
        stems=frozenset(stem(word.key) for word in answer_words(question, marks=False)),
        text=text,
    )


def _sort(text: str, precision: Precision) -> Sort:
    if _YES_NO.search(text):
        return "yes-no"
    if _EXPANSION.search(text):
        return "expansion"
    if re.match(r"\W*(?:in |on |at |by |from |for |to )?wh(?:o|ose|om)\b", text):
        return "person"
    if re.match(r"\W*(?:in |on |at |by |from |for |to )?where\b", text):
        return "place"
    if _NUMBER.search(text):
        return "number"
    if precision and not re.search(r"\bwho\b|\bwhere\b", text):
        return "time"
    if _PERSON.search(text):
        return "person"
    return "place" if _PLACE.search(text) else "other"
