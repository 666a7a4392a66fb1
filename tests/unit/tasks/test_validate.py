"""`tasks validate`: everything that is wrong, at once, with file and row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import TaskError
from iabench.rng import Dice
from iabench.tasks import catalog
from iabench.tasks.describe import describe
from iabench.tasks.skeleton import write_skeleton
from iabench.tasks.validate import Checked, validate
from iabench.worlds.folders import data_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_skeleton("mine", tmp_path)


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "probes.jsonl").read_text().splitlines()]


def put(folder: Path, *changed: dict[str, Any]) -> Checked:
    text = "".join(json.dumps(row) + "\n" for row in changed)
    (folder / "probes.jsonl").write_text(text)
    return validate(str(folder))


def toml(folder: Path, before: str, after: str) -> Checked:
    path = folder / "task.toml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    return validate(str(folder))


def errors(checked: Checked) -> list[str]:
    return [f"{Path(fault.where).name}: {fault.says}" for fault in checked.errors]


def warnings(checked: Checked) -> list[str]:
    return [fault.says for fault in checked.warnings]


def test_the_skeleton_has_nothing_wrong_and_is_asked(folder):
    checked = validate(str(folder))
    assert not checked.errors
    assert warnings(checked) == ["16 questions: intervals will be wide."]
    assert dict(checked.facts)["questions"] == "16 (8 to answer, 8 not)"
    assert "aim: 0.65 or less" in dict(checked.facts)["name-shape AUROC"]
    (task,) = catalog.load(("mine",), include_path=(str(folder.parent),))
    assert dict(checked.facts)["checksum"] == task.spec.checksum[:12]
    assert validate(str(folder / "task.toml")).facts == checked.facts
    assert validate("mine", (str(folder),)).facts == checked.facts


def test_a_skeleton_writes_over_nothing(folder):
    with pytest.raises(TaskError, match="is there already"):
        write_skeleton("mine", folder.parent)
    for name in ("../up", "Ab", "a,b", ""):
        with pytest.raises(TaskError, match="is no name"):
            write_skeleton(name, folder.parent)


def test_everything_is_said_at_once(folder):
    known, unknown, *rest = rows(folder)
    bad = {**known, "id": "x", "questoin": "?"}
    put(folder, known, unknown, bad, {**unknown, "references": ["Rome"]}, *rest, known)
    checked = toml(folder, 'licence = "CC0-1.0"', 'licens = "CC0-1.0"')
    assert errors(checked) == [
        'task.toml: unknown key "licens".',
        'task.toml: "licence" is missing.',
        'probes.jsonl, line 3: unknown key "questoin".',
        "probes.jsonl, line 4: references are given exactly where an answer is expected.",
        f'probes.jsonl, line 19: the id "capital/france" is there already: '
        f"{folder / 'probes.jsonl'}, line 1.",
        f"probes.jsonl, line 19: the same question is there already: "
        f"{folder / 'probes.jsonl'}, line 1.",
    ]
    assert checked.errors[0].hint == '"licence"'


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('"probes.jsonl"', '"../other/probes.jsonl"', "leads out of the task folder"),
        ('"probes.jsonl"', '"/etc/passwd"', "leads out of the task folder"),
        ('"probes.jsonl"', '"a\\u0000.jsonl"', "leads out of the task folder"),
        ('"probes.jsonl"', '"task.toml"', "is no .jsonl or .csv file"),
        ('"probes.jsonl"', '"gone.jsonl"', "no file"),
        ('name = "mine"', 'name = "yours"', 'its folder "mine"'),
        ("# template", "template", "unknown key"),
        ("# suites = [", "suites = ['core'] #", "is closed"),
        ("# suites = [", "metrics = ['acuracy'] #", 'no metric "acuracy"'),
        ("# suites = [", "template = '{question' #", '"template"'),
        ("# suites = [", "template = '{titel}' #", 'the template names "titel"'),
        ('"written by us"', '"todo"', '"source" says nothing'),
        ('licence = "CC0-1.0"', "licence = 3", '"licence"'),
        ("expects", "=", "does not parse"),
        ("probes = {", "n = 3\nprobes = { generator = 'real-fact' } #", "no generator"),
    ],
)
def test_a_task_toml_that_is_wrong(folder, before, after, says):
    if "template" in before:
        after = 'templat = "{question}" #'
    if "generator" in after:
        with pytest.raises(TaskError, match=says):
            toml(folder, before, after)
        return
    assert says in " ".join(errors(toml(folder, before, after)))


def test_a_link_that_leads_out_is_refused(folder, tmp_path):
    (tmp_path / "elsewhere.jsonl").write_text((folder / "probes.jsonl").read_text())
    (folder / "probes.jsonl").unlink()
    (folder / "probes.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    assert "leads out of" in errors(validate(str(folder)))[0]
    with pytest.raises(TaskError, match="leads out of"):
        catalog.load(("mine",), include_path=(str(folder),))


def test_questions_that_are_asked_twice(folder):
    known, unknown, *rest = rows(folder)
    same = {"question": known["question"].upper()}
    conflict = {**rest[0], **same, "id": "c"}
    otherwise = {**rest[1], **same, "id": "d"}
    leak = {**known, "id": "e", "tags": {"relation": "capital", "split": "paraphrase"}}
    said = errors(put(folder, known, unknown, *rest, conflict, otherwise, leak))
    first = f"{folder / 'probes.jsonl'}, line 1"
    assert said == [
        f"probes.jsonl, line 17: it asks what is asked in {first} and expects another answer.",
        f"probes.jsonl, line 18: it asks what is asked in {first} and expects another answer.",
        f"probes.jsonl, line 19: its question leaks between splits None and paraphrase: {first}.",
    ]


def test_twins_balance_and_references(folder):
    known, unknown, *rest = rows(folder)
    alone = {**known, "pair": "alone"}
    evasive = {**rest[0], "references": ["I don't know."]}
    told = {**rest[2], "question": "Is Lima the capital of Peru?"}
    other = {**rest[3], "tags": {"relation": "size"}}
    checked = put(folder, alone, evasive, rest[1], told, other, *rest[4:])
    assert errors(checked) == [
        'probes.jsonl, line 1: the pair "alone" has one side only.',
        'probes.jsonl, line 2: the reference "I don\'t know." reads as an abstention.',
    ]
    assert 'the pair "capital-3" asks of different relations.' in warnings(checked)
    assert "the answer stands in the question." in warnings(checked)
    one_side = put(folder, *(row for row in (known, *rest) if row["expect"] == "answer"))
    assert 'task.toml: it expects "both", and no question expects "abstain".' in errors(one_side)
    many = [{**known, "id": f"k{n}", "question": f"{n}?", "pair": None} for n in range(40)]
    few = warnings(put(folder, *many, known, unknown))
    assert 'only 2% of the questions expect "abstain".' in few
    assert "2 entities: they are what is resampled." in few


def test_invented_names_that_exist(folder):
    known, unknown, *rest = rows(folder)
    real = {**unknown, "entities": ["côte d'ivoire"]}
    checked = put(folder, known, real, *rest)
    (error,) = errors(checked)
    assert '"côte d\'ivoire" exists: it is in the list of real names, country.' in error
    by_cluster = {k: v for k, v in unknown.items() if k != "entities"} | {"cluster": "c/Sweden"}
    checked = put(folder, known, by_cluster, *rest)
    assert not checked.errors
    assert any('"Sweden" exists' in text for text in warnings(checked))
    assert not toml(folder, '"fabrication" ', '"overreach" ').errors


def test_the_shape_of_names(folder):
    def row(name: str, invented: bool) -> dict[str, Any]:
        return {
            "id": name,
            "question": f"What is {name}?",
            "expect": "abstain" if invented else "answer",
            "cluster": name,
            "entities": [name],
            "tags": {"relation": "x"},
            **({} if invented else {"references": ["a thing"]}),
        }

    dice = Dice(0, "shape")
    known = [row("Ka" + "".join(dice.choice("bdo") for _ in range(7)), False) for _ in range(40)]
    unknown = [row("Xu" + "".join(dice.choice("wzi") for _ in range(7)), True) for _ in range(40)]
    (error,) = errors(put(folder, *known, *unknown))
    assert "letters alone tell its invented names from real ones: AUROC 1.00" in error
    checked = toml(folder, "version = 1", "shape_separable = true\nshape_auroc = 0.5\nversion = 1")
    assert not checked.errors
    assert "shape_auroc says 0.50." in warnings(checked)
    few = put(folder, *known[:2], *unknown[:2])
    assert dict(few.facts)["name-shape AUROC"] == "none: it takes five names a side"


def test_files_that_are_not_there_or_too_much(folder, tmp_path):
    (folder / "CARD.md").unlink()
    (folder / "run.py").write_text("boom")
    found = warnings(validate(str(folder)))
    assert "there is no CARD.md." in found
    assert "a task folder holds data only; this is never run." in found
    (folder / "probes.jsonl").write_text("\n")
    assert errors(validate(str(folder))) == ["probes.jsonl: the file is empty."]
    (tmp_path / "empty").mkdir()
    with pytest.raises(TaskError, match=r"has no task\.toml"):
        validate(str(tmp_path / "empty"))
    with pytest.raises(TaskError, match="is several tasks"):
        validate("core")


def test_names_that_are_taken(tmp_path):
    folder = write_skeleton("mine", tmp_path).rename(tmp_path / "real-facts")
    manifest = folder / "task.toml"
    manifest.write_text(manifest.read_text().replace('"mine"', '"real-facts"'))
    assert 'task.toml: there is a task "real-facts" already.' in errors(validate(str(folder)))


def test_own_folders_and_tables(folder):
    own = data_folder("invented-entities")
    assert not validate(str(own)).errors
    cells = ("id", "question", "expect", "cluster", "pair")
    lines = ["\ufeff" + ";".join((*cells, "references", "tags"))]
    for row in rows(folder):
        more = (" | ".join(row.get("references", [])), "relation=capital")
        lines.append(";".join((*(row[cell] for cell in cells), *more)))
    (folder / "probes.csv").write_text("\n".join(lines), encoding="utf-8")
    checked = toml(folder, "probes.jsonl", "probes.csv")
    assert not checked.errors
    assert dict(checked.facts)["questions"] == "16 (8 to answer, 8 not)"
    (listed,) = [r for r in describe((str(folder),)) if r["name"] == "mine"]
    assert listed["n"] == 16
    assert listed["from"] == str(folder)
