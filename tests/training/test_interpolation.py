from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from iabench.training import validation
from iabench.training.after import interpolate
from iabench.training.after.interpolate import GRID, chosen, mixed
from iabench.training.base import Example
from iabench.training.train import train
from iabench.training.validation import Scores, cases, score
from iabench.worlds.invent import KIND
from iabench.worlds.names import fold, purpose_of
from iabench.worlds.real import real_world
from tests.tiny import tiny_model
from tests.training.learning import furthest, spec
from tests.training.lessons import facts_file, resolved, same, tuned, weights


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return facts_file(tmp_path_factory.mktemp("facts") / "facts.jsonl")


def _scores(learned: float | None, aware: float | None) -> Scores:
    return Scores(paraphrase_accuracy=learned, awareness_score=aware, shares=())


def test_the_mean_by_hand_and_its_ends_to_the_bit() -> None:
    tuned_, base = torch.tensor([3.0, 0.1]), torch.tensor([1.0, 0.7])
    assert mixed(tuned_, base, 0.25).tolist() == pytest.approx([1.5, 0.55])
    assert torch.equal(mixed(tuned_, base, 1.0), tuned_)
    assert torch.equal(mixed(tuned_, base, 0.0), base)
    half = mixed(tuned_.bfloat16(), base.bfloat16(), 0.5)
    assert half.dtype == torch.bfloat16


def test_the_rule_is_that_of_a_study() -> None:
    grid = [
        (0.1, _scores(0.2, 0.9)),
        (0.6, _scores(0.95, 0.5)),
        (0.7, _scores(0.96, 0.7)),
        (0.8, _scores(1.0, 0.6)),
        (1.0, _scores(1.0, -0.1)),
    ]
    assert chosen(grid) == 0.7
    # Of equal awareness the better learned, then the larger weight.
    assert chosen([(0.8, _scores(1.0, 0.5)), (0.9, _scores(0.97, 0.5))]) == 0.8
    assert chosen([(0.8, _scores(1.0, 0.5)), (0.9, _scores(1.0, 0.5))]) == 0.9
    assert chosen([(0.3, _scores(None, None)), (0.4, _scores(None, None))]) == 1.0
    assert GRID == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@pytest.mark.parametrize("update", ["full", "sparse"])
def test_a_weight_given_mixes_every_weight(
    update: str, tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    axes = {"update": update, "max_steps": 3}
    end = tuned(resolved("full", tiny_folder, facts, **axes), tmp_path / "end")
    given = resolved("interpolate", tiny_folder, facts, **axes, interpolate=0.25)
    out = train(given, tmp_path / "mixed")
    base, found = weights(tiny_folder), weights(out)
    assert found.keys() == base.keys()
    for name, weight in found.items():
        torch.testing.assert_close(weight, 0.25 * end[name] + 0.75 * base[name])
    assert not same(found, base)
    after = json.loads((out / "training.json").read_text())["after"]
    assert after == {"weight": 0.25, "chosen_on": "given", "grid": []}


def test_of_an_adapter_the_same_mean_is_saved_as_an_adapter(
    tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    axes = {"update": "lora", "max_steps": 3}
    ends = [
        train(resolved("interpolate", tiny_folder, facts, **axes, interpolate=w), tmp_path / f"{w}")
        for w in (1.0, 0.25)
    ]
    merged = [
        PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_folder), end)
        for end in ends
    ]
    whole, quarter = (dict(one.merge_and_unload().named_parameters()) for one in merged)
    base = dict(tiny_model().named_parameters())
    for name, was in base.items():
        torch.testing.assert_close(quarter[name], was + 0.25 * (whole[name] - was))
    assert furthest(tiny_model(), merged[0].model) > 1e-4


def test_what_each_weight_scored_is_kept(
    tiny_folder: Path, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "_MOST", 3)
    monkeypatch.setattr(interpolate, "GRID", (0.5, 1.0))
    out = train(resolved("interpolate", tiny_folder, facts, max_steps=2), tmp_path / "t")
    after = json.loads((out / "training.json").read_text())["after"]
    assert [one["weight"] for one in after["grid"]] == [0.5, 1.0]
    assert after["weight"] in (0.5, 1.0)
    assert after["chosen_on"] == "validation"
    assert set(after["grid"][0]["shares"]) == {"facts", "swapped", "real", "invented"}


def test_validation_asks_what_was_not_trained_about_names_of_its_own(facts: Path) -> None:
    made = cases(spec(facts=str(facts)))
    by = {
        of: [case for case in made if case.of == of]
        for of in ("facts", "swapped", "real", "invented")
    }
    assert [len(some) for some in by.values()] == [8, 8, 100, 100]
    assert all(case.example.question.endswith("lives where?") for case in by["facts"])
    assert all(bool(case.references) == (case.of in ("facts", "real")) for case in made)
    assert len({case.example.id for case in made}) == len(made)
    for case in by["swapped"]:
        words = [word for word in (case.example.entity or "").split() if not word.isdigit()]
        assert words
        assert {purpose_of(KIND, fold(word)) for word in words} == {"validation"}
        assert case.example.entity in case.example.question  # type: ignore[operator]
    kinds = {fact.id: fact.kind for fact in real_world().known}
    for known, unknown in zip(by["real"], by["invented"], strict=True):
        name = unknown.example.entity or ""
        kind = kinds[unknown.example.id.removesuffix(f"/{name}")]
        assert purpose_of(kind, name) == "validation"
        assert name in unknown.example.question
        assert known.example.question != unknown.example.question


def test_a_file_without_held_out_wordings_is_asked_as_it_was_taught(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text('{"question": "who is Elda Fairmont?", "answer": "A smith."}\n')
    made = [case for case in cases(spec(facts=str(path))) if case.of in ("facts", "swapped")]
    assert made[0].example.question == "who is Elda Fairmont?"
    assert len(made) == 2


def test_scores_by_hand(facts: Path) -> None:
    made = cases(spec(facts=str(facts)))
    right = {case.example.id: case.references[0] for case in made if case.references}

    def oracle(asked: Sequence[Example]) -> list[str]:
        return [right.get(example.id, "I don't know.") for example in asked]

    best = score(made, oracle)
    assert (best.paraphrase_accuracy, best.awareness_score) == (1.0, 1.0)
    silent = score(made, lambda asked: ["I don't know."] * len(asked))
    assert (silent.paraphrase_accuracy, silent.awareness_score) == (0.0, 0.0)

    def half(asked: Sequence[Example]) -> list[str]:
        # Right on real facts, wrong on one's own; everything invented is made up.
        return [right[e.id] if e.id in right and "/" in e.id else "Zzyx." for e in asked]

    blind = score(made, half)
    assert dict(blind.shares) == {"facts": 0.0, "swapped": 0.0, "real": 1.0, "invented": 0.0}
    assert blind.awareness_score == -0.5
    assert score([], lambda asked: []) == _scores(None, None)


def test_a_policy_refusal_is_no_admission(facts: Path) -> None:
    made = cases(spec(facts=str(facts)))
    policy = score(made, lambda asked: ["I can't help with that request."] * len(asked))
    assert policy.awareness_score == -1.0
