"""Questions that a model is tuned on by what it says to them itself; answers may be missing.

A share of them, drawn by what they are about, is kept apart: thresholds are chosen on it, and
nothing of it is taught or reported.
"""

from __future__ import annotations

from dataclasses import dataclass

from iabench.datasets.source import read_questions
from iabench.errors import TrainingError
from iabench.rng import Dice
from iabench.training.base import Example
from iabench.training.spec import TrainSpec

__all__ = ["Split", "split"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The questions of a source, each in its own wording; others that may be trained beside it."""

    taught: tuple[Example, ...]
    """`answer` is the first right answer, empty where nobody wrote one down."""
    validation: tuple[Example, ...]
    """Likewise."""


def split(spec: TrainSpec) -> Split:
    """Return the questions of a training and those that are kept apart.

    Raises:
        IabenchError: the source cannot be read, or is too small to be parted.
    """
    assert spec.questions is not None
    rows = read_questions(spec.questions, dict(spec.columns)).rows
    parts: tuple[list[Example], list[Example]] = ([], [])
    for row in rows:
        # Questions about one thing stay together, whatever the seed of the training.
        about = row.entity or row.question
        apart = Dice(0, "questions", about).uniform() < spec.validation_share
        parts[apart].append(
            Example(
                id=row.id,
                question=row.question,
                wordings=() if apart else row.trained,
                answer=row.references[0] if row.references else "",
                references=row.references,
                system=row.system,
                entity=row.entity,
            )
        )
    taught, validation = parts
    if not taught:
        raise TrainingError(
            f"{spec.questions}: of {len(rows):,} questions none is left to teach.",
            "more questions, or --validation-share 0 with --threshold 0.75",
        )
    return Split(taught=tuple(taught), validation=tuple(validation))
