"""evaluate(): ask, judge, count. The loop of the method section."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iabench.decode import decode
from iabench.errors import ConfigError, StoreError, near_match
from iabench.grading.base import DETECTORS, GRADERS
from iabench.models.base import Backend, WorkingBackend
from iabench.models.engine import TOO_LONG
from iabench.records import Completion, Probe, RunSpec, TaskSpec, Verdict
from iabench.runs.adjusting import Adjusted, adjusted
from iabench.runs.asking import again, clocked, engine_for, leaving_word, opened, put
from iabench.runs.certificates import certified, counted
from iabench.runs.folders import latest, set_aside
from iabench.runs.judging import Verdicts, judge, judge_samples, leaving_for_judges
from iabench.runs.long_answers import how_judged
from iabench.runs.planning import Planned, plan
from iabench.runs.provenance import host, packages
from iabench.runs.results import Entry, ledger, results, samples
from iabench.runs.rounds import guessable, guesses, next_rounds, series_of
from iabench.runs.run import Run, load
from iabench.runs.scoring import scored, worth
from iabench.runs.store import Said, Store, answers
from iabench.runs.watch import Silent, Watch

__all__ = ["conclude", "evaluate", "run"]


def evaluate(
    model: Any,
    *,
    tokenizer: Any = None,
    tasks: str | tuple[str, ...] | list[str] | None = None,
    facts: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
    out: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    watch: Watch | None = None,
    **options: Any,
) -> Run:
    """Ask a model what it should and should not know, and say how it did.

    Args:
        model: a hub id, a folder, `organism`, `file.py::function`; or a transformers model in
            memory (with `tokenizer`), any function from messages to text, or a `Backend`.
        tokenizer: of a model in memory.
        tasks: names, globs and suites, as a list or separated by commas; by default `core`, with
            `facts` `finetune`.
        facts: facts of your own: a file, `name:split`, or a dataset of the hub.
        columns: iabench's name -> the column of `facts` that it is called there.
        out: exactly this folder; by default one below `runs/` that the same call finds again.
        fresh: begin anew, with the old folder set aside once all that can be checked is.
        watch: is told about progress.
        options: further fields of `RunSpec`: `seed`, `limit`, `max_new_tokens`, `system_prompt`,
            `chat_template`, `detector`, ...

    Returns:
        The finished run; `run["refusal_accuracy"]` is an `Estimate`.

    Raises:
        IabenchError: something that you can mend; what was answered before is kept.
    """
    asked = tasks or ("core" if facts is None else "finetune")
    parts = asked.split(",") if isinstance(asked, str) else asked
    names = tuple(part.strip() for part in parts if part.strip())
    if facts is not None:
        options["facts"] = os.fspath(facts)
        options["columns"] = sorted((columns or {}).items())
    spec, lent = _asked(model, tokenizer, names, options)
    try:
        planned = plan(spec, out=Path(out) if out else None, fresh=fresh, lent=lent)
        watch = watch or Silent()
        for note in planned.notes:
            watch.say(f"note      {note}")
        return run(planned, watch)
    finally:
        if lent is not None:
            lent.close()


def run(planned: Planned, watch: Watch) -> Run:
    """Carry out what was planned, from wherever an earlier start of it stopped."""
    if planned.fresh:
        set_aside(planned.folder)
    if planned.status != "finished":
        with Store(planned.folder) as store, leaving_word(store):
            _begin(store, planned)
            _ask(store, planned, watch)
            conclude(store, watch)
    latest(planned.folder)
    return load(planned.folder)


def _begin(store: Store, planned: Planned) -> None:
    # First of all: a folder with run.json is known as ours, whatever is killed after this.
    store.note(
        status="started",
        iabench=packages()["iabench"],
        asked=planned.spec,
        identity=planned.identity,
        headline=planned.headline,
        suites=planned.suites,
        tasks=[{**_plain(task.spec), "facts": task.facts} for task in planned.tasks],
        n_requests=planned.requests,
        packages=packages(),
        host=host(),
        command=sys.argv,
        certificate=planned.certificate.digest if planned.certificate else None,
        started=store.run.get("started") or _now(),
        finished=None,
    )
    store.keep_probes(planned.probes)
    store.keep_left_out([probe for task in planned.tasks for probe in task.left_out])
    store.keep_certificate(planned.certificate)


def _ask(store: Store, planned: Planned, watch: Watch) -> None:
    """Put the questions, round by round, until all has been said."""
    probes = planned.probes
    series = series_of(planned.spec, probes)
    again(store, watch)
    if not next_rounds(series, probes, store.said):
        return
    with opened(store, planned, watch) as backend, clocked(store, "asking"):
        engine = engine_for(store, backend, planned.spec, watch)
        while rounds := next_rounds(series, probes, store.said):
            put(store, engine, rounds, watch)
        _counted(store, backend)


def conclude(store: Store, watch: Watch) -> None:
    """Judge what was said and write results: from what the folder holds and nothing else."""
    asked = decode(RunSpec, store.run["asked"], where=str(store.folder), error=StoreError)
    detector = DETECTORS.get(asked.detector)(asked)
    grader = GRADERS.get(asked.grader)(asked)
    probes = certified(store.probes(), store.folder)
    tasks = [
        (
            decode(TaskSpec, {k: v for k, v in task.items() if k != "facts"}, where="run.json"),
            tuple((str(key), str(value)) for key, value in task["facts"]),
        )
        for task in store.run["tasks"]
    ]
    private = {spec.name for spec, _ in tasks if spec.private}
    with clocked(store, "grading"), closing(detector), closing(grader):
        for line in leaving_for_judges(store, probes, private, detector, grader):
            watch.say(f"note      {line}")

        def judged(
            probes: Sequence[Probe], said: Said
        ) -> tuple[list[Entry], Verdicts, Mapping[str, Verdict]]:
            verdicts = judge(store, probes, detector, grader, watch, said=said)
            specs = {spec.name: spec for spec, _ in tasks}
            entries = ledger(probes, specs, said, verdicts, limit=asked.max_new_tokens)
            heard = (
                judge_samples(store, probes, asked.samples, detector, watch, said=said)
                if asked.samples
                else verdicts.abstained
            )
            return entries, verdicts, heard

        entries, verdicts, heard = judged(probes, store.said)
        forced = None
        if asked.elicit == "forced":
            forced, _, more = judged(guessable(probes), guesses(store.said))
            heard = {**heard, **more}
    undecided = sum(entry.decision.outcome == "undecided" for entry in entries)
    watch.end(f"{detector.id}, {grader.id} · {undecided:,} undecided")
    with clocked(store, "scoring"):
        scores = scored(store, probes, asked, heard, watch)
        if scores is not None:
            scores = worth(
                scores,
                [entry.row for entry in entries],
                suites=store.run["suites"],
                headline=store.run["headline"],
                level=asked.level,
                seed=asked.interval_seed,
                guessed=None if forced is None else [entry.row for entry in forced],
            )
        made = results(
            entries,
            tasks,
            store.run["suites"],
            headline=store.run["headline"],
            level=asked.level,
            interval_seed=asked.interval_seed,
            adjusted=_adjusted(store, asked, entries, detector.id),
            scored=scores,
            detector=detector.id,
            grader=grader.id,
            seed=asked.seed,
            limit=asked.limit,
            max_new_tokens=asked.max_new_tokens,
            long_references=how_judged(entries, verdicts),
            certified=counted(store.folder),
            notes=_notes(store, asked),
        )
    store.keep_results(made, samples(entries, store.said, verdicts, scores, forced))
    store.note(
        status="complete",
        finished=_now(),
        detector=detector.id,
        grader=grader.id,
        answers=answers(store.folder),
        failed=sum(
            c.finish == "error" and not (c.error or "").startswith(TOO_LONG)
            for c in store.said.values()
        ),
    )


def _asked(
    model: Any, tokenizer: Any, tasks: tuple[str, ...], options: dict[str, Any]
) -> tuple[RunSpec, Backend | None]:
    """Return the spec of a call from Python, and a backend over what is in memory already."""
    known = {field.name for field in fields(RunSpec)} - {"model", "tasks"}
    for name in options.keys() - known:
        near = near_match(name, known)
        raise ConfigError(f'evaluate() has no option "{name}".', near or ", ".join(sorted(known)))
    kwargs = options.get("chat_template_kwargs", ())
    if isinstance(kwargs, dict):
        pairs = sorted((k, v if isinstance(v, str) else json.dumps(v)) for k, v in kwargs.items())
        options = {**options, "chat_template_kwargs": pairs}
    options = {"tasks": list(tasks), **options}
    name = _name(model)
    spec = decode(RunSpec, {"model": name, **options}, where="evaluate()")
    if isinstance(model, str | os.PathLike):
        return spec, None
    if isinstance(model, Backend):
        return spec, model
    if hasattr(model, "config") and hasattr(model, "generate"):
        if tokenizer is None:
            raise ConfigError(
                "a model in memory needs its tokenizer.", "evaluate(model, tokenizer=tok)"
            )
        from iabench.models.loading import lend

        return spec, lend(model, tokenizer, spec)
    if callable(model):
        from iabench.models.callable import CallableBackend

        return spec, CallableBackend(model, name=name)
    raise ConfigError(
        f"evaluate() cannot ask a {type(model).__name__}.",
        "a hub id, a folder, a model, a function",
    )


def _name(model: Any) -> str:
    if isinstance(model, str | os.PathLike):
        return os.fspath(model)
    if isinstance(model, Backend):
        return model.spec.name
    named: Callable[..., Any] | str = getattr(model, "name_or_path", "") or getattr(
        model, "__name__", ""
    )
    return str(named or type(model).__name__)


def _counted(store: Store, backend: Backend) -> None:
    """Note tokens and, of a model that is decoded here, how and how long each stage took."""
    said: list[Completion] = list(store.said.values())
    tokens: dict[str, float] = {
        "prompt": sum(c.n_prompt for c in said),
        "reused": sum(c.n_reused for c in said),
        "generated": sum(c.n_generated for c in said),
        "padding_share": 0.0,
    }
    if isinstance(backend, WorkingBackend):
        work = backend.work
        tokens["padding_share"] = round(1 - work.read / work.padded, 4) if work.padded else 0.0
        store.note(engine={"way": work.way, "why": work.why})
        for stage, seconds in work.seconds.items():
            store.clock(stage, seconds)
    store.note(tokens=tokens)


def _adjusted(
    store: Store, asked: RunSpec, entries: Sequence[Entry], detector: str
) -> Adjusted | None:
    """Return what is corrected for the detector's errors, if that was asked for."""
    if not asked.adjust_for_detector:
        return None
    return adjusted(
        store.folder,
        [entry.row for entry in entries if entry.counts],
        list({entry.spec.name: entry.spec for entry in entries}.values()),
        answers={e.probe.id: e.completion.request_id for e in entries if e.completion},
        suites=store.run["suites"],
        detector=detector,
        level=asked.level,
    )


def _notes(store: Store, asked: RunSpec) -> list[str]:
    """Return what a reader of the results must know."""
    said = store.said.values()
    silent = sum(c.finish == "length" and not c.text for c in said)
    notes = []
    if silent > 0.01 * len(said):
        notes.append(
            f"{silent:,} of {len(said):,} answers were cut at {asked.max_new_tokens} tokens before "
            "saying anything: --max-new-tokens"
        )
    return notes


def _plain(spec: TaskSpec) -> dict[str, Any]:
    return {field.name: getattr(spec, field.name) for field in fields(spec)}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
