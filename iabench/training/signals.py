"""Signals of what the base knows, from what it says itself; and which side of a threshold is "no".

    entropy             semantic entropy of the samples; unsure above the threshold
    string-entropy      entropy over distinct strings; unsure above the threshold
    correctness         whether the standard answer is right; unsure where it is not
    expected-accuracy   share of samples that are right; unsure below the threshold

The entropies need no right answers.

Sources: SE-tuning and its versions of R-Tuning, Tjandra et al. 2024 (arXiv 2410.17234), `>` goes to
the abstentions and `<=` keeps its answer; R-Tuning (arXiv 2311.09677); expected accuracy of
Alignment for Honesty (arXiv 2312.07000) and of the Idk dataset (arXiv 2401.13275), both `<`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial

from iabench.grading.base import Answered, Referenced
from iabench.grading.lexical import Lexical
from iabench.grading.match import Match
from iabench.training.base import Example
from iabench.training.comparing import kept_comparisons, scored_as
from iabench.training.sampled import Said
from iabench.training.spec import TrainSpec
from iabench.uncertainty.base import Case, Value
from iabench.uncertainty.base import Said as Heard
from iabench.uncertainty.scorers import SemanticEntropy, StringEntropy

__all__ = ["BY_GRID", "SIGNALS", "Signal", "rightly", "unsure"]

Signal = Callable[[TrainSpec, Sequence[Example], Sequence[Said]], list[Value]]
"""One value a question; without one there is a reason."""

BY_GRID = frozenset({"entropy", "string-entropy"})
"""Signals whose threshold is chosen from a grid where none is given."""


def unsure(signal: str, value: float, threshold: float | None) -> bool:
    """Return whether a question goes to the abstentions.

    Args:
        signal: by name.
        value: of the question.
        threshold: of the signal; None where it has none.
    """
    if signal == "correctness":
        return not value
    assert threshold is not None
    return value > threshold if signal in BY_GRID else value < threshold


def rightly(examples: Sequence[Example], texts: Sequence[str]) -> list[bool | None]:
    """Return whether each text answers its question, and rightly; None where nobody can tell."""
    asked = [
        Answered(question=e.question, answer=text) for e, text in zip(examples, texts, strict=True)
    ]
    declined = Lexical().detect(asked)
    right = Match().grade(
        [
            Referenced(question=one.question, answer=one.answer, references=e.references)
            for e, one in zip(examples, asked, strict=True)
        ]
    )
    return [
        None if not e.references or d.value is None else False if d.value else r.value
        for e, d, r in zip(examples, declined, right, strict=True)
    ]


def _entropy(
    scorer: type[SemanticEntropy | StringEntropy],
    spec: TrainSpec,
    examples: Sequence[Example],
    said: Sequence[Said],
) -> list[Value]:
    asked = [
        Answered(question=e.question, answer=text)
        for e, one in zip(examples, said, strict=True)
        for text in one.samples
    ]
    declined = iter(Lexical().detect(asked))
    cases = [
        Case(
            question=e.question,
            answer=None,
            samples=tuple(Heard(text=text, abstained=next(declined).value) for text in one.samples),
        )
        for e, one in zip(examples, said, strict=True)
    ]
    with ExitStack() as opened:
        made = opened.enter_context(closing(scorer(scored_as(spec))))
        if isinstance(made, SemanticEntropy) and spec.entailment != "equality":
            made.compare_by(opened.enter_context(closing(kept_comparisons(spec))))
        return list(made.score(cases))


def _correctness(spec: TrainSpec, examples: Sequence[Example], said: Sequence[Said]) -> list[Value]:
    right = rightly(examples, [one.standard for one in said])
    return [
        _open(e) if one is None else Value(value=float(one))
        for e, one in zip(examples, right, strict=True)
    ]


def _expected_accuracy(
    spec: TrainSpec, examples: Sequence[Example], said: Sequence[Said]
) -> list[Value]:
    many = [e for e, one in zip(examples, said, strict=True) for _ in one.samples]
    right = iter(rightly(many, [text for one in said for text in one.samples]))
    made = []
    for e, one in zip(examples, said, strict=True):
        marks = [next(right) for _ in one.samples]
        decided = [mark for mark in marks if mark is not None]
        # A share of ten is not known from nine.
        whole = len(decided) == len(marks)
        made.append(Value(value=sum(decided) / len(marks)) if whole else _open(e))
    return made


def _open(example: Example) -> Value:
    why = "it needs right answers, and the questions bring none"
    return Value(value=None, reason="nobody can tell what is right" if example.references else why)


SIGNALS: dict[str, Signal] = {
    "entropy": partial(_entropy, SemanticEntropy),
    "string-entropy": partial(_entropy, StringEntropy),
    "correctness": _correctness,
    "expected-accuracy": _expected_accuracy,
}
