"""What a study is: which model, which methods, how many seeds; and methods of one's own.

A method is a preset of `iabench train`, or a file of one's own (`mine.toml`):

    name = "mine"
    checkpoints = ["s0/", "s1/", "s2/"]     # finished, one a seed; paths from where the file is
    command = ["python", "tune.py", "--facts", "{facts}", "--out", "{out}", "--seed", "{seed}"]
    preset = "seat"                         # with settings = { density = 0.5 }

of which it names exactly one. A command runs without a shell, in the folder of its file.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from iabench.decode import decode, read_document
from iabench.errors import ConfigError, UnknownNameError, near_match
from iabench.records import Tags
from iabench.training.base import PRESETS

__all__ = [
    "BASE",
    "FIELDS",
    "Cell",
    "Keep",
    "Method",
    "StudySpec",
    "check_given",
    "methods_of",
    "only_of",
]

Keep = Literal["none", "delta", "all"]
BASE = "base"
"""The method that does nothing: a row of every study."""
FIELDS = ("model", "facts", "out", "seed")
"""What a command may name in braces."""
_OWN = frozenset({"model", "facts", "questions", "seed", "real_names"})
"""Settings of a tuning that a study gives itself."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One row of a study."""

    name: str
    source: Literal["base", "preset", "checkpoints", "command"]
    preset: str = ""
    settings: Tags = ()
    """Of a preset, over its own: (field of a training, value as JSON)."""
    checkpoints: tuple[str, ...] = ()
    """One a seed, absolute where they are folders."""
    command: tuple[str, ...] = ()
    file: str = ""
    """That a method of one's own was read from."""
    says: str = ""

    @property
    def by_signal(self) -> bool:
        """Whether it labels questions, in place of being taught facts."""
        if self.source != "preset":
            return False
        settings = dict(PRESETS.get(self.preset).settings)
        return json.loads(dict(self.settings).get("target", "null")) == "by-signal" or (
            settings.get("target") == "by-signal" and "target" not in dict(self.settings)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySpec:
    """What was asked for."""

    models: tuple[str, ...]
    methods: tuple[Method, ...]
    """The base not among them."""
    seeds: int = 3
    facts: str | None = None
    """None: the new people of an organism's world."""
    questions: str | None = None
    """What methods label themselves; None: a mix of an organism's world."""
    columns: Tags = ()
    real_names: str | None = None
    against: str | None = None
    settings: Literal["own", "published"] = "own"
    """Whose settings presets take: those that the checkpoint carries, or their published ones."""
    overrides: Tags = ()
    """Fields of every tuning, over those of its preset: (name, value as JSON)."""
    keep: Keep = "delta"
    drift: bool = False
    limit: int | None = None
    """Questions of a set."""
    trials: str | None = None
    """A file of the trials that the settings were chosen from, to be drawn."""
    device: str = "auto"
    dtype: str = "auto"
    level: float = 0.95

    def __post_init__(self) -> None:
        names = [method.name for method in self.methods]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ConfigError(f'two methods are called "{min(twice)}".', "a name of its own")
        if self.seeds < 1:
            raise ConfigError(f"--seeds {self.seeds} is no study.", "--seeds 3")
        if self.limit is not None and self.limit < 1:
            raise ConfigError(f"--limit {self.limit} asks nothing.", "--limit 60")
        if not 0.5 <= self.level < 1:
            raise ConfigError(f"--level {self.level:g} is no level.", "--level 0.95")
        if len(set(self.models)) < len(self.models):
            raise ConfigError("--model names a model twice.", "each once; --seeds for more tunings")
        own = _OWN & {key for key, _ in self.overrides}
        if own:
            raise ConfigError(f"--set {min(own)}: the study says it.", f"--{min(own)}")
        if self.keep not in get_args(Keep):
            raise ConfigError(f'--keep "{self.keep}" is none of its choices.', "none, delta, all")
        if self.against is not None and self.against not in (*names, BASE):
            near = near_match(self.against, names)
            raise ConfigError(
                f"--against {self.against}: no such method in this study.",
                near or f"one of: {', '.join(names)}",
            )

    @property
    def by_signal(self) -> tuple[str, ...]:
        """Methods that label questions, in place of being taught facts."""
        return tuple(method.name for method in self.methods if method.by_signal)

    @property
    def teaches(self) -> bool:
        """Whether some method is taught facts."""
        return len(self.by_signal) < len(self.methods) or not self.methods

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every tuning and evaluation, models and seeds within methods, the base first."""
        base = Method(name=BASE, source="base")
        return tuple(
            Cell(method=method, model=at, seed=seed)
            for method in (base, *self.methods)
            for at in range(len(self.models))
            for seed in range(self.seeds)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One method on one model under one seed."""

    method: Method
    model: int
    """Its place among the models of the study."""
    seed: int

    @property
    def at(self) -> tuple[int, int]:
        """(model, seed): what cells that are compared share."""
        return self.model, self.seed


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """The keys of a method of one's own."""

    name: str
    says: str = ""
    preset: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    checkpoints: tuple[str, ...] = ()
    command: tuple[str, ...] | str = ()


def methods_of(asked: Sequence[str]) -> tuple[Method, ...]:
    """Return the methods that names and files stand for.

    Raises:
        IabenchError: no such preset, or a file that is none of a method.
    """
    return tuple(
        _from_file(Path(n)) if n.endswith((".toml", ".yaml", ".yml")) else _preset(n) for n in asked
    )


def only_of(asked: Sequence[str], spec: StudySpec) -> tuple[Cell, ...]:
    """Return the cells that `--only METHOD[:SEED]` leaves; all of them where nothing was asked.

    Raises:
        UnknownNameError: no such method or seed in this study.
    """
    if not asked:
        return spec.cells
    wanted: list[Cell] = []
    for part in asked:
        name, _, seed = part.partition(":")
        mine = [cell for cell in spec.cells if cell.method.name == name]
        if not mine:
            names = [BASE, *(method.name for method in spec.methods)]
            near = near_match(name, names) or f"one of: {', '.join(names)}"
            raise UnknownNameError(f'--only {part}: no method "{name}" in this study.', near)
        some = [cell for cell in mine if not seed or seed == str(cell.seed)]
        if not some:
            raise UnknownNameError(
                f"--only {part}: the study has no seed {seed}.", f"{name}:0 to {spec.seeds - 1}"
            )
        wanted += [cell for cell in some if cell not in wanted]
    return tuple(wanted)


def check_given(spec: StudySpec) -> list[str]:
    """Refuse checkpoints that do not reach for the seeds; return what to say of those left over.

    Raises:
        ConfigError: the method and both numbers.
    """
    notes = []
    for method in spec.methods:
        n = len(method.checkpoints)
        if method.source != "checkpoints":
            continue
        if len(spec.models) > 1 and n != spec.seeds * len(spec.models):
            # Which of too many is whose nobody can tell.
            raise ConfigError(
                f"{method.name} has {n} checkpoints; {len(spec.models)} models under {spec.seeds} "
                f"seeds take {spec.seeds * len(spec.models)}.",
                "one a model and seed: those of the first model, then those of the next",
            )
        if n < spec.seeds:
            raise ConfigError(
                f"{method.name} has checkpoints for {n} {'seed' if n == 1 else 'seeds'}; "
                f"the study has {spec.seeds}.",
                f"--seeds {n}, or {spec.seeds} checkpoints",
            )
        if n > spec.seeds:
            first = "the first is" if spec.seeds == 1 else f"the first {spec.seeds} are"
            notes.append(
                f"{method.name} has checkpoints for {n} seeds; {first} asked (--seeds {n}: all)"
            )
    return notes


def _preset(name: str) -> Method:
    preset = PRESETS.get(name)
    return Method(name=name, source="preset", preset=name, says=preset.says)


def _from_file(path: Path) -> Method:
    if not path.is_file():
        raise ConfigError(f'no file "{path}" of a method.', "--methods full,mine.toml")
    given = decode(_File, read_document(path), where=str(path))
    if not _NAME.fullmatch(given.name) or given.name == BASE:
        raise ConfigError(f'{path}: "{given.name}" is no name of a method.', 'name = "mine"')
    sources: Mapping[str, Any] = {
        "checkpoints": given.checkpoints, "command": given.command, "preset": given.preset
    }  # fmt: skip
    named = [key for key, value in sources.items() if value]
    if len(named) != 1:
        found = " and ".join(named) or "none"
        raise ConfigError(
            f"{path}: a method is checkpoints, a command or a preset; {found} is named.",
            'checkpoints = ["s0/", "s1/", "s2/"]',
        )
    shared: dict[str, Any] = {"name": given.name, "file": str(path), "says": given.says}
    if given.preset:
        PRESETS.get(given.preset)
        return Method(
            source="preset", preset=given.preset, settings=_as_json(given.settings), **shared
        )
    if given.settings:
        raise ConfigError(f"{path}: settings are of a preset.", "preset = ...")
    if given.checkpoints:
        return Method(
            source="checkpoints",
            checkpoints=tuple(_placed(one, path) for one in given.checkpoints),
            **shared,
        )
    words = shlex.split(given.command) if isinstance(given.command, str) else given.command
    _check_fields(words, path)
    return Method(source="command", command=tuple(words), **shared)


def _check_fields(words: Sequence[str], path: Path) -> None:
    named = set(re.findall(r"\{([a-z_]+)\}", " ".join(words)))
    if wrong := sorted(named - set(FIELDS)):
        known = ", ".join(f"{{{name}}}" for name in FIELDS)
        raise ConfigError(f'{path}: a command has no "{{{wrong[0]}}}".', f"one of {known}")
    if "out" not in named:
        raise ConfigError(
            f"{path}: the command does not say where its model goes.", "... --out {out}"
        )


def _placed(checkpoint: str, path: Path) -> str:
    """Return a folder from where the file lies as it is seen from here; a hub id as it is."""
    beside = path.parent / checkpoint
    return str(beside.resolve()) if beside.is_dir() else checkpoint


def _as_json(settings: Mapping[str, Any]) -> Tags:
    return tuple(sorted((key, json.dumps(value)) for key, value in settings.items()))
