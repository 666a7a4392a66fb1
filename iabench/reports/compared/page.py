"""A comparison as one self-contained page: no network, and readable without JavaScript.

The answers behind a ribbon are in the page as compressed JSON in blocks of base64; the script opens
a block only when somebody reads it. Everything from a run is text: Jinja2 escapes it, and the
script sets it as text content, never as HTML.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iabench.metrics.transitions import CHANGES, Change
from iabench.reports import words as run_words
from iabench.reports.compared import ribbons, words
from iabench.reports.compared.markdown import p_value
from iabench.reports.html import environment, policy, source
from iabench.reports.shown import visible
from iabench.runs.compare import Comparison, Pair

__all__ = ["BLOCK", "Rows", "packed", "page"]

BLOCK = 500
"""Answers of one compressed block."""
_LONGEST = 4000
"""Characters of an answer that the page holds; all of it stands in `samples.jsonl`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The pairs of a comparison, compressed, one change after the other."""

    blocks: tuple[str, ...]
    """gzip in base64, each the JSON of up to BLOCK rows."""
    places: Mapping[Change, tuple[int, int]]
    """First row and number of rows of each change."""
    tasks: tuple[str, ...]


def packed(comparison: Comparison) -> Rows:
    """Return the decided pairs as blocks, in the order in which changes and tasks stand."""
    tasks = tuple(comparison.shared.tasks)
    number = {name: at for at, name in enumerate(tasks)}
    by_change: dict[Change, list[Pair]] = {name: [] for name in CHANGES}
    for one in comparison.pairs:
        if (found := one.change) is not None:
            by_change[found].append(one)
    rows: list[list[Any]] = []
    places: dict[Change, tuple[int, int]] = {}
    shown = words.examples(comparison, 3)
    for name, pairs in by_change.items():
        # What the terminal shows comes first here too.
        pairs.sort(key=lambda one: one not in shown)
        places[name] = (len(rows), len(pairs))
        rows += [_row(one, number) for one in pairs]
    blocks = [_block(rows[start : start + BLOCK]) for start in range(0, len(rows), BLOCK)]
    return Rows(blocks=tuple(blocks), places=places, tasks=tasks)


def _row(one: Pair, number: Mapping[str, int]) -> list[Any]:
    """Return [task, id, question, base, tuned, expected, relation, outcomes], all text visible."""
    return [
        number[one.task],
        visible(one.id),
        visible(one.question),
        _cut(one.base.response),
        _cut(one.tuned.response),
        visible(one.references[0]) if one.references else "",
        visible(dict(one.tags).get("relation", "")),
        one.base.outcome,
        one.tuned.outcome,
    ]


def _cut(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _block(rows: Sequence[Any]) -> str:
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    # No time in the header: the same comparison is the same bytes.
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), mtime=0)).decode()


def page(comparison: Comparison, stem: str = "comparison") -> str:
    """Return the page as HTML.

    Args:
        comparison: of two runs.
        stem: name of the files beside it (JSON, CSV, Markdown), without suffix.
    """
    made = environment()
    script = source(made, "compared.js")
    rows = packed(comparison)
    return made.get_template("compared.html.j2").render(
        c=comparison,
        words=run_words,
        said=words,
        names=comparison.names,
        verdict=comparison.verdict,
        policy=policy(script),
        script=script,
        style=source(made, "report.css") + source(made, "compared.css"),
        ribbons=ribbons.drawn(comparison),
        sides=words.sides(comparison),
        shown=words.examples(comparison, 1),
        first=next(words.wanted(comparison), None),
        lines=list(_lines(comparison)),
        slices=list(_slices(comparison)),
        relative=words.relative(comparison),
        rows=rows,
        places=json.dumps({name: list(place) for name, place in rows.places.items()}),
        changes=words.CHANGES,
        stem=stem,
        next=words.next_step(comparison),
        p_value=p_value,
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
