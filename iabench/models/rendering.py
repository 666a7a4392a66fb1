"""Messages to token ids: rendered once, by the model's own template, with at most one BOS."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from iabench.errors import ModelError
from iabench.prompts.chat import fold_system, plain
from iabench.records import Message

__all__ = ["Renderer"]


class Renderer:
    """Turns messages into the ids that a model reads.

    Args:
        tokenizer: a transformers tokenizer.
        template: `auto` (the tokenizer's own, else the plain format), `none` (the plain format), or
            the text of a template.
        kwargs: passed to the template. Thinking is switched off where the template knows the word,
            unless they say otherwise.
    """

    def __init__(
        self, tokenizer: Any, template: str = "auto", kwargs: Mapping[str, Any] | None = None
    ) -> None:
        self._tokenizer = tokenizer
        self.template: str | None = {"auto": _own(tokenizer), "none": None}.get(template, template)
        self.kwargs: dict[str, Any] = {k: _value(v) for k, v in (kwargs or {}).items()}
        if self.template and "enable_thinking" in self.template:
            self.kwargs = {"enable_thinking": False, **self.kwargs}
        self.folds_system = False
        """Whether the template refused a system message, which then leads the first user turn."""
        if self.template:
            self._try_system()

    @property
    def digest(self) -> str | None:
        """First 12 hex digits of the template's sha256; None in the plain format."""
        if self.template is None:
            return None
        return hashlib.sha256(self.template.encode()).hexdigest()[:12]

    def text(self, messages: Sequence[Message]) -> str:
        """Return the prompt as text.

        Raises:
            ModelError: the template does not render.
        """
        if self.template is None:
            return plain(messages)
        if self.folds_system:
            messages = fold_system(messages)
        from jinja2 import TemplateError

        try:
            return str(self._apply(messages))
        except TemplateError as problem:
            raise ModelError(
                f"the chat template does not render: {problem}.", "--chat-template none, or a FILE"
            ) from None

    def ids(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """Return the prompt as token ids: one BOS if the tokenizer begins texts with one."""
        bos = self._tokenizer.bos_token_id
        text = self.text(messages)
        ids = list(self._tokenizer(text, add_special_tokens=self.template is None)["input_ids"])
        if bos is None:
            return tuple(ids)
        while len(ids) > 1 and ids[0] == ids[1] == bos:
            ids = ids[1:]
        begins = self._tokenizer("a")["input_ids"][:1] == [bos]
        if begins and ids[:1] != [bos]:
            ids = [bos, *ids]
        return tuple(ids)

    def opens_thinking(self, ids: Sequence[int]) -> bool:
        """Return whether the prompt ends inside a thinking span."""
        tail = self._tokenizer.decode(list(ids[-8:]), skip_special_tokens=False).rstrip()
        return bool(tail.endswith(("<think>", "<thinking>")))

    def _apply(self, messages: Sequence[Message]) -> Any:
        return self._tokenizer.apply_chat_template(
            [{"role": m.role, "content": m.content} for m in messages],
            chat_template=self.template,
            tokenize=False,
            add_generation_prompt=True,
            **self.kwargs,
        )

    def _try_system(self) -> None:
        from jinja2 import TemplateError

        probe = [Message(role="system", content="SYSTEM-PROBE"), Message(role="user", content="u")]
        try:
            # Some templates refuse a system message, some drop it without a word.
            self.folds_system = "SYSTEM-PROBE" not in str(self._apply(probe))
        except TemplateError:
            self.folds_system = True


def _value(value: Any) -> Any:
    """Return what `key=value` means: a template takes the text "false" for true."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value.lower() if value in ("True", "False", "None") else value)
    except ValueError:
        return None if value == "None" else value


def _own(tokenizer: Any) -> str | None:
    if not tokenizer.chat_template:
        return None
    return str(tokenizer.get_chat_template())
