"""What a scorer sees of a question, and what it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from iabench.records import Message, RunSpec, Sampling
from iabench.registry import Registry

if TYPE_CHECKING:
    from iabench.uncertainty.comparisons import Comparisons

__all__ = [
    "SCORERS",
    "AskingScorer",
    "Case",
    "ClusteringScorer",
    "Needs",
    "OpenScorer",
    "Said",
    "Scorer",
    "Value",
]

Needs = Literal[
    "answer", "answer-logprobs", "samples", "sample-logprobs", "asked", "asked-logprobs"
]
"""What must have been said: the greedy answer, samples, or the reply to a further question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that the model said."""

    text: str
    logprobs: tuple[float, ...] | None = None
    abstained: bool | None = None
    """What the detector says of it; None where it cannot tell."""
    failed: str = ""
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question with all that was said to it."""

    question: str
    answer: Said | None
    samples: tuple[Said, ...] = ()
    asked: Said | None = None
    """The reply to a scorer's own further question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A score before it is tied to a probe; without a value there is a reason."""

    value: float | None
    reason: str = ""


@runtime_checkable
class Scorer(Protocol):
    """Makes a number of uncertainty or confidence of what was said to a question."""

    @property
    def id(self) -> str:
        """Name and version and whatever else changes a value; also a file's name."""
        ...

    @property
    def higher_means(self) -> Literal["known", "unknown"]:
        """Direction."""
        ...

    @property
    def probability(self) -> bool:
        """Whether the value is a stated probability of being right."""
        ...

    @property
    def needs(self) -> frozenset[Needs]:
        """What must have been asked."""
        ...

    def score(self, cases: Sequence[Case]) -> Iterable[Value]:
        """Yield one value a case, in order."""
        ...

    def close(self) -> None:
        """Give memory back."""
        ...


@runtime_checkable
class AskingScorer(Scorer, Protocol):
    """A scorer with a further question to the model: a series of its own, kept like any other."""

    @property
    def series(self) -> str:
        """Name of the series; whatever changes the question changes it."""
        ...

    @property
    def template(self) -> str:
        """Name and version of the question."""
        ...

    @property
    def sampling(self) -> Sampling:
        """How the reply is decoded."""
        ...

    def messages(
        self, before: tuple[Message, ...], answer: str, samples: Sequence[str]
    ) -> tuple[Message, ...]:
        """Return what is put to the model.

        Args:
            before: what it was asked first, the question last.
            answer: its greedy answer.
            samples: its samples, where there are any.
        """
        ...


@runtime_checkable
class ClusteringScorer(Scorer, Protocol):
    """A scorer of what samples mean: where a model compares them, all of a run share it."""

    def check(self) -> None:
        """Say what is wrong with what compares, while nothing is asked yet.

        Raises:
            IabenchError: what can be known of it without loading it.
        """
        ...

    def compare_by(self, comparisons: Comparisons) -> None:
        """Take comparisons that others use too; they stay open."""
        ...


OpenScorer = Callable[[RunSpec], Scorer]

SCORERS: Registry[OpenScorer] = Registry("scorers", "scorer")
