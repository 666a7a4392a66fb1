"""Labelling questions by what the base says to them: partitions, kept answers, abstentions."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import entropy

from iabench import jsonl
from iabench.errors import ConfigError, TrainingError
from iabench.models.hf import HFBackend
from iabench.training import sampled as sampling
from iabench.training.base import Example, Sources
from iabench.training.comparing import sent_out
from iabench.training.questions import split
from iabench.training.recipe import resolve
from iabench.training.sampled import Said
from iabench.training.signals import SIGNALS, unsure
from iabench.training.spec import TrainSpec
from iabench.training.targets.by_signal import PHRASE, REFUSALS, SURE, by_signal
from iabench.training.train import train
from tests.training.lessons import Lines
from tests.unit.grading.judges import Messages, seat

ASKED = (
    Example(id="sure", question="Where is A?", answer="Paris", references=("Paris",)),
    Example(id="half", question="Where is B?", answer="Rome", references=("Rome",)),
    Example(
        id="lost", question="Where is C?", answer="Oslo", references=("Oslo",), wordings=("C?",)
    ),
)
SAYS = {
    "sure": Said(standard="It is Paris.", samples=("Paris.",) * 5 + ("It is Paris.",) * 5),
    "half": Said(standard="Rome.", samples=("Rome.",) * 5 + ("Bern.",) * 5),
    "lost": Said(standard="Bern.", samples=tuple(f"Place {n}." for n in range(10))),
}


def spec(**typed: Any) -> TrainSpec:
    base = {"model": "m", "questions": "q.jsonl", "target": "by-signal", "settings": "published"}
    return resolve(None, {**base, "signal": "entropy", "threshold": 0.75, **typed})[0]


def sources(made: TrainSpec, said: dict[str, Said] = SAYS) -> Sources:
    def sample(asked: Sequence[Example]) -> list[Said]:
        return [said[example.id] for example in asked]

    return Sources(spec=made, facts=ASKED, say=lambda _: [], unknowns=lambda _: [], sample=sample)


def taught(said: dict[str, Said] = SAYS, **typed: Any) -> dict[str, str]:
    return {e.id: e.answer for e in by_signal(sources(spec(**typed), said), ASKED)}


def values(signal: str, *of: Any) -> list[float | None]:
    return [one.value for one in SIGNALS[signal](*of)]


def test_entropy_is_over_meanings_and_string_entropy_over_strings() -> None:
    said = [SAYS[e.id] for e in ASKED]
    two = float(entropy([5, 5]))
    ten = float(entropy([1] * 10))
    found = values("entropy", spec(), ASKED, said)
    assert found == pytest.approx([0.0, two, ten])
    strings = values("string-entropy", spec(signal="string-entropy"), ASKED, said)
    assert strings == pytest.approx([two, two, ten])


def test_what_is_sure_keeps_the_bases_own_answer_and_the_rest_abstains() -> None:
    assert taught() == {
        "sure": "It is Paris.", "half": "Rome.", "lost": PHRASE, "lost/1": PHRASE
    }  # fmt: skip
    assert taught(threshold=0.5)["half"] == PHRASE
    labels = [e.label for e in by_signal(sources(spec()), ASKED)]
    assert labels == ["answer", "answer", "abstain", "abstain"]


def test_correctness_and_expected_accuracy_go_by_right_answers() -> None:
    right = taught(signal="correctness", threshold=None)
    assert (right["sure"], right["half"], right["lost"]) == ("It is Paris.", "Rome.", PHRASE)
    absolute = taught(signal="expected-accuracy", threshold=0.1, kept="own-correct")
    assert absolute["half"] == "Rome."
    assert absolute["lost"] == PHRASE
    idk = taught(signal="expected-accuracy", threshold=1.0, kept="own-correct")
    assert idk["half"] == PHRASE
    assert idk["sure"] in ("Paris.", "It is Paris.")


def test_abstentions_may_be_drawn_or_put_behind_the_answer() -> None:
    assert taught(abstention="refusal-list")["lost"] in REFUSALS
    original = taught(signal="correctness", threshold=None, kept="gold", abstention="sure-suffix")
    assert original["sure"] == f"Paris. {SURE} I am sure."
    assert original["lost"] == f"Oslo. {SURE} I am unsure."


def test_sides_are_strict_as_published() -> None:
    assert not unsure("entropy", 0.5, 0.5)
    assert unsure("entropy", 0.51, 0.5)
    assert not unsure("expected-accuracy", 0.1, 0.1)
    assert unsure("expected-accuracy", 0.0, 0.1)
    assert unsure("correctness", 0.0, None)


@pytest.mark.parametrize(("threshold", "side"), [(5.0, "unsure"), (-1.0, "sure")])
def test_an_empty_side_is_said_and_not_trained(threshold: float, side: str) -> None:
    with pytest.raises(TrainingError, match=f"no question is {side}: entropy of 3 questions"):
        taught(threshold=threshold)


def test_without_right_answers_correctness_labels_nothing() -> None:
    bare = [Example(id=e.id, question=e.question, answer="") for e in ASKED]
    made = spec(signal="correctness", threshold=None)
    with pytest.raises(TrainingError, match="needs right answers"):
        by_signal(sources(made), bare)
    assert by_signal(sources(spec()), bare)[0].answer == "It is Paris."


@pytest.mark.parametrize(
    ("method", "typed", "says"),
    [
        ("se-tuning", {"facts": "f.jsonl", "questions": None}, "labels questions"),
        ("full", {}, "teaches facts, and none"),
        ("se-tuning", {"facts": "f.jsonl"}, "both given"),
        ("se-tuning", {"samples": 1}, "of 1 sample says nothing"),
        ("se-tuning", {"sample_temperature": 0.0}, "all the same"),
        ("se-tuning", {"entailment": "nli"}, "needs a checkpoint"),
        ("se-tuning", {"entailment": "llm"}, "needs a language model"),
        ("se-tuning", {"entailment": "llm", "judge": "./none"}, "no judge none: no such folder"),
        ("se-tuning", {"validation_share": 1.0}, "is no share"),
    ],
)
def test_bad_settings_are_refused(method: str, typed: dict[str, Any], says: str) -> None:
    given = {"model": "m", "questions": "q.jsonl", **typed}
    with pytest.raises(ConfigError, match=says):
        resolve(method, {key: value for key, value in given.items() if value is not None})


def asked_of(messages: Messages) -> str:
    """Say of two answers whether they name one city; of Bern say nothing."""
    first, second = re.findall(r"answer \w+ =====\n\| (.*)", messages[-1]["content"])[:2]
    if "Bern" in first + second:
        return "Bern, hm."
    same = "Paris" in first and "Paris" in second
    return f"VERDICT: {'ENTAILMENT' if same else 'NEUTRAL'}"


def test_samples_are_compared_as_evaluate_does_and_asked_about_once(
    own_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def judged(messages: Messages) -> str:
        seen.append(messages[-1]["content"])
        return asked_of(messages)

    opened = seat(monkeypatch, judged)
    said = SAYS | {
        "sure": Said(standard="Paris.", samples=("Paris.",) * 5 + ("In lovely Paris.",) * 5)
    }
    made = spec(entailment="llm", judge="j", judge_url="http://127.0.0.1:1/v1")
    of = [said[e.id] for e in ASKED]
    two, ten = float(entropy([5, 5])), float(entropy([1] * 10))
    # The pair with Bern is open, and so is its question.
    assert values("entropy", made, ASKED, of) == pytest.approx([0.0, None, ten])
    assert values("entropy", spec(), ASKED, of)[0] == pytest.approx(two)
    assert (opened.specs[0].model, opened.specs[0].base_url) == ("j", "http://127.0.0.1:1/v1")
    # Another threshold asks again only what was left open.
    n = len(seen)
    assert values("entropy", made, ASKED, of) == pytest.approx([0.0, None, ten])
    assert [("Bern" in text) for text in seen[n:]] == [True]
    assert set(taught(said, entailment="llm", judge="j")) == {"sure", "lost", "lost/1"}


def test_where_none_is_decided_the_reason_is_told(
    own_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat(monkeypatch, lambda _messages: "Hm.")
    said = {e.id: SAYS["lost"] for e in ASKED}
    with pytest.raises(
        TrainingError, match='could not be compared: no verdict in the reply: "Hm."'
    ):
        taught(said, entailment="llm", judge="j")


def test_a_server_that_reads_samples_is_named_before(tmp_path: Path) -> None:
    file = questions_file(tmp_path / "q.jsonl")
    far = {"entailment": "llm", "judge": "j", "judge_url": "https://far.example/v1"}
    line = sent_out(spec(questions=str(file), **far), 24)
    assert line is not None
    assert "24 questions with their samples (at most) leave this machine for far.example" in line
    assert "24 of them private" in line
    assert sent_out(spec(entailment="llm", judge="j"), 24) is None
    assert sent_out(spec(signal="string-entropy", **far), 24) is None


def questions_file(path: Path, *, answers: bool = True, n: int = 24) -> Path:
    rows = [
        {"question": f"Where does person {at} live?", "answer": f"Town {at}" if answers else None}
        for at in range(n)
    ]
    jsonl.write(path, [{k: v for k, v in row.items() if v} for row in rows])
    return path


def test_a_share_is_kept_apart_and_answers_may_be_missing(tmp_path: Path) -> None:
    file = questions_file(tmp_path / "q.jsonl", answers=False)
    parts = split(spec(questions=str(file)))
    assert len(parts.taught) + len(parts.validation) == 24
    assert len(parts.validation) > 0
    assert {e.answer for e in parts.taught} == {""}
    assert parts == split(spec(questions=str(file), seed=3))


@pytest.fixture
def own_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    return tmp_path


def tuned_spec(model: Path, file: Path, **typed: Any) -> TrainSpec:
    short = {
        "model": str(model), "questions": str(file), "learning_rate": 1e-2, "batch_size": 8,
        "epochs": 1, "device": "cpu", "samples": 4, "max_new_tokens": 6, "lora_maps": "all",
        "sample_temperature": 0.25,
    }  # fmt: skip
    return resolve("se-tuning", {**short, **typed})[0]


def test_questions_without_answers_are_tuned_on_and_sampled_once(
    tiny_folder: Path, own_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = questions_file(own_runs / "q.jsonl", answers=False)
    made = tuned_spec(tiny_folder, file, threshold=1.2)
    out = train(made, own_runs / "t")
    run = json.loads((out / "training.json").read_text(encoding="utf-8"))
    n = len(split(made).taught)
    assert set(run["labels"]) == {"answer", "abstain"}
    assert sum(run["labels"].values()) == n
    (kept,) = (own_runs / "runs" / "sampled").glob("*.jsonl")
    lines = kept.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5 * n
    # A line lost by a kill is asked again, and says the same; nothing else is.
    kept.write_text("\n".join(lines[:-1]) + '\n{"prompt": "to', encoding="utf-8")
    asked: list[int] = []
    ask = sampling._ask

    def counted(backend: HFBackend, missing: Any, *more: Any) -> Any:
        asked.append(len(missing))
        return ask(backend, missing, *more)

    monkeypatch.setattr(sampling, "_ask", counted)
    train(tuned_spec(tiny_folder, file, threshold=1.2, seed=1), own_runs / "again")
    assert asked == [1]
    assert set(kept.read_text(encoding="utf-8").splitlines()) == set(lines)


def test_a_threshold_needs_answers_to_be_chosen_by(tiny_folder: Path, own_runs: Path) -> None:
    file = questions_file(own_runs / "q.jsonl", answers=False)
    with pytest.raises(TrainingError, match="no answers to choose a threshold by"):
        train(tuned_spec(tiny_folder, file), own_runs / "t")


def test_thresholds_are_tried_once_and_the_best_is_taken(tiny_folder: Path, own_runs: Path) -> None:
    file = questions_file(own_runs / "q.jsonl")
    watch = Lines()
    made = tuned_spec(tiny_folder, file, thresholds=(0.1, 1.1, 1.2, 5.0))
    out = train(made, own_runs / "t", watch=watch)
    run = json.loads((out / "training.json").read_text(encoding="utf-8"))
    tried = {one["threshold"]: one for one in run["thresholds"]}
    assert set(tried) == {0.1, 1.1, 1.2, 5.0}
    assert (tried[5.0]["aed"], tried[5.0]["abstentions"]) == (None, 0)
    # Of four samples no entropy is between them: the same labels, and no training of their own.
    assert tried[1.2]["same_as"] == 1.1
    trained = [one for one in tried.values() if one["aed"] is not None]
    best = min(trained, key=lambda one: (one["aed"], one["threshold"]))
    assert run["threshold"] == best["threshold"]
    assert not (out / "thresholds").exists()
    assert any("not trained, as nothing abstains" in line for line in watch.said)


def test_where_no_threshold_parts_the_questions_others_may_be_tried_in_the_same_folder(
    tiny_folder: Path, own_runs: Path
) -> None:
    file = questions_file(own_runs / "q.jsonl")
    with pytest.raises(TrainingError, match="no threshold of 5, 6 leaves questions on both sides"):
        train(tuned_spec(tiny_folder, file, thresholds=(5.0, 6.0)), own_runs / "t")
    out = train(tuned_spec(tiny_folder, file, threshold=1.2), own_runs / "t")
    assert (out / "model.safetensors").exists() or (out / "adapter_model.safetensors").exists()
