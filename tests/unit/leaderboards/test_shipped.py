"""The boards that ship: every number again from their answers, and pages as `build` writes them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from iabench.errors import ConfigError
from iabench.grading.lexical import Lexical
from iabench.grading.match import Match
from iabench.leaderboards import board as boards
from iabench.leaderboards.build import build
from iabench.leaderboards.check import check

ROOT = Path(__file__).resolve().parents[3] / "leaderboards"
SHIPPED = sorted(path.parent for path in ROOT.glob("*/board.toml"))
ONE_RUN = [folder for folder in SHIPPED if not boards.read(folder).study]
STUDIES = [folder for folder in SHIPPED if boards.read(folder).study]


def stands(folder: Path) -> None:
    board = boards.read(folder)
    if (board.detector, board.grader) != (Lexical().id, Match().id):
        # A board keeps the judges that it was made with, whatever this iabench has by now.
        with pytest.raises(ConfigError, match="is judged by"):
            list(check(folder, board))
        return
    found = list(check(folder, board))
    assert found
    assert [(one.name, one.refused) for one in found if one.refused] == []


def test_open_models_is_there() -> None:
    assert ROOT / "open-models" in SHIPPED


@pytest.mark.parametrize("folder", ONE_RUN, ids=lambda folder: folder.name)
def test_every_number_comes_out_again(folder: Path) -> None:
    stands(folder)


@pytest.mark.slow
def test_every_number_of_a_study_comes_out_again() -> None:
    for folder in STUDIES:
        stands(folder)


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_tables_are_as_they_are_built(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / folder.name))
    build(copy, boards.read(copy))
    for name in ("leaderboard.csv", "leaderboard.md"):
        assert (copy / name).read_bytes() == (folder / name).read_bytes(), (
            f"run: iabench leaderboard build leaderboards/{folder.name}"
        )
