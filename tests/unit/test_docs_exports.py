"""The page on papers and exports runs: its commands in their order."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from iabench.cli.main import call
from iabench.reports.export.base import EXPORTS
from tests.unit.test_docs import DOCS, ROOT, commands, rows

PAGE = DOCS / "exports.md"


def test_the_commands_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    shutil.copytree(ROOT / "leaderboards/organism-seat", tmp_path / "leaderboards/organism-seat")
    ran = commands(PAGE)
    assert len(ran) == 8
    for words in ran:
        if words[1] == "import":
            # tests/e2e/test_lm_eval.py runs the harness; here stands what it would have logged.
            shutil.copytree("e/lm-eval", "o")
        assert call(words[1:]) == 0, (words, capsys.readouterr().err)
    for name in (
        "paper/table.tex", "paper/figure.pdf", "e/hub/.eval_results/iabench.yaml",
        "e/parquet/samples.parquet", "t/iabench_real_facts.yaml", "runs/imported/report.html",
    ):  # fmt: skip
        assert (tmp_path / name).exists(), name


def test_every_target_is_on_the_page() -> None:
    assert {row[0] for row in rows(PAGE, "target")} == set(EXPORTS.names())
