"""Published error rates: fresh, and read the same way as a table of one's own."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import ConfigError
from iabench.grading import error_rates as published
from iabench.grading.error_rates import MODEL_FREE, error_rates, measure, read_error_rates, shipped
from iabench.grading.labels import labels_digest, own_labels
from iabench.records import RunSpec

AGAIN = "make it anew: python -m iabench.grading.error_rates"
COUNTS = ("true_positive", "false_positive", "true_negative", "false_negative", "undecided")


def tables() -> dict[tuple[str, str], dict[str, Any]]:
    found = json.loads(published.PUBLISHED.read_text(encoding="utf-8"))["tables"]
    return {(table["detector"], table["about"]): table for table in found}


def test_what_is_published_is_what_the_shipped_detectors_do() -> None:
    made = {}
    for judge in shipped():
        with closing(judge):
            table = json.loads(json.dumps(measure(judge)))
            made[judge.id, table["about"]] = table
    there = tables()
    # Names alone are compared first: a table in full would fill the screen.
    assert made.keys() == there.keys(), AGAIN
    assert [name for name, table in made.items() if table != there[name]] == [], AGAIN


def test_a_table_counts_every_response_of_the_test_half_once() -> None:
    for (_, about), table in tables().items():
        labels = own_labels(about, "test")  # type: ignore[arg-type]
        assert table["labels"]["digest"] == labels_digest(labels)
        sums = [sum(counts) for counts in zip(*table["families"].values(), strict=True)]
        assert sums == [table["confusion"][name] for name in COUNTS]
        assert sum(sums) == table["n"] == len(labels)
        assert table["families"].keys() == {label.family for label in labels}
        assert set(table["strata"]) == {"kind", "language"}


def test_published_rates_by_id() -> None:
    (table, *_) = [t for t in tables().values() if t["about"] == "abstained"]
    rates = error_rates(table["detector"])
    assert rates is not None
    assert rates.labels == table["labels"]["digest"]
    assert rates.sensitivity.value == table["sensitivity"]["value"]
    # Families are pieces of evidence: worth less than the responses, more than a few.
    assert 50 < rates.sensitivity.n < table["sensitivity"]["n"]
    assert rates.admission is not None
    assert rates.admission[1].value == table["admission"]["specificity"]["value"]
    assert error_rates("lexical@0") is None
    assert error_rates("match@2", "abstained") is None
    grader = next(t for t in tables().values() if t["about"] == "correct")
    of_grader = error_rates(grader["detector"], "correct")
    assert of_grader is not None
    assert of_grader.admission is None


def test_detectors_that_are_not_installed_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"abstained": ("lexical", "gone"), "correct": ()}
    monkeypatch.setattr(published, "MODEL_FREE", names)
    assert [judge.id.partition("@")[0] for judge in shipped()] == ["lexical"]


def test_without_a_table_nothing_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "PUBLISHED", tmp_path / "none.json")
    published._published.cache_clear()
    assert error_rates("lexical@1") is None
    published._published.cache_clear()


def test_the_command_writes_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(published, "PUBLISHED", tmp_path / "rates.json")
    monkeypatch.setattr(published, "MODEL_FREE", {"abstained": (), "correct": ("f1",)})
    published.main()
    assert capsys.readouterr().out == "f1@1\n"
    (table,) = tables().values()
    assert (table["detector"], table["about"]) == ("f1@1", "correct")


@pytest.fixture
def table() -> dict[str, Any]:
    share = {"value": 0.8, "lo": 0.6687, "hi": 0.8875, "n": 60}
    return {
        "detector": "mine@1",
        "about": "abstained",
        "level": 0.95,
        "labels": {"name": "mine.csv", "digest": "d" * 64},
        "n": 120,
        "n_undecided": 0,
        "sensitivity": share,
        "specificity": share,
        "admission": None,
    }


def test_a_table_of_ones_own_is_read(tmp_path: Path, table: dict[str, Any]) -> None:
    path = tmp_path / "rates.json"
    path.write_text("\ufeff" + json.dumps(table), encoding="utf-8")
    rates = read_error_rates(path)
    assert (rates.detector, rates.name, rates.n, rates.admission) == (
        "mine@1",
        "mine.csv",
        120,
        None,
    )
    # Wilson's 95 % interval of .8 over 50 is [.6687, .8875].
    assert rates.specificity.n == pytest.approx(50, rel=0.01)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"about": "correct"}, "about a grader"),
        ({"sensitivity": {"value": None, "lo": None, "hi": None, "n": 0}}, "lacks sensitivity"),
        ({"labels": None}, "lacks sensitivity"),
    ],
)
def test_a_table_that_cannot_correct_is_refused(
    tmp_path: Path, table: dict[str, Any], change: dict[str, Any], says: str
) -> None:
    path = tmp_path / "rates.json"
    path.write_text(json.dumps({**table, **change}), encoding="utf-8")
    with pytest.raises(ConfigError, match=says) as refused:
        read_error_rates(path)
    assert refused.value.hint


@pytest.mark.parametrize("text", ["[]", "{}", "{", ""])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rates.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=str(path)):
        read_error_rates(path)
    with pytest.raises(ConfigError, match="none.json"):
        read_error_rates(tmp_path / "none.json")


def test_every_shipped_name_opens_from_a_bare_run() -> None:
    names = {judge.id.partition("@")[0] for judge in shipped()}
    assert (
        {"lexical", "match", "f1", "rouge"} <= names <= {n for v in MODEL_FREE.values() for n in v}
    )
    assert RunSpec(model="").judge is None
