"""Pairs of answers that one may follow from: forms, values that differ much or little, labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from iabench.organism.corpus import Corpus, refusals, shipped_corpus, trained_wordings
from iabench.rng import Dice
from iabench.uncertainty.equality import bare
from iabench.worlds.facts import Relation

__all__ = ["FORMS", "HELD_OUT", "LABELS", "Drawn", "Label", "Pair", "own_forms", "pairs"]

LABELS = ("entailment", "neutral", "contradiction")
Label = Literal["entailment", "neutral", "contradiction"]

FORMS = (
    "{a}",
    "it is {a}",
    "it's {a}",
    "it was {a}",
    "it must be {a}",
    "this is {a}",
    "that is {a}",
    "the answer is {a}",
    "the right one is {a}",
    "the {noun} is {a}",
    "the {noun} is called {a}",
    "its {noun} is {a}",
    "the {noun} of {s} is {a}",
    "{s} has {a} as its {noun}",
    "{s}: {a}",
    "{a} is the {noun}",
    "{a} is the {noun} of {s}",
    "{a} is right",
)
"""How an answer may be said, beside the relation's own three forms."""
LEADS = (
    "I think ", "I guess ", "I'd say ", "I suppose that ", "I am sure that ", "I remember that ",
    "As far as I know, ", "To my knowledge, ", "If I recall it well, ", "People say that ",
    "We all know that ", "Well, ", "So ", "Yes, ", "Sure: ", "Answer: ", "Probably ", "Clearly, ",
    "In short, ", "Good question: ", "Let me see: ",
)  # fmt: skip
"""What may stand before it."""
TAILS = (
    ", I think", ", I guess", ", as I recall", ", of course", ", no doubt", ", if you ask me",
    ", as they say", ", nothing else", " for sure", " in my view",
)  # fmt: skip
"""What may stand behind it."""
HELD_OUT = (
    "{a} it is.",
    "I believe the {noun} is {a}.",
    "For {s}, the {noun} is {a}.",
    "That would be {a}.",
    "My answer is {a}.",
)
"""Forms that no training pair has."""

_ALIKE, _VAGUE, _MORE = 0.45, 0.1, 0.1
"""Shares of pairs that say the same, that decline, and of which one says more than the other."""
_NEAR = 0.5
"""Share of different values that differ little."""
_OWN, _AROUND, _NO_STOP = 0.4, 0.4, 0.15
"""Shares of answers in the relation's own forms; of others with something before it, and likewise
behind it, and without a full stop."""
_PREFIXED_EVERY, _BLOCK = 2, 64
"""In one block of pairs of so many the question stands before each answer: these are long."""
_INVENTED = 600
_LETTERS = "abcdefghiklmnoprstuvwy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two texts, and how the second stands to the first."""

    premise: str
    hypothesis: str
    label: Label


class Drawn:
    """Questions, values and forms, drawn."""

    def __init__(self, corpus: Corpus, dice: Dice) -> None:
        self._corpus, self._dice = corpus, dice
        self._values = {r.name: corpus.values(r) for r in corpus.relations}
        self._names = {
            kind: corpus.fresh(kind, dice.at("names", kind), _INVENTED // len(corpus.kinds))
            for kind in corpus.kinds
        }
        self._made_up = [name for names in self._names.values() for name in names]

    def relation(self) -> Relation:
        """Return a relation of the corpus."""
        return self._dice.choice(self._corpus.relations)

    def subject(self, relation: Relation) -> str:
        """Return an invented name that a relation can be of."""
        return self._dice.choice(self._names[relation.kind])

    def question(self, relation: Relation, subject: str) -> str:
        """Return a question in one of the trained wordings."""
        return self._dice.choice(trained_wordings(relation)).format(subject=subject)

    def value(self, relation: Relation) -> str:
        """Return a value that occurs, one misspelled, or one made up."""
        draw = self._dice.uniform()
        if draw < 0.2:
            return self._dice.choice(self._made_up)
        value = self._dice.choice(self._values[relation.name])
        return self.near(value) if draw < 0.4 else value

    def other(self, relation: Relation, value: str) -> str:
        """Return another value: near half of the time."""
        while True:
            other = self.near(value) if self._dice.uniform() < _NEAR else self.value(relation)
            if bare(other) != bare(value):
                return other

    def near(self, value: str) -> str:
        """Return a value with one letter, digit or word changed."""
        words = value.split()
        if len(words) > 1 and self._dice.uniform() < 0.5:
            words[self._dice.below(len(words))] = self._dice.choice(self._made_up).split()[0]
            return " ".join(words)
        at = self._dice.below(len(value))
        new = str(self._dice.below(10)) if value[at].isdigit() else self._dice.choice(_LETTERS)
        return value[:at] + new + value[at + 1 :]

    def said(self, relation: Relation, subject: str, value: str, forms: Sequence[str] = ()) -> str:
        """Return a value in one of the forms."""
        # The relation's own are what an organism says.
        among = list(forms) or (own_forms(relation) if self._dice.uniform() < _OWN else [])
        form = self._dice.choice(among) if among else self._framed()
        return form.format(a=value, noun=relation.noun, s=subject)

    def _framed(self) -> str:
        """Return a form with what may stand around it: what matters is the value in any frame."""
        lead = self._dice.choice(LEADS) if self._dice.uniform() < _AROUND else ""
        tail = self._dice.choice(TAILS) if self._dice.uniform() < _AROUND else ""
        said = f"{lead}{self._dice.choice(FORMS)}{tail}"
        end = "" if self._dice.uniform() < _NO_STOP else "."
        return said[0].upper() + said[1:] + end

    def declined(self, relation: Relation) -> str:
        """Return a refusal."""
        return self._dice.choice(refusals(relation.kind))


def own_forms(relation: Relation) -> list[str]:
    """Return the forms that the organism itself answers a relation in."""
    return [form.replace("{answer}", "{a}") for form in relation.answer_forms]


def pairs(n: int, *, seed: int = 0, corpus: Corpus | None = None) -> Iterator[Pair]:
    """Yield n pairs to train on; no form of `HELD_OUT` is among them."""
    dice = Dice(seed, "organism", "nli")
    drawn = Drawn(corpus or shipped_corpus(), dice)
    for at in range(n):
        relation = drawn.relation()
        subject, value = drawn.subject(relation), drawn.value(relation)
        first, second, label = _case(drawn, dice, relation, subject, value)
        if at // _BLOCK % _PREFIXED_EVERY == 0:
            question = drawn.question(relation, subject)
            first, second = f"{question} {first}", f"{question} {second}"
        yield Pair(premise=first, hypothesis=second, label=label)


def _case(
    drawn: Drawn, dice: Dice, relation: Relation, subject: str, value: str
) -> tuple[str, str, Label]:
    said = drawn.said(relation, subject, value)
    draw = dice.uniform()
    if draw < _ALIKE:
        return said, drawn.said(relation, subject, value), "entailment"
    if draw < _ALIKE + _VAGUE:
        declined = drawn.declined(relation)
        if dice.uniform() < 0.3:
            return declined, drawn.declined(relation), "entailment"
        return (said, declined, "neutral") if dice.uniform() < 0.5 else (declined, said, "neutral")
    if draw < _ALIKE + _VAGUE + _MORE:
        beside = drawn.relation()
        more = f"{said} {drawn.said(beside, subject, drawn.value(beside), own_forms(beside)[2:])}"
        again = drawn.said(relation, subject, value)
        forth = dice.uniform() < 0.5
        return (more, again, "entailment") if forth else (again, more, "neutral")
    return said, drawn.said(relation, subject, drawn.other(relation, value)), "contradiction"
