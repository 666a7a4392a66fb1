"""`iabench label`: a sample of a run's answers for a person to label, and back."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iabench.cli import options as opt
from iabench.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iabench.records import About
    from iabench.runs.labelling import Sheet
    from iabench.runs.sheets import Filled

__all__ = ["label"]


def label(
    run: Annotated[
        str | None, typer.Argument(help="A run's folder; the last one if left out.")
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", "-o", help="Write a sheet: a CSV.", show_default=False)
    ] = None,
    read: Annotated[
        str | None, typer.Option(help="Take a filled-in sheet back.", show_default=False)
    ] = None,
    n: Annotated[int, typer.Option("--n", help="Answers to label.")] = 200,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 0,
    about: Annotated[
        str | None,
        typer.Option(
            help="abstained, or correct: then references are shown.  \\[abstained]",
            show_default=False,
        ),
    ] = None,
    quiet: opt.Quiet = False,
) -> None:
    """Draw answers of a run for a person to label, or take the labels back."""
    from iabench.runs.folders import latest
    from iabench.runs.run import load
    from iabench.runs.sheets import read as take

    if (out is None) == (read is None):
        raise ConfigError(
            "a sheet is either written or read." if out else "write a sheet, or read one back?",
            "--out sheet.csv, then --read sheet.csv",
        )
    finished = load(Path(run) if run else latest())
    if read is not None:
        if about is not None:
            raise ConfigError("a sheet knows what it is about.", "leave --about out")
        lines = _read(take(finished, Path(read).expanduser()), finished.path)
    else:
        from iabench.runs.labelling import draw

        assert out is not None
        path = _target(out)
        sheet = draw(finished, n=n, seed=seed, about=_about(about))
        try:
            path.write_bytes(_csv(sheet))
        except OSError as problem:
            why = problem.strerror or problem
            raise ConfigError(f"cannot write {path}: {why}.", "another --out") from None
        lines = _drawn(sheet, path, finished.path)
    if not quiet:
        sys.stdout.write("".join(f"{line}\n" for line in lines))


def _about(text: str | None) -> About:
    if text is None or text == "abstained":
        return "abstained"
    if text == "correct":
        return "correct"
    raise ConfigError(f'no sheets are about "{text}".', "--about abstained, or --about correct")


def _target(out: str) -> Path:
    """Return where the sheet goes; what somebody may have filled in is never written over."""
    path = Path(out).expanduser()
    if path.suffix.lower() != ".csv":
        raise ConfigError(f"{path} is no .csv.", f"--out {path.with_suffix('.csv')}")
    if path.exists():
        raise ConfigError(f"{path} is there already.", "another --out, or remove it")
    return path


def _csv(sheet: Sheet) -> bytes:
    """Return the sheet as CSV; the mark in front tells spreadsheets that it is UTF-8."""
    from iabench.reports.csv import neutral

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(sheet.columns)
    for row in sheet.rows:
        writer.writerow([neutral(cell) for cell in row.values()])
    return text.getvalue().encode("utf-8-sig", "replace")


def _drawn(sheet: Sheet, path: Path, run: Path) -> Iterator[str]:
    yield (
        f"{path}: {sheet.n:,} of {sheet.n_all:,} answers from {sheet.n_strata} strata, "
        f"{len(sheet.rows) - sheet.n:,} of them twice: {len(sheet.rows):,} rows"
    )
    if sheet.n_private:
        yield f"private   {sheet.n_private:,} rows are made from your own facts: mind who sees them"
    if sheet.about == "abstained":
        yield "fill in   abstained: yes, no, or nothing where you cannot tell"
        yield "          kinds: why it abstains, by commas (docs/labelling.md): ignorance, ..."
    else:
        yield "fill in   abstained: yes or no; where it answers, correct: yes or no"
    yield f"then      iabench label {run} --read {path}"


def _read(filled: Filled, run: Path) -> Iterator[str]:
    empty = filled.n - filled.n_labelled
    yield (
        f"{filled.path}: {filled.n_labelled:,} of {filled.n:,} answers labelled"
        + (f", {empty:,} left empty" if empty else "")
    )
    if filled.replaced is not None:
        yield f"replaced  other labels that were there, now {filled.replaced}"
    found = filled.agreement
    if found is not None:
        measures = found.table.measures
        shown = ", ".join(
            f"{words} {_number(measures[name].value, measures[name].lo, measures[name].hi)}"
            for name, words in (
                ("sensitivity", "finds"),
                ("specificity", "clears"),
                ("kappa", "kappa"),
            )
        )
        yield f"agreement {found.detector} against your labels, as in the whole run: {shown}"
    twice = filled.twice
    if twice.n:
        same = twice.true_positive + twice.true_negative
        kappa = "" if twice.kappa is None else f", kappa {twice.kappa:.2f}"
        yield f"yourself  {same} of {twice.n} answers labelled alike the second time{kappa}"
    yield f"then      iabench regrade {run} --adjust-for-detector"


def _number(value: float | None, lo: float | None, hi: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" + ("" if lo is None or hi is None else f" [{lo:.2f}, {hi:.2f}]")
