"""`iabench compare`: did the tuning break it?"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iabench.cli import options as opt
from iabench.cli.asking import asking
from iabench.cli.config import there as found_from
from iabench.cli.evaluate import FIELDS, asked, check_share, hush, trusted
from iabench.cli.gates import metrics, requirements, requires, said
from iabench.cli.leaving import guarded
from iabench.cli.progress import watching
from iabench.cli.screen import write_json
from iabench.cli.showing import Showing, shows
from iabench.errors import ConfigError, near_match
from iabench.records import RunSpec
from iabench.runs.folders import latest, runs_folder
from iabench.runs.planning import Planned, plan
from iabench.runs.run import Run, load
from iabench.runs.store import answers, read_run

if TYPE_CHECKING:
    from iabench.runs.compare import Comparison

__all__ = ["compare"]

_OF_MODELS = frozenset({"model", "adapter", "base"})
_LOADED = frozenset(
    (
        "allow_pickle", "backend", "base_url", "batch_size", "concurrency", "device", "dtype",
        "quantize", "revision", "trust_remote_code",
    )
)  # fmt: skip
"""Options that are of a model, and so not taken over from a run."""


@asking(FIELDS - {"model", "adapter"}, behind=3)
@shows
def compare(
    ctx: typer.Context,
    first: Annotated[
        str,
        typer.Argument(
            metavar="BASE", help="A run's folder, or a model as in evaluate.", show_default=False
        ),
    ],
    others: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TUNED]...", help="Likewise; the last run if left out."),
    ] = None,
    fail_if_worse: opt.FailIfWorse = None,
    require: opt.Require = None,
    strict: opt.Strict = False,
    pair_anyway: Annotated[
        bool, typer.Option("--pair-anyway", help="Pair runs that were asked otherwise, and say so.")
    ] = False,
    as_published: Annotated[
        bool,
        typer.Option("--as-published", help="Empty prudence is 1, over-conservativeness 0."),
    ] = False,
    drift: Annotated[
        bool, typer.Option("--drift", help="Also what moved in the models; loads both once more.")
    ] = False,
    page: Annotated[
        str | None,
        typer.Option("--html", help="The page.  \\[runs/compare/BASE--TUNED-DIGEST.html]"),
    ] = None,
    redact: opt.Redact = False,
    fresh: opt.Fresh = False,
    dry_run: opt.DryRun = False,
    max_undecided: opt.MaxUndecided = 0.05,
    config: opt.Config = None,
    *,
    showing: Showing,
    **given: Any,
) -> int:
    """Say whether tuning taught a model to make things up, question by question.

    BASE and TUNED are runs or models. Models are evaluated first, or found finished; beside a run,
    they are asked what the run was asked.
    """
    from iabench.runs.gates import worse

    fails = worse(fail_if_worse or [], metrics())
    conditions = requirements(require)
    check_share(max_undecided)
    named = [first, *(others or [str(latest())])]
    chosen = {n: v for n, v in given.items() if ctx.get_parameter_source(n).name != "DEFAULT"}  # type: ignore[union-attr]
    talk = watching(quiet=showing.quiet)
    if not showing.verbose:
        hush()
    runs = _runs(named, given, chosen, talk, fresh=fresh, dry=dry_run)
    if dry_run:
        return 0
    from iabench.runs.compare import compare as compared

    tasks = [t.strip() for text in chosen.get("tasks") or [] for t in text.split(",") if t.strip()]
    found = [
        compared(runs[0], run, tasks=tasks, pair_anyway=pair_anyway, as_published=as_published)
        for run in runs[1:]
    ]
    measured = [_measured(one, talk) if drift else None for one in found]
    judged = [
        gate.judge(
            one[gate.metric],
            [d for d in one.differences
             if d.metric == gate.metric and d.slice == "all" and d.task in one.shared.tasks],
        )
        for one in found
        for gate in fails
    ]  # fmt: skip
    for one in found:
        judged += requires(conditions, one.tuned, task=one.headline, strict=strict)
    pages = _show(found, measured, page=page, redact=redact, showing=showing)
    lines, crossed = said(judged, strict=strict)
    _summarise(found, lines)
    code = crossed or max(trusted(run, max_undecided) for run in runs)
    showing.pages(pages)
    return code


def _runs(
    named: Sequence[str],
    given: Mapping[str, Any],
    chosen: Mapping[str, Any],
    talk: Any,
    *,
    fresh: bool,
    dry: bool,
) -> list[Run]:
    """Return a finished run for each name, read, found or made; with `dry` say what would be."""
    held = {at: load(Path(name)) for at, name in enumerate(named) if _is_run(name)}
    for at, name in enumerate(named):
        if at not in held and not given.get("base_url"):
            _check_there(name)
    like = next(iter(held.values()), None)
    options = {**given, **(_of_run(like, chosen) if like else {})}
    planned = {
        at: plan(_spec(name, options, like, chosen), fresh=fresh)
        for at, name in enumerate(named)
        if at not in held
    }
    for at, name in enumerate(named):
        who = "base" if at == 0 else "tuned"
        if at in held:
            talk.say(f"{who:<7} {name}")
            continue
        one = planned[at]
        n = f"{len(one.probes):,} questions"
        state = "found" if one.status == "finished" else f"asks {n}, writes"
        talk.say(f"{who:<7} {name:<35} {state}  {one.folder}")
        for note in one.notes:
            talk.say(f"note      {note}")
    if dry:
        return []
    if planned:
        made = _carried_out(list(planned.values()), talk)
        held.update(zip(planned, made, strict=True))
    return [held[at] for at in range(len(named))]


def _carried_out(planned: Sequence[Planned], talk: Any) -> list[Run]:
    from iabench.runs.lending import lending
    from iabench.runs.runner import run

    made = []
    with lending(planned) as each:
        for one in each:
            with (
                guarded(one.folder, lambda one=one: (answers(one.folder), one.requests)),  # type: ignore[misc]
                contextlib.redirect_stdout(sys.stderr),
            ):
                made.append(run(one, talk))
    return made


def _is_run(name: str) -> bool:
    folder = Path(name)
    return folder.is_dir() and read_run(folder) is not None


def _check_there(name: str) -> None:
    """Refuse a path where nothing is: the hub, which would be asked else, has no such names.

    Raises:
        ConfigError: with a folder beside it that is called nearly so.
    """
    path = Path(name).expanduser()
    written = name.startswith((".", "/", "~")) or name.count("/") > 1
    below = runs_folder().resolve() in path.resolve().parents
    if ".py::" in name or path.exists() or not (written or below):
        return
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    near = near_match(path.name, [other.name for other in beside if other.is_dir()])
    raise ConfigError(
        f'no folder "{name}", of a run or a model.',
        str(path.parent / near) if near else "iabench runs (those that there are)",
    )


def _of_run(run: Run, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run was asked, but for what was chosen on the command line."""
    held = run.about.get("asked", {})
    # What was chosen belongs together: other tasks are not those of the run's facts.
    return {
        name: held[name]
        for name in FIELDS - _OF_MODELS - _LOADED
        if name in held and name not in chosen
    }


def _spec(
    name: str, options: Mapping[str, Any], like: Run | None, chosen: Mapping[str, Any]
) -> RunSpec:
    """Return what one model is asked; beside a run, what that was asked."""
    where = "iabench compare"
    texts = {key: value for key, value in options.items() if key in FIELDS}
    if like is None:
        spec = asked({**texts, "model": name}, where)
    else:
        from iabench.decode import decode

        plain = asked({**{k: v for k, v in texts.items() if k in chosen or k in _LOADED},
                       "model": name}, where)  # fmt: skip
        taken = _of_run(like, chosen)
        for key in ("facts", "real_names"):
            if taken.get(key):
                taken[key] = found_from(str(taken[key]), key, like.path / "run.json")
        own = {field: getattr(plain, field) for field in FIELDS if field not in taken}
        spec = decode(RunSpec, {**_plain(own), **taken}, where=where)
    folder = Path(name)
    adapts = any((folder / n).exists() for n in ("adapter_config.json", "iabench_delta.json"))
    return replace(spec, base=options.get("base") if adapts else None)


def _plain(own: Mapping[str, Any]) -> dict[str, Any]:
    from iabench import jsonl

    return {key: jsonl.jsonable(value) for key, value in own.items()}


def _measured(one: Comparison, talk: Any) -> dict[str, Any]:
    """Return what moved between the two models of a comparison."""
    from iabench.studies.drift import between

    talk.say(f"moved   reads what both hold of the questions: {one.names[1]}")
    with contextlib.redirect_stdout(sys.stderr):
        return between(one.base, one.tuned)


def _show(
    found: Sequence[Comparison],
    measured: Sequence[Mapping[str, Any] | None],
    *,
    page: str | None,
    redact: bool,
    showing: Showing,
) -> list[Path]:
    """Write the pages, print the tables, or only JSON, and return where the pages lie."""
    from iabench.cli.screen import colour, width
    from iabench.reports.compared.terminal import render
    from iabench.reports.compared.write import document, place, place_of_all, write, write_all
    from iabench.reports.drift import table
    from iabench.reports.redact import redacted_comparison

    several = len(found) > 1
    pages = [place(one, page, number) for number, one in enumerate(found, start=int(several))]
    shown = [redacted_comparison(one) if redact else one for one in found]
    over = [place_of_all(found, page)] if several else []
    try:
        for one, moved, path in zip(shown, measured, pages, strict=True):
            write(one, path, moved)
        for path in over:
            write_all(shown, pages, path, measured)
    except OSError as problem:
        typer.echo(f"note: no page written to {path}: {problem.strerror}", err=True)
    if showing.as_json:
        made = [document(one, moved) for one, moved in zip(found, measured, strict=True)]
        whole = made[0] if len(made) == 1 else made
        write_json(whole)
    elif not showing.quiet:
        for one, moved, path in zip(found, measured, pages, strict=True):
            encoding = sys.stdout.encoding or "ascii"
            there = str(path) if path.exists() else ""
            sys.stdout.write("\n" + render(one, width(), colour(), encoding=encoding, page=there))
            if moved:
                sys.stdout.write("\n" + "\n".join(table(moved, "tuned")) + "\n")
        for path in over:
            sys.stdout.write(f"\n all {len(found) + 1} models side by side   {path}\n")
    sys.stdout.flush()
    return [path for path in (*over, *pages) if path.exists()]


def _summarise(found: Sequence[Comparison], gates: Sequence[str]) -> None:
    """Append the comparisons to the summary of a job on GitHub, where there is one."""
    from iabench.reports.compared.markdown import text

    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.writelines(text(one, gates) + "\n" for one in found)
