"""Which answers mean the same: bidirectional entailment, in the context of the question.

Questions are clustered side by side, so that what is asked of an entailment model comes in batches:
each question says which comparisons it needs next, and all of them are made together, once for
equal pairs. Only the opener of a cluster is compared, and equal strings are never.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from iabench.models.entailment import Entailment

__all__ = ["Agreement", "Assignment", "Calls", "Clustered", "Clusterer", "Pair", "clustered"]

Assignment = Literal["first-match", "takeover"]
Agreement = Literal["strict", "loose", "no-contradiction"]
Pair = tuple[str, str]
_ENTAILMENT, _NEUTRAL, _CONTRADICTION = range(3)

Same = Callable[[Sequence[Pair]], Mapping[Pair, bool | None]]
"""Says of unordered pairs of texts whether they mean the same; None: that cannot be told."""


@dataclass(slots=True)
class Calls:
    """Directional comparisons."""

    made: int = 0
    needed: int = 0
    """What comparing every sample with the openers before it, both ways, would have taken."""

    @property
    def saved(self) -> int:
        """Comparisons not made: of equal strings, of pairs met before, of a second direction."""
        return self.needed - self.made


@dataclass(frozen=True, slots=True)
class Clustered:
    """The clusters of the samples of one question."""

    ids: tuple[int, ...]
    """Of each sample, counted from 0 in order of appearance."""
    undecided: int = 0
    """Comparisons that could not be made."""


class Clusterer:
    """Clusters the samples of many questions.

    Args:
        entailment: the model asked; None: texts mean the same if they are the same.
        assignment: `first-match` leaves a sample with the first opener that it agrees with
            (LM-Polygraph); with `takeover` a later opener takes it (jlko/semantic_uncertainty).
        agreement: `strict` both ways entail; `loose` no contradiction and not both neutral (both
            jlko's); `no-contradiction` neither way contradicts (Kuhn et al.).
        prefix: put the question before each answer.
    """

    def __init__(
        self,
        entailment: Entailment | None = None,
        *,
        assignment: Assignment = "first-match",
        agreement: Agreement = "strict",
        prefix: bool = True,
    ) -> None:
        self._entailment = entailment
        self._assignment, self._agreement, self._prefix = assignment, agreement, prefix
        self._known: dict[Pair, int | None] = {}
        self.calls = Calls()

    def clusters(self, questions: Sequence[tuple[str, Sequence[str]]]) -> list[Clustered]:
        """Return the clusters of (question, samples), one for each.

        Empty samples are a cluster of their own.
        """
        running: dict[int, Generator[list[Pair], Mapping[Pair, bool | None], Clustered]] = {}
        done: dict[int, Clustered] = {}
        waiting: dict[int, list[Pair]] = {}
        answers: dict[int, Mapping[Pair, bool | None]] = {}
        for at, (question, texts) in enumerate(questions):
            lead = f"{question} " if self._prefix else ""
            stripped = [text.strip() for text in texts]
            running[at] = clustered(
                [lead + text if text else "" for text in stripped], self._assignment
            )
        while running:
            waiting.clear()
            for at, one in list(running.items()):
                try:
                    waiting[at] = one.send(answers.pop(at)) if at in answers else next(one)
                except StopIteration as end:
                    done[at] = end.value
                    del running[at]
            asked = self._same([pair for pairs in waiting.values() for pair in pairs])
            answers.update({at: {p: asked[p] for p in pairs} for at, pairs in waiting.items()})
        for at, (_, texts) in enumerate(questions):
            self.calls.needed += _needed([t.strip() for t in texts], done[at].ids, self._assignment)
        return [done[at] for at in range(len(questions))]

    def _same(self, pairs: Sequence[Pair]) -> dict[Pair, bool | None]:
        """Return whether the texts of each pair mean the same."""
        if self._entailment is None:
            return dict.fromkeys(pairs, False)
        forth = self._classes(list(dict.fromkeys(pairs)))
        # Where one way decides, the other is not asked.
        open_ = [pair for pair, one in forth.items() if not self._settled(one)]
        back = self._classes([(b, a) for a, b in open_])
        return {
            pair: self._agree(forth[pair], back[pair[1], pair[0]] if pair in open_set else None)
            for open_set in [set(open_)]
            for pair in forth
        }

    def _settled(self, one: int | None) -> bool:
        if one is None or one == _CONTRADICTION:
            return True
        return self._agreement == "strict" and one != _ENTAILMENT

    def _agree(self, forth: int | None, back: int | None) -> bool | None:
        if forth is None:
            return None
        if self._settled(forth):
            return False
        if back is None:
            return None
        if self._agreement == "strict":
            return back == _ENTAILMENT
        if back == _CONTRADICTION:
            return False
        return self._agreement == "no-contradiction" or (forth, back) != (_NEUTRAL, _NEUTRAL)

    def _classes(self, pairs: Sequence[Pair]) -> dict[Pair, int | None]:
        """Return the likeliest class of (premise, hypothesis); None where the model gave none."""
        assert self._entailment is not None
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
        if new:
            rows = self._entailment.entails(new)
            self.calls.made += len(new)
            for pair, row in zip(new, rows, strict=True):
                self._known[pair] = int(row.argmax()) if np.isfinite(row).all() else None
        return {pair: self._known[pair] for pair in pairs}


def clustered(
    texts: Sequence[str], assignment: Assignment
) -> Generator[list[Pair], Mapping[Pair, bool | None], Clustered]:
    """Cluster the samples of one question: yields pairs, is sent whether they mean the same."""
    distinct = list(dict.fromkeys(texts))
    ids: dict[str, int] = {}
    undecided = 0
    for at, opener in enumerate(distinct):
        if opener in ids:
            continue
        ids[opener] = number = len(set(ids.values()))
        later = [t for t in distinct[at + 1 :] if t and (assignment == "takeover" or t not in ids)]
        if not opener or not later:
            continue
        same = yield [(opener, text) for text in later]
        undecided += sum(one is None for one in same.values())
        for text in later:
            if same[opener, text]:
                ids[text] = number
    return Clustered(tuple(ids[text] for text in texts), undecided)


def _needed(texts: Sequence[str], ids: Sequence[int], assignment: Assignment) -> int:
    """Return the directional comparisons that go without any of the savings."""
    total, opened = 0, set[int]()
    for at, number in enumerate(ids):
        if number in opened:
            continue
        opened.add(number)
        later = range(at + 1, len(texts))
        total += 2 * sum(assignment == "takeover" or ids[j] not in opened - {number} for j in later)
    return total
