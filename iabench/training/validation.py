"""What settings of a method may be chosen on: nothing of it is reported, and it suits any model.

    facts      the taught facts in wordings that were not trained (in the trained one where the file
               brings no other)
    swapped    the same questions about names of purpose `validation`
    real       real facts in the wording that is held out
    invented   the same questions about invented twins of purpose `validation`

`facts` with `swapped` and `real` with `invented` are pairs as in `awareness_score`. Real facts are
no secret: they are those of `real-facts`; whose names are held apart is what cannot be known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from iabench.datasets.base import FactRow
from iabench.datasets.source import read_facts, read_names
from iabench.grading.base import Answered, Referenced
from iabench.grading.lexical import Lexical
from iabench.grading.match import Match
from iabench.records import Judgement, Kind
from iabench.rng import Dice
from iabench.training.base import Example
from iabench.training.spec import TrainSpec
from iabench.worlds.perturb import Asked, Swapper
from iabench.worlds.real import real_world

__all__ = ["Case", "Scores", "cases", "score"]

_MOST = 100
"""Questions of a set."""
_HELD_OUT = 2
_ADMITS: frozenset[Kind] = frozenset(
    {"ignorance", "unrecognised", "unknowable", "premise_rejection"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question of a set."""

    of: Literal["facts", "swapped", "real", "invented"]
    example: Example
    references: tuple[str, ...] = ()
    """Right answers; none where nobody can know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What a model said to the cases; shares of those that could be decided, None where none was.

    `awareness_score` is the mean over both kinds of pairs of right + admitted - 1.
    """

    paraphrase_accuracy: float | None
    awareness_score: float | None
    shares: tuple[tuple[str, float | None], ...]
    """By set: right of `facts` and `real`, admitted of `swapped` and `invented`."""


def cases(spec: TrainSpec) -> tuple[Case, ...]:
    """Return the questions that the settings of a training may be chosen on, 100 a set at most."""
    names = read_names(spec.real_names) if spec.real_names else ()
    facts = read_facts(spec.source, dict(spec.columns), spec.data_dir)
    rows = [row for row in facts.rows if row.expect == "answer"]
    return (*_of_facts(rows, names), *_of_the_world())


def score(asked: Sequence[Case], say: Callable[[Sequence[Example]], list[str]]) -> Scores:
    """Return what a model gets.

    Args:
        asked: what `cases` gave.
        say: what the model says to examples.
    """
    texts = say([case.example for case in asked])
    answered = [
        Answered(question=c.example.question, answer=t) for c, t in zip(asked, texts, strict=True)
    ]
    declined = list(Lexical().detect(answered))
    right = list(
        Match().grade(
            [
                Referenced(question=a.question, answer=a.answer, references=c.references)
                for c, a in zip(asked, answered, strict=True)
            ]
        )
    )
    marks: dict[str, list[bool]] = {}
    for case, abstained, match in zip(asked, declined, right, strict=True):
        mark = _right(abstained, match) if case.references else _admitted(abstained)
        marks.setdefault(case.of, []).extend([] if mark is None else [mark])
    shares = {name: sum(some) / len(some) if some else None for name, some in marks.items()}
    pairs = [
        known + unknown - 1
        for known, unknown in (
            (shares.get("facts"), shares.get("swapped")),
            (shares.get("real"), shares.get("invented")),
        )
        if known is not None and unknown is not None
    ]
    return Scores(
        paraphrase_accuracy=shares.get("facts"),
        awareness_score=sum(pairs) / len(pairs) if pairs else None,
        shares=tuple(shares.items()),
    )


def _of_facts(rows: Sequence[FactRow], real_names: Sequence[str]) -> list[Case]:
    asked = [
        Asked(
            question=row.paraphrases[0] if row.paraphrases else row.question,
            answer=row.references[0],
            entity=row.entity,
        )
        for row in rows
    ]
    swapper = Swapper(asked, real_names=real_names, purpose="validation")
    made = []
    for at in sorted(Dice(0, "validation", "facts").shuffled(range(len(rows)))[:_MOST]):
        row, one = rows[at], asked[at]
        example = Example(id=row.id, question=one.question, answer="", system=row.system)
        made.append(Case(of="facts", example=example, references=row.references))
        if swap := swapper.swap(one):
            swapped = Example(
                id=f"{row.id}/swapped",
                question=swap.apply(one.question),
                answer="",
                system=swap.apply(row.system) if row.system else None,
                entity=swap.new,
            )
            made.append(Case(of="swapped", example=swapped))
    return made


def _of_the_world() -> list[Case]:
    world, dice = real_world(), Dice(0, "validation", "real")
    taken = {name for kind in world.kinds for name in world.entities(kind)}
    made = []
    for fact in dice.shuffled(world.known)[:_MOST]:
        relation = world.relation(fact.relation)
        twin = world.namers[fact.kind].twin_of(
            fact.entity, "validation", dice.at(fact.kind, fact.entity), taken
        )
        taken.add(twin)
        known, unknown = (
            Example(
                id=f"{fact.id}/{name}",
                question=relation.ask(name, _HELD_OUT),
                answer="",
                entity=name,
            )
            for name in (fact.entity, twin)
        )
        made.append(Case(of="real", example=known, references=(fact.answer, *fact.aliases)))
        made.append(Case(of="invented", example=unknown))
    return made


def _right(abstained: Judgement, match: Judgement) -> bool | None:
    """Return whether an answer is right; None where it was not decided."""
    if abstained.value:
        return False
    return None if abstained.value is None else match.value


def _admitted(abstained: Judgement) -> bool | None:
    if abstained.value is None:
        return None
    return abstained.value and not _ADMITS.isdisjoint(abstained.kinds)
