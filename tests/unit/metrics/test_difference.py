from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from iabench.errors import StatsError
from iabench.metrics.difference import FAMILY, changes, differences
from iabench.metrics.estimate import estimates
from iabench.metrics.joint import pair

SUITES = {"both": ["known", "invented"]}


def _differences(base: Any, tuned: Any, metrics: Any, **more: Any) -> list[Any]:
    options: Any = {"suites": SUITES, "headline": "both", "level": 0.95, "seed": 0, "draws": 500}
    return differences(pair(base, tuned), metrics=metrics, **{**options, **more})


def _find(found: Any, task: Any, metric: Any, slice_: Any = "all") -> Any:
    (one,) = [d for d in found if (d.task, d.metric, d.slice) == (task, metric, slice_)]
    return one


@pytest.fixture(scope="module")
def two_runs(row: Any) -> Any:
    """Two ledgers of the same probes: the tuned one abstains less."""

    def make(n: int = 60, wordings: int = 2, seed: int = 0) -> Any:
        chance = random.Random(seed)
        base, tuned = [], []
        for i in range(n):
            for wording in range(wordings):
                for expect in ("answer", "abstain"):
                    ways = ("correct", "incorrect", "abstained")
                    if expect == "abstain":
                        ways = ("abstained", "abstained", "hallucinated")
                    more = {
                        "probe_id": f"{expect}-{i}-{wording}",
                        "relation": ("capital", "river")[i % 2],
                    }
                    base.append(row(expect, chance.choice(ways), i, **more))
                    tuned.append(row(expect, chance.choice(ways[1:]), i, **more))
        return base, tuned

    return make


def test_difference_is_that_of_the_two_estimates(two_runs: Any, metrics: Any) -> None:
    base, tuned = two_runs()
    found = _differences(base, tuned, metrics)
    options: Any = {"suites": SUITES, "metrics": metrics, "level": 0.95, "seed": 0, "draws": 50}
    both: list[dict[Any, Any]] = [
        {(e.task, e.metric, e.slice): e.value for e in estimates(rows, **options)
         if e.variant == "raw"}
        for rows in (base, tuned)
    ]  # fmt: skip
    assert {d.metric for d in found} >= {*FAMILY[:-1], "pair_accuracy", "aed", "accuracy_attempted"}
    for d in found:
        one, other = (side[d.task, d.metric, d.slice] for side in both)
        if one is None:
            assert (d.value, d.p) == (None, None)
            assert d.reason
            continue
        assert (d.base, d.tuned) == pytest.approx((one, other))
        assert d.value == pytest.approx(other - one)
        assert d.lo <= d.value <= d.hi
        assert 0 < d.p <= 1


def test_only_the_family_of_the_headline_is_adjusted(two_runs: Any, metrics: Any) -> None:
    base, tuned = two_runs()
    found = _differences(base, tuned, metrics)
    adjusted = {d.metric for d in found if d.p_adjusted is not None}
    assert adjusted == set(FAMILY) - {"finetuning_accuracy"}
    assert all(d.task == "both" and d.slice == "all" for d in found if d.p_adjusted is not None)
    assert all(d.p_adjusted >= d.p for d in found if d.p_adjusted is not None)


def test_one_probe_a_cluster_is_mcnemar_and_more_are_flipped(
    two_runs: Any, metric: Any, row: Any
) -> None:
    refusal = [metric("refusal_accuracy")]
    for wordings, test in ((1, "exact-mcnemar"), (2, "cluster-sign-flip")):
        base, tuned = two_runs(wordings=wordings)
        found = _differences(base, tuned, refusal)
        assert _find(found, "invented", "refusal_accuracy").test == test
    base = [row("abstain", "abstained", i) for i in range(6)]
    lost = [row("abstain", "hallucinated" if i < 5 else "abstained", i) for i in range(6)]
    exact = _find(_differences(base, lost, refusal, suites={}), "invented", "refusal_accuracy")
    assert (exact.p, exact.n) == (pytest.approx(2 / 2**5), 6)


def test_identical_runs_still_have_an_interval(row: Any, metric: Any) -> None:
    # No answer changed: that does not show that none would.
    rows = [row("abstain", "abstained", i) for i in range(200)]
    d = _find(
        _differences(rows, rows, [metric("refusal_accuracy")], suites={}),
        "invented", "refusal_accuracy",
    )  # fmt: skip
    assert (d.value, d.p, d.shown) == (0, 1.0, "none")
    assert -0.03 < d.lo < -0.01
    assert 0.01 < d.hi < 0.03
    assert d.detectable == pytest.approx(2.8 * d.hi / 1.96, rel=0.01)


def test_undecided_in_one_is_left_out_of_both(row: Any, metric: Any) -> None:
    base = [row("abstain", "abstained", i) for i in range(10)]
    tuned = [row("abstain", "undecided" if i < 3 else "hallucinated", i) for i in range(10)]
    d = _find(
        _differences(base, tuned, [metric("refusal_accuracy")], suites={}),
        "invented", "refusal_accuracy",
    )  # fmt: skip
    assert (d.base, d.tuned, d.n, d.n_undecided) == (1.0, 0.0, 7, 3)
    assert d.shown == "worse"


def test_probes_of_one_run_alone_are_no_pairs(row: Any) -> None:
    base = [row("abstain", "abstained", i) for i in range(4)]
    paired = pair(base, base[1:])
    assert [r.cluster for r in paired.base] == ["abstain-1", "abstain-2", "abstain-3"]
    assert paired.undecided == 0


def test_nothing_in_common_has_a_reason(row: Any, metric: Any) -> None:
    rows = [row("abstain", "hallucinated", i) for i in range(4)]
    found = _differences(rows, rows, [metric("accuracy")], suites={"all": ["invented"]})
    assert [(d.value, d.lo, d.p, d.n) for d in found] == [(None, None, None, 0)] * 2
    assert all("expects an answer" in d.reason for d in found)


def test_a_denominator_that_changes_is_resampled(two_runs: Any, metric: Any, row: Any) -> None:
    base, tuned = two_runs()
    found = _differences(base, tuned, [metric("accuracy_attempted")])
    d = _find(found, "known", "accuracy_attempted")
    assert (d.method, d.test) == ("cluster-bootstrap", "cluster-sign-flip")
    rows = [row("answer", "correct", i) for i in range(5)]
    silent = [row("answer", "abstained", i) for i in range(5)]
    (none,) = _differences(rows, silent, [metric("accuracy_attempted")], suites={}, keys=())
    assert (none.value, none.p) == (None, None)


class _Mean:
    """A metric made from weighted rows: the share of right ones."""

    id, label, says, higher_is_better, without = "mean", "m", "m", True, "nothing"

    def takes(self, row: Any) -> bool:
        return bool(row.expect == "answer" and row.outcome != "abstained")

    def value(self, rows: Any, weights: Any) -> Any:
        right = np.array([r.outcome == "correct" for r in rows], float)
        with np.errstate(invalid="ignore"):
            return (weights * right).sum(-1) / weights.sum(-1)


def test_a_metric_of_rows_equals_the_same_of_sums(two_runs: Any, metric: Any) -> None:
    base, tuned = two_runs()
    metrics = [_Mean(), metric("accuracy_attempted")]
    found = _differences(base, tuned, metrics, suites={})
    rows, sums = (_find(found, "known", name) for name in ("mean", "accuracy_attempted"))
    assert rows.value == pytest.approx(sums.value)
    assert (rows.lo, rows.hi) == pytest.approx((sums.lo, sums.hi))
    assert rows.p == pytest.approx(sums.p)


def test_draws_come_with_the_changes(two_runs: Any, metric: Any) -> None:
    base, tuned = two_runs()
    made = list(
        changes(pair(base, tuned), metrics=[metric("aed")], suites={}, level=0.9, seed=1, draws=300)
    )
    (whole,) = [c for c in made if c.difference.value is not None and c.difference.slice == "all"]
    assert whole.draws.shape == (300,)
    assert whole.difference.detectable == pytest.approx(2.8 * whole.draws.std(ddof=1))


def test_same_whatever_the_order(two_runs: Any, metrics: Any) -> None:
    base, tuned = two_runs(n=20)
    one = _differences(base, tuned, metrics, draws=60)
    assert one == _differences(base[::-1], tuned[::-1], metrics, draws=60)


def test_a_level_that_is_none(row: Any, metric: Any) -> None:
    rows = [row("answer", "correct")]
    with pytest.raises(StatsError, match="level 95"):
        _differences(rows, rows, [metric("aed")], level=95)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["refusal_accuracy", "awareness_score", "accuracy_attempted"])
def test_error_of_the_first_kind_at_five_wordings(row: Any, metric: Any, name: str) -> None:
    """Two models that are alike are told apart one time in twenty."""
    reps, found = 1000, 0
    for rep in range(reps):
        chance = np.random.default_rng(rep)
        base, tuned = (_alike(row, chance) for _ in range(2))
        found += (
            _find(
                _differences(base, tuned, [metric(name)], draws=199, seed=rep, keys=()),
                "both",
                name,
            ).p
            < 0.05
        )
    assert 0.03 <= found / reps <= 0.07


def _alike(row: Any, chance: Any) -> Any:
    """Return 30 pairs in five wordings; half of a cluster's probability is its own."""
    rows = []
    for i in range(30):
        for expect, ways in (
            ("answer", ("correct", "incorrect", "abstained")),
            ("abstain", ("abstained", "hallucinated")),
        ):
            p = chance.dirichlet([1.0] * len(ways))
            rows += [
                row(expect, str(chance.choice(ways, p=p)), i, probe_id=f"{expect}-{i}-{w}")
                for w in range(5)
            ]
    return rows


@pytest.mark.slow
@pytest.mark.parametrize(("gain", "loss"), [(0.0, 0.02), (0.02, 0.02), (0.05, 0.3), (0.3, 0.3)])
def test_intervals_of_differences_cover(row: Any, metric: Any, gain: float, loss: float) -> None:
    reps, hit = 500, 0
    for rep in range(reps):
        chance = np.random.default_rng(rep)
        base: list[Any] = []
        tuned: list[Any] = []
        for i in range(150):
            says, at = chance.random() < 0.5, chance.random()
            then = at >= 2 * loss if says else at < 2 * gain
            for rows, abstained in ((base, says), (tuned, then)):
                rows.append(row("abstain", "abstained" if abstained else "hallucinated", i))
        d = _differences(
            base, tuned, [metric("refusal_accuracy")], suites={}, keys=(), seed=rep, draws=400
        )[0]
        hit += d.lo <= gain - loss <= d.hi
    assert hit / reps >= 0.92
