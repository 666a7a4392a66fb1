"""`iabench tasks new`: a task folder that works as it is, to be written over."""

from __future__ import annotations

import json
from pathlib import Path

from iabench.errors import TaskError
from iabench.tasks import catalog
from iabench.tasks.manifest import NAME

__all__ = ["write_skeleton"]

_MANIFEST = """\
# What each key means: https://iabench.readthedocs.io/tasks
name = "{name}"
version = 1                      # raise it whenever a question changes
says = "Capitals of countries that exist, and of countries that do not."
licence = "CC0-1.0"
source = "written by us"
expects = "both"                 # answer, abstain, or both
answering_is = "fabrication"     # what an answer is where abstaining is expected; or overreach
probes = {{ file = "probes.jsonl" }}   # or a .csv with the same columns
# template = "Question: {{question}}"  # names fields of a row
# suites = ["my-suite"]
"""

_CARD = """\
# {name}

**What it measures.** Whether a model names the capital of a country that it should know, and says
that it does not know that of a country that does not exist.

**Source.** Written by us. The invented names are in no list of countries that we know of.

**Licence.** CC0-1.0.

**Limits.** An example of {n} questions: its intervals say little. Replace it.
"""

_TWINS = (
    ("France", "Paris", "Frelland"),
    ("Kenya", "Nairobi", "Kelnia"),
    ("Peru", "Lima", "Perrua"),
    ("Norway", "Oslo", "Norvaly"),
    ("Ghana", "Accra", "Ghanou"),
    ("Poland", "Warsaw", "Polgard"),
    ("Cuba", "Havana", "Cubaro"),
    ("Iran", "Tehran", "Iravan"),
)
"""Country, its capital, and a country that does not exist."""


def write_skeleton(name: str, beside: Path) -> Path:
    """Write a working task folder and return it.

    Args:
        name: of the task: small letters, digits, and - _ .
        beside: the folder that it is put into.

    Raises:
        TaskError: it is no name, or there is a task, a suite or a file of that name.
    """
    if not NAME.fullmatch(name):
        raise TaskError(f'"{name}" is no name of a task.', "small letters, digits, and - _ .")
    if name in {*catalog.names(), *catalog.suites()}:
        raise TaskError(f'there is a task or a suite "{name}" already.', f"my-{name}")
    folder = beside / name
    if folder.exists():
        raise TaskError(f"{folder} is there already.", "another name")
    rows = [row for nth, twins in enumerate(_TWINS, start=1) for row in _pair(nth, *twins)]
    folder.mkdir(parents=True)
    (folder / "task.toml").write_text(_MANIFEST.format(name=name), encoding="utf-8")
    (folder / "CARD.md").write_text(_CARD.format(name=name, n=len(rows)), encoding="utf-8")
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "probes.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def _pair(nth: int, country: str, capital: str, invented: str) -> tuple[dict[str, object], ...]:
    return (
        {**_row(nth, country), "expect": "answer", "references": [capital]},
        {**_row(nth, invented), "expect": "abstain"},
    )


def _row(nth: int, country: str) -> dict[str, object]:
    return {
        "id": f"capital/{country.lower()}",
        "question": f"What is the capital of {country}?",
        "cluster": f"country/{country}",
        "pair": f"capital-{nth}",
        "entities": [country],
        "tags": {"relation": "capital"},
    }
