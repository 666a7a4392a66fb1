"""Which capitals name something: words that never do, words of a sort, and nouns written large.

English and its neighbours write names large and little else. German writes every noun large; a file
in such a language gives itself away by articles that stand before capitals ("die Garantie"), and
there a word counts as common where it stands alone behind an article, a number or a contraction
("im Lager"), an adjective between them or not.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from iabench.worlds.names import fold
from iabench.worlds.real import real_list

__all__ = [
    "ARTICLES",
    "GENERIC",
    "HEADS",
    "JOINING",
    "NO_NAMES",
    "Nouns",
    "mentioned_beside",
    "titles",
]

_JOINING = "of de la le du des del di da van von der den al el bin y"
JOINING = frozenset(_JOINING.split())
"""Small words that stand inside a name."""

_ENGLISH = """a about according after all also am an and any are as at based be before between
    briefly but by can compare could define describe did do does during each english every explain
    find for from german give given had has have having here how however i identify if in into is
    it its list many may me might more most much must my name no not of on one or our out over
    please provide say she should show so some state such summarize summarise tell than that the
    their them then there these they this those through to translate under until up use using was
    we were what when where whether which while who whom whose why will with within without would
    write yes you your yours i'm i've i'd what's who's where's how's it's that's mr mrs ms dr prof
    ok faq q a monday tuesday wednesday thursday friday saturday sunday january february march
    april may june july august september october november december"""
_GERMAN = """wie was wer wo wann warum wieso weshalb woher wohin womit wofür worauf woran wem wen
    wessen welche welcher welches welchen welchem wieviel gibt hat haben ist sind war waren wird
    werden wurde wurden kann können darf dürfen muss müssen soll sollen nenne nennen beschreibe
    erkläre der die das den dem des ein eine einen einem einer eines kein keine im am in an auf
    aus bei mit nach von vor für zu zum zur vom beim und oder aber wenn es er ich wir unser unsere
    mein meine ja nein"""
_ALWAYS_LARGE = """sie ihr ihre ihrer ihren ihnen herr herrn frau montag dienstag mittwoch
    donnerstag freitag samstag sonntag januar februar märz oktober dezember"""
_OTHERS = """quel quelle quels quelles qui que quoi où quand comment pourquoi combien est-ce le la
    les un une des du il elle nous vous qu'est-ce c'est cuál cuáles qué quién quiénes cuándo dónde
    cómo cuánto cuánta cuántos cuántas por para el los las una nuestro nuestra qual quali chi che
    cosa dove come perché quanto quanta quanti quante lo gli wat wie waar wanneer waarom hoe welk
    welke hoeveel het een wij onze os as quem onde quando quantos"""
NO_NAMES = frozenset(f"{_ENGLISH} {_ALWAYS_LARGE}".split())
"""Words that name nothing, however they are written."""
HEADS = frozenset(f"{_GERMAN} {_OTHERS}".split())
"""Words that name nothing at the head of a sentence; inside it they may be part of a name."""

_FORMS = """gmbh ag kg kgaa ohg ug se inc incorporated ltd limited llc llp plc corp corporation co
    company companies s.a s.a.s s.p.a s.r.l s.l sa sas spa srl sarl bv b.v nv n.v ab oy as a.s pty
    group holding holdings partners"""
_SORTS = """university universität institute institut college school schule academy akademie
    hospital clinic klinik museum library foundation stiftung association society ministry
    department agency office bank airport station church castle hotel centre center street straße
    strasse road avenue boulevard square platz lane drive river lake mountain mount mountains hill
    island islands valley bay cape sea ocean park bridge tower city town village county province
    district region state republic kingdom north south east west northern southern eastern western
    new saint st project projekt operation mission program programme team division unit branch
    model version edition series system platform plan policy agreement contract act law treaty
    award prize cup league club conference firma unternehmen gesellschaft verein abteilung produkt
    product stadt fluss berg sir lady lord king queen president professor doctor"""
GENERIC = frozenset(f"{_FORMS} {_SORTS}".split())
"""Words of a name that say what sort of thing it names, or which form a company has."""

_BESIDES = """award awards prize medal fellowship literature fiction genre poetry arts art history
    studies romance fantasy biography memoir realism criticism nonfiction journalism horror mystery
    thriller crime philosophy language
    preis literatur geschichte kunst sprache"""
_BESIDE = frozenset(_BESIDES.split())
"""Last words of what a question mentions beside the one that it is about: prizes, genres."""
_PEOPLE_WORDS = """american british english french dutch swiss greek danish polish spanish welsh
    scottish
    irish european african asian arab arabic jewish latin western eastern christian muslim islamic
    catholic chinese turkish swedish norwegian finnish czech thai flemish slovak philippine filipino
    hispanic nordic deutsch englisch französisch spanisch italienisch"""
_PEOPLES = frozenset(_PEOPLE_WORDS.split())
"""Words for where somebody comes from that no name of a country begins like."""

_ARTICLES = """the a an our my your this these all any der die das den dem ein eine einen le la les
    un une el los las una il lo gli het een"""
ARTICLES = frozenset(_ARTICLES.split())
"""Behind one of these stands no verb, before one of these no name."""

_ARTICLE = r"(?:der|die|das|des|dem|den|eine[nmrs]?|ein)"
_BEFORE_NOUN = rf"""(?:{_ARTICLE}|(?:k|m|d|s)eine?[nmrs]?|unsere?[nmrs]?|ihre?[nmrs]?|diese[nmrs]?
    |jede[nmrs]?|welche[nmrs]?|im|am|zum|zur|vom|beim|ins|viele[nr]?|wenige[nr]?|mehrere[nr]?
    |alle[nmrs]?|einige[nr]?|beide[nr]?|wie\ viel|mehr|zwei|drei|vier|fünf|sechs|sieben|acht|neun
    |zehn|elf|zwölf|\d+)"""
_LARGE = re.compile(rf"\b({_ARTICLE}) ((?-i:[A-ZÄÖÜ])[^\W_]+)", re.IGNORECASE)
# Adjectives have endings, and no preposition stands between an article and its noun.
_COMMON = re.compile(
    rf"""\b{_BEFORE_NOUN}[ ](?:(?!(?i:neben|zwischen|wegen|gegen|unter|über|hinter)\b)
    (?-i:[a-zäöüß][^\W\d_]*e[nmrs]?)[ ]){{0,2}}(?-i:([A-ZÄÖÜ][^\W\d_]+))
    (?!-?[^\W_]|[ ](?-i:[A-ZÄÖÜ0-9]))""",
    re.IGNORECASE | re.VERBOSE,
)
_ENDINGS = re.compile(r".{4,}(?:ungen|ung|heit|keit|schaft|tion|tionen|tät|nis)")
_QUOTED = re.compile(
    r"""[“"„«]([^“”"„«»\n]+)[”"“»]|‘((?:[^‘’\n]|(?<=\w)’(?=\w))+)’(?!\w)
    |(?<!\w)'((?:[^'\n]|(?<=\w)'(?=\w))+)'(?!\w)""",
    re.VERBOSE,
)
_LONGEST_TITLE = 10
_PEOPLE = re.compile(r"(\w{4})\w*(?:an|ese|ish|ic|i|er|isch|ien|ienne|ano|ana)")
_ROWS_AN_ARTICLE = 4
"""Rows for each article before a capital, at most, where nouns are written large."""


def titles(text: str) -> list[tuple[int, int]]:
    """Return where titles stand: what is in quotation marks and begins large, of several words."""
    found = []
    for quoted in _QUOTED.finditer(text):
        start, end = quoted.span(quoted.lastindex or 0)
        title = text[start:end].rstrip(" ,.;")
        words = title.split()
        if title[:1].isupper() and 1 < len(words) <= _LONGEST_TITLE and title[-1] not in "?!":
            found.append((start, start + len(title)))
    return found


def mentioned_beside(name: str) -> bool:
    """Return whether a name is a country or a city, a people, a prize or a genre."""
    last = name.rsplit(maxsplit=1)[-1].casefold()
    places, begins = _places()
    people = _PEOPLE.fullmatch(fold(last))
    return (
        fold(name) in places
        or last in _BESIDE
        or last in _PEOPLES
        or (people is not None and people[1] in begins)
    )


@functools.cache
def _places() -> tuple[frozenset[str], frozenset[str]]:
    """Return countries and cities, and the four letters that countries begin with."""
    countries = [fold(name) for name in real_list("country").names]
    cities = [fold(name) for name in real_list("city").names]
    return frozenset([*countries, *cities]), frozenset(name[:4] for name in countries)


class Nouns:
    """What the capitals of one file are worth.

    Args:
        texts: all of them, a question with its answer each.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        found = [
            (article.lower(), word) for text in texts for article, word in _LARGE.findall(text)
        ]
        varied = len({article for article, _ in found}) > 1 and len({w for _, w in found}) > 1
        self.large = varied and len(found) >= max(min(3, len(texts)), len(texts) / _ROWS_AN_ARTICLE)
        """Whether every noun is written large."""
        self._common: frozenset[str] = frozenset()
        if self.large:
            self._common = frozenset(word for text in texts for word in _COMMON.findall(text))

    def common(self, word: str) -> bool:
        """Return whether a capitalised word is a common noun of a file that writes them large."""
        return self.large and (word in self._common or _ENDINGS.fullmatch(word) is not None)
