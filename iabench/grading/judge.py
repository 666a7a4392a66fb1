"""`judge@1`: a language model says whether a response abstains, or whether it is right.

Blind: it reads question and response (to grade, also the references) and nothing else, fenced off
as text to be judged (`fence.py`). Its prompts are the files in `judge_prompts/`; its reply counts
only in the form that they ask for (`replies.py`), and what has not that form is undecided, with the
reply kept. The detector asks by the two criteria of SEAT's human protocol: does the response admit
that it does not know, and is that grounded in the question? Both stand in the reason; the verdict
itself is iabench's own, by which a refusal abstains too.

With `--judge-votes K` it is asked K times at temperature 0.7; more than half of the votes decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from iabench.grading.base import FAILED, Answered, Referenced
from iabench.grading.fence import fenced, mark_of, middle_cut, shown
from iabench.grading.panel import Panel, filled, template
from iabench.grading.replies import ABSTAINED, CORRECT, Reply, replies
from iabench.records import Completion, Judgement, RunSpec
from iabench.rng import digest

__all__ = ["AnswerJudge", "Judge", "abstention_prompt", "correctness_prompt"]

Case = TypeVar("Case", bound=Answered)

_AT_ONCE = 256
"""Responses that are judged before the first of their verdicts is given out and stored."""
_LONGEST = 6_000
"""Characters of a response that the judge reads; of what is longer, beginning and end."""
_LONGEST_OTHER = 2_000
"""The same of the question and of each reference."""
_MOST_REFERENCES = 12
_KEPT = 2_000
"""Characters of an unreadable reply that are kept."""


def abstention_prompt(case: Answered) -> str:
    """Return what the judge is asked about one response."""
    mark = mark_of(case.question, case.answer)
    return filled(
        template("abstained@1"),
        mark=mark,
        question=fenced("question", case.question, mark, _LONGEST_OTHER),
        response=fenced("response", case.answer, mark, _LONGEST),
    )


def correctness_prompt(case: Referenced) -> str:
    """Return what the judge is asked about one response and its references."""
    mark = mark_of(case.question, case.answer, *case.references)
    return filled(
        template("correct@1"),
        mark=mark,
        question=fenced("question", case.question, mark, _LONGEST_OTHER),
        references="\n\n".join(
            fenced("reference answer", reference, mark, _LONGEST_OTHER)
            for reference in case.references[:_MOST_REFERENCES]
        ),
        response=fenced("response", case.answer, mark, _LONGEST),
    )


class _ByPanel:
    """What the detector and the grader `judge` have in common: the panel behind them."""

    costly = True
    """Its verdicts are kept when a run is judged again; only what is undecided is made anew."""

    prompt: str
    """Name and version of the prompt."""

    def __init__(self, spec: RunSpec) -> None:
        self._panel = Panel(spec, self.prompt)
        self._known: dict[str, Judgement] = {}

    @property
    def id(self) -> str:
        """`judge@1-` and a digest of model, server, votes and prompt: two for two prompts."""
        return self._panel.id

    @property
    def sends_to(self) -> str | None:
        """The server that is sent what is judged, or None."""
        return self._panel.sends_to

    def close(self) -> None:
        """Let the judge go."""
        self._panel.close()


class Judge(_ByPanel):
    """The detector `judge`.

    Raises:
        ConfigError: the run names no judge.
    """

    prompt = "abstained@1"

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order.

        Undecided: an empty response, a judge that fails, a reply without a verdict, and votes of
        which no side has more than half.

        Raises:
            IabenchError: the judge cannot be opened.
        """
        return _judged(self._panel, cases, abstention_prompt, ABSTAINED, self._known)


class AnswerJudge(_ByPanel):
    """The grader `judge`.

    Raises:
        ConfigError: the run names no judge.
    """

    prompt = "correct@1"

    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order; undecided as a detector, or without references.

        Raises:
            IabenchError: the judge cannot be opened.
        """
        return _judged(self._panel, cases, correctness_prompt, CORRECT, self._known)


def _judged(
    panel: Panel,
    cases: Sequence[Case],
    question: Callable[[Case], str],
    words: Mapping[str, bool],
    known: dict[str, Judgement],
) -> Iterator[Judgement]:
    """Yield the judgements, asking what is not known from an equal case before."""
    for start in range(0, len(cases), _AT_ONCE):
        some = cases[start : start + _AT_ONCE]
        texts = [None if _why_not(case) else question(case) for case in some]
        keys = [None if text is None else digest(text, size=32) for text in texts]
        new = {key: at for at, key in enumerate(keys) if key is not None and key not in known}
        voted = panel.ask([texts[at] or "" for at in new.values()])
        for (missing, at), votes in zip(new.items(), voted, strict=True):
            known[missing] = _counted(panel.id, [_vote(vote, some[at], words) for vote in votes])
        for case, key in zip(some, keys, strict=True):
            yield known[key] if key else Judgement(value=None, reason=_why_not(case))


def _why_not(case: Answered) -> str:
    """Return why a case is not put to the judge at all, or ""."""
    if not shown(case.answer):
        return "empty"
    if isinstance(case, Referenced) and not any(map(str.strip, case.references)):
        return "no references"
    return ""


def _vote(completion: Completion, case: Answered, words: Mapping[str, bool]) -> Judgement:
    """Return what one reply of the judge says."""
    if completion.error is not None:
        return Judgement(value=None, reason=f"{FAILED}{completion.error}")
    found = replies(completion.text, words)
    last = found[-1] if found else Reply(value=None)
    why = ""
    if last.value is None:
        why = "no verdict in the judge's reply"
    elif completion.finish == "length":
        why = "the judge's reply is cut off"
    elif any(other.value is not last.value for other in found) and _holds_a_verdict(case, words):
        # Its last verdict may be one that it quotes from the text.
        why = "the judge's reply holds two verdicts, and so does what it judges"
    if why:
        return Judgement(value=None, reason=why, evidence=completion.text[:_KEPT])
    return Judgement(
        value=last.value,
        kinds=last.kinds,
        reason=_criteria(last),
        evidence=last.quote if _stands_in(last.quote, case.answer) else "",
    )


def _holds_a_verdict(case: Answered, words: Mapping[str, bool]) -> bool:
    head, _, tail = middle_cut(shown(case.answer), _LONGEST)
    return any(replies(text, words) for text in (shown(case.question), head, tail))


def _criteria(reply: Reply) -> str:
    """Return SEAT's two criteria in words, as far as the judge decided them."""
    if not reply.admits:
        return "admits nothing" if reply.admits is False and reply.value else ""
    if reply.grounded is None:
        return "admits it"
    return f"admits it, {'' if reply.grounded else 'not '}grounded in the question"


def _stands_in(quote: str, answer: str) -> bool:
    return " ".join(quote.split()) in " ".join(shown(answer).split())


def _counted(judge: str, votes: Sequence[Judgement]) -> Judgement:
    """Return the verdict that more than half of the votes say; of one vote, itself."""
    if len(votes) == 1:
        return votes[0]
    said = [vote.value for vote in votes]
    value = next((side for side in (True, False) if 2 * said.count(side) > len(said)), None)
    by = tuple((f"{judge}#{number}", side) for number, side in enumerate(said, start=1))
    if value is None:
        yes, no = said.count(True), said.count(False)
        reason = f"{yes} votes for, {no} against, {len(said) - yes - no} undecided"
        why = next((f"; {vote.reason}" for vote in votes if FAILED in vote.reason), "")
        kept = next((vote.evidence for vote in votes if vote.value is None), "")
        return Judgement(value=None, reason=reason + why, evidence=kept, votes=by)
    same = [vote for vote in votes if vote.value is value]
    kinds = Counter(kind for vote in same for kind in vote.kinds)
    return replace(
        same[0],
        kinds=tuple(sorted(kind for kind, n in kinds.items() if 2 * n > len(same))),
        votes=by,
    )
