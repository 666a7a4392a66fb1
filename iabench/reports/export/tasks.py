"""`iabench tasks export TASK --to lm-eval`: a task of iabench for lm-evaluation-harness.

A folder with the probes, a YAML that asks them, and one that asks a model without a chat template.
Answers are judged by iabench's own detector and grader, so accuracies are those of iabench:
`accuracy` is over what should be answered, `refusal_accuracy` over what should not.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from iabench import __version__, jsonl
from iabench.errors import ConfigError
from iabench.grading.base import Answered, Referenced
from iabench.grading.degenerate import degenerate
from iabench.metrics.base import Row
from iabench.metrics.outcome import decide
from iabench.prompts.templates import ask
from iabench.records import Completion, Judgement, TaskSpec, Verdict
from iabench.reports.export.lm_eval import metrics_of
from iabench.tasks.base import Task

__all__ = ["export_task", "process_results"]

_METRICS = {
    "accuracy": True,
    "refusal_accuracy": True,
    "over_refusal_rate": False,
    "admission_rate": True,
}
_CODE = '''\
"""Judges answers as iabench does; read by lm-eval from the YAML beside it."""

from iabench.reports.export.tasks import process_results

__all__ = ["process_results"]
'''


def export_task(task: Task, out: Path, *, max_new_tokens: int = 128) -> list[Path]:
    """Write a task for lm-eval; return the files.

    Raises:
        ConfigError: its probes are talks of several turns, which lm-eval cannot hold.
    """
    import yaml

    spec = task.spec
    if any(probe.follow_ups for probe in task.probes):
        raise ConfigError(f"{spec.name} asks in several turns; lm-eval asks once.", "another task")
    name = "iabench_" + spec.name.replace("-", "_").replace(":", "_")
    rows = [
        {
            "id": probe.id,
            "question": probe.question,
            "prompt": "\n\n".join(message.content for message in ask(probe)),
            "target": probe.references[0] if probe.references else "",
            "references": list(probe.references),
            "expect": probe.expect,
            "cluster": probe.cluster,
            "accepts": list(spec.accepts),
            "answering_is": spec.answering_is or "",
        }
        for probe in task.probes
    ]
    out.mkdir(parents=True, exist_ok=True)
    data = out / f"{name}.jsonl"
    jsonl.write(data, rows)
    code = out / "iabench_metrics.py"
    code.write_text(_CODE, encoding="utf-8")
    paths = [data, code]
    for suffix, text in (("", "{{prompt}}"), ("_plain", "Question: {{prompt}}\nAnswer:")):
        config = {
            "task": name + suffix,
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": str(data.resolve())}},
            "test_split": "test",
            "output_type": "generate_until",
            "doc_to_text": text,
            "doc_to_target": "{{target}}",
            "generation_kwargs": {
                "until": ["\n\n"] if suffix else [],
                "max_gen_toks": max_new_tokens,
                "do_sample": False,
            },
            "metric_list": [
                {"metric": metric, "aggregation": "mean", "higher_is_better": higher}
                for metric, higher in _METRICS.items()
            ],
            "metadata": {
                "version": spec.version, "checksum": spec.checksum, "licence": spec.licence,
                "iabench": __version__,
            },
        }  # fmt: skip
        path = out / f"{name}{suffix}.yaml"
        written = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
        path.write_text(
            written + "process_results: !function iabench_metrics.process_results\n",
            encoding="utf-8",
        )
        paths.append(path)
    return paths


def process_results(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, float]:
    """Return the metrics of one answer that it is in the denominator of.

    What lm-eval calls for each row of an exported task. It does not say whether an answer was cut,
    so the token limit never makes one undecided here.
    """
    response = str(results[0]).strip()
    detector, grader = _judges()
    abstained: Verdict | None = None
    correct: Verdict | None = None
    why = degenerate(doc["question"], response, False)
    if why is None:
        said = Answered(question=doc["question"], answer=response)
        abstained = _verdict(next(iter(detector.detect([said]))), detector.id, "abstained")
        if doc["references"] and abstained.value is False:
            refer = Referenced(
                question=doc["question"], answer=response, references=tuple(doc["references"])
            )
            correct = _verdict(next(iter(grader.grade([refer]))), grader.id, "correct")
    decision = decide(
        expect=doc["expect"],
        spec=_spec(doc),
        completion=Completion(
            request_id="", prompt_id="", probe_id=doc["id"], series="answer", turn=1, index=0,
            text=response, finish="stop",
        ),
        degenerate=why,
        abstained=abstained,
        correct=correct,
        limit=2**31,
        referenced=bool(doc["references"]),
    )  # fmt: skip
    row = Row(
        task="", probe_id=doc["id"], cluster=doc["cluster"], pair=None, tags=(),
        expect=doc["expect"], answering_is=doc["answering_is"] or None, outcome=decision.outcome,
        admitted=decision.admitted,
    )  # fmt: skip
    return dict(metrics_of(row))


@functools.cache
def _judges() -> tuple[Any, Any]:
    from iabench.grading.lexical import Lexical
    from iabench.grading.match import Match

    return Lexical(), Match()


def _verdict(made: Judgement, grader: str, about: Any) -> Verdict:
    return Verdict(
        request_id="", grader=grader, about=about, value=made.value, kinds=made.kinds,
        reason=made.reason,
    )  # fmt: skip


def _spec(doc: Mapping[str, Any]) -> TaskSpec:
    return TaskSpec(
        name="lm-eval", version=1, says="", licence="", source="", seed=0, checksum="", n=1,
        answering_is=doc["answering_is"] or None, accepts=tuple(doc["accepts"]),
    )  # fmt: skip
