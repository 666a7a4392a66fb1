"""One base against several models, as one page: verdicts, numbers and answers side by side."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iabench.records import Difference
from iabench.reports import words as run_words
from iabench.reports.compared import charts, words
from iabench.reports.compared.answers import together
from iabench.reports.html import environment, lively, sources
from iabench.runs.compare import Comparison

__all__ = ["Row", "page", "rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table: what was measured, and every model's difference from the base."""

    label: str
    inner: bool
    base: float | None
    of: tuple[Difference | None, ...]
    """By model; None where it has none. Empty: a title."""


def rows(found: Sequence[Comparison]) -> Iterator[Row]:
    """Yield the table's lines: those of the first comparison, with what the others have of them."""
    for line in words.lines(found[0]):
        one = line.difference
        if one is None:
            yield Row(label=line.label, inner=False, base=None, of=())
            continue
        yield Row(
            label=line.label,
            inner=line.inner,
            base=one.base,
            of=tuple(
                each.difference(
                    one.metric,
                    each.headline if one.task == found[0].headline else one.task,
                    variant=one.variant,
                )
                for each in found
            ),
        )


def page(found: Sequence[Comparison], pages: Sequence[str], stem: str = "comparison") -> str:
    """Return the page as HTML.

    Args:
        found: comparisons of one base with several models.
        pages: where the page of each stands, from this one.
        stem: name of the JSON beside it, without suffix.
    """
    script = sources("page.js", "charts.js", "explorer.js")
    moves = charts.moves(found)
    answers = together(found)
    paths = [str(found[0].base.path), *(str(one.tuned.path) for one in found)]
    return (
        environment()
        .get_template("several.html.j2")
        .render(
            found=list(zip(found, pages, strict=True)),
            base=found[0].names[0],
            headline=found[0].headline,
            words=run_words,
            said=words,
            **lively(script, [chart for _, chart in moves]),
            style=sources("report.css", "compared.css", "several.css"),
            rows=list(rows(found)),
            bad=any(one.verdict.bad for one in found),
            version=found[0].tuned.about.get("iabench", ""),
            warnings=_warnings(found),
            moves=moves,
            packed=answers,
            stem=stem,
            again=shlex.join(["iabench", "compare", *paths]),
        )
    )


def _warnings(found: Sequence[Comparison]) -> list[str]:
    """Return what is to be known of each, once where it is the same for all."""
    said: dict[str, list[str]] = {}
    for one in found:
        for text in one.warnings:
            said.setdefault(text, []).append(one.names[1])
    return [
        text if len(names) == len(found) else f"{', '.join(names)}: {text}"
        for text, names in said.items()
    ]
