"""Scorers that ask the model once more: whether its answer is true, and how sure it is.

The questions are the files in `questions/`. The reply is greedy, a series of the run like any
other; it counts only in the form that was asked for, and whatever has not that form is no score.
An answer that abstains claims nothing, so that nothing can be said of its truth.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

from iabench.grading.panel import filled
from iabench.prompts.templates import follow_up
from iabench.records import Message, Sampling
from iabench.uncertainty.base import Case, Needs, Value
from iabench.uncertainty.scorer import OwnScorer, number

__all__ = ["PTrue", "PTrueSamples", "VerbalisedConfidence", "confidence_of", "truth_of"]

_QUESTIONS = Path(__file__).parent / "questions"
_LETTER = re.compile(r"\W*([AB])?\W*\b(true|false)?\W*", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:(?:confidence|probability|likelihood)\s*(?::|=|is)\s*)?"
    r"(\d{1,3}(?:[.,]\d+)?)\s*(%|percent|/\s*100|out of 100)?\.?",
    re.IGNORECASE,
)
_SHOWN = 60
"""Characters of an unreadable reply that a reason holds."""


class _Asking(OwnScorer):
    """A scorer with a question of its own."""

    higher_means: ClassVar[Literal["known", "unknown"]] = "known"
    probability = True
    most_tokens: ClassVar[int]

    @property
    def series(self) -> str:
        """Its name."""
        return self.name

    @property
    def template(self) -> str:
        """Name and version of the question."""
        return f"{self.name}@{self.version}"

    @property
    def sampling(self) -> Sampling:
        """Greedy, one line."""
        return Sampling(
            max_new_tokens=self.most_tokens, stop=("\n",), seed=self._spec.sampling_seed
        )

    def _question(self) -> str:
        return (_QUESTIONS / f"{self.template}.md").read_text(encoding="utf-8").strip()

    def _of(self, case: Case) -> Value:
        assert case.answer is not None
        assert case.asked is not None
        if case.answer.abstained:
            return Value(value=None, reason="the answer abstains, and so claims nothing")
        value = self._read(case.asked.text, case.asked.logprobs or ())
        if value is None:
            reply = " ".join(case.asked.text.split())[:_SHOWN]
            return Value(value=None, reason=f'{self.unreadable} in the reply: "{reply}"')
        return number(value)

    unreadable: ClassVar[str]

    def _read(self, reply: str, logprobs: Sequence[float]) -> float | None:
        raise NotImplementedError


class PTrue(_Asking):
    """P(True): the probability that the model calls its answer true (Kadavath et al. 2022).

    Only probabilities of chosen tokens are kept, so this is the probability of the reply where that
    is "A", and what it leaves where it is "B".
    """

    name = "p-true"
    needs: ClassVar[frozenset[Needs]] = frozenset({"answer", "asked", "asked-logprobs"})
    most_tokens = 4
    unreadable = "neither A nor B"

    def messages(
        self, before: tuple[Message, ...], answer: str, samples: Sequence[str]
    ) -> tuple[Message, ...]:
        """Return the question alone: the model is not told that the answer is its own."""
        *system, asked = before
        text = filled(
            self._question(), question=asked.content, answer=answer, samples="\n".join(samples)
        )
        return (*system, Message(role="user", content=text))

    def _read(self, reply: str, logprobs: Sequence[float]) -> float | None:
        true = truth_of(reply)
        if true is None or not logprobs:
            return None
        chance = math.exp(min(sum(logprobs), 0.0))
        return chance if true else 1 - chance


class PTrueSamples(PTrue):
    """The same with the samples shown first, as "brainstormed ideas"."""

    name = "p-true-samples"
    needs: ClassVar[frozenset[Needs]] = PTrue.needs | {"samples"}

    @property
    def series(self) -> str:
        """Its name and the number of samples: more of them are another question."""
        return f"{self.name}-{self._spec.samples}"

    def _choices(self) -> tuple[str, ...]:
        return (str(self._spec.samples),)


class VerbalisedConfidence(_Asking):
    """The probability that the model states when it is asked, in a turn after its answer.

    Source: the two-stage form of Tian et al. 2023 (arXiv 2305.14975), in words of our own.
    """

    name = "verbalised-confidence"
    needs: ClassVar[frozenset[Needs]] = frozenset({"answer", "asked"})
    most_tokens = 16
    unreadable = "no number from 0 to 100"

    def messages(
        self, before: tuple[Message, ...], answer: str, samples: Sequence[str]
    ) -> tuple[Message, ...]:
        """Return the talk so far, and the question."""
        return follow_up(before, answer, self._question())

    def _read(self, reply: str, logprobs: Sequence[float]) -> float | None:
        return confidence_of(reply)


def truth_of(reply: str) -> bool | None:
    """Return whether a reply is A, "(A)", "A) True" or "true"; None where it is neither way."""
    found = _LETTER.fullmatch(_first_line(reply))
    said = {word.lower() in ("a", "true") for word in (found.groups() if found else ()) if word}
    return said.pop() if len(said) == 1 else None


def confidence_of(reply: str) -> float | None:
    """Return a stated confidence as a probability: "85", "85 %", "85/100", "Confidence: 0.85".

    A number up to 1 with a point, and without a sign of percent, is a probability already.
    """
    found = _NUMBER.fullmatch(_first_line(reply).strip("*_` "))
    if found is None:
        return None
    digits, unit = found[1].replace(",", "."), found[2]
    value = float(digits)
    if "." in digits and not unit and value <= 1:
        return value
    return value / 100 if value <= 100 else None


def _first_line(reply: str) -> str:
    return reply.strip().partition("\n")[0].strip()
