"""What would fit where a training does not: options, with the memory that they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch

from iabench.training.memory import Batch, gb, needs, peak
from iabench.training.sharding import sharded_by
from iabench.training.spec import TrainSpec

__all__ = ["lighter"]

_TIGHTER = (
    {"optim": "adamw_8bit"},
    {"optim": "adafactor"},
    {"gradient_checkpointing": True},
    {"dtype": "bfloat16"},
)
"""What is proposed where a training does not fit."""
_HALF = 2
"""Bytes of a number in half precision."""


def lighter(
    model: torch.nn.Module, spec: TrainSpec, batch: Batch, width: int, processes: int, free: int
) -> tuple[str, ...]:
    """Return options with which it fits, or with which it needs least."""
    tries = [dict(change) for change in _TIGHTER]
    sharded = processes if sharded_by() else 1
    if spec.batch_size > processes:
        accumulation = -(-spec.batch_size * spec.accumulation // processes)
        tries.append({"batch_size": processes, "accumulation": accumulation})
    found: list[tuple[int, str]] = []
    both: dict[str, object] = {}
    for change in tries:
        both |= change
        for one in (change, dict(both)):
            other = replace(spec, **one)  # type: ignore[arg-type]  # fields of the spec
            rows = max(1, batch.rows * other.batch_size // spec.batch_size)
            there = replace(
                batch,
                rows=rows,
                targets=batch.targets * rows // batch.rows,
                held=batch.held * rows // batch.rows,
            )
            wide = min(width, _HALF) if "dtype" in one else width
            size = peak(needs(model, other, there, width=wide, sharded=sharded), other)
            found.append((size, f"{' '.join(_options(one))} ({gb(size)})"))
    fitting = list(dict.fromkeys(text for size, text in found if size <= free))[:2]
    if not fitting:
        size, text = min(found)
        return (f"{text}, which is still too much: {_instead(model, spec, batch, width, free)}",)
    return (*fitting[:-1], f"{fitting[-1]}; the same for every method that you compare")


def _instead(model: torch.nn.Module, spec: TrainSpec, batch: Batch, width: int, free: int) -> str:
    """Return what fits where no option of this method does."""
    lora = replace(spec, update="lora", anchors=(), gradient_checkpointing=False)
    for wide, option in ((width, ""), (min(width, _HALF), " --dtype bfloat16")):
        size = peak(needs(model, lora, replace(batch, held=0), width=wide), lora)
        if size <= free:
            return f"iabench train lora{option} ({gb(size)}), or a smaller model"
    return "a smaller model, or a larger device"


def _options(change: Mapping[str, object]) -> list[str]:
    return [
        f"--{key.replace('_', '-')}" + ("" if value is True else f" {value}")
        for key, value in change.items()
    ]
