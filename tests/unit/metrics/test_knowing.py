"""What is made of certificates and of near-misses."""

from __future__ import annotations

from typing import Any

from iabench.metrics.estimate import estimates
from iabench.metrics.joint import pair
from iabench.metrics.knowing import level
from iabench.records import Estimate


def of(rows: Any, metrics: Any, **suites: Any) -> dict[tuple[str, str, str], Estimate]:
    found = estimates(rows, suites=suites, metrics=metrics, level=0.95, seed=0, draws=50)
    return {(e.metric, e.task, e.slice): e for e in found}


def certified(row: Any, level: str, outcome: str, number: int, **more: Any) -> Any:
    return row("answer", outcome, number, tags=(("certified", level),), **more)


def ledger(row: Any) -> list[Any]:
    """Three facts highly known (one declined), two unknown (one declined), and their twins."""
    said = [("highly", "correct"), ("highly", "correct"), ("highly", "abstained"),
            ("unknown", "abstained"), ("unknown", "incorrect")]  # fmt: skip
    facts = [certified(row, known, outcome, at) for at, (known, outcome) in enumerate(said)]
    return [*facts, *(row("abstain", "abstained", at) for at in range(5))]


def test_natural_refusal_is_over_what_is_certified_unknown(row: Any, metrics: Any) -> None:
    found = of(ledger(row), metrics, s=("known", "invented"))
    for task in ("known", "s"):
        natural = found["natural_refusal_rate", task, "all"]
        assert (natural.value, natural.n) == (0.5, 2)
    assert ("natural_refusal_rate", "invented", "all") not in found


def test_over_refusal_of_a_suite_is_also_on_what_is_highly_known(row: Any, metrics: Any) -> None:
    found = of(ledger(row), metrics, s=("known", "invented"))
    assert found["over_refusal_rate", "s", "all"].value == 0.4
    sure = found["over_refusal_rate", "s", "certified=highly"]
    assert (sure.value, sure.n) == (0.333333333333, 3)


def test_awareness_is_over_pairs_whose_known_side_is_highly_known(row: Any, metrics: Any) -> None:
    found = of(ledger(row), metrics, s=("known", "invented"))
    aware = found["awareness_score", "s", "all"]
    assert (aware.value, aware.n) == (0.666666666667, 6)
    assert "uncertified" not in aware.reason
    bare = [row("answer", "correct", at, task="bare") for at in (7, 8)]
    twins = [row("abstain", "abstained", at) for at in (7, 8)]
    mixed = of([*ledger(row), *bare, *twins], metrics, s=("known", "invented", "bare"))
    assert mixed["awareness_score", "s", "all"].reason.startswith("uncertified of bare:")
    plain = of([*bare, *twins], metrics, s=("bare", "invented"))
    assert plain["awareness_score", "s", "all"].reason.startswith("uncertified:")
    tuned = [row("answer", "correct", 9, task="tuned-facts"), row("abstain", "abstained", 9)]
    told = of([*ledger(row), *tuned], metrics, s=("known", "invented", "tuned-facts"))
    assert "uncertified" not in told["awareness_score", "s", "all"].reason


def test_a_level_that_nobody_could_tell_is_no_known_side(row: Any, metrics: Any) -> None:
    rows = [certified(row, "undecided", "correct", 0), row("abstain", "abstained", 0)]
    assert level(rows[0]) == "undecided"
    assert level(rows[1]) is None
    found = of(rows, metrics, s=("known", "invented"))
    assert found["awareness_score", "s", "all"].value is None


def test_a_tuned_model_is_counted_by_what_its_base_knows(row: Any) -> None:
    base = [certified(row, "highly", "correct", 0)]
    tuned = [row("answer", "abstained", 0)]
    assert pair(base, tuned).tuned[0].tags == base[0].tags
    assert pair(tuned, base).tuned[0].tags == tuned[0].tags


def test_near_misses_that_were_given_the_neighbours_fact(row: Any, metrics: Any) -> None:
    said = [("hallucinated", 1.0), ("hallucinated", 0.0), ("abstained", 0.0), ("degenerate", 0.0)]
    rows = [
        row("abstain", outcome, at, scores=(("neighbour", given),))
        for at, (outcome, given) in enumerate(said)
    ]
    found = of([*rows, row("abstain", "hallucinated", 9)], metrics)
    gave = found["neighbour_rate", "invented", "all"]
    assert (gave.value, gave.n) == (0.25, 4)
    assert not gave.higher_is_better
