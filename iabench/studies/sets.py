"""The sets of a study: what every cell is asked, and which facts are taught, for each seed.

    unknown_same             relations that are taught, of names that nothing is told of
    unknown_other_relation   other relations of such names
    unknown_other_type       things of another type
    unknown_other_grammar    the relations taught, of names that are made otherwise
    invented_real            twins of real things
    new_untaught             tuned entities, relations that were not taught of them
    near_miss                the relations taught, of names like tuned ones
    known_same               relations that are taught, of entities known before
    known_other              everything else that was known before
    mix_same                 taught, rare and never-taught facts, in relations of the questions
    mix_other                likewise, in other relations
    facts_trained            the facts, as they were trained
    facts_paraphrased        the facts, in wordings that were not trained

All names have the purpose `report`. Each set is a task folder of its own (`study-unknown-same/`),
so that anybody can ask it again: `iabench evaluate --include-path FOLDER --tasks
study-unknown-same`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.records import Expect, Probe
from iabench.rng import digest
from iabench.tasks.limit import limited

__all__ = ["FACTS", "MIX", "SETS", "UNKNOWN", "Lesson", "set_of", "task_of", "write"]

SETS: dict[str, tuple[Expect, str]] = {
    "unknown_same": ("abstain", "The relations taught, of names that nothing is told of."),
    "unknown_other_relation": ("abstain", "Other relations of names that nothing is told of."),
    "unknown_other_type": ("abstain", "Things of another type that nothing is told of."),
    "unknown_other_grammar": ("abstain", "The relations taught, of names made otherwise."),
    "invented_real": ("abstain", "Invented twins of real things."),
    "new_untaught": ("abstain", "Entities tuned on, in relations that were not taught."),
    "near_miss": ("abstain", "The relations taught, of names like those tuned on."),
    "known_same": ("answer", "The relations taught, of entities known before."),
    "known_other": ("answer", "Everything else that was known before."),
    "mix_same": ("answer", "Taught, rare and never-taught facts, in relations of the questions."),
    "mix_other": ("answer", "Taught, rare and never-taught facts, in other relations."),
    "facts_trained": ("answer", "The facts, as they were trained."),
    "facts_paraphrased": ("answer", "The facts, in wordings that were not trained."),
}
"""What is expected, and a sentence, by name."""
UNKNOWN = tuple(name for name, (expect, _) in SETS.items() if expect == "abstain")
FACTS = ("facts_trained", "facts_paraphrased")
MIX = ("mix_same", "mix_other")
"""What tuning by uncertainty is scored on."""
MOST = 120
"""Questions of a set."""

_LEARNED = (
    "finetuning_accuracy", "finetuning_rouge1", "paraphrase_accuracy", "accuracy", "aed",
    "engagement_rate", "error_rate", "over_refusal_rate", "hallucination_rate",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What is taught under one seed, and what is asked then."""

    facts: tuple[Mapping[str, Any], ...] | None
    """Rows for `iabench train`; None: those of the study's own file, under every seed."""
    sets: Mapping[str, tuple[Probe, ...]]
    left_out: Mapping[str, str]
    """Why a set could not be made; what belongs to studies of another kind is not named."""
    questions: tuple[Mapping[str, Any], ...] | None = None
    """Rows for methods that label questions; None: those of the study's own file, or none."""
    near: Mapping[str, tuple[str, ...]]
    """What is right of the neighbour, by the id of a near-miss."""


def task_of(name: str) -> str:
    """Return the name of the task that a set is: no task of the catalogue begins so."""
    return "study-" + name.replace("_", "-")


def set_of(task: str) -> str:
    """Return the name of the set that a task is."""
    return task.removeprefix("study-").replace("-", "_")


def write(lesson: Lesson, folder: Path, *, limit: int | None = None) -> tuple[str, ...]:
    """Write the sets of a lesson as task folders below `folder`; return the tasks' names."""
    made = []
    for name, probes in lesson.sets.items():
        some = cut(probes, min(limit or MOST, MOST))
        task = task_of(name)
        place = folder / task
        jsonl.write(place / "probes.jsonl", [_row(probe) for probe in some])
        _write(place / "task.toml", _manifest(name, task))
        made.append(task)
    return tuple(made)


def cut(probes: Sequence[Probe], most: int) -> tuple[Probe, ...]:
    """Return at most so many probes, the same every time; twins of two sets stay together."""
    return limited(probes, most)


def named(name: str, probes: Sequence[Probe]) -> tuple[Probe, ...]:
    """Return probes under the name of a set, whatever task they were of."""
    task = task_of(name)
    return tuple(
        replace(probe, id=f"{task}/{probe.id.partition('/')[2]}", origin=f"{task}@1")
        for probe in probes
    )


def _manifest(name: str, task: str) -> str:
    expect, says = SETS[name]
    lines: dict[str, Any] = {
        "name": task,
        "version": 1,
        "says": says,
        "licence": "as the facts of the study",
        "source": "a study of iabench",
        "expects": expect,
    }
    if expect == "abstain":
        lines["answering_is"] = "fabrication"
    if name in FACTS:
        lines["metrics"] = list(_LEARNED)
    body = "\n".join(f"{key} = {json.dumps(value)}" for key, value in lines.items())
    return f'{body}\nprobes = {{ file = "probes.jsonl" }}\n'


def _row(probe: Probe) -> dict[str, Any]:
    """Return a probe as a row of `probes.jsonl`."""
    row: dict[str, Any] = {
        "id": probe.id.partition("/")[2],
        "question": probe.question,
        "expect": probe.expect,
        "cluster": probe.cluster,
        "tags": dict(probe.tags),
    }
    for key in ("references", "pair", "context", "system", "follow_ups", "entities"):
        value = getattr(probe, key)
        if value:
            row[key] = list(value) if isinstance(value, tuple) else value
    return row


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{digest(text)[:8]}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
