"""A study as Python sees it, and load(): whatever lies at a path."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import iabench
from iabench.errors import StatsError, StoreError

BOARD = Path(__file__).parents[3] / "leaderboards" / "organism-seat"


@pytest.fixture
def study(tmp_path: Path) -> iabench.Study:
    folder = tmp_path / "study"
    asked = folder / "cells" / "seat" / "1-model-2" / "asked"
    asked.mkdir(parents=True)
    shutil.copyfile(BOARD / "study.json", folder / "study.json")
    lines = [{"id": "a/0", "outcome": "hallucinated"}, {"id": "a/1", "outcome": "abstained"}]
    (asked / "samples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = iabench.load(folder)
    assert isinstance(found, iabench.Study)
    return found


def test_it_says_what_it_shows(study: iabench.Study) -> None:
    assert study.rows[0]["method"] == "base"
    assert study["seat"]["refusal_accuracy"]["mean"] is not None
    assert "I don't know" in study.verdict
    assert study.verdict in repr(study)
    shown = study._repr_html_()
    assert shown.count("<tr>") == len(study.rows) + 1
    assert "<th>seat</th>" in shown
    frame = study.to_pandas().set_index("method")
    assert frame.loc["seat", "accuracy"] == study["seat"]["accuracy"]["mean"]
    assert frame.loc["seat", "accuracy_sd"] == study["seat"]["accuracy"]["sd"]
    assert [one["id"] for one in study.samples(outcome="hallucinated")] == ["a/0"]
    assert study.samples(method="seat", seed=1, model=2)[1]["outcome"] == "abstained"
    with pytest.raises(StatsError, match='no method "seatt"'):
        study["seatt"]


def test_what_is_no_study_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("")
    with pytest.raises(StoreError, match="holds no finished study"):
        iabench.load(tmp_path)
    (tmp_path / "study.json").write_text("{")
    with pytest.raises(StoreError, match="is not readable"):
        iabench.load(tmp_path)
    (tmp_path / "study.json").write_text('{"schema_version": 99}')
    with pytest.raises(StoreError, match="newer iabench"):
        iabench.load(tmp_path)


def test_runs_and_comparisons_load_too(tmp_path: Path) -> None:
    from iabench.reports.compared.write import write

    paths = [
        iabench.evaluate(name, backend="scripted", tasks="quick", limit=4, out=tmp_path / name).path
        for name in ("oracle", "shape")
    ]
    made = iabench.compare(*paths, tasks="real-facts")
    write(made, tmp_path / "c.html")
    assert isinstance(iabench.load(paths[0]), iabench.Run)
    for name in ("c.html", "c.json"):
        again = iabench.load(tmp_path / name)
        assert isinstance(again, iabench.Comparison)
        assert again.to_json() == made.to_json()
    for name, says in (("none.json", "no comparison at"), ("shape/run.json", "is no comparison")):
        with pytest.raises(StoreError, match=says):
            iabench.load(tmp_path / name)
    with pytest.raises(StoreError, match="holds no run"):
        iabench.load(tmp_path)
