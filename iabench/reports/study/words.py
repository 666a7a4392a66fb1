"""What the rows of a study say, in sentences, and its figures as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from iabench.studies.verdict import BASE, mixes, number, of, reading, teaches

__all__ = [
    "BASE", "COLUMNS", "MIX", "PUBLISHED_HEADS", "cell", "columns", "difference", "digits_of",
    "incomplete", "lines_of", "mixes", "number", "of", "published", "reading", "seeds", "sets",
    "shown", "teaches",
]  # fmt: skip

Table = Mapping[str, Any]
Row = Mapping[str, Any]

COLUMNS = (
    ("finetuning_accuracy", "learned the", "new facts"),
    ("refusal_accuracy", 'says "don\'t know"', "on new names"),
    ("accuracy", "still right", "on old facts"),
    ("over_refusal_rate", "over-refuses", "on old facts"),
)
"""Figure and the two lines of its head."""
_MIX_COLUMNS = (
    ("mix_same.aed", "AED", "same relations"),
    ("mix_other.aed", "AED", "other relations"),
    ("refusal_accuracy", 'says "don\'t know"', "on new names"),
    ("over_refusal_rate", "over-refuses", "on old facts"),
)
MIX = (
    ("aed", "AED"),
    ("accuracy", "right"),
    ("error_rate", "wrong"),
    ("declined_known", "declines taught"),
    ("declined_rare", "declines rare"),
    ("declined_new", "declines never taught"),
)
"""What is shown of a mix of facts: figure and head."""
PUBLISHED_HEADS = (
    "setting", "SE-tuning (Llama)", "SE-tuning (DeBERTa)", "R-Tuning", "R-Tuning-U", "original",
)  # fmt: skip
_PUBLISHED = (
    ("long answers, in-distribution", (0.364, 0.411, 0.399, 0.521, 0.380)),
    ("short answers, in-distribution", (0.428, 0.427, 0.469, 0.438, 0.467)),
    ("long answers, out-of-distribution", (0.406, 0.432, 0.438, 0.541, 0.425)),
    ("short answers, out-of-distribution", (0.473, 0.482, 0.508, 0.485, 0.525)),
)
"""Table 1 of Tjandra et al. 2024: mean AED over datasets, as they measured it."""


def columns(table: Table) -> tuple[tuple[str, str, str], ...]:
    """Return the figures of the first table: of facts learned, or of the mix where none are."""
    return COLUMNS if teaches(table) else _MIX_COLUMNS


def published(table: Table) -> Sequence[tuple[str, tuple[float, ...]]]:
    """Return the paper's own figures, for a study of its methods alone."""
    return _PUBLISHED if not teaches(table) and mixes(table) else ()


def shown(figure: Mapping[str, Any], digits: int = 2) -> str:
    """Return `.94 ±.03`, `1.00`, or a dash where nothing is known."""
    if figure["mean"] is None:
        return "–"
    spread = "" if figure["sd"] is None else f" ±{number(figure['sd'], digits)}"
    return number(figure["mean"], digits) + spread


def cell(row: Row, key: str) -> str:
    """Return a figure of a row as it is shown."""
    return shown(of(row, key), digits_of(key))


def digits_of(key: str) -> int:
    """Return how many digits of a figure are shown: three of an AED, which moves little."""
    return 3 if key.endswith("aed") else 2


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


def lines_of(texts: Iterable[str], width: int) -> list[str]:
    """Return sentences as lines of at most so many columns."""
    import textwrap

    return textwrap.wrap(" ".join(texts), width)
