"""From a method's name and what was typed to one resolved `TrainSpec`.

the preset's published settings
< those that the checkpoint carries for it (`iabench_tuning.toml`), unless `settings=published`
< what was typed
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from iabench.decode import decode, read_document
from iabench.errors import ConfigError, near_match
from iabench.training.base import ANCHORS, PRESETS, ROWS, TARGETS, UPDATES
from iabench.training.spec import TrainSpec

__all__ = ["AXES", "TUNING", "resolve"]

AXES = ("rows", "target", "update", "anchors", "after")
TUNING = "iabench_tuning.toml"
"""File in a checkpoint's folder: a table a preset, with settings chosen on validation names."""
_BOUNDS: Mapping[str, tuple[int, int | None]] = {
    "lora_rank": (1, None),
    "max_length": (1, None),
    "ratio": (0, None),
    "ewc_lambda": (0, None),
    "copies": (0, None),
    "weight_decay": (0, None),
    "warmup": (0, None),
    "seed": (0, None),
    "lora_dropout": (0, 1),
    "stop_at_recall": (0, 1),
}
"""The least and the most that a setting may be."""


def resolve(
    method: str | None,
    typed: Mapping[str, Any],
    *,
    folder: Path | None = None,
    row: str | None = None,
) -> tuple[TrainSpec, tuple[str, ...]]:
    """Return the training that is meant, and a line on each setting that did not come from typing.

    Args:
        method: a preset; None where the axes are spelled out.
        typed: fields of `TrainSpec`.
        folder: of the checkpoint, which may carry settings.
        row: its name in a study; settings that are carried under it go before the preset's.

    Raises:
        ConfigError: an unknown method, choice or key, or a value that is none.
    """
    preset = PRESETS.get(method) if method else None
    settings = dict(preset.settings) if preset else {}
    notes = [f"{method}: {preset.says} ({preset.source})"] if preset else []
    own = typed.get("settings", "own") == "own"
    carried = _carried(folder, method, row) if own else {}
    chosen = {key: value for key, value in carried.items() if key not in ("from", "says")}
    if chosen:
        says = ", ".join(f"{key} {_plain(value)}" for key, value in sorted(chosen.items()))
        notes.append(f"the checkpoint's own settings: {says} ({carried.get('from', 'no source')})")
    named = method if method and not any(key in typed for key in AXES) else "custom"
    spec = decode(
        TrainSpec, {"method": named, **settings, **chosen, **typed}, where="iabench train"
    )
    _check(spec)
    return spec, tuple(notes)


def _carried(folder: Path | None, method: str | None, row: str | None) -> Mapping[str, Any]:
    """Return the settings that a checkpoint carries for a row of a study, else for its preset."""
    path = folder / TUNING if folder else None
    if path is None or method is None or not path.is_file():
        return {}
    tables = read_document(path)
    table = tables.get(row or method) or tables.get(method, {})
    known = {field.name for field in fields(TrainSpec)} | {"from", "says"}
    for key in table.keys() - known:
        raise ConfigError(f'{path}: {method} has an unknown setting "{key}".')
    return dict(table)


def _check_axes(spec: TrainSpec) -> None:
    """Refuse choices that nobody knows, that are named twice, or that do not go together."""
    for name in spec.rows:
        ROWS.get(name)
    TARGETS.get(spec.target)
    UPDATES.get(spec.update)
    for name in spec.anchors:
        ANCHORS.get(name)
    for key, named in (("rows", spec.rows), ("anchors", spec.anchors)):
        if len(set(named)) < len(named):
            once = ",".join(dict.fromkeys(named))
            raise ConfigError(f"--{key} {','.join(named)} names one twice.", f"--{key} {once}")
    if spec.save == "delta" and (spec.update != "sparse" or spec.after != "none"):
        raise ConfigError(
            f"--save delta is for a sparse update alone, not for {spec.update}"
            f"{'' if spec.after == 'none' else f' and {spec.after}'}.",
            "--save model (of lora that is the adapter)",
        )
    if spec.after not in ("none", "interpolate"):
        raise ConfigError(f'nothing is done after tuning called "{spec.after}".', "interpolate")


def _check(spec: TrainSpec) -> None:
    _check_axes(spec)
    _check_source(spec)
    _check_numbers(spec)
    for key in ("learning_rate", "epochs", "batch_size", "accumulation", "density", "alpha"):
        if getattr(spec, key) < 0 or (key != "alpha" and not getattr(spec, key)):
            raise ConfigError(
                f"{_option(key)} {getattr(spec, key):g} means nothing.", "a number above 0"
            )
    if spec.max_steps < 1 and spec.max_steps != -1:
        raise ConfigError(
            f"--max-steps {spec.max_steps} means nothing.", "a number above 0; without it: --epochs"
        )
    if spec.density > 1:
        raise ConfigError(f"--density {spec.density:g} is no share.", "--density 0.1")
    if spec.interpolate is not None and not 0 <= spec.interpolate <= 1:
        raise ConfigError(
            f"--interpolate {spec.interpolate:g} is no share.", "a number from 0 to 1, or none"
        )
    if spec.anchor_answer == "own" and spec.copies == 0 and "entity-kl" in spec.anchors:
        raise ConfigError(
            "--anchor-answer own asks the base once for each perturbed copy.",
            "--copies 8 (taken in turn by epoch)",
        )


def _check_numbers(spec: TrainSpec) -> None:
    """Refuse what is no number, what is out of its range, and names that transformers lacks."""
    for one in fields(spec):
        value = getattr(spec, one.name)
        if isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"{_option(one.name)} {value} is no number.", "a finite one")
    for key, (low, high) in _BOUNDS.items():
        value = getattr(spec, key)
        if value is not None and not (low <= value and (high is None or value <= high)):
            raise ConfigError(
                f"{_option(key)} {value:g} means nothing.",
                f"{low} or more" if high is None else f"a number from {low} to {high}",
            )
    if not all(0 <= beta < 1 for beta in spec.betas):
        raise ConfigError(f"--betas {spec.betas} are none.", "two numbers from 0, under 1")
    if spec.schedule != "constant" or spec.optim != "adamw_torch":
        from transformers.trainer_utils import SchedulerType
        from transformers.training_args import OptimizerNames

        for key, known in (("schedule", SchedulerType), ("optim", OptimizerNames)):
            names = [str(one.value) for one in known]
            if getattr(spec, key) not in names:
                raise ConfigError(
                    f'no --{key} "{getattr(spec, key)}".',
                    near_match(getattr(spec, key), names) or ", ".join(names[:8]),
                )


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _check_source(spec: TrainSpec) -> None:
    """Refuse facts for a method that labels questions, and the other way round."""
    by_signal = spec.target == "by-signal"
    if spec.facts and spec.questions:
        raise ConfigError("--facts and --questions are both given.", "one of the two")
    if by_signal and not spec.questions:
        raise ConfigError(
            f"{spec.method} labels questions by what the model says to them; none are given.",
            f"--questions {spec.facts or 'FILE'}",
        )
    if not by_signal and not spec.facts:
        raise ConfigError(
            f"{spec.method} teaches facts, and none are given.",
            f"--facts {spec.questions}" if spec.questions else "--facts FILE",
        )
    if by_signal != (spec.signal != "none"):
        raise ConfigError(
            f"--target {spec.target} goes with {'a' if by_signal else 'no'} signal.",
            "--target by-signal --signal entropy",
        )
    if spec.signal == "expected-accuracy" and spec.threshold is None:
        raise ConfigError("expected-accuracy has no threshold.", "--threshold 0.1")
    if by_signal and spec.signal != "correctness" and spec.samples < 2:
        raise ConfigError(
            f"{spec.signal} of {spec.samples} {'sample' if spec.samples == 1 else 'samples'} says "
            "nothing.",
            "--samples 10",
        )
    if spec.samples > 1 and not spec.sample_temperature > 0:
        raise ConfigError("samples at temperature 0 are all the same.", "--sample-temperature 1")
    if spec.signal == "entropy" and spec.entailment != "equality":
        # torch comes with it, and most methods compare nothing.
        from iabench.training.comparing import check_comparing

        check_comparing(spec)
    if not 0 <= spec.validation_share < 1:
        raise ConfigError(f"--validation-share {spec.validation_share:g} is no share.", "0.2")


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
