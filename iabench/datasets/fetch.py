"""The only code that downloads: files of published datasets, and rows of datasets of the hub.

No code of a dataset is ever run: what needs code of its own to be loaded is refused.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iabench.datasets.base import RawRow
from iabench.datasets.published import Dataset, Remote, copies_folder, how_to_get
from iabench.errors import TaskError

__all__ = ["fetch", "fetch_files", "is_hub_id"]

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


def fetch_files(name: str, dataset: Dataset, folder: Path | None = None) -> Iterator[str]:
    """Get the files of a published dataset; yield a line on each, as it is there.

    A file that is there and is the pinned one is not fetched again; one that breaks off leaves
    nothing behind.

    Args:
        name: of the dataset.
        dataset: its files, each at a fixed revision.
        folder: to put them in; None for the folder in which they are looked for.

    Raises:
        TaskError: one cannot be had, needs code, or is not the pinned one.
    """
    if not dataset.file:
        raise TaskError(
            f"{name} is not to be had from an address.",
            how_to_get(name, dataset, [dataset.split[split].files for split in dataset.asks]),
        )
    folder = folder or copies_folder() / name
    folder.mkdir(parents=True, exist_ok=True)
    for remote in dataset.file:
        path = folder / remote.name
        if path.is_file() and remote.sha256 in (None, _sha256(path)):
            yield f"{path}   there already"
            continue
        part = path.with_name(f"{path.name}.part")
        try:
            _get(name, remote, part)
            if remote.sha256 is not None and _sha256(part) != remote.sha256:
                raise TaskError(
                    f"{name}: {remote.url} is not the pinned file "
                    f"(sha256 {_sha256(part)[:12]}, wanted {remote.sha256[:12]}).",
                    "its source has changed it; --data-dir with a copy of the pinned one",
                )
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        pinned = remote.sha256 or remote.revision or re.search(r"[0-9a-f]{40}", remote.url or "")
        yield f"{path}   {path.stat().st_size / 1e6:,.1f} MB{'' if pinned else ', not pinned'}"


def _get(name: str, remote: Remote, part: Path) -> None:
    """Write one file of a dataset to a path."""
    if remote.url is not None:
        _download(name, remote.url, part)
        return
    hub = remote.hub or ""
    try:
        import datasets

        rows = datasets.load_dataset(
            hub, remote.config, split=remote.split, revision=remote.revision
        )
        rows.to_parquet(part)
    except Exception as problem:  # the hub, the network and parsers raise many types
        raise _refusal(hub, remote.split, problem) from problem


def _download(name: str, url: str, part: Path) -> None:
    import httpx

    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=60) as answer:
            answer.raise_for_status()
            with part.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)
    except httpx.HTTPStatusError as problem:
        raise TaskError(
            f"{name}: {url} answers {problem.response.status_code}.", "--data-dir with a copy"
        ) from None
    except httpx.HTTPError as problem:
        line = (str(problem).splitlines() or [type(problem).__name__])[0].rstrip(".")
        raise TaskError(
            f"{name}: cannot reach {httpx.URL(url).host} ({line}).",
            f"with a network: iabench tasks fetch {name}   (or --data-dir with a copy)",
        ) from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load(name: str, split: str) -> Any:
    import datasets

    try:
        return datasets.load_dataset(name, split=split or "train")
    except ValueError:
        if not split:
            raise
        return datasets.load_dataset(name, split, split="train")


def _refusal(name: str, split: str, problem: Exception) -> TaskError:
    line = (str(problem).splitlines() or [type(problem).__name__])[0].rstrip(".")
    # The words of `datasets` for a repository that holds a loading script.
    if "trust_remote_code" in str(problem) or "scripts are no longer supported" in str(problem):
        return TaskError(
            f"the dataset {name} needs code of its own to be loaded, and no code of a dataset is "
            f"run here ({line}).",
            "its rows as a file: JSON lines, CSV or Parquet",
        )
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        return TaskError(
            f"HF_HUB_OFFLINE is set and the dataset {name} is not in the cache.",
            "unset HF_HUB_OFFLINE, or give a file",
        )
    return TaskError(
        f"cannot load the dataset {name}{f', split {split}' if split else ''}: {line}.",
        "OWNER/NAME:SPLIT of a dataset on the hub, or a file",
    )
