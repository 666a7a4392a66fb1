"""Any Python function from messages to text as a model: `my_bot.py::answer`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from iabench.errors import ModelError
from iabench.models.base import Limits, Request
from iabench.models.scripted import said
from iabench.prompts.chat import split_thinking
from iabench.records import Completion, Message, ModelSpec, Probe, RunSpec
from iabench.registry import from_file

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
        self._spec = ModelSpec(backend="callable", name=name, weights=weights)

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
            for index in range(request.sampling.n):
                yield position, self._ask(messages, index)

    def _ask(self, messages: list[dict[str, str]], index: int) -> Completion:
        try:
            text = self._answer(messages)
        except Exception as problem:  # noqa: BLE001 - somebody's function may raise anything
            return _failed(index, f"{type(problem).__name__}: {problem}")
        if not isinstance(text, str):
            return _failed(index, f"returned {type(text).__name__}, not text")
        answer, thinking, _ = split_thinking(text)
        done = said(answer, index)
        if thinking is None:
            return done
        return replace(done, thinking=thinking)

    def close(self) -> None:
        """Nothing to give back."""


def _failed(index: int, why: str) -> Completion:
    return replace(said("", index), finish="error", error=why)


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
