"""How often the judges of a run err, as far as anybody has measured it.

Three sources: tables published with iabench, a table of one's own that was given to the run
(`error_rates.json`, as `detectors validate --json` writes it), and labels of the run's own answers
(`labels*.jsonl`, as `iabench label --read` keeps them).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from iabench import jsonl
from iabench.errors import StoreError
from iabench.grading.agreement import Measured, measured
from iabench.grading.error_rates import published_table
from iabench.records import About
from iabench.runs.labelling import LABELS

__all__ = ["Stratum", "Validated", "by_labels", "by_table"]

Whose = Literal["published", "own", "run"]
_NONE = Measured(value=None, lo=None, hi=None, n=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Errors on one kind of response, or in one language."""

    name: str
    sensitivity: Measured
    """Of what is so, the share that was found; without a value where nothing of it is so."""
    specificity: Measured
    """Of what is not so, the share that was let pass; likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """What one judge got right on labelled responses."""

    judge: str
    about: About
    whose: Whose
    """`published`: shipped with iabench; `own`: given to the run; `run`: labels of its answers."""
    labels: str
    """What the labels are called."""
    digest: str
    n: int
    n_undecided: int
    level: float
    sensitivity: Measured
    specificity: Measured
    kinds: tuple[Stratum, ...] = ()
    languages: tuple[Stratum, ...] = ()


def by_table(folder: Path, judge: str, about: About) -> Validated | None:
    """Return the errors of a judge by the run's own table, else by the published one, or None.

    Raises:
        StoreError: `error_rates.json` of the folder is no such table.
    """
    path = folder / "error_rates.json"
    if path.exists():
        try:
            table = json.loads(path.read_text(encoding="utf-8-sig"))
            if (table["detector"], table["about"]) == (judge, about):
                return _read(table, "own")
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise StoreError(
                f"{path} is no table of error rates.",
                f"iabench regrade {folder} --error-rates published",
            ) from None
    found = published_table(judge, about)
    return None if found is None else _read(found, "published")


def _read(table: Mapping[str, Any], whose: Whose) -> Validated:
    strata = table.get("strata", {})
    return Validated(
        judge=str(table["detector"]),
        about=table["about"],
        whose=whose,
        labels=str(table["labels"]["name"]),
        digest=str(table["labels"]["digest"]),
        n=int(table["n"]),
        n_undecided=int(table["n_undecided"]),
        level=float(table["level"]),
        sensitivity=_measured(table["sensitivity"]),
        specificity=_measured(table["specificity"]),
        kinds=tuple(_strata(strata.get("kind", {}))),
        languages=tuple(_strata(strata.get("language", {}))),
    )


def _strata(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[Stratum]:
    for name, table in tables.items():
        yield Stratum(
            name=str(name),
            sensitivity=_measured(table["sensitivity"]),
            specificity=_measured(table["specificity"]),
        )


def _measured(value: Mapping[str, Any]) -> Measured:
    one, lo, hi = (None if value[k] is None else float(value[k]) for k in ("value", "lo", "hi"))
    return Measured(value=one, lo=lo, hi=hi, n=int(value["n"]))


def by_labels(
    folder: Path, judge: str, about: About, said: Mapping[str, bool | None], level: float
) -> Validated | None:
    """Return the errors of a judge on labelled answers of the run itself, or None without any.

    Each label stands for as many answers as its `weight` says, so the shares are of the whole run;
    intervals are made over entities.

    Args:
        folder: of the run.
        judge: whose verdicts they are.
        about: what was labelled.
        said: its verdicts by request id.
        level: coverage of the intervals.

    Raises:
        StoreError: a label lacks what one has.
    """
    path = folder / LABELS[about]
    lines = list(jsonl.read(path))
    families: dict[str, list[float]] = {}
    counts, squares = np.zeros(4), np.zeros(4)
    undecided = 0
    try:
        labels = [line for line in lines if line["request_id"] in said]
        for line in labels:
            value, weight = said[line["request_id"]], float(line["weight"])
            if value is None:
                undecided += 1
                continue
            # Columns as in `agreement`: true and false positives, true and false negatives.
            cell = (0 if value else 3) if line[about] else (1 if value else 2)
            families.setdefault(str(line["family"]), [0.0] * 4)[cell] += weight
            counts[cell] += 1
            squares[cell] += weight**2
    except (KeyError, TypeError, ValueError):
        raise StoreError(
            f"{path} holds a line that is no label.", f"iabench label {folder} --read sheet.csv"
        ) from None
    if not labels:
        return None
    found: Mapping[str, Measured] = {}
    if families:
        found = measured(np.array(list(families.values())), counts, squares, level)
    return Validated(
        judge=judge,
        about=about,
        whose="run",
        labels=LABELS[about],
        digest=jsonl.checksum(lines),
        n=len(labels),
        n_undecided=undecided,
        level=level,
        sensitivity=found.get("sensitivity", _NONE),
        specificity=found.get("specificity", _NONE),
    )
