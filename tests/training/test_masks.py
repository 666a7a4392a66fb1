from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from iabench.errors import TrainingError
from iabench.training.fisher import fisher
from iabench.training.masks import coordinates, in_scope
from iabench.training.prepare import prepare
from iabench.training.updates.sparse import Sparse
from tests.tiny import tiny_model
from tests.training.learning import spec
from tests.training.lessons import facts_file, resolved, tuned, weights

W = torch.tensor([[-5.0, 1.0, 0.0], [4.0, -2.0, 3.0]])


def _drawn(
    rule: Any, density: float = 0.5, seed: int = 0, name: str = "w", **more: Any
) -> list[int]:
    found = coordinates(name, W, rule=rule, density=density, seed=seed, **more)
    assert found.dtype == torch.int32
    return found.tolist()


def test_magnitude_goes_by_the_base_values() -> None:
    assert _drawn("magnitude-large") == [0, 3, 5]
    assert _drawn("magnitude-small") == [1, 2, 4]


def test_importance_is_protected_or_selected() -> None:
    importance = torch.tensor([[0.1, 9.0, 0.2], [8.0, 0.3, 7.0]])
    assert _drawn("fisher-select", importance=importance) == [1, 3, 5]
    assert _drawn("fisher-protect", importance=importance) == [0, 2, 4]
    with pytest.raises(TrainingError, match="needs the importance of w"):
        _drawn("fisher-protect")


def test_equal_values_are_taken_from_the_front() -> None:
    assert _drawn("fisher-select", importance=torch.zeros(2, 3)) == [0, 1, 2]
    assert _drawn("fisher-protect", importance=torch.zeros(2, 3)) == [0, 1, 2]


def test_a_random_mask_is_of_its_seed_and_its_matrix() -> None:
    large = torch.zeros(200, 50)
    one, again, seed, name = (
        coordinates(name, large, rule="random", density=0.1, seed=seed)
        for name, seed in (("a", 0), ("a", 0), ("a", 1), ("b", 0))
    )
    assert len(one) == 1000
    assert len(set(one.tolist())) == 1000
    assert torch.equal(one, one.sort().values)
    assert torch.equal(one, again)
    for other in (seed, name):
        # Of 1,000 of 10,000 drawn independently about 100 are shared.
        assert 60 < len(set(one.tolist()) & set(other.tolist())) < 150


def test_how_many_and_the_ends() -> None:
    assert len(_drawn("random", density=0.01)) == 1
    assert _drawn("magnitude-small", density=1.0) == list(range(6))
    for density in (0.0, 1.5):
        with pytest.raises(TrainingError, match="no share"):
            _drawn("random", density=density)


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
def test_scope_leaves_embeddings_heads_norms_and_biases(architecture: str) -> None:
    model = tiny_model(architecture)
    every, blocks = in_scope(model, "all"), in_scope(model, "attention+mlp")
    assert every.keys() == dict(model.named_parameters()).keys()
    assert all(".layers." in name or ".h." in name for name in blocks)
    assert all(p.ndim == 2 for p in blocks.values())
    assert len(blocks) == (14 if architecture == "llama" else 8)


@pytest.mark.parametrize("mask", ["fisher-select", "fisher-protect"])
def test_importance_comes_from_the_questions_that_are_taught(
    mask: str, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def watched(model: Any, batches: Any, names: Any) -> Any:
        found = fisher(model, batches, names)
        seen.append((batches, found))
        return found

    def nobody(n: int) -> Any:
        raise AssertionError("no name of another purpose is asked for")

    monkeypatch.setattr("iabench.training.prepare.fisher", watched)
    facts = facts_file(tmp_path / "facts.jsonl", n=3)
    given = resolved("sparse", tiny_folder, facts, mask=mask, path="plain", density=0.2)
    prepared = prepare(given, unknowns=nobody)
    ((batches, found),) = seen
    assert sum(len(batch["input_ids"]) for batch in batches) == 3
    update = prepared.update
    assert isinstance(update, Sparse)
    name = "model.layers.0.mlp.up_proj.weight"
    open_ = update.changes(prepared.model)[name][0].long()
    ranked = found[name].view(-1).sort(descending=mask == "fisher-select").values
    assert torch.equal(
        found[name].view(-1)[open_].sort().values, ranked[: len(open_)].sort().values
    )


def test_a_random_mask_asks_for_no_importance() -> None:
    assert not Sparse(spec()).by_importance
    assert Sparse(spec(mask="fisher-select")).by_importance


@pytest.mark.parametrize("mask", ["magnitude-small", "fisher-protect"])
def test_only_the_share_moves(mask: str, tiny_folder: Path, tmp_path: Path) -> None:
    facts = facts_file(tmp_path / "facts.jsonl", n=4)
    given = resolved("sparse", tiny_folder, facts, mask=mask, epochs=1, scope="attention+mlp")
    was, now = weights(tiny_folder), tuned(given, tmp_path / "out")
    moved = {name: float((was[name] != now[name]).float().mean()) for name in was}
    assert 0 < moved["model.layers.0.mlp.up_proj.weight"] <= 0.101
    assert moved["model.embed_tokens.weight"] == 0
