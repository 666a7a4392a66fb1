"""LoRA (Hu et al., arXiv 2106.09685): W + (lora_alpha / rank) B A, with A and B trained.

By PEFT. SEAT's LoRA baseline has rank 8; scaling 32 and all linear maps of the blocks are the
settings of the same authors' earlier code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from iabench.errors import TrainingError
from iabench.training.masks import in_scope
from iabench.training.spec import LoraMaps, TrainSpec

__all__ = ["Lora", "adapted"]


_QUERY_AND_VALUE = (
    "q_proj", "v_proj", "query", "value", "q_lin", "v_lin", "query_key_value", "qkv_proj", "c_attn",
    "Wqkv",
)  # fmt: skip
"""What models call them; where they are one matrix with the keys, that one."""


def adapted(model: torch.nn.Module, maps: LoraMaps) -> dict[str, torch.nn.Parameter]:
    """Return the matrices that get an adapter, by name.

    Raises:
        TrainingError: the model has none of that kind.
    """
    scope = in_scope(model, "attention+mlp")
    if maps == "all":
        return scope
    some = {n: p for n, p in scope.items() if n.split(".")[-2] in _QUERY_AND_VALUE}
    if not some:
        raise TrainingError("this model names no query and value matrices.", "--lora-maps all")
    return some


class Lora:
    """Adapters on the linear maps of attention and MLP; the base stays as it is."""

    def __init__(self, spec: TrainSpec) -> None:
        self._rank, self._alpha = spec.lora_rank, spec.lora_alpha
        self._dropout, self._seed, self._maps = spec.lora_dropout, spec.seed, spec.lora_maps

    def prepare(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model with adapters, and only these trainable."""
        from peft import LoraConfig, get_peft_model

        maps = {name.removesuffix(".weight") for name in adapted(model, self._maps)}
        config = LoraConfig(
            r=self._rank,
            lora_alpha=self._alpha,
            lora_dropout=self._dropout,
            target_modules=sorted(maps),
            fan_in_fan_out=any(type(m).__name__ == "Conv1D" for m in model.modules()),
            task_type="CAUSAL_LM",
        )
        with torch.random.fork_rng():
            # peft draws A from the global generator.
            torch.manual_seed(self._seed)  # noqa: TID251
            with_adapters: Any = get_peft_model(model, config)
        return with_adapters  # type: ignore[no-any-return]

    @contextmanager
    def teacher(self, model: torch.nn.Module) -> Iterator[torch.nn.Module]:
        """Lend the model with its adapters switched off."""
        lent: Any = model
        with lent.disable_adapter():
            yield model

    def after_backward(self, model: torch.nn.Module) -> None:
        """Every gradient counts."""

    def after_step(self, model: torch.nn.Module) -> None:
        """The base has no gradients."""

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model with its adapter: it is saved as one, and merged by who wants that."""
        return model
