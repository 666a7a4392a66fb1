from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from iabench.reports import words
from iabench.reports.loading import load
from iabench.reports.markdown import plain, text
from tests.unit.reports.hostile_strings import HOSTILE
from tests.unit.reports.report_runs import build, samples


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_it_holds_sentence_outcomes_and_estimates(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", "inventive")
    view = load(folder)
    lines = text(view).splitlines()
    assert lines[0] == "# acme\\-8b"
    assert lines[2] == f"**{plain(words.reading(view).text)}**"
    results = json.loads((folder / "results.json").read_text())
    rows = [cells(line) for line in lines[lines.index("## Estimates by task") + 4 :] if line]
    whole = [one for one in results["estimates"] if one["slice"] == "all"]
    assert len(rows) == len(whole)
    for row, one in zip(rows, whole, strict=True):
        assert row[0] == plain(one["task"])
        assert row[2] == plain(words.number(one["value"], 3))
        assert row[4:] == [str(one["n"]), str(one["n_undecided"])]
    for task, found in results["outcomes"].items():
        counts = found["answerable"] if found["answerable"]["n"] else found["unanswerable"]
        row = next(cells(line) for line in lines if line.startswith(f"| {plain(task)} |"))
        assert row[2:] == [*(str(counts.get(name, 0)) for name in words.OUTCOMES), str(counts["n"])]


def test_a_doubtful_run_says_so(tmp_path: Path) -> None:
    said = text(
        load(build(tmp_path / "run", sizes={"real-facts": 4}, limit=4, seed=3, headline=None))
    )
    assert "> Limited&#58; only a part" in said
    assert "private set, seed 3" in said
    assert "in words" not in said


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_sign_of_a_model_acts(tmp_path: Path, hostile: str) -> None:
    shown = plain(hostile)
    assert "\n" not in shown
    assert not re.search(r"[<>@:]", shown)
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_|\[\]~]", shown)
    lines = samples("inventive", {"invented-entities": 3})
    for line in lines:
        line |= {"question": hostile, "response": hostile, "outcome": "hallucinated"}
    said = text(load(build(tmp_path / "run", lines=lines, notes=[hostile])))
    table = [line for line in said.splitlines() if line.startswith("| made up")]
    assert len(table) == 3
    assert {len(cells(line)) for line in table} == {3}
