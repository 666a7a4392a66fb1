"""A chart of values with their intervals, a line each: by task, and below each by relation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Literal

from iabench.records import Difference, Estimate
from iabench.reports import words
from iabench.reports.charts import FALSE, INK, MUTED, RIGHT, Chart, drawn, told
from iabench.reports.shown import cut, one_line
from iabench.reports.view import View

__all__ = ["SIDES", "Line", "chart", "of_run", "sliced"]

_MOST = 40
"""Lines of a chart, if its tasks leave room for that; the table below has all."""
_STEP, _WIDE, _LABEL = 19, 440, 26
Shade = Literal["plain", "right", "false"]
_COLOURS: Mapping[Shade, str] = {"plain": INK, "right": RIGHT, "false": FALSE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: a value with its interval."""

    label: str
    value: float
    lo: float | None
    hi: float | None
    strong: bool
    """Of a whole task; else of a relation of the task above it."""
    said: Mapping[str, str] = field(default_factory=dict)
    """What it says when it is pointed at, by `titles`."""
    shade: Shade = "plain"


SIDES = (
    ("right", "Right where it should answer", ("finetuning_accuracy", "accuracy")),
    ("admits", "“I don't know” where it should say it", ("refusal_accuracy",)),
)
"""A mark, a title, and the metrics that stand under it."""


def of_run(view: View) -> list[tuple[str, Chart]]:
    """Return (title, chart) of what it should answer and of what it should decline."""
    order = [card.spec.name for card in view.tasks]
    found = []
    for mark, title, metrics in SIDES:
        lines: list[Line] = []
        for metric in metrics:
            mine = [e for e in view.estimates if e.metric == metric and e.variant == "raw"]
            lines += [_line(*one) for one in sliced(mine, order)]
        titles = {"what": "questions", "value": "share", "n": "n"}
        made = chart(lines, titles, 1.0, says=f"{title}, by task and by relation.", mark=mark)
        if made is not None:
            found.append((title, made))
    return found


def _line(task: str, part: str, one: Estimate) -> Line:
    said = {
        "what": f"{words.task_name(task)}, {part}" if part else words.task_name(task),
        "value": f"{words.number(one.value, 3)} {words.interval(one, 3)}".strip(),
        "n": words.count(one.n),
    }
    value = one.value or 0.0
    return Line(
        label=part or words.task_name(task),
        value=value,
        lo=one.lo,
        hi=one.hi,
        strong=not part,
        said=said,
    )


def sliced(
    found: Iterable[Estimate | Difference], tasks: Sequence[str]
) -> list[tuple[str, str, Any]]:
    """Return (task, relation or nothing, figure): a task, then its relations if it has several."""
    parts: dict[str, list[tuple[str, Any]]] = {task: [] for task in tasks}
    for one in found:
        relation = one.slice.partition("relation=")[2]
        if one.task in parts and one.value is not None and (relation or one.slice == "all"):
            parts[one.task].append((relation, one))
    return [
        (task, relation, one)
        for task, mine in parts.items()
        for relation, one in sorted(mine, key=lambda each: (each[0] != "", each[1].value))
        # One relation is the task itself.
        if not relation or len(mine) > 2
    ]


def chart(
    lines: Sequence[Line],
    titles: Mapping[str, str],
    end: float,
    *,
    signed: bool = False,
    says: str,
    mark: str,
) -> Chart | None:
    """Return the lines as a chart, or None where there are not at least two.

    Args:
        lines: in their order.
        titles: how the fields of `Line.said` are called.
        end: of the scale, which begins at 0.
        signed: it begins at the negative end instead, and 0 is marked.
        says: what the chart shows; no words of a stranger.
        mark: a word of its own.
    """
    if len(lines) < 2:
        return None
    import altair as alt

    # A task and its relations stand together.
    lines = _fitting(lines)
    gaps = accumulate(0.5 * (one.strong and at > 0) for at, one in enumerate(lines))
    shown = [(at + gap, one) for at, (gap, one) in enumerate(zip(gaps, lines, strict=True))]
    last = shown[-1][0]
    start = -end if signed else 0.0
    plain = {"format": ".0%"}
    told_signs = {"labelExpr": "datum.value ? format(datum.value, '+~g') : '0'"}
    axis = alt.Axis(
        tickCount=5, title=None, orient="top", domain=False, **(told_signs if signed else plain)
    )
    scale = alt.Scale(domain=[start, end], nice=False)
    y = alt.Y("i:Q", axis=None, scale=alt.Scale(domain=[last + 0.6, -0.6], nice=False))
    told_by = told(alt, **titles)
    layers = []
    if signed:
        zero = alt.Chart(alt.Data(values=[{"v": 0}])).mark_rule(color=MUTED, strokeDash=[3, 3])
        layers.append(zero.encode(x=alt.X("v:Q", scale=scale, axis=axis)))
    # One layer a colour and weight: place-holders are set, not scaled.
    for shade, colour in _COLOURS.items():
        for strong in (True, False):
            values = [_datum(at, one, start) for at, one in shown
                      if (one.shade, one.strong) == (shade, strong)]  # fmt: skip
            if not values:
                continue
            base = alt.Chart(alt.Data(values=values)).encode(y=y)
            layers += [
                base.mark_text(
                    align="right", dx=-8, baseline="middle", color=INK if strong else MUTED,
                    fontSize=12, fontWeight="bold" if strong else "normal",
                ).encode(x=alt.X("z:Q", scale=scale, axis=axis), text="l:N"),
                base.mark_rule(color=colour, strokeWidth=1.6, opacity=1 if strong else 0.7).encode(
                    x=alt.X("a:Q", scale=scale, axis=axis), x2="b:Q", tooltip=told_by
                ),
                base.mark_circle(color=colour, size=70 if strong else 36, opacity=1).encode(
                    x=alt.X("v:Q", scale=scale, axis=axis), tooltip=told_by
                ),
            ]  # fmt: skip
    # Charts side by side are of one width, whatever their names.
    names = max(len(cut(one_line(one.label), _LABEL)) for _, one in shown)
    drawing = alt.layer(*layers).properties(width=_WIDE - 7 * names, height=_STEP * (last + 1.2))
    return drawn(drawing, says=says, mark=mark, rows=True)


def _fitting(lines: Sequence[Line]) -> list[Line]:
    """Return every task, with as many of its relations, from the first on, as there is room for."""
    tasks = sum(one.strong for one in lines)
    room = max(3, (_MOST - tasks) // max(1, tasks)) if len(lines) > _MOST else _MOST
    found: list[Line] = []
    taken = 0
    for one in lines:
        taken = 0 if one.strong else taken + 1
        if taken <= room:
            found.append(one)
    return found


def _datum(at: float, one: Line, start: float) -> dict[str, Any]:
    return {
        "i": at,
        "v": one.value,
        "a": one.value if one.lo is None else one.lo,
        "b": one.value if one.hi is None else one.hi,
        "z": start,
        "l": cut(one_line(one.label), _LABEL),
        **{name: one_line(text) for name, text in one.said.items()},
    }
