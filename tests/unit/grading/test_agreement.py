"""Counts of what was said against what is so."""

from __future__ import annotations

from iabench.grading.agreement import confusion


def test_counts_and_rates() -> None:
    table = confusion(
        [(True, True)] * 8
        + [(True, False)] * 2
        + [(False, False)] * 3
        + [(False, True)]
        + [(True, None), (False, None), (False, None)]
    )
    assert (table.true_positive, table.false_negative) == (8, 2)
    assert (table.true_negative, table.false_positive) == (3, 1)
    assert table.undecided == 3
    assert table.n == 14
    assert table.sensitivity == 0.8
    assert table.specificity == 0.75
    assert table.balanced_accuracy == 0.775
    assert [line.split()[-2:] for line in str(table).splitlines()[1:3]] == [["8", "2"], ["1", "3"]]


def test_an_empty_denominator_gives_no_value() -> None:
    only_true = confusion([(True, True)])
    assert only_true.specificity is None
    assert only_true.balanced_accuracy is None
    assert confusion([(False, False)]).sensitivity is None
