"""A study for a paper: its table with the best in bold, its plane, and what a reviewer asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iabench.decode import read_document
from iabench.reports.paper.bib import cite, keys_of
from iabench.reports.paper.latex import escape, own, table
from iabench.reports.paper.words import in_figure, judges, percent, software
from iabench.reports.study import charts
from iabench.reports.study.words import BASE, columns, digits_of, number, of, teaches
from iabench.studies.best import best, untold
from iabench.studies.spec import StudySpec
from iabench.studies.store import Folder
from iabench.training.base import PRESETS

__all__ = ["alike", "chart", "methods", "read", "tex"]

Table = Mapping[str, Any]
Row = Mapping[str, Any]
Alike = Mapping[str, frozenset[str] | None]
"""By figure, the methods that cannot be told apart from the best; None: nobody tested that."""


def alike(table: Table) -> Alike:
    """Return which methods cannot be told apart from the best of each figure.

    What the study itself tested; in the table of an older one, only where the best is the method
    that it compared with.
    """
    rows, against = table["rows"], table["against"]
    tested = table.get("not_told_apart", {})
    found: dict[str, frozenset[str] | None] = {}
    for figure, *_ in columns(table):
        names = best(rows, figure, against)
        if not names:
            found[figure] = frozenset()
        elif tested.get(figure, {}).get("best") in names:
            found[figure] = frozenset(tested[figure]["alike"])
        elif names[0] == against and "." not in figure:
            differences = {row["method"]: row.get("against") or {} for row in rows}
            found[figure] = untold(differences, figure)
        else:
            found[figure] = None
    return found


def tex(table_: Table, told: Alike) -> str:
    """Return `table.tex`."""
    rows = table_["rows"]
    tops = {figure: frozenset(best(rows, figure, table_["against"])) for figure in told}
    base = [row for row in rows if row["method"] == BASE]
    rest = [row for row in rows if row["method"] != BASE]
    head = ["", *(own(f"{one} {two}") for _, one, two in columns(table_))]
    groups = [[_cells(row, tops, told) for row in some] for some in (base, rest) if some]
    return table(head, groups, caption=_caption(table_, told), label="tab:iabench")


def _cells(row: Row, tops: Mapping[str, frozenset[str]], told: Alike) -> list[str]:
    cells = [escape(row["method"]) + ("{*}" if row["incomplete"] else "")]
    for figure in told:
        one = of(row, figure)
        if one["mean"] is None:
            cells.append("--")
            continue
        digits = digits_of(figure)
        mean, sd = escape(number(one["mean"], digits)), one["sd"]
        if row["method"] in tops[figure]:
            mean = rf"\textbf{{{mean}}}"
        elif row["method"] in (told[figure] or ()):
            mean += r"$^\dagger$"
        spread = "" if sd is None else rf" {{\scriptsize$\pm${escape(number(sd, digits))}}}"
        cells.append(mean + spread)
    return cells


def _caption(table: Table, told: Alike) -> str:
    sizes = {one["name"]: one["n"] for one in table["sets"]}
    about = {
        "facts_trained": "new facts",
        "mix_same": "facts in relations that were tuned on",
        "mix_other": "in others",
        "unknown_same": "questions on new names",
        table["known"]: "on old facts",
    }
    n = [f"{sizes[name]} {says}" for name, says in about.items() if sizes.get(name)]
    models = len(table["models"])
    said = [
        f"{models} {'model' if models == 1 else 'models'}, {table['seeds']} "
        f"{'seed' if table['seeds'] == 1 else 'seeds'}; mean ± sample sd over them. "
        f"n a seed: {', '.join(n)}.",
        "Best in bold, of methods with all seeds.",
    ]
    if any(one is not None for one in told.values()):
        said.append(f"DAGGER: not told apart from the best ({_test(table)}).")
    if untested := [label(table, figure) for figure, one in told.items() if one is None]:
        said.append(f"Not tested against the best: {', '.join(untested)}.")
    if any(row["incomplete"] for row in table["rows"]):
        said.append("*: not all seeds.")
    return own(" ".join(said)).replace("DAGGER", r"$^\dagger$")


def label(table: Table, figure: str) -> str:
    """Return the head of a column on one line."""
    return next(f"{one} {two}" for name, one, two in columns(table) if name == figure)


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
    """Return one paragraph, with citations as Pandoc reads them."""
    held = _held(study)
    return " ".join(_sentences(table, held[0] if held else None))


def _sentences(table: Table, spec: Any) -> Iterator[str]:
    weights = "; ".join(f"{m} (weights {w})" for m, w in table["weights"].items())
    facts = f"{table['n_facts']} new facts ({table['facts']})"
    yield f"We tuned {weights} on {facts if teaches(table) else table['questions']} by each method,"
    seeds = f"{table['seeds']} {'seed' if table['seeds'] == 1 else 'seeds'}"
    yield f"under {seeds}, which vary the tuning and which facts are taught."
    carried = spec is not None and spec.settings == "own" and not spec.overrides
    for row in table["rows"]:
        if row["method"] != BASE:
            known = row["method"] in PRESETS.names()
            keys = keys_of(PRESETS.get(row["method"]).source) if known else []
            details = [*(_chosen(table, row["method"]) if carried else ()), *_cost(row)]
            more = f" ({'; '.join(details)})" if details else ""
            yield f"{row['method']}{cite(keys)}: {row['says'] or row['source']}{more}."
    if spec is not None:
        kept = "those that the checkpoint carries, chosen on validation names"
        yield f"Settings: {kept if spec.settings == 'own' else 'the published ones'};"
        yield f"overrides: {', '.join(f'{k}={v}' for k, v in spec.overrides) or 'none'}."
        yield f"Device {spec.device}, dtype {spec.dtype}."
    trials = len(table["trials"])
    yield (
        f"{trials} trials on validation names are published with it."
        if trials
        else ("The trials that the settings were chosen from are not part of this study's file.")
    )
    asked = [f"{_plain(one['name'])} (n = {one['n']})" for one in table["sets"] if one["n"]]
    yield f"Every model was asked {', '.join(asked)},"
    yield "by its own chat template (plain text without one), without a system prompt, greedily."
    yield from judges(*table["judged_by"])
    yield "Numbers are means with the sample standard deviation over seeds; intervals of single"
    yield f"differences have a nominal level of {percent(table['level'])}, are paired by question"
    yield "and resampled by entity; tests are exact McNemar where an entity has one"
    yield "question, cluster sign flips otherwise, adjusted by Holm [@holm1979] over the methods"
    yield "of a metric."
    if len(table["models"]) > 1:
        yield "Intervals over models are two-level bootstraps, models and seeds within them."
    else:
        yield "One model: what holds here need not hold for another."
    if missing := [row["method"] for row in table["rows"] if row["incomplete"]]:
        yield f"Not all seeds were made of {', '.join(missing)}."
    yield software({})


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _chosen(table: Table, method: str) -> Iterator[str]:
    """Yield the settings that the trials chose for a method."""
    for trial in table["trials"]:
        if trial["method"] == method and trial["chosen"]:
            yield ", ".join(f"{_plain(k)} {v:g}" if isinstance(v, float) else f"{_plain(k)} {v}"
                            for k, v in sorted(trial["settings"].items()))  # fmt: skip


def _cost(row: Row) -> Iterator[str]:
    steps, seconds = row["costs"]["steps"]["mean"], row["costs"]["seconds"]["mean"]
    parts = [f"{steps:,.0f} steps" if steps else "", f"{seconds:,.0f} s" if seconds else ""]
    if found := ", ".join(part for part in parts if part):
        yield f"{found} on average"


def _held(study: Path) -> tuple[StudySpec, Mapping[str, str]] | None:
    """Return what the study was asked, or None where only its numbers are at hand."""
    return Folder(study).held() if (study / "study.toml").exists() else None


def read(study: Path) -> Table:
    """Return what `study.json` holds."""
    return read_document(study / "study.json")
