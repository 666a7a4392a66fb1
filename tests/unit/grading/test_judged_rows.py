"""Rows of anybody's file, judged."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest

from iabench import jsonl
from iabench.errors import ConfigError
from iabench.grading import rows
from iabench.grading.lexical import Lexical
from iabench.grading.match import Match
from iabench.grading.rows import judged, key_of, read_rows, several, verdicts_there


def verdicts(judge, about, *given, table=False):
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in given]
    file = io.BytesIO(b"\n".join(lines))
    return list(judged(judge, read_rows(file, about, table=table), about))


def test_a_verdict_a_row_in_order():
    first, second = verdicts(
        Lexical(), "abstained",
        {"question": "Who founded it?", "response": "I do not know.", "id": "a", "model": "x"},
        {"question": "Who founded it?", "response": "Ann Lee did.", "id": 5},
    )  # fmt: skip
    assert first == {
        "id": "a", "value": True, "kinds": ["ignorance"], "evidence": first["evidence"],
        "reason": first["reason"], "detector": Lexical.id, "of": first["of"],
    }  # fmt: skip
    assert first["evidence"] in "I do not know."
    assert first["of"] != second["of"]
    assert (second["id"], second["value"], second["kinds"]) == (5, False, [])


def test_graders_need_references():
    right, wrong, missing, bad = verdicts(
        Match(), "correct",
        {"question": "Where?", "response": "Paris", "references": ["Paris"]},
        {"question": "Where?", "response": "Rome", "references": "Paris|Lutetia"},
        {"question": "Where?", "response": "Rome"},
        {"question": "Where?", "response": "Rome", "references": [1]},
    )  # fmt: skip
    assert [right["value"], wrong["value"], missing["value"], bad["value"]] == [
        True,
        False,
        None,
        None,
    ]
    assert missing["reason"] == "line 3: \"references\" is missing among 'question', 'response'."
    assert bad["reason"] == 'line 4: "references" is no list of texts.'


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": "Who?", "response": ""}, "degenerate: empty"),
        ({"question": "Who is that man there?", "response": "Who is that man there?"}, "degenerate: echo"),
        ({"question": "Who?", "response": None}, 'line 2: "response" is missing among'),
        ({"question": "Who?", "answer": "Ann"}, "missing among 'question', 'answer'."),
        ({}, 'line 2: "question" is missing.'),
        ({"question": "Who?", "response": 1912}, 'line 2: "response" is no text.'),
        (b"[1]", "line 2: not a JSON object."),
        (b"\xff\xfe", "line 2: not UTF-8"),
        (b'{"question": "' + b"x" * 2**20 + b'"}', "line 2: 1.0 MB in one line"),
    ],
)  # fmt: skip
def test_nothing_is_lost(row, reason):
    good = {"question": "Who?", "response": "Ann Lee.", "id": "good"}
    first, second, third = verdicts(Lexical(), "abstained", good, row, good)
    assert first == third
    assert first["value"] is False
    assert (second["id"], second["value"], second["kinds"]) == ("line-2", None, [])
    assert reason in second["reason"]


@pytest.mark.parametrize(
    "text", ["Ann \ud800 Lee", " ".join(map(str, range(30_000))), "\u202eeeL nnA", "\x1b[31mAnn"]
)
def test_strange_text_is_judged(text):
    (found,) = verdicts(
        Lexical(), "abstained", {"question": "Who?", "response": text, "id": "\ud800"}
    )
    assert found["value"] is not None
    assert key_of(json.loads(jsonl.canonical(found))["id"]) == key_of("\ud800")


def test_a_table():
    table = b'id;question;response\na;Who?;"I do not\nknow; sorry"\n;Who?;\n'
    first, second = verdicts(Lexical(), "abstained", table, table=True)
    assert (first["id"], first["value"]) == ("a", True)
    assert (second["id"], second["reason"]) == ("line-4", "degenerate: empty")


def test_an_id_of_another_type_becomes_text():
    row = {"question": "Who?", "response": "Ann."}
    found = verdicts(
        Lexical(), "abstained", {**row, "id": {"a": [1]}}, {**row, "id": 1.5}, {**row, "id": ""}
    )
    assert [verdict["id"] for verdict in found] == ['{"a": [1]}', "1.5", "line-3"]


def test_votes_are_kept():
    class Panel(Lexical):
        def detect(self, cases):
            from dataclasses import replace

            for one in super().detect(cases):
                yield replace(one, votes=(("a@1", True), ("b@1", None)))

    (found,) = verdicts(Panel(), "abstained", {"question": "Who?", "response": "Ann."})
    assert found["votes"] == [["a@1", True], ["b@1", None]]


def test_a_long_file_takes_little_memory(monkeypatch):
    # Slow where memory is traced, and in need of none.
    monkeypatch.setattr(rows, "degenerate", lambda *_, **__: None)
    row = json.dumps({"question": "Who?", "response": "Ann Lee. " * 1000}).encode() + b"\n"

    class Long(io.BytesIO):
        left = 4_000

        def readline(self, size: int | None = -1, /) -> bytes:
            self.left -= 1
            return row if self.left >= 0 else b""

    tracemalloc.start()
    n = sum(1 for _ in judged(Quick(), read_rows(Long(), "abstained", table=False), "abstained"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n == 4_000
    assert peak < 10e6
    assert n * len(row) > 30e6


class Quick(Lexical):
    def detect(self, cases):
        from iabench.records import Judgement

        return iter([Judgement(value=False)] * len(cases))


def test_verdicts_that_are_there(tmp_path):
    path = tmp_path / "verdicts.jsonl"
    assert not verdicts_there(None, "x@1")
    assert not verdicts_there(path, "x@1")
    verdict = {"id": "a", "value": None, "detector": "x@1"}
    jsonl.write(path, [verdict, {**verdict, "id": 1}, verdict])
    with path.open("ab") as file:
        file.write(b'{"detector":"x@1","id')
    assert verdicts_there(path, "x@1") == {('"a"', ""): 2, ("1", ""): 1}
    failed = {**verdict, "of": "d", "reason": "the judge failed: timeout"}
    jsonl.write(tmp_path / "failed.jsonl", [failed, {**verdict, "of": "d"}])
    assert verdicts_there(tmp_path / "failed.jsonl", "x@1") == {('"a"', "d"): 1}
    with pytest.raises(ConfigError, match="holds verdicts of x@1, not of y@1") as caught:
        verdicts_there(path, "y@1")
    assert "--fresh" in caught.value.hint


@pytest.mark.parametrize("text", ['{"id": 1}\n', "precious text", '{"detector":"x@1"}\n'])
def test_a_file_of_other_things_is_left_alone(tmp_path, text):
    path = tmp_path / "precious.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="is there and holds no verdicts"):
        verdicts_there(path, "x@1")
    assert path.read_text(encoding="utf-8") == text


def test_several():
    assert several("[a] | b") == ["[a]", "b"]
    assert several('["a|b", " "]') == ["a|b"]
    assert several(None) == []
    assert several(5) is None
