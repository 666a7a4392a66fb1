from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from iabench.metrics import parts
from iabench.metrics import selective as made
from iabench.metrics.base import Row, RowsMetric
from iabench.metrics.estimate import estimates
from iabench.metrics.ranking import Ranked, RankedMetric, Ties, harmonic
from iabench.stats.resample import weights

LADDER = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
WRONG = np.array([False, False, True, False, True, True])
ONES = np.ones(6)


def ties(confidence: Any, wrong: Any, weights: Any) -> Ties:
    return Ranked(confidence, wrong).ties(weights)


def test_ranking_vector() -> None:
    assert made.aurc(ties(LADDER, WRONG, ONES)) == pytest.approx(0.247222, abs=1e-6)
    assert made.e_aurc(ties(LADDER, WRONG, ONES)) == pytest.approx(0.055556, abs=1e-6)
    assert made.prr(ties(LADDER, WRONG, ONES)) == pytest.approx(0.8198, abs=1e-4)
    assert made.risk_at(0.5)(ties(LADDER, WRONG, ONES)) == pytest.approx(1 / 3)
    assert made.risk_at(1.0)(ties(LADDER, WRONG, ONES)) == pytest.approx(0.5)


def test_ties_are_taken_in_expected_order() -> None:
    pairs = np.array([0.9, 0.9, 0.7, 0.7, 0.5, 0.5])
    assert made.aurc(ties(pairs, WRONG, ONES)) == pytest.approx(0.219444, abs=1e-6)
    assert made.aurc(ties(np.ones(6), WRONG, ONES)) == pytest.approx(0.5)
    assert made.prr(ties(np.ones(6), WRONG, ONES)) == pytest.approx(0, abs=1e-12)
    assert made.auroc(ties(np.ones(6), WRONG, ONES)) == pytest.approx(0.5)
    other = [1, 0, 3, 2, 5, 4]
    for one in (made.aurc, made.prr, made.auroc, made.ece, made.risk_at(0.3)):
        assert one(ties(pairs, WRONG[other], ONES)) == pytest.approx(one(ties(pairs, WRONG, ONES)))


def test_what_scikit_learn_has_is_the_same() -> None:
    rng = np.random.default_rng(0)
    confidence = np.sort(rng.integers(0, 12, 300) / 12)[::-1]
    wrong = rng.random(300) > confidence
    weights = rng.integers(0, 4, (5, 300)).astype(float)
    values = made.auroc(ties(confidence, wrong, weights))
    briers = made.brier(ties(confidence, wrong, weights))
    for at, own in enumerate(weights):
        assert values[at] == pytest.approx(
            roc_auc_score(wrong, -confidence, sample_weight=own), abs=1e-12
        )
        assert briers[at] == pytest.approx(
            brier_score_loss(~wrong, confidence, sample_weight=own), abs=1e-12
        )


def test_a_weight_is_so_many_rows() -> None:
    twice = np.repeat(LADDER, 2)
    for one in (made.aurc, made.e_aurc, made.prr, made.auroc, made.ece, made.risk_at(0.8)):
        weighted = one(ties(LADDER, WRONG, 2 * ONES))
        assert weighted == pytest.approx(one(ties(twice, np.repeat(WRONG, 2), np.ones(12))))
        none = one(ties(LADDER, WRONG, np.array([1.0, 1, 1, 1, 1, 0])))
        assert none == pytest.approx(one(ties(LADDER[:5], WRONG[:5], np.ones(5))))


def test_calibration() -> None:
    sure = np.r_[np.ones(20), np.zeros(10)]
    assert made.ece(ties(sure, sure == 0, np.ones(30))) == 0
    assert made.ece(ties(sure, sure == 1, np.ones(30))) == pytest.approx(1)
    half = np.full(40, 0.5)
    assert made.ece(ties(half, np.arange(40) % 2 == 0, np.ones(40))) == pytest.approx(0)


def row(name: str, expect: str, outcome: str, score: float | None) -> Row:
    return Row(
        task="t", probe_id=name, cluster=name, pair=None, tags=(), expect=expect,  # type: ignore[arg-type]
        answering_is=None, outcome=outcome,  # type: ignore[arg-type]
        scores=() if score is None else (("s@1", score),),
    )  # fmt: skip


def test_which_rows_count() -> None:
    rows = [
        row("a", "answer", "correct", 0.1),
        row("b", "answer", "incorrect", 1.5),
        row("c", "abstain", "hallucinated", 2.0),
        row("d", "abstain", "abstained", 0.0),
        row("e", "answer", "correct", None),
    ]
    metrics = {m.id: m for m in made.selective("s@1", higher_means="unknown", probability=True)}
    assert all(isinstance(metric, RowsMetric | RankedMetric) for metric in metrics.values())
    taken = {id_: [r.probe_id for r in rows if m.takes(r)] for id_, m in metrics.items()}
    assert taken["auroc_unknown"] == ["a", "b", "c", "d"]
    assert taken["auroc_wrong"] == ["a", "b"]
    assert taken["aurc"] == ["a", "b", "c"]
    over = [r for r in rows if metrics["auroc_unknown"].takes(r)]
    assert metrics["auroc_unknown"].value(over, np.ones(4)) == 0.5
    assert metrics["auroc_wrong"].value(rows[:2], np.ones(2)) == 1
    none = metrics["auroc_wrong"].value(rows[:1], np.ones((2, 1)))
    assert np.isnan(none).all()
    plain = {m.id for m in made.selective("s@1", higher_means="known", probability=False)}
    assert metrics.keys() - plain == {"ece", "brier"}


def test_harmonic_numbers() -> None:
    counts = np.arange(2000.0)
    by_hand = np.r_[0, np.cumsum(1 / counts[1:])]
    assert harmonic(counts) == pytest.approx(by_hand, abs=1e-9)
    assert harmonic(counts[:5]) == pytest.approx(by_hand[:5])
    between = harmonic(counts + 0.5)
    assert ((between > harmonic(counts)) & (between < harmonic(counts + 1))).all()


def test_nothing_ranked_has_no_value() -> None:
    none = ties(np.zeros(0), np.zeros(0, bool), np.zeros((3, 0)))
    for one in (made.aurc, made.e_aurc, made.prr, made.auroc, made.ece, made.brier):
        assert np.isnan(one(none)).all()


def test_all_metrics_of_all_scorers_are_made_from_the_same_draws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = []

    def counted(clusters: int, **how: Any) -> Any:
        drawn.append(clusters)
        return weights(clusters, **how)

    monkeypatch.setattr(parts, "weights", counted)
    chance = np.random.default_rng(0)
    rows = [
        replace(
            row(f"p{i:03}", "answer", "correct" if chance.random() < 0.6 else "incorrect", None),
            cluster=f"c{i // 2}",
            scores=(("a@1", chance.random()), ("b@1", float(chance.integers(5)))),
        )
        for i in range(80)
    ]
    rows[3] = replace(rows[3], outcome="undecided")
    metrics = [
        metric
        for scorer in ("a@1", "b@1")
        for metric in made.selective(scorer, higher_means="known", probability=True)
        if metric.id != "auroc_unknown"
    ]
    how: dict[str, Any] = {"suites": {}, "level": 0.95, "seed": 0, "draws": 200}
    together = estimates(rows, metrics=metrics, **how)
    assert drawn == [40]
    alone = [one for metric in metrics for one in estimates(rows, metrics=[metric], **how)]
    assert sorted(alone, key=lambda e: (e.metric, e.variant)) == together
    assert {e.n_undecided for e in together} == {1}
    assert all(e.bounds and e.bounds[0] < e.bounds[1] for e in together if e.metric != "prr")
    assert {e.variant for e in together} == {"scorer=a@1", "scorer=b@1"}
