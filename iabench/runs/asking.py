"""Putting questions to a model: opened once, asked round by round, clocked, and left in good order.

What `evaluate` and `certify` have in common.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from iabench.decode import decode
from iabench.errors import BackendError, ConfigError, StoreError
from iabench.models.base import BACKENDS, Backend
from iabench.models.engine import TOO_LONG, Engine, Plan
from iabench.records import Probe, Round, RunSpec
from iabench.runs.folders import check_model
from iabench.runs.store import Store
from iabench.runs.watch import Watch

__all__ = ["Askable", "again", "clocked", "engine_for", "leaving_word", "opened", "put", "rows"]


class Askable(Protocol):
    """A plan of something that is asked of a model."""

    @property
    def spec(self) -> RunSpec:
        """Of whom, and how."""
        ...

    @property
    def backend(self) -> str:
        """Name of what decodes."""
        ...

    @property
    def lent(self) -> Backend | None:
        """One that is open already, and stays so."""
        ...

    @property
    def folder(self) -> Path:
        """Where all goes."""
        ...

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What is asked."""
        ...


@contextmanager
def opened(store: Store, planned: Askable, watch: Watch) -> Iterator[Backend]:
    """Open the backend, make sure that it is the model of before, and close what we opened."""
    watch.begin("loading", 1)
    with clocked(store, "loading"):
        backend = planned.lent or BACKENDS.get(planned.backend)(planned.spec, planned.probes)
    try:
        watch.advance()
        watch.end()
        check_model(planned.folder, store.run, backend.spec)
        store.note(model=backend.spec, notes=list(backend.notes))
        watch.loaded(backend.spec, tuple(backend.notes))
        yield backend
        learned = [note for note in backend.notes if note not in store.run["notes"]]
        if learned:
            # A server says what it does not take only when it is asked.
            store.note(notes=list(backend.notes))
            for note in learned:
                watch.say(f"note      {note}")
    finally:
        if backend is not planned.lent:
            backend.close()


@contextmanager
def leaving_word(store: Store) -> Iterator[None]:
    """Leave word in `run.json` of how it stopped."""
    try:
        yield
    except BaseException as problem:
        if not isinstance(problem, StoreError):
            status = "interrupted" if isinstance(problem, KeyboardInterrupt) else "failed"
            store.note(status=status)
        raise


@contextmanager
def clocked(store: Store, stage: str) -> Iterator[None]:
    """Add the seconds of a stage to `run.json`."""
    start = time.perf_counter()
    try:
        yield
    finally:
        store.clock(stage, time.perf_counter() - start)


def again(store: Store, watch: Watch) -> None:
    """Drop answers that failed, but for those that no later start can give."""
    failed = store.forget_failed(lambda c: (c.error or "").startswith(TOO_LONG))
    if failed:
        watch.say(f"note      {failed:,} questions that could not be asked are asked again")


def engine_for(store: Store, backend: Backend, spec: RunSpec, watch: Watch) -> Engine:
    """Return an engine that keeps the batches of an earlier start."""
    held, cap = store.run.get("plan"), rows(spec)
    earlier = decode(Plan, held, where="run.json", error=StoreError) if held else None
    if earlier and cap and cap != earlier.rows:
        watch.say(f"note      --batch-size {cap} is left out: a run keeps its batches")
    return Engine(backend, plan=earlier, rows=cap, on_plan=lambda changed: store.note(plan=changed))


def put(store: Store, engine: Engine, rounds: Sequence[Round], watch: Watch) -> None:
    """Ask rounds together, but for what has been answered before; every answer is kept.

    Raises:
        BackendError: the backend answered nothing of them.
    """
    for asked in rounds:
        store.keep_prompts(asked)
    n = sum(len(asked.prompts) * asked.sampling.n for asked in rounds)
    before = len(store.done)
    watch.begin("asking", n, done=sum(_done(asked, store) for asked in rounds))
    for completion in engine.complete(*rounds, done=store.done):
        store.keep(completion)
        watch.advance()
    watch.end()
    if len(store.done) == before:
        left = " and ".join(asked.series for asked in rounds)
        raise BackendError(f"the backend left a round of {left} unanswered.")


def rows(spec: RunSpec) -> int | None:
    """Return the cap on rows that `--batch-size` sets, None for `auto`.

    Raises:
        ConfigError: neither `auto` nor a number from 1 up.
    """
    if spec.batch_size.partition(":")[0] == "auto":
        return None
    if not spec.batch_size.isdigit() or int(spec.batch_size) < 1:
        raise ConfigError(f"--batch-size {spec.batch_size} is no number of rows.", "auto, or 8")
    return int(spec.batch_size)


def _done(asked: Round, store: Store) -> int:
    return sum(
        (p.probe_id, asked.series, p.turn, index) in store.said
        for p in asked.prompts
        for index in range(asked.sampling.n)
    )
