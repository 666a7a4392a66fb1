"""What the rows of a study say, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["BASE", "mixes", "number", "of", "reading", "teaches"]

Table = Mapping[str, Any]
Row = Mapping[str, Any]

BASE = "base"
_LEARNED, _KEEPS, _LOSES, _SLACK = 0.9, 0.85, 0.5, 0.1
"""Facts that count as learned; shares of the base's refusals that count as kept and as lost; how
much worse on old facts still counts as alike. They choose words only."""
_ALIKE = 0.005
"""A difference of AED that counts as none."""
_MIX_SAYS = (
    ("mix_same", "in relations that were tuned on"),
    ("mix_other", "in relations that were not tuned on"),
)
_NOTHING: Mapping[str, Any] = {"mean": None, "sd": None, "values": []}


def number(value: float, digits: int = 2) -> str:
    """Return a share with so many digits and no leading zero."""
    text = f"{value:.{digits}f}".replace("-", "−")
    return text.replace("0.", ".", 1) if abs(value) < 0.995 else text


def reading(table: Table) -> list[str]:
    """Return what the methods do to "I don't know", each named once, in a sentence a kind."""
    base = next((row for row in table["rows"] if row["method"] == BASE), None)
    if base is not None and not teaches(table):
        return _of_the_mix(table, base)
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


def teaches(table: Table) -> bool:
    """Return whether some row of a study was taught facts; else all are tuned on questions."""
    return bool(table.get("teaches", "facts") == "facts")


def of(row: Row, key: str) -> Mapping[str, Any]:
    """Return a figure of a row; `mix_same.aed` is of a mix."""
    name, dot, metric = key.partition(".")
    found: Mapping[str, Any] = (
        row.get("mix", {}).get(name, {}).get(metric, _NOTHING) if dot else row[key]
    )
    return found


def mixes(table: Table) -> list[tuple[str, str]]:
    """Return the mixes of a study, with words."""
    names = {name for row in table["rows"] for name in row.get("mix", {})}
    return [(name, says) for name, says in _MIX_SAYS if name in names]


def _of_the_mix(table: Table, base: Row) -> list[str]:
    """Return which methods lower AED on each mix, and which raise it."""
    lines = []
    for name, says in mixes(table):
        before = of(base, f"{name}.aed")["mean"]
        if before is None:
            continue
        found: dict[str, list[str]] = {"lower": [], "raise": [], "leave": []}
        for row in table["rows"]:
            now = of(row, f"{name}.aed")["mean"]
            if row["method"] != BASE and now is not None:
                change = now - before
                kind = "leave" if abs(change) < _ALIKE else "lower" if change < 0 else "raise"
                found[kind].append(f"{row['method']} {number(now, 3)}")
        parts = [
            f"{', '.join(names)} {kind}{'s' if len(names) == 1 else ''} it"
            for kind, names in found.items()
            if names
        ]
        lines.append(f"AED {says} is {number(before, 3)} before; {'; '.join(parts)}.")
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
