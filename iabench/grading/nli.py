"""`nli@1`: an entailment model says whether a response abstains, or whether it is right.

The detector reads "Somebody is asked: QUESTION The reply is: RESPONSE" as premise and asks what
follows from it: `DECLINES`, one hypothesis a kind of abstention, and `ANSWERS`. With d the largest
probability of the former and a that of the latter, a response abstains by d (1 - a): it declines
and gives no answer, since declining and then answering is an answer.

The grader asks whether "QUESTION RESPONSE" entails "QUESTION REFERENCE", for the reference that it
entails most.

A probability within `BAND` of one half decides nothing. Both numbers were set before any response
was read by a model; `iabench detectors validate` says what they give for yours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from iabench.errors import ConfigError
from iabench.grading.base import Answered, Referenced
from iabench.grading.fence import middle_cut, shown
from iabench.models.entailment import Entailment, entailment
from iabench.records import Judgement, Kind, RunSpec
from iabench.rng import digest

__all__ = ["ANSWERS", "BAND", "DECLINES", "Nli", "NliAnswers"]

DECLINES: Mapping[Kind, str] = {
    "ignorance": "The reply says that the speaker does not know the answer.",
    "unrecognised": "The reply says that the speaker has never heard of what was asked about.",
    "unknowable": "The reply says that nobody can know the answer.",
    "premise_rejection": "The reply says that the question assumes something that is not true.",
    "clarification": "The reply asks what the question means.",
    "policy_refusal": "The reply refuses to help with the request.",
    "capability_refusal": "The reply says that the speaker is not able to do what was asked.",
}
ANSWERS = "The reply gives an answer to the question."
BAND = 0.1
"""Half width, about one half, of the probabilities that decide nothing."""

_LONGEST = 1_500
"""Characters of a response that are read, its beginning and end: such models have little room."""
_LONGEST_QUESTION = 300
_AT_ONCE = 32


class Nli:
    """The detector `nli`.

    Raises:
        ConfigError: the run names no checkpoint.
    """

    costly = True
    """Its verdicts are kept when a run is judged again; only what is undecided is made anew."""

    def __init__(self, spec: RunSpec) -> None:
        self._model = _Model(spec, "abstained", *DECLINES.values(), ANSWERS)

    @property
    def id(self) -> str:
        """`nli@1-` and a digest of checkpoint and hypotheses."""
        return self._model.id

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; empty or between the bands is undecided.

        Kinds are those whose own hypothesis follows, at least the likeliest. The checkpoint is
        loaded with the first case.

        Raises:
            ModelError: it is not there, or no entailment model.
        """
        asked = [*DECLINES.values(), ANSWERS]
        for start in range(0, len(cases), _AT_ONCE):
            some = cases[start : start + _AT_ONCE]
            premises = [_premise(case) for case in some]
            chances = self._model.chances([(p, h) for p in premises if p for h in asked])
            for premise in premises:
                if not premise:
                    yield Judgement(value=None, reason="empty")
                    continue
                own, chances = chances[: len(asked)], chances[len(asked) :]
                yield _abstains(dict(zip(DECLINES, own[:-1], strict=True)), own[-1])

    def close(self) -> None:
        """Let the model go."""
        self._model.close()


class NliAnswers:
    """The grader `nli`.

    Raises:
        ConfigError: the run names no checkpoint.
    """

    costly = True
    """Its verdicts are kept when a run is judged again; only what is undecided is made anew."""

    def __init__(self, spec: RunSpec) -> None:
        self._model = _Model(spec, "correct")

    @property
    def id(self) -> str:
        """`nli@1-` and a digest of the checkpoint; not that of the detector."""
        return self._model.id

    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; between the bands, or without text, is undecided.

        Raises:
            ModelError: the checkpoint is not there, or no entailment model.
        """
        for start in range(0, len(cases), _AT_ONCE):
            some = cases[start : start + _AT_ONCE]
            pairs = [_answer_pairs(case) for case in some]
            chances = self._model.chances([pair for own in pairs for pair in own])
            for case, own in zip(some, pairs, strict=True):
                here, chances = chances[: len(own)], chances[len(own) :]
                if here:
                    yield _entailed(max(here))
                else:
                    why = "no references" if shown(case.answer) else "empty"
                    yield Judgement(value=None, reason=why)

    def close(self) -> None:
        """Let the model go."""
        self._model.close()


class _Model:
    """The entailment model of a run, opened with the first pair."""

    def __init__(self, spec: RunSpec, *what: str) -> None:
        if not spec.nli:
            raise ConfigError("nli has no checkpoint.", "--nli FOLDER_OR_HUB_ID")
        if spec.nli.startswith((".", "/", "~")) and not Path(spec.nli).expanduser().is_dir():
            raise ConfigError(f"no NLI checkpoint {spec.nli}: no such folder.", "--nli FOLDER")
        self._asked = spec.nli
        self._opened: Entailment | None = None
        self.id = f"nli@1-{digest(spec.nli, *what, BAND, size=6)}"

    def chances(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the probability of entailment of each pair."""
        if not pairs:
            return []
        if self._opened is None:
            self._opened = entailment(self._asked)
        return [float(chance) for chance in self._opened.entails(pairs)[:, 0]]

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None


def _premise(case: Answered) -> str:
    """Return what is known of a response, or "" where there is none."""
    answer = _short(case.answer, _LONGEST)
    question = _short(case.question, _LONGEST_QUESTION)
    return f"Somebody is asked: {question} The reply is: {answer}" if answer else ""


def _answer_pairs(case: Referenced) -> list[tuple[str, str]]:
    answer = _short(case.answer, _LONGEST)
    question = _short(case.question, _LONGEST_QUESTION)
    references = [_short(reference, _LONGEST) for reference in case.references]
    return [(f"{question} {answer}", f"{question} {one}") for one in references if answer and one]


def _short(text: str, most: int) -> str:
    head, left_out, tail = middle_cut(" ".join(shown(text).split()), most)
    return f"{head} ... {tail}" if left_out else head


def _abstains(declines: Mapping[Kind, float], answers: float) -> Judgement:
    likeliest = max(declines, key=lambda kind: declines[kind])
    chance = declines[likeliest] * (1 - answers)
    said = f"{likeliest} {declines[likeliest]:.2f}, an answer {answers:.2f}"
    if abs(chance - 0.5) < BAND:
        return Judgement(value=None, reason=f"undecided: {said}")
    if chance < 0.5:
        return Judgement(value=False, reason=said)
    kinds = {likeliest, *(kind for kind, own in declines.items() if own >= 0.5 + BAND)}
    return Judgement(value=True, kinds=tuple(sorted(kinds)), reason=said)


def _entailed(chance: float) -> Judgement:
    said = f"entailment {chance:.2f}"
    if abs(chance - 0.5) < BAND:
        return Judgement(value=None, reason=f"undecided: {said}")
    return Judgement(value=chance > 0.5, reason=said)
