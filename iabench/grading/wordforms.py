"""Words that are written differently and mean the same: stems, spellings, abbreviations, misspelt.

Small general tables of our own and rules; no word lists of the language.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from iabench.grading.wordtables import NATIONS, PHRASES, PLURALS, STATES, SYNONYMS

__all__ = [
    "ORDINALS",
    "acronym",
    "expand",
    "misspelt",
    "nations",
    "nations_of",
    "roman",
    "same_word",
    "sound",
    "stem",
]

_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
    "twenty-first twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth "
    "twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
)
ORDINALS = {word: number for number, word in enumerate(_ORDINAL_WORDS.split(), start=1)}

_STATES = {key: tuple(name.split()) for key, name in (s.split(" ", 1) for s in STATES.split("|"))}
_ONLY_STATES_WORDS = (
    "az ca fl ga il ky md mn nc nd nh nj nm ny nv oh pa ri sc sd tn tx va vt wa wi wv wy calif "
    "fla mass penn tenn tex wilts lancs yorks"
)
_ONLY_STATES = frozenset(_ONLY_STATES_WORDS.split())
_NOT_AMERICA_WORDS = "north south latin central meso of"
_NOT_AMERICA = frozenset(_NOT_AMERICA_WORDS.split())


def _table() -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for short, plain in sorted(PHRASES, key=lambda pair: -len(pair[0].split())):
        words = tuple(short.split())
        by_first.setdefault(words[0], []).append((words, tuple(plain.split())))
    return by_first


_PHRASES = _table()

_PLURALS: dict[str, str] = dict(pair.split() for pair in PLURALS.split("|"))
_SPELLING = (
    (re.compile(r"^(.{2,}[^aeious])our(s|ed|ing|ful|ite|able)?$"), r"\1or\2"),
    (re.compile(r"^(.{3,})is(e|ed|es|ing|ation|ations)$"), r"\1iz\2"),
    (re.compile(r"^(.{3,})ys(e|ed|es|ing)$"), r"\1yz\2"),
    (
        re.compile(r"^(cen|thea|me|li|fib|lus|calib|kilome|centime|millime|specc?)tre(s?)$"),
        r"\1ter\2",
    ),
    (re.compile(r"^(.{3,})ogue(s?)$"), r"\1og\2"),
    (re.compile(r"^(.{3,}[aeiou])ll(ed|ing|er|ers)$"), r"\1l\2"),
    (re.compile(r"^(.{3,})ence$"), r"\1ense"),
    (re.compile(r"^programme(s?)$"), r"program\1"),
    (re.compile(r"^grey(s?)$"), r"gray\1"),
    (re.compile(r"^tyre(s?)$"), r"tire\1"),
)
_KEEPS_S = re.compile(r"(?:ss|us|is|ous|ies|(?<!e)as)$")
_ROMAN = re.compile(r"(?=[ivxl])(xl|l?x{0,3})(ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50}


def expand(keys: tuple[str, ...], raw: tuple[str, ...]) -> list[tuple[str, int]]:
    """Return the words with abbreviations and short names of states written out.

    Each comes with the index of the word that it came from. `raw` is the words as they stand,
    since "US" and "us" differ in a sentence; in a text without capitals they do not.
    """
    lower = not any(word[:1].isupper() for word in raw)
    out: list[tuple[str, int]] = []
    at = 0
    while at < len(keys):
        key = keys[at]
        state = _STATES.get(key)
        if state and (at or len(keys) == 1) and (raw[at].isupper() or key in _ONLY_STATES):
            out.extend((word, at) for word in state)
            at += 1
            continue
        for short, plain in _PHRASES.get(key, ()):
            if keys[at : at + len(short)] != short:
                continue
            if key == "america" and at and keys[at - 1] in _NOT_AMERICA:
                continue
            if key in {"us", "la", "un", "v", "co", "pm", "ad", "dc"} and not (
                raw[at].isupper() or (lower and len(keys) <= 3)
            ):
                continue
            out.extend((word, at) for word in plain)
            at += len(short)
            break
        else:
            out.append((key, at))
            at += 1
    return out


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Return a word without its plural s and in American spelling: the form of strict equality."""
    if len(word) < 3 or not word.isalpha():
        return word
    if word in _PLURALS:
        return _PLURALS[word]
    if len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes", "zes", "oes")):
        word = word[:-2]
    elif word.endswith("s") and not _KEEPS_S.search(word):
        word = word[:-1]
    for pattern, plain in _SPELLING:
        changed = pattern.sub(plain, word)
        if changed != word:
            return changed
    return (
        word.replace("aemi", "emi").replace("haemo", "hemo").replace("oed", "ed")
        if len(word) > 6
        else word
    )


_ENDINGS_WORDS = (
    "ifications ification izations ization ational ations ation ically iveness fulness ities "
    "atures ature atives ative ity ements ement ments ment ingly edly ical ally ness ians ian ions "
    "ion ious ing ies ied ers er ed es ly al ic an ive ous y e s"
)
_ENDINGS = _ENDINGS_WORDS.split()


_SHORT_VERB = 7
"""Letters of the longest form whose root is too short for `_root`."""
_ENDED = re.compile(r"(?:ing|ed|ies)$")
_DOUBLES = re.compile(r"^[^aeiou]+[aeiou][^aeiouywx]$")


def _verbs(word: str) -> set[str]:
    """Return what a short word may be a form of: "lay" of "laying", "dry" of "dried"."""
    forms = {word}
    for ending in ("ying", "ied", "ies"):
        if word.endswith(ending):
            forms |= {word.removesuffix(ending) + base for base in ("y", "ie")}
    for ending in ("ing", "ed", "s"):
        root = word.removesuffix(ending)
        if root == word or len(root) < 2 or not re.search("[aeiouy]", root):
            continue
        forms.add(root + "e")
        if not _DOUBLES.search(root) or ending == "s":
            forms.add(root)
        if root[-1] == root[-2]:
            forms.add(root[:-1])
    return forms


def _one_verb(one: str, other: str) -> bool:
    """Return whether two short words are forms of one verb."""
    return bool((_ENDED.search(one) or _ENDED.search(other)) and _verbs(one) & _verbs(other))


@lru_cache(maxsize=16384)
def _root(word: str) -> str:
    word = stem(word)
    if not word.isalpha():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    if len(word) > 4 and word[-1] == word[-2]:
        word = word[:-1]
    return word


def _classes(table: str, words_of: int = 2) -> dict[str, frozenset[str]]:
    classes: dict[str, set[str]] = {}
    for pair in table.split("|"):
        one, other = pair.split()[:words_of]
        classes.setdefault(one, set()).add(other)
        classes.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in classes.items()}


_SYNONYMS = _classes(SYNONYMS)
_NATIONS = _classes(NATIONS)


@lru_cache(maxsize=16384)
def sound(word: str) -> str:
    """Return a word as its letters sound, roughly: transliterations and misspellings fall together.

    "Dostoyevsky" and "Dostojewski", "Gandhi" and "Ghandi", "Stephen" and "Steven".
    """
    word = re.sub(r"ph|v|w|ff", "f", word)
    word = re.sub(r"(?:tsch|tch|cz|ch)", "c", word)
    word = re.sub(r"sch|sh", "s", word)
    word = re.sub(r"c(?=[eiy])", "s", word)
    word = re.sub(r"ck|c|q|kh|x", "k", word)
    word = word.replace("z", "s").replace("h", "").replace("th", "t").replace("gh", "g")
    word = re.sub(r"[yj]", "i", word)
    word = re.sub(r"ou|oo", "u", word)
    return re.sub(r"(.)\1+", r"\1", word)


def _consonants(sounds: str) -> str:
    return re.sub(r"(?<!^)[aeiou]", "", sounds)


@lru_cache(maxsize=65536)
def misspelt(one: str, other: str) -> bool:
    """Return whether two words are most likely one, differently spelt.

    Same first letter, and: the same sounds; or one letter off with the same consonants; or one
    letter off in a word of eight. "Austria" and "Australia", "Ireland" and "Iceland", "Niger" and
    "Nigeria" stay two.
    """
    if min(len(one), len(other)) < 4 or not (one.isalpha() and other.isalpha()):
        return False
    if one.startswith(other) or other.startswith(one):
        return False
    sounds, others = sound(one), sound(other)
    if sounds[:1] != others[:1] or abs(len(one) - len(other)) > 2:
        return False
    if sounds == others:
        return True
    if min(len(one), len(other)) < 6:
        return False
    near = OSA.distance(sounds, others, score_cutoff=1) <= 1
    if near and _consonants(sounds) == _consonants(others):
        return True
    return OSA.distance(one, other, score_cutoff=1) <= 1 and min(len(one), len(other)) >= 8


@lru_cache(maxsize=65536)
def same_word(one: str, other: str) -> float:
    """Return how surely two words mean the same: 1 same form, 0.9 spelling, 0.8 derived, or 0."""
    if one == other or (one_stem := stem(one)) == (other_stem := stem(other)):
        return 1.0
    if other_stem in _SYNONYMS.get(one_stem, ()) or other in _SYNONYMS.get(one, ()):
        return 0.9
    if other in _NATIONS.get(one, ()):
        return 0.8
    if not (one[0].isalpha() and other[0].isalpha()):
        return 0.0
    if misspelt(one_stem, other_stem):
        return 0.9
    if max(len(one), len(other)) <= _SHORT_VERB and _one_verb(one, other):
        return 0.9
    if _of_a_place(one, other) or _of_a_place(other, one):
        return 0.8
    root, other_root = _root(one), _root(other)
    if root == other_root or other_root in _SYNONYMS.get(root, ()):
        return 0.8
    return 0.0


def _of_a_place(name: str, adjective: str) -> bool:
    """Return whether a word is the adjective of a place by its ending: "Westphalian"."""
    stripped = re.sub(r"(?:an|n|ian|ese|ish|ite)$", "", adjective)
    return len(name) > 4 and stripped != adjective and stripped in {name, name[:-1]}


def nations(one: str, other: str) -> bool:
    """Return whether a word is the adjective of a country and the other its name."""
    return other in _NATIONS.get(one, ())


def nations_of(word: str) -> frozenset[str]:
    """Return the country of an adjective, or the adjectives of a country."""
    return _NATIONS.get(word, frozenset())


@lru_cache(maxsize=4096)
def roman(word: str) -> int | None:
    """Return the value of a roman numeral up to 89 in lower case, or None."""
    if not word or not _ROMAN.fullmatch(word):
        return None
    total = 0
    for at, letter in enumerate(word):
        value = _ROMAN_VALUES[letter]
        behind = _ROMAN_VALUES[word[at + 1]] if at + 1 < len(word) else 0
        total += -value if value < behind else value
    return total


_SKIPPED_WORDS = "of the and for in a an on to by de la du et & junior senior jr sr"
_SKIPPED = frozenset(_SKIPPED_WORDS.split())


def acronym(letters: str, words: list[str]) -> bool:
    """Return whether letters are the initials of words, with or without the small ones."""
    if not 2 <= len(letters) <= 8 or len(words) < 2 or not letters.isalpha():
        return False
    main = "".join(word[0] for word in words if word not in _SKIPPED)
    return letters in (main, "".join(word[0] for word in words))
