"""A comparison in a terminal: the verdict, the numbers, what changed, and examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iabench.reports import words as run_words
from iabench.reports.compared import words
from iabench.reports.shown import cut, one_line
from iabench.reports.terminal import fill, printed, wrapped
from iabench.runs.compare import Comparison

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["render"]

_WIDE = 80
_MUTED = "bright_black"
_STYLES = {"better": "green", "worse": "bold red", "none": _MUTED}


def render(
    comparison: Comparison,
    width: int = 88,
    colour: bool = False,
    encoding: str = "utf-8",
    page: str = "",
) -> str:
    """Return the comparison as text for a terminal, with a newline at the end.

    Args:
        comparison: of two runs.
        width: columns; below 80 the intervals go and the two sides stand one below the other.
        colour: with ANSI colours.
        encoding: what the terminal can show.
        page: where the page lies.
    """
    return printed(_lines(comparison, width, page), colour=colour, encoding=encoding, width=width)


def _lines(comparison: Comparison, width: int, page: str) -> Iterator[Text]:
    from rich.text import Text

    for name, shown, run in zip(
        ("base", "tuned"), comparison.names, (comparison.base, comparison.tuned), strict=True
    ):
        where = f"   {one_line(str(run.path))}" if str(run.path) != shown else ""
        yield Text(cut(f" {name:<7} {one_line(shown)}{where}", width), style=_MUTED)
    yield Text(cut(f" pairs   {words.pairs_line(comparison)}", width), style=_MUTED)
    for warning in comparison.warnings:
        for number, part in enumerate(wrapped(one_line(warning), width - 9)):
            yield Text.assemble((" note    " if not number else " " * 9, "yellow"), part)
    yield Text()
    yield from _verdict(comparison, width)
    yield Text()
    yield from _table(comparison, width)
    yield Text()
    yield from _changes(comparison, width)
    yield from _examples(comparison, width)
    yield Text()
    if page:
        yield Text.assemble((" page   ", _MUTED), one_line(page))
    why, command = words.next_step(comparison)
    yield Text.assemble((" next   ", _MUTED), f"{why}:")
    for part in command:
        # What is said in brackets beside a command goes where there is no room for it.
        text = one_line(part) if not part.startswith(" ") else part
        fits = len(text) + 8 <= width
        yield Text(f"        {text if fits else text.partition('          (')[0]}")
    yield Text.assemble(
        (" in CI  ", _MUTED), cut("add --fail-if-worse refusal_accuracy:0.05", width - 8)
    )


def _verdict(comparison: Comparison, width: int) -> Iterator[Text]:
    from rich.text import Text

    said = comparison.verdict
    style = "bold red" if said.bad else "bold yellow" if said.kind == "unclear" else "bold green"
    head = said.head.upper() if said.bad else said.head
    for number, part in enumerate(wrapped(f"{said.sign} {head}", width - 4)):
        yield Text(f"  {'  ' if number else ''}{part}", style=style)
    for part in wrapped(said.says[:1].upper() + said.says[1:], min(width, 84) - 5):
        yield Text(f"    {part}")


def _table(comparison: Comparison, width: int) -> Iterator[Text]:
    from rich.text import Text

    found = words.lines(comparison)
    if not found:
        yield Text(" no metric has a value in both runs", style=_MUTED)
        return
    wide = width >= _WIDE
    longest = max(len(one.label) + (3 if one.inner else 1) for one in found if one.difference)
    rest = 8 + 8 + (27 if wide else 9) + 12
    name = max(12, min(longest, width - rest))
    yield Text(
        " " * name + f"{'base':>8}{'tuned':>8}" + ("   difference" if wide else f"{'differ':>9}")
    )
    for one in found:
        room = name if one.difference else width
        label = one_line(one.label)
        if one.difference and not one.inner and len(label) + 1 > room:
            label = run_words.head(one.difference.metric)
        line = Text(fill(cut(f" {'  ' if one.inner else ''}{label}", room), name))
        if (d := one.difference) is not None:
            line.append(f"{run_words.number(d.base):>8}{run_words.number(d.tuned):>8}")
            if wide:
                line.append(f"   {words.signed(d.value):>6}", style="bold")
                line.append(f"  {words.interval(d):<16}")
            else:
                line.append(f"{words.signed(d.value):>9}", style="bold")
            line.append(f"  {words.SHOWN[d.shown]}", style=_STYLES[d.shown])
        yield line


def _changes(comparison: Comparison, width: int) -> Iterator[Text]:
    from rich.text import Text

    blocks = [
        [f" {run_words.count(side.n)} {side.title}"]
        + [f" {run_words.count(n):>5}  {said}" for _, said, n in side.changes]
        for side in words.sides(comparison)
    ]
    if width < _WIDE:
        for number, block in enumerate(blocks):
            if number:
                yield Text()
            yield from (Text(cut(line, width)) for line in block)
        return
    half = 45
    for number in range(max(map(len, blocks), default=0)):
        parts = [block[number] if number < len(block) else "" for block in blocks]
        yield Text("".join(fill(part, half) for part in parts).rstrip())


def _examples(comparison: Comparison, width: int) -> Iterator[Text]:
    from rich.text import Text

    for one in words.examples(comparison):
        yield Text()
        yield Text(f"   {cut(one_line(one.question), width - 4)}", style="bold")
        for name, said in (("base", one.base), ("tuned", one.tuned)):
            answer = cut(one_line(said.response), width - 13) or "(nothing)"
            bad = said.outcome in ("hallucinated", "overreached", "incorrect")
            yield Text.assemble((f"     {name:<7}", _MUTED), (answer, "red" if bad else ""))
