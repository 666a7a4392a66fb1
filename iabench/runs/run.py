"""A finished run, as Python and a notebook see it."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iabench import jsonl
from iabench.decode import decode
from iabench.errors import StatsError, StoreError, near_match
from iabench.records import Estimate, ModelSpec
from iabench.runs.counts import Counts
from iabench.runs.reading import Told, told
from iabench.runs.store import read_run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Run", "load"]


class Run:
    """One evaluation, read from its folder.

    `run["refusal_accuracy"]` is the `Estimate` of the run's headline (its suite or only task);
    `run["accuracy", "real-facts"]` that of one task.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.about = read_run(path) or {}
        file = path / "results.json"
        if not file.exists():
            raise StoreError(
                f"{path} holds no finished run.", f"iabench evaluate -C {path / 'run.json'}"
            )
        try:
            self.results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            raise StoreError(f"{file} is not readable.", f"iabench regrade {path}") from None
        self.estimates: tuple[Estimate, ...] = tuple(
            decode(Estimate, line, where=str(file), error=StoreError)
            for line in self.results["estimates"]
        )
        self._index = {(e.metric, e.task, e.slice, e.variant): e for e in self.estimates}

    @property
    def headline(self) -> str:
        """The suite or task that the run is about."""
        return str(self.results["headline"])

    @property
    def outcomes(self) -> dict[str, dict[str, Any]]:
        """Counts of outcomes by task."""
        return dict(self.results["outcomes"])

    @property
    def model(self) -> ModelSpec | None:
        """What was asked, or None before it was loaded."""
        spec = self.about.get("model")
        return decode(ModelSpec, spec, where=str(self.path), error=StoreError) if spec else None

    @cached_property
    def verdict(self) -> Told:
        """What the numbers say, in a sentence; no word of it comes from a model."""
        outcomes = self.outcomes
        known, unknown = (
            Counts.read(one.get(side) or {} for one in outcomes.values())
            for side in ("answerable", "unanswerable")
        )
        kinds = {
            task["answering_is"]
            for task in self.results["tasks"]
            if Counts.read([outcomes.get(task["name"], {}).get("unanswerable") or {}]).n
        }
        return told(
            lambda metric: self._index.get((metric, self.headline, "all", "raw")),
            known,
            unknown,
            fabricates=kinds <= {"fabrication", None},
        )

    @property
    def undecided_share(self) -> float:
        """Share of all probes that nobody could decide."""
        counts = self.results["outcomes"].values()
        n = sum(c["n"] for c in counts)
        return sum(c["undecided"] for c in counts) / n if n else 0.0

    def __getitem__(self, key: str | tuple[str, str]) -> Estimate:
        """Return an estimate by metric, or by (metric, task).

        Raises:
            StatsError: no such metric or task here; the nearest name is in the hint.
        """
        metric, task = key if isinstance(key, tuple) else (key, self.headline)
        found = self._index.get((metric, task, "all", "raw"))
        if found is None:
            metrics = {e.metric for e in self.estimates if e.task == task}
            if not metrics:
                tasks = {e.task for e in self.estimates}
                raise StatsError(f'no task "{task}" in {self.path}.', near_match(task, tasks) or "")
            raise StatsError(
                f'no metric "{metric}" of {task} in {self.path}.',
                near_match(metric, metrics) or ", ".join(sorted(metrics)),
            )
        return found

    def samples(self, **where: str) -> list[dict[str, Any]]:
        """Return the joined lines of probes, e.g. `run.samples(outcome="hallucinated")`."""
        return [s for s in self._samples() if all(s.get(k) == v for k, v in where.items())]

    def to_pandas(self) -> pd.DataFrame:
        """Return the estimates as a data frame, one line each."""
        import pandas as pd

        return pd.DataFrame([jsonl.jsonable(e) for e in self.estimates])

    def _samples(self) -> Iterator[dict[str, Any]]:
        return jsonl.read(self.path / "samples.jsonl")

    def _main(self) -> list[Estimate]:
        return [
            e
            for e in self.estimates
            if (e.task, e.slice, e.variant) == (self.headline, "all", "raw")
        ]

    def __repr__(self) -> str:
        says = f"Run {self.path} ({self.headline}): {self.verdict}"
        lines = [says, *(f"  {e}" for e in self._main())]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(e.metric)}</td><td>{_shown(e.value)}</td>"
            f"<td>{_shown(e.lo)} – {_shown(e.hi)}</td><td>{e.n}</td></tr>"
            for e in self._main()
        )
        model = self.about.get("asked", {}).get("model", "")
        title = html.escape(f"{model} · {self.headline}: {self.verdict}")
        head = "<tr><th>metric</th><th>value</th><th>interval</th><th>n</th></tr>"
        return f"<table><caption>{title}</caption>{head}{rows}</table>"


def load(path: str | Path) -> Run:
    """Return the run in a folder.

    Raises:
        StoreError: there is none, it is unfinished, or of a newer schema.
    """
    folder = Path(path)
    if read_run(folder) is None:
        raise StoreError(f"{folder} holds no run.", "iabench runs")
    return Run(folder)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
