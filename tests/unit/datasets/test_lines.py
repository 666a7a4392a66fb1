"""Rows of probe files: what is read, and what is said of what cannot be."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from iabench.datasets.lines import LONGEST, lines


def read(path: Path, content: bytes | str) -> list[tuple[int, Any, str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [(line.number, line.value, line.wrong) for line in lines(path)]


@pytest.fixture
def jsonl(tmp_path: Path) -> Path:
    return tmp_path / "a.jsonl"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "a.csv"


def test_json_lines(jsonl):
    content = b'\xef\xbb\xbf{"a": 1}\r\n\n  \n{"b": 2}'
    assert read(jsonl, content) == [(1, {"a": 1}, ""), (4, {"b": 2}, "")]
    assert read(jsonl, "") == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (b"{", "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (b'{"a": 1, "a": 2}', 'the key "a" is there twice'),
        (b"[" * 300_000, "nested too deep"),
        (b'{"a": "\xff"}', "not UTF-8 (byte 8)"),
        (b"x" * (LONGEST + 1), "1.0 MB in one line"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_rest_is_read(jsonl, line, wrong):
    first, bad, last = read(jsonl, b'{"a": 1}\n' + line + b'\n{"b": 2}\n')
    assert (first, last) == ((1, {"a": 1}, ""), (3, {"b": 2}, ""))
    assert bad[:2] == (2, None)
    assert wrong in bad[2]


def test_a_line_of_ten_megabytes_is_never_in_memory(jsonl, table):
    for path in (jsonl, table):
        path.write_bytes(b"id\n" if path is table else b"")
        with path.open("ab") as file:
            for _ in range(80):
                file.write(b"x" * 131_072)
        tracemalloc.start()
        (line,) = lines(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert "10.5 MB in one line" in line.wrong
        assert peak < 4 * LONGEST


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables(table, separator):
    head = separator.join(("id", "question", "references", "tags", "pair"))
    row = separator.join(("a", '"Why, ""so""; and\n\nhow?"', "x | y y", "relation=r | b = c=d", ""))
    (found,) = read(table, f"\ufeff\n{head}\r\n\r\n{row}\r\n")
    assert found[1] == {
        "id": "a",
        "question": 'Why, "so"; and\n\nhow?',
        "references": ["x", "y y"],
        "tags": {"relation": "r", "b": "c=d"},
    }
    assert read(table, "") == read(table, "\n\n") == read(table, head) == []


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("a,b,c", "3 cells under 2 columns"),
        ("a", "1 cells under 2 columns"),
        ("a,relation", "no key=value"),
        ('a,"b"c', "not a row of a CSV"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_rest_is_read(table, row, wrong):
    bad, good = read(table, f"id,tags\n{row}\nb,relation=x\n")
    assert bad[:2] == (2, None)
    assert wrong in bad[2]
    assert good == (3, {"id": "b", "tags": {"relation": "x"}}, "")


def test_a_cell_may_be_as_long_as_a_line(table):
    (good,) = read(table, "id,question\na," + "x" * 200_000 + "\n")
    assert len(good[1]["question"]) == 200_000
    lines_of_one_cell = ("x" * 600_000 + "\n") * 2
    bad, *_ = read(table, f'id,question\na,"{lines_of_one_cell}"\n')
    assert bad[1] is None
    assert "not a row of a CSV: field larger" in bad[2]


def test_cells_as_they_stand(tmp_path):
    path = tmp_path / "rows.tsv"
    path.write_bytes(b"id\treferences\ttags\na\t x|y \t\nb\n")
    good, bad = lines(path, cells_as_they_stand=True)
    assert good.value == {"id": "a", "references": " x|y ", "tags": ""}
    assert bad.wrong == "1 cells under 3 columns."


def test_a_row_of_a_table_that_is_not_utf_8_is_named(table):
    good, bad = read(table, b"id;tags\na;relation=\xe4\nb;relation=x\n")
    assert good[0] == 3
    assert bad == (2, None, "not UTF-8 (byte 12).")


def test_a_column_that_is_there_twice_is_named(table):
    assert read(table, "id;question;question\na;b;c\n") == [
        (1, None, 'the column "question" is there twice.')
    ]
