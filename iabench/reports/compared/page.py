"""A comparison as one self-contained page: no network, and readable without JavaScript.

All questions with both answers are in the page as `iabench.reports.explorer` packs them; ribbons
and the reader open them by what became of them.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from iabench.reports import words as run_words
from iabench.reports.compared import charts, ribbons, words
from iabench.reports.compared.answers import ordered, packed
from iabench.reports.compared.markdown import p_value
from iabench.reports.drift import drawings
from iabench.reports.html import environment, lively, sources
from iabench.runs.compare import Comparison

__all__ = ["page"]


def page(
    comparison: Comparison, stem: str = "comparison", drift: Mapping[str, Any] | None = None
) -> str:
    """Return the page as HTML.

    Args:
        comparison: of two runs.
        stem: name of the files beside it (JSON, CSV, Markdown), without suffix.
        drift: what moved between the two models, if it was measured.
    """
    script = sources("page.js", "charts.js", "explorer.js", "compared.js")
    moved = drawings(drift, ("unknown", "known", "facts")) if drift else []
    moves, changes = charts.moves([comparison]), charts.changes(comparison)
    shown = words.examples(comparison, 1)
    return (
        environment()
        .get_template("compared.html.j2")
        .render(
            c=comparison,
            words=run_words,
            said=words,
            names=comparison.names,
            verdict=comparison.verdict,
            **lively(script, [chart for _, chart in (*moves, *changes, *moved)]),
            moves=moves,
            changes_drawn=changes,
            style=sources("report.css", "compared.css"),
            ribbons=ribbons.drawn(comparison),
            sides=words.sides(comparison),
            shown=shown,
            first_row=next((at for at, one in enumerate(ordered(comparison)) if one in shown), 0),
            first=next(words.wanted(comparison), None),
            lines=list(_lines(comparison)),
            slices=list(_slices(comparison)),
            relative=words.relative(comparison),
            packed=packed(comparison),
            again=shlex.join(
                ["iabench", "compare", str(comparison.base.path), str(comparison.tuned.path)]
            ),
            changes=words.CHANGES,
            stem=stem,
            next=words.next_step(comparison),
            p_value=p_value,
            drift=drift,
            drawings=moved,
        )
    )


def _lines(comparison: Comparison) -> Iterator[tuple[words.Line, float]]:
    """Yield the lines of the forest, with half the width of its scale."""
    found = words.lines(comparison)
    ends = [
        abs(end)
        for one in found
        if one.difference is not None
        for end in (one.difference.lo, one.difference.hi, one.difference.value)
        if end is not None
    ]
    half = next((h for h in (0.1, 0.25, 0.5) if max(ends, default=1) <= h), 1.0)
    yield from ((one, half) for one in found)


def _slices(comparison: Comparison) -> Iterator[tuple[str, list[Any]]]:
    """Yield, by metric, the differences of tasks and relations, those of the headline first."""
    order = [*dict.fromkeys((*words.METRICS, *(d.metric for d in comparison.differences)))]
    for metric in order:
        mine = [d for d in comparison.differences if d.metric == metric and d.value is not None]
        mine.sort(key=lambda d: (d.task != comparison.headline, d.task, d.slice != "all", d.slice))
        if mine:
            yield metric, mine
