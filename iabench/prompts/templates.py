"""From a probe to messages: versioned templates of plain text."""

from __future__ import annotations

from collections.abc import Sequence

from iabench.records import Message, Probe, Prompt
from iabench.rng import digest

__all__ = ["ASK", "GUESS", "ask", "ask_guess", "follow_up", "prompt"]

ASK = "ask@1"
"""Question alone, after its context if it has one. Zero-shot, no instruction of ours."""

GUESS = "guess@1"
"""The same behind a request for an answer always."""

_ALWAYS = (
    "Always give an answer, in as few words as you can: if you are not sure, give your best guess. "
    "Do not say that you do not know."
)


def ask(probe: Probe, system: str | None = None) -> tuple[Message, ...]:
    """Return the messages of the first turn.

    Args:
        probe: the question; a system message of its own comes before `system`.
        system: the system prompt of the run.
    """
    said = [text for text in (probe.system, system) if text]
    messages = [Message(role="system", content="\n\n".join(said))] if said else []
    question = f"{probe.context}\n\n{probe.question}" if probe.context else probe.question
    return (*messages, Message(role="user", content=question))


def ask_guess(probe: Probe, system: str | None = None) -> tuple[Message, ...]:
    """Return the messages that ask for a best guess; the arguments are those of `ask`."""
    *before, asked = ask(probe, system)
    return (*before, Message(role="user", content=f"{_ALWAYS}\n\n{asked.content}"))


def follow_up(before: Sequence[Message], answer: str, next_question: str) -> tuple[Message, ...]:
    """Return the messages of a further turn: what stood before, the model's answer, the user."""
    return (
        *before,
        Message(role="assistant", content=answer),
        Message(role="user", content=next_question),
    )


def prompt(
    probe: Probe, messages: tuple[Message, ...], *, series: str, turn: int, template: str = ASK
) -> Prompt:
    """Return the prompt record for messages; its digest is of the messages alone."""
    return Prompt(
        id=digest(probe.id, series, turn, size=16),
        probe_id=probe.id,
        series=series,
        turn=turn,
        messages=messages,
        template=template,
        digest=digest(*(part for m in messages for part in (m.role, m.content)), size=32),
    )
