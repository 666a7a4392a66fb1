"""The options of the verbs, each once."""

from __future__ import annotations

from typing import Annotated

import typer

_FACTS = "Facts of your own"

Out = Annotated[
    str | None,
    typer.Option("--out", "-o", help="Exactly this folder.  \\[runs/MODEL/TASKS-DIGEST]"),
]
Config = Annotated[
    str | None,
    typer.Option("--config", "-C", help="Options from TOML, YAML, or a finished run.json."),
]
Facts = Annotated[
    str | None,
    typer.Option(
        "--facts",
        help="JSONL, JSON, CSV, Parquet, NAME:SPLIT or a dataset of the hub.",
        rich_help_panel=_FACTS,
    ),
]
RealNames = Annotated[
    str | None,
    typer.Option(
        "--real-names",
        help="A file of names, one a line, that exist: none of them is invented.",
        rich_help_panel=_FACTS,
    ),
]
DataDir = Annotated[
    str | None,
    typer.Option(
        "--data-dir",
        help="A folder with the files of published datasets, as their authors publish them.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        help="What your columns are called: question=frage,answer=antwort.",
        rich_help_panel=_FACTS,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Only JSON on stdout.", envvar="IABENCH_JSON")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Let the libraries talk too.")]

# -- of evaluate ------------------------------------------------------------------------------

_MODEL, _HOW, _LOAD = "Which questions, which model", "How it is asked", "How it is loaded"

Model = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        help="Hub id, folder, `organism`, file.py::function, or a name at a server.",
        rich_help_panel=_MODEL,
        show_default=False,
    ),
]
Tasks = Annotated[
    list[str] | None,
    typer.Option(
        "--tasks",
        "-t",
        help="Tasks, globs and suites, by commas.  \\[core; with --facts finetune]",
        rich_help_panel=_MODEL,
        show_default=False,
    ),
]
Limit = Annotated[
    float | None,
    typer.Option(
        "--limit",
        "-L",
        help="Only N questions (or a share) of each task.",
        rich_help_panel=_MODEL,
    ),
]
Seed = Annotated[
    int, typer.Option(help="0 is the public set; others are private.", rich_help_panel=_MODEL)
]
Seeds = Annotated[
    str,
    typer.Option(
        help="0 is the public set; others are private; 0,42: both, and what leaks.",
        rich_help_panel=_MODEL,
    ),
]
IncludePath = Annotated[
    list[str] | None,
    typer.Option(help="A folder of tasks of your own.", rich_help_panel=_MODEL),
]
SystemPrompt = Annotated[str | None, typer.Option(help="Text, or @FILE.", rich_help_panel=_HOW)]
ChatTemplate = Annotated[str, typer.Option(help="auto, none, or a FILE.", rich_help_panel=_HOW)]
ChatTemplateKwargs = Annotated[
    list[str] | None, typer.Option(help="key=value for the template.", rich_help_panel=_HOW)
]
MaxNewTokens = Annotated[int, typer.Option(help="Most tokens of an answer.", rich_help_panel=_HOW)]
Detector = Annotated[
    str, typer.Option(help="Decides whether an answer abstains.", rich_help_panel=_HOW)
]
Grader = Annotated[
    str, typer.Option(help="Decides whether an answer is right.", rich_help_panel=_HOW)
]
Judge = Annotated[
    str | None,
    typer.Option(
        "--judge",
        help="The model behind `judge`: as --model, or a name at the server of --judge-url.",
        rich_help_panel=_HOW,
    ),
]
JudgeUrl = Annotated[
    str | None,
    typer.Option("--judge-url", help="The server that the judge is at.", rich_help_panel=_HOW),
]
JudgeVotes = Annotated[
    int,
    typer.Option(
        "--judge-votes", help="Verdicts on each answer; most decide.", rich_help_panel=_HOW
    ),
]
Nli = Annotated[
    str | None,
    typer.Option(
        "--nli", help="The NLI checkpoint behind `nli`: a folder or hub id.", rich_help_panel=_HOW
    ),
]
_UNSURE = "How unsure it is"
Samples = Annotated[
    int,
    typer.Option("--samples", help="Samples of each answer, beside it.", rich_help_panel=_UNSURE),
]
SampleTemperature = Annotated[
    float,
    typer.Option("--sample-temperature", help="Of the samples.", rich_help_panel=_UNSURE),
]
Elicit = Annotated[
    str,
    typer.Option(
        help="free, or forced: each question once more, for a best guess always.",
        rich_help_panel=_UNSURE,
    ),
]
Scorer = Annotated[
    list[str] | None,
    typer.Option(
        "--scorer",
        help="Scores of uncertainty, by commas.  \\[with --samples: semantic-entropy]",
        rich_help_panel=_UNSURE,
        show_default=False,
    ),
]
Abstentions = Annotated[
    str,
    typer.Option(
        help="Samples that abstain, to an entropy: one-cluster, drop or strings.",
        rich_help_panel=_UNSURE,
    ),
]
Entailment = Annotated[
    str,
    typer.Option(
        help="What samples mean the same: equality, nli (--nli) or llm (--judge).",
        rich_help_panel=_UNSURE,
    ),
]
Assignment = Annotated[
    str,
    typer.Option(
        help="Of several clusters: first-match or takeover.",
        rich_help_panel=_UNSURE,
    ),
]
QuestionPrefix = Annotated[
    bool,
    typer.Option(
        help="Compare answers behind their question.",
        rich_help_panel=_UNSURE,
    ),
]
About = Annotated[
    str | None,
    typer.Option(
        help="abstained or correct, where a name judges both.  \\[the labels']",
        show_default=False,
    ),
]
AdjustForDetector = Annotated[
    bool,
    typer.Option(
        "--adjust-for-detector",
        help="Beside the raw rates, rates corrected for the detector's errors.",
        rich_help_panel=_HOW,
    ),
]
Certificate = Annotated[
    str,
    typer.Option(
        help="What it, or its base, knows: auto (any beside the runs), none, or a FOLDER.",
        rich_help_panel=_HOW,
    ),
]
Level = Annotated[float, typer.Option(help="Of the intervals.", rich_help_panel=_HOW)]
SamplingSeed = Annotated[int, typer.Option(hidden=True)]
IntervalSeed = Annotated[int, typer.Option(hidden=True)]
Backend = Annotated[str, typer.Option(help="auto, hf, openai, scripted.", rich_help_panel=_LOAD)]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        help="A server that speaks OpenAI's chat completions: http://localhost:8000/v1.",
        rich_help_panel=_LOAD,
    ),
]
Concurrency = Annotated[
    int, typer.Option(help="Requests to the server at once.", rich_help_panel=_LOAD)
]
Adapter = Annotated[str | None, typer.Option(help="An adapter's folder.", rich_help_panel=_LOAD)]
Base = Annotated[str | None, typer.Option(help="The adapter's base model.", rich_help_panel=_LOAD)]
Revision = Annotated[str | None, typer.Option(rich_help_panel=_LOAD)]
Quantize = Annotated[str | None, typer.Option(help="4bit or 8bit.", rich_help_panel=_LOAD)]
Dtype = Annotated[
    str,
    typer.Option(help="auto: the checkpoint's; float32 on a CPU.", rich_help_panel=_LOAD),
]
Device = Annotated[str, typer.Option(help="auto: cuda, mps, cpu.", rich_help_panel=_LOAD)]
BatchSize = Annotated[
    str,
    typer.Option(
        "--batch-size", "-b", help="auto fits memory; N caps rows.", rich_help_panel=_LOAD
    ),
]
TrustRemoteCode = Annotated[
    bool,
    typer.Option("--trust-remote-code", help="Run the repository's code.", rich_help_panel=_LOAD),
]
AllowPickle = Annotated[
    bool, typer.Option("--allow-pickle", help="Load pickled weights.", rich_help_panel=_LOAD)
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Begin anew; the old run is kept beside it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and stop.")]
MaxUndecided = Annotated[
    float, typer.Option(help="Above this share of undecided answers: exit code 4.")
]
OpenPage = Annotated[bool, typer.Option("--open", help="Open the page in a browser.")]
Serve = Annotated[
    int | None,
    typer.Option(
        "--serve",
        metavar="[PORT]",
        help="Serve the page to this machine alone, until Ctrl-C.  \\[any free port]",
        show_default=False,
    ),
]
_GATES = "Gates (exit code 3)"
Require = Annotated[
    list[str] | None,
    typer.Option("--require", help="A condition: 'accuracy >= 0.9'.", rich_help_panel=_GATES),
]
FailIfWorse = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if-worse",
        help="METRIC:TOL, where the whole interval is worse by more.",
        rich_help_panel=_GATES,
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict", help="Fail too where too few questions can tell.", rich_help_panel=_GATES
    ),
]
Redact = Annotated[
    bool,
    typer.Option("--redact", help="A page without the texts of private rows, paths and machine."),
]
