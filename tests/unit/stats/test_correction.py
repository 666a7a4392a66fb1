"""Corrected rates: hand values, and how often their intervals hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from iabench.rng import Dice
from iabench.stats.correction import (
    LEAST_YOUDEN,
    Apparent,
    Corrected,
    Share,
    Stratum,
    by_labels,
    rogan_gladen,
    true_rate,
)
from iabench.stats.intervals import effective_n, wilson
from iabench.stats.sampling import allocate, systematic

MANY = 1e9
KNOWN = {"sensitivity": Share(value=0.9, n=MANY), "specificity": Share(value=0.8, n=MANY)}


def apparent(value: float, n: float = 100, judged: float = 1.0) -> Apparent:
    return Apparent(rate=Share(value=value, n=n), judged=judged)


def inside(found: Corrected, truth: float) -> bool:
    assert found.lo is not None
    assert found.hi is not None
    return found.lo <= truth <= found.hi


# -- Rogan and Gladen --------------------------------------------------------------------------


def test_rogan_gladen_by_hand() -> None:
    # .9 x .5 + .2 x .5 = .55 is what a judge with these errors says of a true rate of one half.
    found = rogan_gladen([apparent(0.55)], **KNOWN, level=0.95)
    assert found.value == pytest.approx(0.5)
    assert found.reason == ""
    # With known errors the interval is that of the apparent rate, stretched by 1 / .7.
    lo, hi = wilson(np.array([0.55]), np.array([100.0]), 0.95)
    assert found.lo == pytest.approx((lo[0] - 0.2) / 0.7, abs=1e-4)
    assert found.hi == pytest.approx((hi[0] - 0.2) / 0.7, abs=1e-4)


def test_what_nobody_judged_is_never_a_false_hit() -> None:
    # A tenth was empty: of the rest 5/9 abstain, .9 x .5 + .2 x .4 = .53.
    found = rogan_gladen([apparent(0.53, judged=0.9)], **KNOWN, level=0.95)
    assert found.value == pytest.approx(0.5)


def test_a_suite_is_the_mean_of_its_tasks() -> None:
    found = rogan_gladen([apparent(0.55), apparent(0.76)], **KNOWN, level=0.95)
    assert found.value == pytest.approx((0.5 + 0.8) / 2)
    one = rogan_gladen([apparent(0.55)], **KNOWN, level=0.95)
    assert found.hi is not None
    assert one.hi is not None
    assert one.value is not None
    assert found.value is not None
    assert found.hi - found.value < one.hi - one.value


def test_a_rate_beyond_the_possible_is_clipped_and_says_so() -> None:
    found = rogan_gladen([apparent(0.1)], **KNOWN, level=0.95)
    assert found.value == 0.0
    assert found.reason == "clipped: -0.143 before"
    # The judge errs less here than where it was measured: its own word bounds the rate.
    _, hi = wilson(np.array([0.1]), np.array([100.0]), 0.95)
    assert found.lo == 0.0
    assert found.hi == pytest.approx(hi[0])
    top = rogan_gladen([apparent(1.0)], **KNOWN, level=0.95)
    assert (top.value, top.hi) == (1.0, 1.0)
    assert top.lo is not None
    assert top.lo < 1
    assert top.reason.startswith("clipped: 1.143")


def test_uncertain_errors_widen_the_interval() -> None:
    sure = rogan_gladen([apparent(0.55)], **KNOWN, level=0.95)
    errors = {"sensitivity": Share(value=0.9, n=40), "specificity": Share(value=0.8, n=40)}
    unsure = rogan_gladen([apparent(0.55)], **errors, level=0.95)
    assert unsure.value == sure.value
    assert sure.lo is not None
    assert unsure.lo is not None
    assert unsure.lo < sure.lo - 0.05


@pytest.mark.parametrize(("sensitivity", "n"), [(0.45, MANY), (0.75, 18)])
def test_no_value_where_the_judge_is_too_weak_or_too_little_known(
    sensitivity: float, n: float
) -> None:
    errors = {"sensitivity": Share(value=sensitivity, n=n), "specificity": Share(value=0.8, n=n)}
    found = rogan_gladen([apparent(0.5)], **errors, level=0.95)
    assert (found.value, found.lo, found.hi) == (None, None, None)
    assert "sensitivity + specificity - 1 may be 0.2" in found.reason


def test_the_border_is_at_the_lower_end_not_at_the_value() -> None:
    errors = {"specificity": Share(value=1 - 1e-12, n=MANY)}
    for sensitivity, there in ((LEAST_YOUDEN + 0.001, True), (LEAST_YOUDEN - 0.001, False)):
        share = Share(value=sensitivity, n=MANY)
        found = rogan_gladen([apparent(0.2)], sensitivity=share, **errors, level=0.95)
        assert (found.value is not None) is there


def test_true_rate_is_vectorised_and_not_clipped() -> None:
    rates = np.array([[0.55, 0.76], [0.1, 0.1]])
    found = true_rate(rates, np.ones(2), sensitivity=0.9, specificity=0.8)
    assert found == pytest.approx([0.65, -0.1 / 0.7])


@pytest.mark.parametrize("truth", [0.02, 0.5, 0.98])
@pytest.mark.parametrize("clustered", [False, True])
def test_rogan_gladen_holds_the_truth(truth: float, clustered: bool) -> None:
    sensitivity, specificity, draws = 0.88, 0.94, 300
    chance = np.random.default_rng([17, round(100 * truth), clustered])
    held = 0
    for _ in range(draws):
        rate = _measured(chance, truth * sensitivity + (1 - truth) * (1 - specificity), 300, False)
        held += inside(
            rogan_gladen(
                [Apparent(rate=rate)],
                sensitivity=_measured(chance, sensitivity, 300, clustered),
                specificity=_measured(chance, specificity, 300, clustered),
                level=0.95,
            ),
            truth,
        )
    # .95 give or take two and a half standard errors of 300 draws; a little more is no fault.
    assert 0.92 <= held / draws <= 0.99


def _measured(chance: np.random.Generator, rate: float, n: int, clustered: bool) -> Share:
    """Return a rate measured on n responses, in families of 5 with correlation .3 or alone."""
    size = 5 if clustered else 1
    shares = np.full(n // size, rate)
    if clustered:
        shares = chance.beta(rate * 0.7 / 0.3, (1 - rate) * 0.7 / 0.3, n // size)
    hits = chance.binomial(size, shares)
    return Share(value=hits.sum() / n, n=float(effective_n(hits, np.full(n // size, size))))


# -- labels of the run -------------------------------------------------------------------------


def test_by_labels_by_hand() -> None:
    strata = [
        Stratum(share=0.6, labelled=Share(value=0.9, n=50)),
        Stratum(share=0.3, labelled=Share(value=0.1, n=50)),
        Stratum(share=0.1, labelled=Share(value=0.0, n=math.inf)),
    ]
    found = by_labels([strata], [200.0], level=0.95)
    assert found.value == pytest.approx(0.57)
    assert inside(found, 0.57)


def test_all_labelled_and_agreeing_is_an_ordinary_proportion() -> None:
    strata = [
        Stratum(share=0.3, labelled=Share(value=1.0, n=math.inf)),
        Stratum(share=0.7, labelled=Share(value=0.0, n=math.inf)),
    ]
    found = by_labels([strata], [80.0], level=0.9)
    lo, hi = wilson(np.array([0.3]), np.array([80.0]), 0.9)
    assert found.lo == pytest.approx(lo[0])
    assert found.hi == pytest.approx(hi[0])


def test_a_stratum_that_nobody_labelled_gives_no_value_unless_it_is_empty() -> None:
    labelled = Stratum(share=0.8, labelled=Share(value=0.5, n=20))
    open_ = by_labels([[labelled, Stratum(share=0.2, labelled=None)]], [100.0], level=0.95)
    assert (open_.value, open_.reason) == (None, "a part of the answers has no labels")
    whole = Stratum(share=1.0, labelled=Share(value=0.5, n=20))
    empty = by_labels([[whole, Stratum(share=0.0, labelled=None)]], [100.0], level=0.95)
    assert empty.value == 0.5


def test_the_mean_of_two_tasks_is_known_better_than_either() -> None:
    task = [Stratum(share=1.0, labelled=Share(value=0.5, n=40))]
    one = by_labels([task], [100.0], level=0.95)
    two = by_labels([task, task], [100.0, 100.0], level=0.95)
    assert one.hi is not None
    assert two.hi is not None
    assert (two.hi - 0.5) == pytest.approx((one.hi - 0.5) / math.sqrt(2))


def test_ends_stay_within_the_possible() -> None:
    task = [Stratum(share=1.0, labelled=Share(value=1.0, n=5))]
    found = by_labels([task], [6.0], level=0.95)
    assert found.hi == 1.0
    assert found.lo is not None
    assert 0 <= found.lo < 1


@pytest.mark.parametrize(
    ("truth", "correlation"), [(0.02, 0.0), (0.06, 0.4), (0.5, 0.4), (0.94, 0.0), (0.98, 0.4)]
)
def test_a_sample_stratified_by_disagreement_holds_the_truth(
    truth: float, correlation: float
) -> None:
    draws = 250
    chance = np.random.default_rng([23, round(100 * truth)])
    held = sum(inside(_labelled_run(chance, i, truth, correlation), truth) for i in range(draws))
    assert 0.915 <= held / draws <= 0.992


def _labelled_run(
    chance: np.random.Generator, seed: int, truth: float, correlation: float
) -> Corrected:
    """Return the rate of a run of 400 answers in pairs, 120 of them labelled.

    Two detectors judged, the first of which counts; the real sampler draws more densely where they
    disagree.
    """
    clusters = 200
    odds = (1 - correlation) / correlation if correlation else math.inf
    shares = (
        chance.beta(truth * odds, (1 - truth) * odds, clusters)
        if correlation
        else np.full(clusters, truth)
    )
    so = (chance.random((clusters, 2)) < shares[:, None]).ravel()
    cluster = np.repeat(np.arange(clusters), 2)
    said = np.where(so, chance.random(400) < 0.9, chance.random(400) < 0.07)
    other = np.where(so, chance.random(400) < 0.85, chance.random(400) < 0.15)
    group = 2 * said + (said != other)
    strata: list[Stratum] = []
    places = [np.flatnonzero(group == one).tolist() for one in np.unique(group)]
    weights = [2.0 if one % 2 else 1.0 for one in np.unique(group)]
    for at, some in zip(places, allocate([len(p) for p in places], weights, 120), strict=True):
        drawn = systematic(at, [str(cluster[i]) for i in at], some, Dice(seed, len(strata)))
        hits, sizes = np.zeros(clusters), np.zeros(clusters)
        np.add.at(hits, cluster[drawn], so[drawn])
        np.add.at(sizes, cluster[drawn], 1)
        there = sizes > 0
        worth = float(effective_n(hits[there], sizes[there]))
        share = Share(value=hits.sum() / sizes.sum(), n=worth)
        strata.append(Stratum(share=len(at) / 400, labelled=share))
    judged = said.reshape(clusters, 2).sum(1)
    return by_labels([strata], [float(effective_n(judged, np.full(clusters, 2)))], level=0.95)
