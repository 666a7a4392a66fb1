"""All reports of a run, written beside it."""

from __future__ import annotations

import os
from pathlib import Path

from iabench.errors import StoreError
from iabench.reports import csv, html, markdown
from iabench.reports.loading import load

__all__ = ["write", "write_all"]


def write_all(path: str | Path) -> list[Path]:
    """Write `report.html`, `results.csv` and `results.md` into a run folder; return where.

    Each is there completely or as it was before.

    Raises:
        StoreError: the folder cannot be read, or not be written.
    """
    view = load(path)
    texts = {
        "report.html": html.page(view),
        "results.csv": csv.table(view),
        "results.md": markdown.text(view),
    }
    return [write(view.path / name, text) for name, text in texts.items()]


def write(path: Path, text: str) -> Path:
    """Write a file whole or not at all, and return it.

    Raises:
        StoreError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # Newlines as they are: the same bytes on every system.
        part.write_bytes(text.encode("utf-8", "replace"))
        part.replace(path)
    except OSError as problem:
        raise StoreError(f"cannot write {path}: {problem.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    return path
