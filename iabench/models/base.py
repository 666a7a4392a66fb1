"""The seam between the engine, which plans, and a backend, which decodes one planned batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from iabench.errors import BackendError
from iabench.records import Completion, Message, ModelSpec, Probe, RunSpec, Sampling
from iabench.registry import Registry

__all__ = [
    "BACKENDS",
    "CHECKPOINTS",
    "Backend",
    "Checkpoint",
    "Limits",
    "NoLogprobsError",
    "OpenBackend",
    "OutOfMemoryError",
    "Request",
    "Work",
    "WorkingBackend",
    "failed",
    "said",
    "weights_digest",
]


class OutOfMemoryError(Exception):
    """A batch did not fit; the engine halves it and sends the halves again."""


class NoLogprobsError(BackendError):
    """A round asks for log-probabilities, and the backend gives none; other rounds can be asked."""

    def __init__(self, series: str) -> None:
        super().__init__(
            f"{series} needs token log-probabilities; this server gives none.",
            "--scorer semantic-entropy",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One prompt to decode `sampling.n` times."""

    digest: str
    """Of the messages: what sampled draws are made from, together with seed, series and index."""
    series: str
    messages: tuple[Message, ...]
    token_ids: tuple[int, ...] | None
    """The rendered prompt, or None where the backend renders it (HTTP)."""
    sampling: Sampling
    logprobs: bool = False
    first: int = 0
    """Index of its first sample: samples that do not fit together are asked for in parts."""
    shared: int = 0
    """Tokens at its beginning that all prompts of its group have; fewer than it has."""

    @property
    def indices(self) -> range:
        """The indices of its completions."""
        return range(self.first, self.first + self.sampling.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a backend can take at once."""

    tokens: int | None = None
    """Tokens held at once (rows x longest prompt and answer), or None where only rows count."""
    read: int | None = None
    """Tokens read at once (prompts x longest), or None where what is held decides."""
    shared: bool = False
    """An equal prompt is read once for all its samples, and what a group begins with once."""
    apart: bool = False
    """What a group begins with is also held once, and not once a row."""
    rows: int = 256
    """Most rows of a batch, samples counted."""
    window: int | None = None
    """Most tokens of prompt and answer together."""


@dataclass(slots=True, kw_only=True)
class Work:
    """How a backend that reads prompts itself has worked so far."""

    way: str = ""
    """`cascade`, `shared`, `padded` or `whole`: see `iabench.models.states`."""
    why: str = ""
    """Why it is not a faster one."""
    read: int = 0
    """Prompt tokens computed."""
    padded: int = 0
    """The same with padding."""
    seconds: dict[str, float] = field(default_factory=dict)
    """By stage: `checking`, `reading`, `decoding`."""


@runtime_checkable
class WorkingBackend(Protocol):
    """A backend that decodes in this process, in ways of which it chooses one."""

    @property
    def work(self) -> Work:
        """What it did so far."""
        ...

    def prepare(self, requests: Sequence[Request]) -> None:
        """Choose a way for a round, before it is planned; `limits` are those of the way then."""
        ...


@runtime_checkable
class Backend(Protocol):
    """Answers batches of requests. Every backend passes `iabench.testing.BackendContract`."""

    @property
    def spec(self) -> ModelSpec:
        """What is loaded, as far as it can change a completion."""
        ...

    @property
    def limits(self) -> Limits:
        """What it can take at once."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """One line each on what the user should know (no pad token, system role folded in)."""
        ...

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...] | None:
        """Return the rendered prompt as token ids (at most one BOS), or None over HTTP."""
        ...

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Completion]]:
        """Decode one batch.

        Yields (position in `requests`, completion) as each finishes, one for each of the request's
        `indices`, with `index` set; `request_id`, `prompt_id`, `probe_id` and `turn` are filled in
        by the engine.
        A request that fails for good yields a completion with `finish="error"`.

        Raises:
            OutOfMemoryError: nothing more of this batch will come; it may be halved and sent again.
        """
        ...

    def close(self) -> None:
        """Give memory back, and a model that was lent back as it was found."""
        ...


OpenBackend = Callable[[RunSpec, Sequence[Probe]], Backend]
"""What stands behind a name in the group `iabench.backends`.

The probes are there so that a fake can know the answers and a remote backend can say, before its
first request, how many private questions would leave this machine.
"""

BACKENDS: Registry[OpenBackend] = Registry("backends", "backend")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A named model that ships with a distribution."""

    name: str
    path: Path
    says: str


CHECKPOINTS: Registry[Callable[[], Checkpoint]] = Registry("checkpoints", "checkpoint")

# Files up to this size are hashed whole; of larger ones, blocks spread evenly over the file.
_WHOLE = 64 * 2**20
_BLOCKS, _BLOCK = 512, 16 * 2**10


def weights_digest(files: Sequence[Path]) -> str:
    """Return a digest of weight files that needs no second in front of 16 GB on a slow disk.

    Small files count whole; of a large one its size, its first block (the safetensors header) and
    512 blocks of 16 kB spread over it, which any training run changes.
    """
    total = hashlib.sha256()
    for path in sorted(files, key=lambda p: (p.name, str(p))):
        size = path.stat().st_size
        total.update(f"{path.name}\0{size}\0".encode())
        with path.open("rb") as file:
            if size <= _WHOLE:
                while block := file.read(2**20):
                    total.update(block)
            else:
                for number in range(_BLOCKS):
                    file.seek((size - _BLOCK) * number // (_BLOCKS - 1))
                    total.update(file.read(_BLOCK))
    return total.hexdigest()[:16]


def said(text: str, index: int = 0) -> Completion:
    """Return a completion that holds `text`, still without an address: the engine gives it."""
    return Completion(
        request_id="",
        prompt_id="",
        probe_id="",
        series="",
        turn=0,
        index=index,
        text=text,
        finish="stop",
        n_generated=len(text.split()),
    )


def failed(why: str, index: int = 0) -> Completion:
    """Return what stands for an answer that did not come, still without an address."""
    return replace(said("", index), finish="error", error=why)
