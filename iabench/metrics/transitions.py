"""What became of one answer from a base to a tuned model, in one word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, get_args

from iabench.metrics.base import Row
from iabench.records import Expect, Outcome

__all__ = ["CHANGES", "Change", "change", "transitions"]

Change = Literal[
    "kept", "began", "stopped", "always", "neither",
    "learned", "still-right", "forgot", "began-to-refuse", "still-not",
]  # fmt: skip
"""The first five where abstaining is expected, the others where an answer is.

`kept`: abstains as before; `began`: answers what it abstained on; `stopped`: abstains on what it
answered; `always`: answered and answers; `neither`: now or before it said nothing at all.
"""

CHANGES: tuple[Change, ...] = get_args(Change)


def change(expect: Expect, before: Outcome, after: Outcome) -> Change:
    """Return what became of one decided answer."""
    if expect == "abstain":
        if "degenerate" in (before, after):
            return "neither"
        kinds: dict[tuple[bool, bool], Change] = {
            (True, True): "kept",
            (True, False): "began",
            (False, True): "stopped",
            (False, False): "always",
        }
        return kinds[before == "abstained", after == "abstained"]
    if after == "correct":
        return "still-right" if before == "correct" else "learned"
    if before == "correct":
        return "began-to-refuse" if after == "abstained" else "forgot"
    return "still-not"


def transitions(pairs: Iterable[tuple[Row, Row]]) -> dict[str, dict[str, int]]:
    """Return, by task, how many answers went from one outcome to another: `before>after`.

    What is undecided in either is in no transition.
    """
    counts: dict[str, Counter[str]] = {}
    for before, after in pairs:
        if "undecided" not in (before.outcome, after.outcome):
            counts.setdefault(before.task, Counter())[f"{before.outcome}>{after.outcome}"] += 1
    return {task: dict(sorted(found.items())) for task, found in sorted(counts.items())}
