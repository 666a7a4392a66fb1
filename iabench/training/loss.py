"""The terms of the loss, each a sum over its positions, to be divided by those of the whole batch.

    CE   mean over target tokens of  -log p(token)
    KL   mean over the anchor's positions of  KL(base || tuned), or KL(tuned || base)

The mean goes over the *global* batch: all accumulation steps and all processes together.

With a vocabulary of 128,000 what a head says weighs more than a model's blocks. Logits are formed
only at the positions of some term (`iabench.training.predictions`), and probabilities for some of
these at a time, in float32 at least; they are formed again in backward, where the gradients are
written down as they are known,

    d CE / dz = q - onehot(token)
    d KL(p || q) / dz = q - p          d KL(q || p) / dz = q x (log q - log p - KL(q || p))

z being the tuned model's logits, q its distribution and p the base's. Where q is p to the last bit,
the gradient of either KL is exactly 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch.nn import functional

from iabench.training.spec import Direction

__all__ = ["cross_entropy", "divergence"]

_CHUNK = 2**24
"""Logits that are turned into probabilities at once: 64 MB in float32."""


def cross_entropy(logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Return the sum over positions of -log p(token).

    Args:
        logits: (positions, vocabulary).
        tokens: (positions,), what is to be said there.
    """
    return _CrossEntropy.apply(logits, tokens)  # type: ignore[no-any-return, no-untyped-call]


def divergence(tuned: torch.Tensor, base: torch.Tensor, direction: Direction) -> torch.Tensor:
    """Return the sum over positions of KL(base || tuned) (forward) or KL(tuned || base).

    Args:
        tuned: (positions, vocabulary) logits.
        base: likewise, without gradients.
        direction: of the divergence.
    """
    return _Divergence.apply(  # type: ignore[no-any-return, no-untyped-call]
        tuned, base, direction == "forward"
    )


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(logits, tokens)
        total = _zero(logits)
        for at in _chunks(logits):
            total += functional.nll_loss(_log(logits[at]), tokens[at], reduction="sum")
        return total

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        logits, tokens = ctx.saved_tensors
        gradient = torch.empty_like(logits)
        for at in _chunks(logits):
            q, place = _log(logits[at]).exp_(), tokens[at].unsqueeze(1)
            q.scatter_add_(1, place, q.new_full(place.shape, -1))
            gradient[at] = q.mul_(g)
        return gradient, None


class _Divergence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tuned: torch.Tensor, base: torch.Tensor, forwards: bool) -> torch.Tensor:
        ctx.save_for_backward(tuned, base)
        ctx.forwards = forwards
        total = _zero(tuned)
        for at in _chunks(tuned):
            given, target = _log(tuned[at]), _log(base[at])
            if not forwards:
                given, target = target, given
            total += functional.kl_div(given, target, reduction="sum", log_target=True)
        return total

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        tuned, base = ctx.saved_tensors
        gradient = torch.empty_like(tuned)
        for at in _chunks(tuned):
            log_q, log_p = _log(tuned[at]), _log(base[at])
            if ctx.forwards:
                one = log_q.exp_().sub_(log_p.exp_())
            else:
                apart = log_q - log_p
                q = log_q.exp_()
                one = apart.sub_((q * apart).sum(-1, keepdim=True)).mul_(q)
            gradient[at] = one.mul_(g)
        return gradient, None, None


def _log(logits: torch.Tensor) -> torch.Tensor:
    return functional.log_softmax(logits.to(_precise(logits)), -1)


def _zero(logits: torch.Tensor) -> torch.Tensor:
    return torch.zeros((), dtype=_precise(logits), device=logits.device)


def _precise(logits: torch.Tensor) -> torch.dtype:
    return torch.promote_types(logits.dtype, torch.float32)


def _chunks(logits: torch.Tensor) -> Iterator[slice]:
    size = max(1, _CHUNK // max(logits.shape[-1], 1))
    return (slice(at, at + size) for at in range(0, len(logits), size))
