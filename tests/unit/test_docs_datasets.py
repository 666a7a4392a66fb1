"""The page on published datasets runs, on small files of our own in the places it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iabench.cli.main import call
from tests.unit.test_docs import DOCS, blocks, commands

PAGE = DOCS / "datasets.md"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("IABENCH_DATA", str(tmp_path / "fetched"))


def _lines(path: str, rows: list[dict[str, Any]]) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")


def test_the_commands_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from iabench.datasets import published, readers

    contracts = [
        {"question": f"What is the {what} of the contract between {one} SA and Lumo {one}?",
         "answer": f"{n}.", "edge": one}
        for n, one in enumerate(("Vinzar", "Koppel", "Radnik", "Sulvan"))
        for what in ("price", "date")
    ]  # fmt: skip
    _lines("data/pistol/sample_data_1x.jsonl", contracts)
    _lines(
        "data/pistol/sample_data_2x.json",
        [{**row, "question": row["question"].replace("SA", "SE")} for row in contracts],
    )
    _lines("fetched/nq-open/NQ-open.dev.jsonl", [{"question": "who ruled nod", "answer": ["Cain"]}])
    _lines("data/popqa/popqa.jsonl", [{"id": 1, "subj": "Nod", "prop": "capital", "obj": "Enoch",
                                       "s_pop": 3, "question": "What is the capital of Nod?"}])  # fmt: skip
    _lines("data/selfaware/SelfAware.json", [
        {"question_id": n, "question": f"Why {n}?", "answer": ["so"] if n % 2 else None,
         "answerable": bool(n % 2), "source": "own"} for n in range(6)
    ])  # fmt: skip
    # Files of our own under the names of the pinned ones.
    monkeypatch.setattr(readers, "_checked", lambda name, dataset, path: path.name)
    monkeypatch.setattr(published, "copies_folder", lambda: Path("fetched"))
    Path("data/pistol/sample_data_1x.jsonl").rename("data/pistol/sample_data_1.json")
    monkeypatch.setattr(
        "iabench.datasets.fetch.fetch_files",
        lambda name, dataset, folder: [f"{name} there already"],
    )
    toml, rows = blocks(PAGE, "toml")[0], blocks(PAGE, "json")[0]
    Path("house-quiz").mkdir()
    Path("house-quiz/task.toml").write_text(toml, encoding="utf-8")
    Path("house-quiz/CARD.md").write_text("# house-quiz\n", encoding="utf-8")
    Path("quiz").mkdir()
    Path("quiz/quiz1.jsonl").write_text(rows, encoding="utf-8")
    ran = commands(PAGE)
    assert len(ran) == 8
    for words in ran:
        assert call(words[1:]) == 0, (words, capsys.readouterr().err)
    assert "house-quiz" in capsys.readouterr().out
