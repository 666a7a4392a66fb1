"""What the terminal can show."""

from __future__ import annotations

import os
import shutil
import sys

__all__ = ["colour", "width"]


def width() -> int:
    """Return the columns of stdout, at most 100; 88 where it is no terminal."""
    return min(shutil.get_terminal_size((88, 24)).columns, 100)


def colour() -> bool:
    """Return whether stdout shows colours and nobody asked for none."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
