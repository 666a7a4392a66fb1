"""`--redact`: a page to show to others, without the texts of private rows, paths and machine.

Private is what came from somebody's own facts. Its questions, answers and references go, and so do
its relations (they may be its words), its notes and examples, the name of its file, and every path.
Counts, rates and their intervals stay: they are what the page is for.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from iabench.records import Difference, Estimate, Tags
from iabench.reports.view import Run, Sample, TaskCard, View
from iabench.runs.compare import Comparison, Pair
from iabench.runs.run import Run as Finished

__all__ = ["HIDDEN", "redacted", "redacted_comparison"]

HIDDEN = "(private)"
_KEPT_TAGS = ("wording", "swap")
"""Tags of private rows whose values are iabench's own words."""


def redacted(view: View) -> View:
    """Return a run as others may see it."""
    private = {card.spec.name for card in view.tasks if card.spec.private}
    names = view.private
    hidden = {one.key for one in view.samples if one.task in private}
    return replace(
        view,
        path=Path(view.path.name),
        run=_run(view.run, bool(private)),
        tasks=tuple(_card(card) if card.spec.private else card for card in view.tasks),
        estimates=tuple(one for one in view.estimates if _keeps(one, names)),
        samples=tuple(_sample(one) if one.task in private else one for one in view.samples),
        notes=() if private else view.notes,
        judged=tuple(
            replace(one, disputed=tuple(each for each in one.disputed if each.key not in hidden))
            for one in view.judged
        ),
    )


def redacted_comparison(comparison: Comparison) -> Comparison:
    """Return a comparison as others may see it."""
    private = {name for name, spec in comparison.shared.tasks.items() if spec.private}
    names = private | {
        name for name, tasks in comparison.shared.suites.items() if private & set(tasks)
    }
    return replace(
        comparison,
        base=_finished(comparison.base),
        tuned=_finished(comparison.tuned),
        pairs=tuple(_pair(one) if one.task in private else one for one in comparison.pairs),
        differences=tuple(one for one in comparison.differences if _keeps(one, names)),
        # They name folders and files.
        warnings=tuple(one for one in comparison.warnings if not one.startswith(_OTHERWISE))
        + ((f"{_OTHERWISE}: they were not asked alike",) if _otherwise(comparison) else ()),
    )


_OTHERWISE = "paired all the same"


def _otherwise(comparison: Comparison) -> bool:
    return any(one.startswith(_OTHERWISE) for one in comparison.warnings)


def _run(run: Run, private: bool) -> Run:
    asked = run.asked
    own: dict[str, Any] = {
        "model": _last(asked.model),
        "adapter": asked.adapter and _last(asked.adapter),
        "facts": asked.facts and HIDDEN,
        "real_names": asked.real_names and HIDDEN,
        "system_prompt": asked.system_prompt and HIDDEN,
        "columns": (),
        "base_url": None,
    }
    model = replace(
        run.model,
        name=_last(run.model.name),
        adapter=run.model.adapter and _last(run.model.adapter),
    )
    return replace(
        run,
        asked=replace(asked, **own),
        model=model,
        host={},
        command=(),
        notes=() if private else run.notes,
    )


def _card(card: TaskCard) -> TaskCard:
    return replace(card, spec=replace(card.spec, source=HIDDEN), facts=())


def _sample(one: Sample) -> Sample:
    return replace(
        one,
        question=HIDDEN,
        context=one.context and HIDDEN,
        system=one.system and HIDDEN,
        references=(HIDDEN,) if one.references else (),
        cluster=HIDDEN,
        tags=_tags(one.tags),
        origin="",
        entities=(),
        response=one.response and HIDDEN,
        thinking=None,
        reason=None,
        verdicts=tuple(replace(each, evidence="", reason="") for each in one.verdicts),
        turns=(),
    )


def _pair(one: Pair) -> Pair:
    return replace(
        one,
        question=HIDDEN,
        references=(HIDDEN,) if one.references else (),
        tags=_tags(one.tags),
        base=replace(one.base, response=one.base.response and HIDDEN),
        tuned=replace(one.tuned, response=one.tuned.response and HIDDEN),
    )


def _tags(tags: Tags) -> Tags:
    return tuple(pair for pair in tags if pair[0] in _KEPT_TAGS)


def _keeps(one: Estimate | Difference, private: Collection[str]) -> bool:
    """Return whether a figure's slice names nothing of a private row."""
    return one.task not in private or one.slice == "all" or one.slice.startswith(_KEPT_TAGS)


def _finished(run: Finished) -> Finished:
    """Return a run that tells neither where it lies nor what its files are called."""
    made = copy.copy(run)
    made.path = Path(run.path.name)
    asked: dict[str, Any] = {**run.about.get("asked", {})}
    asked["model"] = _last(str(asked.get("model", "")))
    if asked.get("facts"):
        asked["facts"] = HIDDEN
    made.about = {**run.about, "asked": asked}
    return made


def _last(path: str) -> str:
    """Return the last part of a folder's path; a hub id, and what is no path, stays."""
    deep = path.count("/") > 1 or path.startswith((".", "/", "~"))
    return path.rstrip("/").rsplit("/", 1)[-1] if deep else path
