"""A study, as Python and a notebook see it."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iabench import jsonl
from iabench.errors import StatsError, StoreError, near_match
from iabench.records import SCHEMA_VERSION
from iabench.studies.verdict import number, reading

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Study"]

_SHOWN = ("finetuning_accuracy", "refusal_accuracy", "accuracy", "over_refusal_rate")


class Study:
    """One study, read from its folder: `study["seat"]` is the row of a method.

    Args:
        path: of the folder.

    Raises:
        StoreError: it holds no study, or one of a newer schema.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        file = self.path / "study.json"
        if not file.exists():
            raise StoreError(
                f"{self.path} holds no finished study.", f"iabench study --out {self.path} ..."
            )
        try:
            self.table: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            newer = int(self.table["schema_version"]) > SCHEMA_VERSION
        except (ValueError, KeyError, TypeError):
            raise StoreError(f"{file} is not readable.") from None
        if newer:
            raise StoreError(f"{file} was written by a newer iabench.", "pip install -U iabench")

    @property
    def rows(self) -> tuple[Mapping[str, Any], ...]:
        """The rows of the table: the base, then the methods."""
        return tuple(self.table["rows"])

    @cached_property
    def verdict(self) -> str:
        """What the methods do to "I don't know", in a sentence or a few."""
        return " ".join(reading(self.table)) or "The base was never asked what it cannot know."

    def __getitem__(self, method: str) -> Mapping[str, Any]:
        """Return the row of a method.

        Raises:
            StatsError: there is none.
        """
        found = {row["method"]: row for row in self.rows}
        if method not in found:
            near = near_match(method, found) or ", ".join(found)
            raise StatsError(f'no method "{method}" in {self.path}.', near)
        row: Mapping[str, Any] = found[method]
        return row

    def samples(self, **where: Any) -> list[dict[str, Any]]:
        """Return the joined lines of probes of all cells that are kept here, each with its cell.

        E.g. `study.samples(method="seat", seed=0, outcome="hallucinated")`.
        """
        return [s for s in self._samples() if all(s.get(k) == v for k, v in where.items())]

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as a data frame: a line a method, mean and sd of every figure."""
        import pandas as pd

        lines = []
        for row in self.rows:
            line: dict[str, Any] = {"method": row["method"], "source": row["source"]}
            for key, one in row.items():
                if isinstance(one, Mapping) and {"mean", "sd"} <= one.keys():
                    line |= {key: one["mean"], f"{key}_sd": one["sd"]}
            lines.append(line)
        return pd.DataFrame(lines)

    def _samples(self) -> Iterator[dict[str, Any]]:
        for file in sorted(self.path.glob("cells/*/*/asked/samples.jsonl")):
            cell = file.parents[1]
            seed, _, model = cell.name.partition("-model-")
            about = {"method": cell.parent.name, "seed": int(seed), "model": int(model or 0)}
            yield from ({**about, **line} for line in jsonl.read(file))

    def __repr__(self) -> str:
        return f"Study {self.path}: {self.verdict}"

    def _repr_html_(self) -> str:
        def cell(one: Mapping[str, Any]) -> str:
            if one["mean"] is None:
                return "–"
            sd = "" if one["sd"] is None else f" ±{number(one['sd'])}"
            return f"{number(one['mean'])}{sd}"

        head = "".join(f"<th>{html.escape(name.replace('_', ' '))}</th>" for name in _SHOWN)
        rows = "".join(
            f"<tr><th>{html.escape(row['method'])}</th>"
            + "".join(f"<td>{cell(row[name])}</td>" for name in _SHOWN)
            + "</tr>"
            for row in self.rows
        )
        says = html.escape(f"{', '.join(self.table['models'])}: {self.verdict}")
        return f"<table><caption>{says}</caption><tr><th>method</th>{head}</tr>{rows}</table>"
