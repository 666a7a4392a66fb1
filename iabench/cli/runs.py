"""`iabench runs`: what has been evaluated here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from iabench.cli.options import Json
from iabench.cli.screen import write_json
from iabench.runs.folders import runs_folder
from iabench.runs.store import read_run

__all__ = ["runs"]


def runs(
    folder: Annotated[
        str | None, typer.Argument(help="Where to look.  \\[$IABENCH_RUNS or ./runs]")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the runs in a folder with their state and main numbers."""
    root = Path(folder) if folder else runs_folder()
    found = [_line(path.parent) for path in sorted(root.glob("**/run.json"))]
    if as_json:
        write_json(found)
        return
    if not found:
        typer.echo(f"no runs in {root}", err=True)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("run", "model", "tasks", "state", "n", "refusal", "accuracy"):
        table.add_column(name, overflow="fold")
    for run in found:
        table.add_row(
            run["path"], run["model"], run["tasks"], run["status"], f"{run['n']:,}",
            _number(run["refusal_accuracy"]), _number(run["accuracy"]),
        )  # fmt: skip
    Console(highlight=False, markup=False).print(table)


def _line(folder: Path) -> dict[str, Any]:
    about = read_run(folder) or {}
    asked = about.get("asked", {})
    line = {
        "path": str(folder),
        "model": asked.get("model", "?"),
        "tasks": about.get("headline", "?"),
        "status": about.get("status", "?"),
        "n": sum(task["n"] for task in about.get("tasks", ())),
        "finished": about.get("finished"),
        "refusal_accuracy": None,
        "accuracy": None,
    }
    results = folder / "results.json"
    if results.exists():
        held = json.loads(results.read_text(encoding="utf-8"))
        for estimate in held["estimates"]:
            if (
                estimate["metric"] in line
                and estimate["task"] == held["headline"]
                and (estimate["slice"], estimate["variant"]) == ("all", "raw")
            ):
                line[estimate["metric"]] = estimate["value"]
    return line


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
