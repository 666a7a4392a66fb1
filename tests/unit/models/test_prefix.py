"""Attention to a prefix held once is plain attention to prefix and rest, whatever the shapes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from iabench.models.prefix import Prefix, attend
from tests.tiny import tiny_model


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 5),
    kv_heads=st.integers(1, 3),
    groups=st.integers(1, 3),
    queries=st.integers(1, 4),
    held=st.integers(0, 6),
    seen=st.integers(0, 3),
    most=st.sampled_from([1, 200, 2**20]),
    scale=st.sampled_from([None, 0.7]),
    seed=st.integers(0, 99),
)
def test_it_is_plain_attention_to_both(
    rows: int,
    kv_heads: int,
    groups: int,
    queries: int,
    held: int,
    seen: int,
    most: int,
    scale: float | None,
    seed: int,
) -> None:
    dice = torch.Generator().manual_seed(seed)

    def some(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=dice, dtype=torch.float64)

    width, tokens = 4, seen + queries
    query = some(rows, kv_heads * groups, queries, width)
    prefix = some(kv_heads, held, width), some(kv_heads, held, width)
    own = some(rows, kv_heads, tokens, width), some(rows, kv_heads, tokens, width)
    # Left padding of another length in each row; the last query sees itself at least.
    padding = torch.randint(0, tokens, (rows, 1, 1, 1), generator=dice)
    at = torch.arange(tokens)
    mask = (at <= seen + torch.arange(queries)[:, None]) & (at >= padding)
    keys, values = (
        torch.cat([one[None].expand(rows, -1, -1, -1), other], dim=2).repeat_interleave(groups, 1)
        for one, other in zip(prefix, own, strict=True)
    )
    plain = torch.nn.functional.scaled_dot_product_attention(
        query, keys, values, scale=scale,
        attn_mask=torch.cat([mask.new_ones(rows, 1, queries, held), mask], dim=-1),
    )  # fmt: skip
    found = attend(query, prefix, own, mask, scale=scale, most=most)
    assert found.isfinite().all(), "nor is there a gap where a query in the padding sees nothing"
    told = mask.any(dim=-1).expand(-1, found.shape[1], -1) | (held > 0)
    found, plain = found[told], plain[told]
    torch.testing.assert_close(found, plain, rtol=1e-12, atol=1e-12)


def layers(model: Any, n: int = 3) -> Prefix:
    config = model.config
    width = config.hidden_size // config.num_attention_heads
    one = torch.zeros(config.num_key_value_heads, n, width)
    return Prefix(model, [(one, one)] * config.num_hidden_layers)


def test_the_name_of_the_attention_stands_during_the_pass_alone() -> None:
    model = tiny_model()
    before = model.config._attn_implementation
    with layers(model).attended() as attention:
        inside = model.config._attn_implementation
        ids = torch.tensor([[7]])
        model(input_ids=ids, attention_mask=torch.ones_like(ids), **attention)
    assert inside != before
    assert model.config._attn_implementation == before
    with pytest.raises(ZeroDivisionError), layers(model).attended():
        raise ZeroDivisionError
    assert model.config._attn_implementation == before


def test_a_model_that_attends_by_itself_is_found_out() -> None:
    model = tiny_model()
    with pytest.raises(NotImplementedError, match="not every layer"), layers(model).attended():
        pass


def test_what_is_added_to_scores_is_refused() -> None:
    model = tiny_model()
    ids = torch.tensor([[7]])
    with (
        pytest.raises(NotImplementedError, match="attention with softcap"),
        layers(model).attended() as attention,
    ):
        model(input_ids=ids, attention_mask=torch.ones_like(ids), softcap=1.0, **attention)
