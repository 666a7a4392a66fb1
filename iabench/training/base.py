"""The axes: what may stand on each, and what it is given.

rows      which examples are taught beside the facts
target    what a row's answer becomes
update    which numbers may change, and how
anchors   what holds the tuned model to its base, as terms of the loss
after     what is done once the facts are learned
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from iabench.registry import Registry

if TYPE_CHECKING:
    import torch

    from iabench.training.data import Encoded
    from iabench.training.masks import Importance
    from iabench.training.sampled import Said
    from iabench.training.spec import TrainSpec

__all__ = [
    "ANCHORS",
    "PRESETS",
    "ROWS",
    "TARGETS",
    "UPDATES",
    "Anchor",
    "ByImportance",
    "Example",
    "Penalty",
    "Preset",
    "Rows",
    "Sources",
    "Target",
    "Update",
    "Watching",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question and what is to be said, as text."""

    id: str
    question: str
    answer: str
    system: str | None = None
    references: tuple[str, ...] = ()
    """Right answers, where the question is one of `--questions`."""
    entity: str | None = None
    fact: bool = True
    """One of the facts to be learned; False for what is replayed or added."""
    wordings: tuple[str, ...] = ()
    """Others that it may be taught in."""
    label: Literal["", "answer", "abstain"] = ""
    """Which side of a signal it is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a choice on the axis of rows may draw from."""

    spec: TrainSpec
    facts: tuple[Example, ...]
    say: Callable[[Sequence[Example]], list[str]]
    """What the base says to the questions of examples, greedily."""
    sample: Callable[[Sequence[Example]], list[Said]]
    """What it says to them several times, kept from one training to the next."""
    unknowns: Callable[[int], list[Example]]
    """Questions about names of purpose `anchor` that the base cannot know; answers are empty."""


@runtime_checkable
class Rows(Protocol):
    """Adds examples beside the facts."""

    def __call__(self, sources: Sources) -> Iterable[Example]:
        """Return the examples that it brings."""
        ...


@runtime_checkable
class Target(Protocol):
    """Decides what is said to a row."""

    def __call__(self, sources: Sources, examples: Sequence[Example]) -> Sequence[Example]:
        """Return the examples with the answers that are taught."""
        ...


@runtime_checkable
class Update(Protocol):
    """Which numbers change. Made once a training."""

    def prepare(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model with exactly the trainable parameters requiring gradients."""
        ...

    def teacher(self, model: torch.nn.Module) -> AbstractContextManager[torch.nn.Module]:
        """Lend the model as it was before any step, for as long as the context is open."""
        ...

    def after_backward(self, model: torch.nn.Module) -> None:
        """Change gradients before they are clipped."""
        ...

    def after_step(self, model: torch.nn.Module) -> None:
        """Restore what an optimizer step must not have changed."""
        ...

    def finish(self, model: torch.nn.Module) -> torch.nn.Module:
        """Return the tuned model as an ordinary one, or with its adapter."""
        ...


@runtime_checkable
class Watching(Protocol):
    """An update that takes part in what the optimizer does."""

    def watch(self, optimizer: torch.optim.Optimizer, model: torch.nn.Module) -> None:
        """See the optimizer before the first step."""
        ...


@runtime_checkable
class ByImportance(Protocol):
    """An update whose mask may go by how much each weight matters."""

    by_importance: bool
    """Whether it does in this training."""

    def prepare(
        self, model: torch.nn.Module, importance: Importance | None = None
    ) -> torch.nn.Module:
        """Return the model with exactly the trainable parameters requiring gradients.

        Args:
            model: the base.
            importance: of each coordinate of the parameters in scope, by their name.
        """
        ...


@runtime_checkable
class Anchor(Protocol):
    """A term of the loss over what is said at some positions."""

    name: str
    weight: float
    perturbs: bool
    """It is over perturbed copies, which are made only if some anchor wants them."""

    def over(self, row: Encoded, perturbed: bool) -> Sequence[bool]:
        """Return, for each token of a row, whether the term is over its prediction."""
        ...

    def term(self, tuned: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
        """Return the sum of the term over the anchor's positions in a batch.

        Args:
            tuned: (positions, vocabulary) logits.
            base: likewise, of the base, without gradients.
        """
        ...


@runtime_checkable
class Penalty(Protocol):
    """A term of the loss over the weights themselves (EWC)."""

    name: str
    weight: float

    def prepare(
        self, model: torch.nn.Module, batches: Iterable[Mapping[str, torch.Tensor]]
    ) -> None:
        """See the base before the first step, and batches of what it says to the anchor rows.

        What an update makes trainable is so already; nothing else will move.
        """
        ...

    def value(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the unweighted penalty, a scalar."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named point on the axes with its published settings."""

    name: str
    says: str
    source: str
    settings: tuple[tuple[str, Any], ...]


ROWS: Registry[Rows] = Registry("rows", "rows")
TARGETS: Registry[Target] = Registry("targets", "target")
UPDATES: Registry[Callable[[TrainSpec], Update]] = Registry("updates", "update")
ANCHORS: Registry[Callable[[TrainSpec], Anchor | Penalty]] = Registry("anchors", "anchor")
PRESETS: Registry[Preset] = Registry("presets", "method")
