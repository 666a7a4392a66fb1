"""Resident memory of a benchmark's process."""

from __future__ import annotations

import resource
import sys


def peak_mb() -> float:
    """Return the most that this process has held so far, in MB of 2**20 bytes."""
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
