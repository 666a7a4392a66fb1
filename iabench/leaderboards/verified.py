"""What a maintainer's rerun gave: `verified/NAME.json`, which no entry can write itself.

It holds only for the answers that it was made of: with other answers an entry is self-reported
again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from iabench import jsonl
from iabench.decode import decode
from iabench.errors import StoreError
from iabench.leaderboards.board import Board
from iabench.leaderboards.entry import MOST_JSON, Entry
from iabench.records import SCHEMA_VERSION

__all__ = ["Gap", "Verified", "read_verified", "write_verified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A metric on the public set, less what it is on a private one of the same model."""

    metric: str
    public: float
    private: float
    value: float
    lo: float
    hi: float
    detectable: float
    """The least true gap that so many probes would have shown, with power .8."""
    n_public: int
    n_private: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One rerun."""

    schema_version: int = SCHEMA_VERSION
    name: str
    answers: str
    """sha256 of the answers that were compared."""
    draw: int
    """What the maintainer chose; with the digest of the answers it says which probes were drawn."""
    n: int
    same_text: int
    same_outcome: int
    passed: bool
    model: str
    """As it was loaded for the rerun."""
    same_weights: bool | None
    """None: nobody can know."""
    iabench: str
    private_seed: int | None = None
    leakage: tuple[Gap, ...] = ()


def read_verified(folder: Path, board: Board, entry: Entry) -> Verified | None:
    """Return the rerun of an entry's present answers, or None: it is self-reported.

    The methods of a study are never rerun, so whatever lies there is none of `verify`.

    Raises:
        StoreError: the file is not readable, or leads elsewhere.
    """
    if board.study:
        return None
    path = folder / "verified" / f"{entry.name}.json"
    if path.is_symlink() or path.resolve().parent != (folder / "verified").resolve():
        raise StoreError(f"{path} leads elsewhere.", "a plain file in verified/")
    if not path.is_file() or path.stat().st_size > MOST_JSON:
        return None
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise StoreError(
            f"{path} is not JSON.", f"iabench leaderboard verify {folder} {entry.name}"
        ) from None
    found = decode(Verified, value, where=str(path), error=StoreError)
    return found if found.answers == entry.answers.sha256 and found.name == entry.name else None


def write_verified(folder: Path, verified: Verified) -> Path:
    """Write what a rerun gave."""
    path = folder / "verified" / f"{verified.name}.json"
    jsonl.write_json(path, verified)
    return path
