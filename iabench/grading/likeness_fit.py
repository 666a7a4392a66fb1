"""Fit the trees of `likeness.py` on the labelled answers; how they do on unseen families.

`python -m iabench.grading.likeness_fit` prints F1 in cross-validation over families and writes
`weights/match.json`. What the rules were written by counts less: their verdicts are better there
than anywhere else. Equal labels give equal bytes.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from iabench.grading.labels import Label, labels_digest, own_labels
from iabench.grading.leftovers_fit import UNSEEN
from iabench.grading.likeness import WEIGHTS
from iabench.grading.match import SURE, ruled, weighed_values
from iabench.grading.trees import Trees, grown

__all__ = ["Pairs", "cross_validated", "fit", "main", "pairs_of"]

TREES, RATE, LEAVES, LEAST = 200, 0.06, 8, 15
"""Chosen among a few by cross-validation over families."""
SEEN = 0.5
"""Weight of a pair that rules were written by."""
COMMON = 8
"""Pairs that a named value is in."""
FOLDS = 8

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labelled pairs: named values (n, f), labels, weights, families, the verdict of the rules."""

    names: tuple[str, ...]
    values: Array
    right: npt.NDArray[np.bool_]
    weight: Array
    families: tuple[str, ...]
    ruled: npt.NDArray[np.bool_]
    open: npt.NDArray[np.bool_]
    """Where the trees decide."""

    def some(self, at: npt.NDArray[Any]) -> Pairs:
        """Return some of them."""
        families = tuple(self.families[i] for i in at)
        cut = (self.values[at], self.right[at], self.weight[at], families)
        return Pairs(self.names, *cut, self.ruled[at], self.open[at])


def pairs_of(labels: Sequence[Label]) -> Pairs:
    """Return every labelled pair as the trees see it."""
    cases = [label.case for label in labels]
    said = [ruled(case) for case in cases]
    seen = [weighed_values(case, one) for case, one in zip(cases, said, strict=True)]
    counted = [name for values in seen for name in values]
    names = sorted(name for name in set(counted) if counted.count(name) >= COMMON)
    return Pairs(
        tuple(names),
        np.array([[values.get(name, 0.0) for name in names] for values in seen]),
        np.array([label.so for label in labels]),
        np.array([1.0 if label.id.startswith(UNSEEN) else SEEN for label in labels]),
        tuple(label.family for label in labels),
        np.array([bool(one.value) for one in said]),
        np.array([one.reason not in SURE for one in said]),
    )


def fit(pairs: Pairs) -> Trees:
    """Return the trees."""
    from sklearn.ensemble import GradientBoostingClassifier

    model = GradientBoostingClassifier(
        n_estimators=TREES,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        max_depth=None,
        min_samples_leaf=LEAST,
        max_features=0.3,
        subsample=0.6,
        random_state=0,
    )
    model.fit(pairs.values, pairs.right, sample_weight=pairs.weight)
    share = float(np.average(pairs.right, weights=pairs.weight))
    return grown(model, pairs.names, math.log(share / (1 - share)))


def cross_validated(pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Return the verdict on each pair by trees that saw no pair of its family."""
    from sklearn.model_selection import GroupKFold

    said = pairs.ruled.copy()
    for seen, unseen in GroupKFold(FOLDS).split(pairs.values, groups=list(pairs.families)):
        trees = fit(pairs.some(seen))
        for at in unseen[pairs.open[unseen]]:
            said[at] = trees.logit(dict(zip(pairs.names, pairs.values[at], strict=True))) > 0
    return said


def main() -> None:
    """Measure, fit and write."""
    labels = own_labels("correct", "development")
    pairs = pairs_of(labels)
    said = cross_validated(pairs)
    fresh = pairs.weight == 1
    for name, of in (("pairs that no rule was written by", fresh), ("the others", ~fresh)):
        before, after = (_f1(one[of], pairs.right[of]) for one in (pairs.ruled, said))
        sys.stdout.write(f"{name}: {of.sum()}; F1 by rules {before:.3f}, weighed {after:.3f}\n")
    told = {"labels": labels_digest(labels), "n": len(labels), **fit(pairs).told()}
    WEIGHTS.write_text(json.dumps(told, separators=(",", ":")) + "\n", encoding="utf-8")


def _f1(said: npt.NDArray[np.bool_], right: npt.NDArray[np.bool_]) -> float:
    return float(2 * (said & right).sum() / (said.sum() + right.sum()))


if __name__ == "__main__":
    main()
