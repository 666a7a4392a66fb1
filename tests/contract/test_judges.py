"""iabench's own detectors and graders keep the contract that plug-ins are held to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from iabench.grading.base import DETECTORS, GRADERS, Answered, Detector, Grader, Referenced
from iabench.records import Judgement, RunSpec
from iabench.testing import DetectorContract, GraderContract


def keeps(contract: Any) -> None:
    for test in dir(contract):
        if test.startswith("test_"):
            getattr(contract, test)()


@pytest.mark.parametrize("name", DETECTORS.names())
def test_own_detectors(name: str) -> None:
    class Contract(DetectorContract):
        def make(self) -> Detector:
            return DETECTORS.get(name)(RunSpec(model=""))

    keeps(Contract())


@pytest.mark.parametrize("name", GRADERS.names())
def test_own_graders(name: str) -> None:
    class Contract(GraderContract):
        def make(self) -> Grader:
            return GRADERS.get(name)(RunSpec(model=""))

    keeps(Contract())


class Exact:
    """Right exactly where the answer is a reference."""

    id = "exact@1"

    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        for case in cases:
            yield Judgement(value=case.answer in case.references)

    def close(self) -> None:
        pass


class Silent:
    """Declines exactly where there is no word; longer company changes nothing."""

    id = "silent@1"

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        for case in cases:
            said = "know" in case.answer
            yield Judgement(value=said, kinds=("ignorance",) if said else ())

    def close(self) -> None:
        pass


class Forgetful(Silent):
    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        yield from list(super().detect(cases))[1:]


class Counting(Silent):
    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        for at, case in enumerate(cases):
            yield Judgement(value=at % 2 == 1, evidence=case.answer[:3])


class Unversioned(Silent):
    id = "silent"


class Reversed(Silent):
    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        for case in cases:
            yield Judgement(value="know" not in case.answer)


def test_judges_of_others() -> None:
    class Of(GraderContract):
        def make(self) -> Grader:
            return Exact()

    class Off(DetectorContract):
        def make(self) -> Detector:
            return Silent()

    keeps(Of())
    keeps(Off())


@pytest.mark.parametrize(
    ("detector", "test"),
    [
        (Forgetful, "test_one_judgement_a_case"),
        (Counting, "test_order_and_company_change_nothing"),
        (Unversioned, "test_has_an_id_with_a_version"),
        (Reversed, "test_tells_declining_from_answering"),
        (Exact, "test_is_a_detector"),
    ],
)
def test_a_detector_that_breaks_it_is_found(detector: Any, test: str) -> None:
    class Contract(DetectorContract):
        def make(self) -> Any:
            return detector()

    with pytest.raises(AssertionError):
        getattr(Contract(), test)()
