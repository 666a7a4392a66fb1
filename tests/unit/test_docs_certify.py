"""The page on certificates runs, on the organism."""

from __future__ import annotations

from pathlib import Path

import pytest

from iabench.cli.main import call
from iabench.runs.run import load
from tests.unit.test_docs import DOCS, commands


def test_the_commands_run_and_find_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    for words in commands(DOCS / "certify.md"):
        assert call([*words[1:], "--quiet"]) == 0, (words, capsys.readouterr().err)
    (folder,) = tmp_path.glob("runs/organism/core-*")
    run = load(folder)
    known = run.results["certified"]["real-facts"]
    assert sum(known.values()) == 60
    assert known["highly"] >= 40
    sure = next(
        one
        for one in run.estimates
        if (one.metric, one.task, one.slice) == ("over_refusal_rate", "core", "certified=highly")
    )
    assert sure.n == known["highly"]
    assert "uncertified" not in run["awareness_score"].reason
