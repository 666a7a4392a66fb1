"""Trees say what scikit-learn says, before and after they are written."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from iabench.grading.trees import Trees, grown, read_trees


@pytest.fixture(scope="module")
def learned() -> tuple[GradientBoostingClassifier, np.ndarray, Trees]:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 3))
    so = rows[:, 0] * rows[:, 1] > 0.2
    model = GradientBoostingClassifier(n_estimators=20, max_leaf_nodes=4, random_state=0)
    model.fit(rows, so)
    share = so.mean()
    return model, rows, grown(model, ("a", "b", "c"), math.log(share / (1 - share)))


def named(row: np.ndarray) -> dict[str, float]:
    return dict(zip("abc", map(float, row), strict=True))


def test_they_say_what_the_model_says(
    learned: tuple[GradientBoostingClassifier, np.ndarray, Trees],
) -> None:
    model, rows, trees = learned
    ours = [trees.logit(named(row)) for row in rows]
    assert ours == pytest.approx(model.decision_function(rows), abs=5e-3)


def test_what_is_not_there_is_nothing(
    learned: tuple[GradientBoostingClassifier, np.ndarray, Trees],
) -> None:
    trees = learned[2]
    assert trees.logit({"a": 1.0}) == trees.logit({"a": 1.0, "b": 0.0, "c": 0.0, "d": 7.0})


def test_what_is_written_is_read(
    learned: tuple[GradientBoostingClassifier, np.ndarray, Trees], tmp_path: Path
) -> None:
    trees = learned[2]
    file = tmp_path / "trees.json"
    file.write_text(json.dumps(trees.told()), encoding="utf-8")
    assert read_trees(file) == trees
