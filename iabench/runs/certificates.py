"""Certificates: which facts a model knew before it was asked what is reported.

`iabench certify` writes one beside the runs; an evaluation of the same weights, or of what was
tuned from them, finds it there. What it says goes into the run's folder and, as the tag
`certified`, to every probe that it is about: so every metric has its slices by it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from iabench import jsonl
from iabench.decode import decode
from iabench.errors import StoreError
from iabench.models.locate import Located
from iabench.records import SCHEMA_VERSION, Certified, Known, Probe, RunSpec
from iabench.rng import digest
from iabench.runs.folders import runs_folder
from iabench.tasks.base import Task

__all__ = [
    "CERTIFICATE",
    "CERTIFIED",
    "LEVELS",
    "Certificate",
    "base_weights",
    "certified",
    "counted",
    "find",
    "read",
    "told",
]

CERTIFICATE = "certificate.json"
CERTIFIED = "certified.jsonl"
TAG = "certified"

LEVELS: tuple[Known, ...] = get_args(Known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is known of the probes of a run, from one or several certificates."""

    known: Mapping[str, str]
    """Level by probe id; `undecided` where the harness failed."""
    says: str
    """Where it comes from, in a line."""

    @property
    def digest(self) -> str:
        """The same for the same levels of the same probes."""
        return digest(*(part for item in sorted(self.known.items()) for part in item))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A certificate on disk."""

    folder: Path
    about: Mapping[str, Any]

    @property
    def known(self) -> dict[str, str]:
        """Level by probe id."""
        path = self.folder / CERTIFIED
        lines = (
            decode(Certified, line, where=str(path), error=StoreError) for line in jsonl.read(path)
        )
        return {one.probe_id: one.known or "undecided" for one in lines}


def find(
    spec: RunSpec, tasks: Sequence[Task], *, located: Located | None, weights: str | None
) -> Certificate | None:
    """Return what is certified of these tasks for the model of a run, or for its base.

    Args:
        spec: its `certificate` is `auto`, `none`, or a folder.
        tasks: of the run; a certificate counts for those that ask what it was made of.
        located: the model's folder, where it has one.
        weights: digest of the model's weights (of the base's, for an adapter); None: nobody knows.

    Raises:
        StoreError: the folder holds no certificate, or it is about none of the tasks.
    """
    if spec.certificate == "none":
        return None
    if spec.certificate != "auto":
        held = [read(Path(spec.certificate))]
    else:
        wanted = {weights, base_weights(located)} - {None}
        held = [one for one in _all() if _is_of(one.about, spec, wanted)]
    checksums = {task.spec.name: task.spec.checksum for task in tasks}
    asked = {probe.id for task in tasks for probe in task.probes}
    known: dict[str, str] = {}
    used: dict[str, None] = {}
    for one in held:
        about = {
            task for task, checksum in one.about["tasks"].items() if checksums.get(task) == checksum
        }
        found = {
            key: level
            for key, level in one.known.items()
            if key in asked and key.partition("/")[0] in about
        }
        known |= found
        if found:
            used[str(one.about["says"])] = None
    if not known and spec.certificate != "auto":
        there = ", ".join(held[0].about["tasks"])
        raise StoreError(
            f"the certificate in {spec.certificate} is about {there}, as it is asked there.",
            f"iabench certify --model BASE --tasks {','.join(checksums)}",
        )
    return Certificate(known=known, says="; ".join(used)) if known else None


def read(folder: Path) -> _Held:
    """Return the certificate in a folder.

    Raises:
        StoreError: there is none, or it is of a newer schema.
    """
    path = folder / CERTIFICATE
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        newer = int(about["schema_version"]) > SCHEMA_VERSION
        named = {"backend", "name", "server", "weights"} <= about["model"].keys()
        whole = named and isinstance(about["tasks"], dict) and (folder / CERTIFIED).is_file()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        newer, whole = False, False
    if newer:
        raise StoreError(
            f"{folder} was written by a newer iabench.", "pip install --upgrade iabench"
        )
    if not whole:
        raise StoreError(
            f"{folder} holds no certificate.",
            "iabench certify --model ID_OR_FOLDER, or --certificate none",
        )
    return _Held(folder=folder, about=about)


def _all() -> list[_Held]:
    """Return the certificates beside the runs, the latest last."""
    there = sorted(runs_folder().glob(f"*/*/{CERTIFIED}"))
    found = [read(path.parent) for path in there if (path.parent / CERTIFICATE).is_file()]
    return sorted(found, key=lambda one: str(one.about.get("finished", "")))


def _is_of(about: Mapping[str, Any], spec: RunSpec, weights: Iterable[str | None]) -> bool:
    """Return whether a certificate is of these weights; without a folder also of this name."""
    model = about["model"]
    if model["backend"] == "hf":
        return model["weights"] in weights
    named = (model["name"], model["server"]) == (spec.model, spec.base_url)
    return named and (model["weights"] is None or model["weights"] in weights)


def base_weights(located: Located | None) -> str | None:
    """Return the digest of what a folder says that its model was trained from, or None."""
    if located is None:
        return None
    for folder in filter(None, (located.adapter, located.path)):
        try:
            training = json.loads((folder / "training.json").read_text(encoding="utf-8"))
            return str(training["asked"]["base_weights"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def certified(probes: Sequence[Probe], folder: Path) -> list[Probe]:
    """Return probes with what the certificate in their run's folder says of them, as a tag."""
    known = _of_run(folder).get("known", {})
    return [
        replace(probe, tags=tuple(sorted((*probe.tags, (TAG, known[probe.id])))))
        if probe.id in known and probe.tag(TAG) is None
        else probe
        for probe in probes
    ]


def counted(folder: Path) -> dict[str, dict[str, int]]:
    """Return how many probes of each task are of each level."""
    found: dict[str, Counter[str]] = {}
    for key, level in _of_run(folder).get("known", {}).items():
        found.setdefault(key.partition("/")[0], Counter())[level] += 1
    return {
        task: {level: levels[level] for level in (*LEVELS, "undecided") if levels[level]}
        for task, levels in sorted(found.items())
    }


def told(levels: Iterable[str]) -> str:
    """Return levels in words: `301 highly known, 40 maybe, 12 weakly, 23 unknown`."""
    counts = Counter(levels)
    words = {"highly": "highly known"}
    parts = [
        f"{counts[level]:,} {words.get(level, level)}"
        for level in (*LEVELS, "undecided")
        if counts[level]
    ]
    return ", ".join(parts)


def _of_run(folder: Path) -> dict[str, Any]:
    path = folder / CERTIFICATE
    if not path.exists():
        return {}
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise StoreError(f"{path} is not readable.", "--certificate none") from None
    return dict(held)
