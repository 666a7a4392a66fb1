from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from iabench.training.anchors.kl import EntityKL
from iabench.training.base import UPDATES
from iabench.training.data import IGNORED, Collator
from iabench.training.loss import cross_entropy
from iabench.training.predictions import predictions
from tests.tiny import tiny_model
from tests.training.learning import furthest, rows, spec, trained
from tests.training.lessons import facts_file, resolved, same, tuned, weights


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return facts_file(tmp_path_factory.mktemp("facts") / "facts.jsonl")


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
@pytest.mark.parametrize(
    "axes", [{"update": "full"}, {"update": "lora"}, {"path": "lean"}, {"path": "plain"}]
)
def test_before_the_first_step_the_base_says_the_same_bit_for_bit(
    architecture: str, axes: dict[str, Any]
) -> None:
    given = spec(**axes)
    update, anchor = UPDATES.get(given.update)(given), EntityKL(given)
    # In eval mode: GPT-2 drops out while it is trained, its teacher never does.
    model = update.prepare(tiny_model(architecture)).eval()
    batch = Collator(0, {anchor.name: anchor.over})(
        list(zip(rows(4), rows(4, seed=1), strict=True))
    )
    taught, held = batch["labels"] != IGNORED, batch[anchor.name]
    with torch.no_grad(), update.teacher(model) as base:
        said = predictions(base, batch, taught | held)
    logits = predictions(model, batch, taught | held)
    assert torch.equal(logits, said)
    at = {"ce": taught[taught | held], "kl": held[taught | held]}

    trained = [p for p in model.parameters() if p.requires_grad]

    def norm(loss: torch.Tensor) -> float:
        found = torch.autograd.grad(loss, trained, retain_graph=True, allow_unused=True)
        return math.sqrt(sum(float(g.square().sum()) for g in found if g is not None))

    kl = anchor.term(logits[at["kl"]], said[at["kl"]]) / held.sum()
    ce = cross_entropy(logits[at["ce"]], batch["labels"][taught]) / taught.sum()
    assert norm(ce) > 1e-3
    assert norm(kl) <= 1e-6 * norm(ce)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("seat", {"alpha": 0.0}), ("sparse", {})),
        (("ewc", {"ewc_lambda": 0.0}), ("full", {})),
        (("sparse", {"density": 1.0, "path": "plain"}), ("full", {})),
        (("seat", {"density": 1.0, "path": "plain"}), ("entity-kl", {})),
        (
            ("seat", {"density": 1.0, "path": "plain", "scope": "attention+mlp"}),
            ("entity-kl", {"scope": "attention+mlp"}),
        ),
        (("interpolate", {"interpolate": 1.0}), ("full", {})),
        (("entity-kl", {}), ("entity-kl", {})),
    ],
    ids=lambda point: f"{point[0]}({','.join(f'{k}={v}' for k, v in point[1].items())})",
)
def test_methods_that_are_one_by_definition_end_in_the_same_weights(
    one: tuple[str, Any], other: tuple[str, Any], tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    first, second = (
        tuned(resolved(name, tiny_folder, facts, weight_decay=0.1, **settings), tmp_path / out)
        for out, (name, settings) in (("one", one), ("other", other))
    )
    assert same(first, second)
    assert not same(first, weights(tiny_folder))


@pytest.mark.parametrize("method", ["full", "sparse"])
def test_another_seed_gives_other_weights(
    method: str, tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    made = [
        tuned(resolved(method, tiny_folder, facts, seed=seed), tmp_path / str(seed))
        for seed in (0, 1)
    ]
    assert not same(*made)


def test_means_are_over_the_global_batch() -> None:
    shared: dict[str, Any] = {
        "update": "full",
        "max_steps": 4,
        "optim": "sgd",
        "learning_rate": 0.05,
    }
    whole, in_parts = (
        trained(tiny_model().double(), spec(**shared, batch_size=size, accumulation=n))
        for size, n in ((8, 1), (4, 2))
    )
    assert furthest(whole, tiny_model()) > 1e-3
    assert furthest(whole, in_parts) <= 1e-12


def test_chance_is_given_back_as_it_was_found(
    tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    before, torchs = _drawn_next(), torch.get_rng_state()
    tuned(resolved("sparse", tiny_folder, facts, max_steps=1, seed=5), tmp_path / "t")
    assert _drawn_next() == before
    assert torch.equal(torch.get_rng_state(), torchs)


def _drawn_next() -> tuple[str, str]:
    return repr(random.getstate()), repr([*np.random.get_state()])  # noqa: NPY002
