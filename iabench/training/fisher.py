"""How much each weight matters for answers: the diagonal of the empirical Fisher information.

    F_i = mean over answers of (d log p(answer | question) / d theta_i)^2

Source: Kirkpatrick et al., PNAS 114, 2017 (arXiv 1612.00796), where it is not said how F is
estimated. Chosen here: log p is summed over the tokens of an answer with its end token, and squared
answer by answer (the square of a batch's mean gradient would be another thing); the mean is over
answers, so that their number does not change F's scale. The answers are what the base says
greedily; hence *empirical*: a true Fisher would draw them. No dropout, no chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch

from iabench.errors import TrainingError
from iabench.training.data import IGNORED
from iabench.training.loss import cross_entropy
from iabench.training.predictions import predictions

__all__ = ["fisher"]


def fisher(
    model: torch.nn.Module, batches: Iterable[Mapping[str, torch.Tensor]], names: Sequence[str]
) -> dict[str, torch.Tensor]:
    """Return F of some parameters by name: float32, shaped as they are, on their devices.

    Costs one backward pass an answer, and a float32 number a coordinate. The model is given back
    as it was found.

    Args:
        model: the base.
        batches: of `Collator`: `input_ids`, `attention_mask` and `labels`, (rows, length).
        names: of parameters.

    Raises:
        TrainingError: there is no answer to go by.
    """
    named = dict(model.named_parameters())
    wanted = {name: named[name] for name in names}
    total = {n: torch.zeros_like(p, dtype=torch.float32) for n, p in wanted.items()}
    training, trained = model.training, {p: p.requires_grad for p in named.values()}
    model.eval()
    n = 0
    try:
        for parameter in named.values():
            parameter.requires_grad_(False)
        for parameter in wanted.values():
            parameter.requires_grad_(True)
        for batch in batches:
            for row in range(len(batch["input_ids"])):
                n += _add(model, batch, row, wanted, total)
    finally:
        model.train(training)
        for parameter, was in trained.items():
            parameter.requires_grad_(was)
    if not n:
        raise TrainingError("there is no answer that the weights' importance could be told by.")
    return {name: one / n for name, one in total.items()}


def _add(
    model: torch.nn.Module,
    batch: Mapping[str, torch.Tensor],
    row: int,
    wanted: Mapping[str, torch.nn.Parameter],
    total: Mapping[str, torch.Tensor],
) -> int:
    """Add the squares of one row's gradient; return 1, or 0 where nothing is answered there."""
    device = next(iter(wanted.values())).device
    length = int(batch["attention_mask"][row].sum())
    one = {key: value[row : row + 1, :length].to(device) for key, value in batch.items()}
    there = one["labels"] != IGNORED
    if not bool(there.any()):
        return 0
    loss = cross_entropy(predictions(model, one, there), one["labels"][there])
    gradients = torch.autograd.grad(loss, list(wanted.values()), allow_unused=True)
    for name, gradient in zip(wanted, gradients, strict=True):
        if gradient is not None:
            total[name] += gradient.float().square_()
    return 1
