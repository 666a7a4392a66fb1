"""Words that are written differently and mean the same: stems, spellings, abbreviations, misspelt.

Small general tables of our own and rules; no word lists of the language.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

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

# (words as they may stand, words as they are compared); longest first where they overlap.
_PHRASES_TABLE = (
    ("united states of america", "united states"),
    ("united states america", "united states"),
    ("america", "united states"),
    ("usa", "united states"),
    ("us", "united states"),
    ("u s", "united states"),
    ("united kingdom of great britain and northern ireland", "united kingdom"),
    ("great britain", "united kingdom"),
    ("britain", "united kingdom"),
    ("uk", "united kingdom"),
    ("gb", "united kingdom"),
    ("uae", "united arab emirates"),
    ("ussr", "soviet union"),
    ("union of soviet socialist republics", "soviet union"),
    ("prc", "china"),
    ("people's republic of china", "china"),
    ("russian federation", "russia"),
    ("republic of ireland", "ireland"),
    ("drc", "democratic republic of congo"),
    ("holland", "netherlands"),
    ("burma", "myanmar"),
    ("cote d'ivoire", "ivory coast"),
    ("czech republic", "czechia"),
    ("eu", "european union"),
    ("un", "united nations"),
    ("new york city", "new york"),
    ("nyc", "new york"),
    ("washington dc", "washington"),
    ("washington d c", "washington"),
    ("washington district of columbia", "washington"),
    ("dc", "washington"),
    ("la", "los angeles"),
    ("world war one", "world war 1"),
    ("first world war", "world war 1"),
    ("second world war", "world war 2"),
    ("ww1", "world war 1"),
    ("wwi", "world war 1"),
    ("ww2", "world war 2"),
    ("wwii", "world war 2"),
    ("gop", "republican party"),
    ("co2", "carbon dioxide"),
    ("h2o", "water"),
    ("vp", "vice president"),
    ("pm", "prime minister"),
    ("ceo", "chief executive officer"),
    ("tv", "television"),
    ("ad", "anno domini"),
    ("bce", "bc"),
    ("milky way galaxy", "milky way"),
    ("st", "saint"),
    ("ste", "saint"),
    ("mt", "mount"),
    ("ft", "fort"),
    ("sgt", "sergeant"),
    ("lt", "lieutenant"),
    ("capt", "captain"),
    ("gen", "general"),
    ("col", "colonel"),
    ("gov", "governor"),
    ("sen", "senator"),
    ("dr", "doctor"),
    ("prof", "professor"),
    ("rev", "reverend"),
    ("jr", "junior"),
    ("sr", "senior"),
    ("co", "company"),
    ("corp", "corporation"),
    ("ltd", "limited"),
    ("inc", "incorporated"),
    ("univ", "university"),
    ("dept", "department"),
    ("govt", "government"),
    ("intl", "international"),
    ("bros", "brothers"),
    ("vol", "volume"),
    ("pt", "part"),
    ("ep", "episode"),
    ("vs", "versus"),
    ("v", "versus"),
)
_STATES_TABLE = (
    "al alabama|ak alaska|az arizona|ar arkansas|ca california|co colorado|ct connecticut|"
    "de delaware|fl florida|ga georgia|hi hawaii|id idaho|il illinois|in indiana|ia iowa|"
    "ks kansas|ky kentucky|la louisiana|me maine|md maryland|ma massachusetts|mi michigan|"
    "mn minnesota|ms mississippi|mo missouri|mt montana|ne nebraska|nv nevada|"
    "nh new hampshire|nj new jersey|nm new mexico|ny new york|nc north carolina|"
    "nd north dakota|oh ohio|ok oklahoma|or oregon|pa pennsylvania|ri rhode island|"
    "sc south carolina|sd south dakota|tn tennessee|tx texas|ut utah|vt vermont|va virginia|"
    "wa washington|wv west virginia|wi wisconsin|wy wyoming|ont ontario|bc british columbia|"
    "qc quebec|calif california|fla florida|mass massachusetts|penn pennsylvania|"
    "tenn tennessee|tex texas|wilts wiltshire|lancs lancashire|yorks yorkshire"
)
_STATES = {
    key: tuple(name.split()) for key, name in (s.split(" ", 1) for s in _STATES_TABLE.split("|"))
}
_ONLY_STATES_WORDS = (
    "az ca fl ga il ky md mn nc nd nh nj nm ny nv oh pa ri sc sd tn tx va vt wa wi wv wy calif "
    "fla mass penn tenn tex wilts lancs yorks"
)
_ONLY_STATES = frozenset(_ONLY_STATES_WORDS.split())
_NOT_AMERICA_WORDS = "north south latin central meso of"
_NOT_AMERICA = frozenset(_NOT_AMERICA_WORDS.split())


def _table() -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for short, plain in sorted(_PHRASES_TABLE, key=lambda pair: -len(pair[0].split())):
        words = tuple(short.split())
        by_first.setdefault(words[0], []).append((words, tuple(plain.split())))
    return by_first


_PHRASES = _table()

_ADJECTIVES = (
    "america american|united american|france french|germany german|spain spanish|"
    "spain spaniard|italy italian|england english|scotland scottish|wales welsh|ireland irish|"
    "britain british|kingdom british|netherlands dutch|denmark danish|sweden swedish|"
    "norway norwegian|finland finnish|poland polish|portugal portuguese|greece greek|"
    "turkey turkish|switzerland swiss|china chinese|japan japanese|vietnam vietnamese|"
    "thailand thai|philippines filipino|israel israeli|iraq iraqi|pakistan pakistani|"
    "arabia arab|peru peruvian|argentina argentine|mexico mexican|canada canadian|"
    "brazil brazilian|antarctica antarctic|europe european|asia asian|africa african|"
    "rome roman|athens athenian|norman normandy|persia persian|iceland icelandic|"
    "czechia czech|hungary hungarian|russia russian|india indian"
)
_SYNONYMS_TABLE = (
    "film movie|television tv|automobile car|autumn fall|soccer football|sea ocean|"
    "doctor physician|lawyer attorney|king monarch|start begin|commence begin|finish end|"
    "large big|kill murder|child kid|author writer|photo photograph|airplane aeroplane|"
    "plane airplane|gasoline petrol|aluminium aluminum|sulphur sulfur|oxygen o2|carbonate co3|"
    "marry wed|purchase buy|assist help|aid help|physician doctor|teach instruct|"
    "build construct|create make|produce make|manufacture make|company firm|belly abdomen|"
    "stomach abdomen|skull cranium|kneecap patella|heart cardiac|kidney renal|lung pulmonary|"
    "brain cerebral|liver hepatic|moon lunar|sun solar|earth terrestrial|earth planet|"
    "elevated high|raised high|atom atomic|bomb weapon|refuse decline|decode decipher|"
    "oxidation oxygen|soybean soya|sodium na|wine vine|die death|dead death|born birth|"
    "lose loss|lost loss|won win|grew grow|flew fly|flight fly|gave give|made make|took take|"
    "built build|held hold|wrote write|written write|sang sing|song sing|drove drive|"
    "driven drive|munich munchen|rome roma|vienna wien|cologne koln|florence firenze|"
    "milan milano|naples napoli|venice venezia|turin torino|moscow moskva|prague praha|"
    "warsaw warszawa|lisbon lisboa|beijing peking|mumbai bombay|kolkata calcutta|"
    "chennai madras|yangon rangoon|kiev kyiv|seville sevilla|geneva geneve|"
    "copenhagen kobenhavn|athens athina|danube donau|thailand siam|koran quran|"
    "muhammad mohammed|muhammad mohammad|moslem muslim"
)
_PLURALS_TABLE = (
    "feet foot|men man|women woman|children child|people person|mice mouse|teeth tooth|"
    "geese goose|wives wife|lives life|leaves leaf|wolves wolf|knives knife|halves half|"
    "bacteria bacterium|fungi fungus|nuclei nucleus|data datum|criteria criterion|"
    "phenomena phenomenon|hypotheses hypothesis|alveoli alveolus|stimuli stimulus|"
    "antennae antenna|larvae larva|vertebrae vertebra|viruses virus|gases gas|buses bus|"
    "lenses lens|sinuses sinus|campuses campus|cameras camera|bananas banana|dramas drama|"
    "operas opera|pandas panda|formulas formula|oxen ox|species species|series series"
)
_PLURALS: dict[str, str] = dict(pair.split() for pair in _PLURALS_TABLE.split("|"))
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
    return word.replace("aemi", "emi").replace("oed", "ed") if len(word) > 6 else word


_ENDINGS_WORDS = (
    "ifications ification izations ization ational ations ation ically iveness fulness ities "
    "ity ements ement ments ment ingly edly ical ally ness ians ian ions ion ing ies ied ers er "
    "ed es ly al ic an ive ous y e s"
)
_ENDINGS = _ENDINGS_WORDS.split()


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


_SYNONYMS = _classes(_SYNONYMS_TABLE)
_NATIONS = _classes(_ADJECTIVES)


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
    root, other_root = _root(one), _root(other)
    if root == other_root or other_root in _SYNONYMS.get(root, ()):
        return 0.8
    return 0.0


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
