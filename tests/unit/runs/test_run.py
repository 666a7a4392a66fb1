"""A run as Python sees it: its sentence, its samples, its table."""

from __future__ import annotations

from pathlib import Path

from iabench.reports import words
from iabench.reports.loading import load as view
from iabench.runs.counts import Counts
from iabench.runs.run import load
from tests.unit.reports.report_runs import build


def test_the_verdict_is_the_sentence_of_the_page(tmp_path: Path) -> None:
    for model in ("careful", "inventive", "timid"):
        folder = build(tmp_path / model, model)
        run = load(folder)
        assert run.verdict.text == words.reading(view(folder)).text
        assert run.verdict.tone == words.reading(view(folder)).tone
        assert str(run.verdict) in repr(run)
        assert run.verdict.text.replace("'", "&#x27;") in run._repr_html_()


def test_a_run_in_which_nothing_is_decided(tmp_path: Path) -> None:
    from tests.unit.reports.report_runs import samples

    lines = [line | {"outcome": "undecided"} for line in samples("careful", {"real-facts": 3})]
    run = load(build(tmp_path / "run", lines=lines))
    assert run.verdict.text == "No question has an outcome, so nothing can be said."
    assert len(run.samples(outcome="undecided")) == 3


def test_counts_are_read_and_summed() -> None:
    found = Counts.read([{"n": 3, "correct": 1, "abstained": 2}, {"correct": 4, "later": 9}])
    assert (found.correct, found.abstained, found.n) == (5, 2, 7)
