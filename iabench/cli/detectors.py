"""`iabench detectors list|validate`: who judges, and how often they err."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iabench.cli import options as opt
from iabench.cli.screen import write_json
from iabench.errors import ConfigError, IabenchError
from iabench.grading.base import DETECTORS, GRADERS
from iabench.grading.described import SAYS
from iabench.records import About, RunSpec

if TYPE_CHECKING:
    from iabench.grading.labels import Half, Label

__all__ = ["app", "every"]

app = typer.Typer(help="Who judges, and how often they err.", no_args_is_help=True)

# name: (what it needs, responses a second on one core)
_MODELS_TIME = "as fast as its model"
_DETECTORS = {
    "lexical": ("", "tens to hundreds/s"),
    "classifier": ("", "thousands/s"),
    "nli": ("--nli", _MODELS_TIME),
    "judge": ("--judge", _MODELS_TIME),
    "ensemble": ("", "tens to hundreds/s"),
}
_GRADERS = {
    "match": ("", "thousands/s"),
    "f1": ("", "tens of thousands/s"),
    "rouge": ("", "tens of thousands/s"),
    "nli": ("--nli", _MODELS_TIME),
    "judge": ("--judge", _MODELS_TIME),
}


@app.command("list")
def list_detectors(as_json: opt.Json = False) -> None:
    """List detectors and graders with their published error rates."""
    found = every()
    if as_json:
        write_json(found)
        return
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    asks = {
        "abstention": "DETECTORS: does it abstain?",
        "correctness": "GRADERS: is it correct?",
    }
    for judges, title in asks.items():
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in ("name", "needs", "finds", "clears", "open", "in words"):
            right = column in ("finds", "clears", "open")
            table.add_column(column, justify="right" if right else "left", overflow="fold")
        for one in found:
            if one["judges"] == judges:
                rates = [_share(one[rate]) for rate in ("sensitivity", "specificity", "undecided")]
                speed = f" ({one['throughput']})" if one["throughput"] else ""
                table.add_row(one["name"], one["needs"], *rates, one["says"] + speed)
        console.print(title)
        console.print(table)
        console.print()
    console.print(
        "finds, clears: sensitivity and specificity on iabench's own test half, in per cent of "
        "what is decided; open: what is not; "
        "iabench detectors validate --detector NAME shows them with intervals."
    )


def every() -> list[dict[str, Any]]:
    """Return what there is to say of each detector and each grader."""
    return [
        *(_line(name, "abstained") for name in DETECTORS.names()),
        *(_line(name, "correct") for name in GRADERS.names()),
    ]


def _line(name: str, about: About) -> dict[str, Any]:
    """Return what there is to say of one; of plug-ins only whose they are: nothing is imported."""
    registry: Any = DETECTORS if about == "abstained" else GRADERS
    costs = _DETECTORS if about == "abstained" else _GRADERS
    origin = " and ".join(registry.origins()[name])
    line: dict[str, Any] = {
        "name": name,
        "judges": "abstention" if about == "abstained" else "correctness",
        "says": f"of {origin}",
        "needs": "",
        "throughput": "",
        "id": None,
        "sensitivity": None,
        "specificity": None,
        "undecided": None,
    }
    if name not in costs or not origin.startswith("iabench "):
        return line
    line["says"] = SAYS[about][name]
    line["needs"], line["throughput"] = costs[name]
    if not line["needs"]:
        line |= _published(name, about)
    return line


def _published(name: str, about: About) -> dict[str, Any]:
    """Return the id of a detector that needs no model, and how often it errs."""
    from iabench.cli.judges import opened
    from iabench.grading.error_rates import error_rates

    try:
        with opened(name, about, RunSpec(model="")) as judge:
            own = judge.id
        rates = error_rates(own, about)
    except IabenchError:
        return {}
    if rates is None:
        return {"id": own}
    return {
        "id": own,
        "sensitivity": rates.sensitivity.value,
        "specificity": rates.specificity.value,
        "undecided": rates.n_undecided / rates.n,
    }


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


@app.command("validate")
def validate_detector(
    detector: Annotated[str, typer.Option(help="A detector or a grader.", show_default=False)],
    labels: Annotated[
        str, typer.Option(help="A file (JSONL, CSV), or iabench's own: test, development.")
    ] = "test",
    by: Annotated[
        list[str] | None, typer.Option(help="kind, language, source, family, by commas.  \\[kind]")
    ] = None,
    errors: Annotated[
        int | None,
        typer.Option(
            help="How many errors are shown, of all strata in turn.  \\[one each; of test: none]",
            show_default=False,
        ),
    ] = None,
    about: opt.About = None,
    level: Annotated[float, typer.Option(help="Of the intervals.")] = 0.95,
    judge: opt.Judge = None,
    judge_url: opt.JudgeUrl = None,
    judge_votes: opt.JudgeVotes = 1,
    nli: opt.Nli = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Measure how often a detector or grader errs, on labels of yours or of iabench."""
    from iabench.cli.judges import about_of, leaves, opened
    from iabench.cli.progress import watching
    from iabench.cli.screen import colour, width
    from iabench.cli.validation import render
    from iabench.grading.validation import validate

    if not 0 < level < 1:
        raise ConfigError(f"--level {level:g} is no coverage.", "--level 0.95")
    keys = [key.strip() for value in by or ["kind"] for key in value.split(",") if key.strip()]
    found, name = _labels(labels, about_of(detector, about))
    spec = RunSpec(model="", judge=judge, judge_url=judge_url, judge_votes=judge_votes, nli=nli)
    talk = watching(quiet=quiet)
    with opened(detector, found[0].about, spec) as opened_judge:
        line = leaves(opened_judge, len(found), private=labels not in _OWN)
        if line:
            talk.say(line)
        talk.begin("judging", len(found))
        validation = validate(
            opened_judge, found, by=keys, level=level, name=name, watch=talk.advance
        )
        talk.end()
    if as_json:
        text = json.dumps(validation.json(), ensure_ascii=False, indent=1)
        sys.stdout.write(text.encode("utf-8", "replace").decode("utf-8") + "\n")
        return
    sys.stdout.write(
        render(
            validation,
            width=width(),
            errors=0 if errors is None and labels == "test" else errors,
            unseen=errors is None and labels == "test",
            colour=colour(),
            encoding=sys.stdout.encoding or "ascii",
        )
    )


_OWN: dict[str, Half] = {"test": "test", "development": "development"}


def _labels(asked: str, about: About | None) -> tuple[list[Label], str]:
    """Return the labels that `--labels` names, and what they are called."""
    from iabench.grading.labels import own_labels, read_labels

    if asked in _OWN:
        found = own_labels(about or "abstained", _OWN[asked])
        return found, f"own {found[0].about}, {asked}"
    path = Path(asked).expanduser()
    if not path.exists():
        raise ConfigError(f"no labels {path}.", "--labels FILE.jsonl, test or development")
    return read_labels(path, about), path.name
