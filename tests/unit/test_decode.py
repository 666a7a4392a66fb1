from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from iabench import records
from iabench.decode import decode, read_document
from iabench.errors import ConfigError, TaskError
from iabench.jsonl import jsonable
from iabench.records import Estimate, Message, Probe, RunSpec

ALL = [
    one
    for name, one in inspect.getmembers(records, inspect.isclass)
    if name in records.__all__ and hasattr(one, "__dataclass_fields__")
]


@pytest.mark.parametrize("record", ALL, ids=lambda r: r.__name__)
def test_records_are_frozen_slotted_and_keyword_only(record: type) -> None:
    assert record.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert hasattr(record, "__slots__")
    with pytest.raises(TypeError):
        record("positional")


@pytest.mark.parametrize("record", ALL, ids=lambda r: r.__name__)
def test_an_unknown_key_is_an_error_in_every_record(record: type) -> None:
    with pytest.raises(ConfigError, match="nonsense|missing|is missing"):
        decode(record, {"nonsense": 1}, where="x")


def test_an_unknown_key_is_named_with_the_nearest() -> None:
    with pytest.raises(TaskError, match='f.toml: unknown key "quesion"') as caught:
        decode(
            Probe,
            {"id": "a/1", "question": "q", "expect": "abstain", "cluster": "c", "origin": "o",
             "quesion": 1},
            where="f.toml",
            error=TaskError,
        )  # fmt: skip
    assert caught.value.hint == '"question"'


def test_a_missing_key_and_a_wrong_value_are_named() -> None:
    with pytest.raises(ConfigError, match='x: "content" is missing'):
        decode(Message, {"role": "user"}, where="x")
    with pytest.raises(ConfigError, match='x: "role": '):
        decode(Message, {"role": "god", "content": "c"}, where="x")


def test_what_is_written_is_read_back() -> None:
    probe = Probe(
        id="a/1", question="q", expect="answer", references=("x",), cluster="c", origin="o@1",
        tags=(("relation", "capital"),), entities=("France",),
    )  # fmt: skip
    assert decode(Probe, jsonable(probe), where="x") == probe
    assert probe.tag("relation") == "capital"
    assert probe.tag("none") is None
    spec = RunSpec(model="m", chat_template_kwargs=(("a", "b"),))
    assert decode(RunSpec, jsonable(spec), where="x") == spec


def test_an_estimate_speaks() -> None:
    some = Estimate(
        task="t", metric="accuracy", value=0.5, lo=0.4, hi=0.6, level=0.95, method="m", n=10,
        n_undecided=1, bounds=(0.4, 0.6), higher_is_better=True,
    )  # fmt: skip
    assert str(some) == "accuracy 0.500 [0.400, 0.600] n=10 undecided=1"
    assert float(some) == 0.5
    from dataclasses import replace

    none = replace(some, value=None, lo=None, hi=None, bounds=None, reason="nothing asked")
    assert str(none) == "accuracy none (nothing asked)"
    with pytest.raises(ValueError, match="nothing asked"):
        float(none)
    assert str(replace(some, lo=None)) == "accuracy 0.500 n=10 undecided=1"


def test_an_undecided_judgement_says_why() -> None:
    with pytest.raises(ValueError, match="reason"):
        records.Judgement(value=None)


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.toml", "x = 1"), ("a.yaml", "x: 1"), ("a.json", '{"x": 1}'), ("b.toml", "\ufeffx = 1")],
)
def test_documents_of_three_kinds(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_document(tmp_path / name) == {"x": 1}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.toml", "x = ", "does not parse"),
        ("a.yaml", "x: [", "does not parse"),
        ("a.json", "{", "does not parse"),
        ("a.json", "[1]", "holds no table"),
    ],
)
def test_broken_documents_are_named(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=f"{name} {says}"):
        read_document(tmp_path / name)


def test_a_document_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        read_document(tmp_path / "none.toml")
    (tmp_path / "bin.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot read"):
        read_document(tmp_path / "bin.toml")
