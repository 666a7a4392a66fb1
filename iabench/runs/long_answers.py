"""How answers to long references were judged, counted by task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from iabench.grading.long import LongAnswers, by_words, takes
from iabench.runs.judging import Verdicts
from iabench.runs.results import Entry

__all__ = ["NOT_JUDGED", "how_judged"]

NOT_JUDGED = "not_judged"
"""Declined, or no answer: nothing was compared."""


def how_judged(entries: Sequence[Entry], verdicts: Verdicts) -> dict[str, dict[str, int]]:
    """Return, for each task with long references, how many of them were judged in which way.

    The ways are `must_say` (a short right answer is contained), `rouge1` (shared words), the id of
    another grader (a judge), and `not_judged`.
    """
    found: dict[str, Counter[str]] = {}
    for entry in entries:
        if takes(entry.probe.references):
            found.setdefault(entry.spec.name, Counter())[_way(entry, verdicts)] += 1
    return {task: dict(sorted(ways.items())) for task, ways in sorted(found.items())}


def _way(entry: Entry, verdicts: Verdicts) -> str:
    said = entry.completion
    verdict = verdicts.correct.get(said.request_id) if said is not None else None
    if verdict is None:
        return NOT_JUDGED
    if verdict.grader != LongAnswers.id:
        return verdict.grader
    return "rouge1" if by_words(entry.probe.references) else "must_say"
