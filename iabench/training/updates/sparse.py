"""Sparse tuning: a binary mask over the weights; a masked coordinate gets no update.

Source: SEAT, Eqs. 3-5 (arXiv 2506.14387, third version). Chosen where the paper is silent: one mask
for the whole training, drawn matrix by matrix from the seed; gradients are masked before they are
clipped; and frozen coordinates are put back after every optimizer step, so that neither decay nor
momentum moves them.

This is the plain path: dense gradients, dense optimizer states, a kept copy of the base. It is what
the lean path (`iabench.training.lean`) is held against, and what layers take that are not
`nn.Linear`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from iabench.training.masks import coordinates, in_scope
from iabench.training.spec import TrainSpec

__all__ = ["Sparse"]


class Sparse:
    """The plain path of a sparse update."""

    def __init__(self, spec: TrainSpec) -> None:
        self._spec = spec
        self._base: torch.nn.Module | None = None
        self._frozen: dict[str, torch.Tensor] = {}

    def prepare(
        self, model: torch.nn.Module, importance: dict[str, torch.Tensor] | None = None
    ) -> torch.nn.Module:
        """Return the model with the parameters in scope trainable, and draw the mask."""
        spec = self._spec
        self._base = copy.deepcopy(model).requires_grad_(False).eval()
        model.requires_grad_(False)
        for name, parameter in in_scope(model, spec.scope).items():
            parameter.requires_grad_(True)
            open_ = coordinates(
                name, parameter, rule=spec.mask, density=spec.density, seed=spec.seed,
                importance=(importance or {}).get(name),
            )  # fmt: skip
            frozen = torch.ones(parameter.numel(), dtype=torch.bool)
            frozen[open_.long()] = False
            self._frozen[name] = frozen.view(parameter.shape).to(parameter.device)
        return model

    @contextmanager
    def teacher(self, model: torch.nn.Module) -> Iterator[torch.nn.Module]:
        """Lend the base."""
        assert self._base is not None
        yield self._base.to(next(model.parameters()).device)

    def after_backward(self, model: torch.nn.Module) -> None:
        """Mask the gradients; they are clipped after that."""
        for name, parameter in model.named_parameters():
            if parameter.grad is not None and name in self._frozen:
                parameter.grad.masked_fill_(self._on(name, parameter), 0)

    @torch.no_grad()
    def after_step(self, model: torch.nn.Module) -> None:
        """Put the frozen coordinates back: copied, never computed."""
        assert self._base is not None
        base = dict(self._base.named_parameters())
        for name, parameter in model.named_parameters():
            if name in self._frozen:
                frozen = self._on(name, parameter)
                parameter.copy_(torch.where(frozen, base[name].to(parameter.device), parameter))

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model."""
        return model

    def _on(self, name: str, parameter: torch.Tensor) -> torch.Tensor:
        self._frozen[name] = self._frozen[name].to(parameter.device)
        return self._frozen[name]
