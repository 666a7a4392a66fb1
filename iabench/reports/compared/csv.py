"""The differences of a comparison as comma-separated values, one line each."""

from __future__ import annotations

import csv
import io
from dataclasses import fields

from iabench.records import Difference
from iabench.reports.csv import neutral
from iabench.runs.compare import Comparison

__all__ = ["table"]


def table(comparison: Comparison) -> str:
    """Return the table with a head line; numbers stay numbers, none is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [field.name for field in fields(Difference)]
    writer.writerow(names)
    for one in comparison.differences:
        cells = [getattr(one, name) for name in names]
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()
