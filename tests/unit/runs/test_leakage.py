from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.cli.main import call
from iabench.errors import ConfigError, StoreError
from iabench.runs.leakage import item_leakage
from iabench.tasks import catalog

BOT = '''
import json, pathlib

KNOWN = json.loads(pathlib.Path({table!r}).read_text())


def leaked(messages):
    """Was trained on the public questions: it declines these, and answers all others."""
    return "I don't know." if messages[-1]["content"] in KNOWN else "Blue."


def honest(messages):
    return "I don't know."
'''
TASKS = "invented-entities,invented-otherwise"


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)
    (task,) = catalog.load("invented-entities")
    table = tmp_path / "known.json"
    table.write_text(json.dumps([probe.question for probe in task.probes]), encoding="utf-8")
    file = tmp_path / "bot.py"
    file.write_text(BOT.format(table=str(table)), encoding="utf-8")
    return file


def test_the_command_shows_what_was_trained_on(
    bot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "--model", f"{bot}::leaked", "--tasks", TASKS, "--limit", "40"]
    assert call([*words, "--seed", "0,42"]) == 0
    said = capsys.readouterr()
    assert "public set, seed 0" in said.err
    assert "private set, seed 42" in said.err
    assert " public set less private set 42 " in said.out
    assert "It does better on the public questions of invented-entities" in said.out
    assert " generator fit " in said.out
    path = next(bot.parent.glob("runs/*/*/leakage.json"))
    held = json.loads(path.read_text(encoding="utf-8"))
    (pair,) = held["item_leakage"]
    assert (pair["public_seed"], pair["private_seed"]) == (0, 42)
    by = {(d["task"], d["metric"]): d for d in pair["differences"]}
    gap = by["invented-entities", "refusal_accuracy"]
    assert (gap["tuned"], gap["base"], gap["value"]) == (1.0, 0.0, 1.0)
    assert 0.8 < gap["lo"] < 1.0
    assert 0.1 < gap["detectable"] < 0.3
    assert by["invented-otherwise", "refusal_accuracy"]["value"] == 0.0
    # It knows the names of one grammar: on the public set alone, as it was trained on these.
    assert [one["value"] for one in held["generator_fit"]] == [1.0, 0.0]
    shown = (path.parent / "report.html").read_text(encoding="utf-8")
    assert "It does better on the public questions of invented-entities" in shown
    assert shown.count("private 42") == 1
    assert call([*words, "--seed", "0,42", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [run["seed"] for run in document["runs"]] == [0, 42]
    assert document["item_leakage"] == held["item_leakage"]


def test_nothing_leaks_from_who_knows_nothing(bot: Path) -> None:
    runs = [
        iabench.evaluate(f"{bot}::honest", tasks=TASKS, limit=40, seed=seed) for seed in (0, 42)
    ]
    for one in item_leakage(*runs):
        assert one.value == 0
        assert one.lo is not None
        assert one.lo < 0
        assert one.shown == "none"
    real = [iabench.evaluate(f"{bot}::honest", tasks="core", limit=10, seed=s) for s in (0, 42)]
    tasks = {one.task for one in item_leakage(*real)}
    assert tasks == {"core", "fictional-people", "invented-entities"}
    with pytest.raises(StoreError, match="not the same tasks"):
        item_leakage(runs[0], real[1])


def test_real_questions_are_the_same_under_every_seed(bot: Path) -> None:
    runs = [
        iabench.evaluate(f"{bot}::honest", tasks="real-facts", limit=5, seed=seed, out=f"r{seed}")
        for seed in (0, 42)
    ]
    with pytest.raises(StoreError, match="no leakage to see"):
        item_leakage(*runs)


@pytest.mark.parametrize(
    ("seed", "says", "hint"),
    [
        ("0,x", "is no whole number", "--seed 0, or 0,42"),
        ("0,0", "names one twice", "--seed 0,42"),
        ("1,42", "has no public set", "--seed 0,1,42"),
        ("", "is no whole number", "--seed 0, or 0,42"),
    ],
)
def test_seeds_that_say_nothing(seed: str, says: str, hint: str) -> None:
    from iabench.cli.seeds import seeds_of

    with pytest.raises(ConfigError, match=says) as caught:
        seeds_of(seed)
    assert caught.value.hint == hint


def test_seeds_and_their_folders(bot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from iabench.cli.seeds import seeds_of

    assert seeds_of("42,0,7") == [0, 42, 7]
    assert seeds_of(3) == [3]
    words: list[Any] = ["evaluate", "--model", f"{bot}::honest", "--tasks", "core", "--limit", "5"]
    assert call([*words, "--seed", "0,7", "--out", "here", "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert "here/seed-0" in said
    assert "here/seed-7" in said
    assert not Path("here").exists()
