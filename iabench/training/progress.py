"""What is watched while a training goes on: its steps, and how many of the facts it says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from torch.nn.utils import parametrize
from transformers import TrainerCallback

from iabench.grading.base import Referenced
from iabench.grading.match import Match
from iabench.models.hf import HFBackend
from iabench.records import ModelSpec
from iabench.runs.watch import Watch, clock
from iabench.training.base import Example
from iabench.training.speak import say

if TYPE_CHECKING:
    import torch

    from iabench.training.prepare import Prepared

__all__ = ["Recall", "Told", "asking", "recall"]

_FIRST = 10
"""Steps that the time left is guessed from."""


class Told(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Tells a watch of every step."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._steps, self._start = 0, time.perf_counter()

    def on_train_begin(self, args: Any, state: Any, control: Any, **held: Any) -> None:
        """Begin, or go on."""
        self._steps, self._start = 0, time.perf_counter()
        self._watch.begin("training", state.max_steps, done=state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **held: Any) -> None:
        """One more; after the first ten, say how long it will take."""
        self._watch.advance()
        self._steps += 1
        left = state.max_steps - state.global_step
        if self._steps == _FIRST and left:
            seconds = left * (time.perf_counter() - self._start) / _FIRST
            self._watch.say(f"time      about {clock(seconds)} to go, by the first ten steps")

    def on_train_end(self, args: Any, state: Any, control: Any, **held: Any) -> None:
        """Say how it ended."""
        losses = [log["loss"] for log in state.log_history if "loss" in log]
        self._watch.end(f"loss {float(losses[-1]):.3g}" if losses else "")


class Recall(TrainerCallback):  # type: ignore[misc]
    """Stops a training at the end of the epoch in which it says enough of its facts."""

    def __init__(self, prepared: Prepared, target: float, watch: Watch) -> None:
        self._prepared, self._target, self._watch = prepared, target, watch

    def on_epoch_end(self, args: Any, state: Any, control: Any, **held: Any) -> None:
        """Ask, and stop where the target is reached."""
        found = recall(self._prepared)
        state.log_history.append(
            {"recall": found, "step": state.global_step, "epoch": round(state.epoch, 2)}
        )
        self._watch.say(f"recall    {found:.3f} after {state.global_step:,} steps")
        control.should_training_stop = found >= self._target


def recall(prepared: Prepared) -> float:
    """Return the share of the facts that the model says as they were taught, asked greedily."""
    facts = [example for example in prepared.examples if example.fact]
    with asking(prepared, prepared.model) as answers:
        said = answers(facts)
    cases = [
        Referenced(question=e.question, answer=text, references=(e.answer,))
        for e, text in zip(facts, said, strict=True)
    ]
    return sum(bool(verdict.value) for verdict in Match().grade(cases)) / len(cases)


@contextmanager
def asking(
    prepared: Prepared, model: torch.nn.Module
) -> Iterator[Callable[[Sequence[Example]], list[str]]]:
    """Lend what a model says to examples, asked greedily as the base was; it must not change."""
    held = prepared.backend
    backend = HFBackend(
        model,
        held.tokenizer,
        spec=ModelSpec(backend="hf", name=held.spec.name),
        chat_template=held.renderer.template or "none",
        chat_template_kwargs=held.renderer.kwargs,
    )
    try:
        # Masters are rounded once, not for every token.
        with parametrize.cached():
            yield lambda asked: say(backend, [prepared.encoder.prompt(e) for e in asked])
    finally:
        backend.close()
