"""Options that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Config", "Json", "Out", "Quiet", "Verbose"]

Out = Annotated[
    str | None,
    typer.Option("--out", "-o", help="Exactly this folder.  \\[runs/MODEL/TASKS-DIGEST]"),
]
Config = Annotated[
    str | None,
    typer.Option("--config", "-C", help="Options from TOML, YAML, or a finished run.json."),
]
Json = Annotated[bool, typer.Option("--json", help="Only JSON on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Let the libraries talk too.")]
