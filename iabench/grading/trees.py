"""Boosted decision trees as plain lists: learned with scikit-learn, applied without it.

The sum of what each tree says of a row of named values is the logit of a probability (Friedman
2001). The file is JSON: names, a bias, and of each tree five lists, one entry a node.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Tree", "Trees", "grown", "read_trees"]

_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One tree: node 0 is its root; a node without children is a leaf."""

    feature: tuple[int, ...]
    """The place of the value that a node asks about; -1 in a leaf."""
    threshold: tuple[float, ...]
    """A value that is not above it goes left."""
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    """What a leaf adds to the logit."""

    def says(self, row: Sequence[float]) -> float:
        """Return what the tree adds for one row."""
        node = 0
        while self.feature[node] >= 0:
            low = row[self.feature[node]] <= self.threshold[node]
            node = self.left[node] if low else self.right[node]
        return self.value[node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Boosted trees over named values."""

    names: tuple[str, ...]
    bias: float
    trees: tuple[Tree, ...]

    def logit(self, values: Mapping[str, float]) -> float:
        """Return the logit of the probability; a value that is not there is 0."""
        row = [values.get(name, 0.0) for name in self.names]
        return self.bias + sum(tree.says(row) for tree in self.trees)

    def told(self) -> dict[str, Any]:
        """Return what is written as JSON."""
        listed = [
            {name: list(getattr(tree, name)) for name in Tree.__slots__} for tree in self.trees
        ]
        return {"names": list(self.names), "bias": self.bias, "trees": listed}


def grown(model: Any, names: Sequence[str], bias: float) -> Trees:
    """Return the trees of a fitted scikit-learn `GradientBoostingClassifier` of two classes.

    Args:
        model: the fitted model.
        names: of its columns, in order.
        bias: the logit that boosting began with.
    """
    found = []
    for one in model.estimators_[:, 0]:
        tree = one.tree_
        nodes = zip(tree.children_left, tree.feature, strict=True)
        found.append(
            Tree(
                feature=tuple(int(f) if child >= 0 else -1 for child, f in nodes),
                threshold=_rounded(tree.threshold),
                left=tuple(map(int, tree.children_left)),
                right=tuple(map(int, tree.children_right)),
                value=_rounded(tree.value[:, 0, 0] * model.learning_rate),
            )
        )
    return Trees(names=tuple(names), bias=round(bias, _DIGITS), trees=tuple(found))


def _rounded(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(float(value), _DIGITS) for value in values)


def read_trees(path: Path) -> Trees:
    """Return the trees in a JSON file."""
    told = json.loads(path.read_text(encoding="utf-8"))
    trees = (Tree(**{name: tuple(one[name]) for name in Tree.__slots__}) for one in told["trees"])
    return Trees(names=tuple(told["names"]), bias=told["bias"], trees=tuple(trees))
