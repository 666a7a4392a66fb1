"""A study as a board: whole methods are entries, their answers give the study's own numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.cli.main import call
from iabench.errors import ConfigError, StoreError
from iabench.leaderboards import board as boards
from iabench.leaderboards import entry as entries
from iabench.leaderboards.build import build
from iabench.leaderboards.check import check
from iabench.leaderboards.standings import figure_of, standings
from iabench.leaderboards.studies import from_study

STUDY = [
    "study", "--model", "organism", "--methods", "full", "--device", "cpu", "--seeds", "2",
    "--limit", "4", "--only", "base", "--out",
]  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base alone, asked under two seeds; `full` is not made."""
    place = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IABENCH_RUNS", str(place / "runs"))
        assert call([*STUDY, str(place / "s")]) == 0
    return place / "s"


def test_a_study_is_a_board_with_its_very_numbers(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "board"
    (folder / "entries").mkdir(parents=True)
    (folder / "entries/gone.json").write_text("{}")
    board, notes = from_study(folder, study)
    assert {path.name for path in (folder / "entries").iterdir()} == {"base.json", "base.jsonl.gz"}
    assert notes == ["full is left out: model 0 seed 0, model 0 seed 1 not made"]
    assert boards.read(folder) == board
    assert [cell.name for cell in board.cells] == ["model-0-seed-0", "model-0-seed-1"]
    entry = entries.read(folder, "base")
    row = json.loads((study / "study.json").read_text())["rows"][0]
    for column in board.columns:
        assert figure_of(entry, column).value == row[column.metric]["mean"]
        assert figure_of(entry, column).sd == row[column.metric]["sd"]
    said = (folder / "SUBMITTING.md").read_text()
    assert "--study runs/study" in said
    # A method comes with the whole board of its study, so the workflow lets all of it change.
    (workflow,) = (folder / ".github/workflows").glob("*.yml")
    assert "entries only" not in workflow.read_text()
    (found,) = check(folder, board)
    assert found.refused == ""
    assert found.n == sum(task.n for cell in board.cells for task in cell.tasks)


def test_the_base_is_shown_without_a_rank(study: Path, tmp_path: Path) -> None:
    board, _ = from_study(tmp_path / "board", study)
    (row,) = standings(tmp_path / "board", board).rows
    assert row.rank is None
    assert row.unranked == "the base: it was taught nothing"
    build(tmp_path / "board", board)
    assert "it was taught nothing" in (tmp_path / "board/index.html").read_text()


def test_edited_numbers_of_a_study_are_refused(study: Path, tmp_path: Path) -> None:
    import shutil

    copy = Path(shutil.copytree(study, tmp_path / "s"))
    table = json.loads((copy / "study.json").read_text())
    table["rows"][0]["accuracy"]["mean"] = 0.5
    (copy / "study.json").write_text(json.dumps(table))
    with pytest.raises(StoreError, match=r"accuracy of base is 0.5 in study.json"):
        from_study(tmp_path / "board", copy)


def test_no_study_and_facts_of_ones_own_are_named(study: Path, tmp_path: Path) -> None:
    import shutil

    with pytest.raises(StoreError, match="holds no study"):
        from_study(tmp_path / "board", tmp_path / "nothing")
    copy = Path(shutil.copytree(study, tmp_path / "s"))
    path = copy / "study.toml"
    path.write_text(path.read_text().replace("seeds = 2", 'seeds = 2\nfacts = "acme.jsonl"'))
    with pytest.raises(ConfigError, match="taught facts of your own"):
        from_study(tmp_path / "board", copy)


def test_a_board_of_methods_that_label_questions_has_the_aed_of_both_mixes() -> None:
    folder = Path(__file__).parents[3] / "leaderboards" / "organism-se-tuning"
    board, table = boards.read(folder), json.loads((folder / "study.json").read_text())
    assert "questions that 1 model labelled by uncertainty" in board.says
    shown = {column.over: column for column in board.columns if column.metric == "aed"}
    assert shown.keys() == {"study-mix-same", "study-mix-other"}
    for row in table["rows"]:
        entry = entries.read(folder, row["method"])
        for over, column in shown.items():
            said = row["mix"][over.removeprefix("study-").replace("-", "_")]["aed"]["mean"]
            assert figure_of(entry, column).value == pytest.approx(said, abs=1e-6)
