"""What the base says before training: an anchor keeps it, so it had better be an admission."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from iabench.datasets.source import read_names
from iabench.grading.base import Answered
from iabench.grading.lexical import Lexical
from iabench.training.base import Example
from iabench.training.perturbed import Perturber
from iabench.training.spec import TrainSpec

__all__ = ["Admits", "admits"]

_ASKED = 50
_FEW = 0.5


@dataclass(frozen=True, slots=True)
class Admits:
    """How often the base abstained on perturbed questions."""

    abstained: int
    asked: int

    def lines(self) -> list[str]:
        """Return what is said of it, with a warning where it is little."""
        if not self.asked:
            return ["base      no row names anything: it was asked no perturbed question"]
        said = [f"base      abstains on {self.abstained:,} of {self.asked:,} perturbed questions"]
        if self.abstained < _FEW * self.asked:
            said.append(
                "warning   the anchor keeps what the base says, and it seldom says that it does "
                "not know"
            )
        return said


def admits(
    spec: TrainSpec,
    examples: Sequence[Example],
    answers: Callable[[Sequence[Example]], list[str]],
) -> Admits:
    """Ask the base about 50 perturbed rows, spread over the file.

    Args:
        spec: of the training.
        examples: its rows.
        answers: what the base says to some.
    """
    names = read_names(spec.real_names) if spec.real_names else ()
    perturber = Perturber(examples, seed=spec.seed, copies=spec.copies, real_names=names)
    made = [one for one in perturber(0) if one]
    asked = made[:: max(1, len(made) // _ASKED)][:_ASKED]
    cases = [
        Answered(question=e.question, answer=text)
        for e, text in zip(asked, answers(asked), strict=True)
    ]
    verdicts = list(Lexical().detect(cases))
    return Admits(sum(bool(verdict.value) for verdict in verdicts), len(asked))
