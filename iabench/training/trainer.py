"""The step: `transformers.Trainer`, with a loss of several terms over the global batch.

    loss = CE / n_targets + sum over anchors of  alpha x KL / n_positions + penalties

Everything else (accumulation, processes, clipping, schedule, resume, logging) is Trainer's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.data_loader import SeedableRandomSampler
from safetensors.torch import load_file, save_file
from transformers import Trainer, TrainerCallback

from iabench.errors import TrainingError
from iabench.training.base import Anchor, Penalty, Update, Watching
from iabench.training.data import IGNORED, Shares, Taught
from iabench.training.loss import cross_entropy
from iabench.training.predictions import predictions

__all__ = ["FactsTrainer", "NoNumberError", "check_finite"]

_TRAINED = "trained.safetensors"
"""File of a checkpoint."""


class NoNumberError(TrainingError):
    """The loss or a weight is no number."""

    def __init__(self, what: str, step: int, *, kept: bool = True) -> None:
        self.what, self.step = what, step
        left = "the last good checkpoint is kept" if kept else "there is no good checkpoint"
        super().__init__(
            f"{what} at step {step:,}; {left}.", "a smaller --learning-rate and another --out"
        )


def check_finite(model: torch.nn.Module, step: int) -> None:
    """Refuse weights that a step has spoilt.

    Raises:
        NoNumberError: one is no number.
    """
    for name, parameter in model.named_parameters():
        if not torch.isfinite(parameter).all():
            raise NoNumberError(f"{name} is no number", step)


class FactsTrainer(Trainer):  # type: ignore[misc]  # transformers has no types
    """Trains one update under its anchors.

    Args:
        update: prepared already.
        anchors: terms over positions.
        penalties: terms over weights, prepared already.
        batch: rows of all processes together; None: as many as fit `options`.
        options: of `transformers.Trainer`.
    """

    def __init__(
        self,
        *,
        update: Update,
        anchors: Sequence[Anchor] = (),
        penalties: Sequence[Penalty] = (),
        batch: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._batch = batch or self.args.per_device_train_batch_size * self.args.world_size
        self._update = update
        # A weight of 0 is no term at all, so that it changes no bit.
        self._penalties = [penalty for penalty in penalties if penalty.weight]
        self._anchors = [anchor for anchor in anchors if anchor.weight]
        self.loss_is_scaled_for_ga = True
        self.terms: dict[str, float] = {}
        """The terms of the last step, on this process."""
        self.add_callback(_Steps(update))

    def compute_loss(
        self,
        model: Any,
        inputs: Mapping[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return the loss of one batch: this process's share of the global mean.

        Raises:
            NoNumberError: it is none.
        """
        taught = inputs["labels"] != IGNORED
        there = torch.stack([taught, *(inputs[anchor.name] for anchor in self._anchors)]).any(0)
        base = self._base_logits(inputs, there) if self._anchors else None
        logits = predictions(model, inputs, there)
        n_targets, *n_positions = num_items_in_batch
        said = cross_entropy(_among(logits, there, taught), inputs["labels"][taught])
        terms = {"ce": said / n_targets}
        for anchor, n in zip(self._anchors, n_positions, strict=True):
            if bool(n):
                assert base is not None
                held = inputs[anchor.name]
                term = anchor.term(_among(logits, there, held), _among(base, there, held))
                terms[anchor.name] = anchor.weight * term / n
        # Trainer's processes average their gradients; the terms are shares of one sum.
        scale = self.accelerator.num_processes
        for penalty in self._penalties:
            terms[penalty.name] = (
                penalty.weight
                * penalty.value(model)
                / (scale * self.current_gradient_accumulation_steps)
            )
        loss = torch.stack(list(terms.values())).sum() * scale
        if not torch.isfinite(loss):
            raise NoNumberError(f"the loss is {float(loss.detach())}", self.state.global_step + 1)
        self.terms = {name: float(term.detach()) for name, term in terms.items()}
        return (loss, {"logits": logits}) if return_outputs else loss

    @torch.no_grad()
    def _base_logits(self, inputs: Mapping[str, Any], there: torch.Tensor) -> torch.Tensor:
        """Return what the base says; it speaks first, before anything is kept for gradients."""
        model = self.accelerator.unwrap_model(self.model)
        training = model.training
        model.eval()
        try:
            with self._update.teacher(model) as base:
                # At the same positions as the tuned model, so that sums go in the same order.
                return predictions(base, inputs, there)
        finally:
            model.train(training)

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
        """Step, then let the update see the gradients before they are clipped."""
        loss = super().training_step(model, inputs, num_items_in_batch)
        self._update.after_backward(self.accelerator.unwrap_model(model))
        return loss

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        """Write a checkpoint: what is trained, not the model around it."""
        if self._elsewhere():
            super()._save(output_dir, state_dict)
        elif self.args.should_save:
            folder = Path(output_dir or self.args.output_dir)
            folder.mkdir(parents=True, exist_ok=True)
            trained = {
                name: parameter.detach().cpu().contiguous()
                for name, parameter in self._trained().items()
            }
            save_file(trained, folder / _TRAINED)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Take up what was trained, and bring the weights in line."""
        if self._elsewhere():
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        kept = load_file(Path(resume_from_checkpoint) / _TRAINED)
        with torch.no_grad():
            for name, parameter in self._trained().items():
                parameter.copy_(kept[name])
        self._update.after_step(self.accelerator.unwrap_model(self.model))

    def _trained(self) -> dict[str, torch.nn.Parameter]:
        model = self.accelerator.unwrap_model(self.model)
        return {name: p for name, p in model.named_parameters() if p.requires_grad}

    def _elsewhere(self) -> bool:
        """Adapters are saved by PEFT, shards by accelerate."""
        model = self.accelerator.unwrap_model(self.model)
        return self.is_fsdp_enabled or self.is_deepspeed_enabled or hasattr(model, "peft_config")

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: torch.device) -> Any:
        """Return how many targets the global batch has, and positions of each anchor."""
        counts = [sum((batch["labels"] != IGNORED).sum() for batch in batch_samples)]
        counts += [
            sum(batch[anchor.name].sum() for batch in batch_samples) for anchor in self._anchors
        ]
        total = torch.stack([torch.as_tensor(count) for count in counts]).to(device)
        if self.args.world_size > 1:
            total = self.accelerator.gather(total.unsqueeze(0)).sum(0)
        return total

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        """Return the order of the rows: the same on any number of processes."""
        if self.args.world_size == 1:
            return super()._get_train_sampler(train_dataset)
        rows = self.train_dataset
        # What accelerate makes of the sampler of one process.
        alone = SeedableRandomSampler(rows, data_seed=self.args.seed)

        def order(epoch: int) -> list[int]:
            alone.set_epoch(epoch)
            return list(alone)

        return Shares(rows, order, self._batch, self.args.world_size)

    def _set_signature_columns_if_needed(self) -> None:
        # The collator makes what the loss needs; no column is left out.
        self._signature_columns = None


def _among(logits: torch.Tensor, there: torch.Tensor, some: torch.Tensor) -> torch.Tensor:
    """Return the logits of some of the positions that they were formed for.

    Args:
        logits: (positions, vocabulary), at the mask `there`.
        there: (rows, length) mask.
        some: likewise, within `there`.
    """
    at = some[there].nonzero().view(-1)
    return logits if len(at) == len(logits) else logits.index_select(0, at)


class _Steps(TrainerCallback):  # type: ignore[misc]
    """Calls the update after each optimizer step, and takes new copies each epoch."""

    def __init__(self, update: Update) -> None:
        self._update = update

    def on_train_begin(self, args: Any, state: Any, control: Any, **held: Any) -> None:
        """Let an update that has to do with weight decay see the optimizer."""
        if isinstance(self._update, Watching):
            model, optimizer = held["model"], held["optimizer"]
            optimizer = getattr(optimizer, "optimizer", optimizer)
            self._update.watch(optimizer, getattr(model, "module", model))

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **held: Any) -> None:
        """Take the copies of the epoch that begins, also where a training goes on in its middle."""
        rows = getattr(held.get("train_dataloader"), "dataset", None)
        if isinstance(rows, Taught):
            rows.at(int(state.epoch or 0))

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **held: Any) -> None:
        """Restore what the step must not have changed."""
        model = held["model"]
        self._update.after_step(getattr(model, "module", model))
