"""`--facts SOURCE`: a file, a registered dataset, or one of the hub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from iabench.datasets.base import DATASETS, Facts, RawRow
from iabench.datasets.fetch import fetch, is_hub_id
from iabench.datasets.files import SUFFIXES, read_rows
from iabench.datasets.forms import facts_of, renamed
from iabench.errors import TaskError, near_match

__all__ = ["read_facts", "read_names", "short_source"]


def read_facts(source: str, columns: Mapping[str, str] | None = None) -> Facts:
    """Return the facts of a source.

    Args:
        source: a path; `name` or `name:split` of a registered dataset; `owner/name` or
            `owner/name:split` on the hub.
        columns: iabench's name -> the column's own, for columns that are called otherwise.

    Raises:
        IabenchError: it is not there, or a row of it is wrong; the message names file and row.
    """
    facts = facts_of(
        renamed(_raw(source), columns or {}, short_source(source)), short_source(source)
    )
    if not facts.rows:
        first = facts.conflicts[0]
        raise TaskError(
            f"{facts.source}, {first.places}: conflicting answers, e.g. to "
            f'"{" ".join(first.question.split())}"; no other question is in it.',
            "one answer to each question",
        )
    return facts


def short_source(source: str) -> str:
    """Return what a source is called in a line: a file without its folders."""
    return Path(source).name if _is_file(source) else source


def read_names(path: str) -> tuple[str, ...]:
    """Return the names in a file, one a line.

    Raises:
        TaskError: the file is not there or not UTF-8.
    """
    if not Path(path).is_file():
        raise _missing(path)
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise TaskError(f"cannot read {path}: {problem}.") from None
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _is_file(source: str) -> bool:
    return Path(source).suffix.lower() in SUFFIXES or Path(source).is_file()


def _raw(source: str) -> list[RawRow]:
    if Path(source).is_file():
        return read_rows(Path(source))
    name, _, split = source.partition(":")
    if name in DATASETS:
        rows = DATASETS.get(name)(split)
        made = [RawRow(where=f"row {n}", values=dict(row)) for n, row in enumerate(rows, start=1)]
        if not made:
            raise TaskError(f"{source} is empty: there is no row in it.")
        return made
    if not _is_file(source) and is_hub_id(source) and not Path(source).parent.is_dir():
        return fetch(source)
    raise _missing(source)


def _missing(source: str) -> TaskError:
    path = Path(source)
    here = {p.name: p for p in path.parent.iterdir()} if path.parent.is_dir() else {}
    near = near_match(path.name, [n for n in here if Path(n).suffix.lower() in SUFFIXES])
    if near:
        return TaskError(f'no facts "{source}".', f"{here[near]}   (near match)")
    near = near_match(source.partition(":")[0], DATASETS.names())
    hint = f"{near}:SPLIT" if near else "a file, NAME:SPLIT, or OWNER/NAME of the hub"
    return TaskError(f'no facts "{source}": not a file here, not a dataset.', hint)
