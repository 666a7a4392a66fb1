"""Whoever watches a run: the terminal, a notebook, nobody."""

from __future__ import annotations

from typing import Protocol

from iabench.records import ModelSpec

__all__ = ["Silent", "Watch", "clock"]


class Watch(Protocol):
    """Is told what happens, as it happens."""

    def say(self, line: str) -> None:
        """Take a line worth knowing."""
        ...

    def begin(self, stage: str, total: int, done: int = 0) -> None:
        """A stage (`loading`, `asking`, `grading`) begins; `done` of it was done before."""
        ...

    def advance(self, n: int = 1) -> None:
        """Take note of n more."""
        ...

    def end(self, summary: str = "") -> None:
        """The stage is over."""
        ...

    def loaded(self, model: ModelSpec, notes: tuple[str, ...]) -> None:
        """The model is there."""
        ...


class Silent:
    """Nobody watches."""

    def say(self, line: str) -> None:
        """Drop the line."""

    def begin(self, stage: str, total: int, done: int = 0) -> None:
        """Nothing."""

    def advance(self, n: int = 1) -> None:
        """Nothing."""

    def end(self, summary: str = "") -> None:
        """Nothing."""

    def loaded(self, model: ModelSpec, notes: tuple[str, ...]) -> None:
        """Nothing."""


def clock(seconds: float) -> str:
    """Return seconds as `0:07`, `12:30`, `1:02:00`."""
    whole = max(1, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
