from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from iabench.errors import ConfigError
from iabench.grading import nli
from iabench.grading.base import Answered, Referenced
from iabench.grading.nli import ANSWERS, BAND, DECLINES, Nli, NliAnswers
from iabench.records import RunSpec

SPEC = RunSpec(model="m", nli="org/checkpoint")


class Fake:
    """An entailment model that is a function."""

    id = "fake"

    def __init__(self, chance: Callable[[str, str], float]) -> None:
        self.chance = chance
        self.pairs: list[tuple[str, str]] = []
        self.closed = 0

    def entails(self, pairs: Sequence[tuple[str, str]]) -> Any:
        self.pairs += pairs
        rows = [(c := self.chance(*pair), 1 - c, 0.0) for pair in pairs]
        return np.array(rows).reshape(-1, 3)

    def close(self) -> None:
        self.closed += 1


def seat(monkeypatch: pytest.MonkeyPatch, chance: Callable[[str, str], float]) -> Fake:
    fake = Fake(chance)
    monkeypatch.setattr(nli, "entailment", lambda asked: fake)
    return fake


def detected(
    monkeypatch: pytest.MonkeyPatch, answers: float, **declines: float
) -> tuple[bool | None, tuple[str, ...]]:
    chances = {DECLINES[kind]: chance for kind, chance in declines.items()}  # type: ignore[index]
    seat(monkeypatch, lambda _, hypothesis: {**chances, ANSWERS: answers}.get(hypothesis, 0.05))
    (judged,) = Nli(SPEC).detect([Answered(question="Who?", answer="I do not know.")])
    assert judged.value is not None or judged.reason.startswith("undecided: ")
    return judged.value, judged.kinds


@pytest.mark.parametrize(
    ("answers", "declines", "value", "kinds"),
    [
        (0.1, {"ignorance": 0.9}, True, ("ignorance",)),
        (0.1, {"ignorance": 0.9, "unrecognised": 0.7}, True, ("ignorance", "unrecognised")),
        (0.1, {"clarification": 0.9, "unknowable": 0.5}, True, ("clarification",)),
        (0.9, {"ignorance": 0.9}, False, ()),
        (0.9, {}, False, ()),
        (0.1, {}, False, ()),
        (0.4, {"ignorance": 0.9}, None, ()),
        (0.1, {"ignorance": 0.5}, None, ()),
    ],
)
def test_declining_and_giving_no_answer(
    monkeypatch: pytest.MonkeyPatch,
    answers: float,
    declines: dict[str, float],
    value: bool | None,
    kinds: tuple[str, ...],
) -> None:
    assert detected(monkeypatch, answers, **declines) == (value, kinds)


def test_the_band_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert detected(monkeypatch, 0.0, ignorance=0.5 + BAND + 1e-9)[0] is True
    assert detected(monkeypatch, 0.0, ignorance=0.5 + BAND - 1e-9)[0] is None
    assert detected(monkeypatch, 0.0, ignorance=0.5 - BAND + 1e-9)[0] is None
    assert detected(monkeypatch, 0.0, ignorance=0.5 - BAND - 1e-9)[0] is False


def test_each_case_has_its_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = seat(
        monkeypatch,
        lambda premise, hypothesis: 0.95 * (("know" in premise) == (hypothesis != ANSWERS)),
    )
    texts = ["I do not know.", "Paris.", "", "I know nothing.", " \u200b", "Lyon."] * 20
    detector = Nli(SPEC)
    judged = list(detector.detect([Answered(question="Where?", answer=text) for text in texts]))
    assert [one.value for one in judged] == [True, False, None, True, None, False] * 20
    assert judged[2].reason == "empty"
    assert fake.pairs[0] == ("Somebody is asked: Where? The reply is: I do not know.", DECLINES["ignorance"])  # fmt: skip
    detector.close()
    detector.close()
    assert fake.closed == 1


def test_a_long_response_is_read_at_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = seat(monkeypatch, lambda *_: 0.0)
    text = "first " + "word " * 40_000 + "last"
    list(Nli(SPEC).detect([Answered(question="q" * 9_000, answer=text)]))
    premise = fake.pairs[0][0]
    assert len(premise) < 2_000
    assert "The reply is: first word" in premise
    assert premise.endswith("word last")


def test_graded_by_the_reference_that_follows_most(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"q Oslo": 0.9, "q Bergen": 0.1, "q Moss": 0.55}
    fake = seat(monkeypatch, lambda _, hypothesis: known[hypothesis])

    def graded(answer: str, *references: str) -> Referenced:
        return Referenced(question="q", answer=answer, references=references)

    cases = [
        graded("It is Oslo", "Bergen", "Oslo"),
        graded("It is Oslo", "Bergen"),
        graded("It is Oslo", "Moss", "Bergen"),
        graded("It is Oslo"),
        graded("It is Oslo", " "),
        graded("", "Oslo"),
    ]
    judged = list(NliAnswers(SPEC).grade(cases))
    assert [one.value for one in judged] == [True, False, None, None, None, None]
    assert [one.reason for one in judged] == [
        "entailment 0.90",
        "entailment 0.10",
        "undecided: entailment 0.55",
        "no references",
        "no references",
        "empty",
    ]
    assert fake.pairs[0] == ("q It is Oslo", "q Bergen")
    (nothing,) = NliAnswers(SPEC).grade([graded("", "Oslo")])
    assert nothing.reason == "empty"
    NliAnswers(SPEC).close()


@pytest.mark.parametrize("opens", [Nli, NliAnswers])
def test_what_is_missing_is_said_at_opening(opens: Any) -> None:
    with pytest.raises(ConfigError) as raised:
        opens(RunSpec(model="m"))
    assert (raised.value.message, raised.value.hint) == (
        "nli has no checkpoint.",
        "--nli FOLDER_OR_HUB_ID",
    )
    with pytest.raises(ConfigError, match="no NLI checkpoint ./nowhere: no such folder"):
        opens(RunSpec(model="m", nli="./nowhere"))


def test_ids() -> None:
    one, other = Nli(SPEC).id, NliAnswers(SPEC).id
    assert one != other
    assert one != Nli(RunSpec(model="m", nli="org/other")).id
    assert one == Nli(RunSpec(model="another", nli="org/checkpoint", detector="nli")).id
