"""Which prompts stand in which batch: fixed by the round and the plan, whatever is done already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, takewhile

from iabench.models.base import Request
from iabench.records import Prompt

__all__ = ["Asked", "Plan", "grouped", "packed"]

_BEGINNING = 32
"""Tokens by which prompts that begin alike are found; a shorter beginning is not worth sharing."""
_GROUP = 16
"""Fewest prompts that have batches of their own for what they begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What fixes the batches of a run; kept in `run.json`, so that a resume forms the same ones."""

    tokens: int | None
    rows: int
    read: int | None = None
    halved: tuple[str, ...] = ()
    """Digests of batches that did not fit and were halved."""


@dataclass(slots=True)
class Asked:
    """One distinct prompt of a series with everybody who asks it."""

    request: Request
    prompts: list[Prompt] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Tokens of the prompt."""
        return len(self.request.token_ids or ())

    @property
    def n(self) -> int:
        """Samples of the prompt: rows of a batch."""
        return self.request.sampling.n

    def part(self, first: int, n: int) -> Asked:
        """Return some of its samples as a request of their own."""
        sampling = replace(self.request.sampling, n=n)
        return Asked(replace(self.request, sampling=sampling, first=first), self.prompts)

    def halves(self) -> list[Asked]:
        """Return two halves of its samples."""
        first, n = self.request.first, self.n
        return [self.part(first, (n + 1) // 2), self.part(first + (n + 1) // 2, n // 2)]


def grouped(distinct: Sequence[Asked]) -> list[list[Asked]]:
    """Return prompts by what they begin with, which each of them is told; the longest first.

    A system prompt or few-shot examples make a group, where many prompts have them or all. What
    begins like few others is one group with nothing in common.
    """
    alike: dict[tuple[int, ...], list[Asked]] = {}
    for one in distinct:
        alike.setdefault((one.request.token_ids or ())[:_BEGINNING], []).append(one)
    groups, rest = [], []
    for begins, some in alike.items():
        many = len(alike) == 1 or len({one.request.digest for one in some}) >= _GROUP
        if len(begins) == _BEGINNING and many:
            groups.append(_sharing(some))
        else:
            rest += some
    groups += [rest] if rest else []
    ordered = [sorted(group, key=lambda a: (-a.length, a.request.digest)) for group in groups]
    return sorted(ordered, key=lambda group: (-group[0].length, group[0].request.digest))


def _sharing(group: Sequence[Asked]) -> list[Asked]:
    texts = [one.request.token_ids or () for one in group]
    # Each prompt is left a token of its own, behind which its answer is read off.
    most = min(map(len, texts)) - 1
    alike = (one == other for one, other in zip(min(texts), max(texts), strict=False))
    shared = min(sum(takewhile(bool, alike)), most)
    return [replace(one, request=replace(one.request, shared=shared)) for one in group]


def packed(
    group: Sequence[Asked], plan: Plan, *, shared: bool, apart: bool = False
) -> Iterator[list[Asked]]:
    """Yield batches, longest prompts first: what does not fit shows itself at once.

    Args:
        group: of `grouped`, in its order.
        plan: rows, tokens held and tokens read that a batch may have.
        shared: whether an equal prompt is read once, and only behind what the group shares.
        apart: whether what the group shares is held once, and not once a row.
    """
    common = group[0].request.shared if group and apart else 0
    if plan.tokens is not None:
        plan = replace(plan, tokens=max(1, plan.tokens - common))
    batch: list[Asked] = []
    rows = prompts = 0
    for unit in _units(group, plan, shared=shared, common=common):
        n = sum(one.n for one in unit)
        # The first of a batch is its longest, so it sets the width of every row.
        first = batch[0] if batch else unit[0]
        answer = max(one.request.sampling.max_new_tokens for one in (*batch, *unit))
        held = (rows + n) * (first.length - common + answer)
        own = first.length - first.request.shared
        read = (prompts + 1) * own if shared else (rows + n) * first.length
        full = (
            rows + n > plan.rows
            or (plan.tokens is not None and held > plan.tokens)
            or (plan.read is not None and read > plan.read)
        )
        if batch and full:
            yield batch
            batch, rows, prompts = [], 0, 0
        batch += unit
        rows += n
        prompts += 1
    if batch:
        yield batch


def _units(
    group: Sequence[Asked], plan: Plan, *, shared: bool, common: int
) -> Iterator[list[Asked]]:
    """Yield all that is asked of one prompt, in as many parts as it takes to fit alone."""
    for _, same in groupby(group, key=lambda one: one.request.digest):
        unit = list(same)
        if unit[0].request.token_ids is None:
            yield unit
            continue
        length = unit[0].length
        width = length - common + max(one.request.sampling.max_new_tokens for one in unit)
        most = plan.rows if plan.tokens is None else min(plan.rows, plan.tokens // width)
        if plan.read is not None and not shared:
            most = min(most, plan.read // max(1, length))
        yield from _parts(unit, max(1, most))


def _parts(unit: Sequence[Asked], most: int) -> Iterator[list[Asked]]:
    part: list[Asked] = []
    room = most
    for one in unit:
        first, left = one.request.first, one.n
        while left:
            n = min(left, room)
            part.append(one if n == one.n else one.part(first, n))
            first, left, room = first + n, left - n, room - n
            if not room:
                yield part
                part, room = [], most
    if part:
        yield part
