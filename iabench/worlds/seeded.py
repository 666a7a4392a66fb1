"""Seeded worlds: any number of entities, each made from the seed when it is asked for.

What a world holds is data (`tasks/worlds/NAME.toml`): how things are named, what is told of them,
how that is asked and said. An answer is drawn from a list, a range, dates, or the names of another
kind; what links entities to one another is code, one method a world. Nothing is stored: the same
seed and purpose give the same world, however large, in whatever order it is read.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from iabench.decode import decode, read_document
from iabench.errors import TaskError
from iabench.rng import Dice
from iabench.worlds.composed import ComposedNames, misspelt
from iabench.worlds.facts import Fact, Relation, slug
from iabench.worlds.folders import data_folder
from iabench.worlds.names import Purpose
from iabench.worlds.people import organism_world

__all__ = ["SeededWorld", "Told", "date_text"]

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_REMEMBERED, _NAMES_REMEMBERED = 1024, 2**15
"""Entities whose drawn answers, and whose names, are kept: links look at few, mostly near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One `[[relation]]` of a world: how it is asked and said, and where its answers come from.

    One of `lists`, `numbers`, `dates` and `names` is given, or `linked` alone, or with a list.
    """

    name: str
    type: str
    noun: str
    wordings: tuple[str, str, str]
    """The third is held out of training."""
    says: str
    """As a sentence of a passage."""
    lists: str | None = None
    """A list of `pieces.toml`."""
    numbers: tuple[int, int, int] | None = None
    """From, to (not itself reached), step."""
    form: str = "{n}"
    """How a number is written."""
    dates: tuple[int, int] | None = None
    """First and last year."""
    names: str | None = None
    """A kind of this world."""
    linked: bool = False
    """It follows from other entities; the world's own code says how."""
    tied: bool = False
    """Other facts give it away: where they are taught it is no untaught relation."""
    inverse: str | None = None
    """The relation that leads back: if A's is B, then B's inverse is A."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    type: str
    pattern: str
    base: dict[str, str]
    free: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    world: str
    names: tuple[_Named, ...]
    relation: tuple[Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pieces:
    pieces: dict[str, tuple[str, ...]]
    lists: dict[str, tuple[str, ...]]


_COMMON = {"adjective", "by", "house", "joint", "land", "noun", "opening", "site", "trades_as"}
"""Pieces that are words of the language; all others are names."""


class SeededWorld:
    """Entities and facts as functions of a seed.

    Args:
        n: how many entities of its main kinds it has.
        seed: draws everything.
        purpose: what its names serve; `new` is what tuning may teach.

    Raises:
        ValueError: names or links do not reach for n entities.
    """

    document: ClassVar[str]
    main: ClassVar[tuple[str, ...]]
    """The kinds that questions are about first of all."""
    smallest: ClassVar[int] = 1

    def __init__(self, n: int, *, seed: int = 0, purpose: Purpose = "new") -> None:
        if n < self.smallest:
            raise ValueError(f"a world of {self.document} has {self.smallest} entities or more")
        self.n, self.seed, self.purpose = n, seed, purpose
        document = _document(self.document)
        self.name = document.world
        self.told: Mapping[str, Told] = {told.name: told for told in document.relation}
        self.relations = tuple(_relation(told) for told in document.relation)
        self.kinds = tuple(dict.fromkeys(told.type for told in document.relation))
        self._of_kind = {
            kind: tuple(told for told in document.relation if told.type == kind)
            for kind in self.kinds
        }
        self._names = _names(document, seed, purpose)
        for kind, names in self._names.items():
            if self.size(kind) > len(names):
                raise ValueError(f"{len(names):,} names of kind {kind}; {n:,} entities need more")
        self._drawn = functools.lru_cache(maxsize=_REMEMBERED)(self._draw)
        self._named = functools.lru_cache(maxsize=_NAMES_REMEMBERED)(self._name)

    # What a world says of itself.

    def size(self, kind: str) -> int:
        """Return how many entities of a kind there are."""
        raise NotImplementedError

    def linked(self, kind: str, index: int) -> dict[str, str]:
        """Return the answers that follow from other entities, by relation; none where none is."""
        raise NotImplementedError

    # What follows.

    def entity(self, kind: str, index: int) -> str:
        """Return the name of an entity."""
        return self._named(kind, index)

    def relation(self, name: str) -> Relation:
        """Return a relation; KeyError where there is none of that name."""
        return _by_name(self.relations)[name]

    def relations_of(self, kind: str) -> tuple[Relation, ...]:
        """Return the relations of one kind of entity."""
        return tuple(relation for relation in self.relations if relation.kind == kind)

    def answers(self, kind: str, index: int) -> dict[str, str]:
        """Return what is so of an entity, by relation, in the order of the relations."""
        found = {**self._drawn(kind, index), **self.linked(kind, index)}
        return {told.name: found[told.name] for told in self._of_kind[kind] if told.name in found}

    def facts_of(self, kind: str, index: int) -> tuple[Fact, ...]:
        """Return what is so of an entity as facts; at most one a relation."""
        entity = self.entity(kind, index)
        place = slug(entity)
        return tuple(
            Fact(
                id=f"{relation}/{place}",
                entity=entity,
                kind=kind,
                relation=relation,
                answer=answer,
                tier="new",
            )
            for relation, answer in self.answers(kind, index).items()
        )

    @property
    def facts(self) -> Iterator[Fact]:
        """Yield every fact of the world, entity by entity; nothing is kept."""
        for kind in self.kinds:
            for index in range(self.size(kind)):
                yield from self.facts_of(kind, index)

    def passage(self, kind: str, index: int, relations: Collection[str] | None = None) -> str:
        """Return an entity's facts as running text, or those of some relations."""
        entity = self.entity(kind, index)
        return " ".join(
            _sentence(self.told[relation].says.format(subject=entity, answer=answer))
            for relation, answer in self.answers(kind, index).items()
            if relations is None or relation in relations
        )

    def sibling(self, purpose: Purpose) -> Self:
        """Return the world of the same seed and size whose names serve another purpose."""
        return type(self)(self.n, seed=self.seed, purpose=purpose)

    def near(self, kind: str, index: int, purpose: Purpose, dice: Dice) -> str:
        """Return a name one or two letters from an entity's that is none of this world's."""
        name = self.entity(kind, index)
        return misspelt(
            name, kind, purpose, self._names[kind].words, dice, self._names[kind].common
        )

    def dice(self, *labels: object) -> Dice:
        """Return a stream of draws of this world's own."""
        return Dice(self.seed, self.name, self.purpose, *labels)

    def _name(self, kind: str, index: int) -> str:
        return self._names[kind][index]

    def _draw(self, kind: str, index: int) -> dict[str, str]:
        dice = self.dice(kind, index)
        return {
            told.name: self._answer(told, dice) for told in self._of_kind[kind] if not told.linked
        }

    def _answer(self, told: Told, dice: Dice) -> str:
        if told.lists is not None:
            return dice.choice(_pieces().lists[told.lists])
        if told.numbers is not None:
            return told.form.format(n=dice.choice(range(*told.numbers)))
        if told.dates is not None:
            return date_text(dice, told.dates[0] + dice.below(told.dates[1] - told.dates[0] + 1))
        assert told.names is not None
        return self.entity(told.names, dice.below(self.size(told.names)))


def date_text(dice: Dice, year: int) -> str:
    """Return a day of a year, e.g. `14 March 1951`; no month has more than 28 of them."""
    return f"{1 + dice.below(28)} {dice.choice(_MONTHS)} {year}"


@functools.cache
def _pieces() -> _Pieces:
    path = data_folder("worlds", "pieces.toml")
    found = decode(_Pieces, read_document(path), where=str(path), error=TaskError)
    shared = {
        field: pieces
        for grammar in organism_world().namers.values()
        for field, pieces in getattr(grammar, "pieces", {}).items()
    }
    return _Pieces(pieces={**shared, **found.pieces}, lists=found.lists)


@functools.cache
def _document(name: str) -> _Document:
    path = data_folder("worlds", f"{name}.toml")
    document = decode(_Document, read_document(path), where=str(path), error=TaskError)
    for told in document.relation:
        sources = (told.lists, told.numbers, told.dates, told.names)
        given = sum(source is not None for source in sources)
        # A link may say which of a list it is.
        if given != 1 and not (told.linked and given == 0):
            raise TaskError(f'{path}: relation "{told.name}" must have one source of answers.')
    return document


def _names(document: _Document, seed: int, purpose: Purpose) -> dict[str, ComposedNames]:
    pieces = _pieces().pieces
    public = _names(document, 0, purpose) if seed else {}
    return {
        named.type: ComposedNames(
            named.type,
            named.pattern,
            {field: pieces[source] for field, source in named.base.items()},
            {field: pieces[source] for field, source in named.free.items()},
            dice=Dice(seed, document.world, "names", named.type, purpose),
            purpose=purpose,
            common=_common(named, pieces),
            public=public.get(named.type),
        )
        for named in document.names
    }


def _common(named: _Named, pieces: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the words of names of one type that are words of the language."""
    sources = {*named.base.values(), *named.free.values()} & _COMMON
    found = {word for source in sources for piece in pieces[source] for word in piece.split()}
    return frozenset(found | {word for word in named.pattern.split() if "{" not in word})


@functools.cache
def _by_name(relations: tuple[Relation, ...]) -> dict[str, Relation]:
    return {relation.name: relation for relation in relations}


def _relation(told: Told) -> Relation:
    return Relation(
        name=told.name,
        kind=told.type,
        noun=told.noun,
        wordings=told.wordings,
        training_wordings=(),
        answer_forms=("{answer}.", "It is {answer}.", f"The {told.noun} is {{answer}}."),
        values=_pieces().lists[told.lists] if told.lists is not None else (),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
