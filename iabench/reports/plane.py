"""The accuracy-engagement plane of a run, with the arcs of equal distance."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from iabench.records import Estimate
from iabench.reports import words
from iabench.reports.charts import FIRST, INK, LINE, MUTED, SHADE, Chart, drawn, told
from iabench.reports.shown import visible
from iabench.reports.view import View

__all__ = ["Point", "backdrop", "contour", "plane", "points", "start_of"]

_STEPS = {0.0: 0.1, 0.5: 0.1, 0.8: 0.05}
"""Where the axes begin, and how far apart the contours are then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One task, or the suite, on the plane."""

    sign: str
    """What stands beside it in the drawing: a number, or nothing for the suite."""
    task: str
    engagement: Estimate
    accuracy: Estimate
    aed: Estimate | None
    first: bool


def points(view: View) -> tuple[Point, ...]:
    """Return what has both coordinates, the headline first."""
    names = [view.headline] if view.headline else []
    names += [card.spec.name for card in view.tasks if card.spec.name != view.headline]
    found: list[Point] = []
    for name in names:
        engagement = view.estimate("engagement_rate", name)
        accuracy = view.estimate("accuracy", name)
        if engagement is None or accuracy is None:
            continue
        if engagement.value is None or accuracy.value is None:
            continue
        first = name == view.headline
        found.append(
            Point(
                sign="all" if first else str(len([one for one in found if not one.first]) + 1),
                task=name,
                engagement=engagement,
                accuracy=accuracy,
                aed=view.estimate("aed", name),
                first=first,
            )
        )
    return tuple(found)


def contour(aed: float, steps: int = 60) -> list[tuple[float, float]]:
    """Return (engagement, accuracy) where the accuracy-engagement distance is `aed`.

    With e = (C + I) / D and a = C / D the definition (arXiv 2410.17234), AED^2 = (I^2 + (D - C)^2)
    / (2 D^2), reads 2 AED^2 = (e - a)^2 + (1 - a)^2. Only a <= e <= 1 can happen.
    """
    # At e = 1 the distance is 1 - a; at e = a it is (1 - a) / sqrt 2.
    low, high = 1 - math.sqrt(2) * aed, 1 - aed
    found = []
    for step in range(steps + 1):
        a = low + (high - low) * step / steps
        e = a + math.sqrt(max(0.0, 2 * aed * aed - (1 - a) ** 2))
        if 0 <= a <= e <= 1 + 1e-9:
            found.append((min(e, 1.0), a))
    return found


def plane(view: View) -> Chart | None:
    """Return the accuracy-engagement plane, or None where no task has both."""
    shown = points(view)
    if not shown:
        return None
    import altair as alt

    start = start_of(
        [
            end
            for point in shown
            for one in (point.engagement, point.accuracy)
            for end in (one.value, one.lo)
        ]
    )
    axes, layers = backdrop(start)
    chart = alt.layer(*layers, *_crosses(alt, axes, shown), *_marks(alt, axes, shown, start))
    says = "Accuracy against engagement; the table beside it holds the same numbers."
    return drawn(chart.properties(width=420, height=420), says=says, mark="plane")


def start_of(ends: Iterable[float | None]) -> float:
    """Return where both axes begin: as late as all of these allow, so that points stand apart."""
    least = min(end for end in ends if end is not None)
    return max(start for start in _STEPS if start <= least)


def backdrop(start: float) -> tuple[dict[str, Any], list[Any]]:
    """Return the axes (engagement `e`, accuracy `a`), and what lies behind all points: the arcs."""
    import altair as alt

    axes = _axes(alt, start)
    return axes, [_impossible(alt, axes), *_contours(alt, axes, start), _corner(alt, axes, start)]


def _axes(alt: Any, start: float) -> dict[str, Any]:
    ticks = [start + (1 - start) * i / 4 for i in range(5)]
    axis = {"values": ticks, "format": ".0%"}
    scale = alt.Scale(domain=[start, 1], nice=False)
    return {
        "x": alt.X("e:Q", scale=scale, axis=alt.Axis(title="answers at all", **axis)),
        "y": alt.Y("a:Q", scale=scale, axis=alt.Axis(title="right, of all questions", **axis)),
    }


def _impossible(alt: Any, axes: dict[str, Any]) -> Any:
    data = alt.Data(values=[{"e": 0, "a": 0, "b": 1}, {"e": 1, "a": 1, "b": 1}])
    area = alt.Chart(data).mark_area(color=SHADE, opacity=1, clip=True)
    return area.encode(**axes, y2="b:Q")


def _contours(alt: Any, axes: dict[str, Any], start: float) -> list[Any]:
    step = _STEPS[start]
    levels = [aed for i in range(1, 15) if (aed := round(step * i, 2)) <= 0.7]
    curves = [
        {"e": e, "a": a, "c": aed, "i": i}
        for aed in levels
        for i, (e, a) in enumerate(contour(aed))
    ]
    # At full engagement the distance is 1 - accuracy, so the right edge carries the names.
    names = [{"e": 1, "a": 1 - aed, "c": f"{aed:.2g}"[1:]} for aed in levels if 1 - aed >= start]
    names.append({"e": 1, "a": 1, "c": "AED 0"})
    line = alt.Chart(alt.Data(values=curves)).mark_line(color=LINE, strokeWidth=1, clip=True)
    text = alt.Chart(alt.Data(values=names)).mark_text(align="left", dx=7, color=MUTED, fontSize=11)
    return [line.encode(**axes, detail="c:N", order="i:Q"), text.encode(**axes, text="c:N")]


def _corner(alt: Any, axes: dict[str, Any], start: float) -> Any:
    at = {"e": start + 0.03 * (1 - start), "a": 1 - 0.05 * (1 - start)}
    values = [{**at, "t": "cannot be: right more often than it answers"}]
    text = alt.Chart(alt.Data(values=values)).mark_text(align="left", color=MUTED, fontSize=11)
    return text.encode(**axes, text="t:N")


def _crosses(alt: Any, axes: dict[str, Any], shown: tuple[Point, ...]) -> list[Any]:
    found = []
    for point in shown:
        e, a = point.engagement, point.accuracy
        style = {"color": FIRST if point.first else INK, "strokeWidth": 1.5, "opacity": 0.75}
        for x, x2, y, y2 in ((e.lo, e.hi, a.value, a.value), (e.value, e.value, a.lo, a.hi)):
            if None not in (x, x2, y, y2):
                data = alt.Data(values=[{"e": x, "e2": x2, "a": y, "a2": y2}])
                rule = alt.Chart(data).mark_rule(**style)
                found.append(rule.encode(**axes, x2="e2:Q", y2="a2:Q"))
    return found


def _marks(alt: Any, axes: dict[str, Any], shown: tuple[Point, ...], start: float) -> list[Any]:
    found = []
    for point, (x, y) in zip(shown, _beside(shown, start), strict=True):
        # Signs, not names: a task's name may come from a stranger's file, and names overlap.
        datum = {"e": point.engagement.value, "a": point.accuracy.value, "t": point.sign}
        datum |= _said(point)
        chart = alt.Chart(alt.Data(values=[datum])).encode(**axes, tooltip=told(alt, **_TOLD))
        colour = FIRST if point.first else INK
        found.append(chart.mark_circle(color=colour, size=80 if point.first else 50, opacity=1))
        text = chart.mark_text(
            align="center", baseline="middle", dx=x, dy=y, color=colour, fontSize=13,
            fontWeight="bold",
        )  # fmt: skip
        found.append(text.encode(text="t:N"))
    return found


_TOLD = {"task": "task", "answers": "answers", "right": "right", "aed": "AED"}


def _said(point: Point) -> dict[str, str]:
    """Return what a point says when it is pointed at: what the table says of it."""
    found = {"answers": point.engagement, "right": point.accuracy, "aed": point.aed}
    figures = {
        name: f"{words.number(one.value)} {words.interval(one)}".strip() if one else "–"
        for name, one in found.items()
    }
    return {"task": visible(point.task), **figures}


def _beside(shown: tuple[Point, ...], start: float) -> list[tuple[float, float]]:
    """Return where each sign stands, in pixels from its point, away from points and other signs."""
    scale = 420 / (1 - start)
    at = [((p.engagement.value or 0) * scale, -(p.accuracy.value or 0) * scale) for p in shown]
    taken: list[tuple[float, float]] = []
    found: list[tuple[float, float]] = []
    for x, y in at:
        ways = [(far * dx, far * dy) for far in (16, 28) for dx in (-1, 1) for dy in (1, -1)]

        def room(way: tuple[float, float], x: float = x, y: float = y) -> float:
            others = [*at, *taken]
            nearest = min(math.dist((x + way[0], y + way[1]), other) for other in others)
            return min(nearest, 22) - 0.1 * math.hypot(*way)

        best = max(ways, key=room)
        taken.append((x + best[0], y + best[1]))
        found.append(best)
    return found
