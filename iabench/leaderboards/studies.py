"""A study as a board: each method an entry, each model and seed a cell, its answers beside it.

Not a number is changed: the board shows the means of `study.json`, and `check` makes them again
from the answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from iabench import __version__, jsonl
from iabench.decode import read_document
from iabench.errors import ConfigError, StoreError
from iabench.leaderboards import entry as entries
from iabench.leaderboards.board import Board, Cell, Column, write
from iabench.leaderboards.entry import Answers, Entry
from iabench.leaderboards.questions import (
    Questions,
    pinned,
    questions_of_run,
    write_questions,
)
from iabench.leaderboards.recount import answers_of_run, part_of
from iabench.leaderboards.submitting import write_instructions
from iabench.metrics.base import METRICS
from iabench.runs.run import Run, load
from iabench.studies.sets import set_of, task_of
from iabench.studies.spec import BASE
from iabench.studies.spec import Cell as Made
from iabench.studies.store import Folder

__all__ = ["from_study"]

_AGREE = 1e-6
"""`study.json` keeps its means to six digits."""


def from_study(
    folder: Path, study: Path, *, title: str = "", says: str = "", include_private: bool = False
) -> tuple[Board, list[str]]:
    """Write a board and its entries from a study's folder, over those that are there.

    Returns:
        The board, and a line for each method that is not whole.

    Raises:
        StoreError: there is no study, its answers are gone, or they do not give its numbers.
        ConfigError: it taught somebody's own facts.
    """
    place = Folder(study)
    held = place.held()
    if held is None or not (study / "study.json").exists():
        raise StoreError(f"{study} holds no study.", "iabench study --model ... --out FOLDER")
    spec, table = held[0], read_document(study / "study.json")
    if spec.facts is not None and not include_private:
        raise ConfigError(
            f"{study} taught facts of your own.", "--include-private (they become public)"
        )
    by_method: dict[str, list[Made]] = {}
    for cell in spec.cells:
        by_method.setdefault(cell.method.name, []).append(cell)
    first = _run(place, by_method[BASE][0])
    cells, asked = _cells(folder, place, by_method[BASE])
    board = Board(
        name=folder.resolve().name,
        title=title or folder.resolve().name,
        says=says or _says(table),
        cells=tuple(cells),
        columns=_columns(table, first.headline),
        detector=first.results["detector"],
        grader=first.results["grader"],
        headline=first.headline,
        suites={name: tuple(of) for name, of in first.results["suites"].items()},
        max_new_tokens=first.results["max_new_tokens"],
        level=spec.level,
        required=("model",),
        study=True,
    )
    write(folder, board)
    notes: list[str] = []
    whole: set[str] = set()
    for name, mine in by_method.items():
        row = next(row for row in table["rows"] if row["method"] == name)
        if row["incomplete"]:
            left = [f"model {one['model']} seed {one['seed']}" for one in row["incomplete"]]
            notes.append(f"{name} is left out: {', '.join(left)} not made")
            continue
        _write(folder, board, place, mine, row, cells, asked)
        whole.add(name)
    _forget(folder, whole, {cell.questions for cell in cells})
    write_instructions(folder, board)
    return board, notes


def _forget(folder: Path, whole: set[str], questions: set[str]) -> None:
    """Remove what an earlier making of the board left: a study's board is all of its study's."""
    for path in (folder / "entries").iterdir():
        if path.name.removesuffix(".json").removesuffix(".jsonl.gz") not in whole:
            path.unlink()
    for path in (folder / "questions").iterdir():
        if path.name not in questions:
            path.unlink()


def _cells(folder: Path, place: Folder, made: Sequence[Made]) -> tuple[list[Cell], list[Questions]]:
    """Return the cells with their questions; equal questions are one file."""
    cells, asked = [], []
    files: dict[str, str] = {}
    for one in made:
        questions = _sealed(questions_of_run(_run(place, one)))
        key = jsonl.checksum(questions.probes)
        name = f"model-{one.model}-seed-{one.seed}"
        if key not in files:
            files[key] = f"{name}.json.gz"
            write_questions(folder / "questions" / files[key], questions.specs, questions.probes)
        cells.append(
            Cell(name=name, tasks=pinned(questions.specs), questions=files[key], model=one.model)
        )
        asked.append(questions)
    return cells, asked


def _columns(table: dict[str, Any], headline: str) -> tuple[Column, ...]:
    known = task_of(table["known"])
    shown = (
        ("refusal_accuracy", task_of("unknown_same"), 'says "don\'t know" on new names'),
        ("finetuning_accuracy", task_of("facts_trained"), "learned the new facts"),
        ("accuracy", known, "still right on old facts"),
        ("over_refusal_rate", known, "over-refuses on old facts"),
        ("awareness_score", headline, METRICS.get("awareness_score")().label),
        ("aed", task_of("mix_same"), "AED, relations tuned on"),
        ("aed", task_of("mix_other"), "AED, other relations"),
    )
    there = {task_of(one["name"]) for one in table["sets"] if one["n"]} | {headline}
    return tuple(Column(metric=m, over=o, label=label) for m, o, label in shown if o in there)


def _write(
    folder: Path, board: Board, place: Folder, mine: Sequence[Made], row: dict[str, Any],
    cells: Sequence[Cell], asked: Sequence[Questions],
) -> None:  # fmt: skip
    runs = [_run(place, one) for one in mine]
    for one, run in zip(mine, runs, strict=True):
        judged = (run.results["detector"], run.results["grader"])
        if judged != (board.detector, board.grader):
            raise StoreError(
                f"{run.path} was judged by {' and '.join(judged)}.", f"iabench regrade {run.path}"
            )
        if questions_of_run(run).probes != asked[mine.index(one)].probes:
            raise StoreError(f"{run.path} was asked other questions than the base.", "--fresh")
    parts = tuple(
        part_of(run, cell.name, questions)
        for run, cell, questions in zip(runs, cells, asked, strict=True)
    )
    lines = [
        answer
        for run, cell, questions in zip(runs, cells, asked, strict=True)
        for answer in answers_of_run(run, cell.name, {p.id for p in questions.probes})
    ]
    name = mine[0].method.name
    about = {"model": name, "says": row["says"], "source": row["source"]}
    if name == BASE:
        about["reference"] = "the base: it was taught nothing"
    entry = Entry(
        name=name,
        board=board.name,
        about=about,
        iabench=__version__,
        asked={"max_new_tokens": board.max_new_tokens},
        detector=board.detector,
        grader=board.grader,
        answers=Answers(sha256="", n=len(lines)),
        parts=parts,
    )
    _agree(board, entry, row)
    entries.write(folder, entry, lines)


def _agree(board: Board, entry: Entry, row: dict[str, Any]) -> None:
    """Make sure that the answers give the means that `study.json` shows.

    Raises:
        StoreError: they do not; both are named.
    """
    from iabench.leaderboards.standings import figure_of

    for column in board.columns:
        mixed = row.get("mix", {}).get(set_of(column.over), row)
        said, made = mixed[column.metric]["mean"], figure_of(entry, column).value
        both = said is not None and made is not None
        if abs(said - made) > _AGREE if both else said is not made:
            raise StoreError(
                f"{column.metric} of {entry.name} is {said} in study.json; "
                f"its answers give {made}.",
                "the same iabench study again: it judges and counts anew",
            )


def _run(place: Folder, cell: Made) -> Run:
    path = place.cell(cell) / "asked"
    if not (path / "results.json").exists():
        raise StoreError(
            f"{path} holds no answers.", "the same iabench study again, in that folder"
        )
    return load(path)


def _sealed(asked: Questions) -> Questions:
    """Return questions whose checksums are over what was asked of each set, and nothing more."""
    specs = (replace(s, checksum=jsonl.checksum(asked.of(s.name))) for s in asked.specs)
    return replace(asked, specs=tuple(specs))


def _says(table: dict[str, Any]) -> str:
    models, n = len(table["models"]), table["seeds"]
    on = f"{models} {'model' if models == 1 else 'models'}"
    under = f"{n} {'seed' if n == 1 else 'seeds'}"
    if table.get("teaches", "facts") == "facts":
        taught = f"{table['n_facts']} new facts, tuned into {on} under {under}"
        return f"{taught}: who still says “I don't know”?"
    asked = (
        f"{table['n_facts']} questions that {on} labelled by uncertainty, tuned on under {under}"
    )
    return f"{asked}: who says “I don't know”, and at what price?"
