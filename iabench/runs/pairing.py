"""Whether two runs asked the same of both models, and what of them is paired."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iabench.decode import decode
from iabench.errors import StoreError, near_match
from iabench.records import TaskSpec
from iabench.runs.planning import SELECTION
from iabench.runs.run import Run

__all__ = ["Shared", "shared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The tasks that two runs are paired over."""

    tasks: Mapping[str, TaskSpec]
    suites: Mapping[str, tuple[str, ...]]
    headline: str
    warnings: tuple[str, ...]
    """What a reader must know of how they were paired."""


def shared(
    base: Run, tuned: Run, *, tasks: Sequence[str] = (), pair_anyway: bool = False
) -> Shared:
    """Return what two runs share, having made sure that it may be paired.

    Args:
        base: a finished run.
        tuned: another.
        tasks: names of tasks or suites of the runs; all that both asked, if none.
        pair_anyway: pair runs of other questions, sampling, template or judges too, and say so.

    Raises:
        StoreError: they asked other questions, otherwise, or were judged otherwise.
    """
    one, other = _specs(base), _specs(tuned)
    wanted = _wanted(base, tuned, tasks) if tasks else one.keys() | other.keys()
    both = sorted(one.keys() & other.keys() & wanted)
    if not both:
        names = [", ".join(sorted(found)) for found in (one, other)]
        raise StoreError(
            f"nothing in common: {names[0]} in {base.path}, {names[1]} in {tuned.path}.",
            f"iabench evaluate -C {tuned.path / 'run.json'} --tasks {','.join(sorted(one))}",
        )
    found = [
        *_questions(base, tuned, one, other, both),
        *_asked_otherwise(base, tuned),
        *_judged_otherwise(base, tuned),
    ]
    if found and not pair_anyway:
        raise StoreError(*found[0])
    warnings = [f"paired all the same: {what.rstrip('.')}" for what, _ in found]
    left = sorted((one.keys() ^ other.keys()) & wanted)
    if left:
        warnings.append(f"asked in one run only, so left out: {', '.join(left)}")
    suites = {
        name: members
        for name, members in base.results.get("suites", {}).items()
        if set(members) <= set(both)
    }
    headline = _headline(base, tuned, suites, both)
    if headline == SELECTION:
        suites[SELECTION] = both
    return Shared(
        tasks={name: one[name] for name in both},
        suites={name: tuple(members) for name, members in suites.items()},
        headline=headline,
        warnings=tuple(warnings),
    )


def _specs(run: Run) -> dict[str, TaskSpec]:
    where = str(run.path / "results.json")
    return {
        task["name"]: decode(
            TaskSpec,
            {key: value for key, value in task.items() if key != "facts"},
            where=where,
            error=StoreError,
        )
        for task in run.results["tasks"]
    }


def _wanted(base: Run, tuned: Run, tasks: Sequence[str]) -> set[str]:
    suites = {**base.results.get("suites", {}), **tuned.results.get("suites", {})}
    known = {task["name"] for run in (base, tuned) for task in run.results["tasks"]}
    wanted: set[str] = set()
    for task in tasks:
        found = suites.get(task) or fnmatch.filter(sorted(known), task)
        if not found:
            near = near_match(task, [*known, *suites])
            raise StoreError(
                f'no task "{task}" in {base.path} or {tuned.path}.',
                near or ", ".join(sorted(known)),
            )
        wanted.update(found)
    return wanted


def _headline(base: Run, tuned: Run, suites: Mapping[str, Sequence[str]], both: list[str]) -> str:
    """Return the suite or task that the comparison is about."""
    if base.headline == tuned.headline and (base.headline in suites or base.headline in both):
        return base.headline
    if len(both) == 1:
        return both[0]
    whole = [name for name, members in suites.items() if set(members) == set(both)]
    return whole[0] if whole else SELECTION


Problem = tuple[str, str]
"""What differs, and what to type."""


def _questions(
    base: Run,
    tuned: Run,
    one: Mapping[str, TaskSpec],
    other: Mapping[str, TaskSpec],
    both: Sequence[str],
) -> list[Problem]:
    different = [name for name in both if one[name].checksum != other[name].checksum]
    if not different:
        return []
    seeds = [run.results.get("seed", 0) for run in (base, tuned)]
    name = different[0]
    if seeds[0] != seeds[1]:
        what = f"seed {seeds[0]} in {base.path}, seed {seeds[1]} in {tuned.path}"
        again = f"--seed {seeds[0]}"
    elif one[name].version != other[name].version:
        what = f"{name} {one[name].version} in {base.path}, {other[name].version} in {tuned.path}"
        again = "--fresh"
    elif one[name].source != other[name].source:
        what = (
            f"{name} of {one[name].source} in {base.path}, of {other[name].source} in {tuned.path}"
        )
        again = "with the same --facts"
    else:
        ends = (one[name].checksum[:6], other[name].checksum[:6])
        what = f"{name} is {ends[0]} in {base.path}, {ends[1]} in {tuned.path}"
        again = "--fresh"
    hint = f"iabench evaluate -C {tuned.path / 'run.json'} {again}"
    if same := [task for task in both if task not in different]:
        hint = f"--tasks {','.join(same)} (the part they share), or: {hint}"
    return [(f"not the same questions: {what}.", hint)]


def _asked_otherwise(base: Run, tuned: Run) -> list[Problem]:
    """Return differences in how the questions were put."""
    asked = [run.about.get("asked", {}) for run in (base, tuned)]
    models = [run.about.get("model") or {} for run in (base, tuned)]
    again = f"iabench evaluate -C {tuned.path / 'run.json'}"
    found = []
    limits = [one.get("max_new_tokens") for one in asked]
    if limits[0] != limits[1]:
        what = f"{limits[0]} tokens in {base.path}, {limits[1]} in {tuned.path}"
        found.append((f"not the same sampling: {what}.", f"{again} --max-new-tokens {limits[0]}"))
    prompts = [one.get("system_prompt") for one in asked]
    if prompts[0] != prompts[1]:
        which = ["a" if prompt else "no" for prompt in prompts]
        which[1] = "another" if all(prompts) else which[1]
        what = f"{which[0]} system prompt in {base.path}, {which[1]} in {tuned.path}"
        found.append((f"not the same template: {what}.", f"{again} --system-prompt TEXT"))
    templates = [(one.get("chat_template"), one.get("chat_template_kwargs")) for one in models]
    if templates[0] != templates[1]:
        names = [str(template or "none")[:6] for template, _ in templates]
        what = f"chat template {names[0]} in {base.path}, {names[1]} in {tuned.path}"
        found.append(
            (
                f"not the same template: {what}.",
                "--chat-template FILE for both, or --pair-anyway (the page says so)",
            )
        )
    return found


def _judged_otherwise(base: Run, tuned: Run) -> list[Problem]:
    found = []
    for judge in ("detector", "grader"):
        names = [run.results.get(judge) for run in (base, tuned)]
        if names[0] != names[1]:
            what = f"{names[0]} in {base.path}, {names[1]} in {tuned.path}"
            name = str(names[0]).partition("@")[0]
            again = f"iabench regrade {tuned.path} --{judge} {name}"
            found.append((f"not the same {judge}: {what}.", again))
    return found
