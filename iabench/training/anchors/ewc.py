"""Elastic weight consolidation: weights are held where the base's answers need them.

    lambda / 2 x sum over i of  F_i (theta_i - theta0_i)^2

Source: Kirkpatrick et al., PNAS 114, 2017 (arXiv 1612.00796), Eq. 3. SEAT has it among its
baselines and gives neither lambda nor what F is estimated on. Chosen here: F is that of
`iabench.training.fisher`, over what the base says greedily to as many questions about names of
purpose `anchor` as there are facts, never over anything that is reported. The sum is over the
weights, not their mean, and F is a mean over answers: so lambda has the paper's meaning.

The penalty is over what the update trains, and nothing else can move:

    full            every weight in scope
    sparse, lean    the deltas, with F of the open coordinates: the same sum, for the others stay
    sparse, plain   the matrices in scope; frozen coordinates add 0
    lora            A and B. B begins at 0, so F of A is exactly 0 and A is free; F of B holds B to
                    0. It is the penalty of the numbers that are trained, not of W + B A.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from iabench.training.fisher import fisher
from iabench.training.spec import TrainSpec

__all__ = ["EWC"]


class EWC:
    """Elastic weight consolidation."""

    name = "ewc"

    def __init__(self, spec: TrainSpec) -> None:
        self.weight = spec.ewc_lambda
        self._held: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def prepare(
        self, model: torch.nn.Module, batches: Iterable[Mapping[str, torch.Tensor]]
    ) -> None:
        """Keep F and theta0 of what is trainable, in float32 on its device.

        Raises:
            TrainingError: the batches hold no answer.
        """
        named = {name: p for name, p in model.named_parameters() if p.requires_grad}
        found = fisher(model, batches, list(named))
        # Not `.float()`: of a float32 weight that would be the weight itself.
        self._held = {
            name: (found[name], parameter.detach().to(torch.float32, copy=True))
            for name, parameter in named.items()
        }

    def value(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the unweighted penalty, 1/2 x sum of F (theta - theta0)^2, in float32."""
        total = torch.zeros((), device=next(model.parameters()).device)
        for wrapped, parameter in model.named_parameters():
            # DDP puts its own name in front.
            name = wrapped.removeprefix("module.")
            if name in self._held:
                f, was = (one.to(parameter.device) for one in self._held[name])
                self._held[name] = (f, was)
                total = total + _Pull.apply(  # type: ignore[no-untyped-call]
                    parameter, f, was
                )
        return total


class _Pull(torch.autograd.Function):
    """1/2 x sum of F (theta - theta0)^2, of which nothing is kept for the backward pass."""

    @staticmethod
    def forward(
        ctx: Any, parameter: torch.Tensor, f: torch.Tensor, was: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(parameter, f, was)
        return (parameter.float() - was).square_().mul_(f).sum() / 2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        parameter, f, was = ctx.saved_tensors
        return (parameter.float() - was).mul_(f).mul_(g).to(parameter.dtype), None, None
