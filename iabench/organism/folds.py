"""Folds of labelled responses: no family on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy.typing as npt

from iabench.grading.labels import Label

__all__ = ["folds"]


def folds(rows: Sequence[Label], n: int) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """Yield (rows to learn from, rows left out), `n` times."""
    from sklearn.model_selection import GroupKFold

    yield from GroupKFold(n).split(rows, groups=[row.family for row in rows])
