"""A run for a paper: its estimates by task, as a table, as a figure, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from iabench.records import Estimate
from iabench.reports import words
from iabench.reports.charts import INK, LINE, MUTED
from iabench.reports.paper.latex import escape, table
from iabench.reports.paper.words import in_figure, judges, percent, software
from iabench.reports.view import View

__all__ = ["chart", "methods", "tex"]

_SHOWN = (*words.HEADLINE, "hallucination_rate", "aed")


def tex(view: View) -> str:
    """Return `table.tex`: a row a metric and task, with its interval and n."""
    head = ["", "value", f"{escape(percent(view.level))} interval", "n", "undecided"]
    groups = []
    for metric in _metrics(view):
        rows = [one for one in _of(view, metric) if one.value is not None]
        if not rows:
            continue
        name = rf"\multicolumn{{{len(head)}}}{{@{{}}l}}{{\emph{{{escape(words.head(metric))}}}}}"
        cells = (
            [rf"\enspace {escape(one.task)}", escape(words.number(one.value, 3)),
             escape(words.interval(one, 3)), f"{one.n:,}", f"{one.n_undecided:,}"]
            for one in rows
        )  # fmt: skip
        groups.append([[name], *cells])
    return table(head, groups, caption=_caption(view), label="tab:iabench")


def _caption(view: View) -> str:
    model = escape(view.name)
    limited = ", a part of each task" if view.limit is not None else ""
    return rf"\texttt{{{model}}} on {escape(', '.join(view.run.asked.tasks))}{limited}: " + escape(
        f"{view.total.n:,} questions, seed {view.seed}, greedy; intervals of level "
        f"{percent(view.level)} by clusters of questions (Wilson at the effective n, else "
        "bootstrap). One model: nothing is compared, so nothing is bold."
    )


def _metrics(view: View) -> list[str]:
    there = {one.metric for one in view.estimates}
    return [metric for metric in _SHOWN if metric in there]


def _of(view: View, metric: str) -> Sequence[Estimate]:
    found = [
        one
        for one in view.estimates
        if (one.metric, one.slice, one.variant) == (metric, "all", "raw")
        and one.task not in view.private
    ]
    return sorted(found, key=lambda one: (one.task != view.headline, one.task))


def chart(view: View) -> Any:
    """Return the figure: each estimate of the table with its interval; None without any."""
    import altair as alt

    found = [
        (words.head(metric), one)
        for metric in _metrics(view)
        for one in _of(view, metric)
        if one.value is not None
    ]
    values = [
        {"m": head, "t": in_figure(one.task), "v": one.value, "lo": one.lo, "hi": one.hi}
        for head, one in found
    ]
    if not values:
        return None
    heads = list(dict.fromkeys(value["m"] for value in values))
    tasks = list(dict.fromkeys(str(value["t"]) for value in values))
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("t:N", sort=tasks, axis=alt.Axis(title=None, labelLimit=160))
    )
    low = -1.0 if any((one.lo or 0) < 0 for _, one in found) else 0.0
    x = alt.X("v:Q", scale=alt.Scale(domain=[low, 1]), axis=alt.Axis(title=None, tickCount=4))
    rules = base.mark_rule(color=MUTED, strokeWidth=2).encode(x=alt.X("lo:Q"), x2="hi:Q")
    dots = base.mark_point(color=INK, filled=True, size=60, opacity=1).encode(x=x)
    return (
        alt.layer(rules, dots)
        .properties(width=300, height=alt.Step(22))
        .facet(
            row=alt.Row(
                "m:N",
                sort=heads,
                title=None,
                header=alt.Header(
                    labelAngle=0,
                    labelAlign="left",
                    labelOrient="top",
                    labelAnchor="start",
                    labelColor=INK,
                    labelFontSize=13,
                ),
            )
        )
        .resolve_scale(y="independent")
        .configure_facet(spacing=10)
        .configure_axis(gridColor=LINE)
    )


def methods(view: View) -> str:
    """Return one paragraph, with citations as Pandoc reads them."""
    return " ".join(_sentences(view))


def _sentences(view: View) -> Iterator[str]:
    model, asked = view.run.model, view.run.asked
    size = f", {model.n_parameters:,} parameters" if model.n_parameters else ""
    about = {
        "weights": model.weights, "revision": model.revision, "adapter": asked.adapter,
        "quantized to": model.quantize,
    }  # fmt: skip
    more = "".join(f", {key} {value}" for key, value in about.items() if value)
    kind, dtype = model.architecture or model.backend, model.dtype or "dtype unknown"
    yield f"We asked {view.name} ({kind}{size}, {dtype}{more})"
    yield (
        "; ".join(
            f"{card.spec.name} (version {card.spec.version}, n = {card.spec.n:,}, "
            f"checksum {card.spec.checksum[:12]}{', a part of it' if card.spec.limited else ''})"
            for card in view.tasks
            if not card.spec.private
        )
        + "."
    )
    if own := [card.spec for card in view.tasks if card.spec.private]:
        yield f"{sum(spec.n for spec in own):,} questions on private facts are left out here."
    template = (
        f"its chat template {model.chat_template[:6]}" if model.chat_template else "plain text"
    )
    system = "with a system prompt" if asked.system_prompt else "without a system prompt"
    yield f"Questions were put by {template}, {system}, one wording a probe, decoded greedily"
    yield f"up to {view.max_new_tokens} tokens; task seed {view.seed}, interval seed"
    yield f"{asked.interval_seed}."
    yield from judges(view.detector, view.grader)
    yield f"{view.total.undecided:,} of {view.total.n:,} answers are undecided and"
    yield "count in no rate."
    yield f"Intervals have a nominal level of {percent(view.level)}: Wilson's [@wilson1927]"
    yield "at the effective n for rates, a percentile bootstrap [@efron1993] by clusters (entities;"
    yield "pairs of twins) otherwise, 2,000 draws;"
    yield "the number of a suite is the plain mean over its tasks."
    yield software(view.run.packages)
