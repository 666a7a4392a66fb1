"""A study as people see it: the table, the sentences, the page; and hostile text in all of them."""

from __future__ import annotations

import copy
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import StoreError
from iabench.reports.study import charts, words
from iabench.reports.study.answers import of_first_cells
from iabench.reports.study.page import page
from iabench.reports.study.terminal import markdown, render
from iabench.reports.study.write import write_all

EVIL = '<script>alert("x")</script>\x1b[31m'


def figure(*values: float | None) -> dict[str, Any]:
    there = [v for v in values if v is not None]
    mean = sum(there) / len(there) if there else None
    sd = (
        (sum((v - mean) ** 2 for v in there) / (len(there) - 1)) ** 0.5
        if mean is not None and len(there) > 1
        else None
    )
    return {"mean": mean, "sd": sd, "values": list(values)}


def row(name: str, learned: float, refuses: float, still: float, over: float) -> dict[str, Any]:
    def both(value: float) -> dict[str, Any]:
        return figure(value, max(0.0, value - 0.02))

    return {
        "method": name,
        "source": "preset",
        "says": "as it is",
        "finetuning_accuracy": both(learned),
        "paraphrase_accuracy": both(learned),
        "refusal_accuracy": both(refuses),
        "accuracy": both(still),
        "over_refusal_rate": both(over),
        "awareness_score": both(refuses + still - 1),
        "over_refusal_on_facts": both(0),
        "neighbour_refusal": both(refuses),
        "gave_neighbour": both(0),
        "kept_abstention_rate": both(refuses),
        "unknown_unseen": {"sets": ["invented_real"], "refusal_accuracy": both(refuses)},
        "by_set": {"unknown_same": {"refusal_accuracy": both(refuses)}},
        "costs": {key: figure(None, None) for key in ("steps", "tokens", "seconds", "peak_memory")}
        | {"trials": None},
        "incomplete": [],
        "against": None,
    }


@pytest.fixture
def table() -> dict[str, Any]:
    rows = [
        row("base", 0.0, 0.94, 1.0, 0.0),
        row("full", 0.99, 0.02, 0.94, 0.0),
        row("lora", 1.0, 0.02, 0.89, 0.0),
        row("entity-kl", 0.99, 0.88, 0.76, 0.17),
        row("seat", 0.98, 0.86, 0.94, 0.03),
        row("ewc", 0.5, 0.9, 0.94, 0.03),
        row("half", 0.99, 0.6, 0.94, 0.03),
    ]
    rows[1]["against"] = {
        "refusal_accuracy": {
            "value": -0.85, "lo": -0.9, "hi": -0.8, "p": 0.001, "p_adjusted": 0.002,
            "detectable": 0.1, "verdict": "worse",
        }
    }  # fmt: skip
    return {
        "models": ["organism"],
        "weights": {"organism": "c0ffee"},
        "seeds": 2,
        "n_facts": 120,
        "against": "seat",
        "level": 0.95,
        "sets": [
            {"name": "unknown_same", "expect": "abstain", "says": "x", "n": 9, "left_out": None},
            {"name": "near_miss", "expect": "abstain", "says": "y", "n": 0, "left_out": "because"},
        ],
        "rows": rows,
        "matched_recall": {
            "recall": 0.98,
            "rows": [
                {**rows[1], "cells": 1, "of": 2, "steps": figure(12.0)},
            ],
        },
        "trials": [],
        "asked": [
            {"question": EVIL, "about": "x", "answers": {"base": EVIL, "full": ""}},
        ],
        "judged_by": ["lexical@2", "match@2"],
        "notes": ["one model"],
    }


def test_the_table_has_figures_with_their_spread(table: dict[str, Any]) -> None:
    text = render(table, Path("s"))
    assert re.search(r"base +\.01? ?±?.*\.93 ±\.01 +\.99 ±\.01", text), text
    assert "against seat" in text
    assert "−.85 worse" in text
    assert max(map(len, text.splitlines())) <= 100
    assert "2 seeds, mean ± sd." in text


def test_narrow_terminals_lose_columns_from_the_right(table: dict[str, Any]) -> None:
    assert "against" not in render(table, Path("s"), width=70)
    assert "over-refuses" not in render(table, Path("s"), width=50)


def test_plain_signs_where_nothing_else_can_be_shown(table: dict[str, Any]) -> None:
    assert "-.85 worse" in render(table, Path("s"), encoding="ascii")


def test_each_method_is_named_once_in_the_sentences(table: dict[str, Any]) -> None:
    said = " ".join(words.reading(table))
    assert "full and lora learn the facts and lose “I don't know”." in said
    assert "entity-kl keeps it and hurts old facts (.16)." in said
    assert "seat keeps both." in said
    assert "ewc does not learn the facts (.49)." in said
    assert "half keeps only a part of it (.59)." in said


def test_nothing_is_said_of_a_base_that_never_abstains(table: dict[str, Any]) -> None:
    table["rows"][0]["refusal_accuracy"] = figure(0.0, 0.0)
    assert words.reading(table) == [
        "The base never says that it does not know, so there is nothing to keep."
    ]


def test_a_row_that_lacks_a_cell_says_so(table: dict[str, Any]) -> None:
    table["rows"][2]["incomplete"] = [{"model": 0, "seed": 1, "reason": "out of memory"}]
    text = render(table, Path("s"))
    assert "lora*" in text
    assert "* lora, seed 1: out of memory" in text
    assert "lora, seed 1: out of memory" in page(table)


def test_the_page_shows_text_and_runs_nothing_of_it(table: dict[str, Any]) -> None:
    html = page(table)
    assert EVIL not in html
    assert "&lt;script&gt;" in html
    assert html.count("<script>") == 1
    assert "<svg" in html
    assert "near miss is left out: because." in html
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")


def test_the_page_is_the_same_bytes_twice(table: dict[str, Any]) -> None:
    assert page(copy.deepcopy(table)) == page(table)


def test_names_on_the_plane_do_not_cover_each_other(table: dict[str, Any]) -> None:
    full = table["rows"][1]
    rows = [full, {**full, "method": "lora"}]
    placed = charts._places([charts._at(row, 0.7) for row in rows * 3], charts._HIGH)
    taken: dict[str, list[float]] = {"left": [], "right": []}
    for _, dy, align in placed:
        taken[align].append((1 - full["refusal_accuracy"]["mean"]) * charts._HIGH + dy)
    # Beside the same spread on the same side: so far apart that both can be read.
    for levels in taken.values():
        assert all(b - a >= charts._APART for a, b in pairwise(sorted(levels)))
    assert sum(map(len, taken.values())) == 6
    # Beside its spread, never on it.
    spread = full["accuracy"]["sd"] / 0.3 * charts._WIDE
    assert all(abs(dx) >= spread for dx, _, _ in placed)


def test_what_moved_is_drawn_where_it_was_measured(table: dict[str, Any]) -> None:
    layer = {
        "sets": {"unknown_same": {"relative": 0.1}, "known_same": {"relative": 0.2}},
        "probe": {"base": 0.9, "from_base": 0.8, "own": 0.9},
    }
    plane = {"unknown_same": [[0.0, 1.0]], "known_same": [[1.0, 0.0]]}
    drift = {
        "shape_gauge": 0.5,
        "methods": {n: {"layers": [layer] * 3, "plane": plane} for n in ("base", "full")},
    }
    html = page(table, drift)
    assert "What moved" in html
    assert html.count("<svg") == 1 + 2 + 2 + 2
    assert "What moved" not in page(table)


def test_markdown_is_plain(table: dict[str, Any]) -> None:
    table["rows"][1]["method"] = "a|b"
    text = markdown(table)
    assert "a\\|b" in text
    assert "At matched recall" in text


def test_reports_are_written_beside_the_study(table: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds no study"):
        write_all(tmp_path)
    (tmp_path / "study.json").write_text(json.dumps(table))
    assert write_all(tmp_path) == tmp_path / "report.html"
    assert (tmp_path / "study.md").read_text().startswith("# organism: 120 new facts")


def test_trials_are_drawn_all(table: dict[str, Any]) -> None:
    trial = {"method": "full", "paraphrase_accuracy": 0.9, "awareness_score": 0.1}
    table["trials"] = [{**trial, "chosen": True}, {**trial, "chosen": False}]
    assert "2 trials on validation names" in page(table)


def test_less_aed_is_drawn_higher_up(table: dict[str, Any]) -> None:
    trial = {"method": "r-tuning", "over_refusal_rate": 0.3, "settings": {}}
    table["trials"] = [
        {**trial, "aed": 0.45, "chosen": True},
        {**trial, "aed": 0.57, "chosen": False},
    ]
    made = charts.trials(table)
    assert made is not None
    scale = made.spec["layer"][0]["encoding"]["y"]["scale"]
    assert scale["reverse"] is True
    assert scale["domain"] == [0.4, 0.6]
    chosen, other = (
        re.search(rf'<path transform="translate\([\d.]+,([\d.]+)\)"[^>]*{dress}', made.svg)
        for dress in ('fill="#050505"', 'stroke="#020202"')
    )
    assert chosen
    assert other
    assert float(chosen[1]) < float(other[1]), "y counts from the top"
    assert "Up and left is good" in page(table)
    table["trials"] = [{**trial, "paraphrase_accuracy": 1, "awareness_score": 0.1, "chosen": True}]
    assert "Up and left is good" not in page(table)


def test_all_questions_are_held_where_the_cells_lie(table: dict[str, Any], tmp_path: Path) -> None:
    table["rows"] = table["rows"][:3]
    table["rows"][2]["incomplete"] = [{"model": 0, "seed": 0, "reason": "out of memory"}]
    (tmp_path / "study.json").write_text(json.dumps(table))
    assert of_first_cells(table, tmp_path) is None
    line = {
        "id": "a", "task": "study-unknown-same", "question": EVIL, "expect": "abstain",
        "references": [], "tags": [["relation", "birthplace"]], "response": "I don't know.",
        "outcome": "abstained", "kinds": ["admission"],
    }  # fmt: skip
    only = {**line, "id": "b"}
    made_up = {**line, "response": EVIL, "outcome": "hallucinated", "kinds": []}
    for name, lines in (("base", [line, only]), ("full", [made_up]), ("lora", [line, only])):
        asked = tmp_path / "cells" / name / "0" / "asked"
        asked.mkdir(parents=True)
        (asked / "samples.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in lines))
    packed = of_first_cells(table, tmp_path)
    assert packed is not None
    # What both were asked; lora's cell of that seed is not whole.
    assert (packed.n, packed.names) == (1, ("base", "full"))
    counts = {f.key: {v.says: v.n for v in f.values if v.n} for f in packed.facets}
    assert counts == {
        "t": {"unknown same": 1},
        "c": {"not alike": 1},
        "o0": {"right to decline": 1},
        "o1": {"made up": 1},
        "k": {"admission": 1},
        "r": {"birthplace": 1},
    }
    html = write_all(tmp_path).read_text()
    assert "Every question, 2 models" in html
    assert EVIL not in html
