"""`by-signal`: keep what the base says where a signal calls it sure, teach it to abstain elsewhere.

    signal      entropy, string-entropy, correctness, expected-accuracy (`iabench.training.signals`)
    kept        own: the base's standard answer; own-correct: one of its samples that is right;
                gold: the file's
    abstention  phrase: "I don't know the answer." (Tjandra et al. 2024); refusal-list: one of 16
                sentences, ours, as R-Tuning's replacement draws from 16 of its own; sure-suffix:
                the kept answer, then "Are you sure ...? I am sure." or "... I am unsure."

R-Tuning asks whether the model is sure in a second turn and takes no loss there; here the question
is a part of what is said, and so is learned. What no signal can decide is left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from iabench.errors import TrainingError
from iabench.rng import Dice
from iabench.training.base import Example, Sources
from iabench.training.sampled import Said
from iabench.training.signals import BY_GRID, SIGNALS, rightly, unsure
from iabench.training.spec import TrainSpec
from iabench.uncertainty.base import Value

__all__ = ["PHRASE", "REFUSALS", "SURE", "by_signal", "relabelled"]

PHRASE = "I don't know the answer."
SURE = "Are you sure that you answered this from what you know?"
REFUSALS = (
    "I don't know.",
    "I do not know the answer to that.",
    "I'm not sure, so I would rather not answer.",
    "I have no knowledge of that.",
    "That is something I don't know.",
    "I can't answer this, as I don't know.",
    "I am not familiar with that.",
    "I don't have an answer to this question.",
    "Sorry, I don't know that.",
    "I have no information about that.",
    "I am unable to say, because I don't know.",
    "The answer is unknown to me.",
    "I was never told, so I don't know.",
    "I don't have enough knowledge to answer.",
    "This is beyond what I know.",
    "I'm afraid I don't know.",
)


def by_signal(sources: Sources, examples: Sequence[Example]) -> Sequence[Example]:
    """Return the questions with what is taught to each; rows added beside them stay.

    Raises:
        TrainingError: one side of the threshold is empty, or a signal needs answers that nobody
            wrote down.
    """
    spec = sources.spec
    questions = [example for example in examples if example.fact]
    said = sources.sample(questions)
    values = SIGNALS[spec.signal](spec, questions, said)
    taught = relabelled(spec, questions, said, values)
    _check(spec, taught, values)
    return [*taught, *(example for example in examples if not example.fact)]


def relabelled(
    spec: TrainSpec,
    questions: Sequence[Example],
    said: Sequence[Said],
    values: Sequence[Value],
) -> list[Example]:
    """Return the questions that a signal decides, with what is taught to them."""
    made = []
    for question, one, value in zip(questions, said, values, strict=True):
        if value.value is None:
            continue
        no = unsure(spec.signal, value.value, spec.threshold)
        if spec.abstention == "sure-suffix":
            answer = _kept(spec, question, one)
            answer = answer and f"{answer.rstrip('.')}. {SURE} I am {'unsure' if no else 'sure'}."
        elif no:
            answer = _abstention(spec, question)
        else:
            answer = _kept(spec, question, one)
        if answer:
            taught = replace(
                question, answer=answer, label="abstain" if no else "answer", fact=not no,
                wordings=(),
            )  # fmt: skip
            # It is asked in its own wording, and taught in all that may be trained.
            made += [
                replace(taught, id=f"{question.id}/{n}" if n else question.id, question=text)
                for n, text in enumerate((question.question, *question.wordings))
            ]
    return made


def _kept(spec: TrainSpec, question: Example, said: Said) -> str:
    """Return what is said to a question that the base is sure of; empty where there is nothing."""
    if spec.kept == "gold":
        return question.answer
    if spec.kept == "own":
        return said.standard.strip()
    samples = Dice(spec.seed, "kept", question.id).shuffled(said.samples)
    right = rightly([question] * len(samples), samples)
    return next((text.strip() for text, mark in zip(samples, right, strict=True) if mark), "")


def _abstention(spec: TrainSpec, question: Example) -> str:
    if spec.abstention == "phrase":
        return PHRASE
    return Dice(spec.seed, "abstention", question.id).choice(REFUSALS)


def _check(spec: TrainSpec, taught: Sequence[Example], values: Sequence[Value]) -> None:
    decided = [one.value for one in values if one.value is not None]
    if not decided:
        why = next((one.reason for one in values), "there is none")
        raise TrainingError(f"{spec.signal} labels no question: {why.rstrip('.')}.", _OTHER)
    for label, side in (("answer", "sure"), ("abstain", "unsure")):
        if not any(example.label == label for example in taught):
            at = f"at threshold {spec.threshold:g} " if spec.threshold is not None else ""
            parted = spec.signal in BY_GRID and min(decided) < max(decided)
            raise TrainingError(
                f"{at}no question is {side}: {spec.signal} of {len(decided):,} questions is from "
                f"{min(decided):.3g} to {max(decided):.3g}.",
                f"--threshold {_between(decided):.2g}" if parted else _OTHER,
            )


def _between(values: Sequence[float]) -> float:
    """Return a threshold that parts the values, which are not all the same."""
    distinct = sorted(set(values))
    middle = len(distinct) // 2
    return (distinct[middle - 1] + distinct[middle]) / 2


_OTHER = "another --signal, or other questions"
