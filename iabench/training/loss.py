"""The terms of the loss, each a sum over its positions, to be divided by those of the whole batch.

    CE   mean over target tokens of  -log p(token)
    KL   mean over the anchor's positions of  KL(base || tuned), or KL(tuned || base)

The mean goes over the *global* batch: all accumulation steps and all processes together.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from iabench.training.data import IGNORED
from iabench.training.spec import Direction

__all__ = ["cross_entropy", "divergence", "predicting"]

_CHUNK = 2**24
"""Logits that are turned into probabilities at once: 64 MB in float32."""


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the sum of -log p over the labels.

    Args:
        logits: (rows, length, vocabulary).
        labels: (rows, length), `IGNORED` where nothing is learned.
    """
    there = labels != IGNORED
    return functional.cross_entropy(
        predicting(logits, there).float(), labels[there], reduction="sum"
    )


def divergence(tuned: torch.Tensor, base: torch.Tensor, direction: Direction) -> torch.Tensor:
    """Return the sum over positions of KL(base || tuned) (forward) or KL(tuned || base).

    Args:
        tuned: (positions, vocabulary) logits.
        base: likewise, without gradients.
        direction: of the divergence.
    """
    total = tuned.new_zeros((), dtype=torch.float32)
    for q, p in zip(_chunks(tuned), _chunks(base), strict=True):
        log_q, log_p = (functional.log_softmax(x.float(), -1) for x in (q, p))
        target, given = (log_p, log_q) if direction == "forward" else (log_q, log_p)
        total = total + functional.kl_div(given, target, reduction="sum", log_target=True)
    return total


def predicting(logits: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Return the (positions, vocabulary) logits that predict the tokens at a (rows, length) mask.

    The mask is False in its first column: nothing predicts the first token.
    """
    return logits[:, :-1][there[:, 1:]]


def _chunks(logits: torch.Tensor) -> Sequence[torch.Tensor]:
    return torch.split(logits, max(1, _CHUNK // max(logits.shape[-1], 1)))
