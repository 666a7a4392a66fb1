"""A sheet of answers: drawn with known probabilities, filled in by a spreadsheet, read back."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench import jsonl
from iabench.cli.main import call
from iabench.errors import ConfigError, StoreError
from iabench.records import Verdict
from iabench.rng import uniform
from iabench.runs.labelling import draw, keys, labelled
from iabench.runs.run import Run, load
from iabench.runs.sheets import read

Row = dict[str, str]
COLUMNS = ["id", "abstained", "kinds", "question", "response"]


def model(messages: list[dict[str, str]]) -> str:
    question = messages[-1]["content"]
    lot = uniform(question)
    if lot < 0.3:
        return "I don't know."
    if lot < 0.35:
        return ""
    return "=Paris" if lot < 0.4 else "It is Paris."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "r"
    iabench.evaluate(model, tasks="invented-entities,real-facts", limit=80, out=out)
    return out


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Run:
    return load(shutil.copytree(made, tmp_path / "r"))


def so(row: Row) -> bool:
    return row["response"].lstrip("'").startswith("I don't know")


def fill(rows: list[Row], path: Path, change: Callable[[Row], None] | None = None) -> Path:
    """Write a sheet that a person has filled in."""
    for row in rows:
        row["abstained"] = "yes" if so(row) else "no"
        row["kinds"] = "ignorance" if so(row) else ""
        if change is not None:
            change(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def sheet(run: Run, **options: Any) -> list[Row]:
    return [dict(row) for row in draw(run, **{"n": 60, "seed": 0, **options}).rows]


# -- drawing -----------------------------------------------------------------------------------


def test_a_sheet_holds_no_verdict_no_expectation_and_no_order(run: Run) -> None:
    drawn = draw(run, n=60, seed=0)
    assert drawn.columns == tuple(COLUMNS)
    assert (drawn.n, len(drawn.rows), drawn.n_private) == (60, 66, 0)
    samples = {s["id"]: s for s in run.samples()}
    said = Counter(s["outcome"] for s in samples.values())
    assert drawn.n_all == 160 - said["degenerate"] < 160
    key = keys(run.path)[drawn.key.stem]
    assert all(row["abstained"] == row["kinds"] == "" for row in drawn.rows)
    for row in drawn.rows:
        sample = samples[key["rows"][row["id"]]]
        assert (row["question"], row["response"]) == (sample["question"], sample["response"])
        assert sample["outcome"] != "degenerate"
    # Neither tasks nor verdicts lie together.
    tasks = [samples[key["rows"][row["id"]]]["task"] for row in drawn.rows]
    assert sum(a != b for a, b in pairwise(tasks)) > 15


def test_every_stratum_is_drawn_with_the_probability_that_is_kept(run: Run) -> None:
    drawn = draw(run, n=60, seed=0)
    key = keys(run.path)[drawn.key.stem]
    assert sum(s["drawn"] for s in key["strata"]) == 60
    sizes = Counter(key["members"].values())
    counts = Counter(key["members"][one] for one in set(key["rows"].values()))
    for at, stratum in enumerate(key["strata"]):
        assert (stratum["size"], stratum["drawn"]) == (sizes[at], counts[at])
        assert stratum["drawn"] >= min(5, stratum["size"])
    assert {(s["task"], s["expect"], s["verdict"]) for s in key["strata"]} == {
        (task, expect, verdict)
        for task, expect in (("invented-entities", "abstain"), ("real-facts", "answer"))
        for verdict in ("yes", "no")
    }


def test_the_same_seed_is_the_same_sheet_and_a_tenth_stands_in_it_twice(run: Run) -> None:
    one, same, other = (draw(run, n=60, seed=seed) for seed in (0, 0, 1))
    assert one == same
    assert len(keys(run.path)) == 2
    assert {row["id"] for row in one.rows}.isdisjoint(row["id"] for row in other.rows)
    repeated = Counter(keys(run.path)[one.key.stem]["rows"].values())
    assert Counter(repeated.values()) == {1: 54, 2: 6}


def test_ids_say_nothing_and_are_no_numbers(run: Run) -> None:
    for row in sheet(run):
        assert row["id"][0] == "r"
        assert len(row["id"]) == 11
        assert not {"real", "invented", "yes", "no"} & set(row["id"].split("-"))


def test_answers_that_detectors_disagree_about_are_strata_of_their_own(run: Run) -> None:
    no = [s for s in run.samples() if s["verdicts"] and s["verdicts"][0]["value"] is False]
    doubted = {s["request_id"]: s["id"] for s in no[:9]}
    split = {s["request_id"]: s["id"] for s in no[9:12]}
    verdicts = [
        Verdict(request_id=one, grader="other@1", about="abstained", value=True) for one in doubted
    ]
    verdicts += [
        Verdict(
            request_id=one,
            grader="other@1",
            about="abstained",
            value=False,
            votes=(("a@1", True), ("b@1", False), ("c@1", None)),
        )
        for one in split
    ]
    jsonl.write(run.path / "verdicts" / "other@1.jsonl", verdicts)
    name = draw(run, n=60, seed=0).key.stem
    key = keys(run.path)[name]
    disputed = {at for at, s in enumerate(key["strata"]) if s["disputed"]}
    assert {one for one, at in key["members"].items() if at in disputed} == {
        *doubted.values(),
        *split.values(),
    }


def test_a_sheet_about_correctness_shows_references_of_what_has_some(run: Run) -> None:
    drawn = draw(run, n=40, seed=0, about="correct")
    assert drawn.columns == ("id", "abstained", "correct", "question", "references", "response")
    key = keys(run.path)[drawn.key.stem]
    assert {s["task"] for s in key["strata"]} == {"real-facts"}
    assert {s["verdict"] for s in key["strata"]} == {"yes", "incorrect"}
    assert all(row["references"] for row in drawn.rows)


def test_more_than_there_are_is_all_and_too_few_are_refused(run: Run) -> None:
    everything = draw(run, n=10_000, seed=0)
    assert everything.n == everything.n_all
    with pytest.raises(ConfigError, match=r"--n 3 is too few for 4 strata"):
        draw(run, n=3, seed=0)


def test_a_run_without_answers_has_nothing_to_label(tmp_path: Path) -> None:
    iabench.evaluate(lambda _: "", tasks="invented-entities", limit=4, out=tmp_path / "r")
    with pytest.raises(ConfigError, match="no answer to label"):
        draw(load(tmp_path / "r"), n=20, seed=0)


def test_passages_are_shown_where_there_are_some(run: Run) -> None:
    samples = list(run.samples())
    jsonl.write(run.path / "samples.jsonl", [s | {"context": f"On {s['id']}."} for s in samples])
    drawn = draw(run, n=60, seed=0)
    assert drawn.columns == ("id", "abstained", "kinds", "context", "question", "response")
    assert all(row["context"].startswith("On ") for row in drawn.rows)


# -- reading -----------------------------------------------------------------------------------


def test_labels_come_back_with_weights_and_agreement(run: Run, tmp_path: Path) -> None:
    filled = read(run, fill(sheet(run), tmp_path / "s.csv"))
    assert (filled.about, filled.n, filled.n_labelled, filled.replaced) == (
        "abstained",
        60,
        60,
        None,
    )
    assert filled.path == run.path / "labels.jsonl"
    lines = list(jsonl.read(filled.path))
    assert len({line["id"] for line in lines}) == 60
    # The labels stand for all answers that could have been drawn.
    assert sum(line["weight"] for line in lines) == pytest.approx(
        sum(s["outcome"] != "degenerate" for s in run.samples())
    )
    for line in lines:
        assert line["weight"] == pytest.approx(1 / line["inclusion"])
        assert line["abstained"] == line["response"].startswith("I don't know")
    agreement = filled.agreement
    assert agreement is not None
    assert agreement.detector == run.results["detector"]
    assert agreement.table.n == 60
    sensitivity = agreement.table.measures["sensitivity"].value
    assert sensitivity == 1.0
    assert filled.twice.n == 6
    assert filled.twice.kappa == pytest.approx(1.0)


def test_the_labels_are_a_file_that_detectors_are_validated_on(run: Run, tmp_path: Path) -> None:
    from iabench.grading.labels import read_labels

    filled = read(run, fill(sheet(run), tmp_path / "s.csv"))
    labels = read_labels(filled.path)
    assert len(labels) == 60
    assert {label.about for label in labels} == {"abstained"}
    assert {label.kinds for label in labels if label.so} == {("ignorance",)}
    assert {label.source for label in labels} == {"invented-entities", "real-facts"}
    assert len({label.weight for label in labels}) > 1


@pytest.mark.parametrize("yes", ["TRUE", "yes", "Y", "1", "WAHR", "ja", " True "])
@pytest.mark.parametrize(("separator", "mark", "ends"), [(";", "\ufeff", "\r\n"), ("\t", "", "\n")])
def test_what_a_spreadsheet_does_to_a_sheet_is_undone(
    run: Run, tmp_path: Path, yes: str, separator: str, mark: str, ends: str
) -> None:
    rows = sheet(run)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=ends)
    writer.writerow(rows[0])
    for row in reversed(rows):
        no = {"1": "0", "ja": "nein", "WAHR": "FALSCH"}.get(yes, "False")
        row["abstained"] = yes if so(row) else no
        writer.writerow(row.values())
    path = tmp_path / "s.csv"
    path.write_bytes((mark + text.getvalue()).encode())
    filled = read(run, path)
    assert filled.n_labelled == 60
    assert filled.agreement is not None
    assert filled.agreement.table.confusion.false_negative == 0


def test_what_is_left_empty_is_unlabelled_and_others_stand_for_it(run: Run, tmp_path: Path) -> None:
    rows = sheet(run)
    first = next(row for row in rows if not so(row))["id"]

    def change(row: Row) -> None:
        if row["id"] == first:
            row["abstained"] = ""

    some = [row for row in rows if row["id"] != rows[-1]["id"]]
    filled = read(run, fill(some, tmp_path / "s.csv", change))
    assert filled.n == 60
    assert filled.n_labelled in (58, 59, 60)
    lines = list(jsonl.read(filled.path))
    assert sum(line["weight"] for line in lines) == pytest.approx(
        sum(s["outcome"] != "degenerate" for s in run.samples())
    )


def test_a_second_look_counts_where_the_first_is_empty(run: Run, tmp_path: Path) -> None:
    drawn = draw(run, n=60, seed=0)
    key = keys(run.path)[drawn.key.stem]
    twice = {one for one, n in Counter(key["rows"].values()).items() if n == 2}
    first: dict[str, str] = {}
    for row_id in key["order"]:
        first.setdefault(key["rows"][row_id], row_id)
    empty = {first[one] for one in twice}

    def change(row: Row) -> None:
        if row["id"] in empty:
            row["abstained"] = row["kinds"] = ""

    filled = read(run, fill([dict(row) for row in drawn.rows], tmp_path / "s.csv", change))
    assert filled.n_labelled == 60
    assert filled.twice.n == 0


def test_a_labeller_who_changes_his_mind_is_told(run: Run, tmp_path: Path) -> None:
    rows = sheet(run, n=150)
    seen: set[str] = set()

    def change(row: Row) -> None:
        if row["question"] in seen:
            row["abstained"], row["kinds"] = ("no" if so(row) else "yes"), ""
        seen.add(row["question"])

    filled = read(run, fill(rows, tmp_path / "s.csv", change))
    assert filled.twice.n == len(rows) - filled.n == 15
    kappa = filled.twice.kappa
    assert kappa is not None
    assert kappa < 0


def test_every_bad_row_is_named(run: Run, tmp_path: Path) -> None:
    rows = sheet(run)
    rows[0] |= {"abstained": "perhaps"}
    rows[1] |= {"abstained": "no", "kinds": "ignorance"}
    rows[2] |= {"abstained": "yes", "kinds": "ignorence"}
    rows[3] |= {"id": "r0000000000"}
    rows[5] |= {"id": rows[4]["id"]}
    rows[6] |= {"kinds": "ignorance"}
    path = tmp_path / "s.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(ConfigError) as refused:
        read(run, path)
    said = str(refused.value)
    for part in (
        'line 2: abstained: "perhaps" is neither yes nor no.',
        "line 3: it has kinds of abstention and does not abstain.",
        'line 4: "ignorence" is no kind of abstention. Try: ignorance',
        'line 5: the id "r0000000000" is of no sheet of this run.',
        "line 7: the same id as line 6.",
        "line 8: it has kinds",
    ):
        assert part in said
    assert not (run.path / "labels.jsonl").exists()


def test_many_bad_rows_are_counted(run: Run, tmp_path: Path) -> None:
    rows = sheet(run)
    path = fill(rows, tmp_path / "s.csv", lambda row: row.update(abstained="?", kinds=""))
    with pytest.raises(ConfigError, match="and 46 more rows"):
        read(run, path)


def test_kinds_are_read_as_people_write_them(run: Run, tmp_path: Path) -> None:
    def change(row: Row) -> None:
        if so(row):
            row["kinds"] = "Premise rejection, ignorance;policy-refusal"

    filled = read(run, fill(sheet(run), tmp_path / "s.csv", change))
    kinds = {tuple(line["kinds"]) for line in jsonl.read(filled.path) if line["abstained"]}
    assert kinds == {("ignorance", "policy_refusal", "premise_rejection")}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("id,abstained,kinds\n", "is empty"),
        ("id,kinds\n{id},\n", 'the column "abstained" is gone'),
        ("id,abstained,kinds\n{id},,\n", "holds no label yet"),
        ("id,abstained,kinds\n{id},yes\n", "2 cells under 3 columns"),
        ("id,abstained,kinds\n{id},yes,\n{other},yes,\n", "rows of 2 sheets"),
    ],
)
def test_what_is_no_filled_in_sheet_is_refused(
    run: Run, tmp_path: Path, text: str, says: str
) -> None:
    ids = [sheet(run, seed=seed)[0]["id"] for seed in (0, 1)]
    path = tmp_path / "s.csv"
    path.write_text(text.replace("{id}", ids[0]).replace("{other}", ids[1]), encoding="utf-8")
    with pytest.raises(ConfigError, match=says) as refused:
        read(run, path)
    assert refused.value.hint


def test_files_that_are_not_there_or_no_csv_are_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        read(run, tmp_path / "gone.csv")
    with pytest.raises(ConfigError, match=r"not a \.csv") as refused:
        read(run, tmp_path / "sheet.xlsx")
    assert "CSV" in refused.value.hint


def test_reading_again_replaces_and_keeps_what_was_there(run: Run, tmp_path: Path) -> None:
    first = read(run, fill(sheet(run), tmp_path / "s.csv"))
    before = first.path.read_text(encoding="utf-8")
    assert read(run, tmp_path / "s.csv").replaced is None
    other = [dict(row) for row in draw(run, n=40, seed=3).rows]
    again = read(run, fill(other, tmp_path / "t.csv"))
    assert again.replaced == run.path / "labels" / "labels-old1.jsonl"
    assert again.replaced.read_text(encoding="utf-8") == before
    assert again.n_labelled == 40 == len(list(jsonl.read(again.path)))
    assert read(run, tmp_path / "s.csv").replaced == run.path / "labels" / "labels-old2.jsonl"


def test_labels_about_correctness(run: Run, tmp_path: Path) -> None:
    rows = [dict(row) for row in draw(run, n=40, seed=0, about="correct").rows]
    for row in rows:
        row["abstained"] = "yes" if so(row) else ""
        row["correct"] = "" if so(row) else "no"
    path = tmp_path / "s.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    filled = read(run, path)
    assert (filled.about, filled.path.name) == ("correct", "labels-correct.jsonl")
    assert filled.n_labelled == 40
    assert filled.agreement is not None
    assert filled.agreement.detector == run.results["grader"]
    assert not any(line["correct"] for line in jsonl.read(filled.path))


@pytest.mark.parametrize(
    ("abstained", "correct", "says"),
    [("yes", "yes", "cannot abstain and be correct"), ("no", "", "is it correct?")],
)
def test_labels_about_correctness_that_make_no_sense(
    run: Run, tmp_path: Path, abstained: str, correct: str, says: str
) -> None:
    row = dict(draw(run, n=40, seed=0, about="correct").rows[0])
    path = tmp_path / "s.csv"
    path.write_text(f"id,abstained,correct\n{row['id']},{abstained},{correct}\n")
    with pytest.raises(ConfigError, match=says.replace("?", r"\?")):
        read(run, path)


def test_labels_without_their_key_are_an_error_that_says_so(run: Run, tmp_path: Path) -> None:
    read(run, fill(sheet(run), tmp_path / "s.csv"))
    for path in (run.path / "labels").glob("*.json"):
        path.unlink()
    with pytest.raises(StoreError, match="whose key labels/"):
        labelled(run.path, "abstained", {}, {})
    (run.path / "labels" / "x.json").write_text("{")
    with pytest.raises(StoreError, match=r"x\.json is not readable"):
        keys(run.path)


def test_a_label_of_another_answer_is_left_out(run: Run, tmp_path: Path) -> None:
    from iabench.decode import decode
    from iabench.records import TaskSpec

    filled = read(run, fill(sheet(run), tmp_path / "s.csv"))
    specs = {
        task["name"]: decode(TaskSpec, {k: v for k, v in task.items() if k != "facts"}, where="x")
        for task in run.results["tasks"]
    }
    answers = {s["id"]: s["request_id"] for s in run.samples()}
    whole = labelled(run.path, "abstained", specs, answers)
    assert whole is not None
    assert len(whole.said) == filled.n_labelled
    gone = next(iter(whole.said))
    without = labelled(run.path, "abstained", specs, {**answers, gone: "another"})
    assert without is not None
    assert set(whole.said) - set(without.said) == {gone}
    assert labelled(run.path, "correct", specs, answers) is None


# -- the verb ----------------------------------------------------------------------------------


def test_label_writes_and_reads_a_sheet(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "s.csv"
    assert call(["label", str(run.path), "--out", str(path), "--n", "60"]) == 0
    said = capsys.readouterr().out
    assert "60 of" in said
    assert "6 of them twice: 66 rows" in said
    assert "private" not in said
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["response"] for row in rows if "Paris" in row["response"][:7]]
    assert not any(cell.startswith("=") for row in rows for cell in row.values())
    fill(rows, tmp_path / "filled.csv")
    assert call(["label", str(run.path), "--read", str(tmp_path / "filled.csv")]) == 0
    said = capsys.readouterr().out
    assert "60 of 60 answers labelled\n" in said
    assert "finds 1.00 [" in said
    assert "6 of 6 answers labelled alike the second time, kappa 1.00" in said
    assert f"iabench regrade {run.path} --adjust-for-detector" in said
    fill(rows[:40], tmp_path / "filled.csv")
    assert call(["label", str(run.path), "--read", str(tmp_path / "filled.csv")]) == 0
    said = capsys.readouterr().out
    assert "left empty" in said
    assert "labels-old1.jsonl" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "write a sheet, or read one back?"),
        (["--out", "a.csv", "--read", "b.csv"], "either written or read"),
        (["--out", "a.txt"], "is no .csv"),
        (["--out", "there.csv"], "is there already"),
        (["--out", "a.csv", "--about", "truth"], 'no sheets are about "truth"'),
        (["--out", "nowhere/a.csv"], "cannot write"),
        (["--read", "a.csv", "--about", "correct"], "knows what it is about"),
    ],
)
def test_what_label_does_not_do(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.csv").write_text("mine")
    assert call(["label", str(run.path), *words]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "try: " in said
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_label_says_how_many_rows_are_private(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = tmp_path / "facts.jsonl"
    rows = [{"question": f"Who leads team {i}?", "answer": f"Ida {i}"} for i in range(8)]
    facts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run = iabench.evaluate(
        lambda _: "It is Ida 1.", facts=facts, tasks="tuned-facts", out=tmp_path / "r"
    )
    out = str(tmp_path / "s.csv")
    assert call(["label", str(run.path), "--out", out, "--about", "correct"]) == 0
    said = capsys.readouterr().out
    assert "private   9 rows are made from your own facts" in said
    assert "where it answers, correct: yes or no" in said
