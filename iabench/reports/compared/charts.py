"""The charts of a comparison: where models moved, and differences by task and by relation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iabench.records import Difference
from iabench.reports import intervals, plane
from iabench.reports.charts import FALSE, FIRST, INK, RIGHT, Chart, drawn, told
from iabench.reports.compared import words
from iabench.reports.shown import cut, one_line
from iabench.reports.words import count, number, task_name
from iabench.runs.compare import Comparison

__all__ = ["changes", "moves"]

_SHADES: dict[str, intervals.Shade] = {"better": "right", "worse": "false"}
_WIDE = 380


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where the base stands on two figures, and where a tuned model does."""

    name: str
    x: Difference
    y: Difference


def moves(found: Sequence[Comparison]) -> list[tuple[str, Chart]]:
    """Return (title, chart) of the planes that at least one model moved on.

    Args:
        found: comparisons of one base with one or several models.
    """
    made = []
    admits = [
        Move(name=one.names[1], x=x, y=y)
        for one in found
        if (x := _there(one, "accuracy")) and (y := _there(one, "refusal_accuracy"))
    ]
    if admits:
        made.append(("What it knows, and what it admits", _knows(admits)))
    engaged = [
        Move(name=name, x=x, y=y)
        for one in found
        for name, task in _parts(one, several=len(found) > 1)
        if (x := _there(one, "engagement_rate", task)) and (y := _there(one, "accuracy", task))
    ]
    if engaged:
        made.append(("Accuracy and engagement", _engages(engaged)))
    return made


def _parts(one: Comparison, *, several: bool) -> list[tuple[str, str]]:
    """Return (name, task or suite): of one comparison its tasks too, if there is more than one."""
    if several:
        return [(one.names[1], one.headline)]
    tasks = [task for task in one.shared.tasks if _there(one, "accuracy", task)]
    names = [one.headline, *tasks] if len(tasks) > 1 else tasks
    return [(task_name(task), task) for task in dict.fromkeys(names)]


def _there(one: Comparison, metric: str, task: str | None = None) -> Difference | None:
    found = one.difference(metric, task)
    return found if found is not None and found.value is not None else None


def _knows(found: Sequence[Move]) -> Chart:
    import altair as alt

    scale = alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(format=".0%", tickCount=5)
    axes = {
        "x": alt.X("e:Q", scale=scale, axis=axis, title="right on what it should know"),
        "y": alt.Y("a:Q", scale=scale, axis=axis, title="says “I don't know” when it should"),
    }
    says = "Refusals against accuracy, from the base to what was tuned; good is up and right."
    return _drawn(axes, [], found, ("right", "“I don't know”"), says, "knows")


def _engages(found: Sequence[Move]) -> Chart:
    axes, layers = plane.backdrop(
        plane.start_of(end for one in found for d in (one.x, one.y) for end in (d.base, d.tuned))
    )
    says = "Accuracy against engagement, from the base to what was tuned."
    return _drawn(axes, layers, found, ("answers", "right"), says, "engages")


def _drawn(
    axes: dict[str, Any],
    layers: list[Any],
    found: Sequence[Move],
    titles: tuple[str, str],
    says: str,
    mark: str,
) -> Chart:
    """Return a ring at the base, a dot at each tuned model, and a line between."""
    import altair as alt

    told_by = told(alt, who="model", x=titles[0], y=titles[1])
    for at, one in enumerate(found):
        colour = FALSE if _shown(one, "worse") else RIGHT if _shown(one, "better") else FIRST
        base, tuned = (
            {"e": x, "a": y, "x": number(x), "y": number(y), "who": who}
            for x, y, who in (
                (one.x.base, one.y.base, "base"),
                (one.x.tuned, one.y.tuned, one_line(one.name)),
            )
        )
        way = {**base, "e2": tuned["e"], "a2": tuned["a"]}
        line = alt.Chart(alt.Data(values=[way])).mark_rule(color=colour, strokeWidth=1.4)
        ring = alt.Chart(alt.Data(values=[base])).mark_point(color=INK, size=70, opacity=1)
        dot = alt.Chart(alt.Data(values=[{**tuned, "t": cut(one_line(one.name), 20)}]))
        # Names stand above and below in turn, and on the side where there is room.
        left = (one.x.tuned or 0.0) > 0.6
        text = dot.mark_text(
            align="right" if left else "left", dx=-9 if left else 9, dy=12 if at % 2 else -10,
            color=colour, fontSize=12, fontWeight="bold",
        )  # fmt: skip
        layers += [
            line.encode(**axes, x2="e2:Q", y2="a2:Q"),
            ring.encode(**axes, tooltip=told_by),
            dot.mark_circle(color=colour, size=80, opacity=1).encode(**axes, tooltip=told_by),
            text.encode(**axes, text="t:N"),
        ]
    return drawn(alt.layer(*layers).properties(width=_WIDE, height=_WIDE), says=says, mark=mark)


def _shown(one: Move, which: str) -> bool:
    return which in (one.x.shown, one.y.shown)


_TITLES = {"what": "questions", "value": "difference", "moved": "base → tuned", "n": "n"}


def changes(comparison: Comparison) -> list[tuple[str, Chart]]:
    """Return (title, chart) of the differences by task and by relation."""
    made = []
    for mark, title, metrics in intervals.SIDES:
        lines = [
            _line(*one)
            for metric in metrics
            for one in intervals.sliced(
                [d for d in comparison.differences if d.metric == metric],
                list(comparison.shared.tasks),
            )
        ]
        ends = [abs(end) for one in lines for end in (one.value, one.lo, one.hi) if end is not None]
        half = next((h for h in (0.1, 0.25, 0.5) if max(ends, default=1) <= h), 1.0)
        says = f"{title}: differences by task and by relation."
        chart = intervals.chart(lines, _TITLES, half, signed=True, says=says, mark=f"less-{mark}")
        if chart is not None:
            made.append((title, chart))
    return made


def _line(task: str, part: str, one: Difference) -> intervals.Line:
    name = task_name(task)
    return intervals.Line(
        label=part or name,
        value=one.value or 0.0,
        lo=one.lo,
        hi=one.hi,
        strong=not part,
        shade=_SHADES.get(one.shown, "plain"),
        said={
            "what": f"{name}, {part}" if part else name,
            "value": f"{words.signed(one.value)} {words.interval(one)}".strip(),
            "moved": f"{number(one.base)} → {number(one.tuned)}",
            "n": count(one.n),
        },
    )
