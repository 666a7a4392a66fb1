"""Batches that several processes share out among them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from iabench.training.data import IGNORED, Collator, Encoded, Shares, Taught, share_of

ROWS = [Encoded(id=str(i), prompt=(7, 8), answer=(9 + i,)) for i in range(7)]


def dealt(batch: int, processes: int, epoch: int = 0) -> list[list[list[int]]]:
    """Return, batch by batch and process by process, the places of rows; blank ones left out."""

    def order(epoch: int) -> Sequence[int]:
        return [*range(epoch, 7), *range(epoch)]

    rows = Taught(ROWS)
    rows.at(epoch)
    shares = Shares(rows, order, batch, processes)
    places, most = list(shares), share_of(batch, processes)
    assert len(places) == len(shares)
    mine = [places[at : at + most] for at in range(0, len(places), most)]
    assert all(len(one) == most for one in mine)
    there = [[place for place in one if place < 7] for one in mine]
    return [there[at : at + processes] for at in range(0, len(there), processes)]


@pytest.mark.parametrize(("batch", "processes"), [(4, 2), (3, 2), (2, 3), (5, 2), (20, 3)])
def test_every_row_is_dealt_once_in_the_batch_that_one_process_would_take(
    batch: int, processes: int
) -> None:
    for at, shares in enumerate(dealt(batch, processes)):
        wanted = [*range(7)][at * batch : (at + 1) * batch]
        assert sorted(place for share in shares for place in share) == wanted
        sizes = [len(share) for share in shares]
        assert max(sizes) - min(sizes) <= 1


def test_the_order_is_that_of_the_epoch() -> None:
    assert dealt(4, 2) == [[[0, 2], [1, 3]], [[4, 6], [5]]]
    assert dealt(4, 2, epoch=3) == [[[3, 5], [4, 6]], [[0, 2], [1]]]


def test_blank_rows_count_in_no_term() -> None:
    rows = Taught(ROWS)
    collator = Collator(0, {"kl": lambda row, perturbed: [row.fact] * len(row)})
    filled = collator([rows[1], rows[7], rows[7]])
    assert filled["input_ids"].tolist() == [[7, 8, 10]]
    blank = collator([rows[7], rows[7]])
    assert blank["input_ids"].shape == (1, 1)
    assert blank["attention_mask"].all()
    assert (blank["labels"] == IGNORED).all()
    assert not blank["kl"].any()
