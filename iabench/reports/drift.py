"""What moved in a model, by layer: charts, and a table for the terminal.

Of the methods of a study, and of the tuned model of a comparison; both hold what
`iabench.studies.drift.moved` gives, by method.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from iabench.reports.charts import FIRST, INK, MUTED, Chart, drawn, told
from iabench.reports.shown import visible

__all__ = ["drawings", "table"]

Drift = Mapping[str, Any]
_BASE = "base"
_LINES: tuple[list[int], ...] = ([], [6, 3], [2, 2], [8, 2, 2, 2], [1, 3], [12, 4])
"""Dashes: lines are told apart without colour."""
_PROBES = (("from_base", "probe fitted on the base"), ("own", "probe fitted anew"))
_WIDE = 240
"""Units that a panel is wide: with its axis about as many as it has pixels, so letters keep their
size."""
_ROWS = 12
"""Most layers of the table."""


def drawings(drift: Drift, sets: Sequence[str]) -> list[tuple[str, Chart]]:
    """Return (title, chart) of every chart that there is something to draw for.

    Args:
        drift: `shape_gauge`, and by method its layers and its plane.
        sets: whose displacement is drawn.
    """
    made = [(_said(name), _moved(drift, name)) for name in sets]
    made += [(title, _probe(drift, kind)) for kind, title in _PROBES]
    made += [
        (f"{method}: last layer", _scatter(drift, method, at))
        for at, method in enumerate(drift["methods"])
    ]
    return [(title, chart) for title, chart in made if chart is not None]


def table(drift: Drift, method: str) -> Iterator[str]:
    """Yield the lines of a table of one method: displacement by set, and the probe, by layer."""
    layers = drift["methods"][method]["layers"]
    sets = list(layers[0]["sets"])
    yield " what moved, at the last token of the prompt: mean L2 over the base's norm, and how well"
    yield " a probe tells known from unknown (AUROC); layer 0 are the embeddings, a control"
    heads = [*map(_said, sets), "probe: base", "of tuned", "anew"]
    yield f" {'layer':<6}" + "".join(f"{head:>13}" for head in heads)
    step = -(-len(layers) // _ROWS)
    shown = sorted({*range(0, len(layers), step), len(layers) - 1})
    for at in shown:
        layer = layers[at]
        cells = [layer["sets"][name]["relative"] for name in sets]
        cells += [layer["probe"][kind] for kind in ("base", "from_base", "own")]
        yield f" {at:<6}" + "".join(f"{_number(cell):>13}" for cell in cells)
    gauge = drift["shape_gauge"]
    if gauge is not None:
        yield f" the letters of the names alone tell them apart with {gauge:.2f}"


def _moved(drift: Drift, name: str) -> Chart | None:
    """Return how far the activations of a set moved, relative to the base, by layer and method."""
    lines = {
        method: [layer["sets"].get(name, {}).get("relative") for layer in one["layers"]]
        for method, one in drift["methods"].items()
        if method != _BASE
    }
    return _by_layer(lines, "mean L2 over the base's norm", f"moved-{name.replace('_', '-')}")


def _probe(drift: Drift, kind: str) -> Chart | None:
    """Return the AUROC of a probe of known against unknown, by layer and method."""
    lines = {
        method: [layer["probe"][kind] for layer in one["layers"]]
        for method, one in drift["methods"].items()
    }
    return _by_layer(lines, "AUROC, known against unknown", f"probe-{kind}")


def _scatter(drift: Drift, method: str, at: int) -> Chart | None:
    """Return the last layer on the two first axes of the base's unknown set, for one method."""
    import altair as alt

    points = drift["methods"][method].get("plane")
    if not points:
        return None
    values = [{"x": x, "y": y, "s": _said(name)} for name, some in points.items() for x, y in some]
    names = [_said(name) for name in points]
    colours = alt.Scale(domain=names, range=[MUTED, INK, FIRST])
    shapes = alt.Scale(domain=names, range=["circle", "square", "triangle-up"])
    legend = alt.Legend(**_below(names, 20))
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_point(size=18, opacity=0.75, filled=True)
        .encode(
            x=alt.X("x:Q", axis=alt.Axis(title="first axis", labels=False, ticks=False)),
            y=alt.Y("y:Q", axis=alt.Axis(title="second axis", labels=False, ticks=False)),
            color=alt.Color("s:N", scale=colours, legend=legend),
            shape=alt.Shape("s:N", scale=shapes, legend=legend),
            tooltip=told(alt, s="questions"),
        )
        .properties(width=_WIDE, height=_WIDE)
    )
    says = "Last layer on the axes of the base's unknown set."
    return drawn(chart, says=says, mark=f"scatter-{at}")


def _by_layer(lines: Mapping[str, Sequence[float | None]], title: str, mark: str) -> Chart | None:
    import altair as alt

    values = [
        {"l": layer, "v": value, "m": visible(method), "said": _number(value)}
        for method, some in lines.items()
        for layer, value in enumerate(some)
        if value is not None
    ]
    if not values:
        return None
    methods = [visible(method) for method in lines]
    dashes = alt.Scale(domain=methods, range=[_LINES[i % len(_LINES)] for i in range(len(methods))])
    colours = alt.Scale(
        domain=methods,
        range=[(INK, FIRST, MUTED)[(i + i // len(_LINES)) % 3] for i in range(len(methods))],
    )
    legend = alt.Legend(**_below(methods, 45), symbolStrokeWidth=2, symbolSize=300)
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("l:O", axis=alt.Axis(title="layer (0: embeddings)", labelAngle=0)),
        y=alt.Y("v:Q", axis=alt.Axis(title=title)),
    )
    line = base.mark_line(strokeWidth=1.8).encode(
        strokeDash=alt.StrokeDash("m:N", scale=dashes, legend=legend),
        color=alt.Color("m:N", scale=colours, legend=legend),
    )
    # What is pointed at is the points, unseen on their line.
    near = base.mark_circle(size=70, opacity=0, color=INK)
    near = near.encode(tooltip=told(alt, m="method", l="layer", said=title))
    chart = alt.layer(line, near).properties(width=_WIDE, height=200)
    return drawn(chart, says=f"{title}, by layer.", mark=mark)


def _below(names: Sequence[str], symbol: int) -> dict[str, Any]:
    """Return a legend below a panel, in as many columns as there is room for.

    Args:
        names: in it.
        symbol: units beside a name.
    """
    columns = max(1, _WIDE // (symbol + 7 * max(map(len, names))))
    return {
        "title": None, "labelColor": MUTED, "labelFontSize": 12, "orient": "bottom",
        "columns": columns,
    }  # fmt: skip


def _said(name: str) -> str:
    return name.replace("_", " ")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
