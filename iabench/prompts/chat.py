"""Chat as text: the plain format for models without a template, and spans of thinking."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from iabench.records import Message

__all__ = ["PLAIN_STOP", "Said", "fold_system", "plain", "split_thinking"]

PLAIN_STOP = "\n\n"
"""A base model asked in the plain format has answered when it leaves a blank line."""

_SPAN = re.compile(r"<(think|thinking)>(.*?)</\1>", re.DOTALL)
_TAGS = (("<think>", "</think>"), ("<thinking>", "</thinking>"))


def plain(messages: Sequence[Message]) -> str:
    """Return messages as `Question: ...` / `Answer: ...` lines, ending where the model goes on."""
    lines = []
    for message in messages:
        label = {"system": "", "user": "Question: ", "assistant": "Answer: "}[message.role]
        lines.append(label + message.content.strip())
        if message.role != "user":
            lines.append("")
    return "\n".join([*lines, "Answer:"])


def fold_system(messages: Sequence[Message]) -> list[Message]:
    """Return messages without a system message: it leads the first user turn."""
    if not messages or messages[0].role != "system":
        return list(messages)
    system, user, *rest = messages
    return [Message(role="user", content=f"{system.content}\n\n{user.content}"), *rest]


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
    """Take the thinking out of what a model wrote: every span of it, wherever it stands.

    Args:
        text: as it came.
        opened: the prompt itself ended inside a thinking span, so `text` begins in one.
    """
    spans: list[str] = []
    for start, end in _TAGS:
        head, closed, rest = text.partition(end)
        # A template that opens the span itself leaves only the closing tag in the text.
        if closed and start not in head:
            spans.append(head)
            text, opened = rest, False
            break
    spans += [match.group(2) for match in _SPAN.finditer(text)]
    text = _SPAN.sub("", text).lstrip()
    begun = next((start for start, _ in _TAGS if text.startswith(start)), None)
    if begun is not None or opened:
        spans.append(text.removeprefix(begun or ""))
        return Said("", "\n".join(span.strip() for span in spans), open=True)
    thinking = "\n".join(span.strip() for span in spans) if spans else None
    return Said(text, thinking, open=False)
