"""The best method of each figure, and which methods cannot be told apart from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from iabench.studies.against import COMPARED, differences_of
from iabench.studies.verdict import BASE, of

if TYPE_CHECKING:
    from iabench.studies.assemble import Asked

__all__ = ["LOWER", "best", "not_told_apart", "untold"]

LOWER = frozenset({"over_refusal_rate", "mix_same.aed", "mix_other.aed"})
"""Figures that are the better, the lower they are."""


def best(rows: Sequence[Mapping[str, Any]], figure: str, against: str | None) -> tuple[str, ...]:
    """Return the methods with the best mean, the one that the study compares with first.

    The base is no method, and one that lacks seeds is not called the best, unless all do.
    """
    there = [r for r in rows if r["method"] != BASE and of(r, figure)["mean"] is not None]
    there = [row for row in there if not row["incomplete"]] or there
    means = {str(row["method"]): of(row, figure)["mean"] for row in there}
    if not means:
        return ()
    top = (min if figure in LOWER else max)(means.values())
    return tuple(sorted((n for n, m in means.items() if m == top), key=lambda n: n != against))


def not_told_apart(
    by_method: Mapping[str, Sequence[Asked]],
    rows: Sequence[Mapping[str, Any]],
    *,
    against: str | None,
    known: str,
    level: float,
) -> dict[str, dict[str, Any]]:
    """Return by figure the `best` method, and `alike`: those its test does not tell apart from it.

    The test is that of `differences_of`, against the best in place of `against`.
    """
    tested: dict[str, Mapping[str, Any]] = {}
    found = {}
    for figure in COMPARED:
        if not (names := best(rows, figure, against)):
            continue
        first = names[0]
        if first == against:
            tested.setdefault(first, {row["method"]: row.get("against") or {} for row in rows})
        elif first not in tested:
            tested[first] = differences_of(by_method, first, known=known, level=level)
        found[figure] = {"best": first, "alike": sorted(untold(tested[first], figure))}
    return found


def untold(differences: Mapping[str, Mapping[str, Any]], figure: str) -> frozenset[str]:
    """Return the methods that a figure does not tell apart from what they were tested against."""
    return frozenset(
        name
        for name, row in differences.items()
        if name != BASE and figure in row and row[figure]["verdict"] == "not told apart"
    )
