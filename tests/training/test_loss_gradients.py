from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from iabench.training import loss
from iabench.training.loss import cross_entropy, divergence


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss, "_CHUNK", 22)


def _logits(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_(True)


def test_the_cross_entropy_is_that_of_torch_and_so_is_its_gradient() -> None:
    logits, tokens = _logits(6, 11), torch.tensor([3, 0, 10, 1, 1, 5])
    ours = cross_entropy(logits, tokens)
    theirs = functional.cross_entropy(logits, tokens, reduction="sum")
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=0)
    mine, other = (torch.autograd.grad(3 * one, logits)[0] for one in (ours, theirs))
    torch.testing.assert_close(mine, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_the_divergence_is_its_definition_and_so_is_its_gradient(direction: str) -> None:
    tuned, base = _logits(7, 11), _logits(7, 11, seed=1).detach()
    q, p = tuned.softmax(-1), base.softmax(-1)
    theirs = (p * (p / q).log()).sum() if direction == "forward" else (q * (q / p).log()).sum()
    ours = divergence(tuned, base, direction)  # type: ignore[arg-type]
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=0)
    mine, other = (torch.autograd.grad(3 * one, tuned)[0] for one in (ours, theirs))
    torch.testing.assert_close(mine, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_no_divergence_has_no_gradient_to_the_last_bit(direction: str) -> None:
    tuned = _logits(7, 11).detach().to(torch.bfloat16).requires_grad_(True)
    divergence(tuned, tuned.detach(), direction).backward()  # type: ignore[arg-type]
    assert tuned.grad is not None
    assert not tuned.grad.any()


def test_half_precision_is_summed_in_float32_and_no_position_is_no_loss() -> None:
    tuned = _logits(7, 11).detach().to(torch.bfloat16)
    assert divergence(tuned, tuned + 1, "forward").dtype == torch.float32
    nothing = _logits(0, 11)
    total = divergence(nothing, nothing.detach(), "forward")
    total.backward()
    assert float(total.detach()) == 0
