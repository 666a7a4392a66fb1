from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.errors import StoreError
from iabench.records import Estimate
from iabench.reports.loading import load
from iabench.runs.counts import Counts
from tests.unit.reports.report_runs import SIZES, build


def test_load_gives_what_the_folder_holds(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", "careful")
    results = json.loads((folder / "results.json").read_text())
    view = load(str(folder))
    assert view.path == folder
    assert view.headline == "organism"
    assert [card.spec.name for card in view.tasks] == list(SIZES)
    assert view.tasks[1].facts[0] == ("names", "drawn by hash, purpose report")
    assert view.total.n == sum(SIZES.values()) == len(view.samples)
    assert view.total == view.side("answer") + view.side("abstain")
    assert len(view.estimates) == len(results["estimates"])
    first = results["estimates"][0]
    first["bounds"] = tuple(first["bounds"])
    assert view.estimates[0] == Estimate(**first)
    assert view.estimate("accuracy") == view.estimate("accuracy", "organism")
    assert view.estimate("accuracy", "organism", "relation=capital") is None
    part = view.estimate("accuracy", "real-facts", "relation=capital")
    assert part is not None
    assert part.n < SIZES["real-facts"]
    assert view.samples[0].relation == "capital"
    assert view.run.model.n_parameters == 1_572_864
    assert view.run.asked.tasks == ("organism",)


def test_a_task_with_both_expectations_stands_on_both_sides(tmp_path: Path) -> None:
    view = load(build(tmp_path / "run", sizes={"organism-world": 20, "real-facts": 8}))
    assert [(task, counts.n) for task, counts in view.tasks_of("answer")] == [
        ("organism-world", 10),
        ("real-facts", 8),
    ]
    assert [(task, counts.n) for task, counts in view.tasks_of("abstain")] == [
        ("organism-world", 10)
    ]


def test_how_long_references_were_judged_is_said(tmp_path: Path) -> None:
    ways = {"qa": {"rouge1": 1}, "b": {"judge@2": 2, "must_say": 1}}
    view = load(build(tmp_path / "run", sizes={"real-facts": 4}, long_references=ways))
    assert view.remarks == (
        "qa: 1 long reference, judged: 1 by ROUGE-1 recall of at least 0.6",
        "b: 3 long references, judged: 1 by what must be said, 2 by judge@2",
    )


def test_counts_know_what_is_decided_and_what_is_wrong() -> None:
    counts = Counts(correct=1, incorrect=2, abstained=4, hallucinated=8, overreached=16,
                    degenerate=32, undecided=64)  # fmt: skip
    assert (counts.wrong, counts.decided, counts.n) == (26, 63, 127)
    assert (counts + counts).n == 254


@pytest.mark.parametrize("name", ["./acme-8b", "org/acme-8b", "/models/acme-8b/", "acme-8b"])
def test_the_name_is_the_last_part(tmp_path: Path, name: str) -> None:
    folder = build(tmp_path / "run", sizes={"real-facts": 4})
    run = json.loads((folder / "run.json").read_text())
    run["model"]["name"] = name
    (folder / "run.json").write_text(json.dumps(run))
    assert load(folder).name == "acme-8b"


def test_keys_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", sizes={"real-facts": 4}, later={"x": 1}, run={"later": 2})
    results = json.loads((folder / "results.json").read_text())
    results["estimates"][0]["later"] = 3
    results["tasks"][0]["later"] = 4
    (folder / "results.json").write_text(json.dumps(results))
    assert load(folder).total.n == 4


def test_turns_come_as_pairs_or_as_messages(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", sizes={"real-facts": 2})
    lines = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
    lines[0]["turns"] = [["user", "a"], ["assistant", "b"]]
    lines[1]["turns"] = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    (folder / "samples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    both = [sample.turns for sample in load(folder).samples]
    assert both == [(("user", "a"), ("assistant", "b"))] * 2


@pytest.mark.parametrize("name", ["run.json", "results.json", "samples.jsonl"])
def test_a_missing_file_is_named_with_what_to_type(tmp_path: Path, name: str) -> None:
    folder = build(tmp_path / "run", sizes={"real-facts": 4})
    (folder / name).unlink()
    with pytest.raises(StoreError, match=name) as caught:
        load(folder)
    assert caught.value.hint.startswith("iabench ")


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no run at"):
        load(tmp_path / "nothing")


@pytest.mark.parametrize("name", ["run.json", "results.json"])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"schema_version": 2}', "newer iabench"),
        ("{}", "no schema_version"),
        ("[]", "no JSON object"),
        ("{", "cannot read"),
    ],
)
def test_a_file_of_another_shape_is_refused(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    folder = build(tmp_path / "run", sizes={"real-facts": 4})
    (folder / name).write_text(text)
    with pytest.raises(StoreError, match=says) as caught:
        load(folder)
    assert name in caught.value.message
    assert caught.value.hint


def test_a_broken_field_names_file_and_key(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", sizes={"real-facts": 4})
    lines = (
        (folder / "samples.jsonl").read_text().replace('"outcome": "correct"', '"outcome": "fine"')
    )
    (folder / "samples.jsonl").write_text(lines)
    with pytest.raises(StoreError, match=r"samples\.jsonl, line 1: \"outcome\""):
        load(folder)
    folder = build(tmp_path / "other", sizes={"real-facts": 4}, outcomes={"real-facts": 3})
    with pytest.raises(StoreError, match="outcomes of real-facts"):
        load(folder)
