"""What is seen while a study goes on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from iabench.cli.cells import Grid, Log
from iabench.studies.spec import Method, StudySpec

SPEC = StudySpec(models=("m",), methods=(Method(name="full", source="preset"),), seeds=2)


def test_a_line_a_cell(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log()
    base, _, first, second = SPEC.cells
    with log:
        log.cell(base, "found")
        log.cell(first, "begun")
        log.begin("training", 10)
        log.end()
        log.cell(first, "made", "61.2")
        log.cell(second, "failed", "out of memory")
    said = capsys.readouterr().err.splitlines()
    assert [" ".join(line.split()) for line in said] == [
        "base:0 found",
        "full:0 done in 1:01",
        "full:1 failed: out of memory",
    ]


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    Log(quiet=True).cell(SPEC.cells[0], "failed", "why")
    assert capsys.readouterr().err == ""


def test_the_grid_shows_each_cell_and_the_step_of_the_one_at_work() -> None:
    grid = Grid(_study())
    base, other, first, second = SPEC.cells
    grid.cell(base, "made", "7.0")
    grid.cell(other, "failed", "out of memory")
    grid.cell(first, "begun")
    grid.begin("training", 150)
    grid.advance(118)
    shown = str(grid._drawn()).splitlines()
    assert shown[0].split() == ["seed", "0", "seed", "1"]
    assert shown[1].split() == ["base", "✓", "0:07", "✗", "failed"]
    assert " ".join(shown[2].split()) == "full ▶ step 118 of 150 · waiting"
    assert "2 of 4 cells · 0:14 left" in shown[3]
    grid.cell(first, "made", "20")
    grid.cell(second, "busy")
    assert "4 of 4 cells" in str(grid._drawn())


def _study() -> Any:
    return SimpleNamespace(spec=SPEC, only=SPEC.cells)
