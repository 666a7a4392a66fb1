"""A small board with two entries, made once; tests that write get a copy."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from iabench.leaderboards import board as boards
from iabench.leaderboards import make
from iabench.leaderboards.build import build
from iabench.runs.runner import evaluate

TASKS = ("underspecified-questions", "long-tail-facts")
ABOUT = {"submitted_by": "a test", "licence": "none"}


def asked(folder: Path, model: str, **options: Any) -> Path:
    """Return the run of a scripted model on the board's tasks."""
    run = evaluate(model, backend="scripted", tasks=TASKS, out=folder, **options)
    return run.path


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IABENCH_RUNS", str(place))
        return {name: asked(place / name, name) for name in ("oracle", "random")}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, runs: dict[str, Path]) -> Path:
    folder = tmp_path_factory.mktemp("boards") / "small"
    board = make.new(folder, TASKS, title="A small board")
    for name, run in runs.items():
        make.add(folder, board, run, name=name, about=ABOUT)
    build(folder, board)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "small"))


@pytest.fixture
def board(folder: Path) -> boards.Board:
    return boards.read(folder)
