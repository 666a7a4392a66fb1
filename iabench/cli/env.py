"""`iabench env`: what to put into a bug report."""

from __future__ import annotations

import os
import sys
from typing import Any

from iabench.cli.options import Json
from iabench.cli.screen import write_json
from iabench.registry import GROUPS, Registry
from iabench.runs.folders import runs_folder
from iabench.runs.provenance import host, packages, plugins

__all__ = ["env"]


def env(as_json: Json = False) -> None:
    """Print versions, devices, cache and plug-ins, for a bug report."""
    about = _environment()
    if as_json:
        write_json(about)
        return
    for title, lines in about.items():
        sys.stdout.write(f"{title}\n")
        for key, value in lines.items():
            sys.stdout.write(f"  {key:<28}{value}\n")


def _environment() -> dict[str, dict[str, Any]]:
    offered = {
        f"{group}/{name}": ", ".join(origins) + _failure(group, name)
        for group in GROUPS
        for name, origins in Registry[Any](group, group).origins().items()
        if any(not origin.startswith("iabench ") for origin in origins)
    }
    return {
        "versions": packages(),
        "machine": {**host(), "devices": _devices()},
        "folders": {
            "runs": str(runs_folder()),
            "HF_HOME": os.environ.get("HF_HOME", "~/.cache/huggingface"),
            "HF_HUB_OFFLINE": os.environ.get("HF_HUB_OFFLINE", "not set"),
        },
        "plug-ins": {**plugins(), **offered} or {"none": "iabench's own only"},
    }


def _devices() -> str:
    try:
        from iabench.models.devices import devices

        return ", ".join(devices())
    except Exception as problem:  # noqa: BLE001 - a broken torch is what the report is for
        return f"torch does not import: {type(problem).__name__}: {problem}"


def _failure(group: str, name: str) -> str:
    """Return why a plug-in cannot be used, or nothing."""
    from iabench.errors import IabenchError

    try:
        Registry[Any](group, group).get(name)
    except IabenchError as problem:
        return f"   FAILED: {problem.message}"
    return ""
