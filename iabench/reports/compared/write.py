"""The files of a comparison: the page, and beside it the same as JSON, values and Markdown."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from iabench.models.locate import short_name
from iabench.reports import write as files
from iabench.reports.compared import csv, markdown, several
from iabench.reports.compared.page import page as html
from iabench.rng import digest
from iabench.runs.compare import Comparison
from iabench.runs.folders import runs_folder

__all__ = ["document", "place", "place_of_all", "write", "write_all"]


def place(comparison: Comparison, page: str | None = None, number: int = 0) -> Path:
    """Return where the page of a comparison lies.

    Args:
        comparison: of two runs.
        page: exactly this file.
        number: of the comparison in its command, from 1; 0 where it is the only one. Then `page` is
            of all of them, and each has its number.
    """
    if page is not None:
        path = Path(page)
        return path.with_stem(f"{path.stem}-{number}") if number else path
    base, tuned = (short_name(name) for name in comparison.names)
    return runs_folder() / "compare" / f"{base}--{tuned}-{comparison.digest}.html"


def place_of_all(found: Sequence[Comparison], page: str | None = None) -> Path:
    """Return where the page of several comparisons of one base lies."""
    if page is not None:
        return Path(page)
    base = short_name(found[0].names[0])
    digits = digest(*(one.digest for one in found))[:6]
    return runs_folder() / "compare" / f"{base}--{len(found)}-models-{digits}.html"


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


def write_all(
    found: Sequence[Comparison],
    pages: Sequence[Path],
    page: Path,
    drifts: Sequence[Mapping[str, Any] | None],
) -> list[Path]:
    """Write the page of several comparisons and the same as JSON; return where.

    Args:
        found: comparisons of one base.
        pages: where the page of each lies.
        page: where.
        drifts: what moved in each, if it was measured.

    Raises:
        StoreError: they cannot be written.
    """
    page.parent.mkdir(parents=True, exist_ok=True)
    links = [os.path.relpath(one, page.parent) for one in pages]
    made = [document(one, moved) for one, moved in zip(found, drifts, strict=True)]
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    return [
        files.write(page, several.page(found, links, page.stem)),
        files.write(page.with_suffix(".json"), text),
    ]
