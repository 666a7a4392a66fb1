"""`iabench compare` in this process: what is asked, what is found, gates and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iabench.cli.main import call
from iabench.runs.run import load


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IABENCH_RUNS", raising=False)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.fixture
def iabench(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(line: str, *more: str) -> tuple[int, str, str]:
        code = call([*line.split(), *more])
        out, err = capsys.readouterr()
        return code, out, err

    return run


MODELS = "--backend scripted --tasks quick -L 20"


def test_models_are_asked_first_and_found_the_second_time(iabench: Any) -> None:
    code, out, err = iabench(f"compare oracle always-answer shape {MODELS}")
    assert code == 0
    assert out.count("THIS TUNING TAUGHT THE MODEL TO MAKE THINGS UP") == 2
    assert err.count("asks 60 questions") == 3
    code, out, err = iabench(f"compare oracle always-answer {MODELS}")
    assert code == 0
    assert err.count("found  runs/") == 2
    (page,) = Path("runs/compare").glob("oracle--always-answer-*.html")
    assert f" page   {page}" in out
    for suffix in (".json", ".csv", ".md"):
        assert page.with_suffix(suffix).exists()


def test_runs_and_json(iabench: Any) -> None:
    iabench("evaluate --model oracle --out a", *MODELS.split())
    iabench("evaluate --model always-answer --out b", *MODELS.split())
    code, out, _ = iabench("compare a b --json --html c.html")
    made = json.loads(out)
    assert (code, made["n_paired"]) == (0, 60)
    assert made["transitions"]["invented-entities"] == {"abstained>hallucinated": 20}
    assert Path("c.html").exists()
    # Without a second one it is the last run.
    assert json.loads(iabench("compare a --json")[1])["differences"] == made["differences"]


def test_beside_a_run_a_model_is_asked_the_same(iabench: Any) -> None:
    iabench("evaluate --model oracle --out a --seed 3 --max-new-tokens 64", *MODELS.split())
    code, _, err = iabench("compare a always-answer --backend scripted")
    assert (code, "asks 60 questions" in err) == (0, True)
    (folder,) = Path("runs/always-answer").glob("quick-*")
    held = load(folder).about["asked"]
    assert (held["seed"], held["limit"], held["max_new_tokens"]) == (3, 20, 64)


def test_gates(iabench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    lost = f"compare oracle always-answer {MODELS}"
    same = f"compare oracle oracle {MODELS}"
    code, _, err = iabench(f"{lost} --fail-if-worse refusal_accuracy:0.05")
    assert code == 3
    assert "crossed: refusal_accuracy worse by more than 0.05: yes, -1.000" in err
    assert "crossed&#58; refusal\\_accuracy worse by more" in summary.read_text()
    assert iabench(f"{same} --fail-if-worse refusal_accuracy:0.3")[0] == 0
    code, _, err = iabench(f"{same} --fail-if-worse refusal_accuracy:0.01")
    assert (code, "cannot tell with 40 pairs" in err) == (0, True)
    assert iabench(f"{same} --fail-if-worse refusal_accuracy:0.01 --strict")[0] == 3
    assert iabench(same, "--require", "accuracy >= 0.9")[0] == 0
    assert iabench(lost, "--require", "accuracy >= 0.9")[0] == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--fail-if-worse", "refusal_acuracy:0.05"], 'no metric "refusal_acuracy".\ntry: refusal'),
        (["--fail-if-worse", "refusal_accuracy"], "is no METRIC:TOLERANCE"),
        (["--require", "accuracy is good"], "is no condition"),
    ],
)
def test_bad_gates_are_refused_before_a_model_is_asked(
    iabench: Any, words: list[str], says: str
) -> None:
    code, out, err = iabench(f"compare oracle shape {MODELS}", *words)
    assert (code, out) == (2, "")
    assert says in err
    assert not Path("runs").exists()


def test_runs_that_cannot_be_paired(iabench: Any) -> None:
    iabench("evaluate --model oracle --out a", *MODELS.split())
    iabench("evaluate --model oracle --out b --seed 42", *MODELS.split())
    code, out, err = iabench("compare a b")
    assert (code, out) == (2, "")
    assert "iabench: not the same questions: seed 0 in a, seed 42 in b.\n" in err
    assert (
        "try: --tasks real-facts (the part they share), or: iabench evaluate -C b/run.json" in err
    )
    assert iabench("compare a b --tasks real-facts")[0] == 0
    assert iabench("compare a b --pair-anyway")[0] == 0


def test_nothing_to_compare_with(iabench: Any) -> None:
    code, _, err = iabench("compare oracle --backend scripted")
    assert (code, "no run yet" in err) == (2, True)
