"""Names of people: when two of them name one person."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from iabench.grading.wordforms import ORDINALS, misspelt, roman, sound

__all__ = ["PARTICLES", "same_person"]

_TITLES_WORDS = (
    "mr mrs ms miss dr doctor sir dame lord lady king queen prince princess emperor empress "
    "pope saint st president senator governor general gen colonel col captain capt major "
    "sergeant sgt lieutenant admiral judge justice professor prof reverend rev father sister "
    "brother madame mme monsieur baron baroness count countess duke duchess chancellor minister "
    "prime vice chief coach actor actress singer author writer poet composer physicist chemist "
    "scientist astronomer director the late young old elder younger great master rabbi tsar "
    "czar kaiser sultan secretary former american english british by"
)
_TITLES = frozenset(_TITLES_WORDS.split())
_NO_NAME_WORDS = "or and featuring feat ft with vs versus from in at for"
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
_SUFFIXES_WORDS = "jr junior sr senior esq obe mbe cbe phd md"
_SUFFIXES = frozenset(_SUFFIXES_WORDS.split())
_PARTICLES_WORDS = (
    "van von de der den del della di da la le el al bin ibn ben du dos do mac of y zu"
)
PARTICLES = frozenset(_PARTICLES_WORDS.split())
_RELATIVES_WORDS = (
    "wife husband son daughter father mother brother sister uncle aunt cousin nephew niece "
    "friend widow grandson granddaughter grandfather grandmother assistant"
)
_RELATIVES = frozenset(_RELATIVES_WORDS.split())
# Known by the first of their names; a first name alone names nobody else.
_FIRST_IS_ENOUGH_WORDS = (
    "dante galileo michelangelo leonardo raphael rembrandt napoleon elvis madonna beyonce "
    "shakira adele rihanna cher oprah pele socrates plato aristotle homer virgil ovid horace "
    "moses muhammad confucius saddam fidel tutankhamun cleopatra ronaldinho kesha shania dido "
    "enya bjork charlemagne attila hannibal akhenaten voltaire moliere caravaggio titian "
    "donatello"
)
_FIRST_IS_ENOUGH = frozenset(_FIRST_IS_ENOUGH_WORDS.split())
# Of these, no other person has a second name: "Homer Simpson" is not Homer.
_ONLY_ONE_WORDS = (
    "galileo michelangelo rembrandt beyonce shakira rihanna oprah pele saddam tutankhamun "
    "caravaggio voltaire moliere bjork"
)
_ONLY_ONE = frozenset(_ONLY_ONE_WORDS.split())
_NICKNAMES_TABLE = (
    "william bill billy will willy|robert bob bobby rob robbie|richard dick rick ricky rich|"
    "james jim jimmy jamie|john jack johnny jon|thomas tom tommy|michael mike mick mickey|"
    "joseph joe joey|edward ed eddie ted teddy ned|theodore ted teddy theo|"
    "charles charlie chuck|daniel dan danny|david dave|anthony tony|andrew andy drew|"
    "christopher chris kit|matthew matt|nicholas nick|stephen steve|steven steve|samuel sam|"
    "benjamin ben|alexander alex al|albert al bert|alfred al fred|"
    "frederick fred freddie freddy|ronald ron ronnie|donald don donnie|kenneth ken kenny|"
    "lawrence larry|leonard len lenny|gregory greg|peter pete|philip phil|raymond ray|"
    "francis frank|franklin frank|harold harry hal|henry harry hank|walter walt|timothy tim|"
    "jeffrey jeff|geoffrey geoff|patrick pat paddy|eugene gene|martin marty|"
    "elizabeth liz beth betty lizzie eliza|catherine cathy kate katie|"
    "katherine kathy kate katie|margaret maggie meg peggy|susan sue susie|jennifer jen jenny|"
    "jessica jess|patricia pat patty|barbara barb|deborah debbie deb|rebecca becky|"
    "victoria vicky|judith judy|dorothy dot|abraham abe|joshua josh|jacob jake|"
    "zachary zach zack|mohandas mahatma|vladimir volodymyr|"
    # One name in other languages.
    "peter pyotr piotr petr pierre pietro|john johann johannes jean juan giovanni ivan|"
    "michael mikhail michel miguel|nicholas nikolai nikolay nicolas|"
    "alexander aleksandr alexandre alessandro|catherine ekaterina katharina|"
    "joseph josef iosif giuseppe|paul pavel paolo pablo|andrew andrei andrey andreas|"
    "christopher christoph cristoforo cristobal|ferdinand fernando fernao|"
    "george georg georges jorge|frederick friedrich frederic|henry heinrich henri enrique|"
    "william wilhelm guillaume|charles karl carl carlos|louis ludwig luis lewis|"
    "francis franz francois francisco francesco|philip felipe philippe|leo lev leon"
)
# Two people, one of whom has the other's name and one more.
_NAMESAKES = frozenset({"quincy"})


def _nicknames() -> dict[str, frozenset[str]]:
    groups = [frozenset(group.split()) for group in _NICKNAMES_TABLE.split("|")]
    names: dict[str, frozenset[str]] = {}
    for group in groups:
        for name in group:
            names[name] = names.get(name, frozenset()) | group
    return names


_NICKNAMES = _nicknames()


_Names = tuple[str, ...]
_NAME = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


@lru_cache(maxsize=16384)
def _bare(words: tuple[str, ...]) -> tuple[tuple[str, ...], int | None, frozenset[str]]:
    """Return (names, number of a monarch, suffixes) of a name, without titles and epithets."""
    names = list(words)
    while len(names) > 1 and names[0] in _TITLES:
        names.pop(0)
    if names and names[0] == "of":
        return (), None, frozenset()
    number = None
    suffixes = set()
    kept: list[str] = []
    for at, word in enumerate(names):
        if word in _SUFFIXES:
            suffixes.add({"junior": "jr", "senior": "sr"}.get(word, word))
        elif at and number is None and (value := _number(word)) is not None:
            number = value
        elif word == "of" and kept and number is not None:
            break
        elif word == "of":
            return (), None, frozenset()
        elif word not in {"of", "the", "and", "or"}:
            kept.append(word)
    return tuple(kept), number, frozenset(suffixes & {"jr", "sr"})


def _number(word: str) -> int | None:
    digits = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", word)
    if digits:
        return int(digits[1])
    if word in ORDINALS:
        return ORDINALS[word]
    return roman(word) if word != "l" else None


def _same(one: str, other: str) -> bool:
    if one == other or misspelt(one, other):
        return True
    near = min(len(one), len(other)) == len(one) == 5 and OSA.distance(one, other) == 1
    return near and re.sub("[aeiou]", "", one) == re.sub("[aeiou]", "", other)


def _given(one: str, other: str) -> bool:
    """Return whether two given names can be one: equal, an initial, a short form, misspelt."""
    if one == other or (min(len(one), len(other)) == 1 and one[0] == other[0]):
        return True
    if other in _NICKNAMES.get(one, ()) or misspelt(one, other):
        return True
    if len(one) == len(other) == 5 and one[-1] == other[-1] and _same(one, other):
        return True
    return len(one) > 2 and len(other) > 2 and sound(one).rstrip("e") == sound(other).rstrip("e")


def same_person(said: tuple[str, ...], meant: tuple[str, ...], *, fiction: bool = False) -> str:
    """Return the rule by which two names name one person, or "".

    Args:
        said: the words of the answer in lower case, without diacritics.
        meant: those of the reference.
        fiction: they are characters of a story, who go by their first names.
    """
    if _NO_NAME & {*said, *meant}:
        return ""
    one, number, suffix = _bare(said)
    other, other_number, other_suffix = _bare(meant)
    if not one or not other or not all(map(_NAME.fullmatch, one + other)):
        return ""
    if len(one) > 6 or len(other) > 6 or _RELATIVES & (set(one) ^ set(other)):
        return ""
    if number != other_number and (other_number is not None or len(other) > 1):
        return ""
    if suffix and other_suffix and suffix != other_suffix:
        return ""
    if one != other and "".join(one) == "".join(other):
        return "name, written together"
    core = tuple(w for w in one if w not in PARTICLES) or one
    other_core = tuple(w for w in other if w not in PARTICLES) or other
    return _compare(core, other_core, fiction=fiction)


def _compare(one: _Names, other: _Names, *, fiction: bool) -> str:
    if one == other:
        return "name"
    if min(len(one), len(other)) > 1:
        return _compare_full(one, other)
    if fiction and one[0] == other[0]:
        return "name of a character"
    if len(one) == 1:
        if _same(one[0], other[-1]) and len(one[0]) > 2:
            return "last name"
        return "known by the first name" if one[0] == other[0] in _FIRST_IS_ENOUGH else ""
    if one[0] == other[0] in _ONLY_ONE:
        return "known by the first name"
    return "longer form of the name" if _same(one[-1], other[0]) else ""


def _compare_full(one: _Names, other: _Names) -> str:
    """Compare two names of more than one word."""
    if sorted(one) == sorted(other):
        return "name, in another order"
    if _NAMESAKES & (set(one) ^ set(other)):
        return ""
    if _same(one[-1], other[-1]):
        return "name, in another form" if _given_agree(one[:-1], other[:-1]) else ""
    if _same(one[0], other[-1]) and _given_agree(one[1:], other[:-1]):
        return "name, in another order"
    if not _given(one[0], other[0]):
        return ""
    # "Jacqueline Kennedy Onassis" is Jacqueline Kennedy; Martin Luther King is not Martin Luther.
    if len(one) > len(other) and other[-1] in one[1:-1] and one[-1] != "king":
        return "name, one more last name"
    two = len(other) == 3 and len(one) == 2 and one[-1] == other[-2] and len(one[-1]) > 5
    return "name, one last name of two" if two else ""


def _initials_of(one: _Names, other: _Names) -> bool:
    """Return whether the first is the initials of the second, in one word: "us" grant."""
    short = one[0] if len(one) == 1 and 1 < len(one[0]) <= 4 else ""
    return len(short) == len(other) and all(
        name[0] == letter for name, letter in zip(other, short, strict=True)
    )


def _given_agree(one: _Names, other: _Names) -> bool:
    """Return whether given names agree: each of the fewer with one of the more, in order."""
    if _initials_of(one, other) or _initials_of(other, one):
        return True
    if len(one) == len(other):
        return all(_given(a, b) for a, b in zip(one, other, strict=True))
    shorter, longer = (one, other) if len(one) < len(other) else (other, one)
    places = []
    for name in shorter:
        at = next(
            (i for i, long in enumerate(longer) if i not in places and _given(name, long)), -1
        )
        if at < 0:
            return False
        places.append(at)
    first = shorter[0]
    return places == sorted(places) and (places[0] == 0 or len(first) > 1)
