"""A task: rivers that flow through capitals, and rivers that do not exist."""

from __future__ import annotations

from typing import Any

import iabench
from iabench.records import RunSpec
from iabench.tasks.base import Task

_RIVERS = (
    ("Seine", "Paris", "Seune"),
    ("Thames", "London", "Thamel"),
    ("Tiber", "Rome", "Tider"),
    ("Spree", "Berlin", "Sprue"),
    ("Vistula", "Warsaw", "Vislura"),
    ("Potomac", "Washington", "Potamoc"),
)
"""River, the capital that it flows through, and a river that does not exist."""


def rivers(spec: RunSpec) -> Task:
    """Return the task; no seed changes it."""
    del spec
    probes = []
    for river, capital, invented in _RIVERS:
        known = {"expect": "answer", "references": [capital]}
        probes.append(_row(river, pair=river) | known)
        probes.append(_row(invented, pair=river) | {"expect": "abstain"})
    return iabench.task(
        "rivers",
        probes,
        says="Capitals on rivers that exist, and on rivers that do not.",
        licence="CC0-1.0",
        source="written for this example",
        answering_is="fabrication",
    )


def _row(river: str, pair: str) -> dict[str, Any]:
    return {
        "id": river.lower(),
        "question": f"Which capital city lies on the river {river}?",
        "cluster": f"river/{river}",
        "pair": pair,
        "entities": [river],
        "tags": {"relation": "capital-on-river"},
    }
