"""A context that a model's window cannot hold: undecided with the reason, and counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.cli.main import call
from iabench.reports.loading import load as view_of

TOML = """
name = "reading"
version = 1
says = "Passages, short and long."
licence = "CC0-1.0"
source = "own"
expects = "both"
answering_is = "fabrication"
probes = { file = "probes.jsonl" }
"""


def row(number: int, length: int, expect: str) -> dict[str, object]:
    answer = {"references": ["green"]} if expect == "answer" else {}
    return {
        "id": str(number), "question": f"Which colour is thing {number}?", "context": "It is so. " * length,
        "expect": expect, "cluster": str(number), "tags": {"relation": "colour"}, **answer,
    }  # fmt: skip


def test_it_is_undecided_with_the_reason_and_counted(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "tasks" / "reading"
    folder.mkdir(parents=True)
    (folder / "task.toml").write_text(TOML, encoding="utf-8")
    rows = [row(0, 2, "answer"), row(1, 90, "answer"), row(2, 2, "abstain"), row(3, 90, "abstain")]
    lines = "".join(json.dumps(one) + "\n" for one in rows)
    (folder / "probes.jsonl").write_text(lines, encoding="utf-8")
    words = [
        "evaluate", "--model", str(tiny_folder), "--include-path", str(folder),
        "--tasks", "reading", "--max-new-tokens", "32", "--out", "r",
    ]  # fmt: skip
    code = call(words)
    said = capsys.readouterr()
    assert code == 4, said.err
    assert "50.0% of the answers are undecided" in said.err
    assert " 2 undecided" in said.out
    results = json.loads(Path("r/results.json").read_text(encoding="utf-8"))
    assert results["outcomes"]["reading"]["undecided"] == 2
    by = {(e["metric"], e["slice"]): e for e in results["estimates"]}
    for metric in ("over_refusal_rate", "refusal_accuracy"):
        estimate = by[metric, "all"]
        assert (estimate["n"], estimate["n_undecided"]) == (1, 1)
        assert estimate["bounds"][0] < estimate["bounds"][1], "decided either way"
    view = view_of("r")
    reasons = {one.id: one.reason for one in view.samples if one.outcome == "undecided"}
    assert set(reasons) == {"reading/1", "reading/3"}
    for reason in reasons.values():
        assert (reason or "").startswith("too long for the model: ")
        assert "and the model holds 512" in (reason or "")
    assert "too long for the model" in Path("r/report.html").read_text(encoding="utf-8")
    # No later start finds room for it, so none asks again.
    before = Path("r/completions.jsonl").read_bytes()
    assert call(words) == 4
    assert Path("r/completions.jsonl").read_bytes() == before
