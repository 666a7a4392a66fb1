"""Charts of a run as inline SVG: drawn by Vega-Lite, coloured by the page.

Colours are place-holders that the page's style sheet replaces (attribute selectors on `fill` and
`stroke`), so one drawing serves the light and the dark theme.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from iabench.records import Estimate
from iabench.reports.view import View

__all__ = ["FIRST", "INK", "LINE", "MUTED", "SHADE", "Point", "contour", "plane", "points"]

INK, MUTED, LINE, SHADE, FIRST = "#010101", "#020202", "#030303", "#040404", "#050505"
_CONTOURS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


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


def plane(view: View) -> str:
    """Return the accuracy-engagement plane as an SVG element, or nothing where no task has both."""
    shown = points(view)
    if not shown:
        return ""
    import altair as alt
    import vl_convert

    layers = [_impossible(alt), _contours(alt), _contour_names(alt), _corner(alt)]
    chart = alt.layer(*layers, *_crosses(alt, shown), *_marks(alt, shown))
    chart = chart.properties(width=420, height=420, background="transparent")
    chart = chart.configure_view(stroke=None).configure_axis(
        grid=False,
        domainColor=LINE,
        tickColor=LINE,
        labelColor=MUTED,
        titleColor=INK,
        titleFontWeight="normal",
        labelFontSize=12,
        titleFontSize=13,
        titlePadding=10,
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return _inline(svg)


def _inline(svg: str) -> str:
    start = svg.index("<svg")
    svg = re.sub(r'\swidth="[\d.]+" height="[\d.]+"', "", svg[start:], count=1)
    svg = re.sub(r'\s(font-family|xmlns:xlink|aria-roledescription|aria-label)="[^"]*"', "", svg)
    name = "Accuracy against engagement; the table beside it holds the same numbers."
    return svg.replace("<svg", f'<svg role="img" aria-label="{name}"', 1)


def _axes(alt: Any) -> dict[str, Any]:
    axis = {"values": [0, 0.25, 0.5, 0.75, 1], "format": ".0%"}
    scale = alt.Scale(domain=[0, 1], nice=False)
    return {
        "x": alt.X("e:Q", scale=scale, axis=alt.Axis(title="answers at all", **axis)),
        "y": alt.Y("a:Q", scale=scale, axis=alt.Axis(title="right, of all questions", **axis)),
    }


def _impossible(alt: Any) -> Any:
    data = alt.Data(values=[{"e": 0, "a": 0, "b": 1}, {"e": 1, "a": 1, "b": 1}])
    return alt.Chart(data).mark_area(color=SHADE, opacity=1).encode(**_axes(alt), y2="b:Q")


def _contours(alt: Any) -> Any:
    values = [
        {"e": e, "a": a, "c": aed, "i": i}
        for aed in _CONTOURS
        for i, (e, a) in enumerate(contour(aed))
    ]
    line = alt.Chart(alt.Data(values=values)).mark_line(color=LINE, strokeWidth=1)
    return line.encode(**_axes(alt), detail="c:N", order="i:Q")


def _contour_names(alt: Any) -> Any:
    values = [{"e": 1, "a": 1 - aed, "c": f"{aed:.1f}"[1:]} for aed in _CONTOURS]
    values.append({"e": 1, "a": 1, "c": "AED 0"})
    text = alt.Chart(alt.Data(values=values)).mark_text(
        align="left", dx=7, color=MUTED, fontSize=11, clip=False
    )
    return text.encode(**_axes(alt), text="c:N")


def _corner(alt: Any) -> Any:
    values = [{"e": 0.03, "a": 0.95, "t": "cannot be: right more often than it answers"}]
    text = alt.Chart(alt.Data(values=values)).mark_text(align="left", color=MUTED, fontSize=11)
    return text.encode(**_axes(alt), text="t:N")


def _crosses(alt: Any, shown: tuple[Point, ...]) -> list[Any]:
    found = []
    for point in shown:
        e, a = point.engagement, point.accuracy
        style = {"color": FIRST if point.first else INK, "strokeWidth": 1.5, "opacity": 0.75}
        for x, x2, y, y2 in ((e.lo, e.hi, a.value, a.value), (e.value, e.value, a.lo, a.hi)):
            if None not in (x, x2, y, y2):
                data = alt.Data(values=[{"e": x, "e2": x2, "a": y, "a2": y2}])
                rule = alt.Chart(data).mark_rule(**style)
                found.append(rule.encode(**_axes(alt), x2="e2:Q", y2="a2:Q"))
    return found


def _marks(alt: Any, shown: tuple[Point, ...]) -> list[Any]:
    found = []
    for point in shown:
        # Signs, not names: a task's name may come from a stranger's file, and names overlap.
        datum = {"e": point.engagement.value, "a": point.accuracy.value, "t": point.sign}
        chart = alt.Chart(alt.Data(values=[datum])).encode(**_axes(alt))
        colour = FIRST if point.first else INK
        found.append(chart.mark_circle(color=colour, size=90 if point.first else 60, opacity=1))
        found.append(
            chart.mark_text(
                align="right", dx=-9, dy=11, color=colour, fontSize=12, fontWeight="bold"
            ).encode(text="t:N")
        )
    return found
