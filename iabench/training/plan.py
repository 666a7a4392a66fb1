"""The plan: memory, steps, time and disk of a training, before anything of the model is loaded."""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from iabench.datasets.base import Facts
from iabench.datasets.source import read_facts, read_names, read_questions
from iabench.errors import TrainingError
from iabench.models.devices import device as find_device
from iabench.models.locate import Located, locate
from iabench.models.rendering import Renderer
from iabench.models.tokenizer import load_tokenizer
from iabench.runs.watch import clock
from iabench.tasks.told import count, cut
from iabench.training.comparing import sent_out
from iabench.training.data import Encoded, Encoder, end_of, share_of
from iabench.training.lighter import lighter
from iabench.training.memory import Batch, blank, gb, needs, peak, saved, trainable
from iabench.training.prepare import examples_of, loading
from iabench.training.sharding import sharded_by
from iabench.training.spec import TrainSpec
from iabench.training.targets.by_signal import PHRASE
from iabench.training.threshold import apart, is_open

__all__ = ["Plan", "free_memory", "plan"]

_EFFICIENCY = 0.8
"""Share of a device's speed at matrix products that a step reaches."""
_KERNEL = 4e-4
"""Seconds a layer and step besides products."""
_NAMED = 5
"""Questions of rows that are not taught that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a training needs, and what there is."""

    spec: TrainSpec
    device: str
    memory: Mapping[str, int]
    """Bytes by what they are held for."""
    free: int
    """Bytes on the device."""
    rows: int
    """That are taught in an epoch, with what is replayed or added."""
    facts: int
    longest: int
    tokens: int
    """Of an epoch, with perturbed copies."""
    steps: int
    epochs: float
    changing: int
    parameters: int
    seconds: float
    disk: int
    disk_free: int
    template: bool
    set_aside: tuple[str, ...] = ()
    """What of the facts is not taught."""
    smaller: tuple[str, ...] = ()
    """What would fit."""

    @property
    def needed(self) -> int:
        """Bytes of memory at the peak."""
        return peak(self.memory, self.spec)

    @property
    def fits(self) -> bool:
        """Whether memory and disk suffice."""
        return self.needed <= self.free and self.disk <= self.disk_free

    def check(self) -> None:
        """Refuse what does not fit.

        Raises:
            TrainingError: too little memory or disk, with the figures and what to change.
        """
        if self.needed > self.free:
            name = self.spec.method if self.spec.method != "custom" else self.spec.update
            raise TrainingError(
                f"{name} needs about {gb(self.needed)} GB with {self.spec.optim}; "
                f"{self.device} has {gb(self.free)}.",
                " or ".join(self.smaller) or "a smaller model, or a larger device",
            )
        if self.disk > self.disk_free:
            raise TrainingError(
                f"{self.spec.method} writes up to {_size(self.disk)}; "
                f"{_size(self.disk_free)} are free.",
                "another --out, or free space",
            )

    def lines(self) -> list[str]:
        """Return what is worth reading before a training."""
        spec = self.spec
        by = " · ".join(f"{name} {_size(size)}" for name, size in self.memory.items())
        length = f"up to {spec.epochs:g}" if spec.stop_at_recall else f"{self.epochs:g}"
        stop = f" · stops at recall {spec.stop_at_recall:g}" if spec.stop_at_recall else ""
        what = "facts" if spec.facts else "questions"
        plain = "" if self.template else " · no chat template: taught as Question: ... Answer:"
        return [
            f"teaches   {count(self.facts, what)} of {spec.source}, "
            f"{count(self.rows, 'rows')} an epoch, up to {self.longest} tokens{plain}",
            *_asks(spec, self.facts),
            *(f"not       {line}" for line in self.set_aside),
            f"changes   {self.changing:,} of {self.parameters:,} numbers "
            f"({self.changing / self.parameters:.1%})",
            f"memory    about {_size(self.needed)} at the peak: {by}",
            f"          {self.device} has {_size(self.free)} free",
            f"steps     {self.steps:,} of {spec.batch_size * spec.accumulation} rows, "
            f"{length} epochs{stop} · about {clock(self.seconds)} (a guess until ten are done)",
            f"disk      up to {_size(self.disk)}, {_size(self.disk_free)} free",
        ]


def plan(spec: TrainSpec, out: str | os.PathLike[str]) -> Plan:
    """Return what a training needs. Reads facts, tokenizer and configuration; loads no weights.

    Raises:
        IabenchError: whatever can be known to be wrong without the model.
    """
    how = loading(spec)
    located = locate(how)
    _check_besides(spec)
    device = find_device(spec.device)
    width = _width(spec, device, located)
    tokenizer = load_tokenizer(located, how)
    renderer = Renderer(tokenizer, spec.chat_template, dict(spec.chat_template_kwargs))
    encoder = Encoder(
        tokenizer,
        renderer,
        end=end_of(tokenizer, renderer),
        system=spec.system_prompt,
        longest=spec.max_length,
        context=_context(located),
        truncate=spec.truncate,
    )
    if spec.questions is None:
        source = read_facts(spec.source, dict(spec.columns), spec.data_dir)
    else:
        source = read_questions(spec.source, dict(spec.columns))
    facts = encoder.all(
        [
            replace(example, question=question, answer=example.answer or PHRASE)
            for example in examples_of(spec, source)
            for question in (example.question, *example.wordings)
        ]
    )
    model = blank(_configuration(located, spec))
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    sharded = processes if sharded_by() else 1
    batch = _batch(spec, facts, processes)
    memory = needs(model, spec, batch, width=width, sharded=sharded)
    free = free_memory(device)
    rows = len(facts) + round(spec.ratio * len(facts)) * (len(spec.rows) - 1)
    steps, epochs = _steps(spec, rows)
    tokens = sum(map(len, facts)) * rows // len(facts) * (2 if _perturbs(spec) else 1)
    parameters = sum(p.numel() for p in model.parameters())
    lean, dense = trainable(model, spec)
    share = share_of(spec.batch_size, processes)
    per_step = tokens / max(rows, 1) * share * spec.accumulation
    out_size, checkpoint = saved(model, spec, width)
    return Plan(
        spec=spec,
        device="memory" if device == "cpu" else device,
        memory=memory,
        free=free,
        rows=rows,
        facts=len(facts),
        longest=max(map(len, facts)),
        tokens=tokens,
        steps=steps,
        epochs=epochs,
        changing=_changing(spec, lean + dense, lean),
        parameters=parameters,
        seconds=steps * _seconds(spec, parameters, per_step, device, model, width),
        # Two checkpoints are kept while a third is written.
        disk=out_size + 3 * checkpoint,
        disk_free=shutil.disk_usage(_there(Path(out))).free,
        template=renderer.template is not None,
        set_aside=tuple(_set_aside(source)),
        smaller=lighter(model, spec, batch, width, processes, free)
        if peak(memory, spec) > free
        else (),
    )


def _check_besides(spec: TrainSpec) -> None:
    """Refuse what a training reads later than its facts, before anything is loaded or moved."""
    if spec.real_names and _perturbs(spec):
        read_names(spec.real_names)
    if is_open(spec):
        apart(spec)


def _asks(spec: TrainSpec, n: int) -> Iterator[str]:
    """Say what the base is asked first, and how many trainings come of it."""
    if spec.target != "by-signal":
        return
    yield (
        f"asks      the base: {spec.samples} samples at {spec.sample_temperature:g} and one answer "
        f"at {spec.standard_temperature:g} of each; kept, and not asked again"
    )
    if line := sent_out(spec, n):
        yield f"note      {line}"
    if is_open(spec):
        yield (
            f"tries     up to {len(spec.thresholds)} thresholds of {spec.signal}, a training each, "
            f"by AED on {spec.validation_share:.0%} of the questions, kept apart"
        )


def _set_aside(facts: Facts) -> Iterator[str]:
    """Say how many rows are not taught, and name the first few questions of them."""
    unanswered = sum(not row.references for row in facts.rows)
    if facts.duplicates:
        yield f"{count(facts.duplicates, 'duplicates')}: {_named(facts.doubled)}"
    if unanswered:
        yield f"{count(unanswered, 'rows')} without an answer"
    if facts.conflicts:
        asked = _named([one.question for one in facts.conflicts])
        yield f"{count(facts.in_conflict, 'rows')} that answer one question differently: {asked}"


def _named(questions: Sequence[str]) -> str:
    """Return the first few questions, in quotes, and how many more there are."""
    more = f" and {len(questions) - _NAMED:,} more" if questions[_NAMED:] else ""
    return ", ".join(f'"{cut(question)}"' for question in questions[:_NAMED]) + more


def _context(located: Located) -> int | None:
    """Return the tokens that a model can read, where its configuration says it."""
    sizes = (located.config.get(key) for key in ("max_position_embeddings", "n_positions"))
    return next((size for size in sizes if isinstance(size, int) and size > 0), None)


def free_memory(device: str) -> int:
    """Return the bytes that a device has free; of a CPU the machine's, or its container's."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    about = Path("/proc/meminfo")
    if about.is_file():
        lines = dict(line.split(":", 1) for line in about.read_text().splitlines() if ":" in line)
        if "MemAvailable" in lines:
            total = min(total, int(lines["MemAvailable"].split()[0]) * 1024)
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text().strip() if limit.is_file() else "max"
    return min(total, int(text)) if text.isdigit() else total


def _batch(spec: TrainSpec, facts: Sequence[Encoded], processes: int) -> Batch:
    """Return the largest batch of one process: as many rows as there can be, of the longest."""
    rows = min(share_of(spec.batch_size, processes), len(facts))
    targets = sorted((len(row.answer) for row in facts), reverse=True)[:rows]
    anchored = bool({"entity-kl", "base-kl"} & set(spec.anchors)) and spec.alpha > 0
    lengths = sorted((_held(spec, row) for row in facts), reverse=True)[:rows]
    return Batch(
        rows=rows * (2 if _perturbs(spec) else 1),
        length=max(map(len, facts)),
        targets=sum(targets),
        held=sum(lengths) if anchored else 0,
    )


def _held(spec: TrainSpec, row: Encoded) -> int:
    if spec.kl_positions == "all":
        return len(row)
    return len(row.answer if spec.kl_positions == "answer" else row.prompt)


def _perturbs(spec: TrainSpec) -> bool:
    return "entity-kl" in spec.anchors and spec.alpha > 0


def _changing(spec: TrainSpec, there: int, lean: int) -> int:
    """Return how many numbers may change: of a plain sparse update only the open ones."""
    if spec.update != "sparse":
        return there
    return lean + round(spec.density * (there - lean))


def _steps(spec: TrainSpec, rows: int) -> tuple[int, float]:
    an_epoch = max(1, math.ceil(math.ceil(rows / spec.batch_size) / spec.accumulation))
    if spec.max_steps > 0:
        return spec.max_steps, round(spec.max_steps / an_epoch, 2)
    return math.ceil(spec.epochs * an_epoch), spec.epochs


def _seconds(
    spec: TrainSpec,
    parameters: int,
    tokens: float,
    device: str,
    model: torch.nn.Module,
    width: int,
) -> float:
    """Return a guess at the seconds of a step.

    6 operations a parameter and token, 2 more where the base is asked, at the speed that the device
    shows for one matrix product.
    """
    operations = parameters * tokens * (8 if spec.anchors else 6)
    layers = len([m for m in model.modules() if isinstance(m, torch.nn.Linear)])
    return operations / (_EFFICIENCY * _speed(device, width)) + layers * _KERNEL


def _speed(device: str, width: int) -> float:
    """Return operations a second, of a product of two matrices."""
    n = 1024 if device == "cpu" else 4096
    dtype = torch.float32 if width == 4 else torch.bfloat16
    one = torch.ones(n, n, dtype=dtype, device=device)
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        # Reading one value waits for the device.
        float((one @ one)[0, 0])
        best = min(best, time.perf_counter() - start)
    return 2 * n**3 / best


def _width(spec: TrainSpec, device: str, located: Located) -> int:
    """Return the bytes of a weight as it is loaded."""
    name = spec.dtype
    if name == "auto":
        stored = located.config.get("dtype") or located.config.get("torch_dtype") or "float32"
        name = "float32" if device == "cpu" else str(stored).removeprefix("torch.")
    dtype = getattr(torch, name, None)
    if not isinstance(dtype, torch.dtype):
        raise TrainingError(f'no dtype "{name}".', "--dtype auto, float32, float16, bfloat16")
    return dtype.itemsize


def _configuration(located: Located, spec: TrainSpec) -> object:
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(located.path, trust_remote_code=spec.trust_remote_code)


def _there(path: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    path = path.resolve()
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _size(size: float) -> str:
    if size >= 1e9:
        return f"{gb(size)} GB"
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
