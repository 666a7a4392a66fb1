"""`iabench tasks list|show|new|validate`: what is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from iabench.cli.facts import columns_of, shown
from iabench.cli.options import Columns, DataDir, Facts, Json, RealNames
from iabench.cli.screen import write_json
from iabench.records import Probe, RunSpec

__all__ = ["app"]

app = typer.Typer(help="What is asked.", no_args_is_help=True)

Include = Annotated[
    list[str] | None, typer.Option("--include-path", help="A folder of tasks of your own.")
]


@app.command("list")
def list_tasks(include_path: Include = None, as_json: Json = False) -> None:
    """List tasks and suites in words."""
    from iabench.tasks import catalog
    from iabench.tasks.base import DIAGNOSTIC, SMALL
    from iabench.tasks.describe import describe

    paths = tuple(include_path or ())
    found, suites = describe(paths, checksums=as_json), catalog.suites(paths)
    if as_json:
        document = {"tasks": found, "suites": {k: list(v) for k, v in suites.items()}}
        write_json(document)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    columns = ["task", "n", "expects", "in words"]
    if any(task["from"] for task in found):
        columns.append("from")
    for column in columns:
        table.add_column(column, justify="right" if column == "n" else "left", overflow="fold")
    for task in found:
        n = "" if task["n"] is None else f"{task['n']:,}"
        says = f"FAILED: {task['error']}" if task["error"] else task["says"]
        name = f"{task['name']} {DIAGNOSTIC}" if task["diagnostic"] else task["name"]
        cells = (name, n, task["expects"], says, task["from"] or "")
        table.add_row(*cells[: len(columns)])
    console = Console(highlight=False, markup=False)
    console.print(table)
    if any(task["diagnostic"] for task in found):
        console.print(SMALL)
    console.print()
    apart = catalog.suites_beside()
    for name, members in suites.items():
        limit = catalog.suite_limit(name)
        part = f" ({limit:g} of each)" if limit else ""
        if name in apart:
            part += f"; apart: {', '.join(apart[name])}"
        console.print(f"suite {name:<14}{', '.join(members)}{part}", soft_wrap=True)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A task.")],
    probes: Annotated[
        int | None, typer.Option(help="How many questions; 5 unless it is said.")
    ] = None,
    seed: Annotated[int, typer.Option(help="0 is the public set.")] = 0,
    include_path: Include = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="As this model reads them; its weights are not loaded."),
    ] = None,
    facts: Facts = None,
    real_names: RealNames = None,
    columns: Columns = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show a task: what it is, where its names come from, and some of its questions."""
    from iabench import jsonl
    from iabench.tasks import catalog
    from iabench.tasks.base import SMALL
    from iabench.tasks.facts import YourFacts
    from iabench.tasks.told import count

    text = _reader(model)
    paths = tuple(include_path or ())
    pairs = [pair for value in columns or () for pair in value.split(",")]
    own = RunSpec(
        model="",
        seed=seed,
        facts=facts,
        real_names=real_names,
        columns=tuple(columns_of(pairs)),
        data_dir=data_dir,
    )
    yours = YourFacts.of(own)
    for task in catalog.load(
        (name,), seed=seed, include_path=paths, yours=yours, data_dir=data_dir
    ):
        spec = task.spec
        some = _spread(task.probes, 5 if probes is None else probes)
        if as_json:
            document = {
                **jsonl.jsonable(spec),
                "facts": dict(task.facts),
                "probes": jsonl.jsonable(some),
                **({"prompts": [text(probe) for probe in some]} if model else {}),
            }
            write_json(document)
            continue
        lines = [
            f"{spec.name}, version {spec.version}",
            f"  {spec.says}",
            f"  {count(spec.n, 'questions')} · {spec.licence} · {spec.source}",
            f"  checksum {spec.checksum[:12]} (seed {spec.seed})",
            *([f"  {SMALL}; see its card"] if spec.diagnostic else []),
            *(f"  {key}: {value}" for key, value in task.facts),
            "",
        ]
        # Of one's own facts pairs are shown, and prompts where they are asked for.
        told = shown(own, spec.name, pairs=model is None and probes is None)
        if told is not None:
            lines.append(told)
        if told is None or model is not None or probes is not None:
            lines += [_line(probe, text) for probe in some]
        sys.stdout.write("\n".join(lines) + "\n")


@app.command("fetch")
def fetch(
    name: Annotated[str, typer.Argument(help="A published dataset.")],
    folder: Annotated[
        str | None,
        typer.Option(
            "--dir", help="The folder that its files are put into.  \\[$IABENCH_DATA/NAME]"
        ),
    ] = None,
) -> None:
    """Download the files of a published dataset, each at the revision that it is pinned to."""
    from pathlib import Path

    from iabench.datasets.fetch import fetch_files
    from iabench.datasets.published import published
    from iabench.errors import UnknownNameError, near_match

    known, name = published(), name.partition(":")[0]
    if name not in known:
        near = near_match(name, known)
        raise UnknownNameError(
            f'no published dataset "{name}".', near or f"one of: {', '.join(known)}"
        )
    for line in fetch_files(name, known[name], Path(folder).expanduser() if folder else None):
        typer.echo(line)


@app.command("audit")
def audited(
    runs: Annotated[list[str], typer.Argument(help="Finished runs, of three or more models.")],
    as_json: Json = False,
) -> None:
    """List probes for a human look: one wrong answer of many models, nobody right, ..."""
    from pathlib import Path

    from iabench import jsonl
    from iabench.reports.shown import cut, one_line
    from iabench.runs.auditing import audit

    found = audit([Path(run) for run in runs])
    if as_json:
        write_json(jsonl.jsonable(found))
        return
    for one in found:
        several = f"{len(one.models)} model{'' if len(one.models) == 1 else 's'}"
        models = several if one.models else "not asked"
        typer.echo(f"{one.why:<13}{one.probe_id}   ({models})")
        typer.echo(f"{'':<13}{cut(one_line(one.question), 200)}")
        if one.answer:
            typer.echo(f"{'':<13}→ {cut(one_line(one.answer), 200)}")
        wanted = one.references[0] if one.references else "(should say it does not know)"
        typer.echo(f"{'':<13}= {cut(one_line(wanted), 200)}")
    typer.echo(f"{len(found):,} to look at in {len(runs)} run{'' if len(runs) == 1 else 's'}")


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    beside: Annotated[str, typer.Option("--dir", help="The folder that it is put into.")] = ".",
) -> None:
    """Write a task folder that works as it is, to be written over."""
    from pathlib import Path

    from iabench.tasks.skeleton import write_skeleton

    folder = write_skeleton(name, Path(beside).expanduser())
    typer.echo(
        f"{folder}: task.toml, probes.jsonl, CARD.md\n"
        f"  iabench tasks validate {folder}\n"
        f"  iabench evaluate --model organism --include-path {folder} --tasks {name}"
    )


@app.command("validate")
def check(
    path: Annotated[
        str, typer.Argument(help="A folder with a task.toml, file.py::name, or a task.")
    ],
    include_path: Include = None,
    as_json: Json = False,
) -> int:
    """Say everything that is wrong with a task; exit code 2 if anything is."""
    from iabench import jsonl
    from iabench.tasks.validate import validate

    checked = validate(path, tuple(include_path or ()))
    if as_json:
        document = {"ok": not checked.errors, **jsonl.jsonable(checked)}
        document["facts"] = dict(checked.facts)
        write_json(document)
        return 2 if checked.errors else 0
    for word, faults in (("wrong", checked.errors), ("warning", checked.warnings)):
        for fault in faults:
            hint = f"\n         try: {fault.hint}" if fault.hint else ""
            typer.echo(f"{word:<9}{fault.where}: {fault.says}{hint}")
    for key, value in checked.facts:
        typer.echo(f"{key:<18}{value}")
    n, m = len(checked.errors), len(checked.warnings)
    said = (
        "nothing is wrong" if not n else "1 thing is wrong" if n == 1 else f"{n} things are wrong"
    )
    typer.echo(f"{checked.name}: {said}" + (f", {m} to look at" if m else ""))
    return 2 if n else 0


def _spread(probes: Sequence[Probe], n: int) -> list[Probe]:
    """Return n probes from all over the task; twins stand side by side, so from both sides."""
    size = len(probes)
    if n >= size:
        return list(probes)
    at = [nth * size // n for nth in range(n)]
    if 2 * n <= size:
        at = [place + (place + nth) % 2 for nth, place in enumerate(at)]
    return [probes[place] for place in at]


def _reader(model: str | None) -> Callable[[Probe], str]:
    """Return what makes the text of a probe: as a model reads it, or plainly."""
    from iabench.prompts.templates import ask

    if model is None:
        return lambda probe: "\n".join(
            m.content if m.role == "user" else f"({m.role}) {m.content}" for m in ask(probe)
        )
    from iabench.models.tokenizer import renderer

    render = renderer(RunSpec(model=model))
    return lambda probe: render.text(ask(probe))


def _line(probe: Probe, text: Callable[[Probe], str]) -> str:
    declined = "(should say it does not know)"
    bare = declined if probe.expect == "abstain" else "(should answer; nobody wrote it down)"
    expected: Any = probe.references[0] if probe.references else bare
    asked = text(probe).rstrip("\n").split("\n")
    then = [f"then: {turn}" for turn in probe.follow_ups]
    return "\n".join(f"  {line}" for line in [*asked, *then]) + f"\n      {expected}"


@app.command("export")
def export_task(
    task: Annotated[str, typer.Argument(help="A task's name.", show_default=False)],
    to: Annotated[str, typer.Option("--to", help="lm-eval.")] = "lm-eval",
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to write to.")] = "export",
    seed: Annotated[int, typer.Option(help="0 is the public set.")] = 0,
    limit: Annotated[float | None, typer.Option(help="Probes of it.", show_default=False)] = None,
    include_path: Include = None,
) -> None:
    """Write a task for another harness, judged there as here."""
    from pathlib import Path

    from iabench.errors import ConfigError
    from iabench.reports.export.tasks import export_task as exported
    from iabench.tasks import catalog

    if to != "lm-eval":
        raise ConfigError(f'no export of tasks to "{to}".', "--to lm-eval")
    for one in catalog.load(task, seed=seed, limit=limit, include_path=tuple(include_path or ())):
        for path in exported(one, Path(out)):
            typer.echo(str(path))
    typer.echo(
        f"next      lm_eval run --include_path {out} --tasks iabench_... --apply_chat_template",
        err=True,
    )
