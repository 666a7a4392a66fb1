"""How a command leaves when it is stopped or when we are at fault."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from iabench.errors import IabenchError

__all__ = ["InternalError", "guarded", "our_fault"]


class InternalError(IabenchError):
    """Our fault: a traceback lies in the file that the message names."""

    exit_code = 1


def our_fault(folder: Path) -> tuple[str, str]:
    """Write the traceback at hand to `crash.log` in a folder; return message and hint."""
    path = folder / "crash.log"
    text = traceback.format_exc()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError:
        typer.echo(text, err=True)
        return (
            "internal error (our fault), printed above.",
            "open an issue with it and: iabench env",
        )
    return (
        f"internal error (our fault). Details: {path}",
        "open an issue with that file and: iabench env",
    )


@contextmanager
def guarded(folder: Path, kept: Callable[[], tuple[int, int]]) -> Iterator[None]:
    """Say what is kept when a run is stopped, and keep a crash beside the run.

    Args:
        folder: of the run.
        kept: returns (answers kept, answers in all).
    """
    try:
        yield
    except KeyboardInterrupt:
        n, total = kept()
        typer.echo(f"\nstopped: {n:,} of {total:,} answers kept. Same command goes on.", err=True)
        raise typer.Exit(130) from None
    except (IabenchError, typer.Exit):
        raise
    except Exception as problem:
        raise InternalError(*our_fault(folder)) from problem
