"""A comparison as Markdown: for a pull request, a job's summary, a model card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iabench.reports import words as run_words
from iabench.reports.compared import words
from iabench.reports.markdown import plain, table
from iabench.runs.compare import Comparison

__all__ = ["text"]


def text(comparison: Comparison, gates: Sequence[str] = ()) -> str:
    """Return the comparison as Markdown, with what the gates said."""
    return "\n".join(_lines(comparison, gates)) + "\n"


def _lines(comparison: Comparison, gates: Sequence[str]) -> Iterator[str]:
    base, tuned = map(plain, comparison.names)
    said = comparison.verdict
    yield f"# {base} → {tuned}"
    yield ""
    yield f"**{said.sign} {plain(said.head)}.** {plain(said.says[:1].upper() + said.says[1:])}"
    yield ""
    yield f"Pairs: {plain(words.pairs_line(comparison))}"
    yield ""
    for warning in comparison.warnings:
        yield from (f"> {plain(warning)}", "")
    if gates:
        yield from ("## Gates", "", *(f"- {plain(line)}" for line in gates), "")
    level = run_words.percent(float(comparison.base.results.get("level", 0.95)))
    head = ("", "base", "tuned", "difference", f"{level} interval", "p", "")
    rows = (
        (
            ("… " if one.inner else "") + one.label,
            *(
                ("", "", "", "", "", "")
                if (d := one.difference) is None
                else (
                    run_words.number(d.base),
                    run_words.number(d.tuned),
                    words.signed(d.value),
                    words.interval(d),
                    p_value(d.p if d.p_adjusted is None else d.p_adjusted),
                    words.SHOWN[d.shown],
                )
            ),
        )
        for one in words.lines(comparison)
    )
    yield from table(head, rows)
    for side in words.sides(comparison):
        yield f"## {run_words.count(side.n)} {side.title}"
        yield ""
        yield from table(
            ("", "questions"), ((said, run_words.count(n)) for _, said, n in side.changes)
        )
    shown = words.examples(comparison)
    if shown:
        yield from ("## Side by side", "")
        yield from table(
            ("question", "base", "tuned"),
            ((one.question, one.base.response, one.tuned.response) for one in shown),
        )
    relative = words.relative(comparison)
    if relative:
        yield from ("## Against the base", "")
        yield from table(
            ("", "value", "interval", "n"),
            (
                (
                    run_words.head(e.metric),
                    run_words.number(e.value),
                    run_words.interval(e) if e.value is not None else e.reason,
                    str(e.n),
                )
                for e in relative
            ),
        )


def p_value(p: float | None) -> str:
    """Return `0.03` or `under 0.001`."""
    if p is None:
        return ""
    return "under 0.001" if p < 0.001 else f"{p:.3f}"
