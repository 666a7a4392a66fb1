"""The page on leaderboards runs: its commands in their order, and what it says of ranks is so."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from iabench.cli.main import call
from iabench.leaderboards.board import Board
from iabench.leaderboards.ranks import DRAWS
from iabench.metrics.estimate import NO_RANK
from tests.unit.test_docs import DOCS, commands

PAGE = DOCS / "leaderboards.md"
AGREEMENT = 0.98


def test_the_commands_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    # The study is made by hours of tuning: tests/unit/leaderboards/test_studies.py has a small one.
    ran = [words for words in commands(PAGE) if "--study" not in words]
    assert len(ran) == 6
    for words in ran:
        assert call(words[1:]) == 0, (words, capsys.readouterr().err)
    assert "verified" in capsys.readouterr().out
    for name in ("index.html", "models/cautious.html", "leaderboard.csv", "SUBMITTING.md"):
        assert (tmp_path / "boards/mine" / name).exists()


def test_its_figures_are_those_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"{DRAWS:,}" in text
    shares = {float(found) for found in re.findall(r"(\d+) %", text)}
    default = {field.name: field.default for field in fields(Board)}
    assert shares == {100 * share for share in (AGREEMENT, NO_RANK)}
    assert (default["agreement"], default["max_undecided"]) == (AGREEMENT, NO_RANK)
