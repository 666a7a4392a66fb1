"""A task: its specification, its probes, and the rounds in which it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from iabench import jsonl
from iabench.records import Completion, Probe, Prompt, RunSpec, TaskSpec
from iabench.registry import Registry

__all__ = [
    "DIAGNOSTIC",
    "SMALL",
    "TASKS",
    "UNREFERENCED",
    "Asking",
    "Task",
    "Transcript",
    "checksum",
]

DIAGNOSTIC = "°"
"""Stands behind the name of a diagnostic task wherever its numbers stand."""
SMALL = f"{DIAGNOSTIC} diagnostic: too small to rank by, or made to compare its own slices"
"""Stands below every table that has such a task."""

UNREFERENCED = ("over_refusal_rate", "engagement_rate")
"""Metrics of questions that have an answer which nobody wrote down."""

Transcript = Mapping[tuple[str, str, int, int], Completion]
"""Completions so far by (probe id, series, turn, index)."""


class Asking(Protocol):
    """Makes prompts of one series for probes, given what the model has said so far."""

    def __call__(self, probes: Sequence[Probe], said: Transcript) -> Iterable[Prompt]:
        """Return the prompts that can be asked now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Probes and what is known about them as a set."""

    spec: TaskSpec
    probes: tuple[Probe, ...]
    facts: tuple[tuple[str, str], ...] = ()
    """What else its card tells, as (key, value): certificates, gauges, where names come from."""
    left_out: tuple[Probe, ...] = ()
    """Not asked, as the detector itself reads a reference of each as abstaining."""


TASKS: Registry[Callable[[RunSpec], Task]] = Registry("tasks", "task")


def checksum(probes: Iterable[Probe]) -> str:
    """Return the sha256 of probes as canonical JSON; a field that few have counts where it is."""
    return jsonl.checksum(_plain(probe) for probe in probes)


def _plain(probe: Probe) -> dict[str, Any]:
    held: dict[str, Any] = jsonl.jsonable(probe)
    if not held["neighbour"]:
        del held["neighbour"]
    return held
