"""Samples and estimates as two Parquet files, for pandas, Polars, DuckDB and `datasets`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.reports.export.base import Exported

__all__ = ["write"]

_NESTED = ("tags", "turns", "verdicts")
"""Written as JSON: their shape differs from row to row."""


def write(run: Exported, out: Path) -> list[Path]:
    """Write `samples.parquet` and `estimates.parquet`; return both."""
    import pandas as pd

    samples = pd.DataFrame([_flat(line, run) for line in run.samples])
    estimates = pd.DataFrame(
        [{**jsonl.jsonable(one), "model": run.model, "date": run.date} for one in run.estimates]
    )
    paths = [out / "samples.parquet", out / "estimates.parquet"]
    samples.to_parquet(paths[0], index=False)
    estimates.to_parquet(paths[1], index=False)
    return paths


def _flat(line: dict[str, Any], run: Exported) -> dict[str, Any]:
    # Half a surrogate pair, which a model may emit, has no UTF-8: canonical JSON has none.
    whole = json.loads(jsonl.canonical(line))
    found = {
        key: json.dumps(value, ensure_ascii=False) if key in _NESTED else value
        for key, value in whole.items()
        if key not in ("scores", "samples")
    }
    return {**found, "model": run.model, "detector": run.view.detector, "grader": run.view.grader}
