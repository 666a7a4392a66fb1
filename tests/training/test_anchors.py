from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from iabench.errors import TrainingError
from iabench.training.anchors.ewc import EWC
from iabench.training.anchors.kl import BaseKL, EntityKL
from iabench.training.base import UPDATES, Anchor, Penalty
from iabench.training.data import IGNORED, Collator, Encoded
from iabench.training.fisher import fisher
from iabench.training.loss import cross_entropy
from iabench.training.prepare import prepare
from iabench.training.updates.full import Full
from tests.tiny import tiny_model
from tests.training.learning import furthest, rows, spec, trained
from tests.training.lessons import facts_file, resolved

ROW = Encoded(id="r", prompt=(7, 8, 9), answer=(10, 11))


def _batches(n: int = 4, size: int = 3) -> list[dict[str, torch.Tensor]]:
    given, collate = rows(n), Collator(0, {})
    return [collate([(r, None) for r in given[at : at + size]]) for at in range(0, n, size)]


@pytest.mark.parametrize(
    ("positions", "over"),
    [("all", [1, 1, 1, 1, 1]), ("prompt", [1, 1, 1, 0, 0]), ("answer", [0, 0, 0, 1, 1])],
)
def test_positions_are_those_of_the_copy_and_padding_is_never_among_them(
    positions: Any, over: list[int]
) -> None:
    anchor = EntityKL(spec(kl_positions=positions))
    assert list(anchor.over(ROW, perturbed=True)) == over
    assert not any(anchor.over(ROW, perturbed=False))
    long = Encoded(id="l", prompt=(6,) * 7, answer=(6,))
    batch = Collator(0, {"entity-kl": anchor.over})([(long, ROW)])
    # Nothing predicts the first token.
    assert batch["entity-kl"].tolist() == [[False] * 8, [False, *map(bool, over[1:]), *[False] * 3]]


def test_the_base_anchor_is_over_facts_alone() -> None:
    anchor = BaseKL(spec(kl_positions="prompt"))
    assert list(anchor.over(ROW, perturbed=False)) == [1, 1, 1, 0, 0]
    assert not any(anchor.over(ROW, perturbed=True))
    replayed = Encoded(id="r", prompt=(7,), answer=(8,), fact=False)
    assert not any(anchor.over(replayed, perturbed=False))


def test_the_divergence_by_hand_in_both_directions() -> None:
    # Two words: the base says them with 3/4 and 1/4, the tuned model with 1/2 and 1/2.
    base = torch.tensor([[3.0, 1.0]] * 2).log()
    tuned = torch.zeros(2, 2)
    forward = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    reverse = 0.5 * math.log(2 / 3) + 0.5 * math.log(2)
    for direction, one in (("forward", forward), ("reverse", reverse)):
        anchor = EntityKL(spec(direction=direction, alpha=3.0))
        assert anchor.weight == 3.0
        assert float(anchor.term(tuned, base)) == pytest.approx(2 * one, rel=1e-6)


@pytest.mark.parametrize(
    "choice", [{"direction": "reverse"}, {"kl_positions": "answer"}, {"alpha": 4.0}]
)
def test_every_choice_changes_what_is_learned(choice: dict[str, Any]) -> None:
    shared: dict[str, Any] = {"update": "full", "max_steps": 3}
    plain = trained(tiny_model(), spec(**shared))
    assert furthest(plain, trained(tiny_model(), spec(**shared, **choice))) > 1e-5


class _Line(nn.Module):
    """Says word 1 with logit w x and word 0 with logit 0, x being the token read."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor([0.5], dtype=torch.float32))
        self.unused = nn.Parameter(torch.ones(2))

    def forward(self, input_ids: torch.Tensor, **_: Any) -> Any:
        on = self.w * input_ids
        return type("Said", (), {"logits": torch.stack([torch.zeros_like(on), on], -1)})()


def test_importance_by_hand() -> None:
    model = _Line().train()
    # d log p / dw: of word 1 after x it is x (1 - s(w x)), of word 0 it is -x s(w x).
    batch = Collator(0, {})(
        [
            (Encoded(id="a", prompt=(2,), answer=(1, 0)), None),
            (Encoded(id="b", prompt=(1, 3), answer=(1,)), None),
        ]
    )

    def s(z: float) -> float:
        return 1 / (1 + math.exp(-z))

    first = 2 * (1 - s(1.0)) - 1 * s(0.5)
    second = 3 * (1 - s(1.5))
    found = fisher(model, [batch], ["w", "unused"])
    assert float(found["w"]) == pytest.approx((first**2 + second**2) / 2, rel=1e-5)
    assert found["unused"].tolist() == [0, 0]
    assert model.training
    assert model.w.grad is None


def test_importance_is_the_same_however_rows_are_batched() -> None:
    model = tiny_model()
    names = [name for name, _ in model.named_parameters()]
    chance = torch.get_rng_state()
    one, other = (fisher(model, _batches(size=size), names) for size in (1, 4))
    for name in names:
        torch.testing.assert_close(one[name], other[name], rtol=1e-4, atol=1e-9)
    assert torch.equal(chance, torch.get_rng_state())
    batch = _batches(n=1)[0]
    taught = batch["labels"] != IGNORED
    loss = cross_entropy(
        model(batch["input_ids"]).logits[:, :-1][taught[:, 1:]], batch["labels"][taught]
    )
    (gradient,) = torch.autograd.grad(loss, [model.lm_head.weight])
    torch.testing.assert_close(
        fisher(model, [batch], ["lm_head.weight"])["lm_head.weight"],
        gradient**2,
        rtol=1e-4,
        atol=1e-9,
    )


def test_no_answer_tells_no_importance() -> None:
    batch = _batches(n=1)[0]
    batch["labels"][:] = IGNORED
    with pytest.raises(TrainingError, match="no answer"):
        fisher(tiny_model(), [batch], ["lm_head.weight"])


def test_the_penalty_and_its_gradient_by_hand() -> None:
    model, ewc = _Line(), EWC(spec(ewc_lambda=7.0))
    model.unused.requires_grad_(False)
    ewc.prepare(model, [Collator(0, {})([(Encoded(id="a", prompt=(2,), answer=(1,)), None)])])
    f = (2 * (1 - 1 / (1 + math.exp(-1.0)))) ** 2
    assert ewc.value(model).item() == 0
    with torch.no_grad():
        model.w.add_(0.25)
    value = ewc.value(model)
    value.backward()
    assert ewc.weight == 7.0
    assert value.item() == pytest.approx(f * 0.25**2 / 2, rel=1e-5)
    assert model.w.grad is not None
    assert model.w.grad.item() == pytest.approx(f * 0.25, rel=1e-5)
    # DDP's own name in front changes nothing.
    assert ewc.value(nn.ModuleDict({"module": model})).item() == value.item()
    assert isinstance(ewc, Penalty)
    assert not isinstance(ewc, Anchor)


@pytest.mark.parametrize("axes", [{"path": "lean"}, {"path": "plain"}, {"update": "lora"}])
def test_a_penalty_is_over_what_can_move(axes: dict[str, Any]) -> None:
    given = spec(**axes, anchors=("ewc",), max_steps=3, optim="sgd", learning_rate=0.05)
    update, ewc = UPDATES.get(given.update)(given), EWC(given)
    model = update.prepare(tiny_model())
    ewc.prepare(model, _batches())
    held = {name: one for name, one in model.named_parameters() if one.requires_grad}
    assert ewc._held.keys() == held.keys()
    assert {one.dtype for pair in ewc._held.values() for one in pair} == {torch.float32}
    if given.update == "lora":
        assert not any(f.any() for name, (f, _) in ewc._held.items() if "lora_A" in name)
        assert any(f.any() for name, (f, _) in ewc._held.items() if "lora_B" in name)


def _with_ewc(given: Any, lambda_: float) -> Any:
    given = spec(**{**given, "anchors": (), "ewc_lambda": lambda_, "optim": "sgd", "max_steps": 4})
    ewc = EWC(given)
    update = UPDATES.get(given.update)(given)
    model = update.prepare(tiny_model())
    ewc.prepare(model, _batches())
    # `learning.trainer` prepares once more what is prepared.
    update.prepare = lambda model: model  # type: ignore[method-assign]
    return trained(model, given, update=update, penalties=[ewc])


def test_a_penalty_counts_once_a_step_however_it_is_accumulated() -> None:
    whole, parts = (
        _with_ewc(
            {"update": "full", "batch_size": size, "accumulation": n, "learning_rate": 0.02}, 30
        )
        for size, n in ((8, 1), (4, 2))
    )
    without = _with_ewc(
        {"update": "full", "batch_size": 8, "accumulation": 1, "learning_rate": 0.02}, 0
    )
    assert furthest(whole, without) > 1e-4
    assert furthest(whole, parts) < 1e-6


def test_the_penalty_is_the_same_on_both_sparse_paths() -> None:
    shared = {"batch_size": 4, "accumulation": 1, "learning_rate": 0.02, "weight_decay": 0.0}
    lean, plain = (_with_ewc({**shared, "path": path}, 30.0) for path in ("lean", "plain"))
    assert furthest(lean, tiny_model()) > 1e-4
    assert furthest(lean, plain) < 1e-6


def test_a_penalty_keeps_no_copy_of_the_base() -> None:
    model = tiny_model()
    update = Full(spec(update="full", anchors=("ewc",)))
    update.prepare(model)
    with pytest.raises(RuntimeError, match="no base"), update.teacher(model):
        pass


def test_what_is_protected_is_what_the_base_says_about_anchor_names(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iabench.training import train

    asked: list[int] = []

    def unknowns(n: int) -> Any:
        asked.append(n)
        return train.unknowns(n)

    facts = facts_file(tmp_path / "facts.jsonl", n=3)
    prepared = prepare(resolved("ewc", tiny_folder, facts), unknowns=unknowns)
    assert asked == [3]
    assert prepared.update._base is None  # type: ignore[attr-defined]
    (penalty,) = prepared.penalties
    assert penalty.value(prepared.model).item() == 0
    asked.clear()
    prepare(resolved("ewc", tiny_folder, facts, ewc_lambda=0.0), unknowns=unknowns)
    assert not asked
