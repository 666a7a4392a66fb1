"""How the weights of the lexical detector are trained: part of `iabench organism build detector`.

    rows       labels and made responses, as for the classifier
    signals    of each; those that fewer than `LEAST` families have are left out
    abstains   a logistic regression over all rows, without what narrow rules say
    joined     those weights and the narrow rules, on rows that the rules were not written by
    kinds      one each, among abstentions

Equal labels give equal bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from iabench import jsonl
from iabench.grading.classifier import KINDS
from iabench.grading.labels import Label, labels_digest
from iabench.grading.lexical import signals
from iabench.grading.lexicon import LEXICON
from iabench.organism.folds import folds
from iabench.organism.phrases import made
from iabench.records import SCHEMA_VERSION

__all__ = ["build", "out_of_family"]

LEAST = 4
"""Families that a signal is in."""
STRENGTH, KIND_STRENGTH, JOIN_STRENGTH = 1.0, 0.3, 1.0
"""Inverse strengths of the penalty: a few values were compared over families, none finely."""
MADE, WEIGHT = 1_500, 0.2
"""Made responses, and what each counts."""
_UNSEEN = ("s-", "v-", "tr5")
"""How ids of labels begin that the narrow rules were not written by."""
FOLDS = 5
SEED = 0
_DIGITS, _LEAST_WEIGHT = 3, 0.02
"""Weights are rounded; what says nearly nothing is left out."""

Array = Any


def build(labels: Sequence[Label], out: Path = LEXICON) -> None:
    """Train the weights and write them to `out`."""
    rows = [*labels, *made(SEED, MADE)]
    seen = [signals(row.question, row.response) for row in rows]
    scores = _out_of_family(rows, seen, len(labels))
    names, matrix = _matrix(rows, seen)
    weight = _weights(len(labels), len(rows))
    wide = _wide(names)
    weights, bias = _fit(matrix @ wide, np.array([row.so for row in rows]), weight, STRENGTH)
    named = _joined(dict(zip(names, weights, strict=True)), bias, labels, seen, scores)
    declined = [at for at, row in enumerate(rows) if row.so and row.kinds]
    kinds: dict[str, dict[str, float]] = {}
    for kind in KINDS:
        so = np.array([kind in rows[at].kinds for at in declined])
        some, start = _fit(matrix[declined], so, weight[declined], KIND_STRENGTH)
        kinds[kind] = {"": round(start, _DIGITS), **_rounded(zip(names, some, strict=True))}
    told = {
        "schema_version": SCHEMA_VERSION,
        "detector": "lexical",
        "labels": {"digest": labels_digest(labels), "n": len(labels)},
        "bias": round(named.pop(""), _DIGITS),
        "slope": 1.0,
        "abstains": _rounded(named.items()),
        "kinds": kinds,
    }
    jsonl.write_json(out, told)


def _joined(
    weights: dict[str, float],
    bias: float,
    labels: Sequence[Label],
    seen: Sequence[Mapping[str, float]],
    scores: Array,
) -> dict[str, float]:
    """Return the weights of wide signals and of what narrow rules come to, on one scale.

    How far narrow rules are to be trusted is learned from labels that they were not written by,
    beside scores by weights that saw nothing of a response's family; in English and elsewhere
    apart. The name "" is the bias.
    """
    found: dict[str, float] = {}
    biases: dict[str, float] = {}
    for mark in ("n", "m"):
        of = [at for at, values in enumerate(seen[: len(labels)]) if f"{mark}:any" in values]
        fresh = [at for at in of if labels[at].id.startswith(_UNSEEN)] or of
        words = sorted({n for at in fresh for n in seen[at] if n.startswith(f"{mark}:")})
        if not fresh or len({labels[at].so for at in fresh}) < 2:
            scale, start, narrow = 1.0, 0.0, dict.fromkeys(words, 0.0)
        else:
            table = [[scores[at], *(seen[at].get(word, 0.0) for word in words)] for at in fresh]
            so = np.array([labels[at].so for at in fresh])
            learned, start = _fit(np.array(table), so, np.ones(len(fresh)), JOIN_STRENGTH)
            scale, narrow = float(learned[0]), dict(zip(words, learned[1:], strict=True))
        biases[mark] = scale * bias + start
        found |= {n: scale * w for n, w in weights.items() if n.startswith("x:") == (mark == "m")}
        found |= {word: float(one) for word, one in narrow.items()}
    found["m:any"] = found.get("m:any", 0.0) + biases["m"] - biases["n"]
    return {**found, "": biases["n"]}


def out_of_family(labels: Sequence[Label]) -> Array:
    """Return the score of every label by weights that saw nothing of its family."""
    rows = [*labels, *made(SEED, MADE)]
    return _out_of_family(rows, [signals(row.question, row.response) for row in rows], len(labels))


def _out_of_family(
    rows: Sequence[Label], seen: Sequence[Mapping[str, float]], labelled: int
) -> Array:
    scores = np.zeros(len(rows))
    so = np.array([row.so for row in rows])
    weight = _weights(labelled, len(rows))
    names, matrix = _matrix(rows, seen)
    matrix = matrix @ _wide(names)
    for learned, left in folds(rows, FOLDS):
        weights, bias = _fit(matrix[learned], so[learned], weight[learned], STRENGTH)
        scores[left] = matrix[left] @ weights + bias
    return scores[:labelled]


def _matrix(rows: Sequence[Label], seen: Sequence[Mapping[str, float]]) -> tuple[list[str], Any]:
    from scipy.sparse import csr_matrix

    families: dict[str, set[str]] = defaultdict(set)
    for row, values in zip(rows, seen, strict=True):
        for name in values:
            families[name].add(row.family)
    names = sorted(name for name, found in families.items() if len(found) >= LEAST)
    place = {name: at for at, name in enumerate(names)}
    kept = [[(place[n], v) for n, v in values.items() if n in place] for values in seen]
    ends = np.cumsum([0, *map(len, kept)]).astype(np.int32)
    columns = np.array([at for some in kept for at, _ in some], np.int32)
    cells = np.array([value for some in kept for _, value in some])
    return names, csr_matrix((cells, columns, ends), shape=(len(rows), len(names)))


def _wide(names: Sequence[str]) -> Any:
    """Return a matrix that leaves out what narrow rules say."""
    from scipy.sparse import diags_array

    return diags_array([float(not name.startswith(("n:", "m:"))) for name in names]).tocsr()


def _weights(labelled: int, n: int) -> Array:
    return np.where(np.arange(n) < labelled, 1.0, WEIGHT)


def _fit(matrix: Any, so: Array, weight: Array, strength: float) -> tuple[Array, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=strength, solver="liblinear", class_weight="balanced", max_iter=300, random_state=0
    )
    model.fit(matrix, so, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def _rounded(named: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return weights by name, without those that are nothing."""
    rounded = ((name, round(float(weight), _DIGITS)) for name, weight in named)
    return {name: weight for name, weight in rounded if abs(weight) >= _LEAST_WEIGHT}
