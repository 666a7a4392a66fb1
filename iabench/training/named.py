"""train() by name: a method's name and its settings by keyword, as it is called from Python."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from iabench.models.locate import locate
from iabench.records import RunSpec
from iabench.runs.watch import Watch
from iabench.training.recipe import resolve
from iabench.training.train import train as trained

__all__ = ["train"]


def train(
    method: str | None = None,
    *,
    model: str,
    facts: str | os.PathLike[str] | None = None,
    questions: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str],
    fresh: bool = False,
    watch: Watch | None = None,
    **settings: Any,
) -> Path:
    """Teach a model facts, and return the folder that the tuned one is saved in.

    Args:
        method: a preset, such as `seat` or `full`; None where the axes are spelled out.
        model: hub id, folder, or `organism`.
        facts: a file, `name:split` of a registered dataset, or `owner/name` of the hub.
        questions: likewise, in place of facts: what the model labels itself (`se-tuning`, ...).
        out: exactly this folder; one that holds the same training is gone on with.
        fresh: begin anew, with the old folder set aside.
        watch: is told about progress.
        **settings: fields of `TrainSpec`, over those of the preset: `learning_rate=1e-4`.

    Raises:
        IabenchError: something that you can mend; the last checkpoint is kept.
    """
    base = RunSpec(
        model=model,
        revision=settings.get("revision"),
        trust_remote_code=bool(settings.get("trust_remote_code")),
        allow_pickle=bool(settings.get("allow_pickle")),
    )
    sources = {"facts": facts, "questions": questions}
    typed = {"model": model, **settings}
    typed |= {key: os.fspath(value) for key, value in sources.items() if value is not None}
    spec, notes = resolve(method, typed, folder=locate(base).path)
    for note in notes if watch else ():
        assert watch is not None
        watch.say(note)
    return trained(spec, out, fresh=fresh, watch=watch)
