from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.errors import BackendError, ConfigError
from iabench.records import Verdict
from iabench.runs.store import Store
from iabench.runs.watch import Silent
from tests.unit.grading.judges import Messages, apart, seat


class Listening(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.grading: list[int] = []
        """Answers to be judged, and those judged so far."""

    def begin(self, stage: str, total: int, done: int = 0) -> None:
        self.grading = [total, done]

    def advance(self, n: int = 1) -> None:
        self.grading[1] += n

    def say(self, line: str) -> None:
        self.lines.append(line)


def model(messages: list[dict[str, str]]) -> str:
    return "I don't know." if len(messages[-1]["content"]) % 2 else "It is Oslo."


@pytest.fixture
def run(tmp_path: Path) -> Path:
    facts = tmp_path / "facts.jsonl"
    rows = [
        {"question": f"Who leads team {name}?", "answer": f"Ida {name}", "entity": name}
        for name in ("Arbor", "Beacon", "Cinder", "Delta")
    ]
    facts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = tmp_path / "r"
    tasks = ["tuned-facts", "fictional-people"]
    iabench.evaluate(model, tasks=tasks, facts=facts, limit=4, out=out)
    return out


def judge(messages: Messages) -> str:
    text = messages[-1]["content"]
    if "VERDICT: CORRECT" in text:
        return "VERDICT: CORRECT"
    return f"VERDICT: {'ABSTAINS' if 'know' in apart(text)[1] else 'ANSWERS'}"


def asked(run: Path) -> Any:
    return json.loads((run / "run.json").read_text(encoding="utf-8"))["asked"]


def test_a_judge_judges_a_run_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = seat(monkeypatch, judge)
    again = iabench.regrade(run, detector="judge", grader="judge", judge="j", judge_votes=3)
    assert {s.model for s in opened.specs} == {"j"}
    assert opened.closed == 2
    assert asked(run)["judge_votes"] == 3
    files = sorted(path.stem for path in (run / "verdicts").glob("judge@1-*"))
    assert len(files) == 2
    with Store(run) as store:
        verdicts = [v for name in files for v in store.verdicts(name).values()]
    assert {len(v.votes) for v in verdicts} == {3}
    assert all(isinstance(v, Verdict) and isinstance(v.votes[0], tuple) for v in verdicts)
    assert again["finetuning_accuracy"].value is not None


def test_what_a_judge_said_is_not_asked_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    n = {"asked": 0}

    def sometimes(messages: Messages) -> str:
        n["asked"] += 1
        return judge(messages) if n["asked"] > 1 else "hm"

    seat(monkeypatch, sometimes)
    first = iabench.regrade(run, detector="judge", judge="j")
    before = n["asked"]
    assert first.undecided_share > 0
    second = iabench.regrade(run, grader="f1")
    assert second.undecided_share == 0
    assert before < n["asked"] <= before + 8
    now = n["asked"]
    iabench.regrade(run)
    assert n["asked"] == now


def test_a_judge_that_is_not_there_changes_nothing(run: Path) -> None:
    held = asked(run)
    with pytest.raises(BackendError):
        iabench.regrade(run, detector="judge", judge="j", judge_url="http://127.0.0.1:9/v1")
    with pytest.raises(ConfigError, match="the judge has no model"):
        iabench.regrade(run, detector="judge")
    assert asked(run) == held
    assert (run / "verdicts" / f"{iabench.load(run).results['detector']}.jsonl").exists()


def test_another_judge_is_not_at_the_old_server(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seat(monkeypatch, judge)
    iabench.regrade(run, detector="judge", judge="a", judge_url="http://localhost:7/v1")
    assert asked(run)["judge_url"] == "http://localhost:7/v1"
    iabench.regrade(run, judge_votes=3)
    assert asked(run)["judge_url"] == "http://localhost:7/v1"
    iabench.regrade(run, judge="b")
    assert asked(run)["judge_url"] is None


def test_a_far_host_is_named_with_its_private_rows(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Listening()
    said_first: list[bool] = []

    def judging(messages: Messages) -> str:
        said_first.append(any("leave this machine" in line for line in watch.lines))
        return judge(messages)

    seat(monkeypatch, judging)
    far = {"judge": "j", "judge_url": "https://api.example.org"}
    iabench.regrade(run, detector="judge", grader="judge", watch=watch, **far)  # type: ignore[arg-type]
    (line,) = [line for line in watch.lines if "leave this machine" in line]
    assert line == (
        "note      8 answers (at most) leave this machine for api.example.org: 4 of them private"
    )
    assert said_first
    assert all(said_first)
    assert watch.grading == [8, 8]
    watch.lines.clear()
    iabench.regrade(run, grader="match", watch=watch)
    assert watch.lines == []
    assert watch.grading == [8, 8]


def test_nobody_is_named_who_is_here(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Listening()
    seat(monkeypatch, judge)
    url = "http://localhost:8000/v1"
    iabench.regrade(run, detector="judge", judge="j", judge_url=url, watch=watch)
    assert watch.lines == []


def test_what_a_detector_lacks_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    def never(messages: list[dict[str, str]]) -> str:
        raise AssertionError("asked")

    lacking: list[dict[str, Any]] = [
        {"detector": "judge"},
        {"grader": "judge"},
        {"detector": "nli"},
    ]
    for options in lacking:
        with pytest.raises(ConfigError):
            iabench.evaluate(never, tasks="fictional-people", out=tmp_path / "r", **options)
    assert not (tmp_path / "r").exists()
