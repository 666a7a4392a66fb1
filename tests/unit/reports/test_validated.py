from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.errors import StoreError
from iabench.grading.error_rates import PUBLISHED
from iabench.reports.validated import by_labels, by_table
from tests.unit.reports.judge_files import asked, label, rates, said


def test_published_rates_are_those_that_ship(tmp_path: Path) -> None:
    tables = json.loads(PUBLISHED.read_text(encoding="utf-8"))["tables"]
    wanted = next(one for one in tables if one["about"] == "abstained")
    found = by_table(tmp_path, wanted["detector"], "abstained")
    assert found is not None
    assert found.whose == "published"
    assert found.n == wanted["n"]
    assert found.sensitivity.value == wanted["sensitivity"]["value"]
    assert found.specificity.lo == wanted["specificity"]["lo"]
    assert {one.name for one in found.kinds} == set(wanted["strata"]["kind"])
    assert {one.name for one in found.languages} == set(wanted["strata"]["language"])
    assert by_table(tmp_path, wanted["detector"], "correct") is None
    assert by_table(tmp_path, "unheard-of@1", "abstained") is None


def test_the_runs_own_table_comes_first_if_it_is_of_this_judge(tmp_path: Path) -> None:
    (tmp_path / "error_rates.json").write_text(json.dumps(rates()))
    found = by_table(tmp_path, "lexical@2", "abstained")
    assert found is not None
    assert (found.whose, found.labels, found.n) == ("own", "mine.jsonl", 300)
    by_name = {one.name: one for one in found.kinds}
    assert by_name["policy_refusal"].sensitivity.value == 0.5
    assert by_name["policy_refusal"].specificity.value is None
    assert by_table(tmp_path, "unheard-of@1", "abstained") is None


@pytest.mark.parametrize("text", ["{", "[]", '{"detector": "lexical@2", "about": "abstained"}'])
def test_a_table_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "error_rates.json").write_text(text)
    with pytest.raises(StoreError, match=r"error_rates\.json is no table"):
        by_table(tmp_path, "lexical@2", "abstained")


def test_labels_of_the_run_weigh_as_they_were_drawn(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    verdicts = {line["request_id"]: said(line) for line in lines}
    yes = [key for key, value in verdicts.items() if value is True][:3]
    no = [key for key, value in verdicts.items() if value is False][:10]
    # One abstention was overlooked; one answer taken for an abstention.
    so = dict.fromkeys((*yes[1:], no[0]), True) | dict.fromkeys((yes[0], *no[1:]), False)
    label(folder, lines, so)
    rows = [json.loads(text) for text in (folder / "labels.jsonl").read_text().splitlines()]
    for row in rows:
        row["weight"] = 10.0 if row["request_id"] == no[0] else 1.0
    rows.append(rows[0] | {"request_id": "of-an-answer-that-is-gone"})
    (folder / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = by_labels(folder, "lexical@2", "abstained", verdicts, 0.95)
    assert found is not None
    assert found.whose == "run"
    assert (found.n, found.n_undecided) == (13, 0)
    assert found.sensitivity.value == pytest.approx(2 / 12)
    assert found.specificity.value == pytest.approx(9 / 10)
    assert found.sensitivity.lo is not None
    assert found.sensitivity.hi is not None
    assert found.sensitivity.lo < 2 / 12 < found.sensitivity.hi


def test_what_was_not_decided_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    label(folder, lines, {"q0": True, "q1": False})
    found = by_labels(folder, "lexical@2", "abstained", {"q0": None, "q1": None}, 0.95)
    assert found is not None
    assert (found.n, found.n_undecided, found.sensitivity.value) == (2, 2, None)
    assert by_labels(folder, "lexical@2", "abstained", {}, 0.95) is None
    assert by_labels(folder, "match@1", "correct", {"q0": True}, 0.95) is None


def test_a_line_that_is_no_label_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "labels.jsonl").write_text('{"request_id": "q0", "weight": 1}\n')
    with pytest.raises(StoreError, match=r"labels\.jsonl holds a line"):
        by_labels(tmp_path, "lexical@2", "abstained", {"q0": True}, 0.95)
