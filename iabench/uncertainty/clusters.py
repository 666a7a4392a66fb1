"""Which answers mean the same: bidirectional entailment, in the context of the question.

Questions are clustered side by side, so that what is asked of an entailment model comes in batches:
each question says which comparisons it needs next, and all of them are made together, once for
equal pairs. Only the opener of a cluster is compared, and equal strings are never.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from iabench.models.entailment import Entailment
from iabench.uncertainty.comparisons import Calls, Case, Compared, Comparing, Comparisons

__all__ = ["Agreement", "Assignment", "Clustered", "Clusterer", "Pair", "clustered"]

Assignment = Literal["first-match", "takeover"]
Agreement = Literal["strict", "loose", "no-contradiction"]
Pair = tuple[str, str]
Same = Mapping[Pair, bool | str]
"""Whether the texts of each pair mean the same; where that cannot be told, why."""


@dataclass(frozen=True, slots=True)
class Clustered:
    """The clusters of the samples of one question."""

    ids: tuple[int, ...]
    """Of each sample, counted from 0 in order of appearance."""
    undecided: int = 0
    """Pairs that could not be compared."""
    reason: str = ""
    """Why not, of the first of them."""


class Clusterer:
    """Clusters the samples of many questions.

    Args:
        entailment: the model asked, or the comparisons of one; None: texts mean the same if they
            are the same.
        assignment: `first-match` leaves a sample with the first opener that it agrees with
            (LM-Polygraph); with `takeover` a later opener takes it (jlko/semantic_uncertainty).
        agreement: `strict` both ways entail; `loose` no contradiction and not both neutral (both
            jlko's); `no-contradiction` neither way contradicts (Kuhn et al.).
        prefix: put the question before each answer.
    """

    def __init__(
        self,
        entailment: Entailment | Comparing | Comparisons | None = None,
        *,
        assignment: Assignment = "first-match",
        agreement: Agreement = "strict",
        prefix: bool = True,
    ) -> None:
        if entailment is not None and not isinstance(entailment, Comparisons):
            entailment = Comparisons(entailment)
        self._comparisons = entailment
        self._assignment, self._agreement, self._prefix = assignment, agreement, prefix
        self.calls = Calls() if entailment is None else entailment.calls

    def clusters(self, questions: Sequence[tuple[str, Sequence[str]]]) -> list[Clustered]:
        """Return the clusters of (question, samples), one for each.

        Empty samples are a cluster of their own.
        """
        running: dict[int, Generator[list[Pair], Same, Clustered]] = {}
        done: dict[int, Clustered] = {}
        waiting: dict[int, list[Pair]] = {}
        answers: dict[int, Same] = {}
        for at, (_, texts) in enumerate(questions):
            running[at] = clustered([text.strip() for text in texts], self._assignment)
        while running:
            waiting.clear()
            for at, one in list(running.items()):
                try:
                    waiting[at] = one.send(answers.pop(at)) if at in answers else next(one)
                except StopIteration as end:
                    done[at] = end.value
                    del running[at]
            leads = {at: questions[at][0] if self._prefix else "" for at in waiting}
            asked = self._same(
                [(leads[at], *pair) for at, pairs in waiting.items() for pair in pairs]
            )
            answers.update(
                {at: {p: asked[leads[at], *p] for p in pairs} for at, pairs in waiting.items()}
            )
        for at, (_, texts) in enumerate(questions):
            self.calls.needed += _needed([t.strip() for t in texts], done[at].ids, self._assignment)
        return [done[at] for at in range(len(questions))]

    def _same(self, cases: Sequence[Case]) -> dict[Case, bool | str]:
        """Return whether the answers of each case mean the same."""
        if self._comparisons is None:
            return dict.fromkeys(cases, False)
        forth = self._comparisons.of(list(dict.fromkeys(cases)))
        # Where one way decides, the other is not asked.
        back = self._comparisons.of(
            [_back(c) for c, one in forth.items() if not self._settled(one)]
        )
        return {case: self._agree(one, back.get(_back(case))) for case, one in forth.items()}

    def _settled(self, one: Compared) -> bool:
        if one.value is None or one.value == "contradiction":
            return True
        return self._agreement == "strict" and one.value != "entailment"

    def _agree(self, forth: Compared, back: Compared | None) -> bool | str:
        for one in (forth, back):
            if one is not None and one.value is None:
                return one.reason
        if self._settled(forth) or back is None or back.value == "contradiction":
            return False
        if self._agreement == "strict":
            return back.value == "entailment"
        neutral = forth.value == back.value == "neutral"
        return self._agreement == "no-contradiction" or not neutral


def _back(case: Case) -> Case:
    question, premise, hypothesis = case
    return question, hypothesis, premise


def clustered(
    texts: Sequence[str], assignment: Assignment
) -> Generator[list[Pair], Same, Clustered]:
    """Cluster the samples of one question: yields pairs, is sent whether they mean the same."""
    distinct = list(dict.fromkeys(texts))
    ids: dict[str, int] = {}
    why: list[str] = []
    for at, opener in enumerate(distinct):
        if opener in ids:
            continue
        ids[opener] = number = len(set(ids.values()))
        later = [t for t in distinct[at + 1 :] if t and (assignment == "takeover" or t not in ids)]
        if not opener or not later:
            continue
        same = yield [(opener, text) for text in later]
        why += [one for one in same.values() if isinstance(one, str)]
        for text in later:
            if same[opener, text] is True:
                ids[text] = number
    return Clustered(tuple(ids[text] for text in texts), len(why), why[0] if why else "")


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
