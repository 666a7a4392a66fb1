from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iabench import jsonl
from iabench.errors import StoreError
from iabench.records import Completion, Message, Probe


def test_canonical_is_one_text_for_one_value() -> None:
    assert jsonl.canonical({"b": 1, "a": (1, 2)}) == '{"a":[1,2],"b":1}'
    assert jsonl.canonical(Message(role="user", content="é")) == '{"content":"é","role":"user"}'
    with pytest.raises(ValueError):
        jsonl.canonical(float("nan"))


def test_lone_surrogates_are_written_all_the_same(tmp_path: Path) -> None:
    with jsonl.Appender(tmp_path / "a.jsonl") as file:
        file.add({"text": "half \ud83d pair"})
    assert list(jsonl.read(tmp_path / "a.jsonl")) == [{"text": "half ? pair"}]


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20)), min_size=1, max_size=5))
def test_a_file_cut_anywhere_gives_its_whole_lines(rows: list[dict[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        with jsonl.Appender(path) as file:
            for row in rows:
                file.add(row)
        whole = path.read_bytes()
        want = list(jsonl.read(path))
        for cut in range(0, len(whole), 3):
            path.write_bytes(whole[:cut])
            n = whole[:cut].count(b"\n")
            assert list(jsonl.read(path)) == want[:n]
            jsonl.heal(path)
            with jsonl.Appender(path) as file:
                file.add({"more": "1"})
            assert list(jsonl.read(path)) == [*want[:n], {"more": "1"}]


def test_heal_finds_a_newline_far_back(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n' + b"x" * 200_000)
    assert jsonl.heal(path) == 200_000
    assert path.read_bytes() == b'{"a":1}\n'
    assert jsonl.heal(path) == 0
    assert jsonl.heal(tmp_path / "none") == 0
    path.write_bytes(b"no newline at all")
    jsonl.heal(path)
    assert path.read_bytes() == b""


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a":1}\n[2]\n{"a":3}\n')
    with pytest.raises(StoreError, match=r"a\.jsonl, line 2: not a JSON object") as caught:
        list(jsonl.read(path))
    assert "sed" in caught.value.hint


def test_a_disk_that_fills_mid_line_leaves_no_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    file = jsonl.Appender(path)
    file.add({"a": 1})
    real = file._file

    class Full:
        def write(self, data: bytes) -> int:
            real.write(data[:4])
            raise OSError(errno.ENOSPC, "No space left on device")

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

    file._file = Full()  # type: ignore[assignment]
    with pytest.raises(OSError, match="No space"):
        file.add({"b": 2})
    file._file = real
    file.add({"c": 3})
    file.sync()
    file.close()
    assert list(jsonl.read(path)) == [{"a": 1}, {"c": 3}]


def test_whole_files_are_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.json"
    jsonl.write_json(path, {"z": 1, "a": [Message(role="user", content="x")]})
    assert json.loads(path.read_text()) == {"z": 1, "a": [{"role": "user", "content": "x"}]}
    jsonl.write(path.with_suffix(".jsonl"), [{"a": 1}, {"b": 2}])
    with pytest.raises(ValueError):
        jsonl.write_json(path, {"bad": float("inf")})
    assert json.loads(path.read_text())["z"] == 1
    assert sorted(p.name for p in path.parent.iterdir()) == ["b.json", "b.jsonl"]


def test_checksum_is_of_the_lines_in_order() -> None:
    probe = Probe(id="a/1", question="q", expect="abstain", cluster="c", origin="o@1")
    assert jsonl.checksum([probe]) == jsonl.checksum([probe])
    assert jsonl.checksum([1, 2]) != jsonl.checksum([2, 1])


def test_a_completion_survives_the_way_to_disk_and_back(tmp_path: Path) -> None:
    c = Completion(
        request_id="r", prompt_id="p", probe_id="t/1", series="answer", turn=1, index=0,
        text="Paris.\nYes\u2028", finish="stop", logprobs=(-0.5, -1.25),
    )  # fmt: skip
    with jsonl.Appender(tmp_path / "c.jsonl") as file:
        file.add(c)
    (line,) = jsonl.read(tmp_path / "c.jsonl")
    assert Completion(**{**line, "logprobs": tuple(line["logprobs"])}) == c
