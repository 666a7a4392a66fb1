"""What a sparse training keeps of a model: its deltas, in a checkpoint and as what is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch

from iabench.errors import TrainingError
from iabench.models.deltas import SETTINGS, write_delta
from iabench.models.loading import load
from iabench.models.locate import locate
from iabench.training.lean import deltas
from iabench.training.prepare import loading
from iabench.training.spec import TrainSpec
from iabench.training.updates.sparse import Sparse

__all__ = ["delta_of", "delta_state", "load_delta_state", "recipe", "save_delta"]


def delta_state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return the deltas of a model on the lean path, by the name of their parameter, on the CPU.

    Nothing else of the model changes while it is trained: this and the base are the checkpoint. A
    model on another path has none.
    """
    return {name: delta.values.detach().cpu().clone() for name, (_, delta) in deltas(model).items()}


@torch.no_grad()
def load_delta_state(model: torch.nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Set a model that was prepared alike to deltas that were kept, and its weights with them.

    Raises:
        TrainingError: they are of another model or another mask.
    """
    held = deltas(model)
    odd = [
        name
        for name in held.keys() | state.keys()
        if name not in held or name not in state or held[name][1].values.shape != state[name].shape
    ]
    if odd:
        raise TrainingError(f"the checkpoint is of another mask: {min(odd)} differs.", "--fresh")
    for name, (weight, delta) in held.items():
        delta.values.copy_(state[name])
        delta.write(weight)


def recipe(spec: TrainSpec) -> dict[str, str | float | int]:
    """Return how a training's mask is made."""
    return {"rule": spec.mask, "density": spec.density, "seed": spec.seed, "scope": spec.scope}


def save_delta(
    folder: Path,
    update: Sparse,
    model: torch.nn.Module,
    spec: TrainSpec,
    *,
    base: str,
    base_weights: str,
) -> None:
    """Write what `--adapter` loads: for a model that is not yet finished, on either path.

    Args:
        folder: where to.
        update: of the training.
        model: as it is trained, unwrapped.
        spec: of the training.
        base: name or folder of the base.
        base_weights: digest of its weights, `Located.weights`.
    """
    changes = update.changes(model)
    write_delta(folder, changes, base=base, base_weights=base_weights, mask=recipe(spec))


def delta_of(folder: Path, spec: TrainSpec) -> Path | None:
    """Write the delta of a finished training that was saved whole; return where, None if it is one.

    It lies in `delta/` of the folder, and holds what differs from the base. The weights of both are
    loaded for it.
    """
    made = folder / "delta"
    if (folder / SETTINGS).exists():
        return None
    if not (made / SETTINGS).exists():
        how = loading(spec)
        base = dict(load(how).model.named_parameters())
        tuned = load(replace(how, model=str(folder), revision=None)).model
        changes = {}
        for name, weight in tuned.named_parameters():
            at = (weight != base[name]).view(-1).nonzero().view(-1)
            if len(at):
                changes[name] = (at, weight.detach().view(-1)[at])
        weights = locate(how).weights
        write_delta(made, changes, base=spec.model, base_weights=weights, mask=recipe(spec))
    return made
