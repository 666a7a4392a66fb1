"""The charts of a study, as inline SVG: the plane, the trials, and what moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from iabench.reports.charts import FIRST, INK, MUTED, drawn
from iabench.reports.study.words import BASE

__all__ = ["moved", "plane", "probes", "scatter", "trials"]

Table = Mapping[str, Any]
_HIGH, _WIDE = 380, 440
_APART = 15
"""Pixels between the names of two rows."""
_LINES: tuple[list[int], ...] = ([], [6, 3], [2, 2], [8, 2, 2, 2], [1, 3], [12, 4])
"""Dashes: lines are told apart without colour."""


def plane(table: Table) -> str:
    """Return refusals on new names against what is still right of the old: good is up and right.

    A small dot is one cell, a cross mean ± sd. Nothing where no row has both.
    """
    import altair as alt

    rows = [row for row in table["rows"] if _mean(row, "accuracy") is not None]
    rows = [row for row in rows if _mean(row, "refusal_accuracy") is not None]
    if not rows:
        return ""
    values = [value for row in rows for value in row["accuracy"]["values"] if value is not None]
    low = max(0.0, min(0.9, (int(10 * min(values) - 0.5)) / 10))
    axes = {
        "x": _axis(alt, alt.X, "x", "right on what it knew before", low),
        "y": _axis(alt, alt.Y, "y", "says “I don't know” on new names", 0.0),
    }
    layers = [_dots(alt, axes, rows)]
    for row, (dx, dy, align) in zip(rows, _places(rows, low), strict=True):
        layers += _cross(alt, axes, row, dx, dy, align)
    chart = alt.layer(*layers).properties(width=_WIDE, height=_HIGH)
    name = "Refusals on new names against accuracy on old facts; the table holds the same numbers."
    return drawn(chart, name=name, mark="study-plane")


def trials(table: Table) -> str:
    """Return all trials that settings were chosen from: awareness against facts learned."""
    import altair as alt

    if not table["trials"]:
        return ""
    values = [
        {
            "x": trial["paraphrase_accuracy"],
            "y": trial["awareness_score"],
            "m": trial["method"],
            "c": bool(trial["chosen"]),
        }
        for trial in table["trials"]
    ]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("x:Q", axis=alt.Axis(title="facts in other words, validation", format=".0%")),
        y=alt.Y("y:Q", axis=alt.Axis(title="awareness, validation")),
    )
    tried = base.transform_filter("!datum.c").mark_point(color=MUTED, size=30, opacity=0.8)
    taken = base.transform_filter("datum.c").mark_circle(color=FIRST, size=70, opacity=1)
    text = base.transform_filter("datum.c").mark_text(
        align="right", dx=-8, color=INK, fontSize=11
    )  # fmt: skip
    chart = alt.layer(tried, taken, text.encode(text="m:N")).properties(width=_WIDE, height=300)
    name = "Every trial on validation names; the one chosen for each method is filled."
    return drawn(chart, name=name, mark="trials")


def moved(drift: Table, name: str) -> str:
    """Return how far the activations of a set moved, relative to the base, by layer and method."""
    lines = {
        method: [_at(layer, name, "relative") for layer in one["layers"]]
        for method, one in drift["methods"].items()
        if method != BASE
    }
    return _by_layer(lines, "mean L2 over the base's norm", f"moved-{name.replace('_', '-')}")


def probes(drift: Table, kind: str) -> str:
    """Return the AUROC of a probe of known against unknown, by layer and method."""
    lines = {
        method: [layer["probe"][kind] for layer in one["layers"]]
        for method, one in drift["methods"].items()
    }
    return _by_layer(lines, "AUROC, known against unknown", f"probe-{kind}")


def scatter(drift: Table, method: str) -> str:
    """Return the last layer on the two first axes of the base's unknown set, for one method."""
    import altair as alt

    points = drift["methods"][method].get("plane")
    if not points:
        return ""
    values = [
        {"x": x, "y": y, "s": name.replace("_", " ")}
        for name, some in points.items()
        for x, y in some
    ]
    colours = alt.Scale(domain=[n.replace("_", " ") for n in points], range=[MUTED, INK, FIRST])
    shapes = alt.Scale(
        domain=[n.replace("_", " ") for n in points], range=["circle", "square", "triangle-up"]
    )
    legend = alt.Legend(title=None, labelColor=MUTED, orient="bottom")
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_point(size=18, opacity=0.75, filled=True)
        .encode(
            x=alt.X("x:Q", axis=alt.Axis(title="first axis", labels=False, ticks=False)),
            y=alt.Y("y:Q", axis=alt.Axis(title="second axis", labels=False, ticks=False)),
            color=alt.Color("s:N", scale=colours, legend=legend),
            shape=alt.Shape("s:N", scale=shapes, legend=legend),
        )
        .properties(width=300, height=240)
    )
    said = f"Last layer of {method} on the axes of the base's unknown set."
    return drawn(chart, name=said, mark=f"scatter-{method}")


def _by_layer(lines: Mapping[str, Sequence[float | None]], title: str, mark: str) -> str:
    import altair as alt

    values = [
        {"l": layer, "v": value, "m": method}
        for method, some in lines.items()
        for layer, value in enumerate(some)
        if value is not None
    ]
    if not values:
        return ""
    methods = list(lines)
    dashes = alt.Scale(domain=methods, range=[_LINES[i % len(_LINES)] for i in range(len(methods))])
    colours = alt.Scale(
        domain=methods, range=[(INK, FIRST, MUTED)[i // 2 % 3] for i in range(len(methods))]
    )
    legend = alt.Legend(title=None, labelColor=MUTED, symbolStrokeWidth=2, symbolSize=300)
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_line(strokeWidth=1.8, point=False)
        .encode(
            x=alt.X("l:O", axis=alt.Axis(title="layer (0: embeddings)", labelAngle=0)),
            y=alt.Y("v:Q", axis=alt.Axis(title=title)),
            strokeDash=alt.StrokeDash("m:N", scale=dashes, legend=legend),
            color=alt.Color("m:N", scale=colours, legend=legend),
        )
        .properties(width=300, height=220)
    )
    return drawn(chart, name=f"{title}, by layer.", mark=mark)


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
    """Return (dx, dy, align) of each name, so that no two names stand on each other."""
    at = [
        (
            ((_mean(row, "accuracy") or 0.0) - low) / (1 - low) * _WIDE,
            (1 - (_mean(row, "refusal_accuracy") or 0.0)) * _HIGH,
        )
        for row in rows
    ]
    found: list[tuple[float, float, str]] = [(0.0, 0.0, "left")] * len(rows)
    taken: list[tuple[float, float, float]] = []
    # From the bottom up: names that would meet move upwards.
    for i in sorted(range(len(rows)), key=lambda i: -at[i][1]):
        x, y = at[i]
        long = 7.2 * len(rows[i]["method"])
        left = x > _WIDE / 2
        start = x - 10 - long if left else x + 10
        level = y
        while any(
            abs(level - other) < _APART and start < end and start + long > begin
            for other, begin, end in taken
        ):
            level -= 3
        taken.append((level, start, start + long))
        found[i] = (-10.0 if left else 10.0, level - y, "right" if left else "left")
    return found


def _mean(row: Mapping[str, Any], figure: str) -> float | None:
    value: float | None = row[figure]["mean"]
    return value


def _at(layer: Mapping[str, Any], name: str, what: str) -> float | None:
    found: float | None = layer["sets"].get(name, {}).get(what)
    return found
