"""Options that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Columns", "Config", "Facts", "Json", "Out", "Quiet", "RealNames", "Verbose"]

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
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        help="What your columns are called: question=frage,answer=antwort.",
        rich_help_panel=_FACTS,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Only JSON on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Let the libraries talk too.")]
