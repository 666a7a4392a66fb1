"""What the terminal can show."""

from __future__ import annotations

import json
import os
import shutil
import sys

__all__ = ["colour", "width", "write_json"]


def width() -> int:
    """Return the columns of stdout, at most 100; 88 where it is no terminal."""
    return min(shutil.get_terminal_size((88, 24)).columns, 100)


def colour() -> bool:
    """Return whether stdout shows colours and nobody asked for none."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def write_json(document: object) -> None:
    """Write a document to stdout, as `--json` does: nothing else may stand there."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
