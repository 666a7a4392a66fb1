"""The decode loop: one batch of rows, each of which stops, draws and leaves by itself.

A sampled token is the inverse CDF at a uniform that is a function of (seed, prompt digest, series,
index, step) and of nothing else, so the same sample comes alone, in another batch, or after a
resume.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from iabench.models.base import Request, Work
from iabench.models.states import (
    SHARING,
    Cached,
    Slab,
    Whole,
    last_logits,
    padded,
    read_prefix,
    shared,
)
from iabench.prompts.chat import split_thinking
from iabench.records import Completion, Finish
from iabench.rng import uniform

__all__ = ["Decoder", "ran_out_of_memory"]


@dataclass(slots=True)
class _Row:
    position: int
    index: int
    request: Request
    stop: tuple[str, ...]
    opened: bool
    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    reused: int = 0


_CHECKED = 8
"""Tokens of the first rows that a way of decoding is held to."""


class Decoder:
    """Decodes batches on one model.

    Args:
        model: in eval mode.
        tokenizer: for stop strings and text.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._ends = _end_tokens(model, tokenizer)
        special = set(tokenizer.all_special_ids)
        # Tags of thinking are needed to take it out, even where they are special tokens.
        tags = {"<think>", "</think>", "<thinking>", "</thinking>"}
        self._silent = special - {i for t, i in tokenizer.get_vocab().items() if t in tags}
        self.work = Work()
        self._prefix: tuple[tuple[int, ...], list[Slab]] = ((), [])
        self._layers: list[Any] | None = None

    @torch.inference_mode()
    def prepare(self, requests: Sequence[Request]) -> None:
        """Take the fastest way of decoding that says of these prompts what the model says.

        It is tried on the longest prompt and the shortest that begins like it, two samples of each,
        and held to one plain reading of what it said.
        """
        # What an earlier round began with is let go: the model may have learned since.
        self._prefix = ((), [])
        with self._clocked("checking"):
            self.work.way, self.work.why = self._way(requests)

    def decline(self, why: str) -> None:
        """Take no way that was not checked."""
        self.work.way, self.work.why = "padded", why

    def _way(self, requests: Sequence[Request]) -> tuple[str, str]:
        longest = max(requests, key=lambda r: len(_ids(r)))
        begins = _ids(longest)[: longest.shared]
        like = [r for r in requests if r.shared == len(begins) and _ids(r)[: r.shared] == begins]
        prompts = list(dict.fromkeys([_ids(longest), _ids(min(like, key=lambda r: len(_ids(r))))]))
        if not (why := self._unshared(requests) or ""):
            for way in SHARING:
                try:
                    if self._right(way, prompts, longest):
                        return way, why
                    why = "other tokens than a plain reading gives"
                except Exception as problem:  # a model may stumble over what is not its own
                    if ran_out_of_memory(problem):
                        raise
                    why = _stumble(way, problem)
        if self._layers and self._right("padded", prompts, longest):
            return "padded", why
        return "whole", why

    def _unshared(self, requests: Sequence[Request]) -> str | None:
        """Return why keys and values cannot be shared between these prompts, or None."""
        if self._layers is None:
            self._layers = padded(self._model, [_ids(requests[0])[:1]]).layers
        if not self._layers:
            return f"{type(self._model).__name__} keeps no cache of keys and values"
        if not all(type(one) in (DynamicLayer, DynamicSlidingWindowLayer) for one in self._layers):
            return f"{type(self._model).__name__} has layers with a state of their own"
        need = max(len(_ids(r)) + r.sampling.max_new_tokens for r in requests)
        windows = [getattr(one, "sliding_window", None) or need for one in self._layers]
        # Padding between prefix and prompt moves a window, but not one that holds all of a row.
        if min(windows) < need:
            return f"a window of attention of {min(windows)} tokens"
        return None

    def _right(self, way: str, prompts: list[tuple[int, ...]], request: Request) -> bool:
        rows = [at for at in range(len(prompts)) for _ in range(2)]
        n = min(_CHECKED, request.sampling.max_new_tokens)
        state = self._read(way, prompts, rows, request.shared, n)
        said: list[list[int]] = [[] for _ in rows]
        logits = []
        for step in range(n):
            logits.append(state.logits)
            tokens = state.logits.argmax(dim=-1).tolist()
            for text, token in zip(said, tokens, strict=True):
                text.append(token)
            if step < n - 1:
                state.step(tokens, range(len(rows)))
        # Rows of one prompt may differ where rounding decides: each is held to its own reading.
        some = list({(rows[row], *text): row for row, text in enumerate(said)}.values())
        texts = [[*prompts[rows[row]], *said[row][:-1]] for row in some]
        plain = last_logits(self._model, texts, n)
        tokens_said = torch.tensor([said[row] for row in some], device=plain.device)
        chosen = plain.gather(2, tokens_said[..., None])[..., 0]
        # Where two tokens are as good as equal, rounding decides, and either is right.
        eps = torch.finfo(self._model.dtype).eps
        short = plain.max(dim=-1).values - chosen
        if bool((short <= (4 * eps * plain.abs().amax(dim=-1)).clamp(min=1e-3)).all()):
            return True
        # Every layer rounds: in half precision a deep model is further than that from itself, but
        # not so far as from another text.
        distance = (torch.stack(logits, dim=1)[some] - plain).square().mean().sqrt()
        return bool(distance <= 4 * eps * len(self._layers or ()) ** 0.5 * plain.std())

    @contextmanager
    def _clocked(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = self.work.seconds
            spent[stage] = spent.get(stage, 0.0) + time.perf_counter() - start

    @torch.inference_mode()
    def decode(
        self, requests: Sequence[Request], *, stop: tuple[str, ...], opened: Sequence[bool]
    ) -> Iterator[tuple[int, Completion]]:
        """Yield (position in `requests`, completion) as rows finish.

        Args:
            requests: with token ids.
            stop: stop strings of the prompt format, beside those of the sampling.
            opened: whether each prompt ends inside a thinking span.
        """
        rows = [
            _Row(position, index, request, _stops(request, stop), opened[position])
            for position, request in enumerate(requests)
            for index in request.indices
        ]
        state = self._start(requests, rows)
        while rows:
            with self._clocked("decoding"):
                tokens = self._choose(rows, state.logits)
            finished = [self._take(row, token) for row, token in zip(rows, tokens, strict=True)]
            for row, finish in zip(rows, finished, strict=True):
                if finish is not None:
                    yield row.position, self._completion(row, finish)
            stay = [at for at, finish in enumerate(finished) if finish is None]
            rows = [rows[at] for at in stay]
            if rows:
                with self._clocked("decoding"):
                    state.step([tokens[at] for at in stay], stay)

    def _start(self, requests: Sequence[Request], rows: Sequence[_Row]) -> Cached | Whole:
        """Read the prompts of a batch."""
        if not self.work.way:
            self.prepare(requests)
        way = self.work.way
        keeps = way in SHARING
        if keeps and self._unshared(requests):
            way, keeps = "padded", False
        prompts = list(dict.fromkeys(_ids(request) for request in requests))
        place = {prompt: at for at, prompt in enumerate(prompts)}
        of_rows = [place[_ids(row.request)] for row in rows]
        held = min(request.shared for request in requests)
        if len({prompt[:held] for prompt in prompts}) > 1:
            held = 0
        room = max(request.sampling.max_new_tokens for request in requests)
        with self._clocked("reading"):
            state = self._read(way, prompts, of_rows, held, room)
        if keeps:
            first = {at: of_rows.index(at) for at in set(of_rows)}
            for at, row in enumerate(rows):
                own = first[of_rows[at]] == at
                row.reused = held if own else len(_ids(row.request))
            self.work.read += sum(len(prompt) - held for prompt in prompts)
        else:
            self.work.read += sum(len(_ids(row.request)) for row in rows)
        self.work.padded += state.computed
        return state

    def _read(
        self,
        way: str,
        prompts: Sequence[tuple[int, ...]],
        rows: Sequence[int],
        held: int,
        room: int,
    ) -> Cached | Whole:
        if way in SHARING:
            begins = prompts[0][:held]
            if not self._prefix[1] or self._prefix[0] != begins:
                self._prefix = ((), [])  # the old one goes before the new one comes
                n_layers = len(self._layers or ())
                self._prefix = (begins, read_prefix(self._model, begins, n_layers))
                self.work.read += held
                self.work.padded += held
            own = [prompt[held:] for prompt in prompts]
            slabs, apart = self._prefix[1], way == "cascade"
            return shared(self._model, own, rows, slabs, room=room, apart=apart)
        texts = [prompts[at] for at in rows]
        return padded(self._model, texts) if way == "padded" else Whole(self._model, texts)

    def _choose(self, rows: Sequence[_Row], logits: torch.Tensor) -> list[int]:
        """Return the next token of each row; `logits` (rows, vocabulary) in float32."""
        chosen = logits.argmax(dim=-1)
        drawn: dict[tuple[float, float], list[int]] = {}
        for at, row in enumerate(rows):
            if row.request.sampling.temperature:
                how = (row.request.sampling.temperature, row.request.sampling.top_p)
                drawn.setdefault(how, []).append(at)
        for (temperature, top_p), some in drawn.items():
            uniforms = [_uniform(rows[at]) for at in some]
            chosen[some] = _draw(logits[some] / temperature, top_p, uniforms)
        if any(row.request.logprobs for row in rows):
            logprobs = logits.log_softmax(dim=-1).gather(1, chosen[:, None])[:, 0].tolist()
            for row, logprob in zip(rows, logprobs, strict=True):
                row.logprobs.append(logprob)
        return [int(token) for token in chosen.tolist()]

    def _take(self, row: _Row, token: int) -> Finish | None:
        """Add a token to a row; return how it finished, or None if it goes on."""
        row.ids.append(token)
        if token in self._ends:
            return "stop"
        if row.stop and self._stopped(row):
            return "stop"
        return "length" if len(row.ids) >= row.request.sampling.max_new_tokens else None

    def _stopped(self, row: _Row) -> bool:
        said = split_thinking(self._text(row), opened=row.opened)
        return not said.open and any(stop in said.raw for stop in row.stop)

    def _text(self, row: _Row) -> str:
        ids = [i for i in row.ids if i not in self._silent and i not in self._ends]
        return str(
            self._tokenizer.decode(
                ids, skip_special_tokens=False, clean_up_tokenization_spaces=False
            )
        )

    def _completion(self, row: _Row, finish: Finish) -> Completion:
        said = split_thinking(self._text(row), opened=row.opened)
        cuts = [said.raw.find(stop) for stop in row.stop if stop in said.raw]
        answer = said.raw[: min(cuts)] if cuts else said.raw
        return Completion(
            request_id="",
            prompt_id="",
            probe_id="",
            series=row.request.series,
            turn=0,
            index=row.index,
            text=answer.strip(),
            thinking=said.thinking,
            finish="length" if said.open else finish,
            logprobs=tuple(row.logprobs) if row.request.logprobs else None,
            n_prompt=len(_ids(row.request)),
            n_reused=row.reused,
            n_generated=len(row.ids),
        )


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return every token that ends an answer, by generation config and tokenizer."""
    ends: set[int] = set()
    generation = getattr(model, "generation_config", None)
    for source in (generation, model.config.get_text_config(), tokenizer):
        value = getattr(source, "eos_token_id", None)
        ends.update([value] if isinstance(value, int) else value or [])
    return frozenset(ends)


def ran_out_of_memory(problem: Exception) -> bool:
    """Return whether an error says that memory ran out, on whatever device."""
    # torch.OutOfMemoryError is one; MPS and the CPU allocator have no class of their own.
    text = str(problem).lower()
    return isinstance(problem, torch.OutOfMemoryError) or (
        isinstance(problem, RuntimeError)
        and any(words in text for words in ("out of memory", "can't allocate memory"))
    )


def _stumble(way: str, problem: Exception) -> str:
    if way == "cascade":
        return f"{problem} ({type(problem).__name__})"
    return f"{type(problem).__name__} with a cache of ours"


def _ids(request: Request) -> tuple[int, ...]:
    return request.token_ids or ()


def _stops(request: Request, stop: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in (*request.sampling.stop, *stop) if text)


def _uniform(row: _Row) -> float:
    request = row.request
    return uniform(request.sampling.seed, request.digest, request.series, row.index, len(row.ids))


def _draw(logits: torch.Tensor, top_p: float, at: Sequence[float]) -> torch.Tensor:
    """Return the inverse CDF of each row's distribution, cut to the nucleus, at `at`."""
    probabilities = logits.double().softmax(dim=-1)
    order = None
    if top_p < 1:
        probabilities, order = probabilities.sort(dim=-1, descending=True, stable=True)
        inside = probabilities.cumsum(dim=-1) - probabilities < top_p
        inside[:, 0] = True  # the likeliest token is in every nucleus
        probabilities = probabilities * inside
    sums = probabilities.cumsum(dim=-1)
    target = torch.tensor(at, dtype=sums.dtype, device=sums.device)[:, None] * sums[:, -1:]
    place = torch.searchsorted(sums, target, right=True).clamp(max=sums.shape[-1] - 1)
    return (place if order is None else order.gather(1, place))[:, 0]
