"""Each method against one of them: paired differences over all models and seeds, Holm over rows.

The answers of two methods to the same questions of the same model and seed are paired
(`iabench.metrics.difference`), entities of every cell apart. With several models the interval is
that of a two-level bootstrap, models and seeds within models, and a difference counts only where it
has one sign in every model: what holds for one model need not hold for another.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from iabench.metrics.abstention import OverRefusalRate, RefusalAccuracy
from iabench.metrics.answering import AED, Accuracy
from iabench.metrics.awareness import AwarenessScore
from iabench.metrics.base import AnyMetric, Row
from iabench.metrics.difference import differences
from iabench.metrics.finetuning import FinetuningAccuracy
from iabench.metrics.joint import pair
from iabench.records import Difference
from iabench.rng import stream
from iabench.stats.intervals import percentile
from iabench.stats.multiple import holm
from iabench.studies.sets import MIX, task_of

if TYPE_CHECKING:
    from iabench.studies.assemble import Asked

__all__ = ["COMPARED", "differences_of", "two_level"]

COMPARED = (
    "refusal_accuracy", "accuracy", "over_refusal_rate", "finetuning_accuracy", "awareness_score",
    *(f"{name}.aed" for name in MIX),
)  # fmt: skip
"""Figures that rows are compared by; the first is the one of the table."""

_METRICS: tuple[AnyMetric, ...] = (
    RefusalAccuracy(), Accuracy(), OverRefusalRate(), FinetuningAccuracy(), AwarenessScore(), AED(),
)  # fmt: skip
_BOTH = "both"
_DRAWS = 2000
_SURE = 0.05

Found = dict[str, dict[str, Any]]


def differences_of(
    by_method: Mapping[str, Sequence[Asked]], against: str, *, known: str, level: float
) -> dict[str, Found]:
    """Return, by method and figure, its difference from `against`: method - against.

    Args:
        by_method: the cells of each.
        against: the method that all are compared with.
        known: the set that accuracy is over.
        level: nominal coverage.
    """
    other = {one.cell.at: one for one in by_method[against] if one.made}
    found: dict[str, Found] = {}
    for name, mine in by_method.items():
        both = [(one, other[one.cell.at]) for one in mine if one.made and one.cell.at in other]
        if name != against and both:
            found[name] = _compared(both, known=known, level=level)
    for figure in COMPARED:
        rows = [row[figure] for row in found.values() if row.get(figure, {}).get("p") is not None]
        for row, p in zip(rows, holm([row["p"] for row in rows]), strict=True):
            row["p_adjusted"] = p
    for row in found.values():
        for one in row.values():
            one["verdict"] = _verdict(one)
    return found


def two_level(by_model: Sequence[Sequence[float]], level: float) -> tuple[float, float]:
    """Return the interval of a mean of differences, resampled by models and seeds within them.

    Args:
        by_model: differences of cells, a sequence a model.
        level: nominal coverage.
    """
    import numpy as np

    chance = stream(0, "two-level")
    draws = np.empty(_DRAWS)
    for at in range(_DRAWS):
        models = chance.integers(0, len(by_model), len(by_model))
        draws[at] = np.mean(
            [np.mean(chance.choice(np.asarray(by_model[m]), len(by_model[m]))) for m in models]
        )
    return percentile(draws, level)


def _compared(both: Sequence[tuple[Asked, Asked]], *, known: str, level: float) -> Found:
    places = {
        "refusal_accuracy": task_of("unknown_same"),
        "accuracy": task_of(known),
        "over_refusal_rate": task_of(known),
        "finetuning_accuracy": task_of("facts_trained"),
        "awareness_score": _BOTH,
        **{f"{name}.aed": task_of(name) for name in MIX},
    }
    pooled = _differences(both, places, level)
    models = sorted({one.cell.model for one, _ in both})
    found = {figure: _said(pooled[figure]) for figure in COMPARED if figure in pooled}
    if len(models) == 1:
        return found
    cells = {at: _differences([two], places, level) for two in both for at in [two[0].cell.at]}
    for figure, one in found.items():
        values = [
            [
                float(cell[figure].value or 0.0)
                for (m, _), cell in cells.items()
                if m == model and figure in cell and cell[figure].value is not None
            ]
            for model in models
        ]
        if all(values):
            one["value"] = round(statistics.fmean(statistics.fmean(some) for some in values), 6)
            one["lo"], one["hi"] = (round(end, 6) for end in two_level(values, level))
            one["by_model"] = [round(statistics.fmean(some), 6) for some in values]
            one["interval"] = "two-level-bootstrap"
    return found


def _differences(
    both: Sequence[tuple[Asked, Asked]], places: Mapping[str, str], level: float
) -> dict[str, Difference]:
    """Return the differences that there are, by figure."""
    tasks = {task for task in places.values() if task != _BOTH}
    paired = pair(
        [row for _, other in both for row in _some(other, tasks)],
        [row for one, _ in both for row in _some(one, tasks)],
    )
    twins = [places["accuracy"], places["refusal_accuracy"]]
    made = differences(
        paired,
        metrics=_METRICS,
        suites={_BOTH: twins},
        headline=_BOTH,
        level=level,
        seed=0,
        draws=_DRAWS,
        defines={task_of("facts_trained"): ["finetuning_accuracy"]},
        family=(),
        keys=(),
    )
    figures = {(figure.rpartition(".")[2], task): figure for figure, task in places.items()}
    return {
        figures[one.metric, one.task]: one
        for one in made
        if (one.metric, one.task) in figures and one.slice == "all" and one.value is not None
    }


def _some(one: Asked, tasks: set[str]) -> list[Row]:
    return [row for row in one.rows if row.task in tasks]


def _said(one: Difference) -> dict[str, Any]:
    return {
        "value": one.value,
        "lo": one.lo,
        "hi": one.hi,
        "p": one.p,
        "p_adjusted": None,
        "test": one.test,
        "interval": one.method,
        "detectable": one.detectable,
        "n": one.n,
        "higher_is_better": one.higher_is_better,
    }


def _verdict(one: Mapping[str, Any]) -> str:
    """Return `better`, `worse` or `not told apart`: interval, test and every model must agree."""
    lo, hi, p = one["lo"], one["hi"], one["p_adjusted"]
    if lo is None or hi is None or lo <= 0 <= hi or p is None or p >= _SURE:
        return "not told apart"
    if any((value > 0) != (lo > 0) or not value for value in one.get("by_model", ())):
        return "not told apart"
    return "better" if (lo > 0) == one["higher_is_better"] else "worse"
