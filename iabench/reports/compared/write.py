"""The files of a comparison: the page, and beside it the same as JSON, values and Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iabench.models.locate import short_name
from iabench.reports import write as files
from iabench.reports.compared import csv, markdown
from iabench.reports.compared.page import page as html
from iabench.runs.compare import Comparison
from iabench.runs.folders import runs_folder

__all__ = ["document", "place", "write"]


def place(comparison: Comparison, page: str | None = None, number: int = 0) -> Path:
    """Return where the page of a comparison lies.

    Args:
        comparison: of two runs.
        page: exactly this file; further ones of the same command get a number.
        number: of the comparison in its command, from 0.
    """
    if page is not None:
        path = Path(page)
        return path.with_stem(f"{path.stem}-{number + 1}") if number else path
    base, tuned = (short_name(name) for name in comparison.names)
    return runs_folder() / "compare" / f"{base}--{tuned}-{comparison.digest}.html"


def document(comparison: Comparison, drift: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a comparison as JSON has it, with what moved, if it was measured."""
    return {**comparison.to_json(), **({"drift": drift} if drift else {})}


def write(comparison: Comparison, page: Path, drift: Mapping[str, Any] | None = None) -> list[Path]:
    """Write the page and the files beside it; return where.

    Args:
        comparison: of two runs.
        page: where.
        drift: what moved between the two models, if it was measured.

    Raises:
        StoreError: they cannot be written.
    """
    page.parent.mkdir(parents=True, exist_ok=True)
    texts = {
        ".html": html(comparison, page.stem, drift),
        ".json": json.dumps(document(comparison, drift), ensure_ascii=False, indent=1) + "\n",
        ".csv": csv.table(comparison),
        ".md": markdown.text(comparison),
    }
    return [
        files.write(page if suffix == ".html" else page.with_suffix(suffix), text)
        for suffix, text in texts.items()
    ]
