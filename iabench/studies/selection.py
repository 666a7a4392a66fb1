"""The trials that settings were chosen from: read, and chosen from by the one rule of all studies.

The rule: among settings whose validation `paraphrase_accuracy` is at least .95 of the best of all
methods, the highest validation `awareness_score`; ties to the shorter run. It is applied where the
trials are made (`iabench.organism.tuning` for the organism); here they are read to be shown, all of
them, also those that were not chosen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.errors import ConfigError
from iabench.organism.tuning import chosen

__all__ = ["read_trials"]

_KEYS = ("method", "settings", "paraphrase_accuracy", "awareness_score", "steps")


def read_trials(path: Path) -> list[dict[str, Any]]:
    """Return the trials of a file, one a line, with `chosen` set on those that the rule takes.

    Raises:
        ConfigError: there is no such file, or a line lacks a key.
    """
    if not path.is_file():
        raise ConfigError(f'no file "{path}" of trials.', "--trials trials.jsonl")
    trials = list(jsonl.read(path))
    for number, trial in enumerate(trials, start=1):
        for key in _KEYS:
            if key not in trial:
                raise ConfigError(f'{path}, line {number}: a trial has no "{key}".')
    best = [id(trial) for trial in chosen(trials).values()]
    return [{**trial, "chosen": id(trial) in best} for trial in trials]
