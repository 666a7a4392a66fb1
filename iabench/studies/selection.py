"""The trials that settings were chosen from: read, and chosen from by the one rule of all studies.

Of methods that are taught facts: among settings whose validation `paraphrase_accuracy` is at least
.95 of the best of all methods, the highest validation `awareness_score`. Of methods that label
questions: the lowest validation `aed`. Ties to the shorter run. The rules are applied where the
trials are made (for the organisms `iabench.organism.tuning` and `iabench.studies.entropy_trials`);
here they are read to be shown, all of them, also those that were not chosen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.errors import ConfigError
from iabench.organism import tuning
from iabench.studies import entropy_trials

__all__ = ["read_trials"]

_ALL = ("method", "settings", "steps")
_OF_FACTS = ("paraphrase_accuracy", "awareness_score")
_OF_LABELS = ("aed", "over_refusal_rate")


def read_trials(path: Path) -> list[dict[str, Any]]:
    """Return the trials of a file, one a line, with `chosen` set on those that the rule takes.

    Raises:
        ConfigError: there is no such file, or a line lacks a key.
    """
    if not path.is_file():
        raise ConfigError(f'no file "{path}" of trials.', "--trials trials.jsonl")
    trials = list(jsonl.read(path))
    by_aed = any("aed" in trial for trial in trials)
    for number, trial in enumerate(trials, start=1):
        for key in (*_ALL, *(_OF_LABELS if by_aed else _OF_FACTS)):
            if key not in trial:
                raise ConfigError(f'{path}, line {number}: a trial has no "{key}".')
    chosen = entropy_trials.chosen if by_aed else tuning.chosen
    best = [id(trial) for trial in chosen(trials).values()]
    return [{**trial, "chosen": id(trial) in best} for trial in trials]
