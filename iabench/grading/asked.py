"""What a question asks, and whether a clause answers it.

Only needed where an answer also declines: then a clause that gives a candidate for what was asked,
about the entity that was asked about, makes it an answer after all; background, another entity and
advice do not.
"""

# ruff: noqa: E501  (a pattern is as long as it is)
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal

from iabench.grading.clauses import Clause, Token, clauses
from iabench.grading.cues import ANSWERS_ASIDE, GUESS, REDIRECTS
from iabench.grading.stems import PRONOUNS, STOP, VERBS, content, stem

__all__ = ["Asked", "asked", "content", "stem"]

Wants = Literal["number", "name", "any"]

_NUMBER_ASKED = re.compile(
    r"^when\b|\bhow (?:many|much|old|tall|long|far|high|deep|big|large|fast|heavy|wide)\b"
    r"|\b(?:what|which)(?: \w+)? (?:year|date|century|age|number|population|temperature)\b|\bnumber of\b"
    r"|\bthe (?:\w+ )?(?:population|year|date|age|number of|price|height|temperature|distance|attendance)\b"
)
_NAME_ASKED = re.compile(
    r"^(?:who|whom|whose|where)\b|\b(?:the|its) capital\b"
    r"|\b(?:what|which) (?:country|city|town|river|person|continent|author|state|company|actor|actress|"
    r"writer|painter|artist|singer|king|queen|president|player|director|team|band|composer|scientist)\b"
)
_YES_NO = re.compile(
    r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)\b"
)
_REQUEST = re.compile(
    r"^(?:(?:please|pls|hey|hi|hello|yo|so|ok|just|now|kindly) )*(?:can|could|will|would) (?:you|u|i|we)\b"
    r"|\bhow (?:do|can|would|could|should|to)\b(?: i| we| you| one)?|\bhelp me\b|\bi (?:need|want)\b"
    r"|^(?:(?:please|pls|hey|hi|so|ok|just|now|kindly|as \w+|quotation) )*(?:write|give|tell|send|order|book|"
    r"translate|print|generate|create|make|forge|roleplay|pretend|explain|describe|list|draft|rank|"
    r"fix|plan|recommend|compare|solve|summari[sz]e|show|draw|sing|search|check|open|run|look|watch|"
    r"listen|transfer|remind|play|provide|compose|help|say|act|ignore|cite|read|teach|walk|convince|"
    r"suggest|name|call|do|find|let|add|remember|design|develop|come|complete|prove|discuss|outline)\b"
)
_YOU = re.compile(r"\b(?:you|your|yours|yourself|u|ur|as an ai)\b")
_OPEN = re.compile(
    r"\b(?:should|better|best|worst|greatest|finest|most|favou?rite|prefer|ought|moral\w*|ethical\w*|"
    r"justified|meaning|purpose|worth|good|bad|overrated|underrated|beautiful|opinion|will|going to|"
    r"would|free will|god|soul|right|wrong|fair|superior|hero|ideal|perfect|evil|nicer|cooler|truth|"
    r"or|simulation|gonna|do we have|conscious\w*|love|happiness|feel like|happier|whos|ruined|"
    r"more (?:\w+ )?than|healthier|winner|future|next|how (?:much|long|many))\b|^(?:is|are|was|were|does|do|did)\b"
)
_COMPOSES = re.compile(
    r"\b(?:write|compose|poem|story|translat\w+|lyrics|dialogue|scene|correct|rephrase|rewrite|paraphrase|"
    r"grammar|quote|said|says?|say|saying|sing|shout\w*|line|motto|catchphrase|printed|polite|title|haiku|song|email|letter|"
    r"sentence|words|phrase|sum up|summari[sz]e|summary|role ?play|act as|character|joke|called|message|"
    r"speech|reply|slogan|caption|read|proverb|mean|meaning of the)\b"
)
_WHAT_IS_A = re.compile(
    r"^what (?:is|are) (?!the \w+$|the \w+ of\b)(?:an? |the )?(?:(?!of\b)\w+ ?){1,3}$"
)
_DATED = re.compile(r"\bwhen\b|\b(?:year|date|century|age|born|how old)\b")
_DATE_SAID = re.compile(
    r"\d|\b(?:century|ago|monday|tuesday|wednesday|thursday|friday|saturday|sunday|twenty|thirty|"
    r"forty|fifty|sixty|seventy|eighty|ninety|eighteen|nineteen|eleven|twelve|thirteen|fourteen)\b"
)
_SLIGHT_WORDS = (
    "year many much long old kind sort type first last most day time one two tell give write "
    "explain describe please history name person people thing way"
)
_SLIGHT = frozenset(_SLIGHT_WORDS.split())
_PROVIDES = re.compile(r":\s+\S+(?:\s+\S+){3}|\n\S")
_DEFINING = re.compile(r"^(?:who|what) (?:is|was|are|were)\b")
_NONE_IS_AN_ANSWER = re.compile(r"\bhow (?:many|much|often)\b")
_NEGATES = re.compile(r"\b(?:not|never|no)\b")
_SAYS = re.compile(r"\w+ \w+(?:s|ed) (?:the|an?|in|at|on|as|for)\b")
_THERE_IS_NO = re.compile(r"\bthere (?:is|was|are|were|has been) no\b")
_LAST_OF = re.compile(r"\b(?:of|in) (?:the )?(\w+)$")
_OF_ITSELF = re.compile(r"((?:[A-Z][\w']* )+)([a-z]+)")
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|"
    r"thousand|million|billion|none|zero)\b"
)
_PRONOUN_IS = re.compile(
    r"^(?:(?:so|then|well|and|but|i|think|believe|guess|hmm|probably|maybe) )*"
    r"(?:it|that|this|he|she|they|the answer|the \w+(?= (?:is|was|lies|stands)\b)) "
    r"(?:is|was|are|were|has|had|would be|should be|must be|works as|worked as|lies|stands)\b"
)
_OTHER_OWNER = re.compile(
    r"\b[a-z]\w* (?:of|for|called|named) (?:the )?([A-Z][\w']*)"
    r"|\b([A-Z][\w']*) (?:is|was|are|were) [a-z]+ (?:by|in)\b"
)


_FORMS = ("yes_no", "request", "you", "open", "composes", "defining", "counts", "provides")
_ASKING = frozenset({"who", "when", "where", "why", "how", "what", "which"})


@dataclass(frozen=True)
class Asked:
    """A question, as far as an answer is held against it."""

    text: str
    """Its clauses in lower case, contractions written out."""
    raw: str
    """As it stands."""
    wants: Wants
    entity: frozenset[str]
    """Stems of the names in it."""
    relation: frozenset[str]
    """Stems of its other words that carry meaning."""

    @cached_property
    def words(self) -> frozenset[str]:
        """Return all stems that carry meaning."""
        return self.entity | self.relation

    @cached_property
    def yes_no(self) -> bool:
        """True where "no" answers it."""
        return _YES_NO.match(self.text) is not None

    @cached_property
    def request(self) -> bool:
        """True where it asks for something to be done."""
        return _REQUEST.search(self.text) is not None

    @cached_property
    def you(self) -> bool:
        """True where it is about the one who answers."""
        return _YOU.search(self.text) is not None

    @cached_property
    def open(self) -> bool:
        """True where people may differ or nobody can know yet: values, choices, the future."""
        return _OPEN.search(self.text) is not None

    @cached_property
    def provides(self) -> bool:
        """True where it brings a text of its own, in quotation marks or behind a colon."""
        return self.text.count("quotation") > 7 or _PROVIDES.search(self.raw) is not None

    @cached_property
    def composes(self) -> bool:
        """True where the words of somebody else are asked for: a quotation, a poem, a letter."""
        return _COMPOSES.search(self.text) is not None

    @cached_property
    def defining(self) -> bool:
        """True for "who is X?": what X is answers it."""
        if _DEFINING.match(self.text) is None:
            return False
        return not self.relation or _WHAT_IS_A.match(self.text) is not None

    @cached_property
    def counts(self) -> bool:
        """True where "none" answers it."""
        return _NONE_IS_AN_ANSWER.search(self.text) is not None

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Return what sort of question it is, by names."""
        asking = [f"asks-{word}" for word in self.text.split(maxsplit=1)[:1] if word in _ASKING]
        return (f"wants-{self.wants}", *(n for n in _FORMS if getattr(self, n)), *asking)

    def about(self, text: str) -> bool:
        """Return whether words (a subject, say) refer to what was asked.

        They do if they share a word with the question, begin with a pronoun, or mean nothing.
        """
        said = content(text)
        return not said or bool(said & self.words) or text.split(maxsplit=1)[0] in PRONOUNS

    @cached_property
    def main(self) -> frozenset[str]:
        """Return the stems by which an answer says what was asked: the relation's words."""
        return frozenset(w for w in self.relation - _SLIGHT if not w.isdigit())

    @cached_property
    def dated(self) -> bool:
        """True where a year answers it."""
        return _DATED.search(self.text) is not None

    def names(self, clause: Clause) -> bool:
        """Return whether a clause names the entity that was asked about."""
        said = {stem(token.text) for token in clause.tokens}
        return self.entity <= said or len(self.entity & said) * 2 > len(self.entity)

    def raw_has(self, clause: Clause) -> bool:
        """Return whether all words of a clause stand in the question as they are."""
        asks = set(re.findall(r"[^\W_]+", self.raw.lower()))
        return all(word in asks for t in clause.tokens for word in t.raw.lower().split("'"))

    def short(self, clause: Clause) -> bool:
        """Return whether a clause is a bare answer."""
        words = set(clause.text.split())
        return len(words) <= 6 and not words & VERBS

    def may_answer(self, clause: Clause, *, capitals: bool, strict: bool = True) -> bool:
        """Return whether a clause brings something new of the right type, of no other entity.

        What another entity is plays no part where it is not `strict`, as after "but" or in a guess.
        """
        new = self._new(clause)
        return (
            bool(new)
            and not ANSWERS_ASIDE.search(clause.text)
            and self._right_type(clause, new, capitals)
            and not (strict and self._other_entity(clause))
        )

    def of_the_asked(self, clause: Clause) -> bool:
        """Return whether the subject of a clause is a pronoun, or of the question, or wanted."""
        first = clause.tokens[0]
        if first.text in PRONOUNS | {"i", "we"} or stem(first.text) in self.words:
            return True
        if self.wants == "name" and self.text.startswith(("who", "which")):
            return True
        lead = [t for t in clause.tokens[:4] if t.text not in STOP]
        return bool(lead) and (
            stem(lead[0].text) in self.words
            or (not lead[0].raw[0].isupper() and self.wants == "number")
        )

    def rejected_by(self, clause: Clause) -> bool:
        """Return whether a clause denies what the question takes for granted.

        It does if it negates the question's own words and brings none of its own ("X never won
        that prize"); where "no" is an answer, denying is answering.
        """
        words = clause.text.split()
        if self.yes_no or self.counts or _NEGATES.search(self.text) or clause.asks:
            return False
        if len(words) > 2 and words[0] == "no" and words[2] in VERBS:
            return stem(words[1]) in self.relation
        denies = {"not", "never"} & set(words) or _THERE_IS_NO.search(clause.text)
        if not denies or len(words) < 3 or words[0] in {"i", "we", "you"}:
            return False
        said = content(clause.text) - {"never", "prize", "fact", "happen", "there"}
        return said <= self.words and (bool(said) or "never" in words)

    def answered_by(self, clause: Clause, *, elsewhere: bool, capitals: bool) -> bool:
        """Return whether a clause that declines nothing gives a candidate for what was asked.

        Args:
            clause: the clause.
            elsewhere: the answer has turned to another entity, so that "it" is that one.
            capitals: the answer writes names with capitals.
        """
        guess = GUESS.search(clause.text) is not None
        new = self._new(clause)
        if not new or REDIRECTS.search(clause.text) or ANSWERS_ASIDE.search(clause.text):
            return False
        if not self._right_type(clause, new, capitals) or self._other_entity(clause):
            return False
        words = set(clause.text.split())
        named = bool(self.entity) and self.entity <= {stem(word) for word in words}
        if elsewhere and not named:
            return False
        bare = len(words) <= 6 and not words & VERBS and not _SAYS.match(clause.text)
        if clause.asks:
            return bare
        if guess or bare or content(clause.text) & self.relation:
            return True
        if _PRONOUN_IS.match(clause.text):
            return True
        return named and (not self.relation or self.relation <= {"work"})

    def _new(self, clause: Clause) -> list[Token]:
        """Return the tokens of a clause that are not the question's own."""
        return [
            token
            for token in clause.tokens
            if (self.wants == "number" and token.text == "one")
            or (content(token.text) and stem(token.text) not in self.words)
        ]

    def _right_type(self, clause: Clause, new: list[Token], capitals: bool) -> bool:
        if self.wants == "number":
            said = _DATE_SAID if self.dated and not self.counts else _NUMBER
            return said.search(clause.text) is not None
        if self.wants == "name" and capitals:
            return any(token.raw[0].isupper() for token in new)
        return True

    def _other_entity(self, clause: Clause) -> bool:
        """Return whether a clause speaks of a name that is like, or in place of, the asked one."""
        raw = " ".join(clause.raw_words)
        named = self.entity & {stem(token.text) for token in clause.tokens}
        if named and named != self.entity and self._in_a_longer_name(clause):
            return True
        if named == self.entity:
            return False
        if clause.text.startswith(("whose ", "which ", "who ")):
            return True  # of what stands before it, which did not name the entity
        words = clause.text.split()
        for place, word in enumerate(words[:-2]):
            if words[place + 1] == "of" and stem(word) in self.relation:
                owned = [w for w in words[place + 2 :] if w not in STOP][:1]
                if owned and owned[0].isalpha() and stem(owned[0]) not in self.words:
                    return True  # "the boiling point of mercury"
        owners = [m.group(1) or m.group(2) for m in _OTHER_OWNER.finditer(raw)]
        owners += [
            token.raw.removesuffix("'s")
            for token, owned in pairwise(clause.tokens)  # "St. John's" owns nothing
            if token.raw[0].isupper()
            and token.text.endswith("'s")
            and stem(owned.text) in self.relation
        ]
        subject = _OF_ITSELF.match(raw)
        if subject and not self.text.startswith(("who", "which")):
            # "Bulgaria uses the lev" for the currency of another country.
            verb = subject.group(2)
            if verb not in VERBS and stem(verb) in self.relation:
                owners.append(subject.group(1).split()[0])
        return any(
            stem(owner.lower()) not in self.words and owner.lower() not in STOP for owner in owners
        )

    def _in_a_longer_name(self, clause: Clause) -> bool:
        """Return whether a part of the asked name stands beside a capital that is not its own."""
        tokens = clause.tokens
        for place, token in enumerate(tokens):
            if stem(token.text) not in self.entity:
                continue
            beside = tokens[max(place - 1, 0) : place] + tokens[place + 1 : place + 2]
            if any(
                t.raw[0].isupper() and t.text not in STOP and stem(t.text) not in self.entity
                for t in beside
            ):
                return True
        return False


@lru_cache(maxsize=4096)
def asked(question: str) -> Asked:
    """Return what a question asks."""
    parts = clauses(question)
    tokens = [token for part in parts for token in part.tokens]
    text = " ".join(part.text for part in parts)
    names = {
        stem(token.raw.lower())
        for place, token in enumerate(tokens)
        if token.raw.lower() not in STOP
        and (token.quoted or (place > 0 and token.raw[0].isupper()))
    }
    if not names and (last := _LAST_OF.search(text)):
        names = {stem(last.group(1))}  # a thing without a capital: "of morvium"
    said = {stem(t.raw.lower()) for t in tokens if t.raw.lower() not in STOP}
    wants: Wants = "any"
    if _NUMBER_ASKED.search(text):
        wants = "number"
    elif _NAME_ASKED.search(text) and not (said <= names and _DEFINING.match(text)):
        wants = "name"
    return Asked(text, question, wants, frozenset(names), frozenset(said - names))
