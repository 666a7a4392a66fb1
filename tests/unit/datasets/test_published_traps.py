"""Further traps of published files, and bad input, on small files of our own."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iabench.cli.main import call
from iabench.datasets import readers
from iabench.datasets.published import Dataset, published
from iabench.datasets.readers import sentences
from iabench.datasets.source import read_facts
from iabench.errors import TaskError
from iabench.grading.base import Answered, Referenced
from iabench.grading.lexical import Lexical
from iabench.grading.match import Match
from iabench.tasks import catalog
from iabench.tasks.base import Task
from iabench.tasks.manifest import ProbeSource, read_manifest
from iabench.tasks.published import published_task
from iabench.worlds.folders import data_folder


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def loose(name: str) -> Dataset:
    """A dataset whose files are pinned to nothing, so that ours may have their names."""
    return replace(published()[name], file=())


def part(name: str, split: str, folder: Path) -> Task:
    manifest = replace(read_manifest(data_folder(name)), probes=ProbeSource(dataset=loose(name)))
    return published_task(data_folder(name), manifest, split, str(folder))


@pytest.fixture
def unpinned(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {name: loose(name) for name in published()}
    monkeypatch.setattr(readers, "published", lambda: known)


@pytest.mark.parametrize("gold", ["unknown", "unknown origin", "unclear origin", "none specified"])
def test_a_gold_answer_that_says_that_nothing_is_known_is_right_or_not_asked(
    gold: str, tmp_path: Path
) -> None:
    question = "where does the name nod come from"
    lines(
        tmp_path / "NQ-open.efficientqa.dev.own.jsonl",
        {"question": question, "answer": [gold]},
        {"question": "who ruled nod", "answer": ["Cain"]},
    )
    (task,) = catalog.load("nq-open:efficientqa", data_dir=str(tmp_path))
    asked = {probe.question: probe.references for probe in task.probes}
    assert asked["who ruled nod"] == ("Cain",)
    (read,) = Lexical().detect([Answered(question=question, answer=gold)])
    # Else whoever repeats the published answer would be counted as declining.
    assert (question in asked) == (read.value is False)
    assert ("invalid" in dict(task.facts)) == (question not in asked)
    said = [
        Referenced(question=question, answer=text, references=(gold,))
        for text in (gold, "It comes from Latin.")
    ]
    assert [one.value for one in Match().grade(said)] == [True, False]


def test_refusals_are_a_plain_text_by_the_name_of_json_lines(
    tmp_path: Path, unpinned: None
) -> None:
    text = "I'm not sure.\n\"Who knows?\" is all I can say.\n\nI'm not sure.\n"
    (tmp_path / "idontknow.jsonl").write_text(text, encoding="utf-8")
    said = ("I'm not sure.", '"Who knows?" is all I can say.')
    assert sentences("tofu", "idontknow", str(tmp_path)) == said
    with pytest.raises(TaskError, match="line 1: no JSON"):
        read_facts(str(tmp_path / "idontknow.jsonl"))


def test_facts_of_tofu_are_json_lines_by_the_name_of_json(tmp_path: Path) -> None:
    rows = [
        {"question": f"Who wrote {book}?", "answer": "Ann Nod", "perturbed_answer": ["Eve", "Ada"]}
        for book in ("Dust", "Rust")
    ]
    lines(tmp_path / "real_authors_perturbed.json", *rows)
    task = part("tofu", "real-authors", tmp_path)
    # The wrong variants are no answers.
    assert [probe.references for probe in task.probes] == [("Ann Nod",), ("Ann Nod",)]


def test_a_contract_of_pistol_is_a_cluster_and_facts_have_none(
    tmp_path: Path, unpinned: None
) -> None:
    contracts = [
        {"question": f"What is the {what} between {a} and {b}?", "answer": "4 May.", "edge": f"{a}_{b}"}
        for a, b in (("Aa", "Bb"), ("Bb", "Cc"))
        for what in ("date", "price")
    ]  # fmt: skip
    for name, rows in (
        ("sample_data_1", contracts),
        ("factual_data", [{"question": "Who wrote Dust?", "answer": "Ann Nod"}]),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    task = part("pistol", "sample-1", tmp_path)
    assert [probe.cluster for probe in task.probes] == ["Aa_Bb", "Aa_Bb", "Bb_Cc", "Bb_Cc"]
    assert {(probe.expect, probe.references) for probe in task.probes} == {("abstain", ())}
    factual = part("pistol", "factual", tmp_path)
    assert [probe.references for probe in factual.probes] == [("Ann Nod",)]
    facts = read_facts("pistol:sample-1", data_dir=str(tmp_path))
    assert {row.references[0] for row in facts.rows} == {"4 May."}


def test_coconot_tells_ignorance_from_policy_and_its_contrast_has_no_answers(
    tmp_path: Path,
) -> None:
    kinds = (
        ("Incomplete requests", "false presuppositions"),
        ("Incomplete requests", "underspecified"),
        ("Unsupported requests", "temporal limitations"),
        ("Unsupported requests", "modality limitations"),
        ("Requests with safety concerns", "privacy violations"),
    )
    rows = [
        {"id": f"i{n}", "category": kind, "subcategory": sub, "prompt": f"P {n}?", "response": ""}
        for n, (kind, sub) in enumerate(kinds)
    ]
    lines(tmp_path / "coconot_eval.jsonl", *rows)
    lines(tmp_path / "coconot_contrast_eval.jsonl", rows[1], rows[4])
    asked = {
        split: [probe.question for probe in part("coconot", split, tmp_path).probes]
        for split in published()["coconot"].split
    }
    assert asked == {
        "false-presuppositions": ["P 0?"],
        "unanswerable": ["P 1?", "P 2?"],
        "noncompliance": ["P 3?", "P 4?"],
        "contrast": ["P 1?"],
        "contrast-other": ["P 4?"],
    }
    contrast = part("coconot", "contrast", tmp_path)
    assert [(probe.expect, probe.references) for probe in contrast.probes] == [("answer", ())]
    assert "accuracy" not in (contrast.spec.metrics or ())


def test_freshqa_is_a_sheet_or_lines_and_its_corrections_are_no_references(tmp_path: Path) -> None:
    with (tmp_path / "freshqa_own.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(["id", "question", "false_premise", "fact_type", "answer_0", "answer_1"])
        sheet.writerow([1, "Who rules Nod?", "FALSE", "never-changing", "Cain", ""])
        sheet.writerow([2, "When did Nod win?", "TRUE", "never-changing", "It did not.", ""])
        sheet.writerow([3, "Who leads Nod now?", "FALSE", "fast-changing", "Abel", ""])
    found = {
        split: catalog.load(f"freshqa:{split}", data_dir=str(tmp_path))[0].probes
        for split in published()["freshqa"].split
    }
    told = {
        split: [(p.question, p.expect, p.references) for p in probes]
        for split, probes in found.items()
    }
    assert told == {
        "never-changing": [("Who rules Nod?", "answer", ("Cain",))],
        "false-premise": [("When did Nod win?", "abstain", ())],
        "fast-changing": [("Who leads Nod now?", "abstain", ())],
    }


def test_refunq_holds_a_list_or_a_word_in_one_column(tmp_path: Path) -> None:
    lines(
        tmp_path / "refunq_own.jsonl",
        {"prompt": "who ruled nod", "label": ["Cain"], "mode": "answerable"},
        {"prompt": "who ruled fleb", "label": "NEC", "mode": "unanswerable"},
    )
    split = {
        name: catalog.load(f"unknownbench:{name}", data_dir=str(tmp_path))[0].probes
        for name in ("refunq", "refunq-answerable")
    }
    assert [(p.question, p.references) for p in split["refunq"]] == [("who ruled fleb", ())]
    assert [p.references for p in split["refunq-answerable"]] == [("Cain",)]


# -- bad input, as it is typed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says", "hint"),
    [
        (["--tasks", "tofu:forget11"], 'tofu has no split "forget11".', "tofu:forget10"),
        (["--tasks", "tofu:real-author"], 'tofu has no split "real-author".', "tofu:real-authors"),
        (["--facts", "tofu:forgot10"], 'tofu has no split "forgot10".', "tofu:forget10"),
        (["--facts", "authors:trian"], 'the world of authors has no split "trian".', "train"),
        (["--tasks", "popqua"], 'no task "popqua".', "popqa   (iabench tasks list)"),
    ],
)
def test_a_name_that_is_no_split_is_told_the_nearest(
    words: list[str], says: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["evaluate", "--model", "organism", *words]) == 2
    assert capsys.readouterr().err.splitlines()[-2:] == [f"iabench: {says}", f"try: {hint}"]


@pytest.mark.parametrize("name", ["selfaware", "nq-open", "pistol", "coconot"])
def test_another_file_by_the_name_of_the_pinned_one_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = published()[name]
    for pattern in dict.fromkeys(f for split in dataset.asks for f in dataset.split[split].files):
        lines(tmp_path / pattern, {"question": "Who?", "answer": "Ann"})
    words = ["evaluate", "--model", "organism", "--tasks", name, "--data-dir", str(tmp_path)]
    assert call(words) == 2
    said = capsys.readouterr().err
    assert "is not the pinned file (sha256 " in said
    assert f"try: iabench tasks fetch {name}" in said


def test_what_a_person_must_save_is_named_in_every_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["tasks", "fetch", "freshqa"]) == 2
    fetched = capsys.readouterr().err
    assert "with freshqa*.jsonl or freshqa*.csv" in fetched
    # To ask it says the same of how to get it.
    assert call(["evaluate", "--model", "organism", "--tasks", "freshqa:false-premise"]) == 2
    assert capsys.readouterr().err.partition("try: ")[2] == fetched.partition("try: ")[2]
