"""LoRA (Hu et al., arXiv 2106.09685): W + (lora_alpha / rank) B A, with A and B trained.

By PEFT. SEAT's LoRA baseline has rank 8; scaling 32 and all linear maps of the blocks are the
settings of the same authors' earlier code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from iabench.training.masks import in_scope
from iabench.training.spec import TrainSpec

__all__ = ["Lora"]


class Lora:
    """Adapters on the linear maps of attention and MLP; the base stays as it is."""

    def __init__(self, spec: TrainSpec) -> None:
        self._rank, self._alpha = spec.lora_rank, spec.lora_alpha
        self._dropout, self._seed = spec.lora_dropout, spec.seed

    def prepare(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model with adapters, and only these trainable."""
        from peft import LoraConfig, get_peft_model

        maps = {name.removesuffix(".weight") for name in in_scope(model, "attention+mlp")}
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
            adapted: Any = get_peft_model(model, config)
        return adapted  # type: ignore[no-any-return]

    @contextmanager
    def teacher(self, model: torch.nn.Module) -> Iterator[torch.nn.Module]:
        """Lend the model with its adapters switched off."""
        adapted: Any = model
        with adapted.disable_adapter():
            yield model

    def after_backward(self, model: torch.nn.Module) -> None:
        """Every gradient counts."""

    def after_step(self, model: torch.nn.Module) -> None:
        """The base has no gradients."""

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model with its adapter: it is saved as one, and merged by who wants that."""
        return model
