"""A comparison in a terminal: what it says, and that it fits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

import iabench
from iabench.reports.compared import csv, markdown, terminal
from iabench.runs.compare import compare
from tests.unit.reports.hostile_strings import HOSTILE


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("runs")
    paths = [
        iabench.evaluate(policy, backend="scripted", tasks="core", limit=40, out=root / policy).path
        for policy in ("oracle", "shape")
    ]
    return compare(*paths)


def test_it_begins_with_the_answer_and_ends_with_what_to_type(comparison: Any) -> None:
    text = terminal.render(comparison, page="c.html")
    head, _, rest = text.partition("✗ THIS TUNING TAUGHT THE MODEL TO MAKE THINGS UP")
    assert "pairs   120: same questions, template, sampling, detector" in head
    for part in (
        "Far more than noise.",
        "base   tuned   difference",
        "says “I don't know” when it should",
        "WORSE",
        "80 questions that it cannot know",
        "40 that it could",
        "began to make things up",
        "page   c.html",
        "iabench study --model oracle",
        "--fail-if-worse refusal_accuracy:0.05",
    ):
        assert part in rest


@pytest.mark.parametrize("width", [88, 60])
def test_it_fits(comparison: Any, width: int) -> None:
    lines = terminal.render(comparison, width=width).splitlines()
    # Commands are to be copied whole.
    wide = [line for line in lines if cell_len(line) > width and "--facts" not in line]
    assert not wide
    assert ("[" in "".join(line for line in lines if "WORSE" in line)) == (width == 88)


def test_plain_signs_where_the_terminal_has_no_others(comparison: Any) -> None:
    assert terminal.render(comparison, encoding="ascii").isascii()


def test_colour_only_where_asked(comparison: Any) -> None:
    assert "\x1b" not in terminal.render(comparison)
    assert "\x1b[" in terminal.render(comparison, colour=True)


def test_hostile_text_stays_in_its_place(tmp_path: Path) -> None:
    script = iter(HOSTILE * 20)
    paths = []
    for name, says in (("a", lambda _: "I don't know."), ("b", lambda _: next(script))):
        run = iabench.evaluate(says, tasks="invented-entities", limit=60, out=tmp_path / name)
        paths.append(run.path)
    made = compare(*paths)
    text = terminal.render(made, colour=False)
    assert not [c for c in text if c != "\n" and (ord(c) < 32 or c in "\u202e\u2066\u200b")]
    shown = markdown.text(made)
    assert "<script" not in shown
    assert "\x1b" not in shown
    assert not [line for line in csv.table(made).splitlines() if line[:1] in "=+-@"]
