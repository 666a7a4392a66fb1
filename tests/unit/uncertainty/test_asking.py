"""Scorers that ask the model once more, over a model that is a rule and knows its probabilities."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.errors import BackendError, ConfigError
from iabench.models.base import NoLogprobsError, Request
from iabench.models.scripted import ScriptedBackend
from iabench.records import Completion, Message, RunSpec
from iabench.tasks import catalog
from iabench.uncertainty.asking import PTrue, PTrueSamples, confidence_of, truth_of
from iabench.uncertainty.base import AskingScorer, Case, Said

TASKS = ["real-facts", "invented-entities"]
SCORERS = ["p-true", "p-true-samples", "verbalised-confidence"]


class Asked(ScriptedBackend):
    """Knows every answer; calls the first letters of the alphabet true, and says how sure it is."""

    def __init__(self, *, logprobs: bool = True) -> None:
        known = {
            p.question: p.references[0] if p.references else "Zog."
            for task in catalog.load(tuple(TASKS), seed=0)
            for p in task.probes
        }

        def answer(said: str, _label: str) -> str:
            if said in known:
                return known[said]
            if said.startswith("How likely"):
                return "Probability: 85 %"
            return "B" if "Possible answer: Zog." in said else "(A) True"

        super().__init__(answer, name="asked")
        self.logprobs = logprobs
        self.requests: list[Request] = []

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Completion]]:
        self.requests += requests
        for at, completion in super().generate(requests):
            if requests[at].logprobs and not self.logprobs:
                raise NoLogprobsError(requests[at].series)
            logs = (math.log(0.8), math.log(0.5)) if requests[at].logprobs else None
            yield at, replace(completion, logprobs=logs)

    def put(self, series: str) -> int:
        return sum(one.series == series for one in self.requests)


def evaluate(out: Path, model: Any, **options: Any) -> iabench.Run:
    given: dict[str, Any] = {
        "tasks": TASKS,
        "limit": 6,
        "samples": 3,
        "scorer": SCORERS,
        "out": out,
    }
    return iabench.evaluate(model, **(given | options))


def scores(run: iabench.Run, scorer: str) -> dict[str, tuple[float | None, str]]:
    lines = (run.path / "scores" / f"{scorer}.jsonl").read_text().splitlines()
    return {line["probe_id"]: (line["value"], line["reason"]) for line in map(json.loads, lines)}


def test_values_by_hand(tmp_path: Path) -> None:
    model = Asked()
    run = evaluate(tmp_path / "r", model)
    for scorer in ("p-true@1", "p-true-samples@1+3"):
        found = scores(run, scorer)
        # The reply as a whole has .8 x .5; what is called false is true with what that leaves.
        known = {value for id_, (value, _) in found.items() if id_.startswith("real")}
        unknown = {value for id_, (value, _) in found.items() if id_.startswith("invented")}
        assert (known, unknown) == ({0.4}, {0.6})
    assert {v for v, _ in scores(run, "verbalised-confidence@1").values()} == {0.85}
    metrics = {(e.metric, e.variant): e for e in run.estimates if e.task == run.headline}
    # Half of the answers are wrong, all of them said with .85.
    assert metrics["brier", "scorer=verbalised-confidence@1"].value == pytest.approx(
        (0.15**2 + 0.85**2) / 2
    )
    assert metrics["ece", "scorer=verbalised-confidence@1"].value == pytest.approx(0.35)
    assert metrics["auroc_unknown", "scorer=p-true@1"].value == 0


def test_what_is_asked(tmp_path: Path) -> None:
    run = evaluate(tmp_path / "r", Asked(), system_prompt="Be brief.")
    prompts = [json.loads(line) for line in (run.path / "prompts.jsonl").read_text().splitlines()]
    one = {p["series"]: p for p in prompts if p["probe_id"] == prompts[0]["probe_id"]}
    question = one["answer"]["messages"][-1]["content"]
    answer = next(s for s in run.samples() if s["id"] == prompts[0]["probe_id"])["response"]
    assert [m["content"] for m in one["p-true"]["messages"]] == [
        "Be brief.",
        f"Question: {question}\nPossible answer: {answer}\nIs the possible answer:\n(A) True\n"
        "(B) False\nReply with the letter alone. The possible answer is:",
    ]
    ideas = f"Here are some brainstormed ideas: {answer}\n{answer}\n{answer}\n"
    assert ideas in one["p-true-samples-3"]["messages"][-1]["content"]
    assert [m["role"] for m in one["verbalised-confidence"]["messages"]] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip
    assert one["p-true"]["template"] == "p-true@1"


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    model = Asked()
    plain = evaluate(tmp_path / "r", model, scorer=["abstain-share"])
    n = len(plain.samples())
    assert model.put("p-true") == 0
    more = Asked()
    run = evaluate(tmp_path / "r", more, scorer=["p-true"])
    assert (more.put("p-true"), more.put("answer")) == (n, 0)
    assert run.about["answers"] == run.about["n_requests"] == n * 5
    completions = run.path / "completions.jsonl"
    lines = completions.read_text().splitlines()
    left = [line for at, line in enumerate(lines) if '"p-true"' not in line or at % 2]
    completions.write_text("\n".join(left) + "\n")
    resumed = Asked()
    again = evaluate(tmp_path / "r", resumed, scorer=["p-true"])
    assert resumed.put("p-true") == len(lines) - len(left) < n
    assert scores(again, "p-true@1") == scores(run, "p-true@1")
    finished = Asked()
    evaluate(tmp_path / "r", finished, scorer=["p-true"])
    assert finished.requests == []


def test_more_samples_are_another_question(tmp_path: Path) -> None:
    evaluate(tmp_path / "r", Asked(), scorer=["p-true-samples"])
    model = Asked()
    run = evaluate(tmp_path / "r", model, scorer=["p-true-samples"], samples=5)
    assert model.put("p-true-samples-5") == len(run.samples())
    assert run.results["scorers"] == ["p-true-samples@1+5", "abstain-share@1"]


def test_regrading_needs_no_model(tmp_path: Path) -> None:
    run = evaluate(tmp_path / "r", Asked())
    before = {p.name: p.read_bytes() for p in (run.path / "scores").iterdir()}
    for path in (run.path / "scores").iterdir():
        path.unlink()
    iabench.regrade(run.path)
    assert {p.name: p.read_bytes() for p in (run.path / "scores").iterdir()} == before


def test_an_answer_that_abstains_claims_nothing(tmp_path: Path) -> None:
    shy = ScriptedBackend(lambda _said, _label: "I don't know.", name="shy")
    run = evaluate(tmp_path / "r", shy, scorer=["verbalised-confidence"])
    assert set(scores(run, "verbalised-confidence@1").values()) == {
        (None, "the answer abstains, and so claims nothing")
    }


def test_a_reply_that_is_none_is_a_reason(tmp_path: Path) -> None:
    chatty = ScriptedBackend(lambda said, _label: f"Zog of {len(said)}, surely.", name="chatty")
    run = evaluate(tmp_path / "r", chatty, scorer=["verbalised-confidence"])
    (found,) = set(scores(run, "verbalised-confidence@1").values())
    assert found[0] is None
    assert found[1].startswith('no number from 0 to 100 in the reply: "Zog of ')
    assert any("have no score (no number from 0 to 100" in n for n in run.results["notes"])


def test_a_server_without_log_probabilities_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="p-true needs token log-probabilities") as caught:
        evaluate(tmp_path / "r", Asked(logprobs=False), scorer=["p-true"])
    assert caught.value.hint == "--scorer semantic-entropy"
    silent = ScriptedBackend(lambda _said, _label: "A", name="silent")
    run = evaluate(tmp_path / "s", silent, scorer=["p-true"])
    assert {why for _, why in scores(run, "p-true@1").values()} == {"no log-probabilities"}


def test_samples_are_needed_where_they_are_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="p-true-samples needs samples"):
        evaluate(tmp_path / "r", Asked(), samples=0, scorer=["p-true-samples"])
    run = evaluate(tmp_path / "s", Asked(), samples=0, scorer=["p-true"])
    assert scores(run, "p-true@1")


@pytest.mark.parametrize(
    ("logprobs", "value", "reason"),
    [
        ((math.log(0.9),), 0.9, ""),
        ((1e-9,), 1.0, ""),
        ((float("nan"),), None, "log-probabilities that are no numbers"),
        ((float("-inf"), -1.0), None, "log-probabilities that are no numbers"),
        (None, None, "no log-probabilities"),
    ],
)
def test_log_probabilities_of_a_reply(
    logprobs: tuple[float, ...] | None, value: float | None, reason: str
) -> None:
    case = Case(
        question="q",
        answer=Said(text="a", abstained=False),
        asked=Said(text="A", logprobs=logprobs),
    )
    (found,) = PTrue(RunSpec(model="m")).score([case])
    assert (found.value, found.reason) == (value, reason)


def test_a_failed_reply_is_a_reason() -> None:
    cases = [
        Case(question="q", answer=Said(text="a"), asked=Said(text="", failed="timeout")),
        Case(question="q", answer=Said(text="a")),
        Case(question="q", answer=None),
    ]
    found = list(PTrue(RunSpec(model="m")).score(cases))
    assert [one.reason for one in found] == ["timeout", "its question was not asked", "no answer"]


@pytest.mark.parametrize(
    ("reply", "true"),
    [
        ("A", True), ("(A)", True), (" A.", True), ("A) True", True), ("(A) True", True),
        ("True", True), ("true.", True), ("B", False), ("(B) False", False), ("False", False),
        ("A\nBecause it is so", True),
        ("", None), ("C", None), ("A bird", None), ("The answer is A", None), ("A) False", None),
        ("AB", None), ("Truely", None), ("I don't know", None), ("(", None), ("A or B", None),
    ],
)  # fmt: skip
def test_what_counts_as_true(reply: str, true: bool | None) -> None:
    assert truth_of(reply) is true


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("85", 0.85), ("85%", 0.85), ("85 %.", 0.85), ("85/100", 0.85), ("85 out of 100", 0.85),
        ("Confidence: 85", 0.85), ("**Probability: 0.85**", 0.85), ("0.85", 0.85), ("1.0", 1.0),
        ("1", 0.01), ("0", 0.0), ("100", 1.0), ("99.5", 0.995), ("0.5 %", 0.005), ("0,85", 0.85),
        ("90\nbecause I know it", 0.9),
        ("", None), ("101", None), ("-5", None), ("high", None), ("about 85", None),
        ("85 or 90", None), ("It was 1985", None), ("1e2", None), ("8.5/10", None),
        ("nan", None), ("inf", None),
    ],
)  # fmt: skip
def test_what_counts_as_a_confidence(reply: str, value: float | None) -> None:
    assert confidence_of(reply) == (None if value is None else pytest.approx(value))


def test_hostile_text_fills_no_other_field() -> None:
    scorer = PTrueSamples(RunSpec(model="m", samples=2))
    assert isinstance(scorer, AskingScorer)
    before = (Message(role="user", content="Who is {answer}?"),)
    (message,) = scorer.messages(before, "{question}", ["{samples}", "\\g<0>"])
    assert "Question: Who is {answer}?\n" in message.content
    assert "Possible answer: {question}\n" in message.content
    assert "ideas: {samples}\n\\g<0>\n" in message.content
