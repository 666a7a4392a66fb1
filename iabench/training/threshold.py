"""Which threshold: one training a threshold, the lowest AED on questions that are kept apart.

    for tau in .25, .5, ... 2.25
        tune on the labels that tau gives
        ask the questions kept apart, greedily; AED over them

Source: Tjandra et al. 2024, "best-threshold evaluation", where selection and report share a set;
here they do not. Thresholds that give the same labels are one training; one that leaves a side
empty is none. Ties go to the lower threshold. A threshold that is tried stands in
`thresholds.json`; its weights go.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from iabench import jsonl
from iabench.errors import TrainingError
from iabench.grading.base import Answered
from iabench.grading.lexical import Lexical
from iabench.metrics.answering import aed
from iabench.models.loading import load
from iabench.runs.watch import Watch
from iabench.training.base import Example
from iabench.training.prepare import encoding, loading, sampling
from iabench.training.questions import split
from iabench.training.signals import BY_GRID, SIGNALS, rightly
from iabench.training.speak import say
from iabench.training.spec import TrainSpec
from iabench.training.targets.by_signal import relabelled

__all__ = ["Score", "apart", "choose", "is_open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a threshold gives on the questions kept apart."""

    threshold: float
    answers: int
    """Questions that keep the base's answer in training."""
    abstentions: int
    aed: float | None
    """None: not trained, as one side is empty, or nothing could be judged."""
    correct: int = 0
    incorrect: int = 0
    abstained: int = 0
    same_as: float | None = None
    """A lower threshold with the same labels."""


def is_open(spec: TrainSpec) -> bool:
    """Return whether a threshold is to be chosen."""
    return spec.target == "by-signal" and spec.signal in BY_GRID and spec.threshold is None


def apart(spec: TrainSpec) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """Return the questions that are taught, and those that a threshold is chosen by.

    Raises:
        IabenchError: none is left of one of them.
    """
    parts = split(spec)
    asked = tuple(example for example in parts.validation if example.references)
    if not asked:
        raise TrainingError(
            f"{spec.questions} has no answers to choose a threshold by (AED on "
            f"{spec.validation_share:g} of them).",
            "--threshold 0.75, or questions with answers",
        )
    return parts.taught, asked


def choose(
    spec: TrainSpec, folder: Path, train: Callable[[TrainSpec, Path], Path], watch: Watch
) -> tuple[float, tuple[Score, ...]]:
    """Return the threshold with the lowest AED, and what each was worth.

    Args:
        spec: of the training, without a threshold.
        folder: of the training; what is tried stands below it, and is not tried again.
        train: trains a spec into a folder.
        watch: is told of each.

    Raises:
        TrainingError: no threshold parts the questions, or nothing tells right from wrong.
    """
    taught, asked = apart(spec)
    file = folder / "thresholds.json"
    held = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    scores = [Score(**one) for one in held]
    labels = _labels(spec, taught)
    for tau, one in labels.items():
        if any(score.threshold == tau for score in scores):
            continue
        made = _counted(tau, one)
        same = next((s for s in scores if s.aed is not None and labels[s.threshold] == one), None)
        if same is not None:
            made = replace(same, threshold=tau, same_as=same.same_as or same.threshold)
        elif made.answers and made.abstentions:
            out = train(replace(spec, threshold=tau), folder / "thresholds" / f"{tau:g}")
            made = _scored(made, replace(spec, model=str(out)), asked)
            shutil.rmtree(out)
        scores.append(made)
        jsonl.write_json(file, scores)
        watch.say(_line(made))
    shutil.rmtree(folder / "thresholds", ignore_errors=True)
    able = [score for score in scores if score.aed is not None]
    if not able:
        # Nothing was trained, so nothing is left that another training must not take over.
        file.unlink()
        raise TrainingError(
            f"no threshold of {', '.join(f'{one:g}' for one in spec.thresholds)} leaves questions "
            f"on both sides of {spec.signal}.",
            "--thresholds 0.1,0.2,...",
        )
    best = min(able, key=lambda score: (score.aed, score.threshold))
    watch.say(f"threshold {best.threshold:g}: AED {best.aed:.3f} on {len(asked):,} kept apart")
    return best.threshold, tuple(scores)


def _labels(spec: TrainSpec, taught: Sequence[Example]) -> dict[float, tuple[str, ...]]:
    """Return the label of each question under each threshold; loads the base once."""
    backend = load(loading(spec))
    try:
        said = sampling(spec, backend, encoding(spec, backend))(taught)
    finally:
        backend.close()
    values = SIGNALS[spec.signal](spec, taught, said)

    def under(tau: float) -> tuple[str, ...]:
        made = relabelled(replace(spec, threshold=tau), taught, said, values)
        return tuple(example.label for example in made)

    return {tau: under(tau) for tau in sorted(spec.thresholds)}


def _counted(tau: float, labels: Sequence[str]) -> Score:
    return Score(
        threshold=tau, answers=labels.count("answer"), abstentions=labels.count("abstain"), aed=None
    )


def _scored(made: Score, spec: TrainSpec, asked: Sequence[Example]) -> Score:
    """Return a score with what the tuned model says to the questions kept apart."""
    backend = load(loading(spec))
    try:
        encoder = encoding(spec, backend)
        prompts = [encoder.prompt(example) for example in asked]
        texts = say(backend, prompts, max_new_tokens=spec.max_new_tokens)
    finally:
        backend.close()
    right = rightly(asked, texts)
    declined = [
        judged.value
        for judged in Lexical().detect(
            [Answered(question=e.question, answer=t) for e, t in zip(asked, texts, strict=True)]
        )
    ]
    decided = [(r, d) for r, d in zip(right, declined, strict=True) if r is not None]
    correct, abstained = sum(bool(r) for r, _ in decided), sum(bool(d) for _, d in decided)
    incorrect = len(decided) - correct - abstained
    distance = aed(n_correct=correct, n_incorrect=incorrect, n=len(decided)) if decided else None
    return replace(made, aed=distance, correct=correct, incorrect=incorrect, abstained=abstained)


def _line(score: Score) -> str:
    head = f"tried     threshold {score.threshold:g}: {score.answers:,} answers kept, "
    head += f"{score.abstentions:,} abstentions"
    if score.same_as is not None:
        return f"{head}: as {score.same_as:g}"
    if score.aed is None and score.answers and score.abstentions:
        return f"{head}: nothing that it says could be judged"
    if score.aed is None:
        empty = "abstains" if not score.abstentions else "answers"
        return f"{head}: not trained, as nothing {empty}"
    said = f"{score.correct} right, {score.incorrect} wrong, {score.abstained} declined"
    return f"{head}: AED {score.aed:.3f} ({said})"
