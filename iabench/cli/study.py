"""`iabench study`: a paper's comparison and ablation on any model, with a row of one's own."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iabench.cli import options as opt
from iabench.cli.facts import columns_of
from iabench.cli.leaving import guarded
from iabench.cli.screen import write_json
from iabench.cli.showing import Showing, shows
from iabench.errors import ConfigError

if TYPE_CHECKING:
    from iabench.studies.study import Needs, Study

__all__ = ["show_study", "study"]

_METHODS = "full,lora,sparse,entity-kl,seat,seat-own"
_WHAT, _ROWS, _HOW = "Which model, which facts", "Which rows", "How it is done"

Models = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", help="Hub id, folder, or `organism`; several by commas.",
        rich_help_panel=_WHAT, show_default=False,
    ),
]  # fmt: skip
Methods = Annotated[
    str | None,
    typer.Option(
        "--methods", help="Presets (iabench methods list) and files of your own: full,mine.toml.  "
        f"\\[{_METHODS}]", rich_help_panel=_ROWS, show_default=False,
    ),
]  # fmt: skip
Preset = Annotated[
    str | None,
    typer.Option(
        "--preset", help="A published study: se-tuning. What is typed beside it goes before it.",
        rich_help_panel=_WHAT, show_default=False,
    ),
]  # fmt: skip
Questions = Annotated[
    str | None,
    typer.Option(
        help="What se-tuning and its like label themselves; an organism brings its own.",
        rich_help_panel=_WHAT, show_default=False,
    ),
]  # fmt: skip
Seeds = Annotated[
    int, typer.Option(help="Of the tuning, and of which facts are taught.", rich_help_panel=_ROWS)
]
Against = Annotated[
    str | None,
    typer.Option(help="Also differences from this method, paired.", rich_help_panel=_ROWS),
]
Only = Annotated[
    list[str] | None,
    typer.Option(help="Make these cells only: METHOD or METHOD:SEED.", rich_help_panel=_ROWS),
]
Settings = Annotated[
    str,
    typer.Option(
        help="own: what the checkpoint carries for a preset; published: the preset's.",
        rich_help_panel=_HOW,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="A setting of every tuning: epochs=3.", rich_help_panel=_HOW),
]
KeepWeights = Annotated[
    str,
    typer.Option(
        "--keep", help="Weights that stay: none, delta (the small ones), all.", rich_help_panel=_HOW
    ),
]
Drift = Annotated[
    bool, typer.Option("--drift", help="Also what moved in the models.", rich_help_panel=_HOW)
]
Limit = Annotated[
    int | None, typer.Option("--limit", "-L", help="Questions of a set.", rich_help_panel=_HOW)
]
Trials = Annotated[
    str | None,
    typer.Option(help="Trials that settings were chosen from, to draw.", rich_help_panel=_HOW),
]


@shows
def study(
    model: Models = None,
    methods: Methods = None,
    preset: Preset = None,
    seeds: Seeds = 3,
    against: Against = None,
    only: Only = None,
    facts: opt.Facts = None,
    questions: Questions = None,
    real_names: opt.RealNames = None,
    columns: opt.Columns = None,
    settings: Settings = "own",
    set_: Set = None,
    keep: KeepWeights = "delta",
    drift: Drift = False,
    limit: Limit = None,
    trials: Trials = None,
    dtype: opt.Dtype = "auto",
    device: opt.Device = "auto",
    level: opt.Level = 0.95,
    out: opt.Out = None,
    fresh: opt.Fresh = False,
    dry_run: opt.DryRun = False,
    config: opt.Config = None,
    *,
    showing: Showing,
) -> int:
    """Tune a model by several methods under several seeds, and ask each what it still knows."""
    del config
    from iabench.cli.evaluate import hush

    if not showing.verbose:
        hush()
    from iabench.cli.cells import watching_cells
    from iabench.studies.assemble import write_table
    from iabench.studies.drift import write_drift
    from iabench.studies.presets import named_study
    from iabench.studies.spec import StudySpec, methods_of
    from iabench.studies.study import open_study, run

    named = named_study(preset) if preset else None
    model = model or (named.model if named else None)
    if not model:
        raise ConfigError("--model is missing.", "iabench study --model ... (or --preset NAME)")
    if trials is not None and not Path(trials).is_file():
        raise ConfigError(f'no file "{trials}" of trials.', "--trials FILE")
    asked = methods_of(_parts(methods or ("" if named else _METHODS)))
    spec = StudySpec(
        models=tuple(_parts(model)),
        methods=asked or (named.methods if named else ()),
        seeds=seeds,
        facts=facts,
        questions=questions,
        columns=tuple(columns_of(_listed(columns))),
        real_names=real_names,
        against=against or (named.against if named and not asked else None),
        settings=_choice("settings", settings, ("own", "published")),
        overrides=tuple(sorted(map(_setting, _listed(set_)))),
        keep=_choice("keep", keep, ("none", "delta", "all")),
        drift=drift,
        limit=limit,
        trials=trials,
        dtype=dtype,
        device=device,
        level=level,
    )
    settled = open_study(
        spec, only=_listed(only), out=Path(out) if out else None, fresh=fresh, dry=dry_run
    )
    needs = settled.needs()
    if not showing.quiet:
        for line in _header(settled, needs):
            typer.echo(line, err=True)
    if dry_run and showing.as_json:
        write_json(_document(settled, needs))
    needs.check(settled.folder.path)
    if dry_run:
        return 0
    watch = watching_cells(settled, quiet=showing.quiet)
    with (
        guarded(settled.folder.path, lambda: _kept(settled)),
        watch,
        contextlib.redirect_stdout(sys.stderr),
    ):
        failed = run(settled, watch)
    write_table(settled)
    write_drift(settled)
    page = show_study(settled.folder.path, as_json=showing.as_json, quiet=showing.quiet)
    if failed:
        typer.echo(f"not whole: {failed} cells failed; the same command tries them again", err=True)
    showing.pages([page])
    return 4 if failed else 0


def show_study(folder: Path, *, as_json: bool, quiet: bool) -> Path:
    """Print the table of a study, or only JSON; write its page and return where it is.

    Raises:
        StoreError: the folder holds no study's table.
    """
    from iabench.cli.screen import width
    from iabench.reports.study.terminal import render
    from iabench.reports.study.write import write_all

    page = write_all(folder)
    table = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    if as_json:
        write_json(table)
    elif not quiet:
        text = render(table, folder, width=width(), encoding=sys.stdout.encoding or "ascii")
        sys.stdout.write(f"\n{text}")
    sys.stdout.flush()
    return page


def _document(settled: Study, needs: Needs) -> dict[str, Any]:
    """Return the plan of a study as JSON: what was asked, what it takes, and its cells."""
    from iabench import jsonl

    return {
        "asked": jsonl.jsonable(settled.spec),
        "folder": str(settled.folder.path),
        **jsonl.jsonable(needs),
        "cells": [
            {
                "method": cell.method.name,
                "model": settled.spec.models[cell.model],
                "seed": cell.seed,
                "made": settled.is_made(cell),
            }
            for cell in settled.only
        ],
        "notes": list(settled.notes),
    }


def _header(settled: Study, needs: Needs) -> list[str]:
    """Return the lines that say what will be done."""
    from iabench.runs.watch import clock

    spec = settled.spec
    n = len(spec.methods)
    many = f"{n} {'method' if n == 1 else 'methods'} × {_count(spec.seeds, 'seed')}"
    if len(spec.models) > 1:
        many += f" × {len(spec.models)} models"
    given = f"; {_count(needs.given, 'checkpoint')} given" if needs.given else ""
    left = "" if len(settled.only) == len(spec.cells) else ", of which --only makes some"
    about = f" · about {clock(needs.seconds)}" if needs.evaluations else " · all found"
    disk = f"{max(needs.disk / 1e6, 1):,.0f} MB disk (--keep {spec.keep})"
    what = "new facts" if spec.teaches else "questions"
    which = (
        "the checkpoint's, chosen on validation names" if spec.settings == "own" else "published"
    )
    return [
        "",
        f"plan     {_count(needs.tunings, 'tuning')} on {needs.facts:,} {what} ({many}{given}"
        f"{left})",
        f"         {_count(needs.evaluations, 'evaluation')}{about}",
        f"needs    {needs.memory / 1e9:.1f} GB memory · {disk}              --dry-run stops here",
        f"writes   {settled.folder.path}        settings: {which}",
        *(f"note     {note}" for note in settled.notes),
        "",
    ]  # fmt: skip


def _kept(settled: Study) -> tuple[int, int]:
    """Return the answers kept and all of them, as far as cells tell."""
    from iabench.runs.store import answers

    done = sum(answers(settled.folder.cell(cell) / "asked") for cell in settled.only)
    n = sum(sum(min(len(p), 120) for p in lesson.sets.values()) for lesson in settled.lessons)
    return done, n * len(settled.only) // max(1, len(settled.lessons))


def _setting(text: str) -> tuple[str, str]:
    """Return (field, JSON) of `field=value`.

    Raises:
        ConfigError: it is none, or no training has that field.
    """
    from dataclasses import fields

    from iabench.errors import near_match
    from iabench.training.spec import TrainSpec

    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    known = [field.name for field in fields(TrainSpec)]
    if not equals or name not in known:
        raise ConfigError(
            f'--set "{text}" is no setting of a training.',
            f"--set {near_match(name, known) or 'epochs'}=VALUE",
        )
    try:
        json.loads(value)
    except ValueError:
        return name, json.dumps(value)
    return name, value


def _choice(name: str, value: str, among: tuple[str, ...]) -> Any:
    if value not in among:
        raise ConfigError(f'--{name} "{value}" is none of its choices.', " | ".join(among))
    return value


def _count(n: int, what: str) -> str:
    return f"{n:,} {what if n == 1 else what + 's'}"


def _listed(values: list[str] | None) -> list[str]:
    return [part for value in values or () for part in _parts(value)]


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
