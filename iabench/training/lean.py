"""The lean path: a sparse update whose memory goes with what may change, not with the model.

A matrix W keeps its dense values without gradients. Beside it stand the flat positions that may
change (int32, sorted), the base's values there, and one 1-D parameter, the delta:

    W[positions] = round(base + delta)          after every optimizer step

The delta is at least float32, whatever W is, and it is an ordinary parameter: clipping,
accumulation, the optimizer, processes (which then send deltas only) and checkpoints see nothing
else. A linear map computes x W^T; its backward forms g^T x some rows of W at a time, takes the
open coordinates as the delta's gradient and lets the rest go, so that no dense gradient of a matrix
is ever kept. What is not a plain `nn.Linear` with a matrix of its own (embeddings and tied heads,
norms, biases, GPT-2's `Conv1D`) takes the masked dense path: its own forward reads W through a
function that passes W on, autograd forms W's dense gradient, and the open coordinates of that are
taken. Positions, base values and delta are the same for both.

Gradient hooks on the dense weight would do the same on one process; under two they raise an error,
or end in different models without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrize

__all__ = ["Delta", "MaskedLinear", "convert", "deltas", "revert"]

_PIECE = 2**24
"""Coordinates of a matrix whose gradient is formed at once: 64 MB in float32."""


class Delta(nn.Module):
    """What may change of one parameter, and by how much it did.

    As a parametrization it is the masked dense path.

    Args:
        weight: the parameter, contiguous, as the base has it.
        indices: flat positions that may change, sorted, int32.
    """

    def __init__(self, weight: torch.Tensor, indices: torch.Tensor) -> None:
        super().__init__()
        self.row = weight.shape[-1]
        # Plain attributes: processes would send buffers to one another at every step.
        self.indices = indices.to(weight.device, torch.int32)
        self.base = weight.detach().view(-1).index_select(0, self.indices)
        self.values = nn.Parameter(
            torch.zeros_like(self.base, dtype=torch.promote_types(weight.dtype, torch.float32))
        )
        self._cuts: list[tuple[int, int, int, int]] | None = None

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the weight, read so that its gradient becomes the delta's."""
        return _Opened.apply(self.values, weight, self.indices)  # type: ignore[no-any-return, no-untyped-call]

    @torch.no_grad()
    def write(self, weight: torch.Tensor) -> None:
        """Set the weight to what the delta says."""
        for at, base, delta in self._pieces(self.base, self.values):
            weight.view(-1).index_copy_(0, at, (base + delta).to(weight.dtype))

    @torch.no_grad()
    def write_base(self, weight: torch.Tensor) -> None:
        """Set the weight to the base's values: copied, for a subtraction would not come back."""
        for at, base in self._pieces(self.base):
            weight.view(-1).index_copy_(0, at, base)

    def product(self, g: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """Return the open coordinates of g^T x.

        Args:
            g: (tokens, rows of W), gradient of what a linear map said.
            x: (tokens, columns of W), what it read.
        """
        taken = torch.empty_like(self.values, requires_grad=False)
        for first, last, low, high in self._rows(g.shape[1]):
            piece = (g[:, first:last].T @ x).view(-1)
            at = self.indices[low:high] - first * self.row
            taken[low:high] = piece.index_select(0, at)
        return taken

    def _rows(self, rows: int) -> list[tuple[int, int, int, int]]:
        """Return pieces of W: first and last row, first and last of the open coordinates there."""
        if self._cuts is None:
            firsts = [*range(0, rows, max(1, _PIECE // self.row)), rows]
            ends = torch.tensor([first * self.row for first in firsts], device=self.indices.device)
            lows = torch.searchsorted(self.indices.long(), ends).tolist()
            self._cuts = [
                (first, last, low, high)
                for (first, last), (low, high) in zip(pairwise(firsts), pairwise(lows), strict=True)
            ]
        return self._cuts

    def _pieces(self, *beside: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
        # `index_copy_` wants int64; a piece at a time, no second list of all positions is made.
        for at, *others in zip(
            torch.split(self.indices, _PIECE),
            *(torch.split(one, _PIECE) for one in beside),
            strict=True,
        ):
            yield at.long(), *others

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Delta:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.indices, self.base = fn(self.indices), fn(self.base)
        return self


class MaskedLinear(nn.Linear):
    """A linear map whose dense weight has no gradient. Made of an `nn.Linear` by `convert`."""

    delta: Delta

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return x W^T + b."""
        return _Linear.apply(  # type: ignore[no-any-return, no-untyped-call]
            x, self.delta.values, self.weight, self.bias, self.delta
        )


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        values: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        delta: Delta,
    ) -> torch.Tensor:
        kind = x.device.type
        if torch.is_autocast_enabled(kind):
            # Kept as it is read; the weight is turned again in backward and not kept twice.
            x = x.to(torch.get_autocast_dtype(kind))
        ctx.save_for_backward(x, weight)
        ctx.delta = delta
        return functional.linear(x, weight, bias)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        wants_x, wants_delta, _, wants_bias, _ = ctx.needs_input_grad
        flat = g.reshape(-1, g.shape[-1])
        return (
            g @ weight.to(g.dtype) if wants_x else None,
            ctx.delta.product(flat, x.reshape(-1, x.shape[-1])) if wants_delta else None,
            None,
            flat.sum(0) if wants_bias else None,
            None,
        )


class _Opened(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, values: torch.Tensor, weight: torch.Tensor, indices: torch.Tensor
    ) -> torch.Tensor:
        ctx.indices, ctx.dtype = indices, values.dtype
        return weight.detach()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return g.reshape(-1).index_select(0, ctx.indices).to(ctx.dtype), None, None


def convert(model: nn.Module, open_: Mapping[str, torch.Tensor]) -> tuple[str, ...]:
    """Make exactly the open coordinates of a model trainable, in place.

    Args:
        model: an ordinary one.
        open_: name of a parameter -> its flat positions that may change, sorted, int32.

    Returns:
        What takes which path, a line each.
    """
    model.requires_grad_(False)
    owners: dict[int, list[tuple[nn.Module, str]]] = {}
    for module in model.modules():
        for attribute, parameter in module.named_parameters(recurse=False):
            owners.setdefault(id(parameter), []).append((module, attribute))
    named = dict(model.named_parameters())
    lean, dense = 0, Counter[str]()
    for name, indices in open_.items():
        parameter = named[name]
        parameter.data = parameter.data.contiguous()
        delta = Delta(parameter, indices)
        module, attribute = owners[id(parameter)][0]
        alone = len(owners[id(parameter)]) == 1
        # A subclass may do something else with its weight.
        if type(module) is nn.Linear and attribute == "weight" and alone:
            module.__class__ = MaskedLinear
            module.delta = delta
            lean += 1
            continue
        dense[_kind(module, attribute, alone)] += 1
        for module, attribute in owners[id(parameter)]:
            parametrize.register_parametrization(module, attribute, delta, unsafe=True)
    notes = [f"{lean} matrices of nn.Linear take the lean path"] if lean else []
    if dense:
        kinds = ", ".join(f"{kind} ({n})" for kind, n in sorted(dense.items()))
        notes.append(f"not nn.Linear, on the masked dense path: {kinds}")
    return tuple(notes)


def _kind(module: nn.Module, attribute: str, alone: bool) -> str:
    name = type(module).__name__.removeprefix("Parametrized").replace("MaskedLinear", "Linear")
    tied = "" if alone else ", tied"
    return (name if attribute == "weight" else f"{name}.{attribute}") + tied


def revert(model: nn.Module) -> None:
    """Make an ordinary model of a converted one, in place, with its weights as they stand."""
    for module in list(model.modules()):
        for attribute in list(getattr(module, "parametrizations", ())):
            parametrize.remove_parametrizations(module, attribute, leave_parametrized=False)
        if isinstance(module, MaskedLinear):
            del module.delta
            module.__class__ = nn.Linear  # type: ignore[assignment]
    model.requires_grad_(True)


def deltas(model: nn.Module) -> dict[str, tuple[torch.Tensor, Delta]]:
    """Return what may change of a converted model: name of a parameter -> itself and its delta.

    Names are those of the ordinary model; a tied parameter has the first of its names.
    """
    found: dict[str, tuple[torch.Tensor, Delta]] = {}
    for path, module in model.named_modules():
        stem = f"{path}." if path else ""
        if isinstance(module, MaskedLinear):
            found[f"{stem}weight"] = (module.weight, module.delta)
        lists: Any = getattr(module, "parametrizations", {})
        for attribute, steps in lists.items():
            if isinstance(steps[0], Delta) and all(steps[0] is not d for _, d in found.values()):
                found[f"{stem}{attribute}"] = (steps.original, steps[0])
    return found
