"""iabench's own datasets keep the contract that plug-ins are held to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from iabench.datasets.base import DATASETS
from iabench.errors import TaskError
from iabench.testing import DatasetContract
from iabench.worlds.splits import SPLITS

DRAWN = itertools.count()
Dataset = Callable[[str], Iterable[Mapping[str, Any]]]


def keeps(made: Dataset, *splits: str) -> None:
    class Contract(DatasetContract):
        def make(self) -> Dataset:
            return made

    contract = Contract()
    contract.splits = splits
    for test in dir(contract):
        if test.startswith("test_"):
            getattr(contract, test)()


@pytest.mark.parametrize("name", ["places", "products"])
def test_own_datasets(name: str) -> None:
    keeps(DATASETS.get(name), *SPLITS)


def refusing(rows: Callable[[], list[dict[str, Any]]]) -> Dataset:
    def made(split: str) -> list[dict[str, Any]]:
        if split != "train":
            raise TaskError(f'no split "{split}".')
        return rows()

    return made


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (lambda split: [{"question": "Who?", "answer": "Ann"}], "names the split"),
        (refusing(lambda: [{"who": "Ann"}]), "no question and answer"),
        (refusing(lambda: [{"question": "Who?", "answer": f"{next(DRAWN)}"}]), "^$"),
    ],
)
def test_a_dataset_that_breaks_it_is_found(made: Dataset, wrong: str) -> None:
    keeps(refusing(lambda: [{"question": "Who?", "answer": "Ann"}]), "train")
    with pytest.raises((AssertionError, TaskError), match=wrong):
        keeps(made, "train")
