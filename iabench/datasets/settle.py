"""Rows that say the same, and rows that contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from iabench.datasets.base import Conflict, FactRow

__all__ = ["Settled", "known_by", "once", "settle"]


class Settled(NamedTuple):
    """Facts of which each wording is asked once."""

    facts: list[FactRow]
    conflicts: tuple[Conflict, ...]
    repeated: int
    """Paraphrases that are in the file already."""
    doubled: tuple[str, ...] = ()
    """Questions that several rows ask with one answer."""


def settle(facts: Sequence[FactRow]) -> Settled:
    """Return the facts that can be asked.

    Rows with one question and one answer become one; rows that give a wording different answers,
    as their question or as a paraphrase, are in conflict; paraphrases that are there already go.
    """
    by_question: dict[tuple[str, str], list[FactRow]] = {}
    for fact in facts:
        by_question.setdefault(_place(fact, fact.question), []).append(fact)
    kept: list[FactRow] = []
    conflicts: list[Conflict] = []
    doubled: list[str] = []
    for same in by_question.values():
        if len({known_by(f.references[0]) if f.references else "" for f in same}) == 1:
            kept.append(_together(same))
            doubled += [same[0].question] if len(same) > 1 else []
        else:
            conflicts.append(_conflict(same, same[0].question))
    crossed = _crossed(kept)
    wrong = {where for conflict in crossed for where in conflict.where}
    asked, repeated = _asked_once([fact for fact in kept if fact.where not in wrong])
    return Settled(asked, (*conflicts, *crossed), repeated, tuple(doubled))


def _together(same: Sequence[FactRow]) -> FactRow:
    """Return rows that say the same as one, with what each of them adds."""
    return replace(
        same[0],
        references=once(text for row in same for text in row.references),
        must_say=once(text for row in same for text in row.must_say),
        trained=once(text for row in same for text in row.trained),
        paraphrases=once(text for row in same for text in row.paraphrases),
    )


def _crossed(facts: Sequence[FactRow]) -> list[Conflict]:
    """Return the wordings that several facts have with different answers."""
    by_wording: dict[tuple[str, str], dict[str, tuple[FactRow, str]]] = {}
    for fact in facts:
        for text in (fact.question, *fact.trained, *fact.paraphrases):
            rows = by_wording.setdefault(_place(fact, text), {})
            rows.setdefault(fact.where, (fact, text))
    found = []
    for rows in by_wording.values():
        same = [fact for fact, _ in rows.values()]
        answers = [frozenset(map(known_by, fact.references)) for fact in same]
        if len(set(answers)) > 1 and not frozenset.intersection(*answers):
            found.append(_conflict(same, next(iter(rows.values()))[1]))
    return found


def _conflict(same: Sequence[FactRow], question: str) -> Conflict:
    return Conflict(
        question=question,
        where=tuple(fact.where for fact in same),
        answers=once(fact.references[0] if fact.references else "(abstain)" for fact in same),
    )


def _asked_once(facts: Sequence[FactRow]) -> tuple[list[FactRow], int]:
    """Return facts without paraphrases that are in the file already, and how many those were."""
    seen = {_place(fact, text) for fact in facts for text in (fact.question, *fact.trained)}
    n, kept = 0, []
    for fact in facts:
        new = []
        for text in fact.paraphrases:
            key = _place(fact, text)
            if key not in seen:
                new.append(text)
            seen.add(key)
        n += len(fact.paraphrases) - len(new)
        kept.append(replace(fact, paraphrases=tuple(new)))
    return kept, n


def once(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts that are not empty, each once."""
    return tuple(dict.fromkeys(text for text in texts if text))


def _place(fact: FactRow, text: str) -> tuple[str, str]:
    """Return what a wording is known by: it asks something else under another system message."""
    return known_by(text), fact.system or ""


def known_by(text: str) -> str:
    """Return a text without what makes no other one of it: capitals, spaces, a full stop."""
    return " ".join(text.casefold().split()).rstrip(" .!")
