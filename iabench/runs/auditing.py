"""`iabench tasks audit RUN...`: probes that somebody should look at, found by what models said.

same-answer   three or more models give one answer ("Paris", "It is Paris."), and it does not count
              as right: where abstaining is expected, is it a real thing after all? Where an answer
              is, is the reference wrong?
abstention    a reference that the detector itself reads as an abstention; such a probe is not asked
nobody-right  no model gets it right
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from iabench import jsonl
from iabench.errors import ConfigError, StoreError
from iabench.grading.base import Answered
from iabench.grading.lexical import Lexical
from iabench.runs.run import Run, load
from iabench.runs.store import LEFT_OUT
from iabench.uncertainty.equality import bare

__all__ = ["SAME", "Finding", "audit"]

SAME = 3
"""Models that must give one answer before it is worth a look."""
Why = Literal["same-answer", "abstention", "nobody-right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One probe to look at, and why."""

    why: Why
    probe_id: str
    question: str
    expect: str
    references: tuple[str, ...]
    answer: str
    """The one that several give, the reference that reads as an abstention, or empty."""
    models: tuple[str, ...]
    """Those that it was seen on; none for what was not asked."""


@dataclass(slots=True)
class _Asked:
    """One probe, and what each model said to it."""

    question: str
    expect: str
    references: tuple[str, ...]
    said: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Model -> (outcome, response)."""


def audit(folders: Sequence[Path]) -> tuple[Finding, ...]:
    """Return what is to be looked at, by probe; two runs of one model count once.

    Args:
        folders: finished runs.

    Raises:
        ConfigError: none are given.
        StoreError: one is no finished run, or one id stands for two questions.
    """
    if not folders:
        raise ConfigError("no runs to look at.", "iabench tasks audit runs/A runs/B runs/C")
    asked: dict[str, _Asked] = {}
    for folder in folders:
        _read(load(folder), asked)
    found = [*_same(asked), *_abstaining(asked), *_nobody_right(asked)]
    return tuple(sorted(found, key=lambda one: (one.probe_id, one.why)))


def _read(run: Run, asked: dict[str, _Asked]) -> None:
    """Add what one run says to each probe."""
    model = _model(run)
    for line in jsonl.read(run.path / "samples.jsonl"):
        held = _held(asked, line, run)
        held.said.setdefault(model, (line["outcome"], line["response"]))
    left_out = run.path / LEFT_OUT
    for line in jsonl.read(left_out) if left_out.exists() else ():
        _held(asked, line, run)


def _held(asked: dict[str, _Asked], line: dict[str, Any], run: Run) -> _Asked:
    """Return what is known of the probe of a line; it is new, or the same as before."""
    new = _Asked(line["question"], line["expect"], tuple(line["references"]))
    held = asked.setdefault(line["id"], new)
    if (held.question, held.expect) != (new.question, new.expect):
        raise StoreError(
            f"{line['id']} asks another question in {run.path} than in the runs before it.",
            "runs of one seed and of one version of the task",
        )
    return held


def _model(run: Run) -> str:
    """Return what a run's model is known by: its name, with its weights where they are known."""
    spec: Any = run.model
    if spec is None:
        return str(run.about.get("asked", {}).get("model", run.path))
    weights = "+".join(digest[:6] for digest in (spec.weights, spec.adapter_weights) if digest)
    return f"{spec.name} ({weights})" if weights else str(spec.name)


def _same(asked: dict[str, _Asked]) -> Iterator[Finding]:
    for key, one in asked.items():
        alike: dict[str, list[str]] = {}
        for model, (outcome, response) in one.said.items():
            if outcome in ("incorrect", "hallucinated", "overreached") and bare(response):
                alike.setdefault(bare(response), []).append(model)
        for models in alike.values():
            if len(models) >= SAME:
                yield _finding("same-answer", key, one, one.said[models[0]][1], models)


def _abstaining(asked: dict[str, _Asked]) -> Iterator[Finding]:
    cases = [
        (key, Answered(question=one.question, answer=text))
        for key, one in asked.items()
        for text in one.references
    ]
    judged = Lexical().detect([case for _, case in cases])
    for (key, case), said in zip(cases, judged, strict=True):
        if said.value:
            yield _finding("abstention", key, asked[key], case.answer, asked[key].said)


def _nobody_right(asked: dict[str, _Asked]) -> Iterator[Finding]:
    for key, one in asked.items():
        outcomes = {outcome for outcome, _ in one.said.values()} - {"undecided"}
        if one.expect == "answer" and one.references and outcomes and "correct" not in outcomes:
            yield _finding("nobody-right", key, one, "", one.said)


def _finding(why: Why, key: str, one: _Asked, answer: str, models: Iterable[str]) -> Finding:
    return Finding(
        why=why,
        probe_id=key,
        question=one.question,
        expect=one.expect,
        references=one.references,
        answer=answer,
        models=tuple(models),
    )
