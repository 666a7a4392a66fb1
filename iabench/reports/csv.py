"""The estimates of a run as comma-separated values, one line an estimate."""

from __future__ import annotations

import csv
import io

from iabench.reports.shown import one_line
from iabench.reports.view import View

__all__ = ["COLUMNS", "neutral", "table"]

COLUMNS = (
    "task",
    "private",
    "metric",
    "slice",
    "variant",
    "value",
    "lo",
    "hi",
    "level",
    "method",
    "n",
    "n_undecided",
    "bound_lo",
    "bound_hi",
    "higher_is_better",
    "reason",
)
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%")


def neutral(text: str) -> str:
    """Return a text cell that no spreadsheet takes for a formula: such get a leading apostrophe.

    Also behind blanks and quotes, which spreadsheets pass over.
    """
    dangerous = text[:1] in ("\t", "\r", "\n") or text.lstrip(" \t\r\n\"'").startswith(_FORMULA)
    text = one_line(text)
    return f"'{text}" if dangerous else text


def table(view: View) -> str:
    """Return the table with a head line; numbers stay numbers, none is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in view.estimates:
        low, high = one.bounds or (None, None)
        # As JSON writes it; a suite is private as soon as one of its tasks is.
        private = str(one.task in view.private).lower()
        numbers = {"bound_lo": low, "bound_hi": high, "private": private}
        cells = [numbers[name] if name in numbers else getattr(one, name) for name in COLUMNS]
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()
