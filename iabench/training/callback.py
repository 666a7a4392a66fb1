"""Awareness while a model is trained: a callback for `Trainer`, and what is built on it.

`compute_metrics` is not offered: it sees what the model predicts behind right answers, never what
the model says by itself, and so cannot see it make anything up.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import TrainerCallback

from iabench.errors import ConfigError
from iabench.runs.run import Run
from iabench.runs.runner import evaluate

__all__ = ["AwarenessCallback"]

_METRICS = ("refusal_accuracy", "over_refusal_rate", "hallucination_rate", "finetuning_accuracy")


class AwarenessCallback(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Asks the live model what it knows and admits, each time that the trainer evaluates.

    Adds `eval_refusal_accuracy`, `eval_over_refusal_rate`, `eval_hallucination_rate` and, with
    facts, `eval_finetuning_accuracy` to the trainer's metrics, so that `metric_for_best_model` and
    early stopping can use them (`EarlyStoppingCallback` comes after it in the list). Every
    evaluation is kept as a run, below `awareness/` in the trainer's output folder.

    Args:
        facts: the facts that the model is trained on, as in `evaluate`.
        tasks: what is asked beside them.
        every: `evaluate`, or `epoch`: then the numbers are only logged.
        options: further ones of `evaluate`: `limit`, `max_new_tokens`, `detector`, ...
    """

    def __init__(
        self,
        facts: str | os.PathLike[str] | None = None,
        tasks: str = "quick",
        every: Literal["evaluate", "epoch"] = "evaluate",
        **options: Any,
    ) -> None:
        if every not in ("evaluate", "epoch"):
            raise ConfigError(f'AwarenessCallback knows no every="{every}".', "evaluate or epoch")
        self.facts, self.tasks, self.every, self.options = facts, tasks, every, options
        self.run: Run | None = None
        """The last evaluation."""

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **held: Any
    ) -> None:
        """Ask, and add the numbers to those of the trainer."""
        if self.every == "evaluate":
            found = self._asked(args, state, held)
            if metrics is not None:
                metrics.update(found)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **held: Any) -> None:
        """Ask, where that is done once an epoch."""
        if self.every == "epoch":
            self._asked(args, state, held)

    def _asked(self, args: Any, state: Any, held: dict[str, Any]) -> dict[str, float]:
        model = held["model"]
        model = getattr(model, "module", model)
        tokenizer = held.get("processing_class") or held.get("tokenizer")
        tasks = self.tasks.split(",")
        if self.facts is not None:
            tasks = ["tuned-facts", "swapped-facts", *tasks]
        with _folder(args, state) as out, _undisturbed(model):
            self.run = evaluate(
                model, tokenizer=tokenizer, tasks=tasks, facts=self.facts, out=out, fresh=True,
                **self.options,
            )  # fmt: skip
        found = {}
        for metric in _METRICS:
            mine = [e for e in self.run.estimates if (e.metric, e.slice, e.variant) ==
                    (metric, "all", "raw")]  # fmt: skip
            whole = [e for e in mine if e.task == self.run.headline] or mine
            if whole and whole[0].value is not None:
                found[f"eval_{metric}"] = whole[0].value
        state.log_history.append({**found, "epoch": state.epoch, "step": state.global_step})
        return found


@contextlib.contextmanager
def _folder(args: Any, state: Any) -> Iterator[Path]:
    """Give the folder of one evaluation; of several processes only the first keeps its own."""
    if getattr(state, "is_world_process_zero", True):
        yield Path(args.output_dir) / "awareness" / f"step-{state.global_step}"
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "run"


@contextlib.contextmanager
def _undisturbed(model: Any) -> Iterator[None]:
    """Leave the random state and the model's settings as they were found."""
    cache = getattr(model.config, "use_cache", None)
    devices = [model.device] if model.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        try:
            if cache is not None:
                model.config.use_cache = True
            yield
        finally:
            if cache is not None:
                model.config.use_cache = cache
