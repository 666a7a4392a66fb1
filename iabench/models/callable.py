"""Any Python function from messages to text as a model: `my_bot.py::answer`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import CodeType
from typing import Any

from iabench.errors import ModelError
from iabench.models.base import Limits, Request, failed, said
from iabench.prompts.chat import split_thinking
from iabench.records import Completion, Message, ModelSpec, Probe, RunSpec
from iabench.registry import from_file
from iabench.rng import digest

__all__ = ["Answerer", "CallableBackend", "open_backend"]

Answerer = Callable[[list[dict[str, str]]], str]
"""Messages as `{"role": ..., "content": ...}` dicts -> what the model says."""


class CallableBackend:
    """Asks a function, one prompt at a time.

    A function's decoding is its own: the token limit and temperature are not passed on, and where
    it raises, that answer is undecided with the reason.
    """

    def __init__(self, answer: Answerer, *, name: str, weights: str | None = None) -> None:
        self._answer = answer
        self._spec = ModelSpec(backend="callable", name=name, weights=weights or _digest(answer))

    @property
    def spec(self) -> ModelSpec:
        """The function's name; a digest of its file where it has one."""
        return self._spec

    @property
    def limits(self) -> Limits:
        """One row at a time, so that nothing is lost when the function is stopped."""
        return Limits(rows=1)

    @property
    def notes(self) -> Sequence[str]:
        """What the function is not told."""
        return ("a function decides its own decoding: token limit and sampling are not passed on",)

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...] | None:
        """Return None: the function renders the messages."""
        return None

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Completion]]:
        """Yield what the function returns, `sampling.n` times a request."""
        for position, request in enumerate(requests):
            messages = [{"role": m.role, "content": m.content} for m in request.messages]
            for index in request.indices:
                yield position, self._ask(messages, index)

    def _ask(self, messages: list[dict[str, str]], index: int) -> Completion:
        try:
            text = self._answer(messages)
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - it may raise anything
            return failed(f"{type(problem).__name__}: {problem}", index)
        if not isinstance(text, str):
            return failed(f"returned {type(text).__name__}, not text", index)
        split = split_thinking(text)
        return replace(
            said(split.answer, index),
            thinking=split.thinking,
            finish="length" if split.open else "stop",
        )

    def close(self) -> None:
        """Nothing to give back."""


def _digest(answer: Any) -> str:
    """Return a digest of a function: its code, defaults, and what it closes over.

    An object of one's own is known by its `repr`, which names another object in another process:
    then the run begins anew rather than go on with somebody else's answers.
    """
    code = getattr(answer, "__code__", None)
    if code is None:
        return digest(repr(answer))
    cells = [repr(cell.cell_contents) for cell in answer.__closure__ or ()]
    constants = [c.co_code.hex() if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return digest(code.co_code.hex(), *constants, *code.co_names, repr(answer.__defaults__), *cells)


def open_backend(spec: RunSpec, probes: Sequence[Probe]) -> CallableBackend:
    """Open `--model FILE.py::NAME`.

    Raises:
        ModelError: no such file, it cannot be imported, or holds no such function.
    """
    answer = from_file(spec.model, ModelError)
    path = Path(spec.model.partition("::")[0]).expanduser()
    if not callable(answer):
        raise ModelError(f"{spec.model} is no function.", "--model FILE.py::FUNCTION")
    weights = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return CallableBackend(answer, name=spec.model, weights=weights)
