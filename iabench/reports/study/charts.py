"""The charts of a study, as inline SVG: the plane and the trials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from iabench.reports.charts import FIRST, INK, MUTED, drawn
from iabench.reports.study.words import BASE

__all__ = ["plane", "plane_chart", "trials"]

Table = Mapping[str, Any]
_HIGH, _WIDE = 380, 440
_APART, _ASIDE = 15, 8
"""Pixels between the names of two rows, and between a name and another row's spread."""


def plane(table: Table) -> str:
    """Return `plane_chart` as an SVG element; nothing where no row has both figures."""
    chart = plane_chart(table)
    name = "Refusals on new names against accuracy on old facts; the table holds the same numbers."
    return "" if chart is None else drawn(chart, name=name, mark="study-plane")


def plane_chart(table: Table) -> Any:
    """Return refusals on new names against what is still right of the old: good is up and right.

    A small dot is one cell, a cross mean ± sd. None where no row has both.
    """
    import altair as alt

    rows = [row for row in table["rows"] if _mean(row, "accuracy") is not None]
    rows = [row for row in rows if _mean(row, "refusal_accuracy") is not None]
    if not rows:
        return None
    values = [value for row in rows for value in row["accuracy"]["values"] if value is not None]
    low = max(0.0, min(0.9, (int(10 * min(values) - 0.5)) / 10))
    axes = {
        "x": _axis(alt, alt.X, "x", "right on what it knew before", low),
        "y": _axis(alt, alt.Y, "y", "says “I don't know” on new names", 0.0),
    }
    layers = [_dots(alt, axes, rows)]
    for row, (dx, dy, align) in zip(rows, _places(rows, low), strict=True):
        layers += _cross(alt, axes, row, dx, dy, align)
    return alt.layer(*layers).properties(width=_WIDE, height=_HIGH)


def trials(table: Table) -> str:
    """Return all trials that settings were chosen from: what they were chosen by, and its price."""
    import altair as alt

    if not table["trials"]:
        return ""
    by_aed = "aed" in table["trials"][0]
    x, along = ("paraphrase_accuracy", "facts in other words, validation")
    y, up = ("awareness_score", "awareness, validation")
    if by_aed:
        x, along = ("over_refusal_rate", "taught facts that are declined, validation")
        y, up = ("aed", "AED, validation: lower is better")
    values = [
        {
            "x": trial[x],
            "y": trial[y],
            "m": trial["method"],
            "c": bool(trial["chosen"]),
        }
        for trial in table["trials"]
    ]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("x:Q", axis=alt.Axis(title=along, format=".0%")),
        y=alt.Y("y:Q", axis=alt.Axis(title=up), scale=alt.Scale(zero=not by_aed)),
    )
    tried = base.transform_filter("!datum.c").mark_point(color=MUTED, size=30, opacity=0.8)
    taken = base.transform_filter("datum.c").mark_circle(color=FIRST, size=70, opacity=1)
    text = base.transform_filter("datum.c").mark_text(
        align="right", dx=-8, color=INK, fontSize=11
    )  # fmt: skip
    chart = alt.layer(tried, taken, text.encode(text="m:N")).properties(width=_WIDE, height=300)
    name = "Every trial on validation questions; the one chosen for each method is filled."
    return drawn(chart, name=name, mark="trials")


def _axis(alt: Any, kind: Any, field: str, title: str, low: float) -> Any:
    scale = alt.Scale(domain=[low, 1.0], nice=False)
    return kind(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, format=".0%", tickCount=5))


def _dots(alt: Any, axes: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Any:
    values = [
        {"x": x, "y": y}
        for row in rows
        for x, y in zip(row["accuracy"]["values"], row["refusal_accuracy"]["values"], strict=True)
        if x is not None and y is not None
    ]
    chart = alt.Chart(alt.Data(values=values)).mark_circle(color=MUTED, size=22, opacity=0.7)
    return chart.encode(**axes)


def _cross(
    alt: Any, axes: Mapping[str, Any], row: Mapping[str, Any], dx: float, dy: float, align: str
) -> list[Any]:
    x, y = _mean(row, "accuracy") or 0.0, _mean(row, "refusal_accuracy") or 0.0
    colour = FIRST if row["method"] == BASE else INK
    found = []
    for by_x, sd in ((True, row["accuracy"]["sd"]), (False, row["refusal_accuracy"]["sd"])):
        if sd:
            ends = {"x": x - sd, "x2": min(1.0, x + sd), "y": y, "y2": y}
            if not by_x:
                ends = {"x": x, "x2": x, "y": max(0.0, y - sd), "y2": min(1.0, y + sd)}
            rule = alt.Chart(alt.Data(values=[ends])).mark_rule(
                color=colour, strokeWidth=1.4, opacity=0.8, clip=True
            )
            found.append(rule.encode(**axes, x2="x2:Q", y2="y2:Q"))
    datum = alt.Data(values=[{"x": x, "y": y, "t": row["method"]}])
    chart = alt.Chart(datum).encode(**axes)
    found.append(chart.mark_point(color=colour, filled=True, size=46, shape="diamond", opacity=1))
    text = chart.mark_text(
        align=align, baseline="middle", dx=dx, dy=dy, color=colour, fontSize=12, fontWeight="bold"
    )
    found.append(text.encode(text="t:N"))
    return found


def _places(rows: Sequence[Mapping[str, Any]], low: float) -> list[tuple[float, float, str]]:
    """Return (dx, dy, align) of each name: beside its spread, and on no other name or spread."""
    at = [
        (
            ((_mean(row, "accuracy") or 0.0) - low) / (1 - low) * _WIDE,
            (1 - (_mean(row, "refusal_accuracy") or 0.0)) * _HIGH,
        )
        for row in rows
    ]
    found: list[tuple[float, float, str]] = [(0.0, 0.0, "left")] * len(rows)
    spread = [(row["accuracy"]["sd"] or 0.0) / (1 - low) * _WIDE for row in rows]
    taken = [(y, x - sd, min(x + sd, _WIDE), _ASIDE) for (x, y), sd in zip(at, spread, strict=True)]
    for i in sorted(range(len(rows)), key=lambda i: -at[i][1]):
        (x, y), aside = at[i], spread[i] + 10
        long = 7.2 * len(rows[i]["method"]) + 6
        free = (
            (left, level, start)
            for shift in range(0, _HIGH, 3)
            for level in (y - shift, y + shift)
            for left in (x > _WIDE / 2, x <= _WIDE / 2)
            if level <= _HIGH
            and 0 <= (start := x - aside - long if left else x + aside) <= _WIDE - long
            and not any(
                abs(level - other) < apart and start < end + 4 and start + long > begin - 4
                for other, begin, end, apart in taken
            )
        )
        left, level, start = next(free, (True, y, x - aside - long))
        taken.append((level, start, start + long, _APART))
        found[i] = (-aside if left else aside, level - y, "right" if left else "left")
    return found


def _mean(row: Mapping[str, Any], figure: str) -> float | None:
    value: float | None = row[figure]["mean"]
    return value
