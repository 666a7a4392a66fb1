"""A study for a paper: its table with the best in bold, its plane, and what a reviewer asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from iabench.decode import read_document
from iabench.reports.paper.latex import escape, table
from iabench.reports.paper.words import in_figure, judges, percent, software
from iabench.reports.study import charts
from iabench.reports.study.words import BASE, COLUMNS, number
from iabench.studies.against import differences_of
from iabench.studies.assemble import Asked
from iabench.studies.spec import StudySpec
from iabench.studies.store import Folder
from iabench.training.base import PRESETS

__all__ = ["alike", "chart", "methods", "sources", "tex"]

Table = Mapping[str, Any]
Row = Mapping[str, Any]
Alike = Mapping[str, frozenset[str] | None]
"""By figure, the methods that cannot be told apart from the best; None: nobody tested that."""

_LOWER = frozenset({"over_refusal_rate"})


def alike(study: Path, table: Table) -> Alike:
    """Return which methods cannot be told apart from the best of each figure.

    Tested as in the study itself, against the best; where the study's answers are gone, only where
    the best is the method that the study compared with.
    """
    held = _held(study)
    by_method = _answers(Folder(study), held[0]) if held else {}
    found: dict[str, frozenset[str] | None] = {}
    tested: dict[str, Mapping[str, Any]] = {}
    for figure, *_ in COLUMNS:
        best = _best(table, figure)
        if not best:
            found[figure] = frozenset()
            continue
        first = best[0]
        if set(by_method) >= {row["method"] for row in table["rows"]}:
            if first not in tested:
                tested[first] = differences_of(
                    by_method, first, known=table["known"], level=table["level"]
                )
            found[figure] = _untold(tested[first], figure)
        elif first == table["against"]:
            rows = {row["method"]: row.get("against") or {} for row in table["rows"]}
            found[figure] = _untold(rows, figure)
        else:
            found[figure] = None
    return found


def _answers(folder: Folder, spec: StudySpec) -> dict[str, list[Asked]]:
    """Return the cells whose answers are at hand, by method."""
    found: dict[str, list[Asked]] = {}
    for cell in spec.cells:
        one = Asked(cell, folder.read(cell) or {}, folder.cell(cell))
        if (one.folder / "asked" / "samples.jsonl").exists():
            found.setdefault(cell.method.name, []).append(one)
    return found


def _untold(rows: Mapping[str, Mapping[str, Any]], figure: str) -> frozenset[str]:
    return frozenset(
        name
        for name, row in rows.items()
        if name != BASE and figure in row and row[figure]["verdict"] == "not told apart"
    )


def _best(table: Table, figure: str) -> tuple[str, ...]:
    """Return the methods with the best mean, the one that the study compared with first.

    A method that lacks seeds is not called the best, unless all do.
    """
    rows = [row for row in table["rows"] if row["method"] != BASE]
    rows = [row for row in rows if row[figure]["mean"] is not None]
    rows = [row for row in rows if not row["incomplete"]] or rows
    if not rows:
        return ()
    means = {str(row["method"]): row[figure]["mean"] for row in rows}
    best = (min if figure in _LOWER else max)(means.values())
    tied = [name for name, mean in means.items() if mean == best]
    return tuple(sorted(tied, key=lambda name: name != table["against"]))


def tex(table_: Table, told: Alike) -> str:
    """Return `table.tex`."""
    best = {figure: frozenset(_best(table_, figure)) for figure, *_ in COLUMNS}
    base = [row for row in table_["rows"] if row["method"] == BASE]
    rest = [row for row in table_["rows"] if row["method"] != BASE]
    head = ["", *(escape(f"{one} {two}") for _, one, two in COLUMNS)]
    groups = [[_cells(row, best, told) for row in rows] for rows in (base, rest) if rows]
    return table(head, groups, caption=_caption(table_, told), label="tab:iabench")


def _cells(row: Row, best: Mapping[str, frozenset[str]], told: Alike) -> list[str]:
    cells = [escape(row["method"]) + ("*" if row["incomplete"] else "")]
    for figure, *_ in COLUMNS:
        one = row[figure]
        if one["mean"] is None:
            cells.append("--")
            continue
        mean, sd = escape(number(one["mean"])), one["sd"]
        if row["method"] in best[figure]:
            mean = rf"\textbf{{{mean}}}"
        elif row["method"] in (told[figure] or ()):
            mean += r"$^\dagger$"
        cells.append(mean + ("" if sd is None else rf" $\pm$ {escape(number(sd))}"))
    return cells


def _caption(table: Table, told: Alike) -> str:
    sizes = {one["name"]: one["n"] for one in table["sets"]}
    n = [
        f"{sizes['facts_trained']} new facts",
        f"{sizes['unknown_same']} questions on new names",
        f"{sizes[table['known']]} on old facts",
    ]
    models = len(table["models"])
    said = [
        f"{models} {'model' if models == 1 else 'models'}, {table['seeds']} "
        f"{'seed' if table['seeds'] == 1 else 'seeds'}; mean ± sample sd over them. "
        f"n a seed: {', '.join(n)}.",
        "Best in bold, of methods with all seeds.",
    ]
    if any(one is not None for one in told.values()):
        said.append(f"DAGGER: not told apart from the best ({_test(table)}).")
    if untested := [label(figure) for figure, one in told.items() if one is None]:
        said.append(f"Not tested against the best: {', '.join(untested)}.")
    if any(row["incomplete"] for row in table["rows"]):
        said.append("*: not all seeds.")
    return escape(" ".join(said)).replace("DAGGER", r"$^\dagger$")


def label(figure: str) -> str:
    """Return the head of a column on one line."""
    return next(f"{one} {two}" for name, one, two in COLUMNS if name == figure)


def _test(table: Table) -> str:
    sign = ", one sign in every model" if len(table["models"]) > 1 else ""
    return (
        f"paired over the questions, cluster sign-flip test with Holm's correction over methods "
        f"and a {percent(table['level'])} interval that holds 0 or p of .05 and more{sign}"
    )


def chart(table: Table) -> Any:
    """Return the figure: refusals on new names against what is still right; None without both."""
    rows = [{**row, "method": in_figure(row["method"])} for row in table["rows"]]
    return charts.plane_chart({**table, "rows": rows})


def methods(study: Path, table: Table) -> str:
    """Return `methods.txt`: one paragraph."""
    held = _held(study)
    return " ".join(_sentences(table, held[0] if held else None)) + "\n"


def _sentences(table: Table, spec: Any) -> Iterator[str]:
    weights = "; ".join(f"{m} (weights {w})" for m, w in table["weights"].items())
    yield f"We tuned {weights} on {table['n_facts']} new facts ({table['facts']}) by each method,"
    yield f"under {table['seeds']} seeds, which vary the tuning and which facts are taught."
    for row in table["rows"]:
        if row["method"] != BASE:
            yield f"{row['method']}: {row['says'] or row['source']}{_cost(row)}."
    if spec is not None:
        own = "those that the checkpoint carries, chosen on validation names"
        yield f"Settings: {own if spec.settings == 'own' else 'the published ones'};"
        yield f"overrides: {', '.join(f'{k}={v}' for k, v in spec.overrides) or 'none'}."
        yield f"Device {spec.device}, dtype {spec.dtype}."
    trials = len(table["trials"])
    yield (
        f"{trials} trials on validation names are published with it."
        if trials
        else ("The trials that the settings were chosen from are not part of this study's file.")
    )
    asked = [f"{one['name']} (n = {one['n']})" for one in table["sets"] if one["n"]]
    yield f"Every model was asked {', '.join(asked)},"
    yield "by its own chat template (plain text without one), without a system prompt, greedily."
    yield from judges(*table["judged_by"])
    yield "Numbers are means with the sample standard deviation over seeds; intervals of single"
    yield f"differences have a nominal level of {percent(table['level'])}, are paired by question"
    yield "and resampled by entity; tests are exact McNemar where an entity has one"
    yield "question, cluster sign flips otherwise, adjusted by Holm over the methods of a metric."
    if len(table["models"]) > 1:
        yield "Intervals over models are two-level bootstraps, models and seeds within them."
    else:
        yield "One model: what holds here need not hold for another."
    if missing := [row["method"] for row in table["rows"] if row["incomplete"]]:
        yield f"Not all seeds were made of {', '.join(missing)}."
    yield software({})


def _cost(row: Row) -> str:
    steps, seconds = row["costs"]["steps"]["mean"], row["costs"]["seconds"]["mean"]
    parts = [f"{steps:,.0f} steps" if steps else "", f"{seconds:,.0f} s" if seconds else ""]
    found = ", ".join(part for part in parts if part)
    return f" ({found} on average)" if found else ""


def sources(table: Table, study: Path) -> list[str]:
    """Return what says where the methods are from; papers are found in it by their numbers."""
    held = _held(study)
    found: Sequence[str] = [m.preset for m in held[0].methods if m.preset] if held else []
    found = found or [row["method"] for row in table["rows"] if row["method"] in PRESETS.names()]
    return [PRESETS.get(name).source for name in found if name in PRESETS.names()]


def _held(study: Path) -> tuple[StudySpec, Mapping[str, str]] | None:
    """Return what the study was asked, or None where only its numbers are at hand."""
    return Folder(study).held() if (study / "study.toml").exists() else None


def read(study: Path) -> Table:
    """Return what `study.json` holds."""
    return read_document(study / "study.json")
