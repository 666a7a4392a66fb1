"""A metric is two pure functions: counts of a row, and a value of summed counts.

Everything else (clusters, resampling, intervals, bounds, slices, suites) is done once, for all
metrics alike, by `iabench.metrics.estimate` over `iabench.stats`. Source of the definitions:
`docs/metrics.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from iabench.records import Expect, Outcome, Tags
from iabench.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import TypeIs

__all__ = [
    "METRICS",
    "AnyMetric",
    "CompositeMetric",
    "Metric",
    "PairMetric",
    "Row",
    "RowsMetric",
    "Unit",
    "made_from_rows",
    "made_of_pairs",
    "made_of_proportions",
]

Unit = Literal["cluster", "pair"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One probe with its outcome: the line of the ledger that metrics are made from."""

    task: str
    probe_id: str
    cluster: str
    pair: str | None
    tags: Tags
    expect: Expect
    answering_is: Literal["fabrication", "overreach"] | None
    """What an answer would be where abstaining is expected."""
    outcome: Outcome
    admitted: bool = False
    """Abstained in a way that the task accepts as admitting it."""
    separable: bool = False
    """The task's invented names can be told by their letters: not in `awareness_score`."""
    scores: tuple[tuple[str, float], ...] = ()
    """Numbers of this row that a metric may want: `rouge1`, an uncertainty score by scorer id."""


class Described(Protocol):
    """What every metric says of itself."""

    @property
    def id(self) -> str:
        """`snake_case` name."""
        ...

    @property
    def label(self) -> str:
        """A few words for people."""
        ...

    @property
    def says(self) -> str:
        """One sentence with the formula."""
        ...

    @property
    def higher_is_better(self) -> bool:
        """Direction."""
        ...

    @property
    def without(self) -> str:
        """Why there is no value where there is none."""
        ...


@runtime_checkable
class Metric(Described, Protocol):
    """A rate over rows.

    `cells` and `value` are pure; `value` is vectorised over leading axes: sums of shape
    (..., len(cell_names)) give values of shape (...), NaN where the denominator is empty.
    """

    @property
    def unit(self) -> Unit:
        """What is resampled: the probe's cluster, or the pair of twins."""
        ...

    @property
    def proportion(self) -> bool:
        """True for a yes/no a probe, which gets a Wilson interval; its cells are (yes, probes)."""
        ...

    @property
    def cell_names(self) -> tuple[str, ...]:
        """Names of the counts."""
        ...

    def cells(self, row: Row) -> tuple[float, ...] | None:
        """Return the counts of one decided row, or None where the row is not the metric's."""
        ...

    def n(self, sums: NDArray[Any]) -> NDArray[np.float64]:
        """Return the denominators: probes that the value is over."""
        ...

    def value(self, sums: NDArray[Any]) -> NDArray[np.float64]:
        """Return the values, NaN where there is none."""
        ...


@runtime_checkable
class CompositeMetric(Metric, Protocol):
    """A metric that is a function of proportions, and so has an end where they have theirs."""

    @property
    def components(self) -> tuple[tuple[int, int], ...]:
        """Positions in the cells of (numerator, denominator) of each proportion."""
        ...

    @property
    def suite_of_components(self) -> bool:
        """A suite's value is over the tasks' mean proportions, not the mean of their values."""
        ...

    def combine(self, rates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values (...) of proportions (..., components); NaN: that one has no probe."""
        ...


@runtime_checkable
class PairMetric(Metric, Protocol):
    """A metric whose cells are those of a whole pair of twins.

    `cells` gives what `of_pairs` needs of a row; only matched pairs come to it.
    """

    def of_pairs(
        self, sums: NDArray[np.float64], unsettled: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return (..., len(cell_names)) cells of pairs from sums over their decided rows.

        Args:
            sums: what `cells` gave, summed by pair.
            unsettled: (...) whether rows of the pair are undecided.
        """
        ...


@runtime_checkable
class RowsMetric(Described, Protocol):
    """A metric that no sum gives (AUROC, AURC): made from weighted rows."""

    def takes(self, row: Row) -> bool:
        """Return whether a decided row is the metric's."""
        ...

    def value(self, rows: Sequence[Row], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values (...) under weights (..., rows), NaN where there is none."""
        ...


AnyMetric = Metric | RowsMetric


# Asked thousands of times: `isinstance` of a protocol takes some 40 us, an attribute nearly none.
def made_from_rows(metric: AnyMetric) -> TypeIs[RowsMetric]:
    """Return whether a metric is made from weighted rows, not from sums."""
    return hasattr(metric, "takes")


def made_of_proportions(metric: AnyMetric) -> TypeIs[CompositeMetric]:
    """Return whether a metric is a function of several proportions."""
    return hasattr(metric, "combine")


def made_of_pairs(metric: AnyMetric) -> TypeIs[PairMetric]:
    """Return whether a metric counts whole pairs."""
    return hasattr(metric, "of_pairs")


METRICS: Registry[type[Metric]] = Registry("metrics", "metric")
