"""`iabench organism build|facts`: the small models that ship with iabench (hidden)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iabench.cli.options import Quiet

__all__ = ["app"]

app = typer.Typer(help="The small models that ship with iabench.", no_args_is_help=True)


@app.command("build")
def build(
    out: Annotated[str, typer.Option("--out", "-o", help="Folder for the two checkpoints.")],
    seed: Annotated[int, typer.Option(help="Of weights, order and draws.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Train the organisms from the recipe: minutes on two cores."""
    from iabench.cli.progress import watching
    from iabench.organism.recipe import build as train

    talk = watching(quiet=quiet)
    at: dict[str, int] = {}

    def step(stage: str, done: int, total: int) -> None:
        if stage not in at:
            talk.end()
            talk.begin(stage, total)
        talk.advance(done - at.get(stage, 0))
        at[stage] = done

    train(Path(out), seed=seed, watch=step)
    talk.end()
    typer.echo(f"{out}/organism\n{out}/organism-unaligned")


@app.command("facts")
def facts(
    split: Annotated[str, typer.Argument(help="new, questions, validation, or anchor.")],
    out: Annotated[str, typer.Option("--out", "-o", help="A JSONL file.")],
) -> None:
    """Write one of the organism's fact sources as a file."""
    from iabench.organism.sources import write

    typer.echo(f"{write(split, Path(out)):,} rows in {out}")
