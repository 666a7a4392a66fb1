"""The rendered board: its numbers, its order, and hostile text in every one of its files."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest

from iabench.leaderboards import entry as entries
from iabench.leaderboards.board import Board
from iabench.leaderboards.build import build
from tests.unit.leaderboards.hostile import spoil
from tests.unit.reports.hostile_strings import HOSTILE
from tests.unit.reports.pages import Parsed


def test_the_table_says_what_the_entries_say(folder: Path, board: Board) -> None:
    found, paths = build(folder, board)
    rows = list(csv.DictReader(io.StringIO((folder / "leaderboard.csv").read_text())))
    assert [row["entry"] for row in rows] == ["oracle", "random"]
    assert [row["rank"] for row in rows] == ["1", "2"]
    for row in rows:
        entry = entries.read(folder, row["entry"])
        for column in board.columns:
            one = next(
                e
                for e in entry.parts[0].estimates
                if (e.metric, e.task) == (column.metric, column.over)
            )
            assert float(row[column.metric]) == one.value
            assert row[f"{column.metric}.n"] == str(one.n)
    assert {path.name for path in paths} >= {"index.html", "oracle.html", "random.html"}
    assert "| 1 | oracle |" in (folder / "leaderboard.md").read_text()
    assert found.left_out == ()


def test_pages_ask_for_nothing_and_lead_to_each_other(folder: Path, board: Board) -> None:
    build(folder, board)
    page = Parsed((folder / "index.html").read_text())
    links = {attrs["href"] for tag, attrs in page.tags if "href" in attrs}
    assert {"models/oracle.html", "models/random.html", "leaderboard.csv"} <= links
    ids = {attrs.get("id") for _, attrs in page.tags}
    assert {"oracle", "random"} <= ids
    model = (folder / "models/oracle.html").read_text()
    assert 'href="../index.html#oracle"' in model
    for text in (model, (folder / "index.html").read_text()):
        assert "default-src &#39;none&#39;" in text
        assert not re.search(r"https?://", text)
    for link in links:
        if link and not link.startswith("#"):
            assert (folder / link).exists(), link


def test_building_again_changes_nothing_and_pages_of_the_gone_go(
    folder: Path, board: Board
) -> None:
    _, paths = build(folder, board)
    before = {path: path.read_bytes() for path in paths}
    build(folder, board)
    assert {path: path.read_bytes() for path in paths} == before
    (folder / "entries/random.json").unlink()
    build(folder, board)
    assert not (folder / "models/random.html").exists()


def test_a_board_without_entries_says_how_to_send_one(folder: Path, board: Board) -> None:
    for path in (folder / "entries").iterdir():
        path.unlink()
    build(folder, board)
    assert "No entries yet" in (folder / "index.html").read_text()


def test_what_cannot_be_read_is_left_out_with_its_reason(folder: Path, board: Board) -> None:
    (folder / "entries/random.json").write_text("{")
    found, _ = build(folder, board)
    assert [name for name, _ in found.left_out] == ["random"]
    assert "random is left out" in (folder / "index.html").read_text()
    assert "random is left out" in (folder / "leaderboard.md").read_text()


@pytest.mark.parametrize("part", range(3))
def test_hostile_names_and_answers_stay_text(folder: Path, board: Board, part: int) -> None:
    """Names, fields, notes and answers of an entry are strangers' text."""
    spoil(folder, HOSTILE[part::3], name="random")
    for name in ("index.html", "models/random.html"):
        page = (folder / name).read_text(encoding="utf-8")
        parsed = Parsed(page)
        assert page.count("<script>") == 1
        allowed = {"html", "head", "meta", "title", "style", "body"}
        tags = Counter(tag for tag, _ in parsed.tags)
        assert not {"img", "svg", "iframe", "base", "link", "form"} & tags.keys()
        # One is the page's own.
        assert tags["details"] == (name == "index.html")
        assert not [a for _, a in parsed.tags if any(key.startswith("on") for key in a)]
        assert [tag for tag, _ in parsed.tags][:3] == ["html", "head", "meta"]
        assert allowed <= {tag for tag, _ in parsed.tags}
        assert not re.search("[\u202e\u200b\x1b\x9b\x00\ufeff]", page)
    table = (folder / "leaderboard.csv").read_text(encoding="utf-8")
    for row in csv.reader(io.StringIO(table)):
        assert not any(re.match(r"[\s\"']*[=@＝]", cell) and cell[0] != "'" for cell in row)
    marked = (folder / "leaderboard.md").read_text(encoding="utf-8")
    assert "<script" not in marked
    assert "](http" not in marked


@pytest.mark.slow
def test_a_thousand_entries_are_built_in_half_a_minute() -> None:
    """Of the processor: on a shared machine the clock says little."""
    from tests.benchmarks.boards import main

    assert main(1000) < 30
