"""`leaderboard`, `export`, `import`, `tasks export`: what they refuse, in two lines; exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.cli.main import call

TASKS = ["--tasks", "long-tail-facts"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))


@pytest.mark.parametrize(
    ("words", "says", "hint"),
    [
        (
            ["leaderboard", "check", "x"],
            "no board at x: it has no board.toml.",
            "leaderboard new x",
        ),
        (["leaderboard", "build", "x"], "no board at x", "leaderboard new x"),
        (["leaderboard", "new", "x", "--tasks", "real-fact"], 'no task "real-fact".', "real-facts"),
        (["leaderboard", "new", "x", *TASKS, "--rank-by", "acuracy"], "no metric", "accuracy"),
        (["leaderboard", "new", "x", "--study", "y"], "y holds no study.", "iabench study"),
        (["export", "--out", "e"], "--to is missing.", "iabench export --to"),
        (["export", "r", "--to", "lm-evil"], 'no export "lm-evil".', "lm-eval"),
        (["export", "r", "--to", "parquet"], "no run at r.", "iabench runs"),
        (["import", "r", "--from", "helm"], 'no import from "helm".', "--from lm-eval"),
        (["import", "r"], "no samples of lm-eval at r.", "--log_samples"),
        (["tasks", "export", "real-facts", "--to", "helm"], "no export of tasks", "--to lm-eval"),
        (["tasks", "export", "after-pushback"], "asks in several turns", "another task"),
        (["report", "r", "--paper", "p"], "r is no run and no study.", "iabench runs"),
    ],
)
def test_bad_input_is_named(
    words: list[str], says: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(words) == 2
    said = capsys.readouterr().err
    assert says in said
    assert hint in said.split("try: ")[1]


def test_a_refused_entry_is_exit_code_2_and_json_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call(["leaderboard", "new", "b", *TASKS]) == 0
    assert call(["leaderboard", "check", "b"]) == 2
    assert "b has no entries." in capsys.readouterr().err
    run = ["--model", "always-abstain", "--backend", "scripted", *TASKS, "--out", "r", "-q"]
    assert call(["evaluate", *run]) == 0
    about = ["--about", "submitted_by=me", "--about", "licence=none"]
    assert call(["leaderboard", "add", "b", "r", "--name", "a", "--about", "licence"]) == 2
    assert call(["leaderboard", "add", "b", "r", "--name", "a", *about]) == 0
    capsys.readouterr()
    assert call(["leaderboard", "check", "b"]) == 0
    assert "✓ a: 156 answers judged again" in capsys.readouterr().out
    path = Path("b/entries/a.json")
    path.write_text(path.read_text().replace('"n": 156', '"n": 155', 1))
    assert call(["leaderboard", "check", "b", "--json"]) == 2
    (found,) = json.loads(capsys.readouterr().out)
    assert found["name"] == "a"
    assert found["refused"]
    rerun = ["--backend", "scripted", "-n", "20", "--draw", "1", "-q"]
    assert call(["leaderboard", "verify", "b", "a", "--model", "always-answer", *rerun]) == 3
    assert "not confirmed, 0 of 20 outcomes" in capsys.readouterr().out
