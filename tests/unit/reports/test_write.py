from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from iabench.errors import StoreError
from iabench.reports.write import write_all
from tests.unit.reports.report_runs import build


def test_it_writes_three_files_and_nothing_else(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", sizes={"real-facts": 20, "invented-entities": 20})
    before = {path.name for path in folder.iterdir()}
    found = write_all(folder)
    assert [path.name for path in found] == ["report.html", "results.csv", "results.md"]
    assert {path.name for path in folder.iterdir()} - before == {path.name for path in found}
    first = [path.read_bytes() for path in found]
    assert [path.read_bytes() for path in write_all(str(folder))] == first
    assert first[0].startswith(b"<!doctype html>")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no such directories here")
def test_a_folder_that_takes_nothing_is_an_error(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", sizes={"real-facts": 4})
    (folder / "results.csv").mkdir()
    (folder / "results.csv" / "there").touch()
    with pytest.raises(StoreError, match=r"cannot write .*results\.csv"):
        write_all(folder)
    assert not [path for path in folder.iterdir() if path.name.endswith(".part")]


def test_no_model_library_is_loaded(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", sizes={"real-facts": 4, "invented-entities": 4})
    code = (
        "import sys; from iabench.reports.write import write_all; "
        f"write_all({str(folder)!r}); "
        "print([m for m in ('torch', 'transformers', 'evaluate') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
