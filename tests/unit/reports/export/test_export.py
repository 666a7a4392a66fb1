"""Each target by its own reader, or by its published schema; private rows stay at home."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import ConfigError, StoreError, UnknownNameError
from iabench.reports.export.base import EXPORTS, export
from iabench.reports.export.every_eval_ever import VERSION
from iabench.runs.run import Run, load
from iabench.runs.runner import evaluate
from tests.unit.reports.hostile_strings import HOSTILE

OPTIONS = {"dataset": "someone/a-benchmark"}
SECRET = "Zorvex"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Public tasks and facts of somebody's own, by a model that talks in hostile strings."""
    place = tmp_path_factory.mktemp("export")
    facts = place / "facts.jsonl"
    facts.write_text(json.dumps({"question": f"Who leads {SECRET} Halding?", "answer": "Mira"}))
    said = [text.encode("utf-8", "replace").decode() for text in HOSTILE]

    def answer(messages: list[dict[str, str]]) -> str:
        asked = messages[-1]["content"]
        if len(asked) % 3 == 0:
            return "I don't know."
        return said[len(asked) % len(said)] if len(asked) % 3 == 1 else "Paris."

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IABENCH_RUNS", str(place))
        return evaluate(
            answer,
            tasks=["long-tail-facts", "underspecified-questions", "tuned-facts"],
            facts=facts,
            out=place / "run",
        )


def files(run: Run, to: str, out: Path, **options: Any) -> tuple[list[Path], int]:
    return export(run.path, to, out, options=OPTIONS, **options)


@pytest.mark.parametrize("to", ["every-eval-ever", "hf-eval-results", "lm-eval", "parquet"])
def test_private_rows_stay_out_unless_asked(run: Run, tmp_path: Path, to: str) -> None:
    assert to in EXPORTS.names()
    paths, private = files(run, to, tmp_path / "o")
    kept = b"".join(path.read_bytes() for path in paths)
    assert private == 1
    assert SECRET.encode() not in kept
    assert b"tuned-facts" not in kept
    paths, private = files(run, to, tmp_path / "all", include_private=True)
    assert private == 0
    if to == "lm-eval":
        assert SECRET in "".join(path.read_text() for path in paths)


def test_lm_eval_has_its_numbers_and_its_keys(run: Run, tmp_path: Path) -> None:
    results, *samples = files(run, "lm-eval", tmp_path)[0]
    found = json.loads(results.read_text())["results"]
    assert found["long-tail-facts"]["accuracy,none"] == run["accuracy", "long-tail-facts"].value
    assert {path.name.split("_")[1] for path in samples} == set(found)
    for path in samples:
        task = path.name.split("_")[1]
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert {
            "doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics",
            "doc_hash", "prompt_hash", "target_hash",
        } <= lines[0].keys()  # fmt: skip
        values = [line["accuracy"] for line in lines if "accuracy" in line["metrics"]]
        wanted = run["accuracy", task].value
        assert sum(values) / len(values) == pytest.approx(wanted)
    assert all(path.resolve().is_relative_to(tmp_path) for path in samples)


def test_lm_eval_reads_its_own_table_from_it(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("lm_eval")
    results, *_ = files(run, "lm-eval", tmp_path)[0]
    code = (
        "import json, sys; from lm_eval.utils import make_table;"
        "print(make_table(json.load(open(sys.argv[1]))))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code, str(results)], capture_output=True, text=True, check=True
    )
    row = next(
        line
        for line in made.stdout.splitlines()
        if "long-tail-facts" in line or "accuracy " in line
    )
    assert "none" in row
    value = run["accuracy", "long-tail-facts"].value
    assert value is not None
    assert f"{value:.4f}" in made.stdout


# Rebuilt from the documentation of Every Eval Ever, schema 0.2.2: what must be there, of which type.
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_RESULT = {
    "type": "object",
    "required": ["evaluation_name", "source_data", "metric_config", "score_details"],
    "properties": {
        "evaluation_result_id": {"type": "string"},
        "evaluation_name": {"type": "string"},
        "source_data": {
            "type": "object",
            "required": ["dataset_name", "source_type"],
            "properties": {"source_type": {"const": "other"}, "source_version": {"type": "string"}},
        },
        "metric_config": {
            "type": "object",
            "required": ["lower_is_better", "min_score", "max_score"],
            "properties": {
                "lower_is_better": {"type": "boolean"},
                "score_type": {"enum": ["binary", "continuous", "levels"]},
                "min_score": {"type": "number"},
                "max_score": {"type": "number"},
            },
        },
        "score_details": {
            "type": "object",
            "required": ["score"],
            "properties": {
                "score": {"type": "number"},
                "details": _TEXTS,
                "uncertainty": {
                    "type": "object",
                    "properties": {
                        "standard_error": {"required": ["value"]},
                        "confidence_interval": {"required": ["lower", "upper"]},
                        "num_samples": {"type": "integer"},
                    },
                },
            },
        },
        "generation_config": {
            "properties": {
                "generation_args": {
                    "additionalProperties": False,
                    "properties": {
                        "temperature": {"type": ["number", "null"]},
                        "max_tokens": {"type": "integer", "minimum": 1},
                    },
                }
            }
        },
    },
}
_AGGREGATE = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "schema_version", "evaluation_id", "retrieved_timestamp", "source_metadata", "model_info",
        "eval_library", "evaluation_results",
    ],
    "properties": {
        "schema_version": {"const": VERSION},
        "evaluation_id": {"type": "string"},
        "evaluation_timestamp": {"type": "string"},
        "retrieved_timestamp": {"type": "string", "pattern": "^[1-9][0-9]{9}$"},
        "source_metadata": {
            "type": "object",
            "required": ["source_type", "source_organization_name", "evaluator_relationship"],
            "properties": {
                "source_type": {"enum": ["documentation", "evaluation_run"]},
                "evaluator_relationship": {
                    "enum": ["first_party", "third_party", "collaborative", "other"]
                },
            },
        },
        "eval_library": {"required": ["name", "version"], "properties": {"additional_details": _TEXTS}},
        "model_info": {"required": ["name", "id"], "properties": {"additional_details": _TEXTS}},
        "evaluation_results": {"type": "array", "items": _RESULT},
        "detailed_evaluation_results": {
            "required": ["format", "file_path"],
            "properties": {"format": {"enum": ["jsonl"]}, "hash_algorithm": {"enum": ["sha256", "md5"]}},
        },
    },
}  # fmt: skip
_INSTANCE = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "schema_version", "evaluation_id", "model_id", "evaluation_name", "sample_id",
        "interaction_type", "input", "output", "answer_attribution", "evaluation",
    ],
    "properties": {
        "schema_version": {"type": "string"},
        "evaluation_id": {"type": "string"},
        "model_id": {"type": "string"},
        "evaluation_name": {"type": "string"},
        "sample_id": {"type": "string"},
        "sample_hash": {"type": ["string", "null"]},
        "interaction_type": {"enum": ["single_turn", "multi_turn", "agentic"]},
        "input": {
            "required": ["raw", "reference"],
            "properties": {"reference": {"type": "array", "items": {"type": "string"}}},
        },
        "output": {"type": ["object", "null"], "required": ["raw"]},
        "messages": {"type": ["array", "null"]},
        "answer_attribution": {
            "type": "array",
            "items": {
                "required": [
                    "turn_idx", "source", "extracted_value", "extraction_method", "is_terminal",
                ]
            },
        },
        "evaluation": {
            "required": ["score", "is_correct"],
            "properties": {"score": {"type": "number"}, "is_correct": {"type": "boolean"}},
        },
        "error": {"type": ["string", "null"]},
        "metadata": _TEXTS,
    },
    "if": {"properties": {"interaction_type": {"const": "single_turn"}}},
    "then": {
        "required": ["output"],
        "properties": {"output": {"type": "object"}, "messages": {"type": "null"}},
    },
    "else": {
        "required": ["messages"],
        "properties": {
            "output": {"type": "null"},
            "messages": {"type": "array", "minItems": 1},
            "evaluation": {"required": ["num_turns"]},
        },
    },
}  # fmt: skip


def test_every_eval_ever_is_as_its_schema_asks(run: Run, tmp_path: Path) -> None:
    from jsonschema import Draft7Validator

    aggregate, samples = files(run, "every-eval-ever", tmp_path)[0]
    document = json.loads(aggregate.read_text())
    assert list(Draft7Validator(_AGGREGATE).iter_errors(document)) == []
    one = next(
        r for r in document["evaluation_results"]
        if r["evaluation_result_id"] == "long-tail-facts/accuracy"
    )  # fmt: skip
    wanted = run["accuracy", "long-tail-facts"]
    assert one["score_details"]["score"] == wanted.value
    interval = one["score_details"]["uncertainty"]["confidence_interval"]
    assert (interval["lower"], interval["upper"]) == (wanted.lo, wanted.hi)
    lines = [json.loads(line) for line in samples.read_text().splitlines()]
    validator = Draft7Validator(_INSTANCE)
    assert [e for line in lines for e in validator.iter_errors(line)] == []
    assert document["detailed_evaluation_results"]["total_rows"] == len(lines) > 300
    right = [line["evaluation"]["is_correct"] for line in lines]
    counts = [run.outcomes[t] for t in ("long-tail-facts", "underspecified-questions")]
    expected = sum(c["answerable"]["correct"] + c["unanswerable"]["abstained"] for c in counts)
    assert sum(right) == expected


def test_the_hub_reads_its_eval_results(run: Run, tmp_path: Path) -> None:
    import yaml
    from huggingface_hub import parse_eval_result_entries

    (path,) = files(run, "hf-eval-results", tmp_path)[0]
    assert path == tmp_path / ".eval_results" / "iabench.yaml"
    entries = parse_eval_result_entries(yaml.safe_load(path.read_text()))
    found = {entry.task_id: entry.value for entry in entries}
    assert {entry.dataset_id for entry in entries} == {"someone/a-benchmark"}
    assert found["long-tail-facts.accuracy"] == run["accuracy", "long-tail-facts"].value
    with pytest.raises(ConfigError, match="needs the dataset of the benchmark"):
        export(run.path, "hf-eval-results", tmp_path / "x")


def test_datasets_reads_the_parquet(run: Run, tmp_path: Path) -> None:
    import pandas as pd

    samples, estimates = files(run, "parquet", tmp_path)[0]
    table = pd.read_parquet(samples)
    mine = [line for line in run.samples() if line["task"] != "tuned-facts"]
    assert list(table["id"]) == [line["id"] for line in mine]
    assert list(table["outcome"]) == [line["outcome"] for line in mine]
    found = pd.read_parquet(estimates).set_index(["task", "metric"])["value"]
    assert found["long-tail-facts", "accuracy"] == run["accuracy", "long-tail-facts"].value


def test_bad_input_is_named(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match='no export "lm-evil"'):
        export(run.path, "lm-evil", tmp_path)
    with pytest.raises(StoreError):
        export(tmp_path / "nothing", "parquet", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        export(run.path, "parquet", tmp_path / "file")


def test_what_was_exported_is_imported_with_the_same_outcomes(run: Run, tmp_path: Path) -> None:
    from iabench.reports.export.samples import import_lm_eval

    files(run, "lm-eval", tmp_path / "e")
    back = import_lm_eval(tmp_path / "e", tmp_path / "back")
    before = {
        task: [s["outcome"] for s in run.samples(task=task)]
        for task in ("long-tail-facts", "underspecified-questions")
    }
    after = {task: [s["outcome"] for s in back.samples(task=task)] for task in before}
    assert after == before
    assert back["accuracy", "long-tail-facts"].value == run["accuracy", "long-tail-facts"].value
    assert load(back.path).about["status"] == "complete"


@pytest.mark.parametrize(
    ("line", "says"),
    [("{}", "line 1: no sample of lm-eval"), ("[1]", "not a JSON object"), ("", "")],
)
def test_samples_that_are_none_are_named(tmp_path: Path, line: str, says: str) -> None:
    from iabench.reports.export.samples import import_lm_eval

    if line:
        (tmp_path / "samples_x_1.jsonl").write_text(line + "\n")
    with pytest.raises(StoreError, match=says or "no samples of lm-eval"):
        import_lm_eval(tmp_path, tmp_path / "out")


def test_a_plain_harness_sample_is_understood(tmp_path: Path) -> None:
    from iabench.reports.export.samples import import_lm_eval

    line = {
        "doc_id": 0, "doc": {"question": "What is the capital of Norway?"}, "target": "Oslo",
        "arguments": {"gen_args_0": {"arg_0": "Q", "arg_1": {}}}, "resps": [["It is Oslo."]],
        "filtered_resps": ["It is Oslo."], "filter": "none",
    }  # fmt: skip
    (tmp_path / "samples_caps_2026.jsonl").write_text(json.dumps(line) + "\n")
    run = import_lm_eval(tmp_path, tmp_path / "out")
    assert [s["outcome"] for s in run.samples()] == ["correct"]
