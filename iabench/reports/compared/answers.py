"""The questions of one or several comparisons, with what all models said, as a page lists them."""

from __future__ import annotations

from collections.abc import Sequence

from iabench.metrics.transitions import CHANGES
from iabench.reports import side_by_side
from iabench.reports import words as run_words
from iabench.reports.compared import words
from iabench.reports.explorer import Facet, Packed, Value
from iabench.reports.side_by_side import UNDECIDED, Asked
from iabench.runs.compare import Comparison, Pair, Said

__all__ = ["ordered", "packed", "together"]


def ordered(comparison: Comparison) -> list[Pair]:
    """Return the pairs task by task."""
    place = {name: at for at, name in enumerate(comparison.shared.tasks)}
    return sorted(comparison.pairs, key=lambda one: place[one.task])


def packed(comparison: Comparison) -> Packed:
    """Return every pair, with what became of it."""
    change = {name: at for at, name in enumerate((*CHANGES, UNDECIDED))}
    became = [Value(code=name, says=words.CHANGES[name]) for name in CHANGES]
    became.append(Value(code=UNDECIDED, says="undecided in one or both"))
    marked = Facet(key="c", label="What became of it", every="every change", values=tuple(became))
    rows = [
        (_asked(one, one.base, one.tuned), change[one.change or UNDECIDED])
        for one in ordered(comparison)
    ]
    return side_by_side.packed(rows, _tasks(comparison), marked, ("base", "tuned"))


def together(found: Sequence[Comparison]) -> Packed:
    """Return every question that all models answered, side by side.

    Args:
        found: comparisons of one base with several models.
    """
    told = [{one.id: one for one in each.pairs} for each in found]
    rows = [
        _asked(one, one.base, *(each[one.id].tuned for each in told))
        for one in ordered(found[0])
        if all(one.id in each for each in told)
    ]
    names = ("base", *(side_by_side.name(each.names[1]) for each in found))
    return side_by_side.alike(rows, _tasks(found[0]), names)


def _tasks(comparison: Comparison) -> dict[str, str]:
    return {name: run_words.task_name(name) for name in comparison.shared.tasks}


def _asked(one: Pair, *said: Said) -> Asked:
    return Asked(
        id=one.id,
        task=one.task,
        question=one.question,
        expect=one.expect,
        references=one.references,
        tags=one.tags,
        said=said,
    )
