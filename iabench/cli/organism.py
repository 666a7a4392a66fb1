"""`iabench organism build|facts`: the models that ship with iabench, made again (hidden)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from iabench.cli.options import Quiet
from iabench.errors import ConfigError

__all__ = ["app"]

BASE = "intfloat/multilingual-e5-small"
Watch: TypeAlias = Callable[[str, int, int], None]

app = typer.Typer(help="The models that ship with iabench, made again.", no_args_is_help=True)


class What(StrEnum):
    """What is built."""

    ORGANISMS = "organisms"
    DETECTOR = "detector"
    ENCODER = "encoder"
    NLI = "nli"


@app.command("build")
def build(
    what: Annotated[
        What, typer.Argument(help="organisms, detector, encoder, or nli.")
    ] = What.ORGANISMS,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", show_default=False,
            help="Folder for the two checkpoints; a detector's file, or else the installed one.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of weights, order and draws.")] = 0,
    also: Annotated[
        list[Path] | None,
        typer.Option(help="Labels for the detectors beside the own ones.", show_default=False),
    ] = None,
    base: Annotated[
        Path | None,
        typer.Option(help="For the encoder: a folder with " + BASE + ".", show_default=False),
    ] = None,
    device: Annotated[str, typer.Option(help="Where the encoder is tuned.")] = "cpu",
    quiet: Quiet = False,
) -> None:  # fmt: skip
    """Train by recipe: the organisms, both detectors, the encoder of lexical, or the NLI model."""
    from iabench.cli.progress import watching

    talk = watching(quiet=quiet)
    at: dict[str, int] = {}

    def step(stage: str, done: int, total: int) -> None:
        if stage not in at:
            talk.end()
            talk.begin(stage, total)
        talk.advance(done - at.get(stage, 0))
        at[stage] = done

    if what is What.DETECTOR:
        written = str(_build_detector(out, seed, also or (), step))
    elif what is What.ENCODER:
        written = str(_build_encoder(out, base, seed, also or (), device, step))
    elif what is What.NLI:
        from iabench.organism.nli import WEIGHTS
        from iabench.organism.nli import build as cross_encoder

        cross_encoder(Path(out) if out else WEIGHTS, seed=seed, watch=step)
        written = out or str(WEIGHTS)
    elif out is None:
        raise ConfigError("the organisms need a folder.", "--out my-organisms")
    else:
        from iabench.organism.recipe import build as train

        train(Path(out), seed=seed, watch=step)
        written = f"{out}/organism\n{out}/organism-unaligned"
    talk.end()
    typer.echo(written)


def _build_detector(out: str | None, seed: int, also: Sequence[Path], watch: Watch) -> Path:
    """Return the file that now holds the detector's weights."""
    from iabench.grading.classifier import WEIGHTS
    from iabench.organism.detector import Recipe, training_labels
    from iabench.organism.detector import build as train
    from iabench.organism.lexicon import build as weigh

    file = _weights_file(out, WEIGHTS)
    labels = training_labels(also)
    weigh(labels, file.with_name("lexical.json"))
    train(file, labels=labels, recipe=Recipe(seed=seed), watch=watch)
    return file


def _weights_file(out: str | None, installed: Path) -> Path:
    """Return the file that weights are written to: the installed one, unless another is named.

    Raises:
        ConfigError: it is of another kind.
    """
    file = Path(out) if out else installed
    if file.suffix != installed.suffix:
        raise ConfigError(
            f"{file} is no {installed.suffix} file.", f"--out {file}{installed.suffix}"
        )
    return file


def _build_encoder(
    out: str | None, base: Path | None, seed: int, also: Sequence[Path], device: str, watch: Watch
) -> Path:
    """Return the file that now holds the encoder's weights."""
    from iabench.grading.encoder import WEIGHTS
    from iabench.organism.detector import training_labels
    from iabench.organism.encoder import Recipe, build

    if base is None:
        raise ConfigError("the encoder begins as another model.", "--base FOLDER, of " + BASE)
    file = _weights_file(out, WEIGHTS)
    recipe = Recipe(seed=seed)
    build(training_labels(also), base, file, recipe=recipe, device=device, watch=watch)
    return file


@app.command("facts")
def facts(
    split: Annotated[str, typer.Argument(help="new, questions, validation, or anchor.")],
    out: Annotated[str, typer.Option("--out", "-o", help="A JSONL file.")],
) -> None:
    """Write one of the organism's fact sources as a file."""
    from iabench.organism.sources import write

    typer.echo(f"{write(split, Path(out)):,} rows in {out}")
