"""Rates corrected for the errors of who judged: Rogan and Gladen, and by labels of the run itself.

    Rogan and Gladen (American Journal of Epidemiology 107, 1978)

        true rate = (apparent rate - (1 - specificity) x share that was judged)
                    / (sensitivity + specificity - 1)

    by labels of the run (PPI++: Angelopoulos, Duchi and Zrnic, arXiv 2311.01453)

        true rate = sum over strata of  share of the stratum x labelled rate within it

A stratum fixes the verdict, and the labels are a part of what was judged. The power-tuned weight of
PPI++ is then the regression of label on verdict, which for verdicts of few values is exactly the
mean over strata. In this form every part is a proportion with a Wilson interval of its own, which
holds where a labelled sample contains no error of the judge, and resampling has nothing to draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iabench.stats.intervals import at_wilson_ends, wilson

__all__ = [
    "LEAST_YOUDEN",
    "Apparent",
    "Corrected",
    "Share",
    "Stratum",
    "by_labels",
    "rogan_gladen",
    "true_rate",
]

Floats = NDArray[np.float64]

LEAST_YOUDEN = 0.3
"""Lower bound of sensitivity + specificity - 1 under which a judge is too weak to be corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A proportion and the effective number that it is over."""

    value: float
    n: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Apparent:
    """The rate of one task as it was judged."""

    rate: Share
    judged: float = 1.0
    """Share of the denominator that a judge was asked about; the rest is known to be no hit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Answers with one verdict: how many of all they are, and what labels say of them."""

    share: float
    labelled: Share | None
    """Rate of hits among the labelled, over a number of infinity where no label is needed; None
    where nothing was labelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A corrected rate, or why there is none."""

    value: float | None
    lo: float | None = None
    hi: float | None = None
    reason: str = ""


def true_rate(
    apparent: Floats,
    judged: Floats,
    *,
    sensitivity: Floats | float,
    specificity: Floats | float,
) -> Floats:
    """Return mean rates (...) over tasks from apparent rates (..., tasks), not clipped.

    Args:
        apparent: rates as they were judged.
        judged: shares of the denominators that were judged, same shape or (tasks).
        sensitivity: (...).
        specificity: (...).
    """
    found, rejected = np.asarray(sensitivity), np.asarray(specificity)
    wrongly = (1 - rejected)[..., None] * judged
    # Ends of sensitivity and specificity may lie together where no detector would be used.
    power = np.maximum(found + rejected - 1, LEAST_YOUDEN / 2)
    return np.asarray(((apparent - wrongly) / power[..., None]).mean(-1))


def rogan_gladen(
    tasks: Sequence[Apparent], *, sensitivity: Share, specificity: Share, level: float
) -> Corrected:
    """Return the mean rate over tasks, corrected for errors that are the same in all of them.

    The interval carries the error of the rates and of sensitivity and specificity together
    (`intervals.at_wilson_ends`). A rate that would lie outside [0, 1] is clipped, and the reason
    says so: the judge errs less here than where it was measured. Then the interval reaches to the
    end that it would have if the judge did not err at all.

    Args:
        tasks: rates as they were judged; at least one.
        sensitivity: of the judge, from labels that are no part of the run.
        specificity: likewise.
        level: nominal coverage.
    """
    known = np.array([sensitivity.value, specificity.value])
    known_n = np.array([sensitivity.n, specificity.n])
    ends = wilson(known, known_n, level)
    youden, _ = at_wilson_ends(lambda r: r[..., 0] + r[..., 1] - 1, known, ends, np.eye(2))
    if youden < LEAST_YOUDEN:
        return Corrected(
            value=None,
            reason=f"the detector's errors are too many or too little known to correct for: "
            f"sensitivity + specificity - 1 may be {youden:.2f}",
        )
    judged = np.array([task.judged for task in tasks])

    def raw(rates: Floats) -> Floats:
        apparent, found, rejected = rates[..., :-2], rates[..., -2], rates[..., -1]
        return true_rate(apparent, judged, sensitivity=found, specificity=rejected)

    rates = np.array([*(task.rate.value for task in tasks), *known])
    n = np.array([*(task.rate.n for task in tasks), *known_n])
    value = float(raw(rates))
    lo, hi = at_wilson_ends(raw, rates, wilson(rates, n, level), np.eye(len(rates)))
    if 0 <= value <= 1:
        return _clipped(value, lo, hi, "")
    ends = wilson(rates[:-2], n[:-2], level)
    least, most = at_wilson_ends(lambda r: r.mean(-1), rates[:-2], ends, np.eye(len(tasks)))
    return _clipped(value, min(lo, least), max(hi, most), f"clipped: {value:.3f} before")


def by_labels(tasks: Sequence[Sequence[Stratum]], n: Sequence[float], *, level: float) -> Corrected:
    """Return the mean rate over tasks, each from its strata and the labels within them.

    The way to each end is the length of the ways that single parts take it there, each to its own
    Wilson end (recovery of variance estimates, Zou and Donner, Statistics in Medicine 27, 2008):
    the labelled rate of every stratum, and for every task the shares of the strata themselves.

    Args:
        tasks: the strata of each task; at least one task, and shares that sum to 1 in each.
        n: effective number of probes of each task.
        level: nominal coverage.
    """
    values, below, above = [], [], []
    for strata, probes in zip(tasks, n, strict=True):
        there = [s for s in strata if s.share > 0]
        if any(s.labelled is None for s in there):
            return Corrected(value=None, reason="a part of the answers has no labels")
        found = [(s.share, s.labelled) for s in there if s.labelled is not None]
        share = np.array([share for share, _ in found])
        rate = np.array([label.value for _, label in found])
        exact = np.isinf([label.n for _, label in found])
        ends = wilson(rate, np.array([min(label.n, 1e12) for _, label in found]), level)
        lo, hi = (np.where(exact, rate, end) for end in ends)
        value = float(share @ rate)
        # Were the labels all known, the rate would be one over this many probes.
        between = max(float(share @ rate**2) - value**2, 1e-12)
        worth = max(probes, probes * value * (1 - value) / between)
        low, high = wilson(np.array([value]), np.array([worth]), level)
        values.append(value)
        below.append(np.append(share * (rate - lo), value - low[0]))
        above.append(np.append(share * (hi - rate), high[0] - value))
    mean = float(np.mean(values))
    reach = [
        float(np.sqrt((np.concatenate(way) ** 2).sum())) / len(tasks) for way in (below, above)
    ]
    return _clipped(mean, mean - reach[0], mean + reach[1], "")


def _clipped(value: float, lo: float, hi: float, reason: str) -> Corrected:
    value, lo, hi = (min(max(float(x), 0.0), 1.0) for x in (value, lo, hi))
    return Corrected(value=value, lo=min(lo, value), hi=max(hi, value), reason=reason)
