"""`--facts SOURCE`: a file, a registered dataset, or one of the hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from iabench.datasets.base import DATASETS, Facts, RawRow
from iabench.datasets.fetch import fetch, is_hub_id
from iabench.datasets.files import SUFFIXES, read_rows
from iabench.datasets.forms import facts_of, renamed
from iabench.datasets.published import published
from iabench.datasets.readers import fact_rows
from iabench.errors import IabenchError, PluginError, TaskError, near_match

__all__ = ["read_facts", "read_names", "read_questions", "short_source"]

_ROWS = '[{"question": "...", "answer": "..."}, ...]'


def read_facts(
    source: str, columns: Mapping[str, str] | None = None, data_dir: str | None = None
) -> Facts:
    """Return the facts of a source.

    Args:
        source: a path; `name` or `name:split` of a registered or a published dataset; `owner/name`
            or `owner/name:split` on the hub.
        columns: iabench's name -> the column's own, for columns that are called otherwise.
        data_dir: folder with the files of a published dataset; None: where they were fetched to.

    Raises:
        IabenchError: it is not there, or a row of it is wrong; the message names file and row.
    """
    facts = facts_of(
        renamed(_raw(source, data_dir), columns or {}, short_source(source)), short_source(source)
    )
    if not facts.rows:
        first = facts.conflicts[0]
        raise TaskError(
            f"{facts.source}, {first.places}: conflicting answers, e.g. to "
            f'"{" ".join(first.question.split())}"; no other question is in it.',
            "one answer to each question",
        )
    return facts


def read_questions(source: str, columns: Mapping[str, str] | None = None) -> Facts:
    """Return the questions of a source; where a row brings no answer it has no references.

    Raises:
        IabenchError: it is not there, or a row of it is wrong; the message names file and row.
    """
    name = short_source(source)
    rows = renamed(_raw(source, None), columns or {}, name)
    return facts_of([_unanswered(row) for row in rows], name)


def _unanswered(row: RawRow) -> RawRow:
    """Return a row that is not expected to bring an answer where it has only a question."""
    values = row.values
    if "question" not in values or values.get("answer") not in (None, "", []):
        return row
    return replace(row, values={**values, "answer": "", "expect": "abstain"})


def short_source(source: str) -> str:
    """Return what a source is called in a line: a file without its folders."""
    return Path(source).name if _is_file(source) else source


def read_names(path: str) -> tuple[str, ...]:
    """Return the names in a file, one a line.

    Raises:
        TaskError: the file is not there or not UTF-8.
    """
    if not Path(path).is_file():
        raise TaskError(f'no file "{path}" of real names.', "--real-names FILE, one name a line")
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise TaskError(f"cannot read {path}: {problem}.") from None
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _is_file(source: str) -> bool:
    return Path(source).suffix.lower() in SUFFIXES or Path(source).is_file()


def _raw(source: str, data_dir: str | None) -> list[RawRow]:
    if Path(source).is_file():
        return read_rows(Path(source))
    name, _, split = source.partition(":")
    if name in published():
        return fact_rows(name, split, data_dir)
    if name in DATASETS:
        return _plugged(name, split)
    if not _is_file(source) and is_hub_id(source) and not Path(source).parent.is_dir():
        return fetch(source)
    raise _missing(source)


def _plugged(name: str, split: str) -> list[RawRow]:
    """Return the rows that an installed distribution gives.

    Raises:
        PluginError: it fails or gives no rows; the distribution is named.
    """
    made = DATASETS.get(name)
    where = f'dataset "{name}" of {" and ".join(DATASETS.origins()[name])}'
    try:
        given: Any = made(split)
        rows = list(given) if isinstance(given, Iterable) else None
    except IabenchError:
        raise
    except Exception as problem:  # somebody's function may raise anything
        raise PluginError(f"{where} fails: {type(problem).__name__}: {problem}.") from problem
    if rows is None or isinstance(given, str | Mapping):
        raise PluginError(f"{where} gives a {type(given).__name__}, no rows.", _ROWS)
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise PluginError(f"{where}, row {number}: a {type(row).__name__}, no mapping.", _ROWS)
    if not rows:
        raise TaskError(f"{name}:{split} is empty: there is no row in it.")
    return [RawRow(where=f"row {n}", values=dict(row)) for n, row in enumerate(rows, start=1)]


def _missing(source: str) -> TaskError:
    path = Path(source)
    here = {p.name: p for p in path.parent.iterdir()} if path.parent.is_dir() else {}
    near = near_match(path.name, [n for n in here if Path(n).suffix.lower() in SUFFIXES])
    if near:
        return TaskError(f'no facts "{source}".', f"{here[near]}   (near match)")
    near = near_match(source.partition(":")[0], [*DATASETS.names(), *published()])
    hint = f"{near}:SPLIT" if near else "a file, NAME:SPLIT, or OWNER/NAME of the hub"
    return TaskError(f'no facts "{source}": not a file here, not a dataset.', hint)
