"""The engine plans what a backend decodes: once each, packed, in an order that a resume keeps."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from iabench.errors import BackendError
from iabench.models.base import Backend, Limits, OutOfMemoryError, Request
from iabench.records import Completion, Prompt, Round, Sampling
from iabench.rng import digest

__all__ = ["TOO_LONG", "Engine", "Plan", "Tally", "request_id"]

TOO_LONG = "too long for the model"
"""How the error begins of a prompt that no later start will find room for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What fixes the batches of a run; kept in `run.json`, so that a resume forms the same ones."""

    tokens: int | None
    rows: int
    halved: tuple[str, ...] = ()
    """Digests of batches that did not fit and were halved."""


@dataclass(slots=True)
class Tally:
    """Tokens counted over a run."""

    prompt: int = 0
    reused: int = 0
    generated: int = 0
    padded: int = 0
    """Prompt tokens with padding, as the device saw them."""
    batches: int = 0

    @property
    def padding_share(self) -> float:
        """Share of prompt positions that were padding."""
        return 1 - self.prompt / self.padded if self.padded else 0.0


@dataclass(slots=True)
class _Asked:
    """One distinct prompt with everybody who asks it."""

    request: Request
    prompts: list[Prompt] = field(default_factory=list)

    @property
    def length(self) -> int:
        return len(self.request.token_ids or ())


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

    def complete(self, asked: Round, done: Container[str] = ()) -> Iterator[Completion]:
        """Yield the completions of a round that are not done, as they finish.

        Batches are formed from the whole round before anything is skipped, so that a row always
        stands among the same others and a resumed run says what an uninterrupted one says.

        Raises:
            BackendError: the backend answered a request twice or not at all.
        """
        distinct, refused = self._merge(asked)
        for completion in refused:
            if completion.request_id not in done:
                yield completion
        for batch in _pack(distinct, self.plan):
            yield from self._run(batch, done)

    def _merge(self, asked: Round) -> tuple[list[_Asked], list[Completion]]:
        """Encode each distinct prompt once; set those apart that the model's window cannot hold."""
        window = self._backend.limits.window
        distinct: dict[str, _Asked] = {}
        refused: list[Completion] = []
        for prompt in asked.prompts:
            known = distinct.get(prompt.digest)
            if known is None:
                request = Request(
                    digest=prompt.digest,
                    series=asked.series,
                    messages=prompt.messages,
                    token_ids=self._backend.encode(prompt.messages),
                    sampling=asked.sampling,
                    logprobs=asked.logprobs,
                )
                known = distinct[prompt.digest] = _Asked(request)
            need = known.length + asked.sampling.max_new_tokens
            if window is not None and need > window:
                why = f"{TOO_LONG}: {need} tokens with the answer, and the model holds {window}"
                refused += _failed(prompt, known, why)
            else:
                known.prompts.append(prompt)
        return [one for one in distinct.values() if one.prompts], refused

    def _run(self, batch: list[_Asked], done: Container[str]) -> Iterator[Completion]:
        missing = self._missing(batch, done)
        if not any(missing.values()):
            return
        name = digest(*(one.request.digest for one in batch))
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
        self.tally.padded += len(batch) * max(one.length for one in batch)

    @staticmethod
    def _missing(
        batch: Sequence[_Asked], done: Container[str]
    ) -> dict[tuple[int, int], list[Prompt]]:
        """Return who still waits for each (position in the batch, index)."""
        return {
            (position, index): [p for p in one.prompts if _id(p, one, index) not in done]
            for position, one in enumerate(batch)
            for index in range(one.request.sampling.n)
        }

    @staticmethod
    def _lacks(at: int, one: _Asked, missing: Mapping[tuple[int, int], list[Prompt]]) -> bool:
        return any(missing[at, index] for index in range(one.request.sampling.n))

    def _out_of_memory(
        self, batch: list[_Asked], name: str, done: Container[str], came: set[tuple[int, int]]
    ) -> Iterator[Completion]:
        if len(batch) == 1:
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

    def _halves(self, batch: list[_Asked], done: Container[str]) -> Iterator[Completion]:
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
    return Plan(tokens=limits.tokens, rows=min(rows, limits.rows) if rows else limits.rows)


def _pack(distinct: Sequence[_Asked], plan: Plan) -> Iterator[list[_Asked]]:
    """Yield batches, longest prompts first: what does not fit shows itself at once."""
    batch: list[_Asked] = []
    rows = 0
    for one in sorted(distinct, key=lambda a: (-a.length, a.request.digest)):
        # The first of a batch is its longest, so it sets the width of every row.
        width = (batch[0] if batch else one).length + one.request.sampling.max_new_tokens
        n = one.request.sampling.n
        full = plan.tokens is not None and (rows + n) * width > plan.tokens
        if batch and (full or rows + n > plan.rows):
            yield batch
            batch, rows = [], 0
        batch.append(one)
        rows += n
    if batch:
        yield batch


def _id(prompt: Prompt, one: _Asked, index: int) -> str:
    return request_id(prompt, one.request.sampling, index, logprobs=one.request.logprobs)


def _addressed(completion: Completion, prompt: Prompt, one: _Asked) -> Completion:
    return replace(
        completion,
        request_id=_id(prompt, one, completion.index),
        prompt_id=prompt.id,
        probe_id=prompt.probe_id,
        series=prompt.series,
        turn=prompt.turn,
        text=_encodable(completion.text),
        thinking=None if completion.thinking is None else _encodable(completion.thinking),
    )


def _encodable(text: str) -> str:
    """Return text as a file can hold it: what a later turn quotes is then what a resume reads."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _failed(prompt: Prompt, one: _Asked, why: str) -> list[Completion]:
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
        for index in range(one.request.sampling.n)
    ]
