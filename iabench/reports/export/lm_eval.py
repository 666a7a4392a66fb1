"""The files that lm-evaluation-harness writes: `results_DATE.json`, `samples_TASK_DATE.jsonl`.

Keys as of lm-eval 0.4.13. A metric counts for a sample where the sample is in its denominator, so
their mean is the estimate (of a rate over one task); the standard error is the interval's
half-width over z.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from iabench import __version__, jsonl
from iabench.metrics.base import METRICS, Row, made_from_rows
from iabench.reports.export.base import Exported, stderr_of

__all__ = ["metrics_of", "write"]

_FILTER = "none"


def write(run: Exported, out: Path) -> list[Path]:
    """Write a run as lm-eval would have; return the files."""
    folder = out / (_plain(run.model.strip("./"), "__")[:100] or "model")
    date = re.sub(r"[:+]", "-", run.date) or "undated"
    paths = []
    for task in run.specs:
        lines = [s for s in run.samples if s["task"] == task]
        path = folder / f"samples_{_plain(task)}_{date}.jsonl"
        jsonl.write(path, (_sample(i, line, run) for i, line in enumerate(lines)))
        paths.append(path)
    results = folder / f"results_{date}.json"
    jsonl.write_json(results, _results(run))
    return [results, *paths]


def _plain(name: str, instead: str = "-") -> str:
    """Return a name as a name of a file."""
    return re.sub(r"[^\w.-]+", instead, name)


def _results(run: Exported) -> dict[str, Any]:
    results: dict[str, dict[str, Any]] = {}
    higher: dict[str, dict[str, bool]] = {}
    for one in run.estimates:
        found = results.setdefault(one.task, {"alias": one.task})
        found[f"{one.metric},{_FILTER}"] = one.value
        error = stderr_of(one)
        found[f"{one.metric}_stderr,{_FILTER}"] = "N/A" if error is None else error
        higher.setdefault(one.task, {})[one.metric] = one.higher_is_better
    suites = {
        name: list(tasks)
        for name, tasks in run.view.suites.items()
        if set(tasks) <= set(run.specs) and name in results
    }
    tasks = [name for name in results if name in run.specs]
    asked = run.view.run.asked
    return {
        "results": {name: results[name] for name in [*suites, *tasks] if name in results},
        "group_subtasks": {**suites, **{name: [] for name in tasks}},
        "configs": {name: _config(run, name) for name in tasks},
        "versions": {name: run.specs[name].version for name in tasks},
        "n-shot": dict.fromkeys(tasks, 0),
        "higher_is_better": higher,
        "n-samples": {
            name: {"original": run.specs[name].n, "effective": run.specs[name].n} for name in tasks
        },
        "config": {
            "model": run.view.run.model.backend,
            "model_args": f"pretrained={run.model}",
            "model_dtype": run.view.run.model.dtype,
            "model_revision": run.view.run.model.revision,
            "limit": run.view.limit,
            "random_seed": run.view.seed,
            "gen_kwargs": {"max_gen_toks": run.view.max_new_tokens, "do_sample": False},
        },
        "git_hash": None,
        "date": run.date,
        "model_name": run.model,
        "chat_template_sha": run.view.run.model.chat_template,
        "system_instruction": asked.system_prompt,
        "task_hashes": {name: run.specs[name].checksum for name in tasks},
        "iabench_version": __version__,
        "detector": run.view.detector,
        "grader": run.view.grader,
    }


def _config(run: Exported, task: str) -> dict[str, Any]:
    spec = run.specs[task]
    return {
        "task": task,
        "output_type": "generate_until",
        "num_fewshot": 0,
        "metadata": {"version": spec.version, "licence": spec.licence, "source": spec.source},
    }


def _sample(at: int, line: dict[str, Any], run: Exported) -> dict[str, Any]:
    metrics = dict(metrics_of(row_of(line, run.specs[line["task"]].answering_is)))
    target = line["references"][0] if line["references"] else ""
    prompt = line["turns"][0][1] if line["turns"] else line["question"]
    doc = {
        key: line[key]
        for key in ("id", "question", "expect", "references", "context", "cluster", "pair")
    }
    doc["answering_is"] = run.specs[line["task"]].answering_is or ""
    return {
        "doc_id": at,
        "doc": doc,
        "target": target,
        "arguments": {
            "gen_args_0": {"arg_0": prompt, "arg_1": {"max_gen_toks": run.view.max_new_tokens}}
        },
        "resps": [[line["response"] or ""]],
        "filtered_resps": [line["response"] or ""],
        "filter": _FILTER,
        "metrics": list(metrics),
        "doc_hash": _hash(jsonl.canonical(doc)),
        "prompt_hash": _hash(prompt),
        "target_hash": _hash(target),
        **metrics,
        "outcome": line["outcome"],
    }


def row_of(line: dict[str, Any], answering_is: Any) -> Row:
    """Return what a metric sees of a line of `samples.jsonl`."""
    return Row(
        task=line["task"],
        probe_id=line["id"],
        cluster=line["cluster"],
        pair=None,
        tags=(),
        expect=line["expect"],
        answering_is=answering_is,
        outcome=line["outcome"],
        admitted=line["admitted"],
    )


def metrics_of(row: Row) -> Iterator[tuple[str, float]]:
    """Yield (metric, 0 or 1) of the rates over single probes that a row is in.

    Metrics of pairs and of several rates have no number for one sample.
    """
    if row.outcome == "undecided":
        return
    for name in ("accuracy", "refusal_accuracy", "over_refusal_rate", "admission_rate"):
        metric = METRICS.get(name)()
        cells = None if made_from_rows(metric) else metric.cells(row)
        if cells is not None and cells[1]:
            yield name, float(np.asarray(cells)[0])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
