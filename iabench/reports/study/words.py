"""What the rows of a study say, in sentences, and its figures as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["BASE", "COLUMNS", "difference", "incomplete", "reading", "seeds", "sets", "shown"]

Table = Mapping[str, Any]
Row = Mapping[str, Any]

BASE = "base"
COLUMNS = (
    ("finetuning_accuracy", "learned the", "new facts"),
    ("refusal_accuracy", 'says "don\'t know"', "on new names"),
    ("accuracy", "still right", "on old facts"),
    ("over_refusal_rate", "over-refuses", "on old facts"),
)
"""Figure and the two lines of its head."""

_LEARNED, _KEEPS, _LOSES, _SLACK = 0.9, 0.85, 0.5, 0.1
"""Facts that count as learned; shares of the base's refusals that count as kept and as lost; how
much worse on old facts still counts as alike. They choose words only."""


def shown(figure: Mapping[str, Any]) -> str:
    """Return `.94 ±.03`, `1.00`, or a dash where nothing is known."""
    if figure["mean"] is None:
        return "–"
    spread = "" if figure["sd"] is None else f" ±{number(figure['sd'])}"
    return number(figure["mean"]) + spread


def number(value: float) -> str:
    """Return a share with two digits and no leading zero."""
    text = f"{value:.2f}".replace("-", "−")
    return text.replace("0.", ".", 1) if abs(value) < 0.995 else text


def difference(one: Mapping[str, Any] | None) -> str:
    """Return `−.85 worse`."""
    if not one or one.get("value") is None:
        return ""
    sign = "+" if one["value"] >= 0 else ""
    return f"{sign}{number(one['value'])} {one['verdict']}"


def seeds(table: Table) -> str:
    """Return how many there are, and what is shown of them."""
    n, models = table["seeds"], len(table["models"])
    many = f"{models} models × " if models > 1 else ""
    if n * models == 1:
        return "1 seed: no spread."
    return f"{many}{n} {'seed' if n == 1 else 'seeds'}, mean ± sd."


def incomplete(row: Row, table: Table) -> list[str]:
    """Return a line for each reason for which a row lacks cells."""
    several = len(table["models"]) > 1
    by_reason: dict[tuple[int, str], list[str]] = {}
    for one in row["incomplete"]:
        by_reason.setdefault((one["model"], one["reason"]), []).append(str(one["seed"]))
    return [
        f"{row['method']}, {f'model {model}, ' if several else ''}"
        f"seed{'s' if len(seeds) > 1 else ''} {', '.join(seeds)}: {reason}"
        for (model, reason), seeds in by_reason.items()
    ]


def sets(table: Table) -> list[tuple[str, str, str]]:
    """Return (name, n or a dash, what it is or why it is left out)."""
    return [
        (
            one["name"],
            str(one["n"]) if one["n"] else "–",
            f"left out: {one['left_out']}" if one["left_out"] else one["says"],
        )
        for one in table["sets"]
    ]


def reading(table: Table) -> list[str]:
    """Return what the methods do to "I don't know", each named once, in a sentence a kind."""
    base = next((row for row in table["rows"] if row["method"] == BASE), None)
    if base is None or base["refusal_accuracy"]["mean"] is None:
        return []
    if not base["refusal_accuracy"]["mean"]:
        return ["The base never says that it does not know, so there is nothing to keep."]
    groups: dict[str, list[str]] = {}
    for row in table["rows"]:
        if row["method"] != BASE and (kind := _kind(row, base)):
            groups.setdefault(kind, []).append(row["method"])
    says = {
        "loses": ("learns the facts and loses “I don't know”", "learn the facts and lose it"),
        "part": ("keeps only a part of it", "keep only a part of it"),
        "hurts": ("keeps it and hurts old facts", "keep it and hurt old facts"),
        "keeps": ("keeps both", "keep both"),
        "not": ("does not learn the facts", "do not learn the facts"),
    }
    lines = []
    for kind, (one, many) in says.items():
        names = groups.get(kind, [])
        if not names:
            continue
        text = one if len(names) == 1 else many
        text = text.replace("lose it", "lose “I don't know”")
        figures = {
            "part": "refusal_accuracy", "hurts": "over_refusal_rate", "not": "finetuning_accuracy"
        }  # fmt: skip
        detail = ""
        if kind in figures:
            detail = f" ({', '.join(_mean(table, n, figures[kind]) for n in names)})"
        lines.append(f"{_listed(names)} {text}{detail}.")
    return lines


def _kind(row: Row, base: Row) -> str | None:
    learned, refuses = row["finetuning_accuracy"]["mean"], row["refusal_accuracy"]["mean"]
    still, over = row["accuracy"]["mean"], row["over_refusal_rate"]["mean"]
    if learned is None or refuses is None:
        return None
    if learned < _LEARNED:
        return "not"
    before = base["refusal_accuracy"]["mean"]
    if refuses < _LOSES * before:
        return "loses"
    if refuses < _KEEPS * before:
        return "part"
    worse = (base["accuracy"]["mean"] or 0) - (still or 0) > _SLACK
    return "hurts" if worse or (over or 0) - (base["over_refusal_rate"]["mean"] or 0) > _SLACK \
        else "keeps"  # fmt: skip


def _mean(table: Table, method: str, figure: str) -> str:
    row = next(row for row in table["rows"] if row["method"] == method)
    return number(row[figure]["mean"])


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def lines_of(texts: Iterable[str], width: int) -> list[str]:
    """Return sentences as lines of at most so many columns."""
    import textwrap

    return textwrap.wrap(" ".join(texts), width)
