"""`task.toml` and probe files: what is wrong is named."""

from __future__ import annotations

import json

import pytest

from iabench.errors import TaskError
from iabench.tasks.manifest import read_manifest, read_probes

GOOD = """
name = "mine"
version = 1
says = "Mine."
licence = "MIT"
source = "me"
expects = "answer"
probes = { file = "probes.jsonl" }
"""
ROW = {
    "id": "a",
    "question": "Who wrote Emma?",
    "expect": "answer",
    "references": ["Jane Austen"],
    "cluster": "Emma",
    "tags": {"relation": "author"},
}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "mine"
    path.mkdir()
    return path


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (GOOD + 'licens = "MIT"', 'unknown key "licens"', '"licence"'),
        (GOOD.replace("file", "fil"), 'unknown key "probes.fil"', ""),
        (GOOD.replace("version = 1", ""), '"version" is missing', "add version"),
        (GOOD.replace("version = 1", 'version = "x"'), '"version"', ""),
        (GOOD.replace('file = "probes.jsonl"', ""), "a file or a generator", "probes ="),
        (GOOD.replace('"mine"', '"other"'), 'called "other", its folder "mine"', 'name = "mine"'),
        (GOOD.replace('"answer"', '"abstain"'), "does not say what an answer is", "answering_is"),
        (GOOD.replace("file", "generator"), '"n" is missing', "add n"),
        ("name = ", "does not parse", ""),
    ],
)
def test_a_broken_manifest_is_named(folder, text, message, hint):
    (folder / "task.toml").write_text(text)
    with pytest.raises(TaskError) as caught:
        read_manifest(folder)
    assert message in caught.value.message
    assert "task.toml" in caught.value.message
    assert hint in caught.value.hint


def test_a_good_manifest_is_read(folder):
    (folder / "task.toml").write_text(GOOD)
    manifest = read_manifest(folder)
    assert (manifest.name, manifest.max_new_tokens, manifest.probes.file) == (
        "mine",
        32,
        "probes.jsonl",
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"questoin": "?"}, 'unknown key "questoin"'),
        ({"references": []}, "exactly where an answer is expected"),
        ({"expect": "abstain", "references": []}, 'the task "answer"'),
        ({"tags": {}}, 'no "relation"'),
    ],
)
def test_a_broken_row_is_named(folder, change, message):
    (folder / "task.toml").write_text(GOOD)
    rows = [ROW, {**ROW, **change}]
    (folder / "probes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(TaskError) as caught:
        read_probes(folder / "probes.jsonl", read_manifest(folder))
    assert message in caught.value.message
    assert "line 2" in caught.value.message


def test_a_missing_file_is_named(folder):
    (folder / "task.toml").write_text(GOOD)
    with pytest.raises(TaskError, match=r"mine: no file .*probes\.jsonl"):
        read_probes(folder / "probes.jsonl", read_manifest(folder))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "probes.jsonl is empty"),
        ([ROW, {**ROW, "question": "Who?"}], 'line 2: the id "a" is there already: '),
        (
            [ROW, {**ROW, "id": "b", "question": "who wrote emma", "references": ["Jane Eyre"]}],
            "probes.jsonl, line 1 and expects another answer",
        ),
    ],
)
def test_rows_that_contradict_each_other_are_named_when_they_are_loaded(folder, rows, says):
    (folder / "task.toml").write_text(GOOD)
    (folder / "probes.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    with pytest.raises(TaskError) as caught:
        read_probes(folder / "probes.jsonl", read_manifest(folder))
    assert says in caught.value.message
    assert str(folder) in caught.value.message


def test_one_question_may_have_several_right_answers(folder):
    (folder / "task.toml").write_text(GOOD)
    rows = [ROW, {**ROW, "id": "b", "references": ["J. Austen", "Jane Austen"]}]
    (folder / "probes.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert len(read_probes(folder / "probes.jsonl", read_manifest(folder))) == 2
