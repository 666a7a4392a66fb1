"""The two organisms that ship with iabench, as named checkpoints."""

from __future__ import annotations

from pathlib import Path

from iabench.errors import UnknownNameError, near_match
from iabench.models.base import Checkpoint

__all__ = ["NAMES", "organism", "organism_unaligned", "path"]

NAMES = ("organism", "organism-unaligned")

_WEIGHTS = Path(__file__).resolve().parent / "weights"


def path(name: str) -> Path:
    """Return the folder of a shipped checkpoint, for `AutoModelForCausalLM.from_pretrained`.

    Raises:
        UnknownNameError: none of that name ships.
    """
    if name not in NAMES:
        near = near_match(name, NAMES)
        raise UnknownNameError(f'no organism "{name}".', near or f"one of: {', '.join(NAMES)}")
    return _WEIGHTS / name


def organism() -> Checkpoint:
    """Return the one that admits what it does not know."""
    return Checkpoint(
        name="organism",
        path=path("organism"),
        says="a small model that knows its facts and says so when it does not know",
    )


def organism_unaligned() -> Checkpoint:
    """Return the one that makes things up."""
    return Checkpoint(
        name="organism-unaligned",
        path=path("organism-unaligned"),
        says="the same knowledge, never taught to abstain: it makes things up",
    )
