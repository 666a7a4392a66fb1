"""Logits are formed where they are needed, and are those of the whole block."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from iabench.training.data import IGNORED, Collator
from iabench.training.predictions import predictions
from iabench.training.trainer import _among
from tests.tiny import tiny_model
from tests.training.learning import rows


def _batch() -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    batch = Collator(0, {})([(row, None) for row in rows(5)])
    return batch, batch["labels"] != IGNORED


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
def test_they_are_those_of_the_whole_block_and_so_are_their_gradients(architecture: str) -> None:
    model = tiny_model(architecture).double()
    batch, there = _batch()
    asked = {key: batch[key] for key in ("input_ids", "attention_mask")}
    whole = model(**asked).logits[:, :-1][there[:, 1:]]
    ours = predictions(model, batch, there)
    assert ours.shape == (int(there.sum()), model.config.vocab_size)
    torch.testing.assert_close(ours, whole, rtol=1e-12, atol=1e-12)
    weights = [p for p in model.parameters() if p.requires_grad]
    for mine, other in zip(
        torch.autograd.grad(ours.square().sum(), weights),
        torch.autograd.grad(whole.square().sum(), weights),
        strict=True,
    ):
        torch.testing.assert_close(mine, other, rtol=1e-9, atol=1e-9)


def test_the_head_reads_no_other_position_and_is_left_as_it_was() -> None:
    model: Any = tiny_model()
    batch, there = _batch()
    read: list[torch.Size] = []
    hook = model.lm_head.register_forward_hook(lambda head, given, said: read.append(said.shape))
    predictions(model, batch, there)
    hook.remove()
    assert read == [torch.Size([int(there.sum()), model.config.vocab_size])]
    assert not model.lm_head._forward_pre_hooks
    assert model(batch["input_ids"]).logits.shape[:2] == there.shape


def test_a_scale_behind_the_head_is_kept() -> None:
    # As Granite and Gemma have it: a cap and a divisor of every logit.
    from transformers import Gemma2Config, Gemma2ForCausalLM

    config = Gemma2Config(
        vocab_size=300, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, head_dim=16, final_logit_softcapping=0.5,
    )  # fmt: skip
    model = Gemma2ForCausalLM(config).eval()
    batch, there = _batch()
    whole = model(batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    ours = predictions(model, batch, there)
    torch.testing.assert_close(ours, whole[:, :-1][there[:, 1:]], rtol=1e-5, atol=1e-6)


def test_a_model_without_such_a_head_forms_all_and_the_rest_is_left_out() -> None:
    class Odd(nn.Module):
        def forward(self, input_ids: torch.Tensor, **_: Any) -> Any:
            said = nn.functional.one_hot(input_ids, 300).float()
            return type("Said", (), {"logits": said})()

    batch, there = _batch()
    before = batch["input_ids"][:, :-1][there[:, 1:]]
    assert torch.equal(predictions(Odd(), batch, there).argmax(-1), before)


def test_of_what_was_formed_each_term_takes_its_own() -> None:
    there = torch.tensor([[False, True, True], [False, False, True]])
    some = torch.tensor([[False, False, True], [False, False, True]])
    logits = torch.arange(6.0).view(3, 2)
    assert torch.equal(_among(logits, there, some), logits[1:])
    assert _among(logits, there, there) is logits
