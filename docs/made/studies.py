"""Tables of the published studies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from made.markdown import table

ROOT = Path(__file__).resolve().parents[2]


def study_sets() -> Iterator[str]:
    """Yield the sets of a study."""
    from iabench.studies.sets import SETS

    yield from table(("set", "what it asks"), ((f"`{n}`", s) for n, (_, s) in SETS.items()))


def organism_seat() -> Iterator[str]:
    """Yield the table of the published study."""
    from iabench.reports.study.words import COLUMNS, difference, incomplete, seeds, shown

    study = json.loads((ROOT / "leaderboards/organism-seat/study.json").read_text(encoding="utf-8"))
    figures = [key for key, *_ in COLUMNS]
    figures.insert(1, "paraphrase_accuracy")
    heads = ("learned", "in other words", '"don\'t know"', "still right", "over-refuses")
    rows = [
        (
            f"`{row['method']}`{'*' if row['incomplete'] else ''}",
            *(shown(row[key]) for key in figures),
            difference((row.get("against") or {}).get("refusal_accuracy")),
        )
        for row in study["rows"]
    ]
    yield from table(("method", *heads, f"against {study['against']}"), rows)
    lines = [line for row in study["rows"] for line in incomplete(row, study)]
    yield from ("", seeds(study), *(f"\\* {line}." for line in lines))


def organism_se_tuning() -> Iterator[str]:
    """Yield the table of the published study of tuning by uncertainty."""
    from iabench.reports.study import words
    from iabench.reports.study.words import cell, difference, incomplete, seeds, shown

    board = ROOT / "leaderboards/organism-se-tuning/study.json"
    study = json.loads(board.read_text(encoding="utf-8"))
    for name, title in (("mix_same", "Relations tuned on:"), ("mix_other", "Other relations:")):
        heads = {
            "aed": "AED",
            "accuracy": "right",
            "error_rate": "wrong",
            "declined_new": "declines never taught",
            "declined_known": "declines taught",
        }
        rows = [
            (
                f"`{row['method']}`{'*' if row['incomplete'] else ''}",
                *(cell(row, f"{name}.{key}") for key in heads),
            )
            for row in study["rows"]
        ]
        yield from (title, "", *table(("method", *heads.values()), rows), "")
    yield from ("Names of which nothing is told, and what everybody was told:", "")
    against = study["against"]
    yield from table(
        ("method", '"don\'t know"', "over-refuses", f"against {against}"),
        (
            (
                f"`{row['method']}`",
                *(shown(row[key]) for key in ("refusal_accuracy", "over_refusal_rate")),
                difference((row.get("against") or {}).get("refusal_accuracy")),
            )
            for row in study["rows"]
        ),
    )
    lines = [line for row in study["rows"] for line in incomplete(row, study)]
    yield from ("", seeds(study), *(f"\\* {line}." for line in lines))
    yield from ("", "Theirs, not measured here: mean AED of Tjandra et al. 2024, Table 1.", "")
    theirs = ((of, *(f"{one:.3f}" for one in found)) for of, found in words.published(study))
    yield from table(words.PUBLISHED_HEADS, theirs)
