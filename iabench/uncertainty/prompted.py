"""`--entailment llm`: a language model says whether one answer follows from another.

It is the model of `--judge`, behind any backend. The prompt is `judge_prompts/entails@1.md`; as a
judge does, it reads the answers fenced off, and its reply counts only as `VERDICT: word`. Whatever
else it says leaves the comparison undecided. Asked by jlko/semantic_uncertainty (Farquhar et al.
2024) and for SE(Llama) of Tjandra et al. 2024, in other words; there a reply without a verdict
counts as neutral.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from iabench.grading.base import FAILED
from iabench.grading.fence import fenced, mark_of
from iabench.grading.panel import Panel, filled, template
from iabench.grading.replies import replies
from iabench.records import Completion, RunSpec
from iabench.uncertainty.comparisons import CLASSES, Case, Compared

__all__ = ["LLMEntailment", "entailment_prompt"]

_PROMPT = "entails@1"
_LONGEST = 2_000
"""Characters of an answer, and of the question, that are read."""
_AT_ONCE = 256
_SHOWN = 60
_WORDS: dict[str, bool] = dict.fromkeys(CLASSES, True)


def entailment_prompt(case: Case) -> str:
    """Return what the model is asked about one comparison."""
    question, premise, hypothesis = case
    mark = mark_of(*case)
    return filled(
        template(_PROMPT),
        mark=mark,
        question=fenced("question", question or "(not given)", mark, _LONGEST),
        first=fenced("first answer", premise, mark, _LONGEST),
        second=fenced("second answer", hypothesis, mark, _LONGEST),
    )


class LLMEntailment:
    """Compares answers by the judge of a run, greedily.

    Raises:
        ConfigError: the run names no judge.
    """

    def __init__(self, spec: RunSpec) -> None:
        self._panel = Panel(replace(spec, judge_votes=1), _PROMPT)

    @property
    def id(self) -> str:
        """`llm-` and a digest of model, server and prompt."""
        return self._panel.id.replace("judge@1", "llm")

    @property
    def sends_to(self) -> str | None:
        """The server that is sent the samples, or None."""
        return self._panel.sends_to

    def compare(self, cases: Sequence[Case]) -> Iterator[Compared]:
        """Yield one comparison a case, in order.

        Undecided: the model fails, its reply is cut off, or holds no verdict or two of them.

        Raises:
            IabenchError: the model cannot be opened.
        """
        for start in range(0, len(cases), _AT_ONCE):
            some = cases[start : start + _AT_ONCE]
            voted = self._panel.ask([entailment_prompt(case) for case in some])
            for case, (reply,) in zip(some, voted, strict=True):
                yield _compared(case, reply)

    def close(self) -> None:
        """Let the model go."""
        self._panel.close()


def _compared(case: Case, reply: Completion) -> Compared:
    found = {one.word for one in replies(reply.text, _WORDS)}
    value = next((name for name in CLASSES if found == {name}), None)
    why = ""
    if reply.error is not None:
        why = f"{FAILED}{reply.error}"
    elif reply.finish == "length":
        why = "the reply is cut off"
    elif value is None:
        shown = " ".join(reply.text.split())[:_SHOWN]
        why = f'{"no verdict" if len(found) < 2 else "two verdicts"} in the reply: "{shown}"'
    question, premise, hypothesis = case
    return Compared(
        question=question,
        premise=premise,
        hypothesis=hypothesis,
        value=None if why else value,
        reason=why,
    )
