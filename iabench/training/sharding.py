"""Weights that several processes share (FSDP2): each holds a part of every matrix.

On cards accelerate shards the model, as its launcher is told (`accelerate launch --use_fsdp
--fsdp_version 2`); on CPUs it does not, so that is done here in the same way, by torch's
`fully_shard`. Masks and the base are whole on every process; of a weight each touches what it
holds. A run of one process, or under DDP, meets only whole tensors here.
"""

from __future__ import annotations

import os
from typing import Any

import torch

from iabench.errors import TrainingError
from iabench.training.masters import ordinary, rounded_to
from iabench.training.spec import TrainSpec

__all__ = ["check_sharded", "local", "part", "shard", "sharded_by", "sharded_state", "whole"]


def sharded_by() -> str | None:
    """Return what shards the model in this run, `FSDP` or `DeepSpeed`; None: nothing does."""
    # Set by `accelerate launch` and by `TrainingArguments`.
    for key, name in (("FSDP", "FSDP"), ("DEEPSPEED", "DeepSpeed")):
        if os.environ.get(f"ACCELERATE_USE_{key}", "false").lower() in ("1", "true"):
            return name
    return None


def check_sharded(spec: TrainSpec) -> None:
    """Refuse what is not carried out on a sharded model.

    Raises:
        TrainingError: with what to do instead.
    """
    by = sharded_by()
    if by is None:
        return
    if by == "FSDP" and os.environ.get("FSDP_VERSION", "2") != "2":
        raise TrainingError("FSDP 1 is not for iabench.", "--fsdp_version 2")
    if spec.update == "sparse" and (by == "DeepSpeed" or spec.path == "lean"):
        what = "the lean path" if spec.path == "lean" else "a sparse update"
        hint = "--path plain" if by == "FSDP" else "FSDP 2, several processes (DDP), or one device"
        raise TrainingError(f"{what} is for one device or DDP, not for {by}.", hint)
    odd = {
        "--anchors ewc": "ewc" in spec.anchors,
        f"--after {spec.after}": spec.after != "none",
        "--save delta": spec.save == "delta",
        "--stop-at-recall": spec.stop_at_recall is not None,
    }
    for option, given in odd.items():
        if given:
            raise TrainingError(
                f"{option} is for one device or DDP, not for {by}.",
                f"leave {option} out; if the checkpoint brings it, --settings published",
            )


def shard(model: Any) -> None:
    """Share the weights of a model on CPUs between the processes, block by block, in place."""
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh("cpu", (torch.distributed.get_world_size(),))
    blocks = {str(name) for name in model._no_split_modules or ()}
    for module in model.modules():
        if type(module).__name__ in blocks:
            fully_shard(module, mesh=mesh)
    fully_shard(model, mesh=mesh)


def part(tensor: torch.Tensor, held: torch.Tensor) -> torch.Tensor:
    """Return of a whole tensor what this process holds of a parameter of that shape."""
    from torch.distributed.tensor import DTensor, distribute_tensor

    if not isinstance(held, DTensor):
        return tensor.to(held.device)
    # Every process has the whole, so nothing is sent.
    spread = distribute_tensor(
        tensor.to(held.device), held.device_mesh, held.placements, src_data_rank=None
    )
    return spread.to_local()


def local(tensor: torch.Tensor) -> torch.Tensor:
    """Return what this process holds of a tensor, in the same memory."""
    from torch.distributed.tensor import DTensor

    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor whole; every process has to ask."""
    from torch.distributed.tensor import DTensor

    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def sharded_state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return the weights of a sharded model whole, as the ordinary model has them, on the CPU.

    Every process has to ask. What has a float32 master is rounded.
    """
    dtypes = rounded_to(model)
    return {
        ordinary(name): whole(value).cpu().to(dtypes.get(ordinary(name), value.dtype))
        for name, value in model.state_dict().items()
    }
