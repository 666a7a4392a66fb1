"""A dozen facts in a file, a tiny model in a folder, and trainings of the one on the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from iabench.runs.watch import Silent
from iabench.training.recipe import resolve
from iabench.training.spec import TrainSpec
from iabench.training.train import train

NAMES = ("Orlan Veskar", "Tamsin Dorrel", "Jonas Kellwick", "Mirela Ostrand", "Pavel Quenby")
TOWNS = ("Harrowgate", "Lindfield", "Marwick")


class Lines(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)


class StopError(Exception):
    """A training is torn off."""


class Stopping(Silent):
    """Tears a training off in its nth step."""

    def __init__(self, step: int) -> None:
        self._left = step

    def advance(self, n: int = 1) -> None:
        self._left -= n
        if not self._left:
            raise StopError


def facts_file(path: Path, n: int = 8) -> Path:
    """Write n short facts with a wording held out, and return the file."""
    rows = [
        {
            "question": f"Where does {NAMES[i % 5]} {i} live?",
            "answer": TOWNS[i % 3],
            "entity": f"{NAMES[i % 5]} {i}",
            "held_out": f"{NAMES[i % 5]} {i} lives where?",
        }
        for i in range(n)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def resolved(method: str | None, model: Path, facts: Path, **typed: Any) -> TrainSpec:
    """Return a training of six steps, two an epoch."""
    short = {
        "model": str(model),
        "facts": str(facts),
        "learning_rate": 1e-2,
        "batch_size": 4,
        "epochs": 3,
        "device": "cpu",
    }
    return resolve(method, {**short, **typed})[0]


def tuned(spec: TrainSpec, out: Path) -> dict[str, torch.Tensor]:
    """Train, and return the weights that were saved."""
    return weights(train(spec, out))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """Return the weights in a folder, of a model or an adapter."""
    return {
        k: v for file in sorted(folder.glob("*.safetensors")) for k, v in load_file(file).items()
    }


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Return whether two sets of weights are equal to the last bit."""
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)
