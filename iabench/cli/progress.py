"""What a person sees while a run goes on: on stderr, a bar in a terminal and lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from iabench.records import ModelSpec

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Lines", "Terminal", "console", "watching"]

_EVERY = 30.0
"""Seconds between lines where nobody sits at a terminal."""
_FEW = 10
"""Steps of a training before which nobody can say how long it takes."""


def console() -> Console:
    """Return a console on stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def watching(*, quiet: bool) -> Lines | Terminal:
    """Return the watch that fits: bars in a terminal, lines elsewhere, nothing when quiet."""
    if quiet:
        return Lines(every=float("inf"), quiet=True)
    return Terminal() if sys.stderr.isatty() else Lines()


class Lines:
    """One line every thirty seconds, for logs."""

    def __init__(self, every: float = _EVERY, *, quiet: bool = False) -> None:
        self._every = every
        self._quiet = quiet
        self._stage, self._total, self._done, self._first = "", 0, 0, 0
        self._start = self._said = time.monotonic()

    def say(self, line: str) -> None:
        """Print a line."""
        if not self._quiet:
            print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is the terminal

    def begin(self, stage: str, total: int, done: int = 0) -> None:
        """Remember the stage; say where it goes on from."""
        self._stage, self._total, self._done, self._first = stage, total, done, done
        self._start = self._said = time.monotonic()
        if done:
            self.say(f"{stage:<10}goes on at {done:,} of {total:,}")

    def advance(self, n: int = 1) -> None:
        """Count; say so when it is time."""
        self._done += n
        now = time.monotonic()
        if now - self._said >= self._every:
            self._said = now
            self.say(f"{self._stage:<10}{self._count()}")

    def end(self, summary: str = "") -> None:
        """Say how long it took, or what came of it."""
        if summary:
            self.say(f"{self._stage:<10}{summary}")
        elif self._stage == "asking":
            self.say(f"{self._stage:<10}{self._count()}")

    def _count(self) -> str:
        """Return how many of how many, how fast, and since when: `812/1,733  11.4/s  1:11`."""
        seconds = time.monotonic() - self._start
        clock = f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
        if self._total <= 1:
            return clock
        made = self._done - self._first
        rate = made / max(seconds, 1e-9)
        left = ""
        if self._stage == "training" and made >= _FEW:
            to_go = int((self._total - self._done) / rate)
            left = f", {to_go // 60}:{to_go % 60:02d} left"
        return f"{self._done:,}/{self._total:,}  {rate:.1f}/s  {clock}{left}"

    def loaded(self, model: ModelSpec, notes: tuple[str, ...]) -> None:
        """Say what was loaded and how it is asked."""
        for line in loaded_lines(model, notes):
            self.say(line)


class Terminal(Lines):
    """A bar a stage."""

    def __init__(self) -> None:
        super().__init__(every=float("inf"))
        self._progress: Any = None
        self._task: Any = None

    def begin(self, stage: str, total: int, done: int = 0) -> None:
        """Draw the bar."""
        super().begin(stage, total, done)
        if stage == "grading":
            return
        from rich.progress import BarColumn, Progress, TextColumn

        self._progress = Progress(
            TextColumn("{task.description:<9}"),
            BarColumn(40, complete_style="default", finished_style="default"),
            TextColumn("{task.fields[count]}"),
            console=console(),
        )
        self._task = self._progress.add_task(stage, total=total, completed=done, count="")
        self._progress.start()

    def advance(self, n: int = 1) -> None:
        """Move the bar."""
        super().advance(n)
        if self._progress is not None:
            self._progress.update(self._task, advance=n, count=self._count())

    def end(self, summary: str = "") -> None:
        """Leave the bar as it stands."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
        elif summary:
            super().end(summary)

    def say(self, line: str) -> None:
        """Print a line, above the bar if there is one."""
        if self._progress is not None:
            self._progress.console.print(line, markup=False)
        else:
            super().say(line)


def loaded_lines(model: ModelSpec, notes: tuple[str, ...]) -> list[str]:
    """Return what there is to say of a loaded model."""
    size = f" · {parameters(model.n_parameters)}" if model.n_parameters else ""
    kind = (
        (model.architecture or model.backend)
        .removesuffix("ForCausalLM")
        .removesuffix("LMHeadModel")
    )
    dtype = f" · {model.dtype}" if model.dtype else ""
    template = f" · chat template {model.chat_template[:6]}" if model.chat_template else ""
    return [f"model     {kind}{size}{dtype}{template}", *(f"          {note}" for note in notes)]


def parameters(n: int) -> str:
    """Return a parameter count in words: `8.0 B`, `1.6 M`."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if n >= size:
            return f"{n / size:.1f} {unit}"
    return str(n)
