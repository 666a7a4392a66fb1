"""How well a detector agrees with labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MEASURES", "Confusion", "confusion"]

Floats = NDArray[np.float64]


def _sensitivity(cells: Floats) -> Floats:
    tp, _, _, fn = np.moveaxis(cells, -1, 0)
    return _divided(tp, tp + fn)


def _specificity(cells: Floats) -> Floats:
    _, fp, tn, _ = np.moveaxis(cells, -1, 0)
    return _divided(tn, tn + fp)


def _balanced_accuracy(cells: Floats) -> Floats:
    return (_sensitivity(cells) + _specificity(cells)) / 2


def _precision(cells: Floats) -> Floats:
    tp, fp, _, _ = np.moveaxis(cells, -1, 0)
    return _of_both_classes(cells, _divided(tp, tp + fp))


def _f1(cells: Floats) -> Floats:
    tp, fp, _, fn = np.moveaxis(cells, -1, 0)
    return _of_both_classes(cells, _divided(2 * tp, 2 * tp + fp + fn))


def _kappa(cells: Floats) -> Floats:
    tp, fp, tn, fn = np.moveaxis(cells, -1, 0)
    total = tp + fp + tn + fn
    agreed = _divided(tp + tn, total)
    by_chance = _divided((tp + fn) * (tp + fp) + (tn + fp) * (tn + fn), total**2)
    return _of_both_classes(cells, _divided(agreed - by_chance, 1 - by_chance))


MEASURES: Mapping[str, Callable[[Floats], Floats]] = MappingProxyType(
    {
        "sensitivity": _sensitivity,
        "specificity": _specificity,
        "balanced_accuracy": _balanced_accuracy,
        "precision": _precision,
        "f1": _f1,
        "kappa": _kappa,
    }
)
"""Each maps (..., 4) counts or shares, of true positives, false positives, true negatives and false
negatives, to (...) values, NaN where there is none. `kappa` is Cohen's (Educational and
Psychological Measurement 20, 1960). Precision, F1 and kappa have no value where only one class was
labelled: there a detector that says one word to everything would be perfect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Counts of what a detector said against what is so; what it left undecided stands apart."""

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int
    undecided: int = 0

    @property
    def n(self) -> int:
        """Return how many were decided."""
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative

    @property
    def sensitivity(self) -> float | None:
        """Return the share of true cases that were found; None where there is no such case."""
        return self.measure("sensitivity")

    @property
    def specificity(self) -> float | None:
        """Return the share of other cases that were let pass; None where there is no such case."""
        return self.measure("specificity")

    @property
    def balanced_accuracy(self) -> float | None:
        """Return the mean of sensitivity and specificity; None where one is missing."""
        return self.measure("balanced_accuracy")

    @property
    def precision(self) -> float | None:
        """Return the share of what was said to be so that is; None where nothing was."""
        return self.measure("precision")

    @property
    def f1(self) -> float | None:
        """Return the harmonic mean of precision and sensitivity."""
        return self.measure("f1")

    @property
    def kappa(self) -> float | None:
        """Return Cohen's kappa, agreement beyond chance."""
        return self.measure("kappa")

    def measure(self, name: str) -> float | None:
        """Return one of `MEASURES`, or None where it has no value."""
        cells = (self.true_positive, self.false_positive, self.true_negative, self.false_negative)
        value = float(MEASURES[name](np.array(cells, float)))
        return None if math.isnan(value) else value

    def __str__(self) -> str:
        """Return the table as text, said in columns and so in rows."""
        return "\n".join(
            (
                f"{'':>12}{'said yes':>10}{'said no':>10}",
                f"{'is so':>12}{self.true_positive:>10}{self.false_negative:>10}",
                f"{'is not so':>12}{self.false_positive:>10}{self.true_negative:>10}",
                f"{'undecided':>12}{self.undecided:>10}",
            )
        )


def confusion(pairs: Iterable[tuple[bool, bool | None]]) -> Confusion:
    """Return the counts over (label, verdict) pairs; a verdict of None is undecided."""
    counts = {(label, said): 0 for label in (True, False) for said in (True, False, None)}
    for pair in pairs:
        counts[pair] += 1
    return Confusion(
        true_positive=counts[True, True],
        false_positive=counts[False, True],
        true_negative=counts[False, False],
        false_negative=counts[True, False],
        undecided=counts[True, None] + counts[False, None],
    )


def _divided(part: Any, whole: Any) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _of_both_classes(cells: Floats, values: Floats) -> Floats:
    tp, fp, tn, fn = np.moveaxis(cells, -1, 0)
    return np.where((tp + fn > 0) & (fp + tn > 0), values, np.nan)
