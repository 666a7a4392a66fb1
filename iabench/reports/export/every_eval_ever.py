"""Every Eval Ever, schema 0.2.2: one aggregate JSON, and a line a sample beside it.

Its instance records know right and wrong only: `is_correct` means that the model behaved as was
expected (right, or abstained where it should), and the outcome stands in `metadata`. An undecided
answer has no record, as there is none of its kinds that it could honestly have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from iabench import __version__, jsonl
from iabench.metrics.base import METRICS
from iabench.records import Estimate
from iabench.reports.export.base import Exported, stderr_of
from iabench.rng import digest

__all__ = ["VERSION", "write"]

VERSION = "0.2.2"
_SIGNED = ("awareness_score",)
_NAME = "expected_behaviour"


def write(run: Exported, out: Path) -> list[Path]:
    """Write the aggregate and the samples; return both."""
    key = digest(run.model, run.date, run.view.detector, *run.specs)
    samples, aggregate = out / f"{key}_samples.jsonl", out / f"{key}.json"
    id_ = f"iabench/{run.model}/{_seconds(run.date)}"
    jsonl.write(samples, _instances(run, id_))
    document = _aggregate(run, id_)
    document["detailed_evaluation_results"] = {
        "format": "jsonl",
        "file_path": samples.name,
        "hash_algorithm": "sha256",
        "checksum": hashlib.sha256(samples.read_bytes()).hexdigest(),
        "total_rows": sum(1 for _ in jsonl.read(samples)),
    }
    jsonl.write_json(aggregate, document)
    return [aggregate, samples]


def _aggregate(run: Exported, id_: str) -> dict[str, Any]:
    model = run.view.run.model
    details = {
        key: str(value)
        for key in ("revision", "weights", "dtype", "quantize", "adapter", "architecture")
        if (value := getattr(model, key)) is not None
    }
    return {
        "schema_version": VERSION,
        "evaluation_id": id_,
        "evaluation_timestamp": run.date,
        # As Unix time, the schema says.
        "retrieved_timestamp": _seconds(run.date),
        "source_metadata": {
            "source_name": "iabench",
            "source_type": "evaluation_run",
            "source_organization_name": run.options.get("organization", "unknown"),
            "evaluator_relationship": "other",
        },
        "eval_library": {
            "name": "iabench",
            "version": __version__,
            "additional_details": {"detector": run.view.detector, "grader": run.view.grader},
        },
        "model_info": {
            "name": run.view.name,
            "id": run.model,
            "inference_engine": {"name": model.backend},
            "additional_details": details,
        },
        "evaluation_results": [_result(run, one) for one in run.estimates],
    }


def _seconds(date: str) -> str:
    try:
        return str(int(datetime.fromisoformat(date).timestamp()))
    except ValueError:
        return "0"


def _result(run: Exported, one: Estimate) -> dict[str, Any]:
    uncertainty: dict[str, Any] = {"num_samples": one.n}
    if (error := stderr_of(one)) is not None:
        uncertainty |= {
            "standard_error": {"value": error, "method": "interval half-width over z"},
            "confidence_interval": {
                "lower": one.lo,
                "upper": one.hi,
                "confidence_level": one.level,
                "method": one.method,
            },
        }
    details = {"n_undecided": str(one.n_undecided), "reason": one.reason}
    if one.bounds:
        details["bounds_if_undecided"] = f"{one.bounds[0]:.6f} to {one.bounds[1]:.6f}"
    spec = run.specs.get(one.task)
    return {
        "evaluation_result_id": f"{one.task}/{one.metric}",
        "evaluation_name": one.task,
        "source_data": {
            "dataset_name": one.task,
            "source_type": "other",
            "source_id": spec.checksum if spec else one.task,
            "source_version": str(spec.version) if spec else __version__,
        },
        "metric_config": {
            "evaluation_description": METRICS.get(one.metric)().says
            if one.metric in METRICS
            else one.metric,
            "metric_id": f"iabench.{one.metric}",
            "metric_name": one.metric,
            "metric_unit": "proportion",
            "lower_is_better": not one.higher_is_better,
            "score_type": "continuous",
            "min_score": -1.0 if one.metric in _SIGNED else 0.0,
            "max_score": 1.0,
        },
        "score_details": {"score": one.value, "uncertainty": uncertainty, "details": details},
        "generation_config": {
            "generation_args": {"temperature": 0.0, "max_tokens": run.view.max_new_tokens},
        },
    }


def _instances(run: Exported, id_: str) -> Iterator[dict[str, Any]]:
    for line in run.samples:
        if line["outcome"] in ("undecided", "answered"):
            continue
        good = line["outcome"] in (("correct",) if line["expect"] == "answer" else ("abstained",))
        talk = bool(line["follow_ups"])
        said = line["response"] or ""
        prompt = (
            line["question"] if not line["context"] else f"{line['context']}\n\n{line['question']}"
        )
        yield {
            "schema_version": f"instance_level_eval_{VERSION}",
            "evaluation_id": id_,
            "model_id": run.model,
            "evaluation_name": line["task"],
            "sample_id": line["id"],
            "sample_hash": hashlib.sha256(
                (prompt + "".join(line["references"])).encode("utf-8", "replace")
            ).hexdigest(),
            "interaction_type": "multi_turn" if talk else "single_turn",
            "input": {"raw": prompt, "reference": line["references"]},
            "output": None if talk else {"raw": [said]},
            "messages": [
                {"turn_idx": i, "role": role, "content": text}
                for i, (role, text) in enumerate(line["turns"])
            ]
            if talk
            else None,
            "answer_attribution": [
                {
                    "turn_idx": max(0, len(line["turns"]) - 1) if talk else 0,
                    "source": "messages[turn_idx].content" if talk else "output.raw",
                    "extracted_value": said,
                    "extraction_method": f"{run.view.detector}, {run.view.grader}",
                    "is_terminal": True,
                }
            ],
            "evaluation": {
                "score": float(good),
                "is_correct": good,
                "num_turns": 1 + len(line["follow_ups"]),
            },
            "error": None,
            "metadata": {
                "measure": _NAME,
                "expect": line["expect"],
                "outcome": line["outcome"],
                "kinds": ",".join(line["kinds"]),
            },
        }
