"""Folds of labelled responses."""

from iabench.organism.folds import folds
from iabench.organism.phrases import made


def test_no_family_is_on_both_sides_and_every_row_is_left_out_once():
    rows = made(1, 30)
    left_out = []
    for learned, left in folds(rows, 3):
        assert not {rows[at].family for at in learned} & {rows[at].family for at in left}
        left_out += list(left)
    assert sorted(left_out) == list(range(30))
