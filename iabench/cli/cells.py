"""What a person sees while a study goes on: a grid of cells, or a line a cell."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Self

from iabench.cli.progress import Lines, console
from iabench.runs.watch import clock

if TYPE_CHECKING:
    from iabench.studies.spec import Cell
    from iabench.studies.study import Study

__all__ = ["Grid", "Log", "watching_cells"]

_SIGNS = {"made": "✓", "found": "✓", "failed": "✗", "begun": "▶", "busy": "▷"}
_WIDE = 30


def watching_cells(study: Study, *, quiet: bool) -> Grid | Log:
    """Return the watch that fits: a grid in a terminal, lines elsewhere, nothing when quiet."""
    if not quiet and sys.stderr.isatty() and len(study.spec.models) == 1:
        return Grid(study)
    return Log(quiet=quiet)


class Log(Lines):
    """A line a cell, for logs."""

    def begin(self, stage: str, total: int, done: int = 0) -> None:
        """Remember the stage; nobody needs to know where a cell goes on from."""
        super().begin(stage, total)

    def cell(self, cell: Cell, state: str, says: str = "") -> None:
        """Say what became of it."""
        name = f"{cell.method.name}:{cell.seed}"
        model = f" model {cell.model}" if cell.model else ""
        if state == "made":
            self.say(f"{name:<18}{model} done in {clock(float(says))}")
        elif state in ("failed", "busy", "found"):
            why = {"busy": "another process is at it", "found": "found"}.get(state, says)
            self.say(f"{name:<18}{model} {'failed: ' if state == 'failed' else ''}{why}")

    def end(self, summary: str = "") -> None:
        """Stages of a cell are not worth a line."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open."""


class Grid:
    """Methods by seeds, each cell with its time; the one at work with its step."""

    def __init__(self, study: Study) -> None:
        self._spec = study.spec
        self._only = study.only
        self._says: dict[tuple[str, int], str] = {}
        self._begun: dict[tuple[str, int], float] = {}
        self._done = 0
        self._spent = 0.0
        self._at: tuple[str, int] | None = None
        self._stage, self._total, self._count = "", 0, 0
        self._live: Any = None

    def __enter__(self) -> Self:
        from rich.live import Live

        self._live = Live(self._drawn(), console=console(), transient=True, refresh_per_second=4)
        self._live.__enter__()
        return self

    def __exit__(self, *left: object) -> None:
        """Take the grid away: the table comes in its place."""
        self._live.__exit__(*left)

    def cell(self, cell: Cell, state: str, says: str = "") -> None:
        """Write it into the grid."""
        at = (cell.method.name, cell.seed)
        sign = _SIGNS[state]
        if state == "begun":
            self._at, self._begun[at] = at, time.monotonic()
            self._stage, self._total = "", 0
        else:
            self._at = None
            self._done += 1
        if state == "made":
            self._spent += float(says)
            says = clock(float(says))
        elif state == "failed":
            says = "failed"
        self._says[at] = f"{sign} {says}"[:_WIDE]
        self._draw()

    def say(self, line: str) -> None:
        """Print a line above the grid."""
        self._live.console.print(line, markup=False)

    def begin(self, stage: str, total: int, done: int = 0) -> None:
        """A stage of the cell at work."""
        self._stage, self._total, self._count = stage, total, done
        self._draw()

    def advance(self, n: int = 1) -> None:
        """N more of it."""
        self._count += n
        self._draw()

    def end(self, summary: str = "") -> None:
        """The stage is over."""

    def loaded(self, *_: object) -> None:
        """It is known which model it is."""

    def _draw(self) -> None:
        if self._live is not None:
            self._live.update(self._drawn())

    def _drawn(self) -> Any:
        from rich.text import Text

        names = ["base", *(method.name for method in self._spec.methods)]
        seeds = range(self._spec.seeds)
        lines = [f"{'':<14}" + "".join(f"{f'seed {seed}':<{self._wide}}" for seed in seeds)]
        for name in names:
            cells = "".join(f"{self._shown((name, seed)):<{self._wide}}" for seed in seeds)
            lines.append(f" {name:<13}{cells}".rstrip())
        left = ""
        made = sum(text.startswith("✓ ") and ":" in text for text in self._says.values())
        if made:
            to_go = (len(self._only) - self._done) * self._spent / made
            left = f" · {clock(to_go)} left"
        lines.append(f" {'─' * 44} {self._done} of {len(self._only)} cells{left}")
        return Text("\n".join(lines))

    @property
    def _wide(self) -> int:
        return 11 if self._at is None else 24

    def _shown(self, at: tuple[str, int]) -> str:
        if at == self._at:
            if self._stage == "training":
                return f"▶ step {self._count} of {self._total}"
            return f"▶ {self._stage or 'begins'}"
        return self._says.get(at, "· waiting")
