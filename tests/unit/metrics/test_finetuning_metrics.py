"""Fine-tuning metrics: by hand, and in no other number."""

from __future__ import annotations

from typing import Any

import pytest

from iabench.metrics.base import METRICS, Row
from iabench.metrics.estimate import estimates

NAMED = ("finetuning_accuracy", "finetuning_rouge1", "paraphrase_accuracy")


def made(n: int, wording: str, outcome: Any, rouge: float | None, pair: str | None = None) -> Row:
    return Row(
        task="tuned",
        probe_id=f"tuned/{wording}-{n}",
        cluster=f"c{n}",
        pair=pair,
        tags=(("relation", "r"), ("wording", wording)),
        expect="answer",
        answering_is=None,
        outcome=outcome,
        scores=() if rouge is None else (("rouge1", rouge),),
    )


def unknown(n: int, pair: str | None) -> Row:
    return Row(
        task="swapped",
        probe_id=f"swapped/{n}",
        cluster=f"s{n}",
        pair=pair,
        tags=(("relation", "r"),),
        expect="abstain",
        answering_is="fabrication",
        outcome="abstained",
        admitted=True,
    )


def test_by_hand_and_in_no_other_metric() -> None:
    rows = [
        made(1, "trained", "correct", 1.0, "p1"),
        made(2, "trained", "incorrect", 0.25, "p2"),
        made(3, "trained", "abstained", 0.0, "p3"),
        made(4, "trained", "undecided", None, "p4"),
        made(1, "paraphrase", "correct", 1.0),
        *(unknown(n, f"p{n}") for n in (1, 2, 3, 4)),
    ]
    found = estimates(
        rows,
        suites={"both": ("tuned", "swapped"), "other": ("swapped",)},
        metrics=[METRICS.get(name)() for name in METRICS.names()],
        level=0.95,
        seed=0,
        draws=200,
        defines={"tuned": NAMED},
    )
    by = {(e.task, e.metric): e for e in found if e.slice == "all" and e.variant == "raw"}
    assert {metric for task, metric in by if task == "tuned"} == set(NAMED)
    assert not {metric for task, metric in by if task in ("swapped", "other")} & set(NAMED)
    assert by["tuned", "finetuning_accuracy"].value == pytest.approx(1 / 3)
    assert by["tuned", "finetuning_accuracy"].bounds == (0.25, 0.5)
    assert by["both", "finetuning_rouge1"].value == pytest.approx(1.25 / 3)
    assert by["both", "paraphrase_accuracy"].value == 1
    for metric in ("accuracy", "over_refusal_rate", "aed", "engagement_rate"):
        assert by["both", metric].value is None, "tuned facts count in no rate"
    # Known because tuned on: 1 of 3 decided right, all 4 twins admitted.
    assert by["both", "awareness_score"].value == pytest.approx(1 / 3 + 1 - 1)
