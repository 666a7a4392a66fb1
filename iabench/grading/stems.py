"""Words as questions and answers are compared by: without endings, by their relation."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["PRONOUNS", "STOP", "VERBS", "content", "stem"]

_STOP_WORDS = (
    "a an the of in on at to for from by with as and or but is are was were be been being am do "
    "does did done has have had having will would can could shall should may might must it its he "
    "his him she her they them their this that these those there here who whom whose what which "
    "when where why how i me my mine we us our you your not no nor so if than then also too very "
    "just about some any all one into over under out up down off such own same other more most "
    "however although though because since while yet still even ever really actually simply only "
    "called named known name answer question think believe guess say know suppose sure certain "
    "likely probably maybe perhaps possibly exactly well hmm s"
)
_PRONOUN_WORDS = "it its he his him she her they them their this that"
_VERB_WORDS = (
    "is are was were be been am do does did has have had can could will would may might must "
    "should shall seems appears sounds"
)
STOP = frozenset(_STOP_WORDS.split())
PRONOUNS = frozenset(_PRONOUN_WORDS.split())
VERBS = frozenset(_VERB_WORDS.split())
# Words that ask for or give the same thing, by the relation that they stand for.
_FAMILIES = {
    word: family
    for family, words in {
        "birth": "born birth birthplace bear native",
        "death": "die died death dead dies",
        "write": "write wrote written writes writer author authored authors wrote penned",
        "found": "found founded founder founders establish established started start set created",
        "work": "work works worked working job occupation profession career living earn employed",
        "employ": "employer employs employed company employ",
        "capital": "capital capitals",
        "year": "year years date dates when",
        "win": "win won wins winner winning awarded",
        "sink": "sink sank sunk",
        "make": "make made makes maker",
        "lead": "lead led leads leader",
        "sing": "sing sang sung sings singer",
        "lie": "lie lies lay located location situated",
        "speak": "speak spoke spoken speaks language",
        "compose": "compose composed composer composes",
        "paint": "paint painted painter paints painting",
        "build": "build built builds builder",
        "carve": "carve carved carver sculptor sculpted",
        "discover": "discover discovered discoverer discovers find finds",
        "invent": "invent invented inventor invents",
        "flow": "flow flows flowed flowing",
        "symbol": "symbol symbols abbreviation",
        "use": "use used uses using",
        "meet": "meet met meets",
        "leave": "leave left leaves",
        "go": "go went gone goes",
        "become": "become became becomes",
        "fight": "fight fought fights",
        "give": "give gave given gives",
        "take": "take took taken takes",
        "fall": "fall fell fallen falls",
        "rise": "rise rose risen",
        "break": "break broke broken",
        "hold": "hold held holds",
        "begin": "begin began begun",
        "steal": "steal stole stolen",
        "buy": "buy bought buys",
        "teach": "teach taught",
        "marry": "marry married marries",
        "lose": "lose lost loses",
        "see": "see saw seen",
        "fly": "fly flew flown flies",
        "swim": "swim swam swum",
        "run": "run ran runs",
        "grow": "grow grew grown",
    }.items()
    for word in words.split()
}


@lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """Return what a word is compared by: its relation family, or itself without an ending."""
    word = word.removesuffix("'s")
    family = _FAMILIES.get(word)
    if family is not None:
        return family
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s", "e"):
        if len(word) > len(ending) + 2 and word.endswith(ending):
            return word.removesuffix(ending)
    return word


def content(text: str) -> set[str]:
    """Return the stems of the words of a clause's text that carry meaning."""
    return {stem(word) for word in text.split() if word not in STOP}
