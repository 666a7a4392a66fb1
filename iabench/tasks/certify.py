"""How a fact is asked to find out whether a model knows it: in other words, behind examples.

Source: Gekhman et al., arXiv 2405.05904, section 3 (there four examples as well, ten draws of them,
sixteen samples at temperature .5). The wording that is reported on is never among these, so that no
answer certifies itself.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from iabench.prompts.templates import ask
from iabench.records import Known, Message, Probe
from iabench.rng import Dice
from iabench.worlds.facts import Relation
from iabench.worlds.people import organism_world
from iabench.worlds.real import real_world

__all__ = ["FORCED", "FRAMES", "INSTRUCTION", "Examples", "certifiable", "how_known", "rewordings"]

FORCED = "forced@1"
"""The template: an instruction, examples as turns of a talk, and the question in other words."""

INSTRUCTION = (
    "Answer every question in as few words as you can. Always give an answer: if you are not sure, "
    "give your best guess."
)

FRAMES = (
    "Here is a question: {question}",
    "{question} Please answer briefly.",
    "Can you answer this? {question}",
    "Quiz question: {question}",
    "I would like to know this. {question}",
)
"""How a question is put in other words that nobody wrote other words for."""

_LONGEST = 60
"""Letters of an answer that serves as an example."""


def certifiable(probe: Probe) -> bool:
    """Return whether there is an answer that the model could know."""
    return probe.expect == "answer" and bool(probe.references) and not probe.context


def rewordings(probe: Probe) -> tuple[str, ...]:
    """Return the question in other words: those of its relation, else in a frame."""
    relation = _relations().get((probe.tag("relation") or "", probe.tag("type") or ""))
    if relation is not None and len(probe.entities) == 1:
        asked = [
            wording.format(subject=probe.entities[0])
            for wording in (*relation.wordings, *relation.training_wordings)
        ]
        if probe.question in asked:
            return tuple(dict.fromkeys(text for text in asked if text != probe.question))
    return tuple(frame.format(question=probe.question) for frame in FRAMES)


@functools.cache
def _relations() -> Mapping[tuple[str, str], Relation]:
    found = [*real_world().relations, *organism_world().relations]
    return {(relation.name, relation.kind): relation for relation in found}


@dataclass(frozen=True, slots=True)
class Examples:
    """Answered questions of one task, to be put before others."""

    probes: Sequence[Probe]

    def before(self, probe: Probe, draw: int, shots: int) -> tuple[Message, ...]:
        """Return the messages of a draw: the examples, and the question in other words.

        Examples are about something else, and have another answer. Without any, the question
        stands alone.
        """
        others = rewordings(probe)
        asked = replace(probe, question=others[draw % len(others)], system=None)
        if not shots:
            return ask(asked)
        talk = [
            message
            for example in self._drawn(probe, Dice(0, "certify", probe.id, draw), shots)
            for message in (
                *ask(replace(example, system=None)),
                Message(role="assistant", content=example.references[0]),
            )
        ]
        return (Message(role="system", content=INSTRUCTION), *talk, *ask(asked))

    def _drawn(self, probe: Probe, dice: Dice, shots: int) -> list[Probe]:
        taken: list[Probe] = []
        seen = {probe.cluster}
        # Few tasks are so small that this finds no others; then there are fewer examples.
        for _ in range(20 * shots):
            if len(taken) == shots:
                break
            one = dice.choice(self.probes)
            fits = len(one.references[0]) <= _LONGEST and one.cluster not in seen
            if fits and set(one.references).isdisjoint(probe.references):
                taken.append(one)
                seen.add(one.cluster)
        return taken


def how_known(greedy: Sequence[bool | None], samples: Sequence[bool | None]) -> Known | None:
    """Return how well a fact is known; None where it hangs on an answer that nobody could judge.

    Args:
        greedy: whether the greedy answer to each draw was right.
        samples: the same of the samples.
    """
    best, worst = (
        _level([open_ if one is None else one for one in greedy],
               [open_ if one is None else one for one in samples])
        for open_ in (True, False)
    )  # fmt: skip
    return best if best == worst else None


def _level(greedy: Sequence[bool], samples: Sequence[bool]) -> Known:
    if all(greedy):
        return "highly"
    if any(greedy):
        return "maybe"
    return "weakly" if any(samples) else "unknown"
