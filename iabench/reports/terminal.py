"""A run as a table in a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from iabench.records import Estimate
from iabench.reports import trust, words
from iabench.reports.shown import cut, one_line
from iabench.reports.view import Side, View
from iabench.runs.counts import Counts

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["fill", "printed", "render", "wrapped"]

_BAR = 20
_LINES = (
    "awareness_score",
    "refusal_accuracy",
    "over_refusal_rate",
    "accuracy",
    "aed",
    "finetuning_accuracy",
    "hallucination_rate",
)
_TITLES: dict[Side, str] = {"answer": "SHOULD ANSWER", "abstain": 'SHOULD SAY "I DON\'T KNOW"'}
_ASCII = str.maketrans("█░▒→–−·…“”’⟨⟩✗✓°", '#.x>---~""\'<>x+*')


def render(
    view: View, width: int = 88, colour: bool = False, encoding: str = "utf-8", page: bool = True
) -> str:
    """Return the run as text for a terminal, with a newline at the end.

    Args:
        view: the run.
        width: columns; below 80 the bars go, below 60 the third column of the metrics.
        colour: with ANSI colours.
        encoding: what the terminal can show; where it is not Unicode, plain signs stand in.
        page: name the page and the next command below.
    """
    return printed(_lines(view, width, page), colour=colour, encoding=encoding, width=width)


def printed(lines: Iterable[Text], *, colour: bool, encoding: str, width: int) -> str:
    """Return lines as a terminal takes them; plain signs stand in for what it cannot show."""
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out,
        width=max(width, 200),
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for line in lines:
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)
    text = out.getvalue()
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = text.translate(_ASCII)
        return plain.encode(encoding, "backslashreplace").decode(encoding)
    return text


def _lines(view: View, width: int, page: bool) -> Iterator[Text]:
    from rich.text import Text

    said = words.reading(view)
    yield from _outcomes(view, width)
    yield Text()
    yield from _metrics(view, width)
    yield Text()
    examples = words.examples(view, said.tone, alike=True)
    sentence = said.text.removesuffix(".") + ":" if examples else said.text
    for line in wrapped(sentence, width - 1):
        yield Text(f" {line}", style="bold")
    for sample in examples:
        yield Text(f"   {cut(one_line(sample.question), width - 4)}")
        answer = cut(one_line(sample.response or ""), width - 8) or "(nothing)"
        yield Text.assemble("     → ", (answer, _STYLES.get(sample.outcome, "")))
    for caution in (*said.cautions, *view.remarks):
        for number, line in enumerate(wrapped(one_line(caution), width - 9)):
            yield Text.assemble((" note    " if not number else " " * 9, "yellow"), line)
    for head, text in trust.lines(view):
        for number, line in enumerate(wrapped(one_line(text), width - 11)):
            yield Text.assemble((f" {'' if number else head:<10}", "bright_black"), line)
    if page:
        why, command = words.next_step(view)
        yield Text()
        yield Text.assemble(
            (" page   ", "bright_black"), one_line(words.place(view, "report.html"))
        )
        yield Text.assemble((" next   ", "bright_black"), cut(f"{why}:", width - 8))
        yield Text(f"        {one_line(command)}")


_STYLES = {"correct": "green", "hallucinated": "red", "overreached": "red", "incorrect": "red"}


def _outcomes(view: View, width: int) -> Iterator[Text]:
    from rich.text import Text

    wide, near = width >= 50, view.neighbours
    columns: tuple[int, ...] = (6, 8, 14, 9) if wide else (5, 6, 6, 8)
    heads: tuple[str, ...] = ("n", "right", '"don\'t know"' if wide else "d.k.", "made up")
    if near:
        # Of what was made up: what is right of the thing that the name resembles.
        columns, heads = (
            (*columns, 13 if wide else 8),
            (*heads, "neighbour's" if wide else "neighb."),
        )
    sides: tuple[Side, ...] = ("answer", "abstain")
    rows = [(side, view.rows_of(side)) for side in sides]
    longest = max([len(_TITLES["abstain"]) - 1, *(len(t) + 3 for _, r in rows for _, t, _ in r)])
    bars = width >= 80 + (columns[-1] if near else 0)
    name = max(4, min(longest, width - sum(columns) - (_BAR + 3 if bars else 0)))
    yield Text(" " * name + "".join(f"{h:>{w}}" for h, w in zip(heads, columns, strict=True)))
    empty = 0
    for side, parts in rows:
        if not parts:
            continue
        yield Text(f" {_TITLES[side]}", style="bold")
        for task, label, counts in parts:
            empty += counts.degenerate
            line = Text(fill(f"   {cut(one_line(label), name - 3)}", name))
            line.append(f"{words.count(counts.decided):>{columns[0]}}")
            shares = [*_shares(counts, side)]
            if near:
                given = side == "abstain" and task in near and counts.decided
                shares.append(near[task] / counts.decided if given else None)
            for width_, share in zip(columns[1:], shares, strict=True):
                line.append(f"{'–' if share is None else f'{100 * share:.1f}':>{width_}}")
            if bars:
                line.append("   ")
                line.append_text(_bar(counts))
            yield line
    if empty:
        what = "answer was" if empty == 1 else "answers were"
        yield Text(f" {words.count(empty)} {what} empty, an echo or a loop", style="bright_black")
    if view.total.undecided:
        yield Text(f" {words.count(view.total.undecided)} undecided", style="bright_black")
    if near:
        yield Text(f" neighbour's: {words.GAVE_NEIGHBOUR}", style="bright_black")
    if view.diagnostic:
        yield Text(f" {words.SMALL}", style="bright_black")


def _shares(counts: Counts, side: Side) -> tuple[float | None, float | None, float | None]:
    if not counts.decided:
        return None, None, None
    if counts.answered:
        # Nobody wrote down what is right: whether it answers is all that can be told.
        return None, counts.abstained / counts.decided, None
    right = counts.correct / counts.decided if side == "answer" else None
    return right, counts.abstained / counts.decided, counts.wrong / counts.decided


def _bar(counts: Counts) -> Text:
    from rich.text import Text

    bar, done, filled = Text(), 0, 0
    parts = (
        (counts.correct, "█", "green"),
        (counts.answered, "▓", "bright_black"),
        (counts.abstained, "░", "bright_black"),
        (counts.wrong, "▒", "red"),
        (counts.degenerate, "·", "bright_black"),
    )
    for n, sign, style in parts:
        # Ends are rounded, not lengths, so that a bar is always as long as the next.
        done += n
        end = round(_BAR * done / counts.decided) if counts.decided else 0
        bar.append(sign * (end - filled), style=style)
        filled = end
    return bar


def _metrics(view: View, width: int) -> Iterator[Text]:
    from rich.text import Text

    variants = ("raw", *words.CORRECTED)
    shown = [(metric, view.estimate(metric, variant=v)) for metric in _LINES for v in variants]
    # What a score is worth in short; the rest is on the page.
    worth = ["auroc_unknown", "auroc_wrong"]
    worth += ["expressed_gap"] if view.run.asked.elicit == "forced" else []
    shown += [
        (metric, one)
        for metric in worth
        for one in view.estimates
        if (one.metric, one.task) == (metric, view.headline)
    ]
    found = [
        (_head(estimate), _says(metric, estimate), estimate)
        for metric, estimate in shown
        if estimate is not None
    ]
    for name, says, estimate in words.beside(view):
        # Over-refusal on what it surely knows stands below over-refusal, the others at the end.
        alike = [at for at, one in enumerate(found) if one[2].metric == estimate.metric]
        place = alike[-1] + 1 if alike else len(found)
        found.insert(place, (name, _reason(estimate) or says, estimate))
    if not found:
        yield Text(" no suite, so no numbers over all; each task's own are on the page")
        return
    heads = max(len(name) for name, _, _ in found)
    intervals = max(len(words.interval(estimate)) for _, _, estimate in found)
    for name, says, estimate in found:
        line = Text(f" {name:<{heads}}  ")
        line.append(f"{words.number(estimate.value):>5}", style="bold")
        line.append(f"  {words.interval(estimate):<{intervals}}")
        if width < 60:
            yield line
            continue
        start = heads + intervals + 13
        for number, part in enumerate(wrapped(says, width - start)):
            if number:
                yield line
                line = Text(" " * (start - 3))
            line.append("   ")
            line.append(part, style="bright_black")
        yield line


def _head(estimate: Estimate) -> str:
    if estimate.variant.startswith("scorer="):
        return words.scorer_name(estimate.variant)
    raw = estimate.variant == "raw"
    return words.head(estimate.metric) if raw else "  corrected"


def _says(metric: str, estimate: Estimate) -> str:
    if reason := _reason(estimate):
        return reason
    says = words.CORRECTED.get(estimate.variant) or words.label(metric)
    # Two AUROCs of one score are over different questions.
    scored = estimate.variant.startswith("scorer=")
    return f"{says}, of {words.count(estimate.n)}" if scored else says


def _reason(estimate: Estimate) -> str:
    """Return why there is no value; nothing where there is one."""
    return one_line(estimate.reason) if estimate.value is None else ""


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text, broken at blanks."""
    from rich.cells import cell_len

    lines = [""]
    for word in text.split(" "):
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return [cut(line, width) for line in lines]


def fill(text: str, cells: int) -> str:
    """Return a text with blanks up to so many cells."""
    from rich.cells import cell_len

    return text + " " * max(0, cells - cell_len(text))
