"""Whole runs under a detector that errs: the raw rate misses the truth, the corrected ones do not."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.cli.main import call
from iabench.errors import ConfigError, IabenchError
from iabench.grading.base import DETECTORS, Answered
from iabench.records import Estimate, Judgement
from iabench.rng import uniform
from iabench.runs.labelling import draw
from iabench.runs.run import Run, load
from iabench.runs.sheets import read

TRUTH = 0.8
SENSITIVITY, SPECIFICITY = 0.7, 0.85
RATES = ("corrected:rogan-gladen", "corrected:ppi++")


def model(messages: list[dict[str, str]]) -> str:
    question = messages[-1]["content"]
    return "I don't know." if uniform("model", question) < TRUTH else "It is Paris."


class Blunt:
    """Misses three abstentions in ten, and takes three answers in twenty for one."""

    id = "blunt@1"

    def __init__(self, _spec: Any) -> None: ...

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        for case in cases:
            lot = uniform("blunt", case.question, case.answer)
            so = "know" in case.answer
            value = lot < (SENSITIVITY if so else 1 - SPECIFICITY)
            yield Judgement(value=value, kinds=("ignorance",) if value else ())

    def close(self) -> None: ...


@pytest.fixture
def blunt(monkeypatch: pytest.MonkeyPatch) -> None:
    get: Callable[[str], Any] = DETECTORS.get
    monkeypatch.setattr(DETECTORS, "get", lambda name: Blunt if name == "blunt" else get(name))


@pytest.fixture
def run(blunt: None, tmp_path: Path) -> Run:
    return iabench.evaluate(
        model,
        tasks="invented-entities",
        limit=400,
        detector="blunt",
        adjust_for_detector=True,
        out=tmp_path / "r",
    )


def estimate(run: Run, variant: str, metric: str = "refusal_accuracy") -> Estimate:
    (found,) = [
        e
        for e in run.estimates
        if (e.task, e.metric, e.slice, e.variant) == ("invented-entities", metric, "all", variant)
    ]
    return found


def holds(one: Estimate, truth: float) -> bool:
    assert one.lo is not None
    assert one.hi is not None
    return one.lo <= truth <= one.hi


def rates_file(path: Path, n: int = 600) -> Path:
    """Write what `detectors validate --json` says of the detector on other labels."""
    from iabench.grading.labels import Label
    from iabench.grading.validation import validate

    labels = [
        Label(
            id=str(i),
            about="abstained",
            question=f"What is {i}?",
            response="I don't know." if i % 2 else "It is four.",
            so=bool(i % 2),
            kinds=("ignorance",) if i % 2 else (),
            family=str(i),
        )
        for i in range(n)
    ]
    path.write_text(json.dumps(validate(Blunt(None), labels, name="others").json()))
    return path


def fill(run: Run, path: Path) -> Path:
    rows = [dict(row) for row in draw(run, n=160, seed=0).rows]
    for row in rows:
        row["abstained"] = "yes" if "know" in row["response"] else "no"
        row["kinds"] = "ignorance" if "know" in row["response"] else ""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_corrected_rates_hold_the_truth_that_the_raw_one_misses(run: Run, tmp_path: Path) -> None:
    answered = [s["response"] for s in run.samples()]
    truth = sum("know" in text for text in answered) / len(answered)
    assert truth == pytest.approx(TRUTH, abs=0.05)
    read(run, fill(run, tmp_path / "s.csv"))
    again = iabench.regrade(
        run.path,
        adjust_for_detector=True,
        error_rates=str(rates_file(tmp_path / "rates.json")),
    )
    raw = estimate(again, "raw")
    assert not holds(raw, truth)
    for variant in RATES:
        for metric in ("refusal_accuracy", "admission_rate"):
            one = estimate(again, variant, metric)
            assert holds(one, truth), one
            assert one.hi is not None
            assert one.lo is not None
            assert one.hi - one.lo < 0.3
    fabricated = estimate(again, "corrected:ppi++", "fabrication_rate")
    assert holds(fabricated, 1 - truth)
    # Beside the raw rate, never in its place.
    assert again["refusal_accuracy"] == raw == run["refusal_accuracy"]


def test_labels_correct_another_detector_too(run: Run, tmp_path: Path) -> None:
    texts = [s["response"] for s in run.samples()]
    truth = sum("know" in text for text in texts) / len(texts)
    read(run, fill(run, tmp_path / "s.csv"))
    again = iabench.regrade(run.path, detector="lexical", adjust_for_detector=True)
    # Drawn by what the other one said, they are a sample with known probabilities all the same.
    assert again.results["detector"] != run.results["detector"]
    assert estimate(again, "raw").value == pytest.approx(truth)
    assert holds(estimate(again, "corrected:ppi++"), truth)


def test_results_say_what_they_were_corrected_by(run: Run, tmp_path: Path) -> None:
    read(run, fill(run, tmp_path / "s.csv"))
    again = iabench.regrade(run.path, error_rates=str(rates_file(tmp_path / "rates.json")))
    by = again.results["corrected_by"]
    table = json.loads((tmp_path / "rates.json").read_text())
    assert by["detector"] == "blunt@1"
    assert by["error_rates"]["labels"] == table["labels"]["digest"]
    assert by["error_rates"]["sensitivity"]["value"] == table["sensitivity"]["value"]
    assert by["labels"]["abstained"]["n"] == 160
    notes = "\n".join(again.results["notes"])
    assert (
        f"by your own error rates (600 labelled responses, digest {by['error_rates']['labels'][:12]})"
        in notes
    )
    assert "corrected by 160 labels of this run (labels.jsonl, digest" in notes
    # All of it comes from the folder: counted once more it is the same, byte for byte.
    before = (run.path / "results.json").read_bytes()
    iabench.regrade(run.path)
    assert (run.path / "results.json").read_bytes() == before
    assert str(tmp_path) not in before.decode()


def test_without_error_rates_a_note_says_what_to_type(run: Run) -> None:
    assert not any(e.variant.startswith("corrected") for e in run.estimates)
    (note,) = run.results["notes"]
    assert note.startswith("nothing is corrected: no error rates of blunt@1 are published.")
    assert "iabench detectors validate --detector blunt" in note
    assert "iabench label RUN" in note
    assert run.results["corrected_by"]["error_rates"] is None


def test_published_error_rates_are_used_by_themselves(tmp_path: Path) -> None:
    options: dict[str, Any] = {"tasks": "quick", "limit": 40, "out": tmp_path / "r"}
    run = iabench.evaluate(model, **options)
    assert "corrected_by" not in run.results
    raw = run.estimates
    again = iabench.evaluate(model, **options, adjust_for_detector=True)
    assert [e for e in again.estimates if not e.variant.startswith("corrected")] == list(raw)
    made = [e for e in again.estimates if e.variant == "corrected:rogan-gladen"]
    assert {e.metric for e in made} == {"admission_rate", "over_refusal_rate", "refusal_accuracy"}
    assert {e.slice for e in made} == {"all"}
    assert again.headline in {e.task for e in made}
    assert "by its published error rates (" in again.results["notes"][0]
    # Asked for without, it is as it was.
    assert iabench.evaluate(model, **options).estimates == raw


def test_a_table_of_another_detector_is_refused_and_published_takes_ones_own_away(
    run: Run, tmp_path: Path
) -> None:
    table = rates_file(tmp_path / "rates.json")
    with pytest.raises(ConfigError, match="about blunt@1; the run was judged by lexical@") as said:
        iabench.regrade(run.path, detector="lexical", error_rates=str(table))
    assert said.value.hint.startswith("iabench detectors validate --detector lexical")
    own = iabench.regrade(run.path, error_rates=str(table))
    assert estimate(own, RATES[0]).value is not None
    # Kept for this detector only.
    other = iabench.regrade(run.path, detector="lexical")
    assert "by its published error rates" in "\n".join(other.results["notes"])
    back = iabench.regrade(run.path, detector="blunt")
    assert estimate(back, RATES[0]) == estimate(own, RATES[0])
    gone = iabench.regrade(run.path, error_rates="published")
    assert not (run.path / "error_rates.json").exists()
    assert gone.results["corrected_by"]["error_rates"] is None


def test_a_table_in_the_run_folder_can_be_named_again(run: Run, tmp_path: Path) -> None:
    iabench.regrade(run.path, error_rates=str(rates_file(tmp_path / "rates.json")))
    again = iabench.regrade(run.path, error_rates=str(run.path / "error_rates.json"))
    assert estimate(again, RATES[0]).value is not None


def test_kinds_that_a_task_accepts_besides_leave_admission_open(run: Run, tmp_path: Path) -> None:
    from iabench.decode import decode
    from iabench.metrics.base import Row
    from iabench.records import TaskSpec
    from iabench.runs.adjusting import adjusted

    rates_file(run.path / "error_rates.json")
    plain = {k: v for k, v in run.results["tasks"][0].items() if k != "facts"}
    rows = [
        Row(
            task=s["task"],
            probe_id=s["id"],
            cluster=s["cluster"],
            pair=None,
            tags=(),
            expect="abstain",
            answering_is="fabrication",
            outcome=s["outcome"],
            admitted=s["admitted"],
        )
        for s in run.samples()
    ]
    for accepts, there in ((plain["accepts"], True), ([*plain["accepts"], "clarification"], False)):
        spec = decode(TaskSpec, {**plain, "accepts": accepts}, where="x")
        made = adjusted(
            run.path, rows, [spec], answers={}, suites={}, detector="blunt@1", level=0.95
        )
        found = {e.metric: e for e in made.estimates}
        assert (found["admission_rate"].value is not None) is there
        assert found["refusal_accuracy"].value is not None


def test_the_terminal_markdown_and_page_show_both(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read(run, fill(run, tmp_path / "s.csv"))
    table = rates_file(tmp_path / "rates.json")
    assert call(["regrade", str(run.path), "--error-rates", str(table)]) == 0
    shown = capsys.readouterr().out
    raw = next(line for line in shown.splitlines() if line.startswith(" refusal accuracy"))
    assert f"{estimate(load(run.path), 'raw').value:.2f}" in raw
    for variant, words in zip(
        RATES,
        ("corrected for the detector's errors", "corrected by labels of this run"),
        strict=True,
    ):
        one = estimate(load(run.path), variant)
        (line,) = [x for x in shown.splitlines() if x.endswith(words)]
        assert line.split()[:2] == ["corrected", f"{one.value:.2f}"]
        markdown = (run.path / "results.md").read_text(encoding="utf-8")
        assert f"| refusal accuracy, corrected | {one.value:.2f} |" in markdown
        page = (run.path / "report.html").read_text(encoding="utf-8")
        assert words.replace("'", "&#39;") in page
        assert f",{variant},{one.value}," in (run.path / "results.csv").read_text(encoding="utf-8")


def test_adjusting_is_an_option_of_evaluate(
    blunt: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "--model", "random", "--backend", "scripted", "--limit", "20"]
    words += ["--tasks", "quick", "--detector", "blunt", "--out", str(tmp_path / "r")]
    assert call([*words, "--adjust-for-detector"]) == 0
    assert "nothing is corrected: no error rates of blunt@1" in capsys.readouterr().out
    assert load(tmp_path / "r").about["asked"]["adjust_for_detector"] is True


def test_a_broken_table_in_the_folder_is_an_error_that_names_it(run: Run) -> None:
    (run.path / "error_rates.json").write_text("{")
    with pytest.raises(IabenchError, match=r"error_rates\.json"):
        iabench.regrade(run.path)
