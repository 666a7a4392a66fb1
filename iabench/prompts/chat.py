"""Chat as text: the plain format for models without a template, and spans of thinking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from iabench.records import Message

__all__ = ["PLAIN_STOP", "Said", "plain", "split_thinking"]

PLAIN_STOP = "\n\n"
"""A base model asked in the plain format has answered when it leaves a blank line."""

_SPANS = (("<think>", "</think>"), ("<thinking>", "</thinking>"))


def plain(messages: Sequence[Message]) -> str:
    """Return messages as `Question: ...` / `Answer: ...` lines, ending where the model goes on."""
    lines = []
    for message in messages:
        label = {"system": "", "user": "Question: ", "assistant": "Answer: "}[message.role]
        lines.append(label + message.content.strip())
        if message.role != "user":
            lines.append("")
    return "\n".join([*lines, "Answer:"])


class Said(NamedTuple):
    """What a model wrote, taken apart."""

    raw: str
    """The answer from its first word on, with the white space behind it."""
    thinking: str | None
    open: bool
    """The thinking span was not closed: there is no answer yet."""

    @property
    def answer(self) -> str:
        """The answer, stripped."""
        return self.raw.strip()


def split_thinking(text: str, *, opened: bool = False) -> Said:
    """Take the thinking out of what a model wrote.

    Args:
        text: as it came.
        opened: the prompt itself ended inside a thinking span, so `text` begins in one.
    """
    start, end = next((span for span in _SPANS if span[0] in text or span[1] in text), _SPANS[0])
    # A template that opens the span itself leaves only the closing tag in the text.
    if text.lstrip().startswith(start):
        opened, text = True, text.lstrip()[len(start) :]
    elif end in text and start not in text.partition(end)[0]:
        opened = True
    if not opened:
        return Said(text.lstrip(), None, open=False)
    thinking, closed, answer = text.partition(end)
    return Said(answer.lstrip(), thinking.strip(), open=not closed)
