"""Rows from a dataset of the Hugging Face hub; no code of a dataset is ever run."""

from __future__ import annotations

import os
import re
from typing import Any

from iabench.datasets.base import RawRow
from iabench.errors import TaskError

__all__ = ["fetch", "is_hub_id"]

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(:[\w.+\[\]%-]+)?")


def is_hub_id(source: str) -> bool:
    """Return whether a source is written as `owner/name` or `owner/name:split`."""
    return _HUB_ID.fullmatch(source) is not None


def fetch(source: str) -> list[RawRow]:
    """Return the rows of `owner/name:split`, or of a configuration's `train` split of that name.

    Raises:
        TaskError: it is not there, cannot be reached, or has no such split.
    """
    name, _, split = source.partition(":")
    try:
        rows = _load(name, split)
    except Exception as problem:  # the hub, the network and parsers raise many types
        raise _refusal(name, split, problem) from problem
    return [RawRow(where=f"row {n}", values=dict(row)) for n, row in enumerate(rows, start=1)]


def _load(name: str, split: str) -> Any:
    import datasets

    try:
        return datasets.load_dataset(name, split=split or "train")
    except ValueError:
        if not split:
            raise
        return datasets.load_dataset(name, split, split="train")


def _refusal(name: str, split: str, problem: Exception) -> TaskError:
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        return TaskError(
            f"HF_HUB_OFFLINE is set and the dataset {name} is not in the cache.",
            "unset HF_HUB_OFFLINE, or give a file",
        )
    line = (str(problem).splitlines() or [type(problem).__name__])[0].rstrip(".")
    return TaskError(
        f"cannot load the dataset {name}{f', split {split}' if split else ''}: {line}.",
        "OWNER/NAME:SPLIT of a dataset on the hub, or a file",
    )
