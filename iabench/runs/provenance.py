"""What a run was made with: versions and machine, for the person who asks a year later."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import Any

from iabench import __version__
from iabench.registry import GROUPS, Registry

__all__ = ["host", "packages", "plugins"]

_PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "peft",
    "safetensors",
    "numpy",
    "scipy",
    "statsmodels",
    "scikit-learn",
    "pandas",
)


def packages() -> dict[str, str]:
    """Return versions of the packages that can change a number, without importing them."""
    found = {"iabench": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found | plugins()


def plugins() -> dict[str, str]:
    """Return the distributions other than iabench that offer plug-ins, with versions."""
    origins = {
        origin
        for group in GROUPS
        for offered in Registry[Any](group, group).origins().values()
        for origin in offered
    }
    named = dict(origin.rsplit(" ", 1) for origin in origins)
    return {name: version for name, version in sorted(named.items()) if name != "iabench"}


def host() -> dict[str, Any]:
    """Return what machine this is, without its name or user."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
