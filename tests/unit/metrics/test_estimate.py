from __future__ import annotations

import dataclasses
import itertools
import random
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iabench import jsonl
from iabench.errors import StatsError
from iabench.metrics.base import RowsMetric
from iabench.metrics.counts import corner_rows
from iabench.metrics.estimate import HEADLINE, estimates
from iabench.stats.intervals import wilson

KNOWN = ("correct", "incorrect", "abstained", "degenerate")
UNKNOWN = ("abstained", "hallucinated", "degenerate")
SUITES = {"both": ["known", "invented"]}


def _estimates(
    rows: Any,
    metrics: Any,
    suites: Any = SUITES,
    *,
    level: Any = 0.95,
    seed: Any = 0,
    draws: Any = 200,
    **more: Any,
) -> Any:
    return estimates(
        rows, suites=suites, metrics=metrics, level=level, seed=seed, draws=draws, **more
    )


def _find(found: Any, task: Any, metric: Any, slice_: Any = "all", variant: Any = "raw") -> Any:
    key = (task, metric, slice_, variant)
    (one,) = [e for e in found if (e.task, e.metric, e.slice, e.variant) == key]
    return one


@pytest.fixture(scope="module")
def ledger(row: Any) -> Any:
    """Some 80 pairs in two wordings, by chance, of four relations, 6 % undecided."""

    def make(seed: Any = 0, n: Any = 80, undecided: Any = 0.06) -> Any:
        chance = random.Random(seed)
        rows = []
        for i, (expect, wording) in itertools.product(
            range(n), itertools.product(("answer", "abstain"), ("plain", "held-out"))
        ):
            outcome = chance.choice(KNOWN if expect == "answer" else UNKNOWN)
            if chance.random() < undecided:
                outcome = "undecided"
            rows.append(
                row(
                    expect,
                    outcome,
                    i,
                    relation=f"r{i % 4}",
                    tags=(("wording", wording),),
                    probe_id=f"{expect}/{i}-{wording}",
                )
            )
        return rows

    return make


def test_one_estimate_a_key_sorted(ledger: Any, metrics: Any) -> None:
    found = _estimates(ledger(), metrics)
    keys = [(e.task, e.metric, e.slice, e.variant) for e in found]
    assert keys == sorted(set(keys))
    for task in ("known", "invented", "both"):
        assert {e.metric for e in found if e.task == task} == {
            m.id
            for m in metrics
            if not getattr(m, "named_only", False) and not getattr(m, "rare", False)
        }
    assert {e.slice for e in found if e.metric == "accuracy" and e.task == "known"} == {
        "all",
        *(f"relation=r{i}" for i in range(4)),
        "wording=plain",
        "wording=held-out",
    }
    assert {e.slice for e in found if e.task == "both"} == {"all"}


@settings(max_examples=5, deadline=None)
@given(order=st.randoms(use_true_random=False), seed=st.integers(0, 3))
def test_the_order_of_rows_metrics_and_suites_changes_nothing(
    order: Any, seed: Any, ledger: Any, metrics: Any
) -> None:
    rows, shuffled = ledger(seed, n=12), ledger(seed, n=12)
    others = list(metrics)
    order.shuffle(shuffled)
    order.shuffle(others)
    suites = {"both": ["invented", "known"]}
    found = _estimates(rows, metrics, draws=50)
    assert jsonl.canonical(_estimates(shuffled, others, suites, draws=50)) == jsonl.canonical(found)


def test_threads_and_hash_seeds_change_nothing(tmp_path: Any) -> None:
    script = """
import random
from iabench import jsonl
from iabench.metrics.base import METRICS, Row
from iabench.metrics.estimate import estimates
chance = random.Random(5)
rows = [
    Row(task=t, probe_id=f"{t}/{i}", cluster=f"c{i // 3}", pair=f"p{i}", tags=(("relation", f"r{i % 3}"),),
        expect="answer" if t == "a" else "abstain", answering_is=None if t == "a" else "fabrication",
        outcome=chance.choice(["correct", "incorrect"] if t == "a" else ["abstained", "hallucinated"]),
        admitted=True)
    for t in "ab" for i in range(900)
]
metrics = [METRICS.get(n)() for n in METRICS.names()]
print(jsonl.checksum(estimates(rows, suites={"s": ["a", "b"]}, metrics=metrics, level=0.95, seed=0, draws=300)))
"""
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads, seed in (("1", "0"), ("2", "7"))
    }
    assert len(said) == 1


def test_a_proportion_of_a_task_is_wilson_on_the_effective_n(row: Any, metric: Any) -> None:
    # One wording each: no design effect, so it is Wilson's own interval.
    rows = [row("answer", "correct" if i < 60 else "incorrect", i) for i in range(80)]
    found = _find(_estimates(rows, [metric("accuracy")], {}), "known", "accuracy")
    lo, hi = wilson(np.array([0.75]), np.array([80.0]), 0.95)
    assert (found.value, found.method, found.n) == (0.75, "wilson-effective-n", 80)
    # 79/80 of n: the variance between clusters is estimated.
    assert (found.lo, found.hi) == pytest.approx((lo[0], hi[0]), abs=1e-3)
    assert found.bounds == (0.75, 0.75)


def test_all_agree_is_worth_its_clusters(row: Any, metric: Any) -> None:
    rows = [row("answer", "correct", i, cluster=f"c{i % 20}") for i in range(60)]
    found = _find(_estimates(rows, [metric("accuracy")], {}), "known", "accuracy")
    assert found.lo == pytest.approx(wilson(np.array([1.0]), np.array([20.0]), 0.95)[0][0])
    assert found.hi == 1.0


def test_wordings_that_agree_add_nothing(row: Any, metric: Any) -> Any:
    def rows(wordings: Any) -> Any:
        return [
            row("answer", KNOWN[i % 2], i, probe_id=f"{i}-{w}")
            for i in range(50)
            for w in range(wordings)
        ]

    one, three = (
        _find(_estimates(rows(w), [metric("accuracy")], {}), "known", "accuracy") for w in (1, 3)
    )
    assert (one.n, three.n) == (50, 150)
    assert three.hi - three.lo == pytest.approx(one.hi - one.lo, rel=0.02)


def test_methods(ledger: Any, metrics: Any) -> None:
    many = {(e.task, e.metric): e.method for e in _estimates(ledger(n=200), metrics)}
    assert many["known", "accuracy"] == "wilson-effective-n"
    assert many["known", "aed"] == "cluster-bootstrap"
    assert many["both", "hallucination_rate"] == "cluster-bootstrap"
    assert many["both", "awareness_score"] == "cluster-bootstrap"
    # One task of the suite defines it: the number and the interval are that task's.
    assert many["both", "accuracy"] == "wilson-effective-n"
    few = {(e.task, e.metric): e.method for e in _estimates(ledger(n=20), metrics)}
    assert few["known", "aed"] == few["both", "awareness_score"] == "component-wilson-ends"
    assert few["known", "hallucination_rate"] == "wilson-effective-n"


def test_both_methods_agree_where_there_is_enough(
    ledger: Any, metric: Any, monkeypatch: Any
) -> None:
    rows, metrics = ledger(n=600), [metric("aed"), metric("awareness_score")]
    drawn = _estimates(rows, metrics, draws=4000)
    monkeypatch.setattr("iabench.metrics.parts.FEW", 10**9)
    for one, other in zip(drawn, _estimates(rows, metrics), strict=True):
        if one.method == "cluster-bootstrap" and one.slice == "all":
            assert other.method == "component-wilson-ends"
            assert (one.lo, one.hi) == pytest.approx((other.lo, other.hi), abs=0.004)


def test_the_seed_moves_the_bootstrap_and_nothing_else(ledger: Any, metrics: Any) -> None:
    for one, other in zip(
        _estimates(ledger(n=200), metrics, seed=0),
        _estimates(ledger(n=200), metrics, seed=1),
        strict=True,
    ):
        assert (one.value, one.bounds, one.method) == (other.value, other.bounds, other.method)
        assert (one == other) == (one.method != "cluster-bootstrap")


def test_a_wider_level_is_wider(ledger: Any, metrics: Any) -> None:
    narrow = _estimates(ledger(), metrics, level=0.8)
    for one, other in zip(narrow, _estimates(ledger(), metrics, level=0.99), strict=True):
        if one.lo is not None and one.method != "range":
            assert other.lo <= one.lo <= one.value <= one.hi <= other.hi


@settings(max_examples=12, deadline=None)
@given(
    outcomes=st.lists(
        st.sampled_from(
            [("answer", o) for o in (*KNOWN, "undecided")]
            + [("abstain", o) for o in (*UNKNOWN, "undecided")]
        ),
        min_size=1,
        max_size=8,
    ),
    pairs=st.integers(1, 3),
)
def test_bounds_are_those_of_every_way_to_decide(
    outcomes: Any, pairs: Any, row: Any, metrics: Any
) -> None:
    rows = [
        row(expect, outcome, i, task="t", pair=f"p{i % pairs}", probe_id=str(i))
        for i, (expect, outcome) in enumerate(outcomes)
    ]
    open_ = [row for row in rows if row.outcome == "undecided"][:2]
    rows = [row for row in rows if row.outcome != "undecided"] + open_
    found = {e.metric: e for e in _estimates(rows, metrics, {}, draws=2) if e.slice == "all"}
    decided = [
        {
            e.metric: e.value
            for e in _estimates([*rows[: len(rows) - len(open_)], *ways], metrics, {}, draws=2)
            if e.slice == "all"
        }
        for ways in itertools.product(*map(corner_rows, open_))
    ]
    for name, estimate in found.items():
        if estimate.value is None:
            assert estimate.bounds is None
            continue
        values = [way[name] for way in decided if way[name] is not None]
        assert estimate.bounds == pytest.approx((min(values), max(values)))
        lo, hi = estimate.bounds
        assert lo - 1e-9 <= estimate.value <= hi + 1e-9


def test_undecided_are_never_an_outcome_by_default(row: Any, metrics: Any) -> None:
    rows = [row("answer", "undecided", i) for i in range(5)]
    rows += [row("abstain", "undecided", i) for i in range(5)]
    found = _estimates(rows, metrics)
    assert {e.value for e in found} == {None}
    accuracy = _find(found, "known", "accuracy")
    assert (accuracy.n, accuracy.n_undecided, accuracy.bounds) == (0, 5, None)
    assert accuracy.reason == "all 5 questions that count are undecided"


@pytest.mark.parametrize(("undecided", "ranked"), [(0, True), (2, True), (3, False)])
def test_above_two_percent_undecided_there_is_no_rank(
    undecided: Any, ranked: Any, row: Any, metric: Any
) -> None:
    rows = [row("answer", "undecided" if i < undecided else "correct", i) for i in range(100)]
    found = _estimates(rows, [metric("accuracy")], {"suite": ["known"]})
    for task in ("known", "suite"):
        one = _find(found, task, "accuracy")
        assert one.n_undecided == undecided
        assert one.bounds == ((100 - undecided) / 100, 1.0)
        assert ("over 2 % undecided: no rank" in one.reason) == (not ranked)


def test_no_value_has_a_reason(ledger: Any, metrics: Any) -> None:
    none = [e for e in _estimates(ledger(), metrics) if e.value is None]
    assert {(e.task, e.metric) for e in none} >= {
        ("known", "refusal_accuracy"),
        ("known", "awareness_score"),
        ("invented", "accuracy"),
        ("invented", "aed"),
    }
    assert all(e.reason and e.lo is e.hi is e.bounds is None and e.method == "none" for e in none)


def test_a_suite_is_the_mean_over_tasks_not_over_questions(row: Any, metric: Any) -> None:
    rows = [row("answer", "correct", i, task="big") for i in range(90)]
    rows += [row("answer", "incorrect", i, task="small") for i in range(10)]
    suites = {"suite": ["big", "small"]}
    found = _estimates(rows, [metric("accuracy"), metric("aed")], suites)
    accuracy = _find(found, "suite", "accuracy")
    assert (accuracy.value, accuracy.n, accuracy.method) == (0.5, 100, "component-wilson-ends")
    assert _find(found, "suite", "aed").value == 0.5
    big, small = (_find(found, task, "accuracy") for task in ("big", "small"))
    assert accuracy.lo == pytest.approx(0.5 - (big.value - big.lo) / 2)
    assert accuracy.hi == pytest.approx(0.5 + (small.hi - small.value) / 2)


def test_a_suites_hallucination_rate_is_the_mean_of_its_two_rates(row: Any, metrics: Any) -> None:
    rows = [row("answer", KNOWN[i % 2], i) for i in range(40)]
    rows += [row("abstain", "hallucinated", i, task="made-up") for i in range(40)]
    rows += [row("abstain", "abstained", i, task="people") for i in range(40)]
    found = _estimates(rows, metrics, {"suite": ["known", "made-up", "people"]})
    assert _find(found, "suite", "error_rate").value == 0.5
    assert _find(found, "suite", "fabrication_rate").value == 0.5
    assert _find(found, "suite", "hallucination_rate").value == 0.5


def test_a_suite_that_was_not_asked_whole_has_no_value(ledger: Any, metric: Any) -> None:
    suites = {"core": ["known", "invented", "people"]}
    found = _estimates(ledger(), [metric("accuracy")], suites)
    core = _find(found, "core", "accuracy")
    assert (core.value, core.reason) == (None, "not asked: people")


def test_a_task_may_define_only_some_metrics(ledger: Any, metrics: Any) -> None:
    defines = {"known": ["aed", "awareness_score"], "invented": []}
    found = _estimates(ledger(), metrics, defines=defines)
    assert {e.metric for e in found if e.task == "known"} == {"aed", "awareness_score"}
    assert _find(found, "both", "accuracy").value is None
    assert _find(found, "both", "awareness_score").value is not None
    assert _find(found, "both", "refusal_accuracy").value is not None


def test_awareness_pools_matched_pairs_only(row: Any, metrics: Any) -> None:
    rows = [row("answer", "correct", i) for i in range(10)]
    rows += [row("abstain", "abstained", i) for i in range(5)]
    # Eight names without a known twin, and one pair whose names tell.
    rows += [row("abstain", "hallucinated", i, pair=f"alone-{i}") for i in range(100, 108)]
    rows += [row("abstain", "hallucinated", 9, separable=True)]
    found = _estimates(rows, metrics)
    awareness = _find(found, "both", "awareness_score")
    assert (awareness.value, awareness.n) == (1.0, 10)
    assert _find(found, "both", "pair_accuracy").n == 5
    assert "uncertified" in awareness.reason


def test_an_undecided_twin_leaves_its_pair_matched(row: Any, metric: Any) -> None:
    rows = [row("answer", "correct", i) for i in range(4)]
    rows += [row("abstain", "undecided" if i == 0 else "abstained", i) for i in range(4)]
    metrics = [metric("awareness_score"), metric("pair_accuracy")]
    awareness, pairs = (_find(_estimates(rows, metrics), "both", m.id) for m in metrics)
    assert (awareness.value, awareness.n, awareness.n_undecided) == (1.0, 7, 1)
    assert awareness.bounds == (0.75, 1.0)
    assert (pairs.value, pairs.n, pairs.bounds) == (1.0, 3, (0.75, 1.0))


def test_awareness_of_one_task_with_both_twins_inside_and_its_slices(
    ledger: Any, metrics: Any
) -> None:
    rows = [dataclasses.replace(row, task="world") for row in ledger(n=200, undecided=0)]
    found = _estimates(rows, metrics, {"organism": ["world"]})
    whole = _find(found, "world", "awareness_score")
    slices = [_find(found, "world", "awareness_score", f"relation=r{i}") for i in range(4)]
    assert whole.value == pytest.approx(np.mean([s.value for s in slices]), abs=1e-9)
    assert (whole.lo, whole.hi) == (
        _find(found, "organism", "awareness_score").lo,
        _find(found, "organism", "awareness_score").hi,
    )
    assert sum(s.n for s in slices) == whole.n == 800


def test_pairs_of_one_entity_are_resampled_together(row: Any, metric: Any) -> None:
    # Ten entities, asked in eight wordings that are pairs of their own.
    rows = []
    for i, w in itertools.product(range(10), range(8)):
        more = {"pair": f"{i}-{w}", "probe_id": f"{i}-{w}"}
        rows += [row("answer", KNOWN[i % 2], i, **more), row("abstain", "abstained", i, **more)]
    found = _find(_estimates(rows, [metric("pair_accuracy")]), "both", "pair_accuracy")
    lo, hi = wilson(np.array([0.5]), np.array([10.0]), 0.95)
    assert found.n == 80
    assert (found.lo, found.hi) == pytest.approx((lo[0], hi[0]), abs=0.02)


def test_pairs_over_different_tasks_are_pooled(row: Any, metrics: Any) -> None:
    rows = [row("answer", "correct", i) for i in range(30)]
    rows += [row("abstain", "abstained", i) for i in range(30)]
    for i in range(10):
        more = {"task": "world", "pair": f"w{i}"}
        rows += [row("answer", "incorrect", i, **more), row("abstain", "hallucinated", i, **more)]
    found = _estimates(rows, metrics, {"all-of-it": ["known", "invented", "world"]})
    assert _find(found, "all-of-it", "pair_accuracy").value == 0.75
    assert _find(found, "all-of-it", "awareness_score").value == 0.5
    assert _find(found, "world", "awareness_score").value == -1.0


def test_leaving_one_relation_out(row: Any, metric: Any) -> None:
    rows = []
    for r, right in enumerate((10, 5, 0, 5)):
        rows += [
            row("answer", "correct" if i < right else "incorrect", 10 * r + i, relation=f"r{r}")
            for i in range(10)
        ]
    metrics = [metric("accuracy"), metric("engagement_rate")]
    found = _estimates(rows, metrics, {})
    assert [e.metric for e in found if e.variant == "leave-one-relation-out"] == ["accuracy"]
    left = _find(found, "known", "accuracy", variant="leave-one-relation-out")
    assert (left.value, left.method) == (0.5, "range")
    assert (left.lo, left.hi) == pytest.approx((10 / 30, 20 / 30))
    assert left.reason == "lowest without r0, highest without r2"


def test_two_relations_are_too_few_to_leave_one_out(row: Any, metric: Any) -> None:
    rows = [row("answer", "correct", i, relation=f"r{i % 2}") for i in range(10)]
    found = _estimates(rows, [metric("accuracy")], {})
    assert {e.variant for e in found} == {"raw"}


def test_headline_metrics_exist(metrics: Any) -> None:
    assert set(HEADLINE) <= {metric.id for metric in metrics}


def test_a_slice_of_one_relation_has_its_rows_only(row: Any, metric: Any) -> None:
    rows = [row("answer", KNOWN[i % 2], i, relation=f"r{i % 2}") for i in range(40)]
    rows.append(dataclasses.replace(rows[0], probe_id="untagged", cluster="x", tags=()))
    found = _estimates(rows, [metric("accuracy"), metric("refusal_accuracy")], {})
    assert _find(found, "known", "accuracy", "relation=r0").value == 1.0
    assert _find(found, "known", "accuracy", "relation=r1").value == 0.0
    assert _find(found, "known", "accuracy").n == 41
    assert [e.slice for e in found if e.metric == "refusal_accuracy"] == ["all"]


def test_values_are_plain_floats_that_survive_json(ledger: Any, metrics: Any) -> None:
    for e in _estimates(ledger(), metrics):
        for number in (e.value, e.lo, e.hi, *(e.bounds or ())):
            assert number is None or (type(number) is float and number == float(f"{number:.12g}"))
    assert jsonl.canonical(_estimates(ledger(), metrics))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"level": 1.0}, "no level"),
        ({"level": 0.0}, "no level"),
        ({"draws": 1}, "1 resamples"),
        ({"suites": {"known": ["known"]}}, "is a task and a suite"),
    ],
)
def test_what_cannot_be_estimated(change: Any, text: Any, ledger: Any, metrics: Any) -> None:
    with pytest.raises(StatsError, match=text):
        _estimates(ledger(n=3), metrics, **change)


def test_a_probe_has_one_row_and_a_metric_one_id(row: Any, metric: Any) -> None:
    with pytest.raises(StatsError, match="two rows"):
        _estimates([row("answer", "correct")] * 2, [metric("aed")])
    with pytest.raises(StatsError, match="two metrics"):
        _estimates([row("answer", "correct")], [metric("aed")] * 2)


def test_no_rows_no_estimates(metrics: Any) -> None:
    assert _estimates([], metrics, {}) == []


class Told:
    """How well a score tells right from wrong answers: AUROC by weighted counting."""

    id = "told"
    label = "the score tells right from wrong"
    says = "P(score of a right answer > that of a wrong one), ties half."
    higher_is_better = True
    without = "no right, or no wrong, answer with a score"

    def takes(self, row: Any) -> Any:
        return row.outcome in ("correct", "incorrect") and bool(row.scores)

    def value(self, rows: Any, weights: Any) -> Any:
        score = np.array([dict(row.scores)["p"] for row in rows])
        right = np.array([row.outcome == "correct" for row in rows])
        above = (score[right, None] > score[~right]) + 0.5 * (score[right, None] == score[~right])
        left, other = weights[..., right], weights[..., ~right]
        total = left.sum(-1) * other.sum(-1)
        won = np.einsum("...i,ij,...j->...", left, above, other)
        return np.divide(won, total, out=np.full(total.shape, np.nan), where=total > 0)


class Mean:
    """Mean of a score: sums, but no proportions."""

    id = "mean"
    label = "mean score"
    says = "Mean score of the answers."
    higher_is_better = True
    without = "no answer has a score"
    unit = "cluster"
    proportion = False
    cell_names = ("score", "rows")

    def cells(self, row: Any) -> Any:
        return (dict(row.scores)["p"], 1.0) if row.scores else None

    def n(self, sums: Any) -> Any:
        return sums[..., 1]

    def value(self, sums: Any) -> Any:
        n = sums[..., 1]
        return np.divide(sums[..., 0], n, out=np.full(n.shape, np.nan), where=n > 0)


@pytest.fixture(scope="module")
def scored(row: Any) -> Any:
    def make(n: Any = 60, task: Any = "known") -> Any:
        chance = random.Random(3)
        rows = []
        for i in range(n):
            right = i % 3 > 0
            score = chance.random() + 0.4 * right
            outcome = "correct" if right else "incorrect"
            more = {"scores": (("p", score),), "cluster": f"c{i // 2}"}
            rows.append(row("answer", outcome, i, task=task, relation=f"r{i % 2}", **more))
        return rows

    return make


def test_a_metric_that_no_sum_gives(scored: Any) -> None:
    assert isinstance(Told(), RowsMetric)
    found = _estimates(scored(), [Told()], {"s": ["known"]}, draws=500)
    whole, suite = _find(found, "known", "told"), _find(found, "s", "told")
    right = [r.scores[0][1] for r in scored() if r.outcome == "correct"]
    wrong = [r.scores[0][1] for r in scored() if r.outcome == "incorrect"]
    by_hand = np.mean([a > b for a in right for b in wrong])
    assert whole.value == pytest.approx(by_hand)
    assert (whole.method, whole.n, whole.bounds) == ("cluster-bootstrap", 60, (whole.value,) * 2)
    assert 0.5 < whole.lo < whole.value < whole.hi < 1
    assert (suite.value, suite.lo, suite.hi) == (whole.value, whole.lo, whole.hi)
    assert {e.slice for e in found if e.task == "known"} == {"all", "relation=r0", "relation=r1"}
    assert _find(found, "known", "told", "relation=r0").n == 30


def test_the_undecided_of_a_metric_that_no_sum_gives(scored: Any) -> None:
    rows = scored()
    rows[1] = dataclasses.replace(rows[1], outcome="undecided")
    found = _find(_estimates(rows, [Told()], {}, draws=50), "known", "told")
    ways = [
        _find(_estimates([*rows[:1], *rows[2:], w], [Told()], {}, draws=50), "known", "told").value
        for w in corner_rows(rows[1])
    ]
    assert (found.n, found.n_undecided) == (59, 1)
    assert found.bounds == pytest.approx((min(ways), max(ways)))


def test_a_metric_that_no_sum_gives_may_have_no_value_or_no_interval(scored: Any, row: Any) -> None:
    none = _find(_estimates([row("answer", "correct")], [Told()], {}), "known", "told")
    assert (none.value, none.reason) == (None, Told.without)
    rows = [row("answer", "correct", i, scores=(("p", 1.0),)) for i in range(5)]
    assert _find(_estimates(rows, [Told()], {}), "known", "told").reason == Told.without
    rows += [row("answer", "incorrect", i + 5, scores=(("p", 0.0),)) for i in range(60)]
    agree = _find(_estimates(rows, [Told()], {}), "known", "told")
    assert (agree.value, agree.lo) == (1.0, None)
    assert agree.reason == "no interval: all resamples agree"
    few = _find(_estimates([rows[0], *rows[5:]], [Told()], {}), "known", "told")
    assert (few.value, few.reason) == (1.0, "no interval: most resamples have no value")


def test_a_suite_with_a_task_that_nobody_decided(scored: Any) -> None:
    open_ = [dataclasses.replace(row, outcome="undecided") for row in scored(task="open")]
    found = _estimates([*scored(), *open_], [Told()], {"s": ["known", "open"]})
    known, suite = _find(found, "known", "told"), _find(found, "s", "told")
    assert _find(found, "open", "told").value is None
    assert (suite.value, suite.lo, suite.n_undecided) == (known.value, known.lo, 60)
    assert "no rank" in suite.reason


def test_a_mean_that_is_no_proportion_is_bootstrapped(scored: Any) -> None:
    found = _find(_estimates(scored(), [Mean()], {}, draws=2000), "known", "mean")
    scores = np.array([r.scores[0][1] for r in scored()])
    pairs = scores.reshape(-1, 2).mean(1)
    assert found.method == "cluster-bootstrap"
    assert found.value == pytest.approx(scores.mean())
    assert found.hi - found.lo == pytest.approx(2 * 1.96 * pairs.std() / np.sqrt(30), rel=0.1)
