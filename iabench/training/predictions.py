"""What a model predicts, only where it is needed.

Of a row's positions most say nothing that a loss is over. The head is a linear map of each position
alone, so it is given the hidden states of the positions that count and no others: a hook in front
of it picks them. Whatever a model does to its logits after that (a scale, a soft cap) it does to
each number alone. A model without a head of this kind forms them all, and the rest is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

__all__ = ["predictions"]


def predictions(model: Any, batch: Mapping[str, torch.Tensor], there: torch.Tensor) -> torch.Tensor:
    """Return the (positions, vocabulary) logits that predict the tokens at a mask, row by row.

    Args:
        model: a causal language model, also as a launcher wraps it.
        batch: `input_ids` and `attention_mask`, (rows, length).
        there: (rows, length) mask of tokens, False in its first column: nothing predicts the first.
    """
    # DDP's own wrapper has no head.
    inner = getattr(model, "module", model)
    asked = {key: batch[key] for key in ("input_ids", "attention_mask")}
    head = getattr(inner, "get_output_embeddings", lambda: None)()
    with _picking(head, there):
        logits: torch.Tensor = model(**asked, use_cache=False).logits
    return logits if logits.ndim == 2 else _before(logits, there)


@contextmanager
def _picking(head: torch.nn.Module | None, there: torch.Tensor) -> Iterator[None]:
    """Have a head see the hidden states at the mask alone."""

    def picked(module: torch.nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...] | None:
        hidden, *rest = given
        return (_before(hidden, there), *rest) if hidden.shape[:2] == there.shape else None

    hook = head.register_forward_pre_hook(picked) if head is not None else None
    try:
        yield
    finally:
        if hook is not None:
            hook.remove()


def _before(each: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Return what stands one position in front of each token of the mask."""
    return each[:, :-1][there[:, 1:]]
