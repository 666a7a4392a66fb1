from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from iabench.reports.csv import COLUMNS, neutral, table
from iabench.reports.loading import load
from tests.unit.reports.hostile_strings import HOSTILE
from tests.unit.reports.report_runs import build


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_it_holds_every_estimate_to_the_last_digit(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", "inventive")
    rows = read(table(load(folder)))
    results = json.loads((folder / "results.json").read_text())
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(results["estimates"])
    for row, one in zip(rows, results["estimates"], strict=True):
        low, high = one.pop("bounds") or (None, None)
        for key, value in {**one, "bound_lo": low, "bound_hi": high, "private": "false"}.items():
            if isinstance(value, float):
                assert float(row[key]) == value
            else:
                assert row[key] == ("" if value is None else str(value))


def test_a_negative_number_stays_a_number(tmp_path: Path) -> None:
    view = load(
        build(tmp_path / "run", "inventive", sizes={"real-facts": 40, "invented-entities": 40})
    )
    row = next(row for row in read(table(view)) if row["metric"] == "awareness_score")
    assert float(row["value"]) == view.estimate("awareness_score").value  # type: ignore[union-attr]
    assert any(cell.startswith("-") for cell in row.values())


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula(tmp_path: Path, text: str) -> None:
    cell = neutral(text)
    assert "\n" not in cell
    assert "\r" not in cell
    assert not cell.lstrip(" \"'").startswith(("=", "+", "-", "@")) or cell.startswith("'")
    folder = build(tmp_path / "run", sizes={"real-facts": 2})
    results = json.loads((folder / "results.json").read_text())
    results["estimates"][0] |= {"reason": text, "task": text, "method": text}
    (folder / "results.json").write_text(json.dumps(results))
    rows = read(table(load(folder)))
    assert len(rows) == len(results["estimates"])
    assert rows[0]["reason"] == rows[0]["task"] == cell
    assert None not in rows[0]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", " =1", '"=1', "＝1"])
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert neutral(text).startswith("'")


@pytest.mark.parametrize(
    "text", ["", "a=b", "relation=capital", "corrected:rogan-gladen", "3 of 4"]
)
def test_honest_text_gets_none(text: str) -> None:
    assert neutral(text) == text
