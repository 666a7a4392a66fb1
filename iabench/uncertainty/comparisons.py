"""Does one answer follow from another, in the context of their question? Asked once, and kept.

A comparison goes one way. What has been decided is not asked again: not by another scorer of the
run, and not when its scores are made anew. A comparison that a model fails on is undecided, with
the reason, and is asked again then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from iabench.errors import IabenchError
from iabench.models.entailment import Entailment

__all__ = ["CLASSES", "Calls", "Case", "Compared", "Comparing", "Comparisons", "Follows"]

Follows = Literal["entailment", "neutral", "contradiction"]
CLASSES: tuple[Follows, ...] = ("entailment", "neutral", "contradiction")

Case = tuple[str, str, str]
"""(question, premise, hypothesis); without a question "" stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One comparison; one line of `comparisons/<model>.jsonl`."""

    question: str
    premise: str
    hypothesis: str
    value: Follows | None
    """None is undecided, and then `reason` says why."""
    reason: str = ""

    @property
    def case(self) -> Case:
        """What was compared."""
        return self.question, self.premise, self.hypothesis


@runtime_checkable
class Comparing(Protocol):
    """Compares answers itself, question and answers apart: a language model with a prompt."""

    @property
    def id(self) -> str:
        """What it is: whatever changes a value changes it."""
        ...

    def compare(self, cases: Sequence[Case]) -> Iterable[Compared]:
        """Return one comparison a case, in order."""
        ...

    def close(self) -> None:
        """Give memory back."""
        ...


@dataclass(slots=True)
class Calls:
    """Directional comparisons."""

    made: int = 0
    needed: int = 0
    """What comparing every sample with the openers before it, both ways, would have taken."""
    undecided: int = 0

    @property
    def saved(self) -> int:
        """Comparisons not made: of equal strings, of pairs met before, of a second direction."""
        return self.needed - self.made


class Comparisons:
    """The comparisons of one model.

    Args:
        model: compares; of an `Entailment` the likeliest class counts, and the question stands
            before each answer.
        known: comparisons of earlier; those that are undecided are made again.
        keep: told what is new, as it is made.
    """

    def __init__(
        self,
        model: Entailment | Comparing,
        *,
        known: Iterable[Compared] = (),
        keep: Callable[[Sequence[Compared]], None] = lambda _: None,
    ) -> None:
        self._model = model
        self._known = {one.case: one for one in known if one.value is not None}
        self._used: set[Case] = set()
        self._keep = keep
        self.calls = Calls()

    @property
    def id(self) -> str:
        """The model's."""
        return self._model.id

    def of(self, cases: Sequence[Case]) -> Mapping[Case, Compared]:
        """Return the comparison of each case; equal ones are made once."""
        new = [case for case in dict.fromkeys(cases) if case not in self._known]
        if new:
            made = list(self._compared(new))
            self._known.update((one.case, one) for one in made)
            self._keep(made)
        self._used.update(cases)
        self.calls.made = len(self._used)
        self.calls.undecided = sum(self._known[case].value is None for case in self._used)
        return {case: self._known[case] for case in cases}

    def told(self) -> dict[str, str | int]:
        """Return by what, and how often, was compared one way."""
        calls = self.calls
        return {
            "by": self.id,
            "made": calls.made,
            "saved": calls.saved,
            "undecided": calls.undecided,
        }

    def close(self) -> None:
        """Let the model go."""
        self._model.close()

    def _compared(self, cases: Sequence[Case]) -> Iterable[Compared]:
        if isinstance(self._model, Comparing):
            return self._model.compare(cases)
        return self._classified(self._model, cases)

    def _classified(self, model: Entailment, cases: Sequence[Case]) -> list[Compared]:
        pairs = [(_led(q, premise), _led(q, hypothesis)) for q, premise, hypothesis in cases]
        try:
            rows = model.entails(pairs)
        except IabenchError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it stumbles over, on whichever pair
            if len(cases) > 1:
                half = len(cases) // 2
                return [
                    one
                    for part in (cases[:half], cases[half:])
                    for one in self._classified(model, part)
                ]
            said = (str(problem).strip().splitlines() or [""])[0]
            return [_undecided(cases[0], f"{model.id} failed: {type(problem).__name__} {said}")]
        return [
            Compared(
                question=case[0],
                premise=case[1],
                hypothesis=case[2],
                value=CLASSES[int(row.argmax())],
            )
            if np.isfinite(row).all()
            else _undecided(case, f"{model.id} gave no numbers")
            for case, row in zip(cases, rows, strict=True)
        ]


def _undecided(case: Case, why: str) -> Compared:
    question, premise, hypothesis = case
    return Compared(
        question=question, premise=premise, hypothesis=hypothesis, value=None, reason=why.strip()
    )


def _led(question: str, answer: str) -> str:
    return f"{question} {answer}" if question else answer
