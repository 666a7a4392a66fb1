"""Verdicts of others, labels and error rates, put into a run folder as a run would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.unit.reports.report_runs import Line, build, samples

SIZES = {"real-facts": 60, "invented-entities": 60}


def asked(folder: Path, **changes: Any) -> tuple[Path, list[Line]]:
    """Return a run folder whose answers have request ids, and its samples."""
    lines = samples("inventive", SIZES)
    for number, line in enumerate(lines):
        line["request_id"] = f"q{number}"
    return build(folder, "inventive", lines=lines, **changes), lines


def said(line: Line, about: str = "abstained") -> bool | None:
    """Return the verdict that the run rests on."""
    found = [one["value"] for one in line["verdicts"] if one["about"] == about]
    return found[0] if found else None


def judge(
    folder: Path, name: str, values: Mapping[str, bool | None], about: str = "abstained", **more: Any
) -> None:  # fmt: skip
    """Write one judge's verdicts, by request id."""
    path = folder / "verdicts" / f"{name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    rows = [
        {"request_id": key, "grader": name, "about": about, "value": value, "kinds": [],
         "reason": "" if value is not None else "too close", "evidence": "", "votes": []} | more
        for key, value in values.items()
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def label(folder: Path, lines: list[Line], so: Mapping[str, bool], weight: float = 2.0) -> None:
    """Write labels of the run's own answers."""
    rows = [
        {"id": line["id"], "request_id": line["request_id"], "abstained": so[line["request_id"]],
         "family": line["cluster"], "weight": weight, "sheet": "x"}
        for line in lines if line["request_id"] in so
    ]  # fmt: skip
    (folder / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def measure(value: float | None, n: int, around: float = 0.02) -> Line:
    """Return a share with an interval, as a table has it."""
    if value is None:
        return {"value": None, "lo": None, "hi": None, "n": n}
    return {"value": value, "lo": max(0, value - around), "hi": min(1, value + around), "n": n}


def rates(found: float = 0.9, passed: float = 0.8, **changes: Any) -> Line:
    """Return a table of error rates as `detectors validate --json` writes it."""
    return {
        "detector": "lexical@2", "about": "abstained", "level": 0.95, "n": 300, "n_undecided": 4,
        "labels": {"name": "mine.jsonl", "digest": "ab12" * 16},
        "sensitivity": measure(found, 100), "specificity": measure(passed, 196),
        "strata": {
            "kind": {
                "policy_refusal": {"sensitivity": measure(0.5, 40), "specificity": measure(None, 0)},
                "ignorance": {"sensitivity": measure(0.97, 60), "specificity": measure(None, 0)},
                "plain": {"sensitivity": measure(None, 0), "specificity": measure(0.8, 196)},
            },
            "language": {
                "en": {"sensitivity": measure(0.92, 80), "specificity": measure(0.81, 100)},
                "tlh": {"sensitivity": measure(0.82, 20), "specificity": measure(None, 0)},
            },
        },
    } | changes  # fmt: skip
