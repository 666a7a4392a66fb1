"""`iabench import RUN --from lm-eval`: the answers of another harness, judged and counted here.

A run folder comes of it, like any other: its page, `regrade`, `compare` work. What lm-eval logged
says of a question what its task kept; `expect` of an exported task of iabench is taken, else a row
with a target expects an answer, and one without expects abstaining.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iabench import __version__, jsonl
from iabench.errors import ConfigError, StoreError
from iabench.records import Completion, ModelSpec, Probe, RunSpec, TaskSpec
from iabench.rng import digest
from iabench.runs.planning import SELECTION
from iabench.runs.rounds import ANSWER
from iabench.runs.run import Run, load
from iabench.runs.runner import conclude
from iabench.runs.store import Store
from iabench.runs.watch import Silent, Watch

__all__ = ["import_lm_eval"]

_QUESTION = ("question", "prompt", "query", "problem", "input", "text")
_LIMIT = 128
"""Tokens of an answer, where the samples do not say how many there could be."""


def import_lm_eval(
    source: Path, out: Path, *, detector: str = "lexical", grader: str = "match",
    watch: Watch | None = None,
) -> Run:  # fmt: skip
    """Return a finished run of the samples that lm-eval logged.

    Args:
        source: a `samples_*.jsonl`, or a folder with some.
        out: the run's folder, new.
        detector: who judges.
        grader: likewise.
        watch: is told about progress.

    Raises:
        StoreError: there are no samples, or a line is none.
        ConfigError: the folder holds something.
    """
    files = sorted(source.rglob("samples_*.jsonl")) if source.is_dir() else [source]
    if not files or not all(file.is_file() for file in files):
        raise StoreError(
            f"no samples of lm-eval at {source}.", "lm_eval --log_samples --output_path DIR"
        )
    if out.exists() and any(out.iterdir()):
        raise ConfigError(f"{out} holds something.", "another --out")
    probes: dict[str, Probe] = {}
    said: dict[str, str] = {}
    specs = []
    for file in files:
        task = file.name.removeprefix("samples_").rsplit("_", 1)[0].removesuffix(".jsonl") or "task"
        rows = dict(_rows(file, task.replace("/", "-")))
        mine = [probe for probe, _ in rows.values()]
        if clash := probes.keys() & rows.keys():
            raise StoreError(f"{file}: {min(clash)} was logged twice.", "the samples of one run")
        probes |= {key: probe for key, (probe, _) in rows.items()}
        said |= {key: text for key, (_, text) in rows.items()}
        specs.append(_spec(task.replace("/", "-"), mine, file))
    return _concluded(out, list(probes.values()), said, specs, source, detector, grader, watch)


def _rows(file: Path, task: str) -> Iterator[tuple[str, tuple[Probe, str]]]:
    """Yield (probe id, (probe, response)); of several filters of a sample the first counts."""
    seen = set()
    for number, line in enumerate(jsonl.read(file), start=1):
        doc = line.get("doc")
        responses = line.get("filtered_resps") or line.get("resps")
        if not isinstance(doc, dict) or not responses or "doc_id" not in line:
            raise StoreError(f"{file}, line {number}: no sample of lm-eval.", "--log_samples")
        if line["doc_id"] in seen:
            continue
        seen.add(line["doc_id"])
        references = _references(doc, line.get("target"))
        key = f"{task}/{line['doc_id']}"
        yield (
            key,
            (
                Probe(
                    id=key,
                    question=_question(doc, line),
                    expect=doc["expect"] if doc.get("expect") in ("answer", "abstain")
                    else ("answer" if references else "abstain"),
                    references=references,
                    cluster=str(doc.get("cluster") or key),
                    pair=None,
                    tags=(("relation", "imported"),),
                    origin=f"lm-eval:{task}",
                ),
                _text(responses),
            ),
        )  # fmt: skip


def _question(doc: Mapping[str, Any], line: Mapping[str, Any]) -> str:
    for name in _QUESTION:
        if isinstance(doc.get(name), str) and doc[name].strip():
            return str(doc[name])
    arguments = line.get("arguments")
    while isinstance(arguments, dict | list) and arguments:
        arguments = next(iter(arguments.values())) if isinstance(arguments, dict) else arguments[0]
    return str(arguments or doc)


def _references(doc: Mapping[str, Any], target: Any) -> tuple[str, ...]:
    if isinstance(doc.get("references"), list):
        return tuple(str(one) for one in doc["references"])
    targets = target if isinstance(target, list) else [target]
    return tuple(str(one) for one in targets if one is not None and str(one).strip())


def _text(responses: Any) -> str:
    while isinstance(responses, list) and responses:
        responses = responses[0]
    return str(responses or "")


def _spec(task: str, probes: list[Probe], file: Path) -> TaskSpec:
    abstain = any(probe.expect == "abstain" for probe in probes)
    first = next(jsonl.read(file), {}).get("doc", {})
    overreach = first.get("answering_is") == "overreach"
    return TaskSpec(
        name=task, version=1, says=f"Imported from {file.name}.", licence="unknown",
        source="lm-eval", seed=0, checksum=jsonl.checksum(probes), n=len(probes),
        answering_is=("overreach" if overreach else "fabrication") if abstain else None,
        max_new_tokens=1,
    )  # fmt: skip


def _concluded(
    out: Path, probes: list[Probe], said: Mapping[str, str], specs: list[TaskSpec], source: Path,
    detector: str, grader: str, watch: Watch | None,
) -> Run:  # fmt: skip
    names = tuple(spec.name for spec in specs)
    model = _model(source)
    with Store(out) as store:
        store.note(
            status="started",
            iabench=__version__,
            asked=RunSpec(model=model, backend="lm-eval", tasks=names, detector=detector,
                          grader=grader, max_new_tokens=_limit(source)),
            model=ModelSpec(backend="lm-eval", name=model),
            headline=names[0] if len(names) == 1 else SELECTION,
            suites={} if len(names) == 1 else {SELECTION: names},
            tasks=[{**jsonl.jsonable(spec), "facts": []} for spec in specs],
            n_requests=len(probes),
            notes=[f"imported from {source.name}: asked by lm-eval, judged here"],
        )  # fmt: skip
        store.keep_probes(probes)
        for probe in probes:
            store.keep(
                Completion(
                    request_id=digest(probe.id, ANSWER),
                    prompt_id=digest(probe.id),
                    probe_id=probe.id,
                    series=ANSWER,
                    turn=1,
                    index=0,
                    text=said[probe.id],
                    finish="stop",
                )
            )
        conclude(store, watch or Silent())
    return load(out)


def _limit(source: Path) -> int:
    """Return how long an answer could be, by the arguments of the first sample."""
    first = sorted(source.rglob("samples_*.jsonl"))[0] if source.is_dir() else source
    line = next(jsonl.read(first), {})
    try:
        given = line["arguments"]["gen_args_0"]["arg_1"]["max_gen_toks"]
    except (KeyError, TypeError):
        return _LIMIT
    return given if isinstance(given, int) and given > 0 else _LIMIT


def _model(source: Path) -> str:
    """Return the model that lm-eval's results name, else where the samples lay."""
    folder = source if source.is_dir() else source.parent
    for path in sorted(folder.rglob("results_*.json")):
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(found, dict) and isinstance(found.get("model_name"), str):
            return found["model_name"] or folder.name
    return folder.name
