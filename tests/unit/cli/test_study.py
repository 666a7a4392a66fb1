"""`iabench study` at the command line: what it says before anything runs, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.cli.main import call

QUICK = ["study", "--model", "organism", "--methods", "full", "--device", "cpu"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))


def test_a_dry_run_says_what_would_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert call([*QUICK, "--seeds", "2", "--dry-run"]) == 0
    said = capsys.readouterr()
    assert "2 tunings on 120 new facts (1 method × 2 seeds)" in said.err
    assert "4 evaluations · about" in said.err
    assert "--dry-run stops here" in said.err
    assert "settings: the checkpoint's, chosen on validation names" in said.err
    assert said.out == ""


def test_a_dry_run_is_a_plan_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert call([*QUICK, "--seeds", "2", "--only", "full", "--dry-run", "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert planned["asked"]["models"] == ["organism"]
    assert (planned["tunings"], planned["evaluations"], planned["facts"]) == (2, 2, 120)
    assert planned["cells"] == [
        {"method": "full", "model": "organism", "seed": seed, "made": False} for seed in (0, 1)
    ]
    assert planned["folder"].startswith(f"{Path.cwd()}/runs/study/organism-")
    assert not Path(planned["folder"], "cells").exists()


def test_json_is_all_that_stdout_holds(capsys: pytest.CaptureFixture[str]) -> None:
    words = [*QUICK, "--seeds", "1", "--limit", "4", "--only", "base", "--out", "s", "--json"]
    assert call(words) == 0
    table = json.loads(capsys.readouterr().out)
    rows = table["rows"]
    assert [row["method"] for row in rows] == ["base", "full"]
    assert rows[0]["accuracy"]["sd"] is None
    assert rows[1]["incomplete"][0]["reason"] == "not made yet"
    page = Path("s/report.html").read_text()
    Path("s/report.html").unlink()
    # What was made is shown once more from its table alone.
    assert call(["report", "s", "--json", "--out", "page.html"]) == 0
    assert json.loads(capsys.readouterr().out) == table
    assert Path("page.html").read_text() == Path("s/report.html").read_text() == page
    assert call(["report", "s"]) == 0
    assert "s/report.html" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says", "hint"),
    [
        (["--methods", "ful"], 'no method "ful".', "full"),
        (["--methods", "none.toml"], 'no file "none.toml" of a method.', "mine.toml"),
        (["--keep", "some"], '--keep "some" is none of its choices.', "delta"),
        (["--settings", "best"], '--settings "best" is none of its choices.', "published"),
        (["--set", "epoch=3"], '--set "epoch=3" is no setting of a training.', "epochs=VALUE"),
        (["--set", "epochs"], '--set "epochs" is no setting', "epochs"),
        (["--against", "seat"], "--against seat: no such method in this study.", "full"),
        (["--only", "seat"], '--only seat: no method "seat" in this study.', "base, full"),
        (["--seeds", "0"], "--seeds 0 is no study.", "--seeds 3"),
        (["--only", "base:9"], "the study has no seed 9.", "base:0"),
        (["--trials", "t.jsonl"], 'no file "t.jsonl" of trials.', "--trials FILE"),
    ],
)
def test_bad_input_is_named(
    words: list[str], says: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call([*QUICK, *words]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert hint in said.partition("try: ")[2]
    assert not list(Path().glob("runs/study/*/cells"))


def test_another_model_needs_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.tiny import tiny_model, tiny_tokenizer

    tiny_model().save_pretrained(tmp_path / "m")
    tiny_tokenizer().save_pretrained(tmp_path / "m")
    assert call(["study", "--model", "m", "--methods", "full"]) == 2
    said = capsys.readouterr().err
    assert "m has no new people of its own: it needs facts to be taught." in said
    assert "try: --facts FILE" in said
