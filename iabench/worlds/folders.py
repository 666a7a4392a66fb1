"""Where the data of built-in tasks and worlds lie."""

from __future__ import annotations

from pathlib import Path

from iabench.errors import TaskError

__all__ = ["data_folder"]


def data_folder(*parts: str) -> Path:
    """Return the folder of built-in tasks, or a path in it.

    A wheel carries it as `iabench/_tasks`; an editable install has the repository's `tasks`. Where
    both are there the first counts, so never both.

    Raises:
        TaskError: there is neither.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_tasks", package.parent / "tasks"):
        if folder.is_dir():
            return folder.joinpath(*parts)
    raise TaskError(
        "iabench's own tasks are missing from this installation.",
        "install it again: pip install --force-reinstall iabench",
    )
