"""Ribbons from what the base did to what the tuned model does, as inline SVG.

A ribbon is a plain path whose width is a count; the page colours it by the end that it comes to.
Names and counts are text of the page, so that they are read aloud and wrap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iabench.metrics.transitions import Change
from iabench.reports.compared import words
from iabench.runs.compare import Comparison

__all__ = ["Ribbon", "Ribbons", "drawn"]

_WIDTH, _HEIGHT, _GAP = 200.0, 168.0, 14.0
_LINES = 36.0
"""Height of what is written beside an end, so that ends do not cover each other."""
_LEAST = 2.0
"""Height of the thinnest ribbon, so that a single answer is seen."""

_ENDS: Mapping[Change, tuple[str, str]] = {
    "kept": ("idk", "idk"),
    "began": ("idk", "false"),
    "stopped": ("false", "idk"),
    "always": ("false", "false"),
    "neither": ("none", "none"),
    "still-right": ("right", "right"),
    "forgot": ("right", "false"),
    "began-to-refuse": ("right", "idk"),
    "learned": ("not", "right"),
    "still-not": ("not", "not"),
}
_SAYS = {
    "idk": "“I don't know”",
    "false": "made up",
    "right": "right",
    "not": "not right",
    "none": "nothing said",
}
_ORDER = ("right", "idk", "false", "not", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ribbon:
    """One ribbon: a path, and what it is."""

    change: Change
    says: str
    n: int
    path: str
    kind: str
    """The end that it comes to: idk, false, right, not, none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of ribbons: a name with a count, at a height."""

    says: str
    kind: str
    n: int
    top: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ribbons:
    """The ribbons of one expectation."""

    title: str
    n: int
    width: float
    height: float
    ribbons: tuple[Ribbon, ...]
    left: tuple[End, ...]
    right: tuple[End, ...]


def drawn(comparison: Comparison) -> list[Ribbons]:
    """Return the ribbons of both expectations."""
    return [_side(side) for side in words.sides(comparison)]


def _side(side: words.Side) -> Ribbons:
    flows = [(name, says, n) for name, says, n in side.changes if n]
    n = sum(each for *_, each in flows)
    scale = (_HEIGHT - 2 * _GAP) / n
    wide = {name: max(_LEAST, each * scale) for name, _, each in flows}
    left = list(_ends(flows, wide, 0))
    right = list(_ends(flows, wide, 1))
    at = [{end.kind: end.top for end in ends} for ends in (left, right)]
    made = []
    for name, says, each in sorted(
        flows, key=lambda flow: tuple(map(_ORDER.index, _ENDS[flow[0]]))
    ):
        tops = []
        for end in (0, 1):
            kind = _ENDS[name][end]
            tops.append(at[end][kind])
            at[end][kind] += wide[name]
        made.append(
            Ribbon(
                change=name,
                says=says,
                n=each,
                path=_path(tops[0], tops[1], wide[name]),
                kind=_ENDS[name][1],
            )
        )
    height = max(ends[-1].top + max(ends[-1].height, _LINES) for ends in (left, right))
    return Ribbons(
        title=side.title,
        n=side.n,
        width=_WIDTH,
        height=height,
        ribbons=tuple(made),
        left=tuple(left),
        right=tuple(right),
    )


def _ends(flows: Any, wide: Mapping[Change, float], end: int) -> Iterator[End]:
    top = 0.0
    for kind in _ORDER:
        mine = [(name, n) for name, _, n in flows if _ENDS[name][end] == kind]
        if mine:
            height = sum(wide[name] for name, _ in mine)
            yield End(
                says=_SAYS[kind], kind=kind, n=sum(n for _, n in mine), top=top, height=height
            )
            top += max(height, _LINES) + _GAP


def _path(left: float, right: float, width: float) -> str:
    """Return a band from the left edge to the right one, bent in the middle."""
    half = _WIDTH / 2
    up = f"M0 {left:.1f}C{half:.0f} {left:.1f} {half:.0f} {right:.1f} {_WIDTH:.0f} {right:.1f}"
    low, end = right + width, left + width
    down = f"V{low:.1f}C{half:.0f} {low:.1f} {half:.0f} {end:.1f} 0 {end:.1f}Z"
    return up + down
