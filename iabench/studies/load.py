"""load(): whatever lies at a path, a run, a comparison or a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from iabench.errors import StoreError
from iabench.runs import run
from iabench.runs.compare import Comparison, compare
from iabench.studies.finished import Study

__all__ = ["load"]


def load(path: str | Path) -> Any:
    """Return the `Run` or the `Study` in a folder, or the `Comparison` of a page or JSON file.

    A comparison is made again from its two runs, which must still be where they were; of the page
    of several models come several, as a tuple.

    Raises:
        StoreError: there is none, it is unfinished, or of a newer schema.
    """
    place = Path(path)
    if place.suffix in (".html", ".json") and not place.is_dir():
        return _comparison(place.with_suffix(".json"))
    if (place / "study.json").exists() or (place / "study.toml").exists():
        return Study(place)
    return run.load(place)


def _comparison(file: Path) -> Comparison | tuple[Comparison, ...]:
    try:
        made = json.loads(file.read_text(encoding="utf-8"))
        several = isinstance(made, list)
        asked = [_asked(one) for one in (made if several else [made])]
    except FileNotFoundError:
        raise StoreError(f"no comparison at {file}.", "iabench compare BASE TUNED") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise StoreError(
            f"{file} is no comparison.", "a run's folder, or the JSON beside a comparison's page"
        ) from None
    found = tuple(compare(base, tuned, **options) for base, tuned, options in asked)
    return found if several else found[0]


def _asked(made: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Return the two runs of a comparison, and how they were compared."""
    asked = made["asked"]
    options = {
        "tasks": tuple(asked["tasks"]),
        "pair_anyway": bool(asked.get("pair_anyway")),
        "as_published": bool(asked.get("as_published")),
    }
    return made["base"]["run"], made["tuned"]["run"], options
