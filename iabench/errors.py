"""Errors that a person can mend.

    IabenchError            what went wrong, and what to type instead
    ├── ConfigError         an option, a file or a combination of them is not acceptable
    ├── UnknownNameError    no such task, detector, backend, ... (near matches named)
    ├── PluginError         a plug-in clashes or cannot be imported
    ├── TaskError           a task's files are wrong
    ├── ModelError          a model cannot be loaded or used as asked
    ├── BackendError        a backend failed while answering
    ├── StoreError          a run folder is broken, foreign, or cannot be written
    └── StatsError          an estimate was asked for that does not exist

The command line shows `message` and `hint` on two lines and exits with `exit_code`. Whatever else
is raised is our fault.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BackendError",
    "ConfigError",
    "IabenchError",
    "ModelError",
    "PluginError",
    "StatsError",
    "StoreError",
    "TaskError",
    "TrainingError",
    "UnknownNameError",
    "near_match",
]


class IabenchError(Exception):
    """Something that the person at the keyboard can mend.

    Args:
        message: what is wrong, naming the thing.
        hint: what to type or do instead; shown behind `try: `.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\ntry: {self.hint}" if self.hint else self.message


class ConfigError(IabenchError):
    """An option, a configuration file or a combination of them is not acceptable."""


class UnknownNameError(IabenchError):
    """No such name; the hint holds the nearest ones."""


class PluginError(IabenchError):
    """A plug-in clashes with another or cannot be imported."""


class TaskError(IabenchError):
    """The files of a task are wrong; the message names file and row."""


class ModelError(IabenchError):
    """A model cannot be loaded or used as asked."""


class BackendError(IabenchError):
    """A backend failed while answering; what was answered before is kept."""


class StoreError(IabenchError):
    """A run folder is broken, belongs to another evaluation, or cannot be written."""


class TrainingError(IabenchError):
    """A training that cannot be, or cannot go on."""


class StatsError(IabenchError):
    """An estimate was asked for that does not exist."""


def near_match(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, or None where none is alike."""
    found = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None
