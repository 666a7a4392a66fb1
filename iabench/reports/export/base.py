"""What an export is given, and where its files go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iabench.errors import ConfigError, StoreError
from iabench.records import Estimate, TaskSpec
from iabench.registry import Registry
from iabench.reports.loading import load
from iabench.reports.view import View
from iabench.runs.run import load as load_run

__all__ = ["EXPORTS", "Export", "Exported", "export", "stderr_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A run without what may not leave: private tasks, and the suites that hold one."""

    view: View
    specs: Mapping[str, TaskSpec]
    estimates: tuple[Estimate, ...]
    """Raw, over whole tasks and suites, with a value."""
    samples: tuple[dict[str, Any], ...]
    """Lines of `samples.jsonl`."""
    n_private: int
    """Rows that are left out."""
    options: Mapping[str, str]
    """What the target wants to know besides, e.g. `dataset`."""

    @property
    def date(self) -> str:
        """When the run was done, as ISO 8601; empty where nobody knows."""
        return str(self.view.run.finished or self.view.run.started or "")

    @property
    def model(self) -> str:
        """The model as it was asked for."""
        return self.view.run.model.name


Export = Callable[[Exported, Path], list[Path]]
EXPORTS: Registry[Export] = Registry("exports", "export")


def export(
    run: Path,
    to: str,
    out: Path,
    *,
    include_private: bool = False,
    options: Mapping[str, str] | None = None,
) -> tuple[list[Path], int]:
    """Write a run for another tool; return the files and how many private rows stayed out.

    Raises:
        UnknownNameError: no such target.
        StoreError: there is no finished run, or all of it is private.
        ConfigError: `out` holds files that are not of an export.
    """
    write = EXPORTS.get(to)
    view = load(run)
    private = frozenset() if include_private else view.private
    lines = load_run(run).samples()
    kept = tuple(line for line in lines if line["task"] not in private)
    if not kept:
        raise StoreError(f"all rows of {run} are made of your own facts.", "--include-private")
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file.", "--out FOLDER")
    out.mkdir(parents=True, exist_ok=True)
    given = Exported(
        view=view,
        specs={c.spec.name: c.spec for c in view.tasks if c.spec.name not in private},
        estimates=tuple(
            e
            for e in view.estimates
            if (e.slice, e.variant) == ("all", "raw")
            and e.value is not None
            and e.task not in private
        ),
        samples=kept,
        n_private=len(lines) - len(kept),
        options=options or {},
    )
    return write(given, out), given.n_private


def stderr_of(estimate: Estimate) -> float | None:
    """Return the standard error that a symmetric interval of that width would have."""
    from scipy.stats import norm

    if estimate.lo is None or estimate.hi is None:
        return None
    z = float(norm.ppf((1 + estimate.level) / 2))
    return (estimate.hi - estimate.lo) / 2 / z
