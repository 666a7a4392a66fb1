"""`iabench train`: facts into a model, by a method that keeps what it admits."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iabench.cli import options as opt
from iabench.cli.evaluate import hush
from iabench.cli.fields import typed, with_fields
from iabench.cli.leaving import InternalError, our_fault
from iabench.cli.progress import parameters, watching
from iabench.cli.screen import write_json
from iabench.errors import ConfigError, IabenchError
from iabench.training.spec import TrainSpec

if TYPE_CHECKING:
    from iabench.models.locate import Located
    from iabench.training.plan import Plan

__all__ = ["train"]

_NO_MATTER = frozenset({"device", "checkpoint_every", "report_to", "save", "path"})
"""Fields that change no weight, and so no folder."""

Method = Annotated[
    str | None,
    typer.Argument(help="A preset (iabench methods list); left out where the axes are spelled."),
]
ShowPerturbed = Annotated[
    int | None,
    typer.Option(
        "--show-perturbed", help="Print N rows with their perturbed copies, and stop.",
        show_default=False,
    ),
]  # fmt: skip
Out = Annotated[
    str | None,
    typer.Option("--out", "-o", help="Exactly this folder.  \\[runs/MODEL/METHOD-FACTS-DIGEST]"),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Begin anew; the old training is kept beside it.")
]


@with_fields
def train(
    method: Method = None,
    show_perturbed: ShowPerturbed = None,
    out: Out = None,
    fresh: Fresh = False,
    dry_run: opt.DryRun = False,
    config: opt.Config = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    **given: Any,
) -> int:
    """Teach a model facts and keep its "I don't know"; an ordinary Hugging Face folder comes out.

    METHOD is a preset, or its axes are spelled out: --update sparse --anchors entity-kl.
    """
    first = os.environ.get("RANK", "0") == "0"
    wanted = typed(given)
    if not wanted.get("model"):
        raise ConfigError("--model is missing.", "iabench train --model ...")
    if not wanted.get("facts") and not wanted.get("questions"):
        raise ConfigError("--facts is missing.", "iabench train --facts ... (or --questions ...)")
    if not verbose:
        hush()
    spec, located, notes = _resolved(method, wanted)
    if show_perturbed is not None:
        _show_perturbed(spec, show_perturbed)
        return 0
    folder = Path(out) if out else _default(spec, located)
    talk = watching(quiet=quiet or not first)
    for line in _header(spec, located, notes, folder):
        talk.say(line)
    if dry_run:
        if first:
            _dry(spec, folder, as_json=as_json, say=talk.say)
        return 0
    with _guarded(folder), contextlib.redirect_stdout(sys.stderr):
        from iabench.training.train import train as run

        run(spec, folder, fresh=fresh, watch=talk)
    if first:
        _show(folder, as_json=as_json, quiet=quiet)
    return 0


def _resolved(
    method: str | None, wanted: dict[str, Any]
) -> tuple[TrainSpec, Located, tuple[str, ...]]:
    """Return the training that is meant, where its base lies, and what to say of its settings."""
    from iabench.models.locate import locate
    from iabench.records import RunSpec
    from iabench.training.recipe import resolve

    named = {field.name for field in fields(RunSpec)} & wanted.keys()
    where = {key: wanted[key] for key in named & {"model", "revision", "trust_remote_code"}}
    located = locate(RunSpec(**where, allow_pickle=bool(wanted.get("allow_pickle"))))
    spec, notes = resolve(method, wanted, folder=located.path)
    return spec, located, notes


def _default(spec: TrainSpec, located: Located) -> Path:
    """Return `<runs>/<model>/<method>-<facts>-<six digits>`: the same command, the same folder."""
    from iabench import jsonl
    from iabench.models.locate import short_name
    from iabench.rng import digest
    from iabench.runs.folders import runs_folder

    matters = {k: v for k, v in jsonl.jsonable(spec).items() if k not in _NO_MATTER}
    six = digest(jsonl.canonical(matters), located.weights)[:6]
    facts = short_name(Path(spec.source).stem.replace(":", "-"))
    return runs_folder() / short_name(spec.model) / f"{spec.method}-{facts}-{six}"


def _header(spec: TrainSpec, located: Located, notes: Sequence[str], folder: Path) -> list[str]:
    from iabench import __version__

    names = located.config.get("architectures") or [located.config.get("model_type", "")]
    kind = str(names[0]).removesuffix("ForCausalLM").removesuffix("LMHeadModel")
    size = f", {parameters(located.n_parameters)}" if located.n_parameters else ""
    axes = [spec.update, *spec.anchors, *(row for row in spec.rows if row != "facts")]
    axes += [spec.after] if spec.after != "none" else []
    head = [f"{'method' if n == 0 else 'settings':<10}{note}" for n, note in enumerate(notes)]
    return [
        "",
        f"iabench {__version__}   {spec.model} · {kind}{size}",
        *(head or [f"method    custom: {' + '.join(axes)}"]),
        f"writes    {folder}     Ctrl-C is safe: same command goes on",
    ]


def _dry(spec: TrainSpec, folder: Path, *, as_json: bool, say: Any) -> None:
    from iabench.training.plan import plan

    planned = plan(spec, folder)
    if as_json:
        write_json(_document(planned))
    else:
        for line in planned.lines():
            say(line)
    planned.check()


def _document(planned: Plan) -> dict[str, Any]:
    from iabench import jsonl

    return {
        "asked": jsonl.jsonable(planned.spec),
        **{
            field.name: jsonl.jsonable(getattr(planned, field.name))
            for field in fields(planned)
            if field.name != "spec"
        },
        "needed": planned.needed,
        "fits": planned.fits,
    }


def _show_perturbed(spec: TrainSpec, n: int) -> None:
    """Print rows beside their perturbed copies; loads no model."""
    from iabench.datasets.source import read_names
    from iabench.training.perturbed import Perturber
    from iabench.training.prepare import examples_of

    examples = examples_of(spec)
    names = read_names(spec.real_names) if spec.real_names else ()
    made = Perturber(examples, seed=spec.seed, copies=spec.copies, real_names=names)(0)
    pairs = [(row, copy) for row, copy in zip(examples, made, strict=True) if copy]
    lines = []
    for row, copy in pairs[:n]:
        lines += [f"{row.question}  ->  {copy.question}"]
        if row.answer != copy.answer and spec.anchor_answer == "dataset":
            lines += [f"    {row.answer}  ->  {copy.answer}"]
    without = len(examples) - len(pairs)
    lines.append(
        f"{len(pairs):,} of {len(examples):,} rows are perturbed; {without:,} name nothing"
    )
    sys.stdout.write("\n".join(lines) + "\n")


def _show(folder: Path, *, as_json: bool, quiet: bool) -> None:
    from iabench.tasks.told import count

    run = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    if as_json:
        write_json({"folder": str(folder), **run})
    elif not quiet:
        asked = run["asked"]
        facts = f" --facts {asked['facts']}" if asked["facts"] else ""
        minutes, seconds = divmod(round(run["seconds"]), 60)
        sys.stdout.write(
            f"\n saved   {folder}   ({asked['method']}, {count(run['steps'], 'steps')}, "
            f"{minutes}:{seconds:02d})\n"
            f"{_short_of_target(run)}"
            f" next    does it still know what it does not know?\n"
            f"         iabench evaluate --model {folder}{facts}\n"
        )
    sys.stdout.flush()


def _short_of_target(run: Mapping[str, Any]) -> str:
    """Return a line where a training ended before it said as many facts as it was to stop at."""
    from iabench.studies.verdict import number

    target, reached = run["asked"]["stop_at_recall"], [one["recall"] for one in run["recall"]]
    if target is None or not reached or reached[-1] >= target:
        return ""
    return (
        f" learned {number(reached[-1])} of the facts as they were put, where {number(target)} was "
        "to end it: the steps "
        "were used up\n         more: --epochs, or a higher --learning-rate\n"
    )


@contextlib.contextmanager
def _guarded(folder: Path) -> Any:
    """Say what is kept when a training is stopped, and keep a crash beside it."""
    try:
        yield
    except KeyboardInterrupt:
        steps = [int(p.name.rpartition("-")[2]) for p in folder.glob("checkpoints/checkpoint-*")]
        kept = f"{max(steps):,} steps kept" if steps else "no checkpoint yet"
        typer.echo(f"\nstopped: {kept}. Same command goes on.", err=True)
        raise typer.Exit(130) from None
    except (IabenchError, typer.Exit):
        raise
    except Exception as problem:
        raise InternalError(*our_fault(folder)) from problem
