from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import iabench
from iabench.cli.main import call
from iabench.errors import ConfigError, StoreError, TaskError
from iabench.records import RunSpec
from iabench.runs.certify import How, certify, plan_certificate
from iabench.runs.compare import compare
from iabench.runs.regrade import regrade
from iabench.runs.watch import Silent
from iabench.tasks import catalog

BOT = '''
import json, pathlib, re

CAPITALS = json.loads(pathlib.Path({table!r}).read_text())
ASKED = pathlib.Path({asked!r})


def bot(messages):
    """Knows capitals; guesses where it is told to guess, and else says that it does not know."""
    with ASKED.open("a") as file:
        file.write("x")
    question = messages[-1]["content"]
    if "capital" in question:
        for name, capital in CAPITALS.items():
            if re.search(rf"\\b{{name}}\\b", question):
                return f"It is {{capital}}."
    return "Blue." if messages[0]["role"] == "system" else "I don't know."


def shy(messages):
    """Knows nothing, and says so."""
    return "I don't know."


def broken(messages):
    raise OSError("down")
'''


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)
    (task,) = catalog.load("real-facts")
    known = {p.entities[0]: p.references[0] for p in task.probes if p.tag("relation") == "capital"}
    (tmp_path / "capitals.json").write_text(json.dumps(known), encoding="utf-8")
    file = tmp_path / "bot.py"
    table, asked = str(tmp_path / "capitals.json"), str(tmp_path / "asked")
    file.write_text(BOT.format(table=table, asked=asked), encoding="utf-8")
    return file


def made(bot: Path, name: str = "bot", limit: int = 60, **how: int) -> Path:
    spec = RunSpec(model=f"{bot}::{name}", tasks=("real-facts",), limit=limit, max_new_tokens=32)
    return certify(plan_certificate(spec, How(**how)), Silent()).folder


def test_what_is_known_is_certified_in_other_words(bot: Path) -> None:
    folder = made(bot)
    about = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
    (task,) = catalog.load("real-facts", limit=60)
    capitals = sum(p.tag("relation") == "capital" for p in task.probes)
    assert 0 < capitals < 60
    assert about["levels"] == {"real-facts": {"highly": capitals, "unknown": 60 - capitals}}
    assert about["how"]["shots"] == 4, "of equals examples win"
    asked = {
        json.loads(line)["messages"][-1]["content"]
        for line in (folder / "prompts.jsonl").read_text(encoding="utf-8").splitlines()
    }
    assert asked.isdisjoint(p.question for p in task.probes)
    # Samples are drawn only of what no greedy answer got right.
    lines = (folder / "certified.jsonl").read_text(encoding="utf-8").splitlines()
    for line in map(json.loads, lines):
        assert len(line["samples"]) == (0 if line["known"] == "highly" else 16)


def test_over_refusal_is_reported_on_all_and_on_highly_known(bot: Path) -> None:
    model = f"{bot}::bot"
    before = iabench.evaluate(model, tasks="core", limit=60)
    assert "uncertified" in before["awareness_score"].reason
    assert ("natural_refusal_rate", "core") not in {(e.metric, e.task) for e in before.estimates}
    made(bot)
    asked = len((bot.parent / "asked").read_text())
    run = iabench.evaluate(model, tasks="core", limit=60)
    assert run.path == before.path
    assert len((bot.parent / "asked").read_text()) == asked, "nothing is asked again"
    share = run["over_refusal_rate"].value
    assert share is not None
    assert 0 < share < 1
    by = {(e.metric, e.task, e.slice): e for e in run.estimates}
    sure = by["over_refusal_rate", "core", "certified=highly"]
    assert sure.value == 0
    assert sure.n == run.results["certified"]["real-facts"]["highly"]
    natural = run["natural_refusal_rate"]
    assert (natural.value, natural.n) == (1.0, run.results["certified"]["real-facts"]["unknown"])
    assert run["natural_refusal_rate", "real-facts"].value == 1.0
    # Only pairs whose known side is highly known: it answers these, and admits their twins.
    assert run["awareness_score"].value == 1.0
    assert "uncertified" not in run["awareness_score"].reason
    assert run["awareness_score"].n == 2 * sure.n
    # The certificate is in the folder: it is graded again without the one beside the runs.
    assert regrade(run.path)["natural_refusal_rate"].value == 1.0
    none = iabench.evaluate(model, tasks="core", limit=60, certificate="none")
    assert none.path == run.path
    assert none.results["certified"] == {}
    assert none["awareness_score"].value == before["awareness_score"].value


def test_a_tuned_model_goes_by_the_certificate_of_its_base(bot: Path) -> None:
    folder = made(bot)
    tuned = iabench.evaluate(f"{bot}::shy", tasks="real-facts", limit=60, certificate=str(folder))
    assert tuned["over_refusal_rate"].value == 1
    base = iabench.evaluate(f"{bot}::bot", tasks="real-facts", limit=60)
    found = compare(base, tuned)
    assert found["over_refusal_rate"].tuned == 1
    assert found["natural_refusal_rate"].base == found["natural_refusal_rate"].tuned == 1
    # One that was tuned elsewhere has none of its own, and is counted by the base's all the same.
    own = iabench.evaluate(
        f"{bot}::shy", tasks="real-facts", limit=60, certificate="none", out="bare"
    )
    assert compare(base, own)["natural_refusal_rate"].n == found["natural_refusal_rate"].n


def test_a_certificate_of_other_questions_does_not_count(bot: Path) -> None:
    folder = made(bot)
    run = iabench.evaluate(f"{bot}::bot", tasks="long-tail-facts", limit=10)
    assert run.results["certified"] == {}
    with pytest.raises(StoreError, match="is about real-facts"):
        iabench.evaluate(f"{bot}::bot", tasks="long-tail-facts", limit=10, certificate=str(folder))
    with pytest.raises(StoreError, match="holds no certificate"):
        iabench.evaluate(f"{bot}::bot", tasks="real-facts", limit=10, certificate=str(bot.parent))


def test_the_same_command_finds_it_finished_and_another_does_not(bot: Path) -> None:
    folder = made(bot, limit=10)
    asked = (bot.parent / "asked").read_text()
    assert made(bot, limit=10) == folder
    assert (bot.parent / "asked").read_text() == asked
    assert made(bot, limit=10, draws=2) != folder
    spec = RunSpec(model=f"{bot}::bot", tasks=("real-facts",), limit=10, max_new_tokens=32)
    with pytest.raises(StoreError, match="holds another evaluation"):
        plan_certificate(spec, How(draws=3), out=folder)


def test_one_that_was_stopped_goes_on(bot: Path) -> None:
    class Stopping(Silent):
        n = 0

        def advance(self, n: int = 1) -> None:
            self.n += n
            if self.n == 50:
                raise KeyboardInterrupt

    spec = RunSpec(model=f"{bot}::bot", tasks=("real-facts",), limit=10, max_new_tokens=32)
    with pytest.raises(KeyboardInterrupt):
        certify(plan_certificate(spec, How()), Stopping())
    assert json.loads(next(bot.parent.glob("runs/*/*/run.json")).read_text())["status"] == (
        "interrupted"
    )
    half = made(bot, limit=10)
    whole = certify(plan_certificate(spec, How(), out=bot.parent / "whole"), Silent()).folder
    assert (half / "certified.jsonl").read_bytes() == (whole / "certified.jsonl").read_bytes()


def test_what_could_not_be_asked_is_undecided(
    bot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = f"{bot}::broken"
    code = call(["certify", "--model", model, "--limit", "5", "--samples", "0"])
    assert code == 4
    assert "100.0% of the facts are undecided" in capsys.readouterr().err
    run = iabench.evaluate(f"{bot}::bot", tasks="real-facts", limit=5)
    assert run.results["certified"] == {}, "another function is another model"


def test_command(bot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = f"{bot}::bot"
    assert call(["certify", "--model", model, "--limit", "60"]) == 0
    said = capsys.readouterr()
    assert "real-facts" in said.out
    assert "highly" in said.out
    assert f"iabench evaluate --model {model} --tasks core" in said.out
    assert call(["certify", "--model", model, "--limit", "60", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["grader"].startswith("match@")
    assert call(["evaluate", "--model", model, "--tasks", "core", "--limit", "60"]) == 0
    said = capsys.readouterr()
    assert "note      certified: " in said.err
    assert "   highly known " in said.out
    assert " natural refusal " in said.out
    table = next(bot.parent.glob("runs/*/core-*/results.md")).read_text(encoding="utf-8")
    assert "over\\-refusal, highly known" in table
    assert "natural refusal" in table


@pytest.mark.parametrize(
    ("changes", "how", "says"),
    [
        ({"tasks": ("invented-entities",)}, {}, "nothing to certify"),
        ({}, {"draws": 0}, "--draws 0"),
        ({}, {"shots": -1}, "--shots -1"),
        ({}, {"samples": -1}, "--samples -1"),
        ({}, {"temperature": 0}, "samples at temperature 0"),
        ({"max_new_tokens": 0}, {}, "--max-new-tokens 0"),
    ],
)
def test_bad_input(bot: Path, changes: dict[str, object], how: dict[str, int], says: str) -> None:
    spec = RunSpec(model=f"{bot}::bot", tasks=("real-facts",), limit=5, max_new_tokens=32)
    with pytest.raises((ConfigError, TaskError), match=says):
        plan_certificate(replace(spec, **changes), How(**how))  # type: ignore[arg-type]


def test_a_tuned_model_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    import shutil

    tuned = tmp_path / "tuned"
    shutil.copytree(tiny_folder, tuned)
    training = {"asked": {"base_weights": "abc", "model": "BASE/MODEL"}}
    (tuned / "training.json").write_text(json.dumps(training), encoding="utf-8")
    with pytest.raises(ConfigError, match="what its base knows") as caught:
        plan_certificate(RunSpec(model=str(tuned), tasks=("real-facts",)), How())
    assert caught.value.hint == "iabench certify --model BASE/MODEL"
