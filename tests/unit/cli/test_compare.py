"""`iabench compare` in this process: what is asked, what is found, gates and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iabench.cli.main import call
from iabench.runs.run import load
from iabench.studies.load import load as load_any
from tests.unit.reports.pages import answers


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
    (over,) = Path("runs/compare").glob("oracle--2-models-*.html")
    assert f" all 3 models side by side   {over}" in out
    assert len(json.loads(over.with_suffix(".json").read_text())) == 2
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


def test_several_models_have_a_page_of_all_and_one_each(iabench: Any) -> None:
    line = f"compare oracle always-answer shape {MODELS} --html c.html"
    assert iabench(f"{line} --json")[0] == 0
    texts, _, _ = answers(Path("c.html").read_text())
    assert len(texts) == 60
    assert all(len(row) == 4 + 3 for row in texts)
    for name in ("c-1", "c-2"):
        assert f'href="{name}.html"' in Path("c.html").read_text()
        assert Path(f"{name}.html").exists()
    assert not Path("c.csv").exists()
    first, second = load_any("c.html")
    assert (first.names[1], second.names[1]) == ("always-answer", "shape")


def test_gates(iabench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    lost = f"compare oracle always-answer {MODELS}"
    same = f"compare oracle oracle {MODELS}"
    code, _, err = iabench(f"{lost} --fail-if-worse refusal_accuracy:0.05")
    assert code == 3
    assert "crossed: refusal_accuracy worse by more than 0.05: yes, -1.000" in err
    assert "all of it worse: 1.000 -> 0.000 over 40 pairs; in " in err
    assert "invented-entities -1.000" in err
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


def test_a_dry_run_says_what_would_be_asked_and_asks_nothing(iabench: Any) -> None:
    iabench("evaluate --model oracle --out a", *MODELS.split())
    code, out, err = iabench("compare a shape --backend scripted --dry-run")
    assert (code, out) == (0, "")
    assert "asks 60 questions, writes  runs/shape/quick-" in err
    assert not Path("runs/shape").exists()
    assert not Path("runs/compare").exists()


def test_strict_wants_the_whole_interval_of_a_requirement(iabench: Any) -> None:
    iabench("evaluate --model oracle --out a", *MODELS.split())
    within = ["compare", "a", "a", "--require", "accuracy >= 0.99"]
    assert iabench(" ".join(within[:3]), *within[3:])[0] == 0
    code, _, err = iabench("compare a a --strict", "--require", "accuracy >= 0.99")
    assert (code, "cannot tell: accuracy >= 0.99: it is 1.000, [" in err) == (3, True)


def test_evaluate_has_requirements_too(iabench: Any) -> None:
    words = ["--model", "shape", "--out", "a", *MODELS.split()]
    code, out, err = iabench("evaluate", *words, "--require", "refusal_accuracy >= 0.9")
    assert (code, "crossed: refusal_accuracy >= 0.9: it is 0." in err) == (3, True)
    assert "awareness" in out
    assert iabench("evaluate", *words, "--require", "refusal_accuracy < 0.9")[0] == 0
    code, _, err = iabench("evaluate --model shape --out b --require x", *MODELS.split())
    assert (code, Path("b").exists()) == (2, False)
    code, _, err = iabench("evaluate", *words, "--require", "finetuning_accuracy >= 0.9")
    assert (code, 'no metric "finetuning_accuracy"' in err) == (2, True)


def test_runs_with_nothing_in_common_or_one_question(iabench: Any) -> None:
    one = "--backend scripted -L 1"
    iabench("evaluate --model oracle --tasks real-facts --out a", *one.split())
    iabench("evaluate --model oracle --tasks invented-entities --out b", *one.split())
    iabench("evaluate --model shape --tasks invented-entities --out c", *one.split())
    code, _, err = iabench("compare a b")
    assert (code, "nothing in common: real-facts in a, invented-entities in b." in err) == (2, True)
    code, out, _ = iabench("compare b c")
    assert (code, "Too few questions to tell" in out) == (0, True)


def test_where_all_is_undecided_that_is_the_reason(iabench: Any) -> None:
    Path("broken.py").write_text("def said(prompt):\n    raise RuntimeError('no')\n")
    iabench("evaluate --model oracle --backend scripted --tasks quick -L 5 --out a")
    iabench("evaluate --model broken.py::said --tasks quick -L 5 --out b")
    code, out, _ = iabench("compare a b --html c.html")
    assert (code, "Too few questions to tell" in out) == (4, True)
    assert "all 10 questions that count are undecided in one or both" in " ".join(out.split())
    assert "why nothing is decided" in out
    page = Path("c.html").read_text()
    assert "No metric has a value in both runs." in page
    assert "<figure" not in page


def test_private_rows_are_left_out_of_a_redacted_page(iabench: Any, tmp_path: Path) -> None:
    facts = tmp_path / "acme.jsonl"
    facts.write_text('{"question": "Who leads the Velbryn team?", "answer": "Ingrid Dahl"}\n')
    words = f"--backend scripted --facts {facts} --tasks finetune,real-facts -L 6".split()
    iabench("evaluate --model always-answer --out a", *words)
    assert iabench("report a --redact --out shown.html -q")[0] == 0
    assert iabench("compare a a --redact --html c.html -q")[0] == 0
    for name in ("shown.html", "c.html"):
        page = Path(name).read_text()
        texts, details, _ = answers(page)
        whole = page + json.dumps([texts, details])
        assert "(private)" in whole
        for word in ("Velbryn", "Ingrid", "acme.jsonl", str(tmp_path)):
            assert word not in whole, (name, word)
        assert any("capital" in row[1] or row[1] != "(private)" for row in texts)
    assert "Velbryn" in json.dumps(answers((Path("a") / "report.html").read_text())[0])


def test_what_moved_is_measured_between_two_models(iabench: Any) -> None:
    line = "compare organism organism-unaligned --tasks quick -L 20 --device cpu --drift"
    code, out, _ = iabench(f"{line} --json --html c.html")
    assert code == 0
    layers = json.loads(out)["drift"]["methods"]["tuned"]["layers"]
    assert set(layers[-1]["sets"]) == {"known", "unknown"}
    assert layers[-1]["sets"]["unknown"]["relative"] > 0.1
    assert layers[-1]["probe"]["base"] > layers[0]["probe"]["base"]
    assert json.loads(Path("c.json").read_text())["drift"]["methods"]["tuned"]["layers"] == layers
    assert "What moved" in Path("c.html").read_text()
    lines = iabench(line)[1].splitlines()
    head = next(at for at, text in enumerate(lines) if text.startswith(" layer"))
    assert lines[head].split()[:3] == ["layer", "known", "unknown"]
    assert lines[head + 1].split()[0] == "0"


def test_what_is_not_loaded_here_has_no_activations(iabench: Any) -> None:
    code, _, err = iabench(f"compare oracle shape {MODELS} --drift")
    assert code == 2
    assert "--drift reads a model's activations" in err
    assert "try: a Hugging Face model" in err


def test_a_folder_that_is_not_there_is_said(iabench: Any) -> None:
    Path("runs/base-1").mkdir(parents=True)
    for name, hint in (
        ("runs/base-2", "runs/base-1"),
        ("./gone", "iabench runs (those that there are)"),
        ("some/where/else", "iabench runs (those that there are)"),
    ):
        code, _, err = iabench(f"compare organism {name}")
        assert code == 2
        assert err.endswith(f'iabench: no folder "{name}", of a run or a model.\ntry: {hint}\n')


def test_a_typo_in_the_second_model_beside_fresh_moves_nothing(iabench: Any) -> None:
    line = "compare organism {} --tasks quick -L 2 --device cpu --fresh"
    _, _, err = iabench(line.format("organism-unaligned") + " --dry-run")
    (first,) = {word for word in err.split() if word.startswith("runs/organism/")}
    Path(first).mkdir(parents=True)
    Path(first, "run.json").write_text('{"schema_version": 1}')
    code, _, err = iabench(line.format("organizm"))
    assert code == 2
    assert "try: organism (near match)" in err
    assert Path(first, "run.json").exists()
    assert not Path(f"{first}-old1").exists()
