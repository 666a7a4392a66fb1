"""The charts of a study: the plane and the trials."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from iabench.reports.charts import FIRST, INK, MUTED, Chart, drawn, told
from iabench.reports.shown import visible
from iabench.reports.study import words
from iabench.reports.study.words import BASE

__all__ = ["plane", "plane_chart", "trials"]

Table = Mapping[str, Any]
_HIGH, _LOW, _WIDE = 380, 340, 440
_APART, _ASIDE = 15, 8
"""Pixels between the names of two rows, and between a name and another row's spread."""


class _At(NamedTuple):
    """Where something with a name stands, in pixels, y from the top."""

    x: float
    y: float
    spread: float
    """To either side."""
    name: str


def plane(table: Table) -> Chart | None:
    """Return `plane_chart` in the page's dress; None where no row has both figures."""
    chart = plane_chart(table)
    says = "Refusals on new names against accuracy on old facts; the table holds the same numbers."
    return None if chart is None else drawn(chart, says=says, mark="study-plane")


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
    places = _places([_at(row, low) for row in rows], _HIGH)
    for row, (dx, dy, align) in zip(rows, places, strict=True):
        layers += _cross(alt, axes, row, dx, dy, align)
    return alt.layer(*layers).properties(width=_WIDE, height=_HIGH)


def trials(table: Table) -> Chart | None:
    """Return all trials that settings were chosen from: what they were chosen by, and its price."""
    import altair as alt

    if not table["trials"]:
        return None
    x, along = ("paraphrase_accuracy", "facts in other words, validation")
    y, up = ("awareness_score", "awareness, validation")
    if turned := "aed" in table["trials"][0]:
        x, along = ("over_refusal_rate", "taught facts that are declined, validation")
        y, up = ("aed", "AED, validation: less, so higher up, is better")
    values = [
        {
            "x": trial[x],
            "y": trial[y],
            "m": visible(trial["method"]),
            "c": bool(trial["chosen"]),
            "facts": words.number(trial[x]),
            "aware": words.number(trial[y]),
            "settings": visible(_settings(trial)),
        }
        for trial in table["trials"]
    ]
    # Up is better in both: AED, a distance, is drawn from the top down.
    if turned:
        top, bottom = _tenths(one["y"] for one in values)
    else:
        top, bottom = 1.0, min(0.0, *(one["y"] for one in values)) // 0.2 * 0.2
    most = _tenths(one["x"] for one in values)[1] if turned else 1.0
    wide = alt.Scale(domain=[0, most], nice=False)
    high = alt.Scale(domain=sorted([bottom, top]), nice=False, reverse=turned)
    said = told(alt, m="method", settings="settings", facts=along, aware=up)
    axes = {
        "x": alt.X("x:Q", scale=wide, axis=alt.Axis(title=along, format=".0%")),
        "y": alt.Y("y:Q", scale=high, axis=alt.Axis(title=up, tickCount=5)),
    }
    taken = [one for one in values if one["c"]]
    layers = [
        alt.Chart(alt.Data(values=[one for one in values if not one["c"]]))
        .mark_point(color=MUTED, size=30, opacity=0.8)
        .encode(**axes, tooltip=said)
    ]
    at = [
        _At(one["x"] / most * _WIDE, (top - one["y"]) / (top - bottom) * _LOW, 0, one["m"])
        for one in taken
    ]
    for one, (dx, dy, align) in zip(taken, _places(at, _LOW), strict=True):
        dot = alt.Chart(alt.Data(values=[one])).encode(**axes)
        text = dot.mark_text(
            align=align, baseline="middle", dx=dx, dy=dy, color=INK, fontSize=11,
            fontWeight="bold",
        )  # fmt: skip
        layers += [
            dot.mark_circle(color=FIRST, size=70, opacity=1).encode(tooltip=said),
            text.encode(text="m:N"),
        ]
    chart = alt.layer(*layers).properties(width=_WIDE, height=_LOW)
    says = "Every trial on validation questions; the one chosen for each method is filled."
    return drawn(chart, says=says, mark="trials")


def _tenths(values: Iterable[float]) -> tuple[float, float]:
    """Return the ends of an axis of whole tenths that holds all values."""
    tenths = [10 * value for value in values]
    first = math.floor(min(tenths))
    return first / 10, max(math.ceil(max(tenths)), first + 1) / 10


def _axis(alt: Any, kind: Any, field: str, title: str, low: float) -> Any:
    scale = alt.Scale(domain=[low, 1.0], nice=False)
    return kind(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, format=".0%", tickCount=5))


def _dots(alt: Any, axes: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Any:
    values = [
        {
            "x": x,
            "y": y,
            "method": visible(row["method"]),
            "cell": f"{at} of {len(row['accuracy']['values'])}",
            "admits": words.number(y),
            "right": words.number(x),
        }
        for row in rows
        for at, (x, y) in enumerate(
            zip(row["accuracy"]["values"], row["refusal_accuracy"]["values"], strict=True), start=1
        )
        if x is not None and y is not None
    ]
    chart = alt.Chart(alt.Data(values=values)).mark_circle(color=MUTED, size=22, opacity=0.7)
    said = told(alt, method="method", cell="cell", admits="“don't know”", right="still right")
    return chart.encode(**axes, tooltip=said)


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
    about = _about(row)
    said = {name: text for name, (_, text) in about.items() if text}
    datum = alt.Data(values=[{"x": x, "y": y, "t": visible(row["method"]), **said}])
    titles = {"t": "method", **{name: about[name][0] for name in said}}
    chart = alt.Chart(datum).encode(**axes, tooltip=told(alt, **titles))
    found.append(chart.mark_point(color=colour, filled=True, size=46, shape="diamond", opacity=1))
    text = chart.mark_text(
        align=align, baseline="middle", dx=dx, dy=dy, color=colour, fontSize=12, fontWeight="bold"
    )
    found.append(text.encode(text="t:N"))
    return found


def _at(row: Mapping[str, Any], low: float) -> _At:
    """Return where a row stands on the plane."""
    x, y = _mean(row, "accuracy") or 0.0, _mean(row, "refusal_accuracy") or 0.0
    scale = _WIDE / (1 - low)
    spread = (row["accuracy"]["sd"] or 0.0) * scale
    return _At((x - low) * scale, (1 - y) * _HIGH, spread, row["method"])


def _about(row: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return what a row says when it is pointed at: by field, its title and its text."""
    costs = row["costs"]
    seconds, memory = costs["seconds"]["mean"], costs["peak_memory"]["mean"]
    return {
        "learned": ("learned", words.shown(row["finetuning_accuracy"])),
        "admits": ("“don't know” on new names", words.shown(row["refusal_accuracy"])),
        "right": ("still right", words.shown(row["accuracy"])),
        "refuses": ("over-refuses", words.shown(row["over_refusal_rate"])),
        "against": (
            "“don't know”, against",
            words.difference((row.get("against") or {}).get("refusal_accuracy")),
        ),
        "seconds": ("seconds to tune", "" if seconds is None else f"{seconds:,.0f}"),
        "memory": ("peak memory", "" if memory is None else f"{memory / 1e6:,.0f} MB"),
    }


def _settings(trial: Mapping[str, Any]) -> str:
    shown = {
        k: f"{v:g}" if isinstance(v, float) else v for k, v in trial.get("settings", {}).items()
    }
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in shown.items())


def _places(points: Sequence[_At], high: int) -> list[tuple[float, float, str]]:
    """Return (dx, dy, align) of each name: beside its spread, and on no other name or spread.

    Args:
        points: what has names.
        high: of the chart.
    """
    found: list[tuple[float, float, str]] = [(0.0, 0.0, "left")] * len(points)
    taken = [(p.y, p.x - p.spread, min(p.x + p.spread, _WIDE), _ASIDE) for p in points]
    for i in sorted(range(len(points)), key=lambda i: -points[i].y):
        x, y, spread, name = points[i]
        aside, long = spread + 10, 7.2 * len(name) + 6
        free = (
            (left, level, start)
            for shift in range(0, high, 3)
            for level in (y - shift, y + shift)
            for left in (x > _WIDE / 2, x <= _WIDE / 2)
            if level <= high
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
