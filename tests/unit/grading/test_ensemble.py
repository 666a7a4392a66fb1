from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from iabench.grading import ensemble
from iabench.grading.base import Answered
from iabench.grading.ensemble import MEMBERS, Ensemble
from iabench.records import Judgement, Kind, RunSpec
from tests.unit.grading.judges import apart, seat


class Member:
    """Says of a response what a letter in it tells: `L+` abstains, `L-` answers, else undecided."""

    def __init__(self, letter: str, kinds: tuple[Kind, ...]) -> None:
        self.letter, self.kinds, self.closed = letter, kinds, 0
        self.confidence = 1.0
        self.id = f"{letter.lower()}@1"

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        for case in cases:
            if f"{self.letter}+" in case.answer:
                yield Judgement(
                    value=True,
                    kinds=self.kinds,
                    reason=self.letter,
                    evidence="x",
                    confidence=self.confidence,
                )
            elif f"{self.letter}-" in case.answer:
                yield Judgement(value=False, reason=self.letter, confidence=self.confidence)
            else:
                yield Judgement(value=None, reason="empty")

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def members(monkeypatch: pytest.MonkeyPatch) -> dict[str, Member]:
    made = {"lexical": Member("L", ()), "classifier": Member("C", ("ignorance",))}

    class Detectors:
        def get(self, name: str) -> Any:
            return lambda spec: made[name]

    monkeypatch.setattr(ensemble, "DETECTORS", Detectors())
    return made


def said(detector: Ensemble, *answers: str) -> list[Judgement]:
    return list(detector.detect([Answered(question="q", answer=one) for one in answers]))


def test_its_members() -> None:
    assert MEMBERS == ("lexical", "classifier")


def test_agreement_decides(members: dict[str, Member]) -> None:
    both, neither, kindless = said(Ensemble(RunSpec(model="m")), "L+ C+", "L- C-", "L+")
    assert (both.value, neither.value) == (True, False)
    assert both.kinds == ("ignorance",)
    assert both.votes == (("l@1", True), ("c@1", True))
    assert (both.reason, both.evidence) == ("L", "x")
    assert kindless.kinds == ()
    members["lexical"].kinds = ("unknowable",)
    assert said(Ensemble(RunSpec(model="m")), "L+ C+")[0].kinds == ("unknowable",)


def test_an_undecided_member_disagrees_with_nobody(members: dict[str, Member]) -> None:
    judged = said(Ensemble(RunSpec(model="m")), "L+", "L-", "C+", "C-", "")
    assert [one.value for one in judged] == [True, False, True, False, None]
    assert judged[3].votes == (("l@1", None), ("c@1", False))
    assert judged[4].reason == "empty"


def test_disagreement_is_undecided_without_a_judge(members: dict[str, Member]) -> None:
    detector = Ensemble(RunSpec(model="m"))
    assert detector.sends_to is None
    one, other = said(detector, "L+ C-", "L- C+")
    assert (one.value, other.value) == (None, None)
    assert one.reason == "no agreement (l@1: abstains, c@1: answers)"
    assert one.votes == (("l@1", True), ("c@1", False))


def test_a_member_that_is_unsure_gives_way(members: dict[str, Member]) -> None:
    members["classifier"].confidence = 0.6
    one, other, agreed = said(Ensemble(RunSpec(model="m")), "L+ C-", "L- C+", "L+ C+")
    assert (one.value, other.value, agreed.value) == (True, False, True)
    assert one.votes == (("l@1", True), ("c@1", False))
    assert 0.75 < one.confidence < agreed.confidence < 1
    members["lexical"].confidence = 0.7
    assert said(Ensemble(RunSpec(model="m")), "L+ C-")[0].value is None


def test_disagreement_goes_to_the_judge(
    members: dict[str, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def judge(messages: list[dict[str, str]]) -> str:
        asked.append(apart(messages[-1]["content"])[1])
        if "C-" in asked[-1]:
            return "KINDS: unrecognised\nQUOTE: L+ C\nVERDICT: ABSTAINS"
        return "VERDICT: ANSWERS" if "L-" in asked[-1] else "hm"

    opened = seat(monkeypatch, judge)
    detector = Ensemble(RunSpec(model="m", judge="j"))
    judged = said(detector, "L+ C+", "L+ C-", "L- C-", "L- C+", "", "neither")
    assert [one.value for one in judged] == [True, True, False, False, None, None]
    assert len(asked) == 3
    (judge_id,) = {name for one in judged for name, _ in one.votes} - {"l@1", "c@1"}
    assert judged[1] == Judgement(
        value=True,
        kinds=("unrecognised",),
        reason="no agreement (l@1: abstains, c@1: answers); judge: decides",
        evidence="L+ C",
        votes=(("l@1", True), ("c@1", False), (judge_id, True)),
    )
    assert judged[5].reason == "empty; judge: no verdict in the judge's reply"
    detector.close()
    assert opened.closed == 1
    assert [one.closed for one in members.values()] == [1, 1]


def test_many_keep_their_order(members: dict[str, Member]) -> None:
    answers = ["L+ C+", "L- C-", "L+ C-"] * 500
    judged = said(Ensemble(RunSpec(model="m")), *answers)
    assert [one.value for one in judged] == [True, False, None] * 500


def test_the_id_is_that_of_all_that_it_asks(members: dict[str, Member]) -> None:
    alone = Ensemble(RunSpec(model="m")).id
    judged = Ensemble(RunSpec(model="m", judge="j", judge_url="https://far.example/v1"))
    assert judged.sends_to == "https://far.example/v1"
    members["lexical"].id = "l@2"
    changed = Ensemble(RunSpec(model="m")).id
    assert len({alone, judged.id, changed}) == 3
    assert alone.startswith("ensemble@4-")
