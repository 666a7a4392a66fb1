"""The page on studies runs: its commands in their order, its files of methods."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from iabench.cli.main import call
from iabench.organism.shipped import path as shipped
from tests.unit.test_docs import DOCS, blocks, commands

PAGE = DOCS / "study.md"


@pytest.mark.slow
def test_the_commands_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    for seed in range(2):
        shutil.copytree(shipped("organism"), tmp_path / f"s{seed}")
    for text in blocks(PAGE, "toml"):
        name = next(line for line in text.splitlines() if line.startswith("name")).split('"')[1]
        (tmp_path / f"{name}.toml").write_text(text)
    ran = commands(PAGE)
    assert len(ran) == 7
    for words in ran:
        assert call(words[1:]) == 0, (words, capsys.readouterr().err)
    table = json.loads(Path("s/study.json").read_text())
    rows = {row["method"]: row for row in table["rows"]}
    assert list(rows) == ["base", "full", "sparse", "mine", "copied", "seat-dense"]
    assert rows["mine"]["refusal_accuracy"] == rows["base"]["refusal_accuracy"]
    assert not any(row["incomplete"] for row in rows.values())
    assert Path("s/drift.json").exists()
