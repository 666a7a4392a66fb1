"""A few rows of random tokens and the loop over them: what the tests of updates train on."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Sequence
from typing import Any

import torch
from transformers import TrainingArguments

from iabench.training.anchors.kl import EntityKL
from iabench.training.base import UPDATES
from iabench.training.data import Collator, Encoded, Taught, share_of
from iabench.training.spec import TrainSpec
from iabench.training.trainer import FactsTrainer

# transformers is renaming it.
_RECOMPUTES = next(
    name
    for name in ("activation_checkpointing", "gradient_checkpointing")
    if name in TrainingArguments.__dataclass_fields__
)


def spec(**changed: Any) -> TrainSpec:
    """Return a sparse training with everything on that may go wrong."""
    return TrainSpec(
        **{
            "model": "m",
            "facts": "f",
            "update": "sparse",
            "anchors": ("entity-kl",),
            "density": 0.2,
            "learning_rate": 3e-3,
            "weight_decay": 0.1,
            "max_grad_norm": 0.5,
            "accumulation": 2,
            "batch_size": 2,
            "max_steps": 10,
            **changed,
        }
    )


def rows(n: int = 16, seed: int = 0, vocabulary: int = 262) -> list[Encoded]:
    chance = random.Random(seed)

    def tokens(least: int, most: int) -> tuple[int, ...]:
        return tuple(chance.randrange(6, vocabulary) for _ in range(chance.randint(least, most)))

    return [Encoded(id=str(i), prompt=tokens(3, 9), answer=tokens(1, 5)) for i in range(n)]


def batch(given: Sequence[Encoded] | None = None) -> dict[str, torch.Tensor]:
    """Return the ids and the mask of a few rows."""
    made = Collator(0, {})([(row, None) for row in given or rows(4)])
    return {key: made[key] for key in ("input_ids", "attention_mask")}


def trainer(model: Any, given: TrainSpec, update: Any = None, **options: Any) -> FactsTrainer:
    """Return the loop over sixteen rows, not yet started."""
    update = update or UPDATES.get(given.update)(given)
    anchors = [EntityKL(given)] if given.anchors else []
    copies = rows(seed=1)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    return FactsTrainer(
        update=update,
        anchors=anchors,
        batch=given.batch_size,
        model=update.prepare(model),
        train_dataset=Taught(rows(), (lambda epoch: copies) if anchors else None),
        data_collator=Collator(0, {anchor.name: anchor.over for anchor in anchors}),
        args=TrainingArguments(
            output_dir=tempfile.mkdtemp(),
            per_device_train_batch_size=share_of(given.batch_size, processes),
            gradient_accumulation_steps=given.accumulation,
            learning_rate=given.learning_rate,
            max_steps=given.max_steps,
            weight_decay=given.weight_decay,
            max_grad_norm=given.max_grad_norm,
            lr_scheduler_type="linear",
            optim=given.optim,
            adam_epsilon=options.pop("adam_epsilon", 1e-8),
            bf16=given.mixed == "bf16",
            **({_RECOMPUTES: True} if given.gradient_checkpointing else {}),
            seed=0,
            save_strategy="no",
            report_to="none",
            use_cpu=True,
            ddp_backend=options.pop("ddp_backend", None),
            ddp_find_unused_parameters=False,
            dataloader_pin_memory=False,
            remove_unused_columns=False,
            disable_tqdm=True,
            logging_strategy="no",
        ),
        **options,
    )


def trained(model: Any, given: TrainSpec, **options: Any) -> Any:
    """Return the ordinary model that a training makes of one."""
    loop = trainer(model, given, **options)
    loop.train()
    return loop._update.finish(loop.accelerator.unwrap_model(loop.model))


def furthest(one: Any, other: Any) -> float:
    """Return the largest difference between the weights of two models."""
    ones, others = dict(one.named_parameters()), dict(other.named_parameters())
    assert ones.keys() == others.keys()
    return max(
        float((ones[name].detach().double() - others[name].detach().double()).abs().max())
        for name in ones
    )
