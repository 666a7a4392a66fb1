"""iabench's own detectors and graders keep the contract that plug-ins are held to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iabench.grading import nli
from iabench.grading.base import DETECTORS, GRADERS, Answered, Detector, Grader, Referenced
from iabench.records import Judgement, RunSpec
from iabench.testing import DetectorContract, GraderContract
from tests.tiny import tiny_nli


def keeps(contract: Any) -> None:
    for test in dir(contract):
        if test.startswith("test_"):
            getattr(contract, test)()


JUDGE = """
def judge(messages):
    prompt = messages[-1]["content"]
    text = prompt.rpartition("===== response")[2].partition("===== end")[0]
    if "VERDICT: CORRECT" in prompt:
        return f"VERDICT: {'CORRECT' if 'Paris' in text else 'INCORRECT'}"
    return f"VERDICT: {'ABSTAINS' if 'know' in text else 'ANSWERS'}"
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunSpec:
    """A run with a judge and an entailment model, both of a few lines."""
    (tmp_path / "judge.py").write_text(JUDGE, encoding="utf-8")
    monkeypatch.setattr(nli, "entailment", lambda asked: Words())
    return RunSpec(model="", judge=f"{tmp_path / 'judge.py'}::judge", nli="words")


class Words:
    """Entailment by words: a reply with "know" declines, one with the reference's last word is it."""

    id = "words"

    def entails(self, pairs: Sequence[tuple[str, str]]) -> Any:
        rows = []
        for premise, hypothesis in pairs:
            if hypothesis.startswith("The reply"):
                entails = ("know" in premise) == (hypothesis != nli.ANSWERS)
            else:
                entails = hypothesis.split()[-1] in premise.split("France?")[-1]
            rows.append((0.9, 0.1, 0.0) if entails else (0.1, 0.9, 0.0))
        return np.array(rows).reshape(-1, 3)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("name", DETECTORS.names())
def test_own_detectors(name: str, spec: RunSpec) -> None:
    class Contract(DetectorContract):
        def make(self) -> Detector:
            return DETECTORS.get(name)(spec)

    keeps(Contract())


@pytest.mark.parametrize("name", GRADERS.names())
def test_own_graders(name: str, spec: RunSpec) -> None:
    class Contract(GraderContract):
        def make(self) -> Grader:
            return GRADERS.get(name)(spec)

    keeps(Contract())


def test_nli_over_a_real_classifier(tmp_path: Path) -> None:
    class Contract(DetectorContract):
        def make(self) -> Detector:
            return nli.Nli(RunSpec(model="", nli=str(tiny_nli(tmp_path))))

        def test_tells_declining_from_answering(self) -> None:
            """Weights at random tell nothing."""

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
