"""Rates of a run corrected for its detector's errors: by published rates, and by labels of its own.

What is needed lies in the package or in the run folder: `error_rates.json` (a table of
`iabench detectors validate --json`, put there by `regrade --error-rates`) counts before what is
published, `labels.jsonl` and `labels-correct.jsonl` come from `iabench label --read`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from iabench import jsonl
from iabench.errors import ConfigError
from iabench.grading.error_rates import ErrorRates, error_rates, read_error_rates
from iabench.grading.labels import ADMISSIONS
from iabench.metrics.base import Row
from iabench.metrics.corrected import Labelled, corrected
from iabench.records import About, Estimate, TaskSpec
from iabench.runs.labelling import LABELS, labelled, labels_of

__all__ = ["Adjusted", "adjusted", "take_error_rates"]

_OWN = "error_rates.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """Corrected estimates, and what they were corrected by."""

    estimates: tuple[Estimate, ...] = ()
    by: Mapping[str, Any]
    """For `results.json`: the error rates that were used, and the labels."""
    notes: tuple[str, ...] = ()


def take_error_rates(folder: Path, file: str, detector: str) -> None:
    """Keep a table of error rates in a run folder; `published` takes it away again.

    Raises:
        ConfigError: it is no such table, or of another detector than the run's.
    """
    if file == "published":
        (folder / _OWN).unlink(missing_ok=True)
        return
    found = read_error_rates(Path(file))
    if found.detector != detector:
        raise ConfigError(
            f"{file} is about {found.detector}; the run was judged by {detector}.",
            f"iabench detectors validate --detector {detector.partition('@')[0]} --labels FILE "
            "--json",
        )
    if Path(file).resolve() != (folder / _OWN).resolve():
        shutil.copyfile(file, folder / _OWN)


def adjusted(
    folder: Path,
    rows: Sequence[Row],
    specs: Sequence[TaskSpec],
    *,
    answers: Mapping[str, str],
    suites: Mapping[str, Sequence[str]],
    detector: str,
    level: float,
) -> Adjusted:
    """Return what the run folder and the published tables allow to correct.

    Args:
        folder: of the run.
        rows: of its ledger.
        specs: of its tasks.
        answers: request ids by probe.
        suites: tasks of each suite that the run covers whole.
        detector: id of the one that judged.
        level: coverage of the intervals.

    Raises:
        StoreError: a label's sheet has lost its key.
        ConfigError: `error_rates.json` of the folder is no table.
    """
    rates, whose = _rates(folder, detector)
    by_name = {spec.name: spec for spec in specs}
    labels: dict[About, Labelled] = {}
    for about in get_args(About):
        found = labelled(folder, about, by_name, answers)
        if found is not None and found.said:
            labels[about] = found
    by: dict[str, Any] = {
        "detector": detector,
        "error_rates": None
        if rates is None
        else {
            "labels": rates.labels,
            "n": rates.n,
            "sensitivity": jsonl.jsonable(rates.sensitivity),
            "specificity": jsonl.jsonable(rates.specificity),
        },
        "labels": {
            about: {"n": len(one.said), "digest": jsonl.checksum(labels_of(folder, about))}
            for about, one in labels.items()
        },
    }
    return Adjusted(
        estimates=tuple(
            corrected(
                rows,
                suites=suites,
                level=level,
                rates=rates,
                labelled=labels,
                defines={spec.name: spec.metrics for spec in specs if spec.metrics},
                own_kinds=[spec.name for spec in specs if set(spec.accepts) != ADMISSIONS],
            )
        ),
        by=by,
        notes=tuple(_notes(detector, rates, whose, by["labels"])),
    )


def _rates(folder: Path, detector: str) -> tuple[ErrorRates | None, str]:
    """Return the error rates of a detector, and whose they are."""
    if (folder / _OWN).exists():
        found = read_error_rates(folder / _OWN)
        if found.detector == detector:
            return found, "your own"
    return error_rates(detector), "its published"


def _notes(
    detector: str, rates: ErrorRates | None, whose: str, labels: Mapping[About, Mapping[str, Any]]
) -> list[str]:
    notes = []
    name = detector.partition("@")[0]
    if rates is not None:
        notes.append(
            f"corrected for the errors of {detector} by {whose} error rates "
            f"({rates.n:,} labelled responses, digest {rates.labels[:12]})"
        )
    elif not labels:
        notes.append(
            f"nothing is corrected: no error rates of {detector} are published. Measure them "
            f"(iabench detectors validate --detector {name} --labels FILE --json > rates.json, "
            "then iabench regrade RUN --error-rates rates.json), or label some of the answers "
            "(iabench label RUN --out sheet.csv)"
        )
    for about, one in labels.items():
        notes.append(
            f"corrected by {one['n']:,} labels of this run ({LABELS[about]}, digest "
            f"{one['digest'][:12]})"
        )
    return notes
