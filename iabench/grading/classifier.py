"""`classifier@4`: a linear model on hashed n-grams, trained by `iabench organism build detector`.

Two steps, both linear: each sentence gets a score; the response is judged by its own n-grams
(`ngrams`) and by what its sentences score, the highest above all, so that a long text does not
hide the one sentence that declines. The kinds are one such model each, learned from abstentions.
NumPy alone applies it; the weights are safetensors, everything else of the model is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from iabench.grading.base import Answered
from iabench.grading.lexicon import likely
from iabench.grading.ngrams import Reader, Seen, Vector
from iabench.records import Judgement, Kind, RunSpec

__all__ = ["KINDS", "WEIGHTS", "Classifier", "Model", "read_model"]

WEIGHTS = Path(__file__).parent / "weights" / "classifier.safetensors"
KINDS: tuple[Kind, ...] = (
    "ignorance",
    "unrecognised",
    "unknowable",
    "premise_rejection",
    "clarification",
    "policy_refusal",
    "capability_refusal",
)
"""In the order of the weights."""

Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What is learned."""

    common: tuple[str, ...]
    """Words that stand for themselves."""
    sentence: Weights
    """Shape (2 ** BITS,), as `response` is."""
    sentence_bias: float
    response: Weights
    response_bias: float
    pooled: tuple[float, ...]
    """A weight for each of the pooled numbers."""
    platt: tuple[float, float]
    """Slope and bias that make a score the logit of a probability."""
    kinds: Weights
    """Shape (7, 2 ** BITS)."""
    kinds_bias: tuple[float, ...]
    kinds_from: float
    """The probability from which a kind is named; the likeliest always is."""
    band: float
    """Undecided where the probability is so near to a half; 0: nothing is."""


class Classifier:
    """The learned abstention detector.

    Args:
        spec: of the run; nothing of it matters.
        model: another than the one that ships.
    """

    id = "classifier@4"

    def __init__(self, spec: RunSpec | None = None, *, model: Model | None = None) -> None:
        self._model = model
        self._reader: Reader | None = None

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; an empty answer is undecided."""
        for case in cases:
            yield self._judge(case.question, case.answer)

    def close(self) -> None:
        """Nothing is held that costs."""

    def _judge(self, question: str, answer: str) -> Judgement:
        _, closed, said = answer.rpartition("</think>")
        if not closed and "<think>" in answer:
            return Judgement(value=None, reason="truncated")
        if not said.strip():
            return Judgement(value=None, reason="empty")
        model = self._model = self._model or _shipped()
        self._reader = self._reader or Reader(model.common)
        seen = self._reader.read(question, said)
        scores = sentence_scores(model, seen)
        logit = model.platt[0] * response_score(model, seen, scores) + model.platt[1]
        probability = 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
        reason = f"p = {probability:.2f}"
        if abs(probability - 0.5) < model.band:
            return Judgement(value=None, reason=reason)
        if probability < 0.5:
            return Judgement(value=False, reason=reason, confidence=1 - float(probability))
        start, end = seen.spans[int(scores.argmax())]
        evidence = said[start:end].strip()
        return Judgement(
            value=True,
            kinds=_kinds(model, seen),
            reason=reason,
            evidence=evidence,
            confidence=float(probability),
        )


def sentence_scores(model: Model, seen: Seen) -> npt.NDArray[np.float64]:
    """Return how much each sentence declines, as logits."""
    dots = [dot(model.sentence, one) for one in seen.sentences]
    return np.array(dots) + model.sentence_bias


def response_score(model: Model, seen: Seen, scores: npt.NDArray[np.float64]) -> float:
    """Return how much a response abstains, before it is made a probability."""
    pooled = float(np.dot(model.pooled, seen.pooled(scores)))
    return dot(model.response, seen.response) + pooled + model.response_bias


def dot(weights: Weights, vector: Vector) -> float:
    """Return the product of weights and hashed features."""
    places, values = vector
    return float(np.dot(weights[places], values))


def _kinds(model: Model, seen: Seen) -> tuple[Kind, ...]:
    logits = [dot(one, seen.response) for one in model.kinds] + np.array(model.kinds_bias)
    least = np.log(model.kinds_from / (1 - model.kinds_from))
    return likely(dict(zip(KINDS, logits, strict=True)), least)


def read_model(weights: Path) -> Model:
    """Return the model in a safetensors file and the JSON file beside it."""
    from safetensors.numpy import load_file

    arrays = {name: array.astype(np.float32) for name, array in load_file(weights).items()}
    told: dict[str, Any] = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    settings = told["model"]
    slope, bias = settings["platt"]
    return Model(
        common=tuple(settings["common"]),
        sentence=arrays["sentence"],
        sentence_bias=settings["sentence_bias"],
        response=arrays["response"],
        response_bias=settings["response_bias"],
        pooled=tuple(settings["pooled"]),
        platt=(slope, bias),
        kinds=arrays["kinds"],
        kinds_bias=tuple(settings["kinds_bias"]),
        kinds_from=settings["kinds_from"],
        band=settings["band"],
    )


@cache
def _shipped() -> Model:
    return read_model(WEIGHTS)
