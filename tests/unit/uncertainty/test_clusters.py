from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from iabench.errors import ModelError
from iabench.uncertainty.clusters import Clusterer
from iabench.uncertainty.comparisons import Compared, Comparisons
from iabench.uncertainty.entropy import discrete

YES, NEUTRAL, NO = 0, 1, 2


class Scripted:
    """An entailment model that reads its answers off a table; what is not there contradicts."""

    id = "scripted@1"

    def __init__(self, table: Mapping[tuple[str, str], int | None]) -> None:
        self._table = table
        self.batches: list[list[tuple[str, str]]] = []

    def entails(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        self.batches.append(list(pairs))
        rows = np.zeros((len(pairs), 3))
        for at, pair in enumerate(pairs):
            found = self._table.get(pair, YES if pair[0] == pair[1] else NO)
            rows[at] = np.nan if found is None else np.eye(3)[found]
        return rows

    def close(self) -> None:
        pass


def both(*pairs: str) -> dict[tuple[str, str], int | None]:
    return {key: YES for p in pairs for key in ((p[0], p[1]), (p[1], p[0]))}


def ids(texts: str | Sequence[str], table: Mapping[Any, int | None], **how: Any) -> tuple[int, ...]:
    one = Clusterer(Scripted(table), prefix=False, **how)
    return one.clusters([("", list(texts))])[0].ids


def test_a_later_opener_takes_over_or_does_not() -> None:
    table = both("ac", "bc")
    assert ids("abc", table, assignment="takeover") == (0, 1, 1)
    assert ids("abc", table, assignment="first-match") == (0, 1, 0)
    chain = both("ab", "bc")
    assert ids("abcd", chain, assignment="takeover") == (0, 0, 1, 2)


@pytest.mark.parametrize(
    ("forth", "back", "merged"),
    [
        (NO, YES, ()),
        (NEUTRAL, YES, ("loose", "no-contradiction")),
        (NEUTRAL, NEUTRAL, ("no-contradiction",)),
        (YES, NO, ()),
        (YES, YES, ("strict", "loose", "no-contradiction")),
    ],
)
def test_when_two_answers_agree(forth: int, back: int, merged: tuple[str, ...]) -> None:
    table = {("a", "b"): forth, ("b", "a"): back}
    found = [
        how
        for how in ("strict", "loose", "no-contradiction")
        if ids("ab", table, agreement=how) == (0, 0)
    ]
    assert tuple(found) == merged


def test_comparisons_are_counted() -> None:
    alike = Clusterer(Scripted({}), prefix=False)
    alike.clusters([("", ["a"] * 10)])
    assert (alike.calls.made, alike.calls.saved) == (0, 18), "equal strings are not compared"
    different = Clusterer(Scripted({}), prefix=False, agreement="loose")
    different.clusters([("", [f"t{i}" for i in range(10)])])
    assert different.calls.needed == 90
    assert different.calls.made == 45, "a contradiction one way decides"


def test_pairs_of_all_questions_come_together_and_once() -> None:
    model = Scripted(both("ab"))
    one = Clusterer(model, prefix=False)
    found = one.clusters([("q", ["a", "b", "c"]), ("r", ["a", "b"]), ("s", ["c", "d"])])
    assert [f.ids for f in found] == [(0, 0, 1), (0, 0), (0, 1)]
    assert sorted(model.batches[0]) == [("a", "b"), ("a", "c"), ("c", "d")]
    assert model.batches[1:] == [[("b", "a")]]


def test_the_question_stands_before_the_answer() -> None:
    model = Scripted({})
    Clusterer(model).clusters([("Where is it?", ["Paris.", "Rome."])])
    assert model.batches[0] == [("Where is it? Paris.", "Where is it? Rome.")]


def test_empty_answers_are_a_cluster_of_their_own() -> None:
    model = Scripted({})
    assert Clusterer(model).clusters([("q", ["", "a", " ", "a "])])[0].ids == (0, 1, 0, 1)
    assert model.batches == []


def test_a_pair_that_cannot_be_told_is_undecided() -> None:
    one = Clusterer(Scripted({("a", "b"): None}), prefix=False)
    (found,) = one.clusters([("", ["a", "b", "c"])])
    assert (found.ids, found.undecided) == ((0, 1, 2), 1)
    assert found.reason == "scripted@1 gave no numbers"


def test_a_model_that_fails_on_one_pair_leaves_that_pair_open() -> None:
    class Stumbling(Scripted):
        def entails(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
            if ("a", "c") in pairs:
                raise RuntimeError("index out of range\nmore")
            return super().entails(pairs)

    model = Stumbling(both("ab", "de"))
    found = Clusterer(model, prefix=False).clusters([("q", list("abc")), ("r", list("de"))])
    assert [one.ids for one in found] == [(0, 0, 1), (0, 0)]
    assert [one.undecided for one in found] == [1, 0]
    assert found[0].reason == "scripted@1 failed: RuntimeError index out of range"


def test_a_model_that_says_what_to_do_is_heard() -> None:
    class Gone(Scripted):
        def entails(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
            raise ModelError("the model is gone.", "another one")

    with pytest.raises(ModelError, match="is gone"):
        Clusterer(Gone({})).clusters([("q", ["a", "b"])])


def test_comparisons_of_before_are_not_made_again() -> None:
    model, kept = Scripted(both("ab")), list[Compared]()
    first = Comparisons(model, keep=kept.extend)
    before = Clusterer(first, prefix=False).clusters([("", list("abc"))])
    assert len(kept) == first.calls.made == 3
    model.batches.clear()
    again = Comparisons(model, known=kept)
    assert Clusterer(again, prefix=False).clusters([("", list("abc"))]) == before
    assert model.batches == []
    assert again.told() == first.told()


def test_without_a_model_equal_strings_mean_the_same() -> None:
    one = Clusterer()
    assert one.clusters([("q", ["a", "b", "a"])])[0].ids == (0, 1, 0)


def test_order_changes_no_entropy_where_meaning_is_transitive() -> None:
    table = both("ab", "cd")
    values = {round(discrete(ids(order, table)), 12) for order in permutations("abcde")}
    assert len(values) == 1
