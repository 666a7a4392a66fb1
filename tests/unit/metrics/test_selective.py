from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from iabench.metrics import selective as made
from iabench.metrics.base import Row, RowsMetric

LADDER = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
WRONG = np.array([False, False, True, False, True, True])
ONES = np.ones(6)


def test_ranking_vector() -> None:
    assert made.aurc(LADDER, WRONG, ONES) == pytest.approx(0.247222, abs=1e-6)
    assert made.e_aurc(LADDER, WRONG, ONES) == pytest.approx(0.055556, abs=1e-6)
    assert made.prr(LADDER, WRONG, ONES) == pytest.approx(0.8198, abs=1e-4)
    assert made.risk_at(0.5)(LADDER, WRONG, ONES) == pytest.approx(1 / 3)
    assert made.risk_at(1.0)(LADDER, WRONG, ONES) == pytest.approx(0.5)


def test_ties_are_taken_in_expected_order() -> None:
    pairs = np.array([0.9, 0.9, 0.7, 0.7, 0.5, 0.5])
    assert made.aurc(pairs, WRONG, ONES) == pytest.approx(0.219444, abs=1e-6)
    assert made.aurc(np.ones(6), WRONG, ONES) == pytest.approx(0.5)
    assert made.prr(np.ones(6), WRONG, ONES) == pytest.approx(0, abs=1e-12)
    assert made.auroc(np.ones(6), WRONG, ONES) == pytest.approx(0.5)
    other = [1, 0, 3, 2, 5, 4]
    for one in (made.aurc, made.prr, made.auroc, made.ece, made.risk_at(0.3)):
        assert one(pairs, WRONG[other], ONES) == pytest.approx(one(pairs, WRONG, ONES))


def test_what_scikit_learn_has_is_the_same() -> None:
    rng = np.random.default_rng(0)
    confidence = np.sort(rng.integers(0, 12, 300) / 12)[::-1]
    wrong = rng.random(300) > confidence
    weights = rng.integers(0, 4, (5, 300)).astype(float)
    values = made.auroc(confidence, wrong, weights)
    briers = made.brier(confidence, wrong, weights)
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
        weighted = one(LADDER, WRONG, 2 * ONES)
        assert weighted == pytest.approx(one(twice, np.repeat(WRONG, 2), np.ones(12)))
        none = one(LADDER, WRONG, np.array([1.0, 1, 1, 1, 1, 0]))
        assert none == pytest.approx(one(LADDER[:5], WRONG[:5], np.ones(5)))


def test_calibration() -> None:
    sure = np.r_[np.ones(20), np.zeros(10)]
    assert made.ece(sure, sure == 0, np.ones(30)) == 0
    assert made.ece(sure, sure == 1, np.ones(30)) == pytest.approx(1)
    half = np.full(40, 0.5)
    assert made.ece(half, np.arange(40) % 2 == 0, np.ones(40)) == pytest.approx(0)


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
    assert all(isinstance(metric, RowsMetric) for metric in metrics.values())
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
