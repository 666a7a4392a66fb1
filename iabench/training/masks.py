"""Which weights a sparse update may touch: made from the seed, never stored dense.

    random             each coordinate of a matrix is drawn alike: `round(density x size)` of them
    magnitude-small    the smallest in absolute value;  magnitude-large: the largest
    fisher-protect     the least important for what the base says to the facts' questions;
    fisher-select      the most important

Importance is the diagonal of the empirical Fisher information (`iabench.training.fisher`) over what
the base itself says to the questions that are taught: to protect what matters there is to protect
how it says that it does not know. The paper estimates it on the questions that it reports; here
never on anything that is reported. SEAT's main results have a random mask; Table 4 of
arXiv 2506.14387 finds that the rule hardly matters.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from iabench.errors import TrainingError
from iabench.rng import digest
from iabench.training.spec import Mask, Scope

__all__ = ["Importance", "coordinates", "in_scope"]

Importance = Mapping[str, torch.Tensor]
"""Of each coordinate, by the name of its parameter."""


def in_scope(model: torch.nn.Module, scope: Scope) -> dict[str, torch.nn.Parameter]:
    """Return the parameters that an update may touch, by name.

    `attention+mlp` are the matrices within the blocks: no embeddings, norms, biases, nor the head.
    """
    named = dict(model.named_parameters())
    if scope == "all":
        return named
    # Positions are embedded too (GPT-2).
    embeddings = [part for part in model.modules() if isinstance(part, torch.nn.Embedding)]
    ends = (model.get_input_embeddings(), model.get_output_embeddings())  # type: ignore[operator]
    outside = {id(one) for part in (*embeddings, *ends) if part for one in part.parameters()}
    return {
        name: parameter
        for name, parameter in named.items()
        if parameter.ndim == 2 and id(parameter) not in outside
    }


def coordinates(
    name: str,
    weight: torch.Tensor,
    *,
    rule: Mask,
    density: float,
    seed: int,
    importance: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return the flat positions of one matrix that may change: int32, sorted.

    Args:
        name: of the parameter: each has a draw of its own.
        weight: the base's values.
        rule: of the mask.
        density: share that may change.
        seed: of the training.
        importance: of each coordinate, for the rules that go by it.

    Raises:
        TrainingError: no density, or an importance that is missing.
    """
    if not 0 < density <= 1:
        raise TrainingError(f"--density {density:g} is no share.", "--density 0.1")
    size = weight.numel()
    n = max(1, round(density * size))
    if n == size:
        return torch.arange(size, dtype=torch.int32)
    if rule == "random":
        # Drawn on the CPU: the same on every device and in every process.
        generator = torch.Generator().manual_seed(int(digest(seed, "mask", name, size=12), 16))
        chosen = torch.randperm(size, generator=generator)[:n]
    else:
        by = weight.detach().abs() if rule.startswith("magnitude") else importance
        if by is None:
            raise TrainingError(f"--mask {rule} needs the importance of {name}.")
        flat = by.reshape(-1).float().cpu()
        largest = rule in ("magnitude-large", "fisher-select")
        # A stable order: equal values are taken from the front, on every machine.
        chosen = torch.sort(flat, descending=largest, stable=True).indices[:n]
    return chosen.sort().values.to(torch.int32)
