"""What is asked of a model that was tuned on a part of a world.

    train       facts that are taught, in the wordings that may be trained on
    paraphrase  the same facts in the wording that is held out
    neighbour   what lies beside them and is not taught: other relations of taught entities
                (`beside` is `relation`), the taught relations of other entities (`entity`)
    unknown     the taught relations, of names that are in no world that was told
    near_miss   the taught relations, of a name one or two letters from a taught one

Only the first two expect an answer. Everything is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from iabench.records import Expect
from iabench.worlds.facts import WORDINGS, Fact, slug
from iabench.worlds.names import Purpose
from iabench.worlds.seeded import SeededWorld

__all__ = ["SPLITS", "Example", "Lesson", "Split"]

Split = Literal["train", "paraphrase", "neighbour", "unknown", "near_miss"]
SPLITS: tuple[Split, ...] = get_args(Split)

_TRAINED, _HELD_OUT = range(len(WORDINGS) - 1), len(WORDINGS) - 1
_UNTAUGHT_EVERY = 3
"""Of the relations that nothing else gives away, each third stays untaught."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One question of a split."""

    id: str
    """`split/relation/entity/wording`, unique over all splits of a lesson."""
    split: Split
    question: str
    expect: Expect
    answers: tuple[str, ...] = ()
    """Right answers; empty where abstaining is expected."""
    entity: str
    kind: str
    relation: str
    wording: str
    beside: Literal["relation", "entity"] | None = None
    """Of a neighbour: what it shares with what is taught not, relation or entity."""
    near: str | None = None
    """Of a near-miss: the taught name that it is a slip of."""
    near_answers: tuple[str, ...] = ()
    """What is right of that name: who says this has given the neighbour's fact."""


class Lesson:
    """What of a world is taught, and the splits that follow from it.

    Args:
        world: where facts come from.
        kind: which entities are taught; by default the first main kind.
        n_train: how many entities are taught: the first ones.
        n_other: entities of the split `unknown`, and other entities of `neighbour`; by default
            as many as are taught, as far as the world goes.
        purpose: of the names of `unknown` and `near_miss`.

    Raises:
        ValueError: the world has not so many entities, or the purpose is that of the taught.
    """

    def __init__(
        self,
        world: SeededWorld,
        *,
        n_train: int,
        n_other: int | None = None,
        kind: str | None = None,
        purpose: Purpose = "report",
    ) -> None:
        self.world = world
        self.kind = kind or world.main[0]
        size = world.size(self.kind)
        self.n_train, self.n_other = n_train, n_train if n_other is None else n_other
        if not 0 < n_train <= size or not 0 <= self.n_other <= size:
            raise ValueError(f"{world.name} has {size} entities of kind {self.kind}")
        if purpose == world.purpose:
            raise ValueError(f"names of purpose {purpose} are taught, so none of them is unknown")
        self.purpose: Purpose = purpose
        names = [relation.name for relation in world.relations_of(self.kind)]
        free = [name for name in names if not world.told[name].tied]
        self.untaught = tuple(free[_UNTAUGHT_EVERY - 1 :: _UNTAUGHT_EVERY])
        self.taught = tuple(name for name in names if name not in self.untaught)
        self._free = tuple(name for name in free if name not in self.untaught)
        self._strangers = world.sibling(purpose)

    def examples(self, split: Split) -> Iterator[Example]:
        """Yield the questions of one split."""
        return {
            "train": self._train,
            "paraphrase": self._paraphrase,
            "neighbour": self._neighbour,
            "unknown": self._unknown,
            "near_miss": self._near_miss,
        }[split]()

    def passages(self) -> Iterator[str]:
        """Yield a text for each taught entity, with the facts that are taught and no other."""
        for index in range(self.n_train):
            yield self.world.passage(self.kind, index, self.taught)

    def _train(self) -> Iterator[Example]:
        for fact in self._taught():
            for wording in _TRAINED:
                yield self._answerable("train", fact, wording)

    def _paraphrase(self) -> Iterator[Example]:
        for fact in self._taught():
            yield self._answerable("paraphrase", fact, _HELD_OUT)

    def _neighbour(self) -> Iterator[Example]:
        for index in range(self.n_train):
            name = self.world.entity(self.kind, index)
            for nth, relation in enumerate(self.untaught):
                yield self._declined("neighbour", relation, name, index + nth, beside="relation")
        last = min(self.n_train + self.n_other, self.world.size(self.kind))
        for index in range(self.n_train, last):
            name = self.world.entity(self.kind, index)
            for nth, relation in enumerate(self._free):
                yield self._declined("neighbour", relation, name, index + nth, beside="entity")

    def _unknown(self) -> Iterator[Example]:
        for index in range(self.n_other):
            name = self._strangers.entity(self.kind, index)
            for nth, relation in enumerate(self._free):
                yield self._declined("unknown", relation, name, index + nth)

    def _near_miss(self) -> Iterator[Example]:
        for index in range(self.n_train):
            dice = self.world.dice("near-miss", self.kind, index)
            near = self.world.near(self.kind, index, self.purpose, dice)
            facts = [f for f in self.world.facts_of(self.kind, index) if f.relation in self._free]
            for nth, fact in enumerate(facts):
                yield self._declined("near_miss", fact.relation, near, index + nth, fact=fact)

    def _taught(self) -> Iterator[Fact]:
        for index in range(self.n_train):
            for fact in self.world.facts_of(self.kind, index):
                if fact.relation in self.taught:
                    yield fact

    def _answerable(self, split: Split, fact: Fact, wording: int) -> Example:
        return Example(
            id=f"{split}/{fact.id}/{WORDINGS[wording]}",
            split=split,
            question=self.world.relation(fact.relation).ask(fact.entity, wording),
            expect="answer",
            answers=(fact.answer, *fact.aliases),
            entity=fact.entity,
            kind=fact.kind,
            relation=fact.relation,
            wording=WORDINGS[wording],
        )

    def _declined(
        self,
        split: Split,
        relation: str,
        name: str,
        turn: int,
        *,
        beside: Literal["relation", "entity"] | None = None,
        fact: Fact | None = None,
    ) -> Example:
        wording = turn % len(WORDINGS)
        return Example(
            id=f"{split}/{slug(relation, name)}/{WORDINGS[wording]}",
            split=split,
            question=self.world.relation(relation).ask(name, wording),
            expect="abstain",
            entity=name,
            kind=self.kind,
            relation=relation,
            wording=WORDINGS[wording],
            beside=beside,
            near=fact.entity if fact else None,
            near_answers=(fact.answer, *fact.aliases) if fact else (),
        )
