"""`iabench certify`: what a model knows, found out before it is asked what is reported."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iabench.cli import options as opt
from iabench.cli.asking import asking
from iabench.cli.evaluate import FIELDS, asked, hush
from iabench.cli.leaving import guarded
from iabench.cli.progress import watching
from iabench.cli.screen import write_json

if TYPE_CHECKING:
    from iabench.runs.certify import Made

__all__ = ["certify"]

_HOW = "How it is found out"


_OTHERWISE = frozenset(
    (
        "adapter", "base", "certificate", "columns", "facts", "real_names",
        "abstentions", "adjust_for_detector", "assignment", "detector", "elicit", "entailment",
        "interval_seed", "level", "question_prefix", "sample_temperature", "samples", "scorer",
        "system_prompt",
    )
)  # fmt: skip
"""Options of `evaluate` that say nothing here: nobody abstains, and levels have no interval."""


@asking(FIELDS - _OTHERWISE, max_new_tokens=32)
def certify(
    draws: Annotated[
        int,
        typer.Option(help="Other wordings, each behind other examples.", rich_help_panel=_HOW),
    ] = 4,
    shots: Annotated[
        int | None,
        typer.Option(
            help="Examples before each question.  \\[4, or 0 where it gets more right so]",
            rich_help_panel=_HOW,
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        int,
        typer.Option(help="Of what no greedy answer got right.", rich_help_panel=_HOW),
    ] = 16,
    temperature: Annotated[float, typer.Option(help="Of them.", rich_help_panel=_HOW)] = 0.5,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", help="Exactly this folder.  \\[runs/MODEL/certificate-DIGEST]"),
    ] = None,
    fresh: opt.Fresh = False,
    dry_run: opt.DryRun = False,
    max_undecided: opt.MaxUndecided = 0.05,
    config: opt.Config = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    **given: Any,
) -> int:
    """Find out which facts a model knows, in other words than those that are reported on.

    Evaluations of the model, and of what is tuned from it, go by the certificate from then on.
    """
    from iabench.runs.certify import How, plan_certificate
    from iabench.runs.certify import certify as find_out
    from iabench.runs.store import answers
    from iabench.tasks.told import count

    spec = asked({**given, "tasks": given["tasks"] or ["real-facts"]}, "iabench certify")
    how = How(draws=draws, shots=shots, samples=samples, temperature=temperature)
    planned = plan_certificate(spec, how, out=Path(out) if out else None, fresh=fresh, dry=dry_run)
    talk = watching(quiet=quiet)
    names = ", ".join(task.spec.name for task in planned.tasks)
    state = "   (finished)" if planned.finished else ""
    talk.say(f"asks      {count(len(planned.probes), 'facts')} of {names}")
    talk.say(
        f"          each in {draws} other wordings, greedy; {samples} samples of what is wrong"
    )
    talk.say(f"writes    {planned.folder}{state}     Ctrl-C is safe: same command goes on")
    if dry_run:
        return 0
    if not verbose:
        hush()
    with guarded(planned.folder, lambda: (answers(planned.folder), draws * len(planned.probes))):
        with contextlib.redirect_stdout(sys.stderr):
            made = find_out(planned, talk)
        if as_json:
            write_json(made.about)
        elif not quiet:
            sys.stdout.write("\n".join(_table(made)) + "\n")
    if made.undecided_share > max_undecided:
        typer.echo(
            f"not to be trusted: {made.undecided_share:.1%} of the facts are undecided "
            f"(--max-undecided {max_undecided:g})",
            err=True,
        )
        return 4
    return 0


def _table(made: Made) -> Iterator[str]:
    """Yield a line a task with how many of its facts are known how well."""
    columns = {"highly": "highly", "maybe": "maybe", "weakly": "weakly", "unknown": "unknown"}
    if any("undecided" in levels for levels in made.by_task.values()):
        columns["undecided"] = "undecided"
    wide = max(len(task) for task in made.by_task) + 2
    yield ""
    yield f" {'':<{wide}}{'n':>7}" + "".join(f"{name:>11}" for name in columns.values())
    for task, levels in made.by_task.items():
        numbers = "".join(f"{levels.get(level, 0):>11,}" for level in columns)
        yield f" {task:<{wide}}{sum(levels.values()):>7,}{numbers}"
    yield ""
    yield " highly: every greedy answer is right; maybe: some; weakly: samples alone; unknown: none"
    yield f" {made.about['says']}"
    yield ""
    yield f" made   {made.folder}"
    yield " next   does it decline what it knows, and admit what it does not?"
    yield f"        iabench evaluate --model {made.about['model']['name']} --tasks core"
