"""The lean path is the plain path: same weights, bit-exact where nothing may change."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from iabench.errors import TrainingError
from iabench.training import lean
from iabench.training.lean import MaskedLinear, convert, deltas, revert
from iabench.training.masks import coordinates, in_scope
from iabench.training.updates.sparse import Lean, Sparse
from tests.tiny import tiny_model
from tests.training.learning import batch, furthest, spec, trained, trainer


def _both(dtype: torch.dtype, architecture: str = "llama", **changed: Any) -> tuple[Any, Any]:
    epsilon = changed.pop("adam_epsilon", 1e-8)
    plain, ours = (
        trained(
            tiny_model(architecture).to(dtype), spec(path=path, **changed), adam_epsilon=epsilon
        )
        for path in ("plain", "lean")
    )
    return plain, ours


def test_in_fp64_fifty_steps_are_those_of_the_plain_path_to_1e_10() -> None:
    plain, ours = _both(torch.float64, max_steps=50)
    assert furthest(plain, tiny_model()) > 1e-2
    assert furthest(plain, ours) < 1e-10


def test_in_fp32_fifty_steps_are_those_of_the_plain_path_to_1e_6() -> None:
    # With an epsilon above what rounding does to a gradient: where that is nearly 0, Adam steps by
    # the sign of noise (four coordinates in ten thousand, by up to a hundredth of a step).
    plain, ours = _both(torch.float32, max_steps=50, learning_rate=1e-3, adam_epsilon=1e-4)
    assert furthest(plain, tiny_model()) > 1e-2
    assert furthest(plain, ours) < 1e-6


@pytest.mark.parametrize("off", ["max_grad_norm", "weight_decay", "accumulation", "anchors"])
def test_what_is_on_in_these_comparisons_binds(off: str) -> None:
    neutral = {"max_grad_norm": 0.0, "weight_decay": 0.0, "accumulation": 1, "anchors": ()}
    model = trained(tiny_model().double(), spec(path="lean"))
    other = trained(tiny_model().double(), spec(path="lean", **{off: neutral[off]}))
    assert furthest(model, other) > 1e-5


@pytest.mark.parametrize(
    "changed",
    [
        {"optim": "sgd", "learning_rate": 0.01},
        {"scope": "attention+mlp"},
        {"gradient_checkpointing": True},
        {"density": 1.0},
        {"mask": "magnitude-small"},
        {"kl_positions": "answer", "direction": "reverse"},
    ],
    ids=str,
)
def test_the_plain_path_is_met_in_other_settings(changed: dict[str, Any]) -> None:
    plain, ours = _both(torch.float64, **changed)
    assert furthest(plain, tiny_model()) > 1e-3
    assert furthest(plain, ours) < 1e-10


def test_a_matrix_may_be_taken_some_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trained(tiny_model().double(), spec(path="lean"))
    monkeypatch.setattr(lean, "_PIECE", 200)
    assert furthest(whole, trained(tiny_model().double(), spec(path="lean"))) < 1e-12


def test_density_1_is_a_full_update() -> None:
    ours = trained(tiny_model().double(), spec(path="lean", density=1.0))
    full = trained(tiny_model().double(), spec(update="full"))
    assert furthest(ours, full) < 1e-10


def test_what_is_not_linear_takes_the_masked_dense_path_and_says_so() -> None:
    plain, ours = _both(torch.float64, "gpt2")
    assert furthest(plain, tiny_model("gpt2")) > 1e-3
    assert furthest(plain, ours) < 1e-10
    assert ours.lm_head.weight is ours.transformer.wte.weight
    update = Sparse(spec(scope="attention+mlp"))
    update.prepare(tiny_model("gpt2"))
    assert len(update.notes) == 1
    assert "masked dense path: Conv1D (8)" in update.notes[0]
    update = Sparse(spec())
    update.prepare(tiny_model("gpt2"))
    assert "Conv1D.bias (8)" in update.notes[0]
    assert "Embedding, tied (1)" in update.notes[0]


def _tied() -> Any:
    config = tiny_model().config
    config.tie_word_embeddings = True
    model = type(tiny_model())(config)
    odd = tiny_model()
    model.load_state_dict({**odd.state_dict(), "lm_head.weight": odd.model.embed_tokens.weight})
    return model.eval()


def test_a_tied_matrix_has_one_delta_and_stays_tied() -> None:
    plain, ours = (
        trained(_tied().double(), spec(path=path, max_steps=10)) for path in ("plain", "lean")
    )
    assert ours.lm_head.weight is ours.model.embed_tokens.weight
    assert furthest(plain, ours) < 1e-10
    update = Sparse(spec())
    assert "lm_head.weight" not in deltas(update.prepare(_tied()))
    assert "Embedding, tied (1)" in update.notes[1]


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("optim", ["adamw_torch", "sgd"])
def test_frozen_coordinates_are_bit_exact(
    architecture: str, dtype: torch.dtype, optim: str
) -> None:
    rate = {"adamw_torch": 3e-3, "sgd": 1.0}[optim]
    given = spec(path="lean", optim=optim, learning_rate=rate, mixed="bf16")
    base = tiny_model(architecture).to(dtype)
    before = {name: p.detach().clone() for name, p in base.named_parameters()}
    after = dict(trained(base, given).named_parameters())
    for name, weight in before.items():
        at = coordinates(name, weight, rule="random", density=0.2, seed=0).long()
        frozen = torch.ones(weight.numel(), dtype=torch.bool)
        frozen[at] = False
        one, other = weight.view(-1), after[name].detach().reshape(-1)
        assert other.dtype == dtype
        assert torch.equal(_bits(one[frozen]), _bits(other[frozen]))
        if name.endswith("proj.weight"):
            assert (one[at] != other[at]).float().mean() > 0.5


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous().view(torch.int16 if tensor.dtype == torch.bfloat16 else torch.int32)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_teacher_is_the_base_bit_for_bit_before_and_after_many_steps(
    dtype: torch.dtype,
) -> None:
    base = tiny_model().to(dtype)
    asked = batch()
    with torch.no_grad():
        said = base(**asked).logits
    loop = trainer(base, spec(path="lean"))
    update: Any = loop._update
    with torch.no_grad(), update.teacher(loop.model) as lent:
        assert torch.equal(lent(**asked).logits, said)
        assert torch.equal(loop.model(**asked).logits, said)
    loop.train()
    loop.model.train()
    state = torch.get_rng_state()
    with torch.no_grad():
        before = loop.model(**asked).logits
        with update.teacher(loop.model) as lent:
            assert not lent.training
            assert torch.equal(lent(**asked).logits, said)
        assert loop.model.training
        assert torch.equal(loop.model(**asked).logits, before)
    assert not torch.equal(before, said)
    assert torch.equal(torch.get_rng_state(), state)


def test_an_error_while_the_base_is_lent_brings_the_tuned_weights_back() -> None:
    loop = trainer(tiny_model(), spec(path="lean", max_steps=2))
    loop.train()
    with torch.no_grad():
        before = loop.model(**batch()).logits
        with pytest.raises(ZeroDivisionError), loop._update.teacher(loop.model):
            raise ZeroDivisionError
        assert torch.equal(loop.model(**batch()).logits, before)


def test_in_bf16_as_many_coordinates_move_as_with_fp32_master_weights() -> None:
    base = dict(tiny_model().to(torch.bfloat16).named_parameters())

    def moved(model: Any, **changed: Any) -> float:
        given = {"max_steps": 20, "learning_rate": 1e-4, "scope": "attention+mlp"}
        tuned = trained(model, spec(**given, **changed))
        there = {n: p for n, p in tuned.named_parameters() if n.endswith("proj.weight")}
        n = sum(int((p.to(torch.bfloat16) != base[name]).sum()) for name, p in there.items())
        return float(n / sum(round(0.2 * p.numel()) for p in there.values()))

    half = tiny_model().to(torch.bfloat16)
    ours = moved(copy.deepcopy(half), path="lean")
    wide = moved(copy.deepcopy(half).float(), path="plain", mixed="bf16")
    assert ours == pytest.approx(wide, abs=0.01)
    assert ours == pytest.approx(moved(half, path="plain"), abs=0.01)


def test_a_converted_model_has_no_dense_gradient_and_comes_back_as_it_was() -> None:
    model = tiny_model()
    kinds = [type(module) for module in model.modules()]
    names = list(model.state_dict())
    said = model(**batch()).logits
    update = Sparse(spec())
    update.prepare(model)
    assert sum(isinstance(module, MaskedLinear) for module in model.modules()) == 15
    trainable = {name: p for name, p in model.named_parameters() if p.requires_grad}
    assert all(p.ndim == 1 and p.dtype == torch.float32 for p in trainable.values())
    # What Trainer leaves out of decay by name is left out here.
    decays = set(trainer(tiny_model(), spec()).get_decay_parameter_names(model))
    assert {"norm" in name for name in trainable if name not in decays} == {True}
    logits = model(**batch()).logits
    assert torch.equal(logits, said)
    logits.sum().backward()
    assert all((p.grad is not None) == p.requires_grad for p in model.parameters())
    assert all(delta.indices.dtype == torch.int32 for _, delta in deltas(model).values())
    ordinary = update.finish(model)
    assert [type(module) for module in ordinary.modules()] == kinds
    assert list(model.state_dict()) == names
    assert torch.equal(model(**batch()).logits, said)


def test_a_bias_and_a_map_of_another_class_take_the_masked_dense_path() -> None:
    class Other(nn.Linear):
        pass

    model = nn.Sequential(nn.Linear(3, 4), Other(4, 2, bias=False)).double()
    reference = copy.deepcopy(model)
    notes = convert(model, {n: torch.arange(p.numel()) for n, p in model.named_parameters()})
    assert notes == (
        "1 matrices of nn.Linear take the lean path",
        "not nn.Linear, on the masked dense path: Linear.bias (1), Other (1)",
    )
    x = torch.randn(5, 3, dtype=torch.float64)
    for one in (model, reference):
        one(x).square().sum().backward()
    for name, (_, delta) in deltas(model).items():
        wanted = dict(reference.named_parameters())[name].grad
        assert wanted is not None
        assert delta.values.grad is not None
        torch.testing.assert_close(delta.values.grad, wanted.view(-1))
    revert(model)
    assert type(model[0]) is nn.Linear


def test_deltas_move_with_their_model() -> None:
    model: Any = Sparse(spec()).prepare(tiny_model())
    model.to("meta")
    _, delta = deltas(model)["lm_head.weight"]
    assert delta.base.device.type == delta.indices.device.type == "meta"


def test_an_optimizer_that_decays_in_its_own_way_is_refused() -> None:
    update = Lean(spec())
    model = update.prepare(tiny_model())
    values = [p for p in model.parameters() if p.requires_grad]
    with pytest.raises(TrainingError, match="Adagrad decays"):
        update.watch(torch.optim.Adagrad(values, weight_decay=0.1), model)
    update.watch(torch.optim.Adagrad(values), model)


def test_the_path_is_as_asked_and_plain_where_the_model_is_sharded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Sparse(spec()).lean
    assert not Sparse(spec(path="plain")).lean
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    assert not Sparse(spec()).lean
    with pytest.raises(TrainingError, match="not for FSDP"):
        Sparse(spec(path="lean"))


@pytest.mark.filterwarnings("ignore")
def test_shira_of_peft_at_equal_counts_goes_the_same_way() -> None:
    peft = pytest.importorskip("peft", minversion="0.16")
    config = peft.ShiraConfig(r=2, random_seed=3, target_modules=["q_proj", "down_proj"])
    theirs = peft.get_peft_model(tiny_model(), config)
    ours = tiny_model()
    at = {}
    for path, module in theirs.base_model.model.named_modules():
        if hasattr(module, "shira_indices"):
            rows, columns = module.shira_indices["default"].long()
            flat = rows * module.in_features + columns
            assert len(flat) == 2 * (module.in_features + module.out_features)
            at[f"{path}.weight"] = flat.sort().values
    assert at.keys() <= in_scope(ours, "attention+mlp").keys()
    convert(ours, at)
    asked = batch()
    said = []
    for model in (theirs, ours):
        trainable = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.SGD(trainable, lr=1e-2, momentum=0.9)
        for _ in range(5):
            optimizer.zero_grad()
            logits = model(**asked).logits
            logits.log_softmax(-1)[..., 7].mean().neg().backward()
            optimizer.step()
            for weight, delta in deltas(model).values():
                delta.write(weight)
        said.append((sum(p.numel() for p in trainable), model(**asked).logits.detach()))
    assert said[0][0] == said[1][0]
    assert (said[0][1] - tiny_model()(**asked).logits).abs().max() > 1e-2
    torch.testing.assert_close(said[0][1], said[1][1], rtol=1e-4, atol=1e-4)
