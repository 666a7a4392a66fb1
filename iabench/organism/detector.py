"""How the learned detector is trained: `iabench organism build detector`, a minute on one core.

    rows        labels, made phrases, and some of the labels again with text around them
    sentences   a model that finds the sentence that declines; nobody labelled sentences, so that
                of each abstention the highest-scoring one is taken, from its first one onwards
    response    a model of the response's n-grams and of its sentences' scores, which for training
                come from models that did not see its family
    calibrate   Platt's sigmoid on scores of families that no part of the model has seen
    kinds       one model each, among abstentions

scikit-learn trains it, `iabench.grading.classifier` applies it. Equal labels give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from iabench import jsonl
from iabench.grading.classifier import KINDS, WEIGHTS, Model, response_score, sentence_scores
from iabench.grading.labels import FOLDER, Label, labels_digest, read_labels
from iabench.grading.ngrams import BITS, N_POOLED, Reader, Seen, Vector, words
from iabench.organism.folds import folds
from iabench.organism.phrases import made, surrounded
from iabench.records import SCHEMA_VERSION

__all__ = ["Recipe", "build", "out_of_family", "stale", "train", "training_labels"]

Array = npt.NDArray[Any]
Watch = Callable[[str, int, int], None]

_FILES = ("abstention-development-*.jsonl", "abstention-training-*.jsonl")
_MIXED = frozenset(("hedged", "declines-then-answers", "quoted", "asks-too", "caveated"))
"""Answers of which a sentence may decline."""
_ROUNDS = 2
"""Choices of the sentence that declines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Settings, chosen by cross-validation over families of development and training labels.

    Not so `c`, `folds` and `made`: those keep the training within two minutes.
    """

    common_from: int = 15
    """Families that a common word is in."""
    c: float = 5.0
    """Inverse strength of the penalty."""
    folds: int = 3
    made: int = 800
    surrounded: float = 0.05
    """Share of the responses that are repeated with text around them."""
    weight: float = 0.3
    """Of a row that nobody wrote."""
    pooled: float = 0.5
    """Scale of the pooled numbers: the greater, the less they are penalised."""
    kinds_from: float = 0.5
    band: float = 0.0
    seed: int = 0


def training_labels(also: Sequence[Path] = ()) -> list[Label]:
    """Return what the detector is trained on: the own labels, never one of the test half.

    Args:
        also: further files of labels; in those a row that has no language is English, and one that
            has no kinds is of the kind of its stratum.

    Raises:
        ConfigError: a file cannot be read, or rows of it are wrong.
    """
    files = [file for pattern in _FILES for file in sorted(FOLDER.glob(pattern))]
    rows = [row for file in files for row in read_labels(file, "abstained")]
    return rows + [_completed(row) for path in also for row in read_labels(path, "abstained")]


def _completed(row: Label) -> Label:
    kinds = row.kinds or tuple(kind for kind in KINDS if row.so and kind == row.kind)
    return replace(row, kinds=kinds, language=row.language or "en", id=f"also-{row.id}")


def build(
    out: Path = WEIGHTS,
    *,
    labels: Sequence[Label] | None = None,
    recipe: Recipe | None = None,
    watch: Watch | None = None,
) -> None:
    """Train the detector and write it to `out`, with a JSON file of its settings beside it.

    Args:
        out: a .safetensors file.
        labels: what is learned; the own labels if none are given.
        recipe: the shipped one, unless a test wants another.
        watch: told (stage, steps done, steps in all).
    """
    from safetensors.numpy import save

    rows = list(labels) if labels is not None else training_labels()
    recipe = recipe or Recipe()
    scores = out_of_family(rows, recipe, watch=watch)
    found = train(rows, recipe)
    found = replace(found, platt=_platt(scores, np.array([row.so for row in rows])))
    arrays = {name: getattr(found, name).astype(np.float16) for name in ("sentence", "response")}
    raw = save({**arrays, "kinds": found.kinds.astype(np.float16)})
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(raw)
    told = {
        "schema_version": SCHEMA_VERSION,
        "id": "classifier@4",
        "labels": {"n": len(rows), "digest": labels_digest(rows)},
        "weights": {"digest": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)},
        "recipe": {name: getattr(recipe, name) for name in Recipe.__slots__},
        "model": {
            name: getattr(found, name)
            for name in Model.__slots__
            if name not in ("sentence", "response", "kinds")
        },
    }
    jsonl.write_json(out.with_suffix(".json"), told)


def stale(labels: Sequence[Label], weights: Path = WEIGHTS) -> str:
    """Return why stored weights are not those of some labels, or "" where they are."""
    told = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    if told["weights"]["digest"] != hashlib.sha256(weights.read_bytes()).hexdigest():
        return "the weights are not those that the JSON file describes"
    if told["labels"]["digest"] != labels_digest(labels):
        return "the labels have changed since it was built"
    return ""


def out_of_family(rows: Sequence[Label], recipe: Recipe, *, watch: Watch | None = None) -> Array:
    """Return the score of every response by a model that saw nothing of its family."""
    scores = np.zeros(len(rows))
    for fold, (learned, left) in enumerate(folds(rows, recipe.folds)):
        if watch:
            watch("cross-validation", fold, recipe.folds)
        found = train([rows[at] for at in learned], recipe)
        reader = Reader(found.common)
        for at in left:
            seen = reader.read(rows[at].question, rows[at].response)
            scores[at] = response_score(found, seen, sentence_scores(found, seen))
    if watch:
        watch("cross-validation", recipe.folds, recipe.folds)
    return scores


def train(labels: Sequence[Label], recipe: Recipe) -> Model:
    """Return a model of the labels whose scores are not yet calibrated."""
    common = _common(labels, recipe.common_from)
    rows = [*labels, *made(recipe.seed, recipe.made)]
    rows += surrounded(recipe.seed, labels, recipe.surrounded)
    reader = Reader(common)
    seen = [reader.read(row.question, row.response) for row in rows]
    so = np.array([row.so for row in rows])
    weight = np.where(np.arange(len(rows)) < len(labels), 1.0, recipe.weight)
    sentence, sentence_bias = _sentence_model(rows, seen, recipe)
    pooled = np.zeros((len(rows), N_POOLED))
    for learned, left in folds(rows, recipe.folds - 1):
        part = _sentence_model([rows[at] for at in learned], [seen[at] for at in learned], recipe)
        for at in left:
            scores = _sparse(seen[at].sentences) @ part[0] + part[1]
            pooled[at] = seen[at].pooled(scores)
    matrix = _sparse([one.response for one in seen])
    response, response_bias = _fit(_beside(matrix, pooled * recipe.pooled), so, recipe, weight)
    declined = [at for at, row in enumerate(rows) if row.so and row.kinds]
    kinds = [
        _fit(matrix[declined], np.array([kind in rows[at].kinds for at in declined]), recipe)
        for kind in KINDS
    ]
    return Model(
        common=tuple(common),
        sentence=_half(sentence),
        sentence_bias=float(sentence_bias),
        response=_half(response[: 1 << BITS]),
        response_bias=float(response_bias),
        pooled=tuple(float(value) for value in response[1 << BITS :] * recipe.pooled),
        platt=(1.0, 0.0),
        kinds=_half(np.stack([one for one, _ in kinds])),
        kinds_bias=tuple(float(bias) for _, bias in kinds),
        kinds_from=recipe.kinds_from,
        band=recipe.band,
    )


def _sentence_model(
    rows: Sequence[Label], seen: Sequence[Seen], recipe: Recipe
) -> tuple[Array, float]:
    """Return weights and bias of a model that tells sentences that decline from those that answer.

    Each round takes from every abstention the sentence that scores highest, as multiple-instance
    learning does (Andrews, Tsochantaridis and Hofmann 2002); all sentences of plain answers are
    against it.
    """
    matrix = _sparse([one for each in seen for one in each.sentences])
    ends = np.cumsum([0, *(len(each.sentences) for each in seen)])
    against = np.zeros(matrix.shape[0], bool)
    chosen = np.zeros(matrix.shape[0], bool)
    for row, (start, end) in zip(rows, pairwise(ends), strict=True):
        against[start:end] = not row.so and row.kind not in _MIXED
        chosen[start] = row.so
    weights, bias = np.zeros(1 << BITS), 0.0
    for _ in range(_ROUNDS):
        used = against | chosen
        weights, bias = _fit(matrix[used], chosen[used], recipe)
        scores = matrix @ weights + bias
        chosen[:] = False
        for row, (start, end) in zip(rows, pairwise(ends), strict=True):
            if row.so:
                chosen[start + int(scores[start:end].argmax())] = True
    return weights, bias


def _fit(
    matrix: Any, so: Array, recipe: Recipe, weight: Array | None = None
) -> tuple[Array, float]:
    """Return weights and bias of a logistic regression; with one class alone only a bias."""
    from sklearn.linear_model import LogisticRegression

    if so.all() or not so.any():
        return np.zeros(matrix.shape[1]), 5.0 if so.all() else -5.0
    model = LogisticRegression(
        C=recipe.c,
        solver="liblinear",
        class_weight="balanced",
        max_iter=200,
        tol=1e-3,
        random_state=0,
    )
    model.fit(matrix, so, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def _platt(scores: Array, so: Array) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(scores[:, None], so)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _common(labels: Sequence[Label], least: int) -> list[str]:
    """Return the words, sorted, that responses of at least so many families write small."""
    families: dict[str, set[str]] = defaultdict(set)
    for label in labels:
        for word in words(label.response):
            if not word.capital or len(word.text) == 1:
                families[word.text].add(label.family)
    return sorted(word for word, found in families.items() if len(found) >= least)


def _sparse(vectors: Sequence[Vector]) -> Any:
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(places) for places, _ in vectors)])
    places = np.concatenate([places for places, _ in vectors])
    values = np.concatenate([values for _, values in vectors]).astype(np.float64)
    matrix = csr_matrix((values, places, ends), shape=(len(vectors), 1 << BITS))
    matrix.sum_duplicates()
    return matrix


def _beside(matrix: Any, dense: Array) -> Any:
    from scipy.sparse import csr_matrix, hstack

    return hstack([matrix, csr_matrix(dense)]).tocsr()


def _half(weights: Array) -> npt.NDArray[np.float32]:
    """Return weights as they are stored, so that a trained model is the one that is read back."""
    return weights.astype(np.float16).astype(np.float32)
