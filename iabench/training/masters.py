"""Master weights: what is trained has float32 numbers behind it, whatever the model computes in.

In bfloat16 a step of 1e-5 is less than half a place for most weights: added to them it is nothing,
and a dense bfloat16 AdamW moves a tenth of the coordinates. So each trained weight of a half
precision model gets a float32 master, which is the parameter that optimizer, clipping,
accumulation and checkpoints see; the model computes with

    W = round(master)          wherever W is read

as the lean path's W = round(base + delta). Before the first step W is the base's to the bit.
Adapters (LoRA) and deltas are float32 of themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import nn
from torch.nn.utils import parametrize

__all__ = ["drop_masters", "keep_masters", "ordinary", "rounded_to"]


class _Rounded(nn.Module):
    """Reads a master in the dtype of the model."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, master: torch.Tensor) -> torch.Tensor:
        """Return the weight; its gradient comes to the master in float32."""
        return master.to(self.dtype)


def keep_masters(model: nn.Module, trained: Mapping[str, nn.Parameter]) -> None:
    """Put float32 masters behind those trained parameters that are narrower, in place.

    Args:
        model: an ordinary one.
        trained: its parameters that will change, by name; a tied one stays tied.
    """
    narrow = {id(p) for p in trained.values() if p.dtype.itemsize < torch.float32.itemsize}
    owners = [
        (module, attribute, parameter)
        for module in model.modules()
        for attribute, parameter in module.named_parameters(recurse=False)
        if id(parameter) in narrow
    ]
    dtypes = {id(parameter): parameter.dtype for *_, parameter in owners}
    for module, attribute, parameter in owners:
        parameter.data = parameter.data.float()
        rounded = _Rounded(dtypes[id(parameter)])
        parametrize.register_parametrization(module, attribute, rounded, unsafe=True)


@torch.no_grad()
def drop_masters(model: nn.Module) -> None:
    """Make an ordinary model of one with masters, in place: its weights are the rounded ones."""
    for module in list(model.modules()):
        for attribute, steps in list(getattr(module, "parametrizations", {}).items()):
            if isinstance(steps[0], _Rounded):
                parametrize.remove_parametrizations(module, attribute, leave_parametrized=False)
                parameter = getattr(module, attribute)
                parameter.data = parameter.data.to(steps[0].dtype)


def rounded_to(model: nn.Module) -> dict[str, torch.dtype]:
    """Return what each weight that has a master is rounded to, by its ordinary name."""
    return {
        f"{path}.{attribute}": steps[0].dtype
        for path, module in model.named_modules()
        for attribute, steps in getattr(module, "parametrizations", {}).items()
        if isinstance(steps[0], _Rounded)
    }


def ordinary(name: str) -> str:
    """Return what a parameter is called in the ordinary model."""
    return re.sub(r"parametrizations\.(\w+)\.original$", r"\1", name.removeprefix("module."))
