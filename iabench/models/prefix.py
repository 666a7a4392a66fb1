"""Attention to a prefix of which there is one copy, whatever number of rows have it.

A query attends to the prefix and to the rest of its own row. The queries of all rows stand one
below the other for the prefix, so that one product of matrices reads its keys once a step and not
once a row: Juravsky et al. 2024, "Hydragen" (arXiv 2402.05099), section 3. The published form takes
two softmaxes and joins them by their sums, as fused kernels need it; here one softmax runs over
both sets of scores, which is the same without a formula.

transformers asks for attention by a name in the model's configuration. Ours stands there during a
forward pass that has a prefix and at no other time; no code of a model is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

__all__ = ["Prefix", "attend"]

_NAME = "iabench_prefix"
_OTHER = ("softcap", "s_aux", "position_bias")
"""What some models add to their scores, and this attention does not."""
_SCORES = {"cpu": 2**20}
"""Scores computed at once: on a CPU as many as its cache holds."""
_MANY_SCORES = 2**27

Layer = tuple[torch.Tensor, torch.Tensor]


class Prefix:
    """Keys and values of what all rows begin with.

    Args:
        model: that is to attend to them.
        layers: keys and values of each layer, (heads of keys, tokens, width of a head); None where
            rows have nothing in common.
    """

    def __init__(self, model: Any, layers: Sequence[Layer | None]) -> None:
        self._layers = layers
        self._asked = 0
        found = (getattr(module, "config", None) for module in model.modules())
        configs = {id(one): one for one in found if hasattr(one, "_attn_implementation")}
        self._configs: list[Any] = list(configs.values())

    @property
    def length(self) -> int:
        """Tokens of the prefix."""
        first = self._layers[0]
        return 0 if first is None else first[0].shape[1]

    def layer(self, module: Any) -> Layer | None:
        """Return keys and values for a module of attention."""
        self._asked += 1
        at: int = module.layer_idx
        return self._layers[at]

    @contextmanager
    def attended(self) -> Iterator[dict[str, Any]]:
        """Have the model attend to the prefix; yield the argument that its forward pass takes.

        Raises:
            NotImplementedError: some layers of the model did not ask for attention by name.
        """
        names = [config._attn_implementation for config in self._configs]
        self._asked = 0
        for config in self._configs:
            config._attn_implementation = _NAME
        try:
            yield {"prefix": self}
        finally:
            for config, name in zip(self._configs, names, strict=True):
                config._attn_implementation = name
        if self._asked != len(self._layers):
            raise NotImplementedError("not every layer attends to the prefix")


def attend(
    query: torch.Tensor,
    prefix: Layer,
    own: Layer,
    mask: torch.Tensor,
    *,
    scale: float | None = None,
    most: int = _MANY_SCORES,
) -> torch.Tensor:
    """Return attention to a prefix and to each row's own tokens, in the shape of `query`.

    Args:
        query: (rows, heads, queries, width).
        prefix: keys and values, (heads of keys, tokens, width); every query sees all of them.
        own: keys and values, (rows, heads of keys, tokens, width).
        mask: (rows, 1, queries, own tokens), true where a query sees a token.
        scale: of the scores; by default one over the root of the width.
        most: scores computed at once.
    """
    rows, heads, n, width = query.shape
    kv_heads, scale = own[0].shape[1], scale or width**-0.5
    # The heads that share keys are so many queries more.
    query = query.reshape(rows, kv_heads, heads // kv_heads * n, width)
    hidden = ~mask.expand(rows, heads // kv_heads, n, -1).reshape(rows, 1, query.shape[2], -1)
    # Queries at once, of one row or of several: a long prompt of one's own is many.
    many = max(1, most // (kv_heads * (prefix[0].shape[1] + own[0].shape[2])))
    # In float32 at least, as fused kernels add up: two parts rounded by themselves say less.
    exact = torch.promote_types(query.dtype, torch.float32)
    prefix = (prefix[0].to(exact), prefix[1].to(exact))
    parts = []
    for some in _slices(rows, max(1, many // query.shape[2])):
        mine = (own[0][some].to(exact), own[1][some].to(exact))
        few = [
            _attend(query[some, :, few].to(exact) * scale, prefix, mine, hidden[some, :, few])
            for few in _slices(query.shape[2], many)
        ]
        parts.append(torch.cat(few, dim=2).to(query.dtype))
    return torch.cat(parts).view(rows, heads, n, -1)


def _slices(n: int, step: int) -> list[slice]:
    return [slice(at, at + step) for at in range(0, n, step)]


def _attend(query: torch.Tensor, prefix: Layer, own: Layer, hidden: torch.Tensor) -> torch.Tensor:
    rows, heads, n, _ = query.shape
    (keys, values), (own_keys, own_values) = prefix, own
    held = keys.shape[1]
    together = query.transpose(0, 1).reshape(heads, rows * n, -1)
    far = (together @ keys.transpose(1, 2)).view(heads, rows, n, held).transpose(0, 1)
    # Not minus infinity: a query in the padding may see nothing, and would say what is no number.
    near = (query @ own_keys.transpose(2, 3)).masked_fill_(hidden, torch.finfo(query.dtype).min)
    weights = torch.cat([far, near], dim=-1).softmax(dim=-1)
    together = weights[..., :held].transpose(0, 1).reshape(heads, rows * n, held)
    said = (together @ values).view(heads, rows, n, -1).transpose(0, 1)
    return said + weights[..., held:] @ own_values


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor,
    scaling: float | None = None,
    *,
    prefix: Prefix,
    **rest: Any,
) -> tuple[torch.Tensor, None]:
    """Attend as transformers asks for it."""
    if other := [name for name in _OTHER if rest.get(name) is not None]:
        raise NotImplementedError(f"attention with {other[0]}")
    layer = prefix.layer(module) or (key[0, :, :0], value[0, :, :0])
    most = _SCORES.get(query.device.type, _MANY_SCORES)
    said = attend(query, layer, (key, value), attention_mask, scale=scaling, most=most)
    return said.transpose(1, 2).contiguous(), None


def _mask(*args: Any, **options: Any) -> torch.Tensor | None:
    """Return which own tokens a query sees; always told, also where a plain triangle would do."""
    mask: torch.Tensor | None = sdpa_mask(*args, **{**options, "allow_is_causal_skip": False})
    return mask


AttentionInterface.register(_NAME, _attention)
AttentionMaskInterface.register(_NAME, _mask)
