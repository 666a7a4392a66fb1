"""What the rows of a study say, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["BASE", "number", "reading"]

Table = Mapping[str, Any]
Row = Mapping[str, Any]

BASE = "base"
_LEARNED, _KEEPS, _LOSES, _SLACK = 0.9, 0.85, 0.5, 0.1
"""Facts that count as learned; shares of the base's refusals that count as kept and as lost; how
much worse on old facts still counts as alike. They choose words only."""


def number(value: float) -> str:
    """Return a share with two digits and no leading zero."""
    text = f"{value:.2f}".replace("-", "−")
    return text.replace("0.", ".", 1) if abs(value) < 0.995 else text


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
