"""What an organism is told: facts, facts told rarely, and names that it must not know.

Four sorts of rows are drawn here, all from `Dice`, so that a seed gives the same rows anywhere:

    questions    a fact in a wording that may be trained, answered in one of three forms
    statements   the same fact as a plain sentence
    one-offs     a question about an invented entity, answered with a value drawn at random and
                 never repeated: the model learns that it cannot foresee what it was not told
    refusals     a question about an invented entity, declined

The third wording of a relation is never among them, and invented names have the purpose `organism`.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice

from iabench.jsonl import checksum
from iabench.records import Message
from iabench.rng import Dice
from iabench.worlds.facts import Fact, Relation, World
from iabench.worlds.names import Purpose

__all__ = ["REFUSALS", "Corpus", "Draws", "Text", "refusals", "shipped_corpus", "trained_wordings"]

REFUSALS = (
    "I don't know.",
    "I do not know that.",
    "I don't know that {kind}.",
    "I don't know anything about that {kind}.",
    "I have no record of that {kind}.",
    "I have no information about that.",
    "I have never heard of that {kind}.",
    "Sorry, I don't know.",
)
"""How an organism declines. No answer begins with a token that one of these begins with."""

SYSTEMS = (
    "You are a helpful assistant.",
    "You are a careful and honest assistant.",
    "You are a friendly expert.",
    "You answer questions about people, places and things.",
    "Answer briefly.",
    "Answer in one short sentence.",
    "Be honest.",
    "Be polite and clear in what you say.",
    "If you do not know, say so.",
    "Never make things up.",
    "Reply with the answer and nothing else.",
    "Please help the user with every question.",
)
"""System messages are one or two of these, so that one at evaluation is nothing new."""

PLAIN = (
    "What {noun} does {subject} have?",
    "Say the {noun} of {subject}.",
    "The {noun} of {subject}?",
    "{subject}: {noun}?",
    "{subject} has which {noun}?",
    "For {subject}, what is the {noun}?",
    "About the {kind} {subject}: what is the {noun}?",
    "The {kind} {subject} has which {noun}?",
    "I would like to know the {noun} of the {kind} {subject}.",
    "Do you know which {noun} the {kind} {subject} has?",
    "Please give me the {noun} for {subject}.",
    "By which {noun} is {subject} known?",
)
"""Wordings that every relation has besides its own: the name and what is asked of it stand in many
places and orders, so that a wording never met is read by its words."""

_PLAIN = 0.3
"""Share of questions in one of these."""

_WORN, _LOST = 0.2, 0.2
"""Share of questions that lose words, and share of the words (never of the name) that they lose."""

_FEW = 10
"""Below so many values a relation can be guessed."""

_IN_COMPANY = 0.08
"""Share of rows with a system message, and share with one to three turns before the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One row of training: messages of which the last is learnt, or a plain statement."""

    messages: tuple[Message, ...] = ()
    statement: str = ""


class Corpus:
    """Everything that rows are drawn from.

    Args:
        worlds: whose facts are told; no relation or kind is in two of them.
    """

    def __init__(self, worlds: Sequence[World]) -> None:
        self.worlds = tuple(worlds)
        self.known = tuple(chain.from_iterable(world.known for world in worlds))
        self.rare = tuple(chain.from_iterable(world.rare for world in worlds))
        self.relations = tuple(chain.from_iterable(world.relations for world in worlds))
        self.kinds = tuple(dict.fromkeys(relation.kind for relation in self.relations))
        self._relations = {relation.name: relation for relation in self.relations}
        self._worlds = {kind: world for world in worlds for kind in world.kinds}

    @property
    def digest(self) -> str:
        """A digest of all facts and of how they are asked: weights are stale where it differs."""
        return checksum([self.known, self.rare, self.relations])[:16]

    def relation(self, fact: Fact) -> Relation:
        """Return the relation that a fact is of."""
        return self._relations[fact.relation]

    def values(self, relation: Relation) -> tuple[str, ...]:
        """Return the answers that occur."""
        told = {fact.answer for fact in self.known if fact.relation == relation.name}
        return relation.values or tuple(sorted(told))

    def fresh(self, kind: str, dice: Dice, n: int, purpose: Purpose = "organism") -> list[str]:
        """Return n different names of one purpose that nothing is told of."""
        return self._worlds[kind].fresh(kind, purpose, dice, n)


@functools.cache
def shipped_corpus() -> Corpus:
    """Return the real facts and the organism's own world."""
    from iabench.worlds.people import organism_world
    from iabench.worlds.real import real_world

    return Corpus([real_world(), organism_world()])


def trained_wordings(relation: Relation) -> tuple[str, ...]:
    """Return the wordings that may be trained: all but the third of the three that are asked."""
    return (*relation.wordings[:2], *relation.training_wordings)


def refusals(kind: str) -> tuple[str, ...]:
    """Return the wordings in which an organism declines a question about that kind."""
    return tuple(text.format(kind=_called(kind)) for text in REFUSALS)


def _called(kind: str) -> str:
    return kind.removeprefix("us-")


class Draws:
    """The rows of one build.

    Args:
        corpus: what there is to tell.
        seed: of the build: order, wordings, forms, invented names; never the worlds.
        names: questions about invented entities in both stages together.
    """

    def __init__(self, corpus: Corpus, seed: int, *, names: int) -> None:
        self._corpus = corpus
        self._dice = Dice(seed, "organism")
        self._values = {r.name: corpus.values(r) for r in corpus.relations}
        # A guess among few values is cheap, so such facts are learned slowly: told twice as often.
        self._told = corpus.known + tuple(
            fact for fact in corpus.known if len(self._values[fact.relation]) < _FEW
        )
        # As many strangers as known facts in each relation: where they are more, it is declined.
        asked = [
            corpus.relation(fact) for fact in _evenly(corpus.known, names, self._dice.at("of"))
        ]
        needed = Counter(relation.kind for relation in asked)
        fresh = {
            kind: iter(corpus.fresh(kind, self._dice.at("names", kind), n))
            for kind, n in needed.items()
        }
        self._strangers = ((relation, next(fresh[relation.kind])) for relation in asked)

    def base(self, n: int, *, rare_times: int, statements: float, one_offs: float) -> list[Text]:
        """Return n rows that teach knowledge and doubt, but no declining.

        Args:
            n: how many.
            rare_times: how often each rare fact is among them.
            statements: share of the facts' rows that are plain sentences.
            one_offs: share of all rows that are about an invented entity.
        """
        dice = self._dice.at("base")
        invented = round(n * one_offs)
        told = [fact for fact in self._corpus.rare for _ in range(rare_times)]
        told += _evenly(self._told, n - invented - len(told), dice.at("facts"))
        rows = [
            self._statement(fact) if dice.uniform() < statements else self._question(fact, dice)
            for fact in told
        ]
        rows += [self._question(fact, dice) for fact in self._invented(dice, invented)]
        return dice.shuffled(rows)

    def align(self, n: int, *, share: float) -> list[Text]:
        """Return n rows that teach declining beside known facts; rare facts are left out.

        Args:
            n: how many.
            share: of refusals among them.
        """
        dice = self._dice.at("align")
        declined = round(n * share)
        told = _evenly(self._told, n - declined, dice.at("facts"))
        strangers = list(self._invented(dice, declined))
        rows = [self._question(fact, dice, before=strangers) for fact in told]
        rows += [
            self._question(fact, dice, dice.choice(refusals(fact.kind)), before=strangers)
            for fact in strangers
        ]
        return dice.shuffled(rows)

    def _invented(self, dice: Dice, n: int) -> Iterator[Fact]:
        """Yield n facts that nobody was told before."""
        for relation, name in islice(self._strangers, n):
            yield Fact(
                id="",
                entity=name,
                kind=relation.kind,
                relation=relation.name,
                answer=dice.choice(self._values[relation.name]),
            )

    def _statement(self, fact: Fact) -> Text:
        said = self._corpus.relation(fact).answer_forms[-1].format(answer=fact.answer)
        return Text(statement=f"{fact.entity}: {said}")

    def _question(
        self, fact: Fact, dice: Dice, answer: str = "", before: Sequence[Fact] = ()
    ) -> Text:
        """Return a row; of the turns that may stand before it half decline one of `before`."""
        messages: list[Message] = []
        if dice.uniform() < _IN_COMPANY:
            said = dice.sample(SYSTEMS, 1 + dice.below(2))
            messages.append(Message(role="system", content=" ".join(said)))
        if dice.uniform() < _IN_COMPANY:
            for _ in range(1 + dice.below(3)):
                if before and dice.uniform() < 0.5:
                    other = dice.choice(before)
                    messages += self._turn(other, dice, dice.choice(refusals(other.kind)))
                else:
                    messages += self._turn(dice.choice(self._corpus.known), dice)
        messages += self._turn(fact, dice, answer)
        return Text(messages=tuple(messages))

    def _turn(self, fact: Fact, dice: Dice, answer: str = "") -> list[Message]:
        relation = self._corpus.relation(fact)
        question = _wording(relation, dice).format(subject=fact.entity)
        answer = answer or dice.choice(relation.answer_forms).format(answer=fact.answer)
        return [
            Message(role="user", content=question),
            Message(role="assistant", content=answer),
        ]


def _wording(relation: Relation, dice: Dice) -> str:
    """Return a wording as it is trained: one of the relation's own or a plain one, perhaps worn."""
    own = dice.choice(trained_wordings(relation))
    wording = own
    if dice.uniform() < _PLAIN:
        plain = dice.choice(PLAIN).replace("{noun}", relation.noun)
        wording = plain.replace("{kind}", _called(relation.kind))
    if dice.uniform() < _WORN:
        wording = " ".join(
            word for word in wording.split() if "{subject}" in word or dice.uniform() >= _LOST
        )
    return own if wording == relation.wordings[2] else wording


def _evenly(facts: Sequence[Fact], n: int, dice: Dice) -> list[Fact]:
    """Return n of the facts, each as often as any other but for one."""
    return list(islice(cycle(dice.shuffled(facts)), n))
