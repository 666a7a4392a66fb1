"""Questions with what several models said to each, as a page lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iabench.records import Expect, Tags
from iabench.reports import words
from iabench.reports.answers import CODES, by_kind, by_relation, numbered
from iabench.reports.explorer import Entry, Facet, Packed, Value, pack
from iabench.reports.shown import cut, one_line
from iabench.runs.compare import Said

__all__ = ["UNDECIDED", "Asked", "alike", "name", "packed"]

UNDECIDED = "undecided"
_ALIKE = (
    ("alike", "alike in all"),
    ("differ", "not alike"),
    (UNDECIDED, "undecided in one or more"),
)
_NAME = 24
"""Letters of a model's name beside its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question with what every model said."""

    id: str
    task: str
    question: str
    expect: Expect
    references: tuple[str, ...]
    tags: Tags
    said: tuple[Said, ...]


def name(model: str) -> str:
    """Return what a model is called beside its answer."""
    return cut(one_line(model), _NAME)


def alike(
    asked: Sequence[Asked], tasks: Mapping[str, str], names: Sequence[str], *, word: str = "task"
) -> Packed:
    """Return questions, each marked with whether all models did the same.

    Args:
        asked: the questions, task by task.
        tasks: by name, what a task is called on the page, in the order of the list.
        names: of the models.
        word: what a task itself is called.
    """

    def mark(one: Asked) -> int:
        outcomes = {each.outcome for each in one.said}
        return 2 if UNDECIDED in outcomes else int(len(outcomes) > 1)

    values = tuple(Value(code=code, says=says) for code, says in _ALIKE)
    marked = Facet(key="c", label="Models", every="alike or not", values=values)
    return packed([(one, mark(one)) for one in asked], tasks, marked, names, word=word)


def packed(
    rows: Sequence[tuple[Asked, int]],
    tasks: Mapping[str, str],
    marked: Facet,
    names: Sequence[str],
    *,
    word: str = "task",
) -> Packed:
    """Return questions with their answers.

    Args:
        rows: a question, and the number of what it is marked with.
        tasks: by name, what a task is called on the page, in the order of the list.
        marked: with what.
        names: of the models.
        word: what a task itself is called.
    """
    relations = sorted({_relation(one) for one, _ in rows} - {""})
    kinds = sorted({kind for one, _ in rows for each in one.said for kind in each.kinds})
    place = {task: at for at, task in enumerate(tasks)}
    outcome = {said: at for at, said in enumerate(CODES)}
    relation = {each: at for at, each in enumerate(relations)}
    kind = {each: at for at, each in enumerate(kinds)}

    def entry(one: Asked, mark: int) -> Entry:
        became = [words.became(each.outcome, one.expect) for each in one.said]
        due = one.references[0] if one.references else ""
        return Entry(
            id=one.id,
            question=one.question,
            answers=tuple(each.response for each in one.said),
            outcomes="".join(CODES[each] for each in became),
            due=f"expected: {due}" if due else "",
            has=(
                (place[one.task],),
                (mark,),
                *((outcome[each],) for each in became),
                tuple(sorted({kind[k] for each in one.said for k in each.kinds})),
                (relation[_relation(one)],) if _relation(one) else (),
            ),
            details=(
                *zip(names, became, strict=True),
                ("expected", " · ".join(one.references) or "“I don't know”"),
                ("probe", " · ".join((one.id, *(f"{key} {value}" for key, value in one.tags)))),
            ),
        )

    values = tuple(Value(code=code, says=said) for said, code in CODES.items())
    return pack(
        [entry(*row) for row in rows],
        (
            Facet(
                key="t",
                label=word.capitalize(),
                every=f"every {word}",
                values=numbered([*tasks.values()]),
            ),
            marked,
            *(
                Facet(
                    key=f"o{at}",
                    label=f"Outcome of {each}",
                    every=f"{each}: every outcome",
                    values=values,
                )
                for at, each in enumerate(names)
            ),
            by_kind(kinds),
            by_relation(relations),
        ),
        names=names,
    )


def _relation(one: Asked) -> str:
    return dict(one.tags).get("relation", "")
