"""A board from tasks, entries from runs, and what no entry is made of."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import ConfigError, StoreError
from iabench.leaderboards import board as boards
from iabench.leaderboards import entry as entries
from iabench.leaderboards import make
from iabench.leaderboards.board import Board
from iabench.runs.run import load
from tests.unit.leaderboards.conftest import ABOUT, TASKS, asked


def test_a_board_is_read_as_it_was_written(folder: Path, board: Board) -> None:
    assert {task.name: task.n for task in board.cells[0].tasks} == {
        "underspecified-questions": 208, "long-tail-facts": 156,
    }  # fmt: skip
    assert board.headline == "selection"
    assert board.ranked_by.metric == "awareness_score"
    boards.write(folder, board)
    assert boards.read(folder) == board


def test_a_title_with_signs_of_toml_comes_back(tmp_path: Path, board: Board) -> None:
    from dataclasses import replace

    odd = replace(board, title='a "b" \\ c\n[x]\x7f = 1 # é', says="]]")
    boards.write(tmp_path / "odd", odd)
    assert boards.read(tmp_path / "odd") == odd


def test_an_entry_has_the_numbers_of_its_run(folder: Path, runs: dict[str, Path]) -> None:
    entry, run = entries.read(folder, "random"), load(runs["random"])
    mine = {(e.task, e.metric): e for e in entry.parts[0].estimates}
    theirs = {
        (e.task, e.metric): e for e in run.estimates if (e.slice, e.variant) == ("all", "raw")
    }
    assert mine == theirs
    assert len(mine) > 20
    lines = list(entries.answers_of(folder, "random"))
    said = {s["id"]: s["response"] for s in run.samples()}
    assert {line.id: line.response for line in lines} == said
    assert len(lines) == len(said)


def test_the_same_run_gives_the_same_bytes(
    folder: Path, board: Board, runs: dict[str, Path]
) -> None:
    files = [folder / "entries" / f"oracle.{end}" for end in ("json", "jsonl.gz")]
    before = [path.read_bytes() for path in files]
    make.add(folder, board, runs["oracle"], name="oracle", about=ABOUT, replace=True)
    assert [path.read_bytes() for path in files] == before


def test_only_the_boards_own_questions_go_along(
    folder: Path, board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    facts = tmp_path / "facts.jsonl"
    secret = {"question": "Who leads Zorvex Halding?", "answer": "Mira Quillon"}
    facts.write_text(json.dumps(secret) + "\n", encoding="utf-8")
    run = asked_with_facts(tmp_path / "run", facts)
    _, private = make.add(folder, board, run, name="mine", about=ABOUT)
    assert private > 0
    kept = gzip.decompress((folder / "entries/mine.jsonl.gz").read_bytes()).decode()
    kept += (folder / "entries/mine.json").read_text()
    assert "Zorvex" not in kept
    assert "Quillon" not in kept


def asked_with_facts(folder: Path, facts: Path) -> Path:
    from iabench.runs.runner import evaluate

    tasks = [*TASKS, "tuned-facts"]
    return evaluate("oracle", backend="scripted", tasks=tasks, facts=facts, out=folder).path


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"limit": 10}, "is limited: 10 of 208 probes of underspecified-questions"),
        ({"system_prompt": "Be brave."}, "asked with --system-prompt 'Be brave.'"),
        ({"max_new_tokens": 64}, "asked with --max-new-tokens '64'"),
    ],
)
def test_a_run_that_was_asked_otherwise_is_refused(
    folder: Path, board: Board, tmp_path: Path, options: dict[str, Any], says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    run = asked(tmp_path / "run", "oracle", **options)
    with pytest.raises(StoreError, match=says):
        make.add(folder, board, run, name="mine", about=ABOUT)
    assert not (folder / "entries/mine.json").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "oracle"}, "has an entry oracle"),
        ({"name": "../../x"}, "is no name of an entry"),
        ({"name": "Big"}, "is no name of an entry"),
        ({"about": {"licence": "MIT"}}, 'says "submitted_by"'),
    ],
)
def test_bad_input_is_named(
    folder: Path, board: Board, runs: dict[str, Path], change: dict[str, Any], says: str
) -> None:
    given = {"name": "mine", "about": ABOUT, **change}
    with pytest.raises((ConfigError, StoreError), match=says):
        make.add(folder, board, runs["oracle"], **given)


def test_a_board_is_not_written_over(folder: Path) -> None:
    with pytest.raises(ConfigError, match="is a board already"):
        make.new(folder, TASKS)


def test_instructions_and_workflow_name_the_board(folder: Path, tmp_path: Path) -> None:
    import yaml

    (tmp_path / "repository/.git").mkdir(parents=True)
    make.new(tmp_path / "repository/boards/mine", TASKS, title="Mine")
    said = (tmp_path / "repository/boards/mine/SUBMITTING.md").read_text()
    assert "iabench leaderboard add boards/mine runs/mine" in said
    assert "--tasks underspecified-questions,long-tail-facts" in said
    workflow = tmp_path / "repository/.github/workflows/leaderboard-mine.yml"
    steps = yaml.safe_load(workflow.read_text())["jobs"]["check"]["steps"]
    assert steps[-1]["run"] == "iabench leaderboard check boards/mine"
    assert "'^boards/mine/entries/'" in steps[1]["run"]


def test_a_board_that_is_its_repository_checks_its_own_entries(tmp_path: Path) -> None:
    import yaml

    (tmp_path / "my.board/.git").mkdir(parents=True)
    make.new(tmp_path / "my.board", TASKS, title="Mine")
    (found,) = (tmp_path / "my.board/.github/workflows").glob("*.yml")
    workflow = yaml.safe_load(found.read_text())
    # `on` is a word for true in YAML 1.1.
    assert workflow[True]["pull_request"]["paths"] == ["**"]
    assert "'^entries/'" in workflow["jobs"]["check"]["steps"][1]["run"]
    assert workflow["jobs"]["check"]["steps"][-1]["run"] == "iabench leaderboard check ."
