"""A run as Markdown: for a pull request, a model card, a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from iabench.reports import trust, words
from iabench.reports.shown import one_line
from iabench.reports.view import Side, View
from iabench.tasks.base import DIAGNOSTIC

__all__ = ["plain", "table", "text"]

_SIGNS = re.compile(r"([\\`*_{}\[\]()#+!|~$^=-])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", ":": "&#58;"})


def plain(value: str) -> str:
    """Return text that Markdown shows as it is: on one line, no sign of it acting.

    Colons and at-signs become entities, so that no address becomes a link and nobody is called.
    """
    value = one_line(value).translate(_ENTITIES)
    # Entities hold a sharp and a semicolon: escape around them.
    parts = re.split(r"(&[#a-z0-9]+;)", value)
    return "".join(part if i % 2 else _SIGNS.sub(r"\\\1", part) for i, part in enumerate(parts))


def text(view: View) -> str:
    """Return the run as Markdown."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: View) -> Iterator[str]:
    said = words.reading(view)
    yield f"# {plain(view.name)}"
    yield ""
    yield f"**{plain(said.text)}**"
    yield ""
    names = " + ".join(view.run.asked.tasks)
    asked = f"{plain(names)} · {words.asked(view)}"
    yield f"{asked} · iabench {plain(view.run.iabench)}"
    for caution in (*said.cautions, *view.remarks):
        yield ""
        yield f"> {plain(caution)}"
    yield ""
    yield from _headline(view)
    yield "## Outcomes"
    yield ""
    yield from _outcomes(view)
    yield from _detector(view)
    examples = words.examples(view, said.tone)
    if examples:
        yield "## Examples"
        yield ""
        yield from table(
            ("", "question", "answer"),
            ((words.outcome(one), one.question, one.response or "(nothing)") for one in examples),
        )
    yield "## Estimates by task"
    yield ""
    yield from _estimates(view)


def _headline(view: View) -> Iterator[str]:
    shown = [
        view.estimate(metric, variant=variant)
        for metric in (*words.HEADLINE, "aed", "hallucination_rate")
        for variant in ("raw", *words.CORRECTED)
    ]
    found = [
        (
            words.head(one.metric) + ("" if one.variant == "raw" else ", corrected"),
            words.CORRECTED.get(one.variant) or words.label(one.metric),
            one,
        )
        for one in shown
        if one is not None
    ]
    found += [
        (f"over-refusal, {name.strip()}" if name.startswith(" ") else name, says, one)
        for name, says, one in words.beside(view)
    ]
    if found:
        rows = (
            (
                name,
                words.number(one.value),
                words.interval(one) if one.value is not None else one.reason,
                says,
            )
            for name, says, one in found
        )
        yield from table(("", "value", f"{words.percent(view.level)} interval", "in words"), rows)


def _outcomes(view: View) -> Iterator[str]:
    sides: tuple[tuple[Side, str], ...] = (("answer", "an answer"), ("abstain", "“I don't know”"))
    near = view.neighbours
    rows = [
        (
            label,
            expected,
            *(str(getattr(counts, name)) for name in words.OUTCOMES),
            *([str(near[task]) if side == "abstain" and task in near else ""] if near else []),
            str(counts.n),
        )
        for side, expected in sides
        for task, label, counts in view.rows_of(side)
    ]
    more = [words.GAVE_NEIGHBOUR] if near else []
    yield from table(("task", "expected", *words.OUTCOMES.values(), *more, "all"), rows)
    if view.diagnostic:
        yield words.SMALL
        yield ""


def _detector(view: View) -> Iterator[str]:
    yield "## Detector and its errors"
    yield ""
    for head, said in trust.lines(view):
        yield f"- {plain(f'{head}: {said}' if head == 'disagree' else said)}"
    yield ""
    yield plain(trust.meaning(view).text)
    yield ""


def _estimates(view: View) -> Iterator[str]:
    rows = (
        (
            f"{one.task} {DIAGNOSTIC}" if one.task in view.diagnostic else one.task,
            words.head(one.metric) + ("" if one.variant == "raw" else f" ({one.variant})"),
            words.number(one.value, 3),
            words.interval(one, 3) if one.value is not None else one.reason,
            str(one.n),
            str(one.n_undecided),
        )
        for one in view.estimates
        if one.slice == "all"
    )
    yield from table(("task", "metric", "value", "interval", "n", "undecided"), rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, its cells made plain."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(plain(cell) for cell in row) + " |"
    yield ""
