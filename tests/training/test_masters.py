"""In half precision what is trained has float32 numbers behind it, for every method."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from iabench.training.base import UPDATES
from iabench.training.masters import drop_masters, keep_masters, ordinary
from iabench.training.prepare import prepare
from iabench.training.presets import preset
from iabench.training.train import train
from tests.tiny import tiny_model
from tests.training.learning import batch, furthest, spec, trained
from tests.training.lessons import StopError, Stopping, facts_file, resolved, same, tuned

METHODS = (
    "full", "lora", "sparse", "seat", "entity-kl", "base-kl", "ewc", "replay", "idk-sft",
    "interpolate",
)  # fmt: skip


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return facts_file(tmp_path_factory.mktemp("facts") / "facts.jsonl")


@pytest.mark.parametrize("path", ["lean", "plain"])
@pytest.mark.parametrize("method", METHODS)
def test_of_every_method_all_that_is_trained_is_float32(method: str, path: str) -> None:
    settings = dict(preset(method).settings)
    update = UPDATES.get(settings.get("update", "full"))(spec(path=path, update="sparse"))
    model = update.prepare(tiny_model().to(torch.bfloat16))
    there = [p for p in model.parameters() if p.requires_grad]
    assert there
    assert {p.dtype for p in there} == {torch.float32}


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
def test_the_model_computes_as_before_and_comes_back_as_it_was(architecture: str) -> None:
    model = tiny_model(architecture).to(torch.bfloat16)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    said = model(**batch()).logits
    keep_masters(model, dict(model.named_parameters()))
    assert {ordinary(name) for name, _ in model.named_parameters()} == before.keys()
    logits = model(**batch()).logits
    assert logits.dtype == torch.bfloat16
    assert torch.equal(logits, said)
    logits.float().sum().backward()
    assert all(p.grad is None or p.grad.dtype == torch.float32 for p in model.parameters())
    if architecture == "gpt2":
        assert model.lm_head.parametrizations.weight.original is (
            model.transformer.wte.parametrizations.weight.original
        )
    drop_masters(model)
    after = dict(model.named_parameters())
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], weight) for name, weight in before.items())
    if architecture == "gpt2":
        assert model.lm_head.weight is model.transformer.wte.weight


def test_what_is_frozen_or_wide_enough_has_none() -> None:
    model = tiny_model().to(torch.bfloat16)
    keep_masters(model, {"lm_head.weight": model.lm_head.weight})
    others = [p for name, p in model.named_parameters() if not name.startswith("lm_head")]
    assert {p.dtype for p in others} == {torch.bfloat16}
    wide = tiny_model()
    keep_masters(wide, dict(wide.named_parameters()))
    assert not any("parametrizations" in name for name, _ in wide.named_parameters())


@pytest.mark.parametrize("axes", [{"update": "full"}, {"update": "sparse", "path": "plain"}])
def test_steps_too_small_for_bfloat16_add_up(
    axes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved() -> float:
        base = tiny_model().to(torch.bfloat16)
        start = {name: p.detach().clone() for name, p in base.named_parameters()}
        given = {"max_steps": 10, "learning_rate": 1e-4, "weight_decay": 0.0, **axes}
        after = trained(base, spec(**given))
        assert {p.dtype for p in after.parameters()} == {torch.bfloat16}
        return sum(float((p != start[name]).sum()) for name, p in after.named_parameters())

    ours = moved()
    monkeypatch.setattr(f"iabench.training.updates.{axes['update']}.keep_masters", lambda *_: None)
    assert moved() < 0.6 * ours


def test_lean_and_plain_meet_in_bfloat16() -> None:
    # Both round float32 numbers after every step; only the order of sums differs.
    given = {"max_steps": 10, "learning_rate": 1e-3, "weight_decay": 0.0}
    lean, plain = (
        trained(tiny_model().to(torch.bfloat16), spec(path=path, **given), adam_epsilon=1e-4)
        for path in ("lean", "plain")
    )
    moved = furthest(plain, tiny_model().to(torch.bfloat16))
    assert moved > 3e-3
    apart = [
        (a.detach() - b.detach()).abs().float().mean()
        for a, b in zip(lean.parameters(), plain.parameters(), strict=True)
    ]
    assert float(torch.stack(apart).max()) < 0.02 * moved


@pytest.mark.parametrize("method", ["full", "entity-kl", "sparse"])
def test_a_bfloat16_run_goes_on_from_its_masters_and_saves_bfloat16(
    method: str, tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    plain = {"path": "plain"} if method == "sparse" else {}
    given = resolved(
        method, tiny_folder, facts, dtype="bfloat16", checkpoint_every=2, learning_rate=1e-3, **plain
    )  # fmt: skip
    whole = tuned(given, tmp_path / "whole")
    assert {one.dtype for one in whole.values()} == {torch.bfloat16}
    with pytest.raises(StopError):
        train(given, tmp_path / "torn", watch=Stopping(5))
    kept = tmp_path / "torn/checkpoints/checkpoint-4/trained.safetensors"
    with safe_open(kept, framework="pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float32}  # noqa: SIM118
    assert same(tuned(given, tmp_path / "torn"), whole)


def test_a_training_in_half_precision_stops_once_enough_is_said(
    tiny_folder: Path, facts: Path
) -> None:
    from iabench.training.progress import asking

    prepared = prepare(
        resolved("full", tiny_folder, facts, dtype="bfloat16"), unknowns=lambda n: []
    )
    head: Any = prepared.model.get_output_embeddings()  # type: ignore[operator]
    with asking(prepared, prepared.model) as say:
        first = say(prepared.examples[:2])
    with torch.no_grad():
        head.parametrizations.weight.original.mul_(-1)
    with asking(prepared, prepared.model) as say:
        assert say(prepared.examples[:2]) != first, "rounded anew for each asking"
