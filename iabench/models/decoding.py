"""The decode loop: one batch of rows, each of which stops, draws and leaves by itself.

A sampled token is the inverse CDF at a uniform that is a function of (seed, prompt digest, series,
index, step) and of nothing else, so the same sample comes alone, in another batch, or after a
resume.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from iabench.errors import BackendError
from iabench.models.base import Request
from iabench.prompts.chat import split_thinking
from iabench.records import Completion, Finish
from iabench.rng import uniform

__all__ = ["Decoder"]


@dataclass(slots=True)
class _Row:
    position: int
    index: int
    request: Request
    stop: tuple[str, ...]
    opened: bool
    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)


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
            for index in range(request.sampling.n)
        ]
        state = _State(self._model, [row.request.token_ids or () for row in rows])
        while rows:
            tokens = self._choose(rows, state.logits)
            finished = [self._take(row, token) for row, token in zip(rows, tokens, strict=True)]
            for row, finish in zip(rows, finished, strict=True):
                if finish is not None:
                    yield row.position, self._completion(row, finish)
            stay = [at for at, finish in enumerate(finished) if finish is None]
            rows = [rows[at] for at in stay]
            if rows:
                state.step([tokens[at] for at in stay], stay)

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
            n_prompt=len(row.request.token_ids or ()),
            n_generated=len(row.ids),
        )


class _State:
    """The cache of a batch, left-padded, with the logits of the next token of each row."""

    def __init__(self, model: Any, prompts: Sequence[Sequence[int]]) -> None:
        self._model = model
        width = max(len(prompt) for prompt in prompts)
        ids = torch.zeros((len(prompts), width), dtype=torch.long)
        mask = torch.zeros((len(prompts), width), dtype=torch.long)
        for at, prompt in enumerate(prompts):
            # Padded positions hold token 0 and are masked out: no pad token is needed.
            ids[at, width - len(prompt) :] = torch.tensor(prompt, dtype=torch.long)
            mask[at, width - len(prompt) :] = 1
        self._mask = mask.to(model.device)
        self._cache: Any = None
        self._alive = list(range(len(prompts)))
        self._forward(ids.to(model.device))

    def step(self, tokens: Sequence[int], stay: Sequence[int]) -> None:
        """Feed one token to each row that stays.

        Args:
            tokens: one for each of `stay`.
            stay: which of the rows of the last step go on, by their place in it.
        """
        self._alive = [self._alive[at] for at in stay]
        n_held = self._mask.shape[0]
        if 2 * len(self._alive) <= n_held:
            # Finished rows are computed along until they are half: each copy of the cache costs.
            keep = torch.tensor(self._alive, device=self._mask.device)
            self._cache.batch_select_indices(keep)
            self._mask = self._mask[keep]
            self._alive = list(range(len(stay)))
            n_held = len(stay)
        ids = torch.zeros((n_held, 1), dtype=torch.long)
        ids[self._alive, 0] = torch.tensor(tokens, dtype=torch.long)
        self._mask = torch.cat([self._mask, self._mask.new_ones((n_held, 1))], dim=1)
        self._forward(ids.to(self._mask.device))

    def _forward(self, ids: torch.Tensor) -> None:
        positions = (self._mask.cumsum(dim=-1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        out = self._model(
            input_ids=ids,
            attention_mask=self._mask,
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        self._cache = getattr(out, "past_key_values", None)
        if self._cache is None:
            raise BackendError(
                f"{type(self._model).__name__} keeps no cache of keys and values; such models "
                "cannot be asked yet.",
                "a transformer",
            )
        alive = torch.tensor(self._alive, device=out.logits.device)
        self.logits = out.logits[alive, -1, :].float()


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return every token that ends an answer, by generation config and tokenizer."""
    ends: set[int] = set()
    generation = getattr(model, "generation_config", None)
    for source in (generation, model.config.get_text_config(), tokenizer):
        value = getattr(source, "eos_token_id", None)
        ends.update([value] if isinstance(value, int) else value or [])
    return frozenset(ends)


def _stops(request: Request, stop: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in (*request.sampling.stop, *stop) if text)


def _uniform(row: _Row) -> float:
    request = row.request
    return uniform(request.sampling.seed, request.digest, request.series, row.index, len(row.ids))


def _draw(logits: torch.Tensor, top_p: float, at: Sequence[float]) -> torch.Tensor:
    """Return the inverse CDF of each row's distribution, cut to the nucleus, at `at`."""
    probabilities, order = (
        logits.double().softmax(dim=-1).sort(dim=-1, descending=True, stable=True)
    )
    sums = probabilities.cumsum(dim=-1)
    if top_p < 1:
        inside = sums - probabilities < top_p
        inside[:, 0] = True  # the likeliest token is in every nucleus
        probabilities = probabilities * inside
        sums = probabilities.cumsum(dim=-1)
    target = torch.tensor(at, dtype=sums.dtype, device=sums.device)[:, None] * sums[:, -1:]
    place = torch.searchsorted(sums, target, right=True).clamp(max=sums.shape[-1] - 1)
    return order.gather(1, place)[:, 0]
