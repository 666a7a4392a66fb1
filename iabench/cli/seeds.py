"""`iabench evaluate --seed 0,42`: the public and a private set, and what the model knows of one."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from iabench.cli.leaving import guarded
from iabench.cli.screen import write_json
from iabench.errors import ConfigError
from iabench.records import Difference, RunSpec
from iabench.runs.planning import Planned, plan
from iabench.runs.run import Run
from iabench.runs.store import answers

__all__ = ["planned_for", "run_all", "seeds_of", "show_leakage"]


def seeds_of(text: str | int) -> list[int]:
    """Return the seeds of `0,42`, the public one first.

    Raises:
        ConfigError: one is no whole number, is named twice, or none of several is the public one.
    """
    parts = [part.strip() for part in str(text).split(",")]
    try:
        seeds = [int(part) for part in parts]
    except ValueError:
        raise ConfigError(f'--seed "{text}" is no whole number.', "--seed 0, or 0,42") from None
    if len(set(seeds)) < len(seeds):
        raise ConfigError(f"--seed {text} names one twice.", "--seed 0,42")
    if len(seeds) > 1 and 0 not in seeds:
        raise ConfigError(
            f"--seed {text} has no public set to hold the private ones against.",
            f"--seed 0,{text}",
        )
    return sorted(seeds, key=lambda seed: (seed != 0, parts.index(str(seed)) if seed else 0))


def planned_for(
    spec: RunSpec, seeds: Sequence[int], *, out: str | None, fresh: bool
) -> list[Planned]:
    """Return a plan for each seed; with several seeds `out` holds a folder for each."""
    several = len(seeds) > 1
    folders = [Path(out) / (f"seed-{seed}" if several else "") if out else None for seed in seeds]
    return [
        plan(replace(spec, seed=seed), out=folder, fresh=fresh)
        for seed, folder in zip(seeds, folders, strict=True)
    ]


def run_all(planned: Sequence[Planned], talk: Any) -> list[Run]:
    """Carry out all plans with one model in memory; return the runs."""
    from iabench.runs.lending import lending
    from iabench.runs.runner import run

    made = []
    with lending(planned) as each:
        for one in each:
            kept = lambda one=one: (answers(one.folder), one.requests)  # noqa: E731
            with guarded(one.folder, kept), contextlib.redirect_stdout(sys.stderr):
                made.append(run(one, talk))
    return made


def show_leakage(runs: Sequence[Run], *, as_json: bool, quiet: bool) -> None:
    """Write `leakage.json` beside the public run, also into its page, and print what is in it."""
    from iabench.reports.write import write_all
    from iabench.runs.leakage import item_leakage, write

    public, *private = runs
    found = [(run, item_leakage(public, run)) for run in private]
    path = write(public, found)
    write_all(public.path)
    if as_json:
        document = {
            "runs": [run.results for run in runs],
            **json.loads(path.read_text(encoding="utf-8")),
        }
        write_json(document)
    elif not quiet:
        for run, differences in found:
            sys.stdout.write("\n".join(_lines(run, differences)) + "\n")
        typer.echo(f"\n leakage   {path}")
    sys.stdout.flush()


def _lines(private: Run, differences: Sequence[Difference]) -> Iterator[str]:
    """Yield the table of one private set, with a sentence on what it says."""
    from iabench.reports import words

    seed = private.results["seed"]
    tasks = max((len(one.task) for one in differences), default=12) + 2
    wide = max(tasks + max((len(words.head(one.metric)) for one in differences), default=16), 32)
    yield ""
    yield f" {f'public set less private set {seed}':<{wide}}  public  private  difference"
    for one in differences:
        name = f"{one.task:<{tasks}}{words.head(one.metric)}"
        if one.value is None:
            yield f" {name:<{wide}}  {one.reason}"
            continue
        ends = f"[{_signed(one.lo)}, {_signed(one.hi)}]"
        least = "" if one.detectable is None else f"  {one.detectable:.2f} would have shown"
        yield (
            f" {name:<{wide}}   {words.number(one.tuned):>5}    {words.number(one.base):>5}"
            f"  {_signed(one.value)} {ends}{least}"
        )
    yield ""
    yield f" {words.leaks(differences)}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}".replace("-", "−")
