"""What the base itself says to questions: asked once, kept, and labelled as often as wanted.

Each question gets `samples` answers at `sample_temperature` and one *standard* answer at
`standard_temperature`. They are kept in `<runs>/sampled/`, one file for each base, template and way
of sampling, a line as soon as it is said; so another threshold, signal, seed or clustering asks
nothing anew, and a killed start goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from iabench import jsonl
from iabench.errors import TrainingError
from iabench.models.engine import Engine
from iabench.models.hf import HFBackend
from iabench.models.locate import short_name
from iabench.records import Message, Prompt, Round, Sampling
from iabench.rng import digest
from iabench.runs.folders import runs_folder
from iabench.training.spec import TrainSpec

__all__ = ["Said", "kept_in", "sampled"]

_STANDARD, _SAMPLES = "standard", "samples"
_Key = tuple[str, str, int]
"""Digest of a prompt, series, index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the base says to one question."""

    standard: str
    samples: tuple[str, ...]


def kept_in(spec: TrainSpec, *, base: str, template: str | None) -> Path:
    """Return the file that answers are kept in.

    Args:
        spec: of the training.
        base: digest of the base's weights.
        template: the chat template, or None.
    """
    matters = (
        base, template, *map(str, spec.chat_template_kwargs), spec.samples,
        spec.sample_temperature, spec.standard_temperature, spec.max_new_tokens, spec.dtype,
    )  # fmt: skip
    return runs_folder() / "sampled" / f"{short_name(spec.model)}-{digest(*matters)[:8]}.jsonl"


def sampled(
    backend: HFBackend, asked: Sequence[Sequence[Message]], spec: TrainSpec, path: Path
) -> list[Said]:
    """Return what the base says to prompts, in their order; what is kept is not asked again.

    Raises:
        TrainingError: one could not be answered.
    """
    prompts = [_digest(messages) for messages in asked]
    there: dict[_Key, str] = {
        (one["prompt"], one["series"], one["index"]): one["text"] for one in jsonl.read(path)
    }
    missing = [
        at for at, one in enumerate(prompts) if any(k not in there for k in _keys(one, spec))
    ]
    if missing:
        there |= _ask(backend, [(prompts[at], asked[at]) for at in missing], spec, path)
    return [
        Said(
            standard=there[one, _STANDARD, 0],
            samples=tuple(there[one, _SAMPLES, at] for at in range(spec.samples)),
        )
        for one in prompts
    ]


def _ask(
    backend: HFBackend,
    asked: Sequence[tuple[str, Sequence[Message]]],
    spec: TrainSpec,
    path: Path,
) -> dict[_Key, str]:
    once = dict(asked)
    rounds = [
        Round(
            series=series,
            sampling=Sampling(max_new_tokens=spec.max_new_tokens, temperature=heat, n=n),
            prompts=tuple(
                Prompt(
                    id=f"{series}/{one}", probe_id=one, series=series, turn=1,
                    messages=tuple(messages), template="train@1", digest=one,
                )
                for one, messages in once.items()
            ),
        )
        for series, heat, n in (
            (_STANDARD, spec.standard_temperature, 1),
            (_SAMPLES, spec.sample_temperature, spec.samples),
        )
        if n
    ]  # fmt: skip
    said: dict[_Key, str] = {}
    path.parent.mkdir(parents=True, exist_ok=True)
    jsonl.heal(path)
    with path.open("a", encoding="utf-8") as file:
        for one in Engine(backend).complete(*rounds):
            if one.finish == "error":
                raise TrainingError(f"the base could not be asked: {one.error}.")
            said[one.probe_id, one.series, one.index] = one.text
            line = {
                "prompt": one.probe_id, "series": one.series, "index": one.index, "text": one.text
            }  # fmt: skip
            # Whole lines: several processes may write, and what is there twice says the same.
            file.write(jsonl.canonical(line) + "\n")
            file.flush()
    return said


def _keys(prompt: str, spec: TrainSpec) -> Iterator[_Key]:
    yield prompt, _STANDARD, 0
    for at in range(spec.samples):
        yield prompt, _SAMPLES, at


def _digest(messages: Sequence[Message]) -> str:
    return digest(*(part for m in messages for part in (m.role, m.content)), size=32)
