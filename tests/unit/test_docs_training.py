"""The page on training runs: its commands, its settings file, its Python."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.cli.main import call
from iabench.training.base import PRESETS
from tests.unit.test_docs import DOCS, blocks, commands, rows

PAGE = DOCS / "training.md"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    (tmp_path / "mine.toml").write_text(blocks(PAGE, "toml")[0])


def test_the_commands_run(capsys: pytest.CaptureFixture[str]) -> None:
    ran = [words for words in commands(PAGE) if words[1] != "demo"]
    assert len(ran) == 7
    for words in ran:
        assert call(words[1:]) == 0, (words, capsys.readouterr().err)


def test_the_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(blocks(PAGE, "python")[0], "training.md", "exec"), {})
    assert "refusal_accuracy" in capsys.readouterr().out
    assert "iabench" in sys.modules


def test_every_method_has_its_paper() -> None:
    page = " ".join(row[0] for row in rows(DOCS / "papers.md", "method")).replace("`", "")
    page = page.replace(",", " ") + " seat "
    for name in PRESETS.names():
        if PRESETS.get(name).source:
            assert name in page.split(), name


def test_axes_are_those_of_the_program() -> None:
    from iabench.cli.methods import _choices

    for axis, says in rows(PAGE, "axis"):
        name = axis.strip("`-")
        for choice in _choices(name):
            assert f"`{choice}`" in f"`{says}`", (name, choice)


def test_the_organisms_settings_learn_what_they_were_chosen_for() -> None:
    from iabench.decode import read_document
    from iabench.organism.shipped import path
    from iabench.training.recipe import TUNING, resolve

    carried: dict[str, Any] = read_document(path("organism") / TUNING)
    for name, table in carried.items():
        spec, notes = resolve(
            name, {"model": "organism", "facts": "organism:new"}, folder=path("organism")
        )
        assert spec.method == name
        assert spec.learning_rate == table["learning_rate"]
        assert "validation names" in notes[1]
        assert "learned 0.9" in table["from"] or "learned 1.0" in table["from"], name


def test_train_is_offered() -> None:
    assert "train" in iabench.__all__
