"""A tuned model as what differs from its base: the format that `--save delta` writes.

    iabench_delta.json          the base: its name, the digest of its weights; how the mask was made
    iabench_delta.safetensors   NAME       values of the open coordinates, as they were trained
                                NAME.gaps  where they are, in the flat parameter

Values are copied over the base's, so that base and delta are the tuned model bit for bit. Positions
can be made again from rule and seed, but only by the release of torch that made them: they are kept
as the gaps between them, a byte each, where 255 means that the gap goes on with the next byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iabench.errors import ModelError

if TYPE_CHECKING:
    import torch

__all__ = ["SETTINGS", "WEIGHTS", "apply_delta", "gaps", "positions", "take_back", "write_delta"]

SETTINGS = "iabench_delta.json"
WEIGHTS = "iabench_delta.safetensors"
_GAPS = ".gaps"
Before = dict[str, "tuple[torch.Tensor, torch.Tensor]"]
"""By name of a parameter: flat positions, and the values that stood there."""

_FORMAT = 1
_ON = 255


def write_delta(
    folder: Path,
    changes: Mapping[str, tuple[torch.Tensor, torch.Tensor]],
    *,
    base: str,
    base_weights: str,
    mask: Mapping[str, Any],
) -> None:
    """Write a delta folder, the settings last.

    Args:
        folder: where to.
        changes: name of a parameter -> flat positions, sorted; values there.
        base: name or folder of the base.
        base_weights: digest of its weights.
        mask: how the positions were made, for whoever reads it.
    """
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, (at, values) in changes.items():
        tensors[name] = values.detach().cpu().contiguous()
        tensors[name + _GAPS] = gaps(at)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    said = {
        "format": _FORMAT,
        "base_model_name_or_path": base,
        "base_weights": base_weights,
        "mask": dict(mask),
    }
    (folder / SETTINGS).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def apply_delta(model: torch.nn.Module, folder: Path) -> Before:
    """Set a base's weights to those of the tuned model, in place; return what was there before.

    Raises:
        ModelError: the delta is not of this base, or of a format that is not known.
    """
    import torch
    from safetensors import safe_open

    known = json.loads((folder / SETTINGS).read_text(encoding="utf-8")).get("format")
    if known != _FORMAT:
        raise ModelError(f"{folder} is a delta of format {known}.", "a newer iabench")
    named = dict(model.named_parameters())
    before: Before = {}
    with safe_open(folder / WEIGHTS, framework="pt") as file, torch.no_grad():
        for name in (key for key in file.keys() if not key.endswith(_GAPS)):  # noqa: SIM118
            values, at = file.get_tensor(name), positions(file.get_tensor(name + _GAPS))
            weight = named.get(name)
            if weight is None or len(at) != len(values) or int(at[-1]) >= weight.numel():
                raise ModelError(
                    f"the delta {folder} does not fit the model: {name}.",
                    "--base with the model that it was trained on",
                )
            flat = weight.data.view(-1)
            at = at.to(flat.device)
            before[name] = (at, flat[at].clone())
            flat.index_copy_(0, at, values.to(flat))
    return before


def take_back(model: torch.nn.Module, before: Before) -> None:
    """Give a model the values back that `apply_delta` found."""
    named = dict(model.named_parameters())
    for name, (at, values) in before.items():
        named[name].data.view(-1).index_copy_(0, at, values)


def gaps(at: torch.Tensor) -> torch.Tensor:
    """Return sorted positions as uint8 gaps."""
    import torch

    at = at.detach().cpu().long()
    apart = torch.diff(at, prepend=torch.zeros(1, dtype=torch.long))
    ends = (apart // _ON + 1).cumsum(0)
    coded = torch.full((int(ends[-1]) if len(ends) else 0,), _ON, dtype=torch.uint8)
    coded[ends - 1] = (apart % _ON).to(torch.uint8)
    return coded


def positions(coded: torch.Tensor) -> torch.Tensor:
    """Return the int64 positions that uint8 gaps stand for."""
    import torch

    return coded.cumsum(0, dtype=torch.long)[coded != _ON]
