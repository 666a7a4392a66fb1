"""Full tuning: every weight in scope changes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from iabench.training.base import ANCHORS, Anchor
from iabench.training.masks import in_scope
from iabench.training.masters import drop_masters, keep_masters
from iabench.training.spec import TrainSpec

__all__ = ["Full"]


class Full:
    """All weights in scope, dense.

    It has no copy-free teacher: the base is a frozen copy, made only where an anchor asks it. A
    model in half precision has float32 masters.
    """

    def __init__(self, spec: TrainSpec) -> None:
        self._scope = spec.scope
        # A penalty over weights asks the base nothing.
        self._keeps_base = any(isinstance(ANCHORS.get(name)(spec), Anchor) for name in spec.anchors)
        self._base: torch.nn.Module | None = None

    def prepare(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model with the weights in scope trainable."""
        if self._keeps_base:
            self._base = copy.deepcopy(model).requires_grad_(False).eval()
        model.requires_grad_(False)
        trained = in_scope(model, self._scope)
        for parameter in trained.values():
            parameter.requires_grad_(True)
        keep_masters(model, trained)
        return model

    @contextmanager
    def teacher(self, model: torch.nn.Module) -> Iterator[torch.nn.Module]:
        """Lend the base."""
        if self._base is None:
            raise RuntimeError("no anchor was named, so no base was kept")
        device = next(model.parameters()).device
        yield self._base.to(device)

    def after_backward(self, model: torch.nn.Module) -> None:
        """Every gradient counts."""

    def after_step(self, model: torch.nn.Module) -> None:
        """Every weight may change."""

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model, an ordinary one."""
        drop_masters(model)
        return model
