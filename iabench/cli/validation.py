"""A validation as tables in a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING

from iabench.grading.agreement import Measured
from iabench.grading.validation import Judged, Table, Validation
from iabench.records import About
from iabench.reports.shown import cut, one_line, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

__all__ = ["number", "render"]

NAMES = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "balanced_accuracy": "balanced accuracy",
    "precision": "precision",
    "f1": "F1",
    "kappa": "kappa",
}
_WORDS: Mapping[About, Mapping[bool | None, str]] = {
    "abstained": {True: "abstains", False: "answers", None: "undecided"},
    "correct": {True: "correct", False: "incorrect", None: "undecided"},
}
_ASKS: Mapping[About, str] = {
    "abstained": "does the response abstain?",
    "correct": "is the response correct?",
}
_NARROW = 80
_FEW = 5
"""Errors that are shown at least."""
_CONTEXT = 160
"""Characters of a response that are shown on each side of the evidence."""


def render(
    found: Validation,
    *,
    width: int,
    errors: int | None = None,
    unseen: bool = False,
    colour: bool = False,
    encoding: str = "utf-8",
) -> str:
    """Return a validation as text for a terminal, with a newline at the end.

    Args:
        found: what is shown.
        width: columns.
        errors: how many of the errors are shown, those of all strata in turn; None: one of each
            stratum, or a few.
        unseen: it is a test half, whose responses are not shown unless asked for: say why.
        colour: with ANSI colours.
        encoding: what the terminal can show; other characters become question marks.
    """
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, no_color=not colour,
        color_system="standard" if colour else None, highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    narrow = width < _NARROW
    labels = f"{found.table.n:,} labels ({one_line(found.labels)}, {found.digest[:12]})"
    console.print(f"{found.detector} on {labels}: {_ASKS[found.about]}")
    if found.table.n_undecided:
        console.print(f"{found.table.n_undecided:,} undecided: neither right nor wrong below")
    console.print()
    console.print(_overall(found.table, found.level, narrow))
    console.print()
    console.print(_counts(found.table, found.about))
    if found.admission is not None:
        console.print("\nadmits that it does not know (by the kinds that it names)")
        console.print(_overall(found.admission, found.level, narrow))
    if found.kinds:
        console.print("\nkinds named, of the responses that hold each")
        console.print(_kinds(found.kinds, narrow))
    for key, tables in found.strata.items():
        console.print(f"\nby {key}")
        console.print(_strata(tables, narrow))
    for line in _errors(found, errors, width, unseen=unseen):
        console.print(line)
    return out.getvalue().encode(encoding, "replace").decode(encoding)


def number(measured: Measured, *, narrow: bool = False) -> str:
    """Return a number with its interval, or a dash."""
    if measured.value is None:
        return "-"
    if measured.lo is None or measured.hi is None:
        return f"{measured.value:.3f}"
    if narrow:
        return f"{measured.value:.2f} {measured.lo:.2f}-{measured.hi:.2f}"
    return f"{measured.value:.3f} [{measured.lo:.3f}, {measured.hi:.3f}]"


def _grid(*columns: str) -> Grid:
    """Return a table whose first column stands to the left, the others, numbers, to the right."""
    from rich.table import Table as Grid

    grid = Grid(box=None, pad_edge=False, header_style="dim")
    for place, name in enumerate(columns):
        grid.add_column(name, justify="left" if place == 0 else "right", overflow="fold")
    return grid


def _overall(table: Table, level: float, narrow: bool) -> Grid:
    columns = ["", "value", f"{level:.0%} interval", "n"]
    if table.n_undecided:
        columns.append("bounds" if narrow else "undecided wrong, right")
    grid = _grid(*columns)
    digits = 2 if narrow else 3
    for name, measured in table.measures.items():
        interval = "-"
        if measured.lo is not None and measured.hi is not None:
            interval = f"{measured.lo:.{digits}f} to {measured.hi:.{digits}f}"
        value = "-" if measured.value is None else f"{measured.value:.3f}"
        cells = [NAMES[name], value, interval, f"{measured.n:,}"]
        if table.n_undecided:
            ends = table.bounds[name]
            cells.append("-" if ends is None else ", ".join(f"{end:.{digits}f}" for end in ends))
        grid.add_row(*cells)
    return grid


def _counts(table: Table, about: About) -> Grid:
    yes, no = _WORDS[about][True], _WORDS[about][False]
    counts = table.confusion
    grid = _grid("", f'said "{yes}"', f'said "{no}"')
    so = "it" if about == "abstained" else "it is"
    grid.add_row(f"{so} {yes}", f"{counts.true_positive:,}", f"{counts.false_negative:,}")
    grid.add_row(f"{so} {no}", f"{counts.false_positive:,}", f"{counts.true_negative:,}")
    return grid


def _kinds(kinds: Mapping[str, Measured], narrow: bool) -> Grid:
    grid = _grid("kind", "n", "named")
    for name, measured in kinds.items():
        grid.add_row(name, f"{measured.n:,}", number(measured, narrow=narrow))
    return grid


def _strata(tables: Mapping[str, Table], narrow: bool) -> Grid:
    undecided = any(table.n_undecided for table in tables.values())
    columns = ["", "n", *(["undecided"] if undecided else []), "sensitivity", "specificity"]
    grid = _grid(*columns)
    for name, table in tables.items():
        grid.add_row(
            one_line(name) or "(none)",
            f"{table.n:,}",
            *([f"{table.n_undecided:,}"] if undecided else []),
            number(table.measures["sensitivity"], narrow=narrow),
            number(table.measures["specificity"], narrow=narrow),
        )
    return grid


def _errors(
    found: Validation, most: int | None, width: int, *, unseen: bool
) -> Iterator[str | Text]:
    n = len(found.errors)
    if not n:
        yield "\nno errors"
        return
    errors = list(_in_turn(found))
    strata = {_stratum(found, case) for case in errors}
    shown = errors[: max(_FEW, len(strata)) if most is None else most]
    rest = "" if len(shown) == n else f" ({len(shown):,} shown; --errors {n} shows all)"
    yield f"\n{n:,} error{'' if n == 1 else 's'}{rest}"
    if unseen:
        yield "A rule that is written after a look at them is no longer measured by them."
    for case in shown:
        yield from _error(case, found.about, width)


def _in_turn(found: Validation) -> Iterator[Judged]:
    """Yield the errors, one of each stratum, then the second of each, and so on."""
    strata: dict[str, list[Judged]] = {}
    for case in found.errors:
        strata.setdefault(_stratum(found, case), []).append(case)
    for row in zip_longest(*strata.values()):
        yield from (case for case in row if case is not None)


def _stratum(found: Validation, case: Judged) -> str:
    return str(getattr(case.label, next(iter(found.strata), "kind")))


def _error(case: Judged, about: About, width: int) -> Iterator[str | Text]:
    label, said = case.label, case.judgement
    words = _WORDS[about]
    about_it = [label.kind, label.language, label.source]
    where = one_line(" · ".join(filter(None, [label.id, *about_it])))
    yield ""
    yield cut(where, width)
    rule = one_line(said.reason)
    yield cut(
        f"  it is so: {words[label.so]}; said: {words[said.value]}, {rule}".rstrip(" ,"), width
    )
    yield from _folded("  Q: ", _short(label.question), width)
    for reference in label.references[:3] if about == "correct" else ():
        yield from _folded("  =: ", _short(reference), width)
    yield from _folded("  A: ", _marked(case), width)


def _short(text: str) -> str:
    return cut(one_line(text[: 4 * _CONTEXT]), 2 * _CONTEXT)


def _marked(case: Judged) -> str:
    """Return the response, what is far from the evidence left out, the evidence in brackets."""
    text = case.label.response
    if case.span is None:
        return _short(text)
    start, end = case.span
    before, after = text[max(start - _CONTEXT, 0) : start], text[end : end + _CONTEXT]
    more = "…" if start > _CONTEXT else "", "…" if end + _CONTEXT < len(text) else ""
    inside = visible(text[start : min(end, start + 2 * _CONTEXT)])
    if end - start > 2 * _CONTEXT:
        inside += "…"
    marked = f"{more[0]}{visible(before)}⟦{inside}⟧{visible(after)}{more[1]}"
    return " ".join(marked.split())


def _folded(head: str, text: str, width: int) -> Iterator[Text]:
    """Yield lines of at most `width` cells, those after the first indented."""
    from rich.text import Text

    folded = Text(text).wrap(_measure(), max(width - len(head), 10))
    for place, line in enumerate(folded):
        yield Text(head if place == 0 else " " * len(head)) + line


def _measure() -> Console:
    """Return a console that nothing is written to, which rich wants to wrap text."""
    from rich.console import Console

    return Console(file=io.StringIO())
