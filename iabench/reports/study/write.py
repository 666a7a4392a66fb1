"""The reports of a study, written beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iabench.errors import StoreError
from iabench.reports.study.answers import of_first_cells
from iabench.reports.study.page import page
from iabench.reports.study.terminal import markdown
from iabench.reports.write import write

__all__ = ["write_all"]


def write_all(folder: Path) -> Path:
    """Write `report.html` and `study.md` from `study.json` and what lies beside; return the page.

    Raises:
        StoreError: there is no study, or it cannot be written.
    """
    table = _read(folder / "study.json")
    if table is None:
        raise StoreError(f"{folder} holds no study.", "iabench study --model ...")
    write(folder / "study.md", markdown(table))
    made = page(table, _read(folder / "drift.json"), of_first_cells(table, folder))
    return write(folder / "report.html", made)


def _read(path: Path) -> Mapping[str, Any] | None:
    if not path.exists():
        return None
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
