"""Fit the weights of `leftovers.py` on the labelled answers; how they do on unseen families.

`python -m iabench.grading.leftovers_fit` prints agreement in cross-validation over families and
writes `leftovers.json`. Equal labels give equal bytes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iabench.grading.labels import Label, labels_digest, own_labels
from iabench.grading.leftovers import WEIGHTS, Leftovers, features, learned
from iabench.grading.match import ruled
from iabench.grading.normalize import clean, detokenised
from iabench.grading.readings import readings
from iabench.grading.spans import ENOUGH, settle
from iabench.grading.wanted import wanted

__all__ = ["OpenPairs", "cross_validated", "fit", "learned_from", "main", "open_pairs"]

UNSEEN = "cd4-"
"""How ids of labels begin that neither rules nor these weights learn from: `likeness_fit` does.

Trees weigh the verdicts of both, and so must see them on pairs that those do not know.
"""
STRENGTH = 0.05
"""Inverse of the penalty on standardised features; chosen by cross-validation over families."""
FOLDS = 10
_ROUNDS = 6
_SETTLED = re.compile(r"another (?:number|time|range|unit|bound)|no number|yes or no|denied")
_BY_THE_MODEL = frozenset({"more exact", "the core of it", "nearly the same words"})

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OpenPairs:
    """Labelled pairs that no rule settles: features (n, f), their names, labels, families."""

    names: tuple[str, ...]
    values: Array
    right: npt.NDArray[np.bool_]
    families: tuple[str, ...]


def open_pairs(labels: Sequence[Label]) -> OpenPairs:
    """Return the pairs that the model decides; of several readings the one that shares most."""
    cases = [label.case for label in labels]
    found = []
    for label, judged in zip(labels, map(ruled, cases), strict=True):
        by_rule = judged.value and judged.reason not in _BY_THE_MODEL
        if by_rule or _SETTLED.search(judged.reason):
            continue
        left = [s for s in _settled(label) if isinstance(s, Leftovers)]
        if left:
            found.append((label, max(map(features, left), key=lambda values: values["f1"])))
    names = tuple(found[0][1])
    return OpenPairs(
        names,
        np.array([[values[name] for name in names] for _, values in found]),
        np.array([label.so for label, _ in found]),
        tuple(label.family for label, _ in found),
    )


def _settled(label: Label) -> list[tuple[bool, str] | Leftovers]:
    text, asks = clean(detokenised(label.response)), wanted(label.question)
    return [settle(text, r, asks) for reference in label.references for r in readings(reference)]


def fit(pairs: OpenPairs) -> dict[str, float]:
    """Return the weights of the features as they are, and the intercept."""
    from sklearn.linear_model import LogisticRegression

    centre, spread = pairs.values.mean(axis=0), pairs.values.std(axis=0)
    spread[spread == 0] = 1.0
    model = LogisticRegression(C=STRENGTH, max_iter=5000, tol=1e-8)
    model.fit((pairs.values - centre) / spread, pairs.right)
    slopes = model.coef_[0] / spread
    intercept = float(model.intercept_[0] - slopes @ centre)
    weights = dict(zip(pairs.names, map(float, slopes), strict=True)) | {"intercept": intercept}
    return {name: round(value, 4) for name, value in weights.items()}


def cross_validated(pairs: OpenPairs) -> Array:
    """Return the probability of each pair by a model that saw no pair of its family."""
    from sklearn.model_selection import GroupKFold

    out = np.empty(len(pairs.right))
    for seen, unseen in GroupKFold(FOLDS).split(pairs.values, groups=list(pairs.families)):
        families = tuple(pairs.families[i] for i in seen)
        weights = fit(OpenPairs(pairs.names, pairs.values[seen], pairs.right[seen], families))
        slopes = np.array([weights[name] for name in pairs.names])
        out[unseen] = 1 / (1 + np.exp(-(pairs.values[unseen] @ slopes + weights["intercept"])))
    return out


def learned_from() -> list[Label]:
    """Return the labels that the weights are fitted on."""
    return [x for x in own_labels("correct", "development") if not x.id.startswith(UNSEEN)]


def main() -> None:
    """Measure, fit and write, until the weights stay: which pairs are open depends on them."""
    labels = learned_from()
    for _ in range(_ROUNDS):
        pairs = open_pairs(labels)
        made = {"labels": labels_digest(labels), "n": len(pairs.right), "weights": fit(pairs)}
        text = json.dumps(made, indent=1) + "\n"
        same = WEIGHTS.read_text(encoding="utf-8") == text
        WEIGHTS.write_text(text, encoding="utf-8")
        learned.cache_clear()
        if same:
            break
    said = cross_validated(pairs) >= ENOUGH
    hits = int((said & pairs.right).sum())
    f1 = 2 * hits / int(said.sum() + pairs.right.sum())
    agree = float((said == pairs.right).mean())
    told = f"{len(said)} of {len(labels)} pairs are open; unseen families"
    sys.stdout.write(f"{told}: agreement {agree:.3f}, F1 {f1:.3f}\n")


if __name__ == "__main__":
    main()
