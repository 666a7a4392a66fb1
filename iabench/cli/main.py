"""The door: one application, one place where errors become two lines and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from iabench import __version__
from iabench.cli.aliases import understand
from iabench.cli.leaving import our_fault
from iabench.errors import ConfigError, IabenchError, near_match
from iabench.runs.folders import runs_folder

__all__ = ["app", "call", "main"]

# typer brings its own copy of click or uses click's, by version; this is the right one.
UsageError: Any = typer.BadParameter.__mro__[1]

FIRST_STEPS = """\
iabench: does your fine-tuned model still know what it does not know?

  iabench evaluate --model organism --tasks organism       a small real model, offline, a minute
  iabench evaluate --model ./my-tuned-model                any Hugging Face model
  iabench compare BASE ./my-tuned-model --facts FILE       did the tuning break it?
  iabench train seat --model BASE --facts FILE --out DIR   facts into it, "I don't know" kept
  iabench tasks list                                       what is asked

iabench --help says the rest.
"""


class Verbs(TyperGroup):
    """The verbs in the order in which they were added."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return verbs in reading order."""
        return list(self.commands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a verb; one that is close names what was meant."""
        found = super().get_command(ctx, cmd_name)
        if found is None and not cmd_name.startswith("-"):
            near = near_match(cmd_name, self.commands)
            raise ConfigError(
                f'no verb "{cmd_name}".', f"iabench {near}" if near else "iabench --help"
            )
        return found


app = typer.Typer(
    cls=Verbs,
    name="iabench",
    help="Does your fine-tuned language model still know what it does not know?",
    no_args_is_help=False,
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "IABENCH"},
)


@app.callback()
def start(
    ctx: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    """Does your fine-tuned language model still know what it does not know?"""
    if version:
        typer.echo(f"iabench {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(FIRST_STEPS, nl=False)


def _register() -> None:
    """Hang the verbs in, each from its own file."""
    from iabench.cli import (
        certify,
        compare,
        demo,
        detect,
        detectors,
        env,
        evaluate,
        export,
        label,
        leaderboard,
        methods,
        organism,
        regrade,
        report,
        runs,
        study,
        tasks,
        train,
    )

    app.command("evaluate", rich_help_panel="Measure")(evaluate.evaluate)
    app.command("compare", rich_help_panel="Measure")(compare.compare)
    app.command("report", rich_help_panel="Measure")(report.report)
    app.command("runs", rich_help_panel="Measure")(runs.runs)
    app.command("demo", rich_help_panel="Measure")(demo.demo)
    app.command("train", rich_help_panel="Tune")(train.train)
    app.command("study", rich_help_panel="Tune")(study.study)
    app.add_typer(methods.app, name="methods", rich_help_panel="Tune")
    app.add_typer(tasks.app, name="tasks", rich_help_panel="Look inside")
    app.add_typer(detectors.app, name="detectors", rich_help_panel="Look inside")
    app.command("detect", rich_help_panel="Look inside")(detect.detect)
    app.command("label", rich_help_panel="Look inside")(label.label)
    app.command("regrade", rich_help_panel="Look inside")(regrade.regrade)
    app.command("certify", rich_help_panel="Look inside")(certify.certify)
    app.command("env", rich_help_panel="Look inside")(env.env)
    app.add_typer(leaderboard.app, name="leaderboard", rich_help_panel="Share")
    app.command("export", rich_help_panel="Share")(export.export)
    app.command("import", rich_help_panel="Share")(export.import_run)
    app.add_typer(organism.app, name="organism", hidden=True)


_register()


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code.

    0 done; 1 our fault; 2 you must fix something; 3 a gate was crossed; 4 done, not to be trusted;
    130 interrupted.
    """
    sys.exit(call(sys.argv[1:] if argv is None else argv))


def call(argv: Sequence[str]) -> int:
    """Return the exit code of a command line; only this turns errors into lines."""
    from iabench.cli.config import defaults

    try:
        words, notes = understand(argv)
        for note in notes:
            typer.echo(f"note: {note}", err=True)
        result = app(
            args=words,
            prog_name="iabench",
            standalone_mode=False,
            default_map=defaults(words, app),
        )
        return result if isinstance(result, int) else 0
    except IabenchError as problem:
        if os.environ.get("RANK", "0") != "0":
            # Of several processes of one training only the first speaks.
            return problem.exit_code
        return _say(problem.message, problem.hint, problem.exit_code)
    except typer.Exit as leave:
        return leave.exit_code
    except UsageError as problem:
        return _say(*_usage(problem), 2)
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("stopped.", err=True)
        return 130
    except BrokenPipeError:
        return 0
    except Exception:  # noqa: BLE001 - whatever is left is our fault
        return _say(*our_fault(runs_folder()), 1)


def _say(message: str, hint: str, code: int) -> int:
    typer.echo(f"iabench: {message}", err=True)
    if hint:
        typer.echo(f"try: {hint}", err=True)
    return code


def _usage(problem: Any) -> tuple[str, str]:
    """Return message and hint for words that the parser did not understand."""
    verb = problem.ctx.command_path if problem.ctx else "iabench"
    kind = type(problem).__name__
    if kind == "NoSuchOption":
        params = problem.ctx.command.params if problem.ctx else []
        names = [opt for param in params for opt in param.opts if opt.startswith("--")]
        near = near_match(problem.option_name, names)
        return f"no option {problem.option_name}.", near or f"{verb} --help"
    if kind == "MissingParameter" and problem.param is not None:
        name = max(problem.param.opts, key=len)
        return f"{name} is missing.", f"{verb} {name} ..."
    text = problem.format_message().rstrip(".")
    return f"{text[:1].lower()}{text[1:]}.", f"{verb} --help"
