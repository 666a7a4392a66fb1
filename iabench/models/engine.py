"""The engine plans what a backend decodes: once each, packed, in an order that a resume keeps."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from iabench.errors import BackendError
from iabench.models.base import Backend, Limits, OutOfMemoryError, Request, WorkingBackend
from iabench.models.packing import Asked, Plan, grouped, packed
from iabench.records import Completion, Prompt, Round, Sampling
from iabench.rng import digest

__all__ = ["TOO_LONG", "Engine", "Plan", "Tally", "request_id"]

TOO_LONG = "too long for the model"
"""How the error begins of a prompt that no later start will find room for."""


@dataclass(slots=True)
class Tally:
    """What was counted over a run."""

    prompt: int = 0
    """Tokens of the prompts of every batch, each prompt once."""
    generated: int = 0
    batches: int = 0


def request_id(prompt: Prompt, sampling: Sampling, index: int, *, logprobs: bool = False) -> str:
    """Return the id of one completion: of probe, prompt, sampling (without n) and index.

    A completion with log-probabilities is another one than that without.
    """
    return digest(
        prompt.probe_id,
        prompt.digest,
        prompt.series,
        prompt.turn,
        sampling.max_new_tokens,
        sampling.temperature,
        sampling.top_p,
        *sampling.stop,
        sampling.seed if sampling.temperature else 0,
        index,
        *(["logprobs"] if logprobs else []),
        size=24,
    )


class Engine:
    """Completes rounds over a backend.

    Args:
        backend: what decodes.
        plan: from an earlier start of the same run, or None to plan from the backend's limits.
        rows: cap on the rows of a batch (`--batch-size N`).
        on_plan: called with the plan whenever it changes, before anything is decoded under it.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        plan: Plan | None = None,
        rows: int | None = None,
        on_plan: Callable[[Plan], None] = lambda _: None,
    ) -> None:
        self._backend = backend
        self._on_plan = on_plan
        self.tally = Tally()
        self.plan = plan or _plan(backend.limits, rows)
        on_plan(self.plan)

    def complete(self, *asked: Round, done: Container[str] = ()) -> Iterator[Completion]:
        """Yield the completions of rounds that are not done, as they finish.

        Rounds that are asked together share what a backend reads of an equal prompt. Batches are
        formed from the whole of them before anything is skipped, so that a row always stands among
        the same others and a resumed run says what an uninterrupted one says.

        Raises:
            BackendError: the backend answered a request twice or not at all.
        """
        distinct: list[Asked] = []
        encoded: dict[str, tuple[int, ...] | None] = {}
        for one in asked:
            merged, refused = self._merge(one, encoded)
            distinct += merged
            for completion in refused:
                if completion.request_id not in done:
                    yield completion
        waiting = (
            _id(p, one, i) for one in distinct for i in one.request.indices for p in one.prompts
        )
        if all(id_ in done for id_ in waiting):
            return
        groups = grouped(distinct)
        if isinstance(self._backend, WorkingBackend):
            self._backend.prepare([one.request for group in groups for one in group])
        limits = self._backend.limits
        for group in groups:
            for batch in packed(group, self.plan, shared=limits.shared, apart=limits.apart):
                yield from self._run(batch, done)

    def _merge(
        self, asked: Round, encoded: dict[str, tuple[int, ...] | None]
    ) -> tuple[list[Asked], list[Completion]]:
        """Encode each distinct prompt once; set those apart that the model's window cannot hold."""
        window = self._backend.limits.window
        distinct: dict[str, Asked] = {}
        refused: list[Completion] = []
        for prompt in asked.prompts:
            known = distinct.get(prompt.digest)
            if prompt.digest not in encoded:
                encoded[prompt.digest] = self._backend.encode(prompt.messages)
            if known is None:
                request = Request(
                    digest=prompt.digest,
                    series=asked.series,
                    messages=prompt.messages,
                    token_ids=encoded[prompt.digest],
                    sampling=asked.sampling,
                    logprobs=asked.logprobs,
                )
                known = distinct[prompt.digest] = Asked(request)
            need = known.length + asked.sampling.max_new_tokens
            if window is not None and need > window:
                why = f"{TOO_LONG}: {need} tokens with the answer, and the model holds {window}"
                refused += _failed(prompt, known, why)
            else:
                known.prompts.append(prompt)
        return [one for one in distinct.values() if one.prompts], refused

    def _run(self, batch: list[Asked], done: Container[str]) -> Iterator[Completion]:
        missing = self._missing(batch, done)
        if not any(missing.values()):
            return
        name = digest(*(part for one in batch for part in _named(one)))
        if name in self.plan.halved:
            yield from self._halves(batch, done)
            return
        if batch[0].request.token_ids is None:
            # Where nothing is padded together, what was answered (and paid for) is not sent again.
            batch = [one for at, one in enumerate(batch) if self._lacks(at, one, missing)]
            missing = self._missing(batch, done)
        came: set[tuple[int, int]] = set()
        fits = True
        try:
            for position, completion in self._backend.generate([one.request for one in batch]):
                key = (position, completion.index)
                if key in came or key not in missing:
                    raise BackendError(f"the backend answered request {key} of a batch twice.")
                came.add(key)
                self.tally.generated += completion.n_generated
                for prompt in missing[key]:
                    yield _addressed(completion, prompt, batch[position])
        except OutOfMemoryError:
            # Halved only after this block: inside it the traceback holds the batch's tensors.
            fits = False
        if not fits:
            yield from self._out_of_memory(batch, name, done, came)
            return
        if len(came) != len(missing):
            raise BackendError(
                f"the backend answered {len(came)} of {len(missing)} requests of a batch."
            )
        self.tally.batches += 1
        self.tally.prompt += sum(one.length for one in batch)

    @staticmethod
    def _missing(
        batch: Sequence[Asked], done: Container[str]
    ) -> dict[tuple[int, int], list[Prompt]]:
        """Return who still waits for each (position in the batch, index)."""
        return {
            (position, index): [p for p in one.prompts if _id(p, one, index) not in done]
            for position, one in enumerate(batch)
            for index in one.request.indices
        }

    @staticmethod
    def _lacks(at: int, one: Asked, missing: Mapping[tuple[int, int], list[Prompt]]) -> bool:
        return any(missing[at, index] for index in one.request.indices)

    def _out_of_memory(
        self, batch: list[Asked], name: str, done: Container[str], came: set[tuple[int, int]]
    ) -> Iterator[Completion]:
        if len(batch) == 1 and batch[0].n == 1:
            one = batch[0]
            why = f"out of memory with one prompt of {one.length} tokens alone"
            for prompt in one.prompts:
                for failed in _failed(prompt, one, why):
                    if failed.request_id not in done and (0, failed.index) not in came:
                        yield failed
            return
        self.plan = replace(self.plan, halved=(*self.plan.halved, name))
        self._on_plan(self.plan)
        gone = {_id(p, batch[at], index) for at, index in came for p in batch[at].prompts}
        yield from self._halves(batch, _Either(done, gone))

    def _halves(self, batch: list[Asked], done: Container[str]) -> Iterator[Completion]:
        if len(batch) == 1:
            batch = batch[0].halves()
        middle = (len(batch) + 1) // 2
        yield from self._run(batch[:middle], done)
        yield from self._run(batch[middle:], done)


@dataclass(frozen=True, slots=True)
class _Either:
    one: Container[str]
    other: Container[str]

    def __contains__(self, item: object) -> bool:
        return item in self.one or item in self.other


def _plan(limits: Limits, rows: int | None) -> Plan:
    most = min(rows, limits.rows) if rows else limits.rows
    return Plan(tokens=limits.tokens, read=limits.read, rows=most)


def _named(one: Asked) -> tuple[object, ...]:
    request = one.request
    return request.series, request.digest, request.first, request.sampling.n


def _id(prompt: Prompt, one: Asked, index: int) -> str:
    return request_id(prompt, one.request.sampling, index, logprobs=one.request.logprobs)


def _addressed(completion: Completion, prompt: Prompt, one: Asked) -> Completion:
    return replace(
        completion,
        request_id=_id(prompt, one, completion.index),
        prompt_id=prompt.id,
        probe_id=prompt.probe_id,
        series=prompt.series,
        turn=prompt.turn,
        text=_encodable(completion.text),
        thinking=None if completion.thinking is None else _encodable(completion.thinking),
        logprobs=_finite(completion.logprobs),
    )


def _encodable(text: str) -> str:
    """Return text as a file can hold it: what a later turn quotes is then what a resume reads."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _finite(logprobs: Sequence[float | None] | None) -> tuple[float | None, ...] | None:
    """Return log-probabilities as a file can hold them: None where one is no finite number."""
    if logprobs is None:
        return None
    return tuple(one if one is not None and math.isfinite(one) else None for one in logprobs)


def _failed(prompt: Prompt, one: Asked, why: str) -> list[Completion]:
    return [
        Completion(
            request_id=_id(prompt, one, index),
            prompt_id=prompt.id,
            probe_id=prompt.probe_id,
            series=prompt.series,
            turn=prompt.turn,
            index=index,
            text="",
            finish="error",
            error=why,
        )
        for index in one.request.indices
    ]
