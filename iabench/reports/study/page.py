"""A study as one self-contained page; see `iabench.reports.html`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iabench import __version__
from iabench.reports.drift import drawings
from iabench.reports.explorer import Packed
from iabench.reports.html import environment, lively, sources
from iabench.reports.study import charts, words
from iabench.studies.against import COMPARED

__all__ = ["page"]

Table = Mapping[str, Any]

_SHOWN = ("unknown_same", "known_same", "facts_trained")
"""Sets whose displacement is drawn."""
_MORE = (
    ("paraphrase_accuracy", "learned, in other words"),
    ("awareness_score", "awareness"),
    ("kept_abstention_rate", "kept abstentions"),
    ("neighbour_refusal", "“don't know” on what was not taught of them"),
    ("gave_neighbour", "near-misses given the neighbour's fact"),
    ("over_refusal_on_facts", "refuses the new facts"),
)


def page(table: Table, drift: Table | None = None, packed: Packed | None = None) -> str:
    """Return the page of a study.

    Args:
        table: what `study.json` holds.
        drift: what `drift.json` holds, if it was measured.
        packed: every question with what the methods said, if that lies here.
    """
    script = sources("page.js", "charts.js", "explorer.js", "study.js")
    drift = _in_order(table, drift) if drift else None
    moved = drawings(drift, _SHOWN) if drift else []
    plane, trials = charts.plane(table), charts.trials(table)
    return (
        environment()
        .get_template("study.html.j2")
        .render(
            table=table,
            words=words,
            version=__version__,
            **lively(script, [plane, trials, *(chart for _, chart in moved)]),
            style=sources("report.css", "study.css"),
            more=_MORE,
            compared=_compared(table),
            asked_sets=[(at, one) for at, one in enumerate(table["sets"]) if one["n"]],
            packed=packed,
            plane=plane,
            trials=trials,
            drift=drift,
            drawings=moved,
        )
    )


def _in_order(table: Table, drift: Table) -> Table:
    """Return what moved with its methods in the order of the table's rows."""
    names = [row["method"] for row in table["rows"] if row["method"] in drift["methods"]]
    return {**drift, "methods": {name: drift["methods"][name] for name in names}}


def _compared(table: Table) -> list[tuple[str, list[tuple[str, Mapping[str, Any]]]]]:
    """Return (method, its differences by figure, in words) of the rows that are compared."""
    heads = {figure: f"{one} {two}" for figure, one, two in words.columns(table) if "." in figure}
    return [
        (
            row["method"],
            [
                (heads.get(figure, figure.replace("_", " ")), row["against"][figure])
                for figure in COMPARED
                if figure in row["against"]
            ],
        )
        for row in table["rows"]
        if row.get("against")
    ]
