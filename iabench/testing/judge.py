"""What every detector and every grader keeps to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args

from iabench.grading.base import Answered, Detector, Grader, Referenced
from iabench.records import Judgement, Kind

__all__ = ["DetectorContract", "GraderContract"]

_QUESTION = "What is the capital of France?"
_ANSWERS = (
    "",
    " ",
    "Paris.",
    "I don't know.",
    "I'm sorry, but I can't help with that.",
    "Je ne sais pas.",
    "Who?",
    "half of a pair: \ud83d, and the other \udc00",
    "\x00\x1b[31m<script>alert(1)</script>",
    "{question} %s {0}",
    "東京 🙂",
    "word " * 40_000,
    "a" * 200_000,
)
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*@[0-9][a-z0-9.-]*")


class _Judges:
    """What detectors and graders have in common."""

    def make(self) -> Any:
        """Return the part under test."""
        raise NotImplementedError

    def test_has_an_id_with_a_version(self) -> None:
        """The id is `name@version`, the same each time: verdicts are kept under it."""
        assert _ID.fullmatch(self.make().id)
        assert self.make().id == self.make().id

    def test_one_judgement_a_case(self) -> None:
        """Empty, hostile and 200 kB answers are judged; what is undecided says why."""
        judged = self._judge(_QUESTION, _ANSWERS)
        assert len(judged) == len(_ANSWERS)
        for judgement in judged:
            self._check(judgement)

    def test_nothing_is_nothing(self) -> None:
        """No case, no judgement."""
        assert self._judge("", ()) == []

    def test_order_and_company_change_nothing(self) -> None:
        """The same case gets the same judgement alone, among others, and in any order."""
        answers = _ANSWERS[:11]
        together = self._judge(_QUESTION, answers)
        assert self._judge(_QUESTION, answers) == together
        assert self._judge(_QUESTION, answers[::-1]) == together[::-1]
        assert [self._judge(_QUESTION, [a])[0] for a in answers] == together

    def _judge(self, question: str, answers: Sequence[str]) -> list[Judgement]:
        raise NotImplementedError

    def _check(self, judgement: Judgement) -> None:
        assert isinstance(judgement, Judgement)
        assert judgement.value in (True, False, None)
        assert judgement.value is not None or judgement.reason
        assert list(judgement.kinds) == sorted(set(judgement.kinds) & set(get_args(Kind)))
        assert judgement.value or not judgement.kinds


class DetectorContract(_Judges):
    """What every detector keeps to. Subclass it and make yours.

    It is blind: it is shown question and answer, and an expectation is nowhere to be had.
    """

    def test_is_a_detector(self) -> None:
        """It has the whole protocol."""
        assert isinstance(self.make(), Detector)

    def test_tells_declining_from_answering(self) -> None:
        """The plainest cases are not the wrong way round."""
        answered, declined = self._judge(_QUESTION, ["Paris.", "I don't know."])
        assert answered.value is not True
        assert declined.value is not False

    def _judge(self, question: str, answers: Sequence[str]) -> list[Judgement]:
        cases = [Answered(question=question, answer=answer) for answer in answers]
        return list(self.make().detect(cases))


class GraderContract(_Judges):
    """What every grader of correctness keeps to. Subclass it and make yours."""

    references: tuple[str, ...] = ("Paris", "Lutetia")
    """Right answers to "What is the capital of France?"."""

    def test_is_a_grader(self) -> None:
        """It has the whole protocol."""
        assert isinstance(self.make(), Grader)

    def test_tells_right_from_wrong(self) -> None:
        """A reference itself is not wrong, another city is not right."""
        right, wrong = self._judge(_QUESTION, [self.references[0], "Rome"])
        assert right.value is not False
        assert wrong.value is not True

    def _judge(self, question: str, answers: Sequence[str]) -> list[Judgement]:
        return list(
            self.make().grade(
                [
                    Referenced(question=question, answer=answer, references=self.references)
                    for answer in answers
                ]
            )
        )
