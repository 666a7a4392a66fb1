"""Sparse tuning: a binary mask over the weights; a masked coordinate gets no update.

Source: SEAT, Eqs. 3-5 (arXiv 2506.14387, third version). Chosen where the paper is silent: one mask
for the whole training, drawn matrix by matrix from the seed; gradients are masked before they are
clipped; and neither decay nor momentum moves a frozen coordinate.

    plain   dense gradients, dense optimizer states, a kept copy of the base; frozen coordinates are
            put back after every optimizer step. What the lean path is held against.
    lean    the same weights, with memory that goes with the density: `iabench.training.lean`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch

from iabench.errors import TrainingError
from iabench.training.lean import convert, deltas, revert
from iabench.training.masks import Importance, coordinates, in_scope
from iabench.training.masters import drop_masters, keep_masters, ordinary
from iabench.training.sharding import check_sharded, local, part, sharded_by
from iabench.training.spec import TrainSpec

__all__ = ["Lean", "Plain", "Sparse"]


class Sparse:
    """A sparse update, on the path that the training asks for; `auto` is lean where it can be."""

    def __init__(self, spec: TrainSpec) -> None:
        check_sharded(spec)
        self.lean = spec.path != "plain" and sharded_by() is None
        """Whether the lean path is taken."""
        self.by_importance = spec.mask.startswith("fisher")
        self._way: Lean | Plain = (Lean if self.lean else Plain)(spec)

    @property
    def notes(self) -> tuple[str, ...]:
        """What takes which path, a line each."""
        return self._way.notes

    def prepare(
        self, model: torch.nn.Module, importance: Importance | None = None
    ) -> torch.nn.Module:
        """Return the model with what the mask leaves open trainable."""
        return self._way.prepare(model, importance)

    def teacher(self, model: torch.nn.Module) -> AbstractContextManager[torch.nn.Module]:
        """Lend the base."""
        return self._way.teacher(model)

    def watch(self, optimizer: torch.optim.Optimizer, model: torch.nn.Module) -> None:
        """See what the optimizer does to the deltas, before the first step."""
        self._way.watch(optimizer, model)

    def after_backward(self, model: torch.nn.Module) -> None:
        """Mask the gradients; they are clipped after that."""
        self._way.after_backward(model)

    def after_step(self, model: torch.nn.Module) -> None:
        """Bring the weights in line."""
        self._way.after_step(model)

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model, an ordinary one."""
        return self._way.finish(model)

    def changes(self, model: torch.nn.Module) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """Return, before `finish`, the open positions and the weights' values there, by name."""
        return self._way.changes(model)


class Lean:
    """The lean path: deltas are what is trained."""

    def __init__(self, spec: TrainSpec) -> None:
        self._spec = spec
        self.notes: tuple[str, ...] = ()

    def prepare(
        self, model: torch.nn.Module, importance: Importance | None = None
    ) -> torch.nn.Module:
        """Return the model with deltas, and only these trainable."""
        self.notes = convert(model, _drawn(model, self._spec, importance))
        return model

    @contextmanager
    def teacher(self, model: torch.nn.Module) -> Iterator[torch.nn.Module]:
        """Lend the model itself, with the base's values copied back for so long."""
        held, training = deltas(model).values(), model.training
        try:
            for weight, delta in held:
                delta.write_base(weight)
            yield model.eval()
        finally:
            for weight, delta in held:
                delta.write(weight)
            model.train(training)

    def watch(self, optimizer: torch.optim.Optimizer, model: torch.nn.Module) -> None:
        """Have weight decay act on base + delta: the optimizer decays the delta, the base is ours.

        AdamW multiplies what it decays by (1 - lr x decay), whatever its gradient: the base's share
        is taken off after its step. SGD adds decay x weight to the gradient: it is added before.

        Raises:
            TrainingError: it decays in a way that is not known here.
        """
        if not any(group.get("weight_decay") for group in optimizer.param_groups):
            return
        bases = {delta.values: delta for _, delta in deltas(model).values()}

        def decayed() -> Iterator[tuple[torch.Tensor, torch.Tensor, dict[str, Any]]]:
            for group in optimizer.param_groups:
                for values in group["params"] if group["weight_decay"] else ():
                    if values in bases and values.grad is not None:
                        yield values, bases[values].base, group

        @torch.no_grad()
        def off_weight(*_: Any) -> None:
            for values, base, group in decayed():
                values.sub_(base, alpha=float(group["lr"]) * group["weight_decay"])

        @torch.no_grad()
        def onto_gradient(*_: Any) -> None:
            for values, base, group in decayed():
                assert values.grad is not None
                values.grad.add_(base, alpha=group["weight_decay"])

        kind = type(optimizer).__name__
        if kind.lower().startswith("adamw"):
            optimizer.register_step_post_hook(off_weight)
        elif kind == "SGD":
            optimizer.register_step_pre_hook(onto_gradient)
        else:
            raise TrainingError(
                f"the lean path does not know how {kind} decays weights.",
                "--weight-decay 0, --optim adamw_torch, or --path plain",
            )

    def after_backward(self, model: torch.nn.Module) -> None:
        """Only open coordinates have gradients."""

    def after_step(self, model: torch.nn.Module) -> None:
        """Set the weights to what the deltas say."""
        for weight, delta in deltas(model).values():
            delta.write(weight)

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model with ordinary layers."""
        revert(model)
        return model

    def changes(self, model: torch.nn.Module) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """Return the open positions and the weights' values there, by name."""
        return {
            name: (delta.indices, weight.detach().view(-1).index_select(0, delta.indices))
            for name, (weight, delta) in deltas(model).items()
        }


class Plain:
    """The plain path."""

    notes: tuple[str, ...] = ()

    def __init__(self, spec: TrainSpec) -> None:
        self._spec = spec
        self._base: torch.nn.Module | None = None
        self._frozen: dict[str, torch.Tensor] = {}

    def prepare(
        self, model: torch.nn.Module, importance: Importance | None = None
    ) -> torch.nn.Module:
        """Return the model with the parameters in scope trainable, and draw the mask."""
        self._base = copy.deepcopy(model).requires_grad_(False).eval()
        model.requires_grad_(False)
        named = dict(model.named_parameters())
        drawn = _drawn(model, self._spec, importance)
        for name, open_ in drawn.items():
            parameter = named[name].requires_grad_(True)
            frozen = torch.ones(parameter.numel(), dtype=torch.bool)
            frozen[open_.long()] = False
            self._frozen[name] = frozen.view(parameter.shape).to(parameter.device)
        keep_masters(model, {name: named[name] for name in drawn})
        return model

    @contextmanager
    def teacher(self, model: torch.nn.Module) -> Iterator[torch.nn.Module]:
        """Lend the base."""
        assert self._base is not None
        yield self._base.to(next(model.parameters()).device)

    def watch(self, optimizer: torch.optim.Optimizer, model: torch.nn.Module) -> None:
        """Whatever it does to frozen coordinates is undone."""

    def after_backward(self, model: torch.nn.Module) -> None:
        """Mask the gradients; they are clipped after that."""
        for name, parameter in self._masked(model):
            if parameter.grad is not None:
                local(parameter.grad).masked_fill_(self._on(name, parameter), 0)

    @torch.no_grad()
    def after_step(self, model: torch.nn.Module) -> None:
        """Put the frozen coordinates back: copied, never computed."""
        assert self._base is not None
        base = dict(self._base.named_parameters())
        for name, parameter in self._masked(model):
            here, frozen = local(parameter), self._on(name, parameter)
            here.copy_(torch.where(frozen, part(base[name], parameter), here))

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model, an ordinary one."""
        drop_masters(model)
        return model

    def changes(self, model: torch.nn.Module) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """Return the open positions and the weights' values there, by name."""
        assert self._base is not None
        base = dict(self._base.named_parameters())
        found = {}
        for name, parameter in self._masked(model):
            at = (~self._on(name, parameter)).view(-1).nonzero().view(-1)
            values = parameter.detach().reshape(-1)[at].to(base[name].dtype)
            found[name] = (at.to(torch.int32), values)
        return found

    def _masked(self, model: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Parameter]]:
        """Yield what is trained, by its name in the ordinary model."""
        for name, parameter in model.named_parameters():
            if ordinary(name) in self._frozen:
                yield ordinary(name), parameter

    def _on(self, name: str, parameter: torch.Tensor) -> torch.Tensor:
        """Return what of the mask belongs to what this process holds of a parameter."""
        if self._frozen[name].shape != local(parameter).shape:
            self._frozen[name] = part(self._frozen[name], parameter)
        self._frozen[name] = self._frozen[name].to(parameter.device)
        return self._frozen[name]


def _drawn(
    model: torch.nn.Module, spec: TrainSpec, importance: Importance | None
) -> dict[str, torch.Tensor]:
    return {
        name: coordinates(
            name, parameter, rule=spec.mask, density=spec.density, seed=spec.seed,
            importance=(importance or {}).get(name),
        )
        for name, parameter in in_scope(model, spec.scope).items()
    }  # fmt: skip
