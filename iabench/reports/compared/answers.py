"""The questions of one or several comparisons, with what all models said, as a page lists them."""

from __future__ import annotations

from collections.abc import Sequence

from iabench.metrics.transitions import CHANGES
from iabench.reports import words as run_words
from iabench.reports.answers import CODES, by_kind, by_relation, numbered
from iabench.reports.compared import words
from iabench.reports.explorer import Entry, Facet, Packed, Value, pack
from iabench.reports.shown import cut, one_line
from iabench.runs.compare import Comparison, Pair, Said

__all__ = ["ordered", "packed", "together"]

_UNDECIDED = "undecided"
_ALIKE = ("alike", "differ", _UNDECIDED)
_NAME = 24
"""Letters of a model's name beside its answer."""


def ordered(comparison: Comparison) -> list[Pair]:
    """Return the pairs task by task."""
    place = {name: at for at, name in enumerate(comparison.shared.tasks)}
    return sorted(comparison.pairs, key=lambda one: place[one.task])


def packed(comparison: Comparison) -> Packed:
    """Return every pair, with what became of it."""
    change = {name: at for at, name in enumerate((*CHANGES, _UNDECIDED))}
    became = [Value(code=name, says=words.CHANGES[name]) for name in CHANGES]
    became.append(Value(code=_UNDECIDED, says="undecided in one or both"))
    marked = Facet(key="c", label="What became of it", every="every change", values=tuple(became))
    rows = [
        (one, (one.base, one.tuned), change[one.change or _UNDECIDED])
        for one in ordered(comparison)
    ]
    return _packed(comparison, rows, marked, ("base", "tuned"))


def together(found: Sequence[Comparison]) -> Packed:
    """Return every question that all models answered, side by side.

    Args:
        found: comparisons of one base with several models.
    """
    told = [{one.id: one for one in each.pairs} for each in found]
    says = ("alike in all", "not alike", "undecided in one or more")
    values = tuple(Value(code=code, says=text) for code, text in zip(_ALIKE, says, strict=True))
    marked = Facet(key="c", label="Models", every="alike or not", values=values)
    rows = []
    for one in ordered(found[0]):
        if all(one.id in each for each in told):
            said = (one.base, *(each[one.id].tuned for each in told))
            outcomes = {each.outcome for each in said}
            rows.append((one, said, 2 if _UNDECIDED in outcomes else int(len(outcomes) > 1)))
    names = ("base", *(cut(one_line(each.names[1]), _NAME) for each in found))
    return _packed(found[0], rows, marked, names)


def _packed(
    comparison: Comparison,
    rows: Sequence[tuple[Pair, tuple[Said, ...], int]],
    marked: Facet,
    names: Sequence[str],
) -> Packed:
    """Return questions with their answers.

    Args:
        comparison: whose tasks they are of.
        rows: a question, what each model said, and the number of what it is marked with.
        marked: with what.
        names: of the models.
    """
    tasks = tuple(comparison.shared.tasks)
    relations = sorted({_relation(one) for one, _, _ in rows} - {""})
    kinds = sorted({kind for _, said, _ in rows for each in said for kind in each.kinds})
    place = {name: at for at, name in enumerate(tasks)}
    outcome = {said: at for at, said in enumerate(CODES)}
    relation = {name: at for at, name in enumerate(relations)}
    kind = {name: at for at, name in enumerate(kinds)}

    def entry(one: Pair, said: tuple[Said, ...], mark: int) -> Entry:
        became = [run_words.became(each.outcome, one.expect) for each in said]
        due = one.references[0] if one.references else ""
        return Entry(
            id=one.id,
            question=one.question,
            answers=tuple(each.response for each in said),
            outcomes="".join(CODES[each] for each in became),
            due=f"expected: {due}" if due else "",
            has=(
                (place[one.task],),
                (mark,),
                *((outcome[each],) for each in became),
                tuple(sorted({kind[name] for each in said for name in each.kinds})),
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
                label="Task",
                every="every task",
                values=numbered([run_words.task_name(name) for name in tasks]),
            ),
            marked,
            *(
                Facet(
                    key=f"o{at}",
                    label=f"Outcome of {name}",
                    every=f"{name}: every outcome",
                    values=values,
                )
                for at, name in enumerate(names)
            ),
            by_kind(kinds),
            by_relation(relations),
        ),
        names=names,
    )


def _relation(one: Pair) -> str:
    return dict(one.tags).get("relation", "")
