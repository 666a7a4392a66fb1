"""Samples, scores and what they are worth, over scripted models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import iabench
from iabench.cli.main import call
from iabench.errors import ConfigError, ModelError, StoreError
from iabench.models.base import Request
from iabench.models.scripted import ScriptedBackend
from iabench.records import Completion
from iabench.rng import digest
from iabench.tasks import catalog
from iabench.uncertainty import scorers
from tests.tiny import tiny_nli

TASKS = ["real-facts", "invented-entities"]
SEMANTIC = "semantic-entropy@1+one-cluster+equality"


class Wavering(ScriptedBackend):
    """Says one thing of what exists, and something else each time of what does not."""

    def __init__(self, *, shy: bool = False) -> None:
        probes = {p.question: p for t in catalog.load(tuple(TASKS), seed=0) for p in t.probes}

        def answer(question: str, label: str) -> str:
            probe = probes[question]
            if probe.references:
                form = ("{}.", "It is {}.", "The answer is {}.")[int(label, 16) % 3]
                return form.format(probe.references[0])
            if shy and int(label, 16) % 2:
                return "I don't know."
            return f"Person {digest(label)}."

        super().__init__(answer, name="wavering" + "-shy" * shy)


def evaluate(out: Path, **options: Any) -> iabench.Run:
    given: dict[str, Any] = {"tasks": TASKS, "limit": 8, "samples": 5, "out": out}
    model = options.pop("model", None) or Wavering()
    return iabench.evaluate(model, **(given | options))


def scores(run: iabench.Run, scorer: str) -> dict[str, float | None]:
    lines = (run.path / "scores" / f"{scorer}.jsonl").read_text().splitlines()
    return {line["probe_id"]: line["value"] for line in map(json.loads, lines)}


def worth(run: iabench.Run, metric: str, scorer: str) -> iabench.Estimate:
    (found,) = [
        e
        for e in run.estimates
        if (e.metric, e.task, e.variant) == (metric, run.headline, f"scorer={scorer}")
    ]
    return found


def test_samples_tell_unknown_from_known(tmp_path: Path) -> None:
    run = evaluate(
        tmp_path / "r", scorer=["semantic-entropy", "string-entropy", "self-consistency"]
    )
    known = {k: v for k, v in scores(run, SEMANTIC).items() if k.startswith("real")}
    unknown = {k: v for k, v in scores(run, SEMANTIC).items() if k.startswith("invented")}
    assert set(known.values()) == {0.0}, "three forms of one answer are one meaning"
    assert all(v == pytest.approx(np.log(5)) for v in unknown.values())
    strings = scores(run, "string-entropy@1+one-cluster")
    assert all(strings[k] >= v for k, v in scores(run, SEMANTIC).items())  # type: ignore[operator]
    found = worth(run, "auroc_unknown", SEMANTIC)
    assert (found.value, found.n) == (1.0, 16)
    assert worth(run, "brier", "self-consistency@1").value is not None
    assert worth(run, "auroc_unknown", "abstain-share@1").value == 0.5, "reported unasked"
    lines = run.samples()
    assert all(len(line["samples"]) == 5 for line in lines)
    assert lines[0]["scores"][SEMANTIC] is not None
    assert run.about["answers"] == run.about["n_requests"] == 16 * 6


def test_regrading_makes_the_same_scores_without_the_model(tmp_path: Path) -> None:
    run = evaluate(tmp_path / "r", scorer=["semantic-entropy"], model=Wavering(shy=True))
    before = {p.name: p.read_bytes() for p in sorted((run.path / "scores").iterdir())}
    results = (run.path / "results.json").read_bytes()
    for path in (run.path / "scores").iterdir():
        path.unlink()
    iabench.regrade(run.path)
    assert {p.name: p.read_bytes() for p in sorted((run.path / "scores").iterdir())} == before
    assert (run.path / "results.json").read_bytes() == results


def test_what_abstentions_are_to_an_entropy(tmp_path: Path) -> None:
    options = {"model": Wavering(shy=True), "scorer": ["string-entropy"], "samples": 6}
    found = {}
    for how in ("one-cluster", "drop", "strings"):
        run = evaluate(tmp_path / how, abstentions=how, **options)
        found[how] = scores(run, f"string-entropy@1+{how}")
    share = scores(run, "abstain-share@1")
    some = [p for p, v in share.items() if v and 2 / 6 <= v <= 4 / 6]
    assert some
    for probe in some:
        n = 6 - round(6 * float(share[probe] or 0))
        assert found["one-cluster"][probe] == found["strings"][probe]
        assert found["drop"][probe] == pytest.approx(np.log(n))


def test_samples_grow_and_do_not_shrink(tmp_path: Path) -> None:
    plain = evaluate(tmp_path / "r", samples=0)
    assert plain.about["answers"] == 16
    assert "scorers" not in plain.results
    five = evaluate(tmp_path / "r")
    assert five.about["answers"] == 16 * 6
    kept = evaluate(tmp_path / "r", samples=0)
    assert kept.about["asked"]["samples"] == 5
    more = evaluate(tmp_path / "r", samples=7)
    assert more.about["answers"] == 16 * 8
    with pytest.raises(StoreError, match="drawn at 1, not at 0.5"):
        evaluate(tmp_path / "r", sample_temperature=0.5)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"samples": 1, "scorer": ["semantic-entropy"]}, "of one sample is always 0"),
        ({"samples": 5, "sample_temperature": 0.0}, "one sample 5 times"),
        ({"samples": 0, "scorer": ["abstain-share"]}, "needs samples"),
        ({"samples": -1}, "are none"),
        ({"samples": 1, "scorer": ["predictive-entropy"]}, "of one sample is one draw"),
        ({"entailment": "nli"}, "needs a checkpoint"),
        ({"entailment": "nli", "nli": "./none"}, "no model"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything(
    tmp_path: Path, options: dict[str, Any], says: str
) -> None:
    with pytest.raises((ConfigError, ModelError), match=says):
        evaluate(tmp_path / "r", **options)
    assert not (tmp_path / "r").exists()


def test_a_missing_log_probability_is_a_reason(tmp_path: Path) -> None:
    run = evaluate(tmp_path / "r", scorer=["predictive-entropy"])
    assert set(scores(run, "predictive-entropy@1").values()) == {None}
    assert any("no log-probabilities" in note for note in run.results["notes"])
    assert worth(run, "auroc_unknown", "predictive-entropy@1").value is None


def test_log_probabilities_that_are_no_numbers_are_a_reason(tmp_path: Path) -> None:
    class Overflowing(Wavering):
        def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Completion]]:
            for at, said in super().generate(requests):
                bad = float("nan") if "real" in said.text or at % 2 else float("-inf")
                yield at, replace(said, logprobs=(-0.5, bad if said.index == 0 else -0.25))

    asked = ["predictive-entropy", "semantic-entropy-mc", "max-probability", "semantic-entropy"]
    run = evaluate(tmp_path / "r", scorer=asked, model=Overflowing())
    for name in ("predictive-entropy@1", "semantic-entropy-mc@1+one-cluster+equality"):
        assert set(scores(run, name).values()) == {None}
    note = "of 16 questions have no score (log-probabilities that are no numbers)"
    assert sum(note in one for one in run.results["notes"]) == 3
    assert None not in scores(run, SEMANTIC).values(), "what needs none is whole"
    lines = (run.path / "completions.jsonl").read_text().splitlines()
    assert any(json.loads(line)["logprobs"] == [-0.5, None] for line in lines)
    iabench.regrade(run.path)


def test_an_nli_model_without_an_entailment_label_is_refused_before_anything(
    tmp_path: Path,
) -> None:
    folder = tiny_nli(tmp_path / "nli", ("LABEL_0", "LABEL_1", "LABEL_2"))
    with pytest.raises(ModelError, match="does not name its classes entailment"):
        evaluate(tmp_path / "r", entailment="nli", nli=str(folder))
    assert not (tmp_path / "r").exists()


def test_an_entailment_model_that_fails_leaves_the_score_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        id = "failing@1"

        def entails(self, pairs: list[tuple[str, str]]) -> NDArray[np.float64]:
            return np.full((len(pairs), 3), np.nan)

        def close(self) -> None:
            pass

    monkeypatch.setattr(scorers, "entailment", lambda _: Failing())
    monkeypatch.setattr(scorers, "check_entailment", lambda _: None)
    run = evaluate(tmp_path / "r", scorer=["semantic-entropy"], entailment="nli", nli="x")
    found = scores(run, "semantic-entropy@1+one-cluster+failing@1")
    assert {v for k, v in found.items() if k.startswith("invented")} == {None}
    assert any(
        "could not be compared: failing@1 gave no numbers" in note for note in run.results["notes"]
    )


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", "--backend", "scripted", "--model", "oracle", "--tasks", "core"]
    out = ["--limit", "4", "--samples", "3", "--out", str(tmp_path / "r")]
    assert call([*words, *out, "--scorer", "semantic-entropy,abstain-share"]) == 0
    shown = capsys.readouterr()
    assert "greedy and 3 samples" in shown.err
    assert "abstain-share" in shown.out
    assert "tells unknown from known" in shown.out
    assert call([*words, "--samples", "1", "--scorer", "string-entropy"]) == 2
    assert "try: --samples 10" in capsys.readouterr().err
