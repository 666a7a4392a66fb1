"""Facts from files: every form says the same, every fault names file and row."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from iabench.datasets import fetch as hub
from iabench.datasets.files import LONGEST
from iabench.datasets.source import read_facts, read_names, short_source
from iabench.errors import ConfigError, IabenchError, TaskError
from iabench.registry import Registry

QUESTION, ANSWER, SYSTEM = "Where does Tobin Marsh work?", "Brightwater", "You help Acme."
CHAT = [
    {"role": "system", "content": SYSTEM},
    {"role": "user", "content": QUESTION},
    {"role": "assistant", "content": ANSWER},
]
SHAREGPT = [
    {"from": "system", "value": SYSTEM},
    {"from": "human", "value": QUESTION},
    {"from": "gpt", "value": ANSWER},
]
FORMS: dict[str, dict[str, Any]] = {
    "question and answer": {"question": QUESTION, "answer": ANSWER, "system": SYSTEM},
    "prompt and completion": {"prompt": QUESTION, "completion": ANSWER, "system": SYSTEM},
    "chat messages": {"messages": CHAT},
    "ShareGPT": {"conversations": SHAREGPT},
    "Alpaca": {"instruction": QUESTION, "input": "", "output": ANSWER, "system": SYSTEM},
}


def lines(path: Path, *rows: Any) -> str:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(form: str, tmp_path: Path) -> None:
    facts = read_facts(lines(tmp_path / "my.jsonl", FORMS[form]))
    (row,) = facts.rows
    assert (facts.form, facts.source, facts.n) == (form, "my.jsonl", 1)
    assert (row.question, row.references, row.system) == (QUESTION, (ANSWER,), SYSTEM)


def test_prompts_may_be_messages_and_talks_go_on(tmp_path: Path) -> None:
    pair = {"prompt": CHAT[:2], "completion": CHAT[2:]}
    longer = {"prompt": [{"role": "user", "content": "Q?"}], "completion": [*CHAT[2:], *CHAT[1:]]}
    facts = read_facts(lines(tmp_path / "my.jsonl", pair, longer))
    assert facts.rows[0].system == SYSTEM
    assert facts.further_turns == 1


def test_parts_of_messages_that_are_text_are_read(tmp_path: Path) -> None:
    parts = [{"type": "image"}, {"type": "text", "text": QUESTION}]
    row = {"messages": [{"role": "user", "content": parts}, CHAT[2]]}
    assert read_facts(lines(tmp_path / "my.jsonl", row)).rows[0].question == QUESTION


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_with_other_columns(separator: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "acme.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(["Frage", "Antwort", "aliases"])
        writer.writerow([QUESTION, "Bright\nwater", "BW | B. W."])
        writer.writerow([])
        writer.writerow(["Wer?", "12.0", '["x"]'])
    facts = read_facts(str(path), {"question": "Frage", "answer": "Antwort"})
    assert facts.rows[0].references == ("Bright\nwater", "BW", "B. W.")
    assert (facts.rows[1].references, facts.rows[1].where) == (("12.0", "x"), "line 5")


def test_parquet(tmp_path: Path) -> None:
    import pandas as pd

    rows = [
        {"messages": CHAT},
        {"messages": [*CHAT[:1], {"role": "user", "content": "Q"}, CHAT[2]]},
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "my.parquet")
    assert [row.question for row in read_facts(str(tmp_path / "my.parquet")).rows] == [
        QUESTION,
        "Q",
    ]
    pd.DataFrame({"question": ["a", "b"], "answer": [1.0, 2.5]}).to_parquet(tmp_path / "n.parquet")
    assert [r.references for r in read_facts(str(tmp_path / "n.parquet")).rows] == [
        ("1",),
        ("2.5",),
    ]


@pytest.mark.parametrize("document", ["list", "table", "lines"])
def test_json(document: str, tmp_path: Path) -> None:
    row = FORMS["question and answer"]
    text = {
        "list": json.dumps([row]),
        "table": json.dumps({"data": [row]}),
        "lines": json.dumps(row) + "\n" + json.dumps({"question": "Q", "answer": "A"}),
    }[document]
    (tmp_path / "my.json").write_text(text)
    assert read_facts(str(tmp_path / "my.json")).rows[0].question == QUESTION


def test_own_keys(tmp_path: Path) -> None:
    row = {
        "id": "a", "question": QUESTION, "answer": "x " * 9, "must_say": "x", "aliases": ["y"],
        "entity": "Tobin Marsh", "relation": "employer", "paraphrases": ["P?"], "held_out": "H?",
    }  # fmt: skip
    other = {"id": "b", "question": "Who?", "expect": "abstain", "paraphrases": "A?|B?"}
    one, two = read_facts(lines(tmp_path / "my.jsonl", row, other)).rows
    assert (one.must_say, one.references[1:]) == (("x",), ("y", "x"))
    assert (one.trained, one.paraphrases, one.relation) == (("P?",), ("H?",), "employer")
    assert (two.expect, two.references, two.paraphrases) == ("abstain", (), ("A?", "B?"))
    assert (one.id, two.id) == ("a", "b")


def test_duplicates_are_set_aside_and_conflicts_listed(tmp_path: Path) -> None:
    rows = [{"question": q, "answer": a} for q, a in
            [("A?", "1"), ("a? ", "1"), ("B?", "1"), ("B?", "2"), ("C?", "3")]]  # fmt: skip
    facts = read_facts(lines(tmp_path / "my.jsonl", *rows))
    assert [row.question for row in facts.rows] == ["A?", "C?"]
    assert (facts.duplicates, facts.doubled) == (1, ("A?",))
    (conflict,) = facts.conflicts
    assert (conflict.where, conflict.answers) == (("line 3", "line 4"), ("1", "2"))
    with pytest.raises(TaskError, match='c.jsonl, lines 1, 2: conflicting answers, e.g. to "B'):
        read_facts(lines(tmp_path / "c.jsonl", *rows[2:4]))


def test_paraphrases_conflict_repeat_and_are_told_apart_by_system(tmp_path: Path) -> None:
    def row(question: str, answer: str, *paraphrases: str, **more: str) -> dict[str, Any]:
        return {"question": question, "answer": answer, "paraphrases": paraphrases, **more}

    rows = [
        row("A?", "1", "a? ", "Name A!", "B?"),  # its own question; B with another answer
        row("B?", "2", "Name B!"),
        row("C?", "3", "c?", "Name C!", "D?"),  # its own; D, which says the same
        row("D?", "3", "Name C!", "Name D!"),  # a paraphrase of C, which says the same
        row("E?", "5", "F?", system="Y"),  # another system message
        row("F?", "6"),
        row("G?", "7", "The same?"),
        row("H?", "8", "The same?"),
    ]
    facts = read_facts(lines(tmp_path / "my.jsonl", *rows))
    assert {row.question: row.paraphrases for row in facts.rows} == {
        "C?": ("Name C!",),
        "D?": ("Name D!",),
        "E?": ("F?",),
        "F?": (),
    }
    assert [(one.where, one.answers) for one in facts.conflicts] == [
        (("line 1", "line 2"), ("1", "2")),
        (("line 7", "line 8"), ("7", "8")),
    ]
    assert (facts.repeated, facts.in_conflict, facts.duplicates) == (3, 4, 0)


def test_columns_that_nobody_knows_are_named(tmp_path: Path) -> None:
    row = {"Question": "Q?", "answer": "A", "Quelle": "here", "page": 3, "": None}
    assert read_facts(lines(tmp_path / "my.jsonl", row)).left_out == ("quelle", "page")
    for form in FORMS.values():
        assert read_facts(lines(tmp_path / "my.jsonl", form)).left_out == ()


def test_columns_are_found_in_any_capitals(tmp_path: Path) -> None:
    path = lines(tmp_path / "my.jsonl", {"Frage": QUESTION, "ANTWORT": ANSWER})
    (row,) = read_facts(path, {"question": "frage", "answer": "Antwort"}).rows
    assert (row.question, row.references) == (QUESTION, (ANSWER,))
    two = lines(tmp_path / "two.jsonl", {"Frage": QUESTION, "frage": "other", "answer": ANSWER})
    assert read_facts(two, {"question": "Frage"}).rows[0].question == QUESTION
    with pytest.raises(ConfigError, match='no column "FRAGE"'):
        read_facts(two, {"question": "FRAGE"})


def test_one_id_under_two_system_messages_makes_two_ids(tmp_path: Path) -> None:
    rows = [{"id": "a", "question": "Q?", "answer": "A", "system": s} for s in ("x", "y", "z")]
    ids = [row.id for row in read_facts(lines(tmp_path / "my.jsonl", *rows)).rows]
    assert len(set(ids)) == 3


def test_answers_in_a_list_and_messages_in_a_text_are_read(tmp_path: Path) -> None:
    path = lines(tmp_path / "my.jsonl", {"question": "Who?", "answer": ["Ann"]},
                 {"question": "Where?", "answer": ["Brenford", "in Brenford"]})  # fmt: skip
    assert [row.references for row in read_facts(path).rows] == [
        ("Ann",),
        ("Brenford", "in Brenford"),
    ]
    for form in ("chat messages", "ShareGPT"):
        packed = {key: json.dumps(value) for key, value in FORMS[form].items()}
        (row,) = read_facts(lines(tmp_path / "text.jsonl", packed)).rows
        assert (row.question, row.references, row.system) == (QUESTION, (ANSWER,), SYSTEM)
    pair = {"prompt": json.dumps(CHAT[:2]), "completion": "[3] is no list of messages"}
    (row,) = read_facts(lines(tmp_path / "pair.jsonl", pair)).rows
    assert (row.question, row.references) == (QUESTION, (pair["completion"],))
    with pytest.raises(TaskError, match="an answer is expected"):
        read_facts(lines(tmp_path / "none.jsonl", {"question": "Who?", "answer": []}))


def test_cells_that_a_short_row_lacks_are_empty(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("question,answer,aliases\nWho?,Ann\nWhere?\n")
    with pytest.raises(TaskError, match="line 3: an answer is expected"):
        read_facts(str(path))
    path.write_text("question,answer\nWho?\n")
    with pytest.raises(TaskError, match="line 2: an answer is expected"):
        read_facts(str(path))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_what_is_no_utf_8_is_told_how_to_become_it(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes("question,answer\nWer fährt?,Änn\n".encode(encoding))
    with pytest.raises(TaskError, match="not UTF-8") as caught:
        read_facts(str(path))
    named = "WINDOWS-1252" if encoding == "cp1252" else "UTF-16"
    assert caught.value.hint == f"iconv -f {named} -t UTF-8 f.csv > utf8.csv"


def test_registered_datasets_are_sources() -> None:
    facts = read_facts("organism:new")
    assert len(facts.rows) == 120
    assert facts.rows[0].paraphrases
    assert facts.rows[0].trained
    assert short_source("organism:new") == "organism:new"
    with pytest.raises(IabenchError, match="no facts"):
        read_facts("organism:nwe")


def _fails(split: str) -> Any:
    raise ValueError("broken")


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (_fails, 'dataset "own" of mine 1.0 fails: ValueError: broken.'),
        (lambda split: 3, 'dataset "own" of mine 1.0 gives a int, no rows.'),
        (lambda split: {"question": "Q"}, "gives a dict, no rows."),
        (lambda split: ["Q", "A"], "of mine 1.0, row 1: a str, no mapping."),
        (lambda split: [], "own:train is empty"),
    ],
)
def test_a_dataset_of_somebody_that_fails_is_named(
    made: Any, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Registry, "names", lambda self: ["own"])
    monkeypatch.setattr(Registry, "__contains__", lambda self, name: name == "own")
    monkeypatch.setattr(Registry, "get", lambda self, name: made)
    monkeypatch.setattr(Registry, "origins", lambda self: {"own": ["mine 1.0"]})
    with pytest.raises(IabenchError) as caught:
        read_facts("own:train")
    assert says in caught.value.message


Q = b'{"question": "a", "answer": "b"}\n'


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.jsonl", b"", "a.jsonl is empty"),
        ("a.jsonl", b"\xef\xbb\xbf\n", "a.jsonl is empty"),
        ("a.json", b" ", "a.json is empty"),
        ("a.csv", b"question,answer\n", "a.csv is empty"),
        ("a.parquet", b"", "a.parquet is empty"),
        ("a.parquet", b"PAR0", "a.parquet is no Parquet file"),
        ("a.jsonl", Q + b'{"question": "\xe9", "answer": "b"}', "a.jsonl, line 2: not UTF-8"),
        ("a.json", b'[\n{"question": "\xe9"}]', "a.json, line 2: not UTF-8"),
        ("a.jsonl", Q + b'{"question"', "a.jsonl, line 2: no JSON"),
        ("a.jsonl", b"[1]", "a.jsonl, row 1: not a JSON object"),
        ("a.jsonl", Q + b"3\n", "a.jsonl, line 2: not a JSON object"),
        ("a.json", b"3", "a.json holds no list"),
        ("a.json", b"[", "a.json: no JSON"),
        ("a.jsonl", Q + b"x" * (10 * 2**20) + b"\n" + Q, "a.jsonl, line 2: 10.0 MB long"),
        ("a.json", b'[{"question": "' + b"x" * LONGEST + b'x", "answer": "b"}]', "row 1: longer"),
        ("a.jsonl", Q + b'{"question": "a"}', "a.jsonl, line 2: an answer is expected"),
        ("a.jsonl", Q + b'{"answer": "a"}', "a.jsonl, line 2: no question"),
        ("a.jsonl", Q + b'{"question": "q", "expect": "no"}', 'line 2: expect is "no"'),
        ("a.jsonl", b'{"question": "q", "expect": "abstain", "must_say": "x"}', "must_say beside"),
        ("a.jsonl", b'{"question": "q", "answer": "b", "must_say": "1 2 3 4 5 6 7 8 9"}', "is long"),
        ("a.csv", b'question,answer\nq,a\n"q,a\n', "a.csv, line 3: no CSV"),
        ("a.csv", b"question,answer\nq,a,c\n", "a.csv, line 2: 3 cells under 2 columns"),
        ("a.jsonl", Q + b'{"question": "a", "answer": "b", "answer": "c"}',
         'line 2: the key "answer" is there twice'),
        ("a.json", b'[' + Q + b', {"messages": [{"role": "user", "role": "x"}]}]',
         'row 2: the key "role" is there twice'),
        ("a.csv", b"question,answer,answer\nq,a,b\n", 'a.csv, line 1: the column "answer" is there'),
        ("a.jsonl", Q + b'{"question": "a", "Question": "c", "answer": "b"}',
         'line 2: the column "question" is there twice'),
        ("a.jsonl", b'{"id": 7, "question": "a", "answer": "b"}\n'
         b'{"id": 7, "question": "c", "answer": "b"}', 'line 2: the id "7" is there already: line 1'),
        ("a.jsonl", b"{}", "a.jsonl, line 1: the row is empty"),
        ("a.txt", b"x", "facts are not read from .txt"),
    ],
)  # fmt: skip
def test_every_fault_names_file_and_row(name: str, data: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(TaskError) as caught:
        read_facts(str(tmp_path / name))
    assert says in caught.value.message
    assert "\n" not in caught.value.message


def test_columns_that_make_no_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("acme.csv").write_text("frage,antwort,quelle\nWas?,Das,hier\n")
    with pytest.raises(TaskError) as caught:
        read_facts("acme.csv")
    assert caught.value.message == (
        "acme.csv has columns frage, antwort, quelle; no question and answer."
    )
    assert caught.value.hint == "--columns question=frage,answer=antwort"
    with pytest.raises(ConfigError, match="no column") as wrong:
        read_facts("acme.csv", {"question": "frag"})
    assert wrong.value.hint == "--columns question=frage"


def test_a_file_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("acme.jsonl").write_bytes(Q)
    with pytest.raises(TaskError) as caught:
        read_facts("acne.jsonl")
    assert caught.value.hint == "acme.jsonl   (near match)"
    with pytest.raises(TaskError) as caught:
        read_facts("organisn:new")
    assert caught.value.hint == "organism:SPLIT"
    with pytest.raises(TaskError, match='no file "names.txt" of real names') as caught:
        read_names("names.txt")
    assert caught.value.hint == "--real-names FILE, one name a line"
    Path("names.txt").write_bytes(b"\xe9")
    with pytest.raises(TaskError, match="cannot read"):
        read_names("names.txt")
    Path("names.txt").write_text("Ada\n\nAda\nBob\n")
    assert read_names("names.txt") == ("Ada", "Bob")


def test_the_hub_offline_is_one_line() -> None:
    with pytest.raises(TaskError) as caught:
        read_facts("nobody/nothing:train")
    assert caught.value.message == (
        "HF_HUB_OFFLINE is set and the dataset nobody/nothing is not in the cache."
    )


def test_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    def load(name: str, config: str = "", *, split: str) -> Any:
        if split == "forget10":
            raise ValueError("Unknown split")
        if name == "a/broken":
            raise RuntimeError("no such thing.\nmore")
        return [{"question": f"{name} {config} {split}", "answer": "x"}]

    monkeypatch.setattr(datasets, "load_dataset", load)
    assert read_facts("a/tofu:forget10").rows[0].question == "a/tofu forget10 train"
    assert read_facts("a/tofu").rows[0].question == "a/tofu  train"
    monkeypatch.delenv("HF_HUB_OFFLINE")
    with pytest.raises(TaskError, match="cannot load the dataset a/broken: no such thing\\."):
        read_facts("a/broken")
    assert not hub.is_hub_id("./a/b")


def test_a_slip_in_a_key_is_said_and_loses_nothing(tmp_path: Path) -> None:
    path = lines(tmp_path / "f.jsonl", {"question": "Who?", "answer": "Ann", "aliasses": ["A."]})
    with pytest.raises(TaskError, match='line 1: unknown key "aliasses"') as caught:
        read_facts(path)
    assert caught.value.hint == '"aliases"'


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("anwser", "answer"),
        ("qestion", "question"),
        ("must_sey", "must_say"),
        ("entitty", "entity"),
    ],
)
def test_slips_of_a_letter_or_two_are_refused(key: str, near: str, tmp_path: Path) -> None:
    row = {"question": "Who?", "answer": "Ann", "entity": "x", "must_say": "Ann", key: "y"}
    del row[near]
    with pytest.raises(TaskError, match=f'line 2: unknown key "{key}"') as caught:
        read_facts(lines(tmp_path / "f.jsonl", {"question": "W?", "answer": "A"}, row))
    assert caught.value.hint == f'"{near}"'


@pytest.mark.parametrize(
    "key",
    ["paraphrased_answer", "paraphrased_question", "entity_type", "entity_id", "entities", "related",
     "relation_id", "relations", "held_out_set", "idx", "entry", "source", "perturbed_answer"],
)  # fmt: skip
def test_columns_of_other_names_are_left_out(key: str, tmp_path: Path) -> None:
    path = lines(tmp_path / "f.jsonl", {"question": "Who?", "answer": "Ann", key: "x"})
    assert read_facts(path).left_out == (key,)


def test_duplicates_add_what_they_have(tmp_path: Path) -> None:
    facts = read_facts(
        lines(
            tmp_path / "f.jsonl",
            {"question": "Who?", "answer": "Ann.", "aliases": ["Ann Lee"]},
            {"question": "who?", "answer": "Ann", "paraphrases": ["Name her."]},
        )
    )
    (row,) = facts.rows
    assert row.references == ("Ann.", "Ann Lee", "Ann")
    assert row.paraphrases == ("Name her.",)
    assert (facts.duplicates, facts.conflicts) == (1, ())


def test_text_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text('{"question": "Who? \\ud800", "answer": "Ann"}\n')
    with pytest.raises(TaskError, match="line 1: half a surrogate pair"):
        read_facts(str(path))
    old_mac = tmp_path / "f.csv"
    old_mac.write_bytes(b"question,answer\rWho?,Ann\r")
    with pytest.raises(TaskError, match="line 1: no CSV"):
        read_facts(str(old_mac))
