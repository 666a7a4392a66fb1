from __future__ import annotations

from dataclasses import replace

import pytest

from iabench.models.base import Request
from iabench.models.packing import Asked, Plan, grouped, packed
from iabench.records import Sampling


def asked(ids: tuple[int, ...], *, n: int = 1, series: str = "answer", new: int = 10) -> Asked:
    return Asked(
        Request(
            digest=f"{hash(ids):x}",
            series=series,
            messages=(),
            token_ids=ids,
            sampling=Sampling(max_new_tokens=new, n=n),
        )
    )


def behind(begins: range, n: int) -> list[Asked]:
    return [asked((*begins, *range(1000, 1002 + at % 3), at)) for at in range(n)]


def sizes(batches: list[list[Asked]]) -> list[int]:
    return [sum(one.n for one in batch) for batch in batches]


def test_what_begins_alike_is_a_group_that_knows_what_it_shares() -> None:
    few_shot, other = behind(range(100), 20), behind(range(50, 110), 16)
    alone = [asked((7, 8, at)) for at in range(5)]
    groups = grouped([*alone, *few_shot, *other])
    assert [len(group) for group in groups] == [20, 16, 5]
    assert [{one.request.shared for one in group} for group in groups] == [{102}, {62}, {0}]
    lengths = [one.length for one in groups[0]]
    assert lengths == sorted(lengths, reverse=True)


def test_few_that_begin_alike_have_no_batches_of_their_own() -> None:
    (group,) = grouped([*behind(range(100), 15), *behind(range(50, 150), 15)])
    assert {one.request.shared for one in group} == {0}


def test_all_that_begin_alike_are_a_group_however_few() -> None:
    (group,) = grouped(behind(range(100), 3))
    assert {one.request.shared for one in group} == {102}


def test_what_is_held_once_leaves_room_for_more_rows() -> None:
    (group,) = grouped(behind(range(100), 40))
    plan = Plan(tokens=1300, rows=256)
    assert sizes(list(packed(group, plan, shared=True))) == [11, 11, 11, 7]
    batches = list(packed(group, plan, shared=True, apart=True))
    assert sizes(batches) == [40]
    narrow = list(packed(group, replace(plan, tokens=300), shared=True, apart=True))
    for batch in narrow:
        assert 102 + sum(one.n for one in batch) * (batch[0].length - 102 + 10) <= 300
    assert len(narrow) > 1


def test_a_prompt_that_is_all_beginning_keeps_a_token_to_answer_behind() -> None:
    whole = tuple(range(40))
    (group,) = grouped([asked(whole), *(asked((*whole, 99, at)) for at in range(20))])
    assert {one.request.shared for one in group} == {39}


@pytest.mark.parametrize("shared", [True, False])
def test_batches_hold_what_the_plan_allows(shared: bool) -> None:
    (group,) = grouped([asked((at, *range(5 + at % 7)), n=3) for at in range(40)])
    plan = Plan(tokens=400, rows=20, read=60)
    batches = list(packed(group, plan, shared=shared))
    assert sum(sizes(batches)) == 120
    for batch in batches:
        rows, longest = sum(one.n for one in batch), batch[0].length
        assert rows <= 20
        assert rows * (longest + 10) <= 400
        assert (len(batch) if shared else rows) * longest <= 60


def test_equal_prompts_of_two_series_stand_together() -> None:
    prompts = [(at, at + 1, at + 2) for at in range(6)]
    both = [*map(asked, prompts), *(asked(ids, n=4, series="samples") for ids in prompts)]
    (group,) = grouped(both)
    for batch in packed(group, Plan(tokens=None, rows=12), shared=True):
        digests = [one.request.digest for one in batch]
        assert digests[0::2] == digests[1::2]
        assert [one.request.series for one in batch] == ["answer", "samples"] * 2


def test_samples_that_do_not_fit_together_are_asked_in_parts() -> None:
    one = asked((1, 2, 3), n=10)
    batches = list(packed([one], Plan(tokens=None, rows=4), shared=True))
    assert [list(part.request.indices) for (part,) in batches] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
    ]
    (narrow,) = {len(batch) for batch in packed([one], Plan(tokens=1, rows=9), shared=True)}
    assert narrow == 1, "a prompt that is too long for the plan is tried all the same"


def test_a_server_takes_its_samples_as_they_are() -> None:
    request = Request(digest="d", series="s", messages=(), token_ids=None, sampling=Sampling(n=40))
    assert sizes(list(packed([Asked(request)], Plan(tokens=None, rows=16), shared=False))) == [40]
