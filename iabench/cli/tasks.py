"""`iabench tasks list|show`: what is asked."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from iabench.cli.options import Json
from iabench.records import Probe

__all__ = ["app"]

app = typer.Typer(help="What is asked.", no_args_is_help=True)

Include = Annotated[
    list[str] | None, typer.Option("--include-path", help="A folder of tasks of your own.")
]


@app.command("list")
def list_tasks(include_path: Include = None, as_json: Json = False) -> None:
    """List tasks and suites in words."""
    from iabench.tasks import catalog

    paths = tuple(include_path or ())
    found, suites = catalog.describe(paths), catalog.suites(paths)
    if as_json:
        document = {"tasks": found, "suites": {k: list(v) for k, v in suites.items()}}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("task", "n", "expects", "in words"):
        table.add_column(column, justify="right" if column == "n" else "left", overflow="fold")
    for task in found:
        table.add_row(task["name"], f"{task['n']:,}", task["expects"], task["says"])
    console = Console(highlight=False, markup=False)
    console.print(table)
    console.print()
    for name, members in suites.items():
        limit = catalog.suite_limit(name)
        part = f" ({limit:g} of each)" if limit else ""
        console.print(f"suite {name:<14}{', '.join(members)}{part}", soft_wrap=True)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A task.")],
    probes: Annotated[int, typer.Option(help="How many questions.")] = 5,
    seed: Annotated[int, typer.Option(help="0 is the public set.")] = 0,
    include_path: Include = None,
    as_json: Json = False,
) -> None:
    """Show a task: what it is, where its names come from, and some of its questions."""
    from iabench import jsonl
    from iabench.tasks import catalog

    paths = tuple(include_path or ())
    for task in catalog.load((name,), seed=seed, limit=None, include_path=paths):
        spec = task.spec
        shown = task.probes[:: max(1, len(task.probes) // max(1, probes))][:probes]
        if as_json:
            document = {
                **jsonl.jsonable(spec),
                "facts": dict(task.facts),
                "probes": jsonl.jsonable(shown),
            }
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
            continue
        lines = [
            f"{spec.name}, version {spec.version}",
            f"  {spec.says}",
            f"  {spec.n:,} questions · {spec.licence} · {spec.source}",
            f"  checksum {spec.checksum[:12]} (seed {spec.seed})",
            *(f"  {key}: {value}" for key, value in task.facts),
            "",
            *(_line(probe) for probe in shown),
        ]
        sys.stdout.write("\n".join(lines) + "\n")


def _line(probe: Probe) -> str:
    expected: Any = probe.references[0] if probe.references else "(should say it does not know)"
    return f"  {probe.question}\n      {expected}"
