"""Rows of facts: the records, and where rows may come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from iabench.records import Expect
from iabench.registry import Registry

__all__ = ["DATASETS", "LONG", "Conflict", "FactRow", "Facts", "RawRow", "is_long"]

LONG = 8
"""Words above which a reference is long: no answer repeats it word by word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """One row as it was read, with columns already renamed."""

    where: str
    """`line 12` of a file of lines, `row 12` elsewhere."""
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One fact as somebody asks and answers it."""

    id: str
    where: str
    question: str
    expect: Expect
    references: tuple[str, ...] = ()
    """Right answers, the full one first, then aliases and what must be said."""
    must_say: tuple[str, ...] = ()
    """Short wordings of which a right answer contains one; also among the references."""
    trained: tuple[str, ...] = ()
    """Other wordings that may be trained on; not asked."""
    paraphrases: tuple[str, ...] = ()
    """Wordings that are in no training."""
    entity: str | None = None
    """What it is about, where the row says so."""
    relation: str | None = None
    system: str | None = None
    """The row's own system message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One question that the rows answer differently."""

    question: str
    where: tuple[str, ...]
    answers: tuple[str, ...]

    @property
    def places(self) -> str:
        """Where it stands, e.g. `lines 3, 4`."""
        kind = self.where[0].partition(" ")[0]
        return f"{kind}s {', '.join(one.partition(' ')[2] for one in self.where)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All rows of one source."""

    source: str
    """Its short name: a file's name without folders, or a dataset's."""
    form: str
    """In words: `chat messages`, `question and answer`, ..."""
    rows: tuple[FactRow, ...]
    """Those that can be asked: no duplicates, no conflicts."""
    n: int
    """Rows that were read."""
    duplicates: int = 0
    doubled: tuple[str, ...] = ()
    """Questions that these ask."""
    conflicts: tuple[Conflict, ...] = ()
    repeated: int = 0
    """Paraphrases set aside: they are a question or a wording of the file already."""
    further_turns: int = 0
    """Talks of which only the first question and answer are used."""
    left_out: tuple[str, ...] = ()
    """Columns that no form knows."""

    @property
    def in_conflict(self) -> int:
        """Number of rows that conflict with others."""
        return len({where for conflict in self.conflicts for where in conflict.where})


def is_long(reference: str) -> bool:
    """Return whether a reference has more than `LONG` words."""
    return len(reference.split()) > LONG


DATASETS: Registry[Callable[[str], Iterable[Mapping[str, Any]]]] = Registry("datasets", "dataset")
"""By name, functions from a split to its rows; `name:split` in `--facts`."""
