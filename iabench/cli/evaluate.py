"""`iabench evaluate`: ask a model, judge, count, show."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from iabench.cli import options as opt
from iabench.cli.facts import columns_of, head
from iabench.cli.gates import requirements, requires, said
from iabench.cli.progress import parameters, watching
from iabench.cli.screen import write_json
from iabench.cli.seeds import planned_for, run_all, seeds_of, show_leakage
from iabench.cli.showing import Showing, shows
from iabench.decode import decode
from iabench.errors import ConfigError
from iabench.records import RunSpec
from iabench.runs.planning import Planned
from iabench.runs.rounds import asking_back

if TYPE_CHECKING:
    from iabench.runs.run import Run

__all__ = [
    "FIELDS",
    "asked",
    "check_share",
    "evaluate",
    "hush",
    "pair_of",
    "prompt_of",
    "show",
    "template_of",
    "trusted",
]


@shows
def evaluate(
    model: opt.Model,
    tasks: opt.Tasks = None,
    limit: opt.Limit = None,
    seed: opt.Seeds = "0",
    include_path: opt.IncludePath = None,
    data_dir: opt.DataDir = None,
    facts: opt.Facts = None,
    real_names: opt.RealNames = None,
    columns: opt.Columns = None,
    system_prompt: opt.SystemPrompt = None,
    chat_template: opt.ChatTemplate = "auto",
    chat_template_kwargs: opt.ChatTemplateKwargs = None,
    max_new_tokens: opt.MaxNewTokens = 128,
    detector: opt.Detector = "lexical",
    grader: opt.Grader = "match",
    judge: opt.Judge = None,
    judge_url: opt.JudgeUrl = None,
    judge_votes: opt.JudgeVotes = 1,
    nli: opt.Nli = None,
    adjust_for_detector: opt.AdjustForDetector = False,
    samples: opt.Samples = 0,
    sample_temperature: opt.SampleTemperature = 1.0,
    elicit: opt.Elicit = "free",
    scorer: opt.Scorer = None,
    abstentions: opt.Abstentions = "one-cluster",
    entailment: opt.Entailment = "equality",
    assignment: opt.Assignment = "first-match",
    question_prefix: opt.QuestionPrefix = True,
    certificate: opt.Certificate = "auto",
    level: opt.Level = 0.95,
    sampling_seed: opt.SamplingSeed = 0,
    interval_seed: opt.IntervalSeed = 0,
    backend: opt.Backend = "auto",
    base_url: opt.BaseUrl = None,
    concurrency: opt.Concurrency = 16,
    adapter: opt.Adapter = None,
    base: opt.Base = None,
    revision: opt.Revision = None,
    quantize: opt.Quantize = None,
    dtype: opt.Dtype = "auto",
    device: opt.Device = "auto",
    batch_size: opt.BatchSize = "auto",
    trust_remote_code: opt.TrustRemoteCode = False,
    allow_pickle: opt.AllowPickle = False,
    out: opt.Out = None,
    fresh: opt.Fresh = False,
    dry_run: opt.DryRun = False,
    max_undecided: opt.MaxUndecided = 0.05,
    require: opt.Require = None,
    strict: opt.Strict = False,
    config: opt.Config = None,
    *,
    showing: Showing,
) -> int:
    """Ask a model what it should and should not know, and show how it did."""
    seeds = seeds_of(seed)
    given = {name: value for name, value in locals().items() if name in FIELDS}
    spec = asked({**given, "seed": seeds[0]})
    gates = requirements(require)
    check_share(max_undecided)
    if not showing.verbose:
        # Before anything is imported that reads it once.
        hush()
    planned = planned_for(spec, seeds, out=out, fresh=fresh)
    talk = watching(quiet=showing.quiet)
    for one in planned:
        for line in header(one):
            talk.say(line)
    if dry_run:
        return 0
    finished = run_all(planned, talk)
    for run in finished:
        show(run, as_json=showing.as_json, quiet=showing.quiet, whole=len(finished) == 1)
    if len(finished) > 1:
        show_leakage(finished, as_json=showing.as_json, quiet=showing.quiet)
    # A gate is on the public set, or on the only one.
    _, crossed = said(requires(gates, finished[0], strict=strict), strict=strict)
    code = crossed or max(trusted(run, max_undecided) for run in finished)
    showing.pages([run.path / "report.html" for run in finished])
    return code


FIELDS = frozenset(field.name for field in fields(RunSpec))
"""Options that say what is asked, of whom and how."""


def asked(given: Mapping[str, Any], where: str = "iabench evaluate") -> RunSpec:
    """Return what the options of a command line ask for.

    Args:
        given: option -> value as typer gives it, for some of `FIELDS`.
        where: names the command in errors.
    """
    facts = given.get("facts")
    parts = {name: _listed(given.get(name)) for name in ("tasks", "include_path", "scorer")}
    read = {
        **given,
        "tasks": parts["tasks"] or ["finetune" if facts else "core"],
        "system_prompt": prompt_of(given.get("system_prompt")),
        "chat_template": template_of(given.get("chat_template", "auto")),
        "chat_template_kwargs": sorted(
            pair_of(pair) for pair in _listed(given.get("chat_template_kwargs"))
        ),
        "include_path": parts["include_path"],
        "scorer": parts["scorer"],
        "columns": columns_of(_listed(given.get("columns"))),
    }
    return decode(RunSpec, read, where=where)


def header(planned: Planned) -> list[str]:
    """Return the lines that say what will be done."""
    from iabench import __version__

    spec, located = planned.spec, planned.located
    about = [spec.model]
    if located is not None:
        names = located.config.get("architectures") or [located.config.get("model_type", "")]
        about.append(str(names[0]).removesuffix("ForCausalLM").removesuffix("LMHeadModel"))
        if located.n_parameters:
            about[-1] += f", {parameters(located.n_parameters)}"
    which = f"public set, seed {spec.seed}" if spec.seed == 0 else f"private set, seed {spec.seed}"
    limited = f" · limited to {spec.limit:g} a task" if spec.limit else ""
    how = [
        _asked_by(planned),
        "a system prompt" if spec.system_prompt else "no system prompt",
        f"greedy and {spec.samples} samples" if spec.samples else "greedy",
        *(["and once more, for a guess"] if spec.elicit == "forced" else []),
        *(f"asks back for {name}" for name in asking_back(spec)),
        f"up to {spec.max_new_tokens} tokens",
    ]
    state = {"new": "", "unfinished": "   (goes on)", "finished": "   (finished)"}[planned.status]
    return [
        "",
        f"iabench {__version__}   {' · '.join(about)}",
        f"asks      {_questions(planned, which)}{limited}",
        f"how       {' · '.join(how)}",
        f"writes    {planned.folder}{state}     Ctrl-C is safe: same command goes on",
        *(f"note      {note}" for note in planned.notes),
        "",
        *head(spec),
    ]


def _questions(planned: Planned, which: str) -> str:
    """Return how many questions are asked, and how many of them come from somebody's own facts."""
    from iabench.tasks.told import count

    private = sum(task.spec.n for task in planned.tasks if task.spec.private)
    public = len(planned.probes) - private
    if not private:
        return f"{count(public, 'questions')} of {planned.headline} ({which})"
    source = next(task.spec.source for task in planned.tasks if task.spec.private)
    if not public:
        return f"{count(private, 'questions')} made from {source}"
    name = "core" if "core" in planned.suites else planned.headline
    return f"{count(public, 'questions')} of {name} ({which}) + {private:,} made from {source}"


def show(finished: Run, *, as_json: bool, quiet: bool, whole: bool = True) -> None:
    """Write the reports and print the table, or only JSON; `whole`: that JSON is all there is."""
    from iabench.cli.screen import colour, width
    from iabench.reports.loading import load
    from iabench.reports.terminal import render
    from iabench.reports.write import write_all

    try:
        write_all(finished.path)
    except OSError as problem:
        typer.echo(f"note: no page written to {finished.path}: {problem.strerror}", err=True)
    if as_json and not whole:
        return
    if as_json:
        text = (finished.path / "results.json").read_text(encoding="utf-8")
        write_json(json.loads(text))
    elif not quiet:
        sys.stdout.write(
            "\n"
            + render(
                load(finished.path),
                width=width(),
                colour=colour(),
                encoding=sys.stdout.encoding or "ascii",
            )
        )
    sys.stdout.flush()


def check_share(max_undecided: float) -> None:
    """Refuse what is no share.

    Raises:
        ConfigError: it is none.
    """
    if not 0 <= max_undecided <= 1:
        raise ConfigError(f"--max-undecided {max_undecided:g} is no share.", "--max-undecided 0.05")


def trusted(finished: Run, max_undecided: float) -> int:
    """Return 0, or 4 with a line where too little could be decided or the backend failed."""
    share = finished.undecided_share
    failed = sum(1 for s in finished.samples(finish="error"))
    if share > max_undecided:
        typer.echo(
            f"not to be trusted: {share:.1%} of the answers are undecided "
            f"(--max-undecided {max_undecided:g})",
            err=True,
        )
    if failed:
        typer.echo(f"not to be trusted: {failed:,} questions could not be asked", err=True)
    return 4 if failed or share > max_undecided else 0


def _asked_by(planned: Planned) -> str:
    if planned.spec.base_url:
        return f"by {planned.spec.model} at {planned.spec.base_url}"
    if planned.backend != "hf":
        return f"by {planned.backend}"
    if planned.spec.chat_template not in ("auto", "none"):
        return "a chat template from a file"
    template = planned.located.chat_template if planned.located else None
    if planned.spec.chat_template == "none" or template is None:
        return "as plain text, Question: ... Answer:, up to a blank line"
    return f"its own chat template {hashlib.sha256(template.encode()).hexdigest()[:6]}"


def _listed(values: list[str] | None) -> list[str]:
    return [part.strip() for value in values or [] for part in value.split(",") if part.strip()]


def prompt_of(text: str | None) -> str | None:
    """Return a system prompt, read from its file where it begins with @."""
    if text is None or not text.startswith("@"):
        # Bytes of another encoding on the command line come as surrogates, which nobody can store.
        return text and text.encode("utf-8", "replace").decode("utf-8")
    try:
        return Path(text[1:]).read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"cannot read {text[1:]}: {problem}.", "--system-prompt TEXT") from None


def template_of(value: str) -> str:
    """Return `auto`, `none`, the text of the template in a file, or the text itself."""
    if value in ("auto", "none") or "{" in value:
        return value
    try:
        return Path(value).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f'no chat template "{value}".', "--chat-template auto, none, or a FILE"
        ) from None


def pair_of(text: str) -> tuple[str, Any]:
    """Return an option of the template, `key=value`."""
    key, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(
            f'--chat-template-kwargs "{text}" is no key=value.', "enable_thinking=true"
        )
    return key.strip(), value.strip()


def hush() -> None:
    """Keep progress bars and advice of other libraries off the screen."""
    import os

    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TQDM_DISABLE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
