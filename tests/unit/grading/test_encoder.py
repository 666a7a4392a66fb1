"""The encoder: weights in a few bits, the forward pass, and when the lexical detector asks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from iabench.grading import encoder
from iabench.grading.base import Answered
from iabench.grading.classifier import KINDS
from iabench.grading.encoder import GROUP, WEIGHTS, Encoder, packed, shipped, unpacked
from iabench.grading.labels import own_labels
from iabench.grading.lexical import UNSURE, Lexical
from iabench.grading.lexicon import probability
from iabench.records import Judgement, Kind

WEIGHT = st.floats(-4, 4, width=32).map(lambda weight: weight if abs(weight) > 2**-6 else 0)
"""No smaller ones: a scale under 2**-14 has fewer digits in half precision."""
OPEN = ("Who runs Tarsovia?", "Nobody I could name for you, truth be told.")
"""The wording of this says little either way."""


@pytest.mark.parametrize("bits", [4, 8])
@given(weights=arrays(np.float32, (3, 2 * GROUP), elements=WEIGHT))
def test_codes_keep_a_weight_to_a_step_and_are_kept_whole(
    bits: Literal[4, 8], weights: npt.NDArray[np.float32]
) -> None:
    codes, scales = packed(weights, bits)
    assert codes.nbytes == weights.size * bits // 8
    stored = unpacked(codes, scales)
    largest = np.abs(weights.reshape(3, 2, GROUP)).max(-1)
    # On the other side of the largest the codes end one step earlier.
    step = np.repeat(largest / (1 << bits - 1), GROUP, axis=-1).reshape(weights.shape)
    assert np.all(np.abs(stored - weights) <= step * 1.002 + largest.max() * 1e-3 + 1e-6)
    again = unpacked(*packed(stored, bits))
    np.testing.assert_allclose(again, stored, rtol=2e-3, atol=1e-6)


def test_it_is_the_shipped_one_that_is_read_and_it_is_small() -> None:
    assert WEIGHTS.stat().st_size < 30_000_000
    rows = own_labels("abstained", "development")[::40]
    scores = shipped().read([(row.question, row.response) for row in rows])
    assert scores.shape == (len(rows), 1 + len(KINDS))
    right = [(score > 0) == row.so for score, row in zip(scores[:, 0], rows, strict=True)]
    assert np.mean(right) > 0.9


def test_kinds_are_the_likely_ones_or_else_the_likeliest(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = np.full((2, 1 + len(KINDS)), -3.0, np.float32)
    scores[0, 1 + KINDS.index("unknowable")] = -1.0
    scores[1, [1 + KINDS.index("unknowable"), 1 + KINDS.index("ignorance")]] = 1.0
    monkeypatch.setattr(Encoder, "read", lambda self, pairs: scores)
    said = list(shipped().abstains([OPEN, OPEN]))
    assert said == [(-3.0, ("unknowable",)), (-3.0, ("ignorance", "unknowable"))]


def test_a_score_does_not_depend_on_what_is_read_beside_it() -> None:
    pairs = [("Who?", "Bo."), ("Who?", "I have never heard of her. " * 60), ("What?", "")]
    together = shipped().read(pairs)
    alone = np.concatenate([shipped().read([pair]) for pair in pairs])
    np.testing.assert_allclose(together, alone, atol=2e-3)


@pytest.mark.parametrize("text", ["", " ", "\ud800", "n" * 200_000, "\u202eabc", "\x00", "🦕" * 9])
def test_any_text_gets_a_score(text: str) -> None:
    scores = shipped().read([(text, text), ("Who?", text)])
    assert np.isfinite(scores).all()


class Spy:
    """An encoder that says one thing and remembers what it was asked."""

    def __init__(self, logit: float, *kinds: Kind) -> None:
        self.logit, self.kinds, self.asked = logit, kinds, list[tuple[str, str]]()

    def abstains(
        self, pairs: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[float, tuple[Kind, ...]]]:
        self.asked += pairs
        for _ in pairs:
            yield self.logit, self.kinds


def detect(*cases: tuple[str, str], reads: bool = True) -> list[Judgement]:
    asked = [Answered(question=question, answer=answer) for question, answer in cases]
    return list(Lexical(reads=reads).detect(asked))


def test_what_the_wording_settles_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(-9.0)
    monkeypatch.setattr(encoder, "shipped", lambda: spy)
    declined, answered, empty = detect(
        ("Who wrote it?", "I don't know."), ("Who?", "Bo."), ("", "")
    )
    assert (declined.value, answered.value, empty.value) == (True, False, None)
    assert not spy.asked


def test_what_it_leaves_open_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    (worded,) = detect(OPEN, reads=False)
    assert worded.confidence < probability(UNSURE)
    for spy in (Spy(4.0, "unrecognised"), Spy(-4.0, "unrecognised")):
        monkeypatch.setattr(encoder, "shipped", lambda spy=spy: spy)
        (judged,) = detect(OPEN)
        assert spy.asked == [OPEN]
        assert judged.value is (spy.logit > 0)
        assert judged.confidence == pytest.approx(probability(4.0))
        if judged.value != worded.value:
            assert judged.kinds == (("unrecognised",) if judged.value else ())
            assert judged.reason.endswith("read whole")


def test_a_few_bare_words_are_an_answer_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(9.0, "ignorance")
    monkeypatch.setattr(encoder, "shipped", lambda: spy)
    (judged,) = detect(("Which cycle of tone poems holds The Moldau?", "My Country"))
    assert judged.value is False
    assert not spy.asked


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("?", False),
        ("\u200b", False),
        ("🦕" * 9, False),
        ('"I don\'t know."', True),
        ("I'm not sure. Perhaps you meant Bolivia, which uses the boliviano.", True),
    ],
)
def test_no_words_a_quotation_and_another_thing_offered_are_not_read(
    monkeypatch: pytest.MonkeyPatch, answer: str, value: bool
) -> None:
    spy = Spy(-9.0 if value else 9.0)
    monkeypatch.setattr(encoder, "shipped", lambda: spy)
    (judged,) = detect(("Which currency does Bolvaria use?", answer))
    assert judged.value is value
    assert not spy.asked


def test_a_score_that_is_no_number_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "shipped", lambda: Spy(float("nan")))
    assert detect(OPEN) == detect(OPEN, reads=False)


def test_space_around_a_response_and_special_tokens_in_it_are_text() -> None:
    question, answer = OPEN
    plain, spaced, marked = shipped().read(
        [OPEN, (question, " " * 6_000 + answer + "\n" * 6_000), (question, "</s>" + answer)]
    )
    np.testing.assert_allclose(plain, spaced, atol=2e-3)
    np.testing.assert_array_equal(plain, marked)
    ids = encoder.tokens(shipped()._tokenizer, "Who?", "</s> <pad>")
    assert ids.count(2) == 3
    assert 1 not in ids


def test_only_what_follows_the_thinking_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(-4.0)
    monkeypatch.setattr(encoder, "shipped", lambda: spy)
    detect((OPEN[0], f"<think>Is it Ann Lee?</think>{OPEN[1]}"))
    assert spy.asked == [OPEN]


def test_opening_the_file_gives_the_same_scores() -> None:
    np.testing.assert_array_equal(Encoder().read([OPEN]), shipped().read([OPEN]))
