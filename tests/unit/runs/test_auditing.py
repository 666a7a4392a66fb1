"""Probes for a human look, on runs of functions that answer as they are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.cli.main import call
from iabench.errors import ConfigError, StoreError
from iabench.runs.auditing import audit

TASK = """
import iabench

def rows(spec):
    asked = [("a", "Who wrote Emma?", "answer", ["Jane Austen"]),
             ("b", "Who wrote Ulysses?", "answer", ["James Joyse"]),
             ("c", "Who wrote Emba?", "abstain", [])]
    return iabench.task("books", [
        {"id": i, "question": q, "expect": e, "references": r, "cluster": i,
         "tags": {"relation": "author"}} for i, q, e, r in asked
    ], says="Books.", licence="CC0-1.0", source="own", answering_is="fabrication")
"""


def run_of(folder: Path, name: str, answers: dict[str, str], task: str = TASK) -> Path:
    def model(messages: list[dict[str, str]]) -> str:
        return answers[messages[-1]["content"].split()[-1]]

    model.__name__ = name
    file = folder / "books.py"
    file.write_text(task)
    iabench.evaluate(model, tasks=f"{file}::rows", out=folder / name)
    return folder / name


def test_what_models_agree_on_and_nobody_gets_right(tmp_path: Path, capsys: Any) -> None:
    said = {"Emma?": "Jane Austen.", "Ulysses?": "Homer.", "Emba?": "Ann Rill."}
    runs = [run_of(tmp_path, f"m{n}", {**said, "Emma?": f"Author {n}"}) for n in range(2)]
    # One answer, said otherwise.
    right = run_of(tmp_path, "m2", {**said, "Ulysses?": "It is Homer."})
    (only,) = {one.why for one in audit(runs)}
    assert only == "nobody-right"
    found = {(one.why, one.probe_id, one.answer) for one in audit([*runs, right])}
    assert found == {
        ("same-answer", "books/b", "Homer."),
        ("nobody-right", "books/b", ""),
        ("same-answer", "books/c", "Ann Rill."),
    }
    # One run again is no further model.
    assert not any(one.why == "same-answer" for one in audit([runs[0], runs[1], runs[1]]))
    assert call(["tasks", "audit", *map(str, [*runs, right]), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3
    assert call(["tasks", "audit", *map(str, [*runs, right])]) == 0
    assert "3 to look at in 3 runs" in capsys.readouterr().out


def test_a_reference_that_reads_as_an_abstention_is_listed_though_not_asked(
    tmp_path: Path, capsys: Any
) -> None:
    said = {"Emma?": "Jane Austen.", "Ulysses?": "James Joyse.", "Emba?": "I don't know."}
    whole = run_of(tmp_path, "m0", said)
    assert not (whole / "left-out.jsonl").exists()
    evasive = TASK.replace('["Jane Austen"]', '["Nobody knows."]')
    assert evasive != TASK
    runs = [run_of(tmp_path, f"m{n}", said, evasive) for n in (1, 2)]
    assert len((runs[0] / "samples.jsonl").read_text("utf-8").splitlines()) == 2
    (found,) = audit(runs)
    assert (found.why, found.probe_id, found.answer) == ("abstention", "books/a", "Nobody knows.")
    assert (found.question, found.models) == ("Who wrote Emma?", ())
    assert call(["tasks", "audit", *map(str, runs)]) == 0
    assert "books/a   (not asked)" in capsys.readouterr().out


def test_what_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no runs to look at"):
        audit([])
    with pytest.raises(StoreError, match="holds no run"):
        audit([tmp_path])
