"""A rerun of a draw: who it confirms, whom not, and the gap to a private seed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from iabench.errors import ConfigError
from iabench.leaderboards import board as boards
from iabench.leaderboards import entry as entries
from iabench.leaderboards import make
from iabench.leaderboards.board import Board
from iabench.leaderboards.check import check
from iabench.leaderboards.questions import questions_of
from iabench.leaderboards.verified import read_verified
from iabench.leaderboards.verify import drawn_probes, verify
from iabench.runs.runner import evaluate
from tests.unit.leaderboards.conftest import ABOUT

SCRIPTED = {"backend": "scripted"}


@pytest.fixture(autouse=True)
def _runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))


def status(folder: Path, name: str) -> str:
    (found,) = check(folder, boards.read(folder), [name])
    return found.status


def test_the_model_of_the_entry_confirms_it(folder: Path, board: Board) -> None:
    found = verify(folder, board, "oracle", model="oracle", draw=5, n=40, options=SCRIPTED)
    assert (found.n, found.same_text, found.same_outcome, found.passed) == (40, 40, 40, True)
    assert status(folder, "oracle") == "verified"
    assert status(folder, "random") == "self-reported"


def test_another_model_does_not(folder: Path, board: Board) -> None:
    found = verify(folder, board, "oracle", model="always-answer", draw=5, n=40, options=SCRIPTED)
    assert not found.passed
    assert found.same_outcome < 30
    assert status(folder, "oracle") == "not confirmed by a rerun"


def test_with_other_answers_it_is_self_reported_again(
    folder: Path, board: Board, runs: dict[str, Path]
) -> None:
    verify(folder, board, "oracle", model="oracle", draw=5, n=10, options=SCRIPTED)
    for end in ("json", "jsonl.gz"):
        shutil.copy(folder / f"entries/random.{end}", folder / f"entries/oracle.{end}")
    path = folder / "entries/oracle.json"
    path.write_text(
        path.read_text().replace('"random"', '"oracle"').replace("random.jsonl", "oracle.jsonl")
    )
    assert read_verified(folder, board, entries.read(folder, "oracle")) is None


def test_a_board_of_a_study_has_no_reruns_whatever_lies_there(folder: Path, board: Board) -> None:
    verify(folder, board, "oracle", model="oracle", draw=5, n=10, options=SCRIPTED)
    entry = entries.read(folder, "oracle")
    assert read_verified(folder, board, entry) is not None
    assert read_verified(folder, replace(board, study=True), entry) is None


def test_what_is_drawn_hangs_on_the_maintainer_and_on_the_answers(
    folder: Path, board: Board
) -> None:
    asked = questions_of(folder, board, board.cells[0])
    one = drawn_probes(asked, "abc", 1, 50)
    assert len(one) == 50
    assert one == drawn_probes(asked, "abc", 1, 50)
    assert one != drawn_probes(asked, "abc", 2, 50)
    assert one != drawn_probes(asked, "abd", 1, 50)


def test_a_board_that_draws_nothing_has_no_leakage(folder: Path, board: Board) -> None:
    with pytest.raises(ConfigError, match="no task of small draws its questions"):
        verify(folder, board, "oracle", model="oracle", draw=1, n=5, private=True, options=SCRIPTED)


def test_who_learned_the_public_names_by_heart_has_a_gap(tmp_path: Path) -> None:
    """It declines the public set's invented people by their names alone, and no others."""
    folder = tmp_path / "people"
    board = make.new(folder, ["fictional-people"])
    (tmp_path / "bot.py").write_text(_BOT)
    run = evaluate(f"{tmp_path / 'bot.py'}::answer", tasks=["fictional-people"], out=tmp_path / "r")
    make.add(folder, board, run.path, name="bot", about=ABOUT)
    found = verify(
        folder, board, "bot", model=f"{tmp_path / 'bot.py'}::answer", draw=3, n=20, private=True
    )
    assert found.passed
    assert found.private_seed
    gap = next(g for g in found.leakage if g.metric == "refusal_accuracy")
    assert (gap.public, gap.private) == (1.0, 0.0)
    assert gap.value == 1.0
    assert gap.lo > 0.9


_BOT = """
from iabench.tasks import catalog

KNOWN = {p.question for p in catalog.load(["fictional-people"])[0].probes}


def answer(messages):
    asked = messages[-1]["content"]
    return "I don't know." if any(q in asked for q in KNOWN) else "In Bellhaven."
"""
