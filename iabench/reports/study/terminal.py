"""A study as a table in a terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from iabench.reports.markdown import plain
from iabench.reports.study import words

__all__ = ["markdown", "render"]

Table = Mapping[str, Any]

_WIDE, _NAME, _APART = 80, 13, 3
_ASCII = str.maketrans("−–±“”’·→…×", '--~""\'->.x')


def render(table: Table, folder: Path, *, width: int = 88, encoding: str = "utf-8") -> str:
    """Return the table as text, with a newline at the end.

    Args:
        table: what `study.json` holds.
        folder: of the study; its page is named below the table.
        width: columns; below 80 the difference goes, below 60 what is over-refused.
        encoding: what the terminal can show; where it is not Unicode, plain signs stand in.
    """
    text = "\n".join(line.rstrip() for line in _lines(table, folder, width)) + "\n"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def _lines(table: Table, folder: Path, width: int) -> Iterator[str]:
    columns = words.columns(table) if width >= 60 else words.columns(table)[:3]
    against = table["against"] if width >= _WIDE else None
    name = max(_NAME, *(len(row["method"]) + 3 for row in table["rows"]))
    for at in (1, 2):
        head = "".join(f"{column[at]:<{_wide(column)}}" for column in columns)
        more = (f"against {against}", '("don\'t know")')[at - 1] if against else ""
        yield f"{'':<{name}}{head}{more}"
    for row in table["rows"]:
        cells = "".join(f"{words.cell(row, c[0]):<{_wide(c)}}" for c in columns)
        compared = against and row["method"] != words.BASE
        found = _refusals(row) if compared else None
        sign = "*" if row["incomplete"] else " "
        yield f" {row['method']}{sign:<{name - len(row['method']) - 1}}{cells}" + (
            words.difference(found)
        )
    missing = [line for row in table["rows"] for line in words.incomplete(row, table)]
    if missing:
        yield ""
        shown = missing[:6]
        yield from (f" * {line}" for line in shown)
        if len(missing) > len(shown):
            yield f"   and {len(missing) - len(shown)} more"
    yield ""
    said = [words.seeds(table), *words.reading(table)]
    yield from (f" {line}" for line in words.lines_of(said, width - 2))
    yield ""
    yield f" page    {folder / 'report.html'}"
    yield f" json    {folder / 'study.json'}"


def _wide(column: Sequence[str]) -> int:
    return max(map(len, column[1:])) + _APART


def markdown(table: Table) -> str:
    """Return the study as Markdown: the table, what it says, its sets, costs and trials."""
    return "\n".join(_markdown(table)) + "\n"


def _markdown(table: Table) -> Iterator[str]:
    yield f"# {plain(', '.join(map(_short, table['models'])))}: {table['n_facts']} {_taught(table)}"
    yield ""
    for line in [words.seeds(table), *words.reading(table)]:
        yield plain(line)
    yield ""
    against = table["against"]
    more = [f"against {against}"] if against else []
    columns = words.columns(table)
    heads = ["method", *(f"{one} {other}" for _, one, other in columns), *more]
    yield from _rows(
        heads,
        [
            [
                row["method"],
                *(words.cell(row, key) for key, *_ in columns),
                *([words.difference(_refusals(row))] if more else []),
            ]
            for row in table["rows"]
        ],
    )  # fmt: skip
    for row in table["rows"]:
        for line in words.incomplete(row, table):
            yield f"\n> {plain(line)}"
    yield from _mixes(table)
    yield from _section("Every set: “don't know” where nobody can know, right elsewhere")
    asked = [one for one in table["sets"] if one["n"]]
    yield from _rows(
        ["method", *(one["name"].replace("_", " ") for one in asked)],
        [
            [row["method"], *(words.shown(_of_set(row, one)) for one in asked)]
            for row in table["rows"]
        ],
    )
    yield from _published(table)
    yield from _more(table)
    if table.get("teaches", "facts") == "facts":
        yield from _matched(table)
    yield from _costs(table)
    yield from _section("Sets")
    yield from _rows(["set", "n", "what it is"], [list(one) for one in words.sets(table)])
    for note in table["notes"]:
        yield f"\n> {plain(note)}"


def _mixes(table: Table) -> Iterator[str]:
    """Yield what is said to facts that were taught, rarely taught, never taught."""
    for name, says in words.mixes(table):
        yield from _section(f"Taught, rare and never-taught facts {says}")
        yield from _rows(
            ["method", *(head for _, head in words.MIX)],
            [
                [
                    row["method"],
                    *(words.cell(row, f"{name}.{key}") for key, _ in words.MIX),
                ]
                for row in table["rows"]
            ],
        )


def _published(table: Table) -> Iterator[str]:
    """Yield the paper's figures, clearly theirs."""
    found = words.published(table)
    if not found:
        return
    yield from _section("What the paper reports; not measured here")
    yield plain(
        "Mean AED of Tjandra et al. 2024 (arXiv 2410.17234, Table 1), Llama-3-8B-Instruct, over "
        "TriviaQA, BioASQ, NQ, SQuAD and their mix. Other model, other questions: only the order "
        "can be compared."
    )
    yield ""
    yield from _rows(
        words.PUBLISHED_HEADS,
        [[setting, *(f"{one:.3f}" for one in figures)] for setting, figures in found],
    )


def _taught(table: Table) -> str:
    return "new facts" if table.get("teaches", "facts") == "facts" else "questions"


def _more(table: Table) -> Iterator[str]:
    yield from _section("More of each row")
    more_columns = (
        ("paraphrase_accuracy", "learned, other words"),
        ("awareness_score", "awareness"),
        ("kept_abstention_rate", "kept abstentions"),
        ("neighbour_refusal", "untaught of tuned"),
        ("gave_neighbour", "near-miss: neighbour's fact"),
        ("over_refusal_on_facts", "refuses new facts"),
    )
    unseen = "unseen sets"
    yield from _rows(
        ["method", *(head for _, head in more_columns), unseen, "which these are"],
        [
            [
                row["method"],
                *(words.shown(row[key]) for key, _ in more_columns),
                words.shown(row["unknown_unseen"]["refusal_accuracy"]),
                ", ".join(row["unknown_unseen"]["sets"]).replace("_", " "),
            ]
            for row in table["rows"]
        ],
    )


def _matched(table: Table) -> Iterator[str]:
    yield from _section(
        f"At matched recall: cells that stopped at {table['matched_recall']['recall']}"
    )
    keys = (
        "steps", "finetuning_accuracy", "paraphrase_accuracy", "refusal_accuracy", "accuracy",
        "over_refusal_rate",
    )  # fmt: skip
    yield from _rows(
        ["method", "cells", *(key.replace("_", " ") for key in keys)],
        [
            [row["method"], f"{row['cells']} of {row['of']}",
             *(_steps(row[key]) if key == "steps" else words.shown(row[key]) for key in keys)]
            for row in table["matched_recall"]["rows"]
        ],
    )  # fmt: skip


def _costs(table: Table) -> Iterator[str]:
    yield from _section("What it cost")
    yield from _rows(
        ["method", "steps", "tokens", "seconds", "peak memory (MB)", "trials"],
        [
            [
                row["method"],
                *(_steps(row["costs"][key]) for key in ("steps", "tokens", "seconds")),
                _steps(row["costs"]["peak_memory"], 1e6),
                str(row["costs"]["trials"] or "–"),
            ]
            for row in table["rows"]
        ],
    )


def _section(title: str) -> Iterator[str]:
    yield from ("", f"## {plain(title)}", "")


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(map(plain, heads)) + " |"
    yield "| " + " | ".join("---" for _ in heads) + " |"
    for row in rows:
        yield "| " + " | ".join(map(plain, row)) + " |"


def _of_set(row: Mapping[str, Any], one: Mapping[str, Any]) -> Mapping[str, Any]:
    metric = "refusal_accuracy" if one["expect"] == "abstain" else "accuracy"
    found: Mapping[str, Any] = (
        row["by_set"].get(one["name"], {}).get(metric, {"mean": None, "sd": None})
    )
    return found


def _refusals(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = (row.get("against") or {}).get("refusal_accuracy")
    return found


def _steps(figure: Mapping[str, Any], unit: float = 1.0) -> str:
    return "–" if figure["mean"] is None else f"{figure['mean'] / unit:,.0f}"


def _short(model: str) -> str:
    return model if len(model) <= 60 else f"…{model[-59:]}"
