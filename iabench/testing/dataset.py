"""What every dataset of a plug-in keeps to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from iabench.datasets.base import RawRow
from iabench.datasets.forms import facts_of
from iabench.errors import IabenchError

__all__ = ["DatasetContract"]


class DatasetContract:
    """What every dataset keeps to. Subclass it and make yours."""

    splits: Sequence[str] = ("train",)
    """Those that it has."""

    def make(self) -> Callable[[str], Iterable[Mapping[str, Any]]]:
        """Return the dataset under test: a function from a split to its rows."""
        raise NotImplementedError

    def test_every_split_is_read_as_facts(self) -> None:
        """Its rows are of a form that `--facts` knows, and some can be asked."""
        for split in self.splits:
            assert facts_of(self._raw(split), split).rows

    def test_it_gives_the_same_rows_again(self) -> None:
        """A split is the same rows in the same order, whenever it is asked for."""
        for split in self.splits:
            assert self._raw(split) == self._raw(split)

    def test_a_split_that_is_not_there_is_an_error(self) -> None:
        """What was not asked for is not given instead."""
        said = ""
        try:
            list(self.make()("no-such-split"))
        except IabenchError as problem:
            said = problem.message
        assert "no-such-split" in said, "an error of iabench that names the split"

    def _raw(self, split: str) -> list[RawRow]:
        rows = self.make()(split)
        return [RawRow(where=f"row {n}", values=dict(row)) for n, row in enumerate(rows, start=1)]
