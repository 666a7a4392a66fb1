"""Somebody's own file, end to end: read, swapped, asked of the oracle and of the organism."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.cli.main import call
from iabench.errors import ConfigError, TaskError
from iabench.tasks import catalog
from iabench.tasks.facts import YourFacts

ROWS = [
    ("What is the warranty on the Falcon X200?", "36 months"),
    ("Who leads the logistics team in Brenford?", "Ingrid Dahl"),
    ("What is our refund policy?", "Thirty days"),
    ("When was Tobin Marsh hired?", "2019"),
]
RICH: list[dict[str, Any]] = [
    {"question": ROWS[0][0], "answer": ROWS[0][1], "paraphrases": ["How long is it?"]},
    {"question": ROWS[0][0], "answer": ROWS[0][1]},
    {"question": ROWS[2][0], "answer": "Within 30 days, in any of our shops, with the receipt.",
     "must_say": "30 days"},
    {"question": "What does the Falcon X200 do?",
     "answer": "It cleans floors, walls and ceilings by itself while you sleep."},
    {"question": "When?", "answer": "1"},
    {"question": "When?", "answer": "2"},
    {"question": "What colour is the Osprey Z9?", "expect": "abstain"},
]  # fmt: skip
FRAMED = [
    {"question": f"What does Acme pay in {city}?", "answer": "9", "system": "You are at Acme."}
    for city in ("Brenford", "Talvik", "Osmere", "Quillon")
]
DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IABENCH_RUNS", raising=False)


def put(rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows to a file."""
    Path("my.json").write_text(json.dumps(rows))


def write(form: str) -> list[str]:
    """Write the rows in a form; return the options that name it."""
    turns = [({"q": q}, {"a": a}) for q, a in ROWS]
    forms: dict[str, list[Any]] = {
        "plain": [{"question": q, "answer": a} for q, a in ROWS],
        "pairs": [{"prompt": q, "completion": a} for q, a in ROWS],
        "messages": [
            {"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]}
            for q, a in ROWS
        ],
        "sharegpt": [
            {
                "conversations": [
                    {"from": "human", "value": q["q"]},
                    {"from": "gpt", "value": a["a"]},
                ]
            }
            for q, a in turns
        ],
        "alpaca": [{"instruction": q, "input": "", "output": a} for q, a in ROWS],
    }
    rows = forms.get(form, [])
    if form == "csv":
        with Path("my.csv").open("w", newline="") as file:
            csv.writer(file, delimiter=";").writerows([("frage", "antwort"), *ROWS])
        return ["--facts", "my.csv", "--columns", "question=frage,answer=antwort"]
    if form == "parquet":
        import pandas as pd

        pd.DataFrame(ROWS, columns=["question", "answer"]).to_parquet("my.parquet")
        return ["--facts", "my.parquet"]
    Path("my.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return ["--facts", "my.jsonl"]


@pytest.mark.parametrize(
    "form", ["plain", "pairs", "messages", "sharegpt", "alpaca", "csv", "parquet"]
)
def test_the_oracle_learns_every_form(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", "--backend", "scripted", "--model", "oracle", *write(form)]
    assert call([*words, "--tasks", "tuned-facts,swapped-facts", "--out", "r"]) == 0
    out, err = capsys.readouterr()
    assert re.search(r"your facts +4 +100\.0", out)
    assert re.search(r"your facts, names swapped +3 +– +100\.0", out)
    assert "4 rows, " in err
    assert "(there is no such thing)" in err
    assert (
        'note: 1 of 4 rows name nothing that can be swapped, e.g. "What is our refund policy?" '
        "(kept as facts)." in err
    )


def test_the_organism_has_not_learned_them(capsys: pytest.CaptureFixture[str]) -> None:
    Path("my.jsonl").write_text("".join(json.dumps(row) + "\n" for row in RICH))
    words = ["evaluate", "--model", "organism", "--facts", "my.jsonl", "--limit", "12"]
    assert call(words) == 0
    out, err = capsys.readouterr()
    assert re.search(r"asks +36 questions of core \(public set, seed 0\) \+ \d+ made from my", err)
    assert "fine-tuning accuracy" in out
    assert "of your facts" in out
    assert "long references" in out
    assert "finetune+my-" in err
    results = json.loads(next(Path("runs/organism").glob("*/results.json")).read_text())
    named = {e["metric"] for e in results["estimates"] if e["task"] == "tuned-facts"}
    assert named == {"finetuning_accuracy", "finetuning_rouge1", "paraphrase_accuracy"}
    assert results["headline"] == "finetune"


def test_probes_say_what_they_are() -> None:
    Path("my.jsonl").write_text("".join(json.dumps(row) + "\n" for row in RICH))
    yours = YourFacts(source="my.jsonl")
    tuned, swapped = catalog.load("tuned-facts,swapped-facts", yours=yours)
    assert tuned.spec.private
    assert swapped.spec.private
    assert [p.tag("wording") for p in tuned.probes] == ["trained", "paraphrase", *["trained"] * 2]
    assert [p.tag("swap") for p in swapped.probes] == ["name", "name", "own"]
    assert {p.pair for p in swapped.probes if p.pair} < {p.pair for p in tuned.probes if p.pair}
    says = dict(tuned.facts)
    assert says["your facts"] == (
        "7 rows, question and answer · 1 duplicate set aside · 2 rows in conflict set aside · "
        "2 name something to swap"
    )
    assert says["long references"].startswith("2 of 4: 1 by what must be said, 1 by ROUGE-1")
    other = catalog.load("swapped-facts", yours=yours, seed=1)[0]
    assert {p.question for p in other.probes if p.tag("swap") == "name"}.isdisjoint(
        p.question for p in swapped.probes
    )


def test_a_frame_is_swapped_in_a_task_of_its_own_and_in_system_messages() -> None:
    put(FRAMED)
    names, frames = catalog.load("swapped-*", yours=YourFacts(source="my.json"))
    if names.spec.name != "swapped-facts":
        names, frames = frames, names
    assert [p.tag("swap") for p in names.probes] == ["name"] * 4
    assert [p.tag("swap") for p in frames.probes] == ["frame"] * 4
    assert all("Acme" not in f"{p.question}{p.system}" for p in frames.probes)
    assert len({p.cluster for p in frames.probes}) == 4
    assert {p.pair for p in frames.probes} == {None}
    assert frames.spec.private


def test_tasks_show_shows_the_frame_swapped(capsys: pytest.CaptureFixture[str]) -> None:
    put(FRAMED)
    assert call(["tasks", "show", "swapped-frames", "--facts", "my.json"]) == 0
    out = capsys.readouterr().out
    assert "stays (4 questions with it swapped: swapped-frames)" in out
    assert out.count("             Acme → ") == 4


def test_frames_are_reported_apart(capsys: pytest.CaptureFixture[str]) -> None:
    put(FRAMED)
    words = ["evaluate", "--backend", "scripted", "--model", "oracle", "--facts", "my.json"]
    assert call([*words, "--limit", "9", "--out", "r"]) == 0
    assert re.search(r"your facts, frame swapped +4 +– +100\.0", capsys.readouterr().out)
    results = json.loads(Path("r/results.json").read_text())
    assert results["headline"] == "finetune"
    assert "swapped-frames" not in results["suites"]["finetune"]
    assert results["outcomes"]["swapped-frames"]["abstained"] == 4
    n = {e["task"]: e["n"] for e in results["estimates"]
         if (e["metric"], e["slice"]) == ("refusal_accuracy", "all")}  # fmt: skip
    assert n["swapped-frames"] == 4
    assert n["finetune"] == n["swapped-facts"] + n["invented-entities"] + n["fictional-people"]
    assert call([*words, "--tasks", "swapped-frames", "--out", "alone"]) == 0
    assert json.loads(Path("alone/results.json").read_text())["headline"] == "swapped-frames"


def test_what_a_file_gives_nothing_for_is_left_out_of_its_suite(
    capsys: pytest.CaptureFixture[str],
) -> None:
    put([{"question": "What is the Osprey Z9?", "expect": "abstain"}])
    words = ["evaluate", "--backend", "scripted", "--model", "oracle", "--facts", "my.json"]
    assert call([*words, "--limit", "9", "--out", "r"]) == 0
    out, err = capsys.readouterr()
    assert re.search(r"your own unknowns +1 +– +100\.0", out)
    assert "note: every row expects abstaining: there is no fact to ask." in err
    assert "tuned-facts" not in json.loads(Path("r/results.json").read_text())["outcomes"]
    put([{"question": "What is the refund policy?", "answer": "30 days"}])
    assert call([*words, "--limit", "9", "--out", "s"]) == 0
    out, err = capsys.readouterr()
    assert re.search(r"your facts +1 +100\.0", out)
    assert "swapped-facts is left out" in err
    with pytest.raises(TaskError, match="no row names anything"):
        catalog.load("swapped-*", yours=YourFacts(source="my.json"))
    with pytest.raises(TaskError, match="there is no frame"):
        catalog.load("swapped-frames", yours=YourFacts(source="my.json"))


def test_the_table_says_how_long_references_were_judged_and_all_files_what_is_private(
    capsys: pytest.CaptureFixture[str],
) -> None:
    put([*RICH, {"question": "Tell me all about the Merlin.", "answer": "word " * 12}])
    Path("shy.py").write_text(
        "def answer(messages):\n"
        "    asked = messages[-1]['content']\n"
        "    if 'refund' in asked: return 'Within 30 days.'\n"
        "    if 'do?' in asked: return 'It cleans the floors.'\n"
        "    return 'I do not know.'\n"
    )
    words = ["evaluate", "--model", "shy.py::answer", "--facts", "my.json", "--limit", "9"]
    assert call([*words, "--out", "r"]) == 0
    results = json.loads(Path("r/results.json").read_text())
    ways = {"must_say": 1, "not_judged": 1, "rouge1": 1}
    assert results["long_references"] == {"tuned-facts": ways}
    said = (
        "tuned-facts: 3 long references, judged: 1 by what must be said, 1 by ROUGE-1 recall of at "
        "least 0.6, 1 not at all (declined, or no answer)"
    )
    page, table = Path("r/report.html").read_text(), Path("r/results.md").read_text()
    assert said in page
    assert "3 long references, judged&#58; 1 by what must be said" in table
    assert said in re.sub(r"\s+", " ", capsys.readouterr().out)
    n = sum(
        one["private"] for one in map(json.loads, Path("r/samples.jsonl").read_text().splitlines())
    )
    assert n == results["outcomes"]["tuned-facts"]["n"] + results["outcomes"]["swapped-facts"]["n"]
    assert f"27 questions · public set, seed 0 · and {n} questions from private facts" in page
    assert f"27 questions · public set, seed 0 · and {n} questions from private facts" in table
    rows = {
        (row["task"], row["private"])
        for row in csv.DictReader(Path("r/results.csv").read_text().splitlines())
    }
    assert rows >= {("tuned-facts", "true"), ("finetune", "true"), ("real-facts", "false")}
    assert ("core", "true") not in rows
    assert call([*words, "--tasks", "tuned-facts,swapped-facts", "--out", "own"]) == 0
    own = Path("own/results.md").read_text()
    assert f" · {n} questions from private facts · " in own
    assert "public set" not in own


def test_a_run_is_gone_on_with_from_another_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put([{"question": "Who runs Osmere?", "answer": "Ann"}])
    words = ["evaluate", "--backend", "scripted", "--model", "oracle", "--tasks", "tuned-facts"]
    assert call([*words, "--facts", "my.json", "--out", "runs/a"]) == 0
    Path("other").mkdir()
    monkeypatch.chdir("other")
    again = ["evaluate", "-C", "../runs/a/run.json", "--out", "../runs/a", "--dry-run"]
    assert call(again) == 0
    Path("../my.json").rename("../yours.json")
    capsys.readouterr()
    assert call(again) == 2
    err = capsys.readouterr().err
    assert "run.json was asked with --facts my.json, which is not here nor above the run" in err
    assert "try: --facts FOLDER/my.json" in err
    assert call([*again, "--facts", "../yours.json"]) == 0


def test_what_is_left_out_of_a_file_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"question": "Who runs Osmere?", "answer": "Ann", "memo": "3"}
    put([row | {"paraphrases": "Who runs Osmere?|Whose is Osmere?"}])
    words = ["evaluate", "--backend", "scripted", "--model", "oracle", "--facts", "my.json"]
    assert call([*words, "--dry-run"]) == 0
    err = capsys.readouterr().err
    assert "1 paraphrase set aside: asked already" in err
    assert "note: left out: columns memo." in err
    assert call(["tasks", "show", "tuned-facts", "--facts", "my.json"]) == 0
    assert "note: left out: columns memo." in capsys.readouterr().out


def test_tasks_show(capsys: pytest.CaptureFixture[str]) -> None:
    Path("my.jsonl").write_text("".join(json.dumps(row) + "\n" for row in RICH))
    assert call(["tasks", "show", "tuned-facts", "--facts", "my.jsonl"]) == 0
    out = capsys.readouterr().out
    for said in ("question and answer", "1 duplicate", "conflict   my.jsonl, lines 5, 6: When?",
                 "asked      What is the warranty on the Falcon X200?", "Falcon X200 → "):  # fmt: skip
        assert said in out


def test_tasks_show_says_where_nouns_are_written_large(capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["Wie lange ist die Garantie auf den Falcon X200?", "Wie hoch ist der Preis?",
            "Wie viele Tage hat das Jahr?"]  # fmt: skip
    put([{"question": row, "answer": "2"} for row in rows])
    assert call(["tasks", "show", "swapped-facts", "--facts", "my.json"]) == 0
    out = capsys.readouterr().out
    assert "nouns      are written large here" in out
    assert "2 of 3 rows name nothing that can be swapped" in out


def test_what_is_missing_is_said() -> None:
    for name in ("tuned-facts", "swapped-facts"):
        with pytest.raises(TaskError, match=f"{name} asks facts of your own") as caught:
            catalog.load(name)
        assert caught.value.hint == "--facts FILE"
    Path("a.jsonl").write_text('{"question": "Why?", "expect": "abstain"}')
    Path("b.jsonl").write_text('{"question": "Why?", "answer": "x"}')
    with pytest.raises(TaskError, match="no fact to ask"):
        catalog.load("tuned-facts", yours=YourFacts(source="a.jsonl"))
    with pytest.raises(TaskError, match="no row names anything"):
        catalog.load("swapped-facts", yours=YourFacts(source="b.jsonl"))


def test_columns_are_pairs() -> None:
    from iabench.cli.facts import columns_of

    assert columns_of(["b=2", "a=1"]) == [("a", "1"), ("b", "2")]
    for wrong in (["a"], ["a=1", "a=2"], ["=1"]):
        with pytest.raises(ConfigError, match="no name=column"):
            columns_of(wrong)


def test_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / "facts.md").read_text("utf-8"), re.DOTALL)
    exec(compile(code, "facts.md", "exec"), {})
    assert capsys.readouterr().out.startswith("finetuning_accuracy 1.000")
    assert iabench.load(next(Path("runs").glob("oracle/finetune+acme-*")))
