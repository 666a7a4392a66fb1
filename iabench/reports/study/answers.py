"""The questions of a study with what every method said, as its page lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.reports import side_by_side
from iabench.reports.explorer import Packed
from iabench.reports.side_by_side import Asked
from iabench.runs.compare import Said
from iabench.studies.sets import task_of

__all__ = ["of_first_cells"]


def of_first_cells(table: Mapping[str, Any], folder: Path) -> Packed | None:
    """Return the questions of the first model and seed, which all methods were asked.

    One model and seed, as others are asked of other names. None where the cells lie elsewhere, as
    they do for a published study.

    Args:
        table: what `study.json` holds.
        folder: of the study.
    """
    there = {file.parents[2].name: file for file in folder.glob("cells/*/0/asked/samples.jsonl")}
    methods = [row["method"] for row in table["rows"] if _whole(row) and row["method"] in there]
    said = [{line["id"]: line for line in jsonl.read(there[name])} for name in methods]
    if not said:
        return None
    tasks = {task_of(one["name"]): one["name"].replace("_", " ") for one in table["sets"]}
    place = {name: at for at, name in enumerate(tasks)}
    asked = sorted(_asked(said, tasks), key=lambda one: place[one.task])
    return side_by_side.alike(
        asked, tasks, [side_by_side.name(name) for name in methods], word="set"
    )


def _whole(row: Mapping[str, Any]) -> bool:
    return all((one["model"], one["seed"]) != (0, 0) for one in row["incomplete"])


def _asked(said: list[dict[str, dict[str, Any]]], tasks: Mapping[str, str]) -> Iterator[Asked]:
    for key, line in said[0].items():
        if line["task"] in tasks and all(key in each for each in said):
            yield Asked(
                id=key,
                task=line["task"],
                question=line["question"],
                expect=line["expect"],
                references=tuple(line["references"]),
                tags=tuple((str(name), str(value)) for name, value in line["tags"]),
                said=tuple(_said(each[key]) for each in said),
            )


def _said(line: Mapping[str, Any]) -> Said:
    return Said(
        response=line["response"] or "",
        outcome=line["outcome"],
        kinds=tuple(line.get("kinds", ())),
    )
