"""Who may see what: a detector the question and the answer, a grader also the references.

Neither is ever shown the expectation, the task or the model: leakage must not type-check.
Both take many cases at once, so that a judge behind a model can batch them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from iabench.records import Judgement, RunSpec
from iabench.registry import Registry

__all__ = [
    "DETECTORS",
    "FAILED",
    "GRADERS",
    "Answered",
    "Detector",
    "Grader",
    "OpenDetector",
    "OpenGrader",
    "Referenced",
]

FAILED = "the judge failed: "
"""A reason that holds this is a fault of ours or of a server, no verdict: it is asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a detector sees."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Referenced(Answered):
    """What a correctness grader sees."""

    references: tuple[str, ...]


@runtime_checkable
class Detector(Protocol):
    """Says whether an answer abstains, and in which ways."""

    @property
    def id(self) -> str:
        """Name and version, e.g. `lexical@6`; whatever changes a verdict changes it."""
        ...

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; one that cannot be made is undecided."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


@runtime_checkable
class Grader(Protocol):
    """Says whether an answer that does not abstain is right."""

    @property
    def id(self) -> str:
        """Name and version, e.g. `match@4`."""
        ...

    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; one that cannot be made is undecided."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


OpenDetector = Callable[[RunSpec], Detector]
"""What stands behind a name in the group `iabench.detectors`; a class will do.

It is given the run, as a judge behind a model must know which one and where. Opening is cheap: what
is heavy is loaded with the first case, and let go in `close`.
"""
OpenGrader = Callable[[RunSpec], Grader]
"""The same for the group `iabench.graders`."""

DETECTORS: Registry[OpenDetector] = Registry("detectors", "detector")
GRADERS: Registry[OpenGrader] = Registry("graders", "grader")
