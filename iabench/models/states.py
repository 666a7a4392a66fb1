"""How a batch is read and gone on with: four ways, of which the first that is right is taken.

    cascade  as `shared`, and of what a group begins with all rows read one copy: for models that
             take their attention from transformers (see `iabench.models.prefix`)
    shared   keys and values stand in blocks that are allocated once and written by slice; what a
             group begins with is read once, and an equal prompt once for all of its samples
    padded   the model's own cache, each row read whole and padded on the left: for windows of
             attention that are shorter than the text, and for layers with a state of their own
    whole    no cache: the whole text is read again for each token

A state holds `logits` of the next token, (rows, vocabulary) in float32, and goes on by `step`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.nn.functional import pad
from transformers.cache_utils import Cache, DynamicLayer

from iabench.models.prefix import Prefix

__all__ = ["SHARING", "Cached", "Slab", "Whole", "last_logits", "padded", "read_prefix", "shared"]

Ids = Sequence[int]

SHARING = ("cascade", "shared")
"""The ways that read a shared beginning and an equal prompt once, the faster one first."""

_AT_ONCE = {"cpu": 1024}
"""Tokens of prompts read at once: no more than keep the device busy, so that little is padded."""
_MANY_AT_ONCE = 2**14


class Slab(DynamicLayer):  # type: ignore[misc]
    """Keys and values of one layer in a block of fixed length, filled from the front.

    transformers' own layer grows by concatenation, which copies all of it for each token.
    """

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self._capacity = capacity
        self._blocks: tuple[torch.Tensor, ...] = ()

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write behind what is held; return views of all that is held then."""
        start = self.get_seq_length()
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self._allocate(key_states, value_states, key_states.shape[0])
        for block, new in zip(self._blocks, (key_states, value_states), strict=True):
            block[:, :, start : start + new.shape[-2]] = new
        self._show(start + key_states.shape[-2])
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep some rows."""
        kept = Slab.of([self], indices.tolist(), self._capacity)
        self._blocks = kept._blocks
        self._show(kept.get_seq_length())

    @classmethod
    def of(cls, slabs: Sequence[Slab], rows: Sequence[int], capacity: int) -> Slab:
        """Return rows of slabs in one of their own, with nothing in front of the shorter ones.

        Args:
            slabs: whose rows are counted on from one to the next.
            rows: which, as often as wanted.
            capacity: of the new slab.
        """
        other = cls(capacity)
        like = slabs[0]
        other.lazy_initialization(like.keys, like.values)
        other._allocate(like.keys, like.values, len(rows))
        length = max(slab.get_seq_length() for slab in slabs)
        start = 0
        for slab in slabs:
            n, held = slab.keys.shape[0], slab.get_seq_length()
            places = [at for at, row in enumerate(rows) if start <= row < start + n]
            here = torch.tensor(places, device=slab.keys.device)
            there = torch.tensor([rows[at] - start for at in places], device=slab.keys.device)
            start += n
            for block, kept in zip(other._blocks, (slab.keys, slab.values), strict=True):
                block[here, :, length - held : length] = kept[there]
                # Nobody attends to it, but nothing times not-a-number is not nothing.
                block[here, :, : length - held] = 0
        other._show(length)
        return other

    def _allocate(self, keys: torch.Tensor, values: torch.Tensor, n: int) -> None:
        self._blocks = tuple(
            like.new_empty((n, like.shape[1], self._capacity, like.shape[3]))
            for like in (keys, values)
        )

    def _show(self, length: int) -> None:
        self.keys, self.values = (block[:, :, :length] for block in self._blocks)


class Cached:
    """A batch with a cache, and the logits of the next token of each row.

    Args:
        model: that reads it.
        ids: of its prompts, padded.
        mask: of what the cache holds by then.
        cache: transformers' cache, or None for the model's own.
        prefix: stands before each row, and not in the cache.
    """

    def __init__(
        self,
        model: Any,
        ids: torch.Tensor,
        mask: torch.Tensor,
        cache: Any,
        prefix: Prefix | None = None,
    ) -> None:
        self._model, self._cache, self._mask, self._prefix = model, cache, mask, prefix
        self._alive = list(range(len(ids)))
        self.computed = ids.numel()
        """Tokens of prompts that were computed, with padding."""
        self.logits: torch.Tensor
        self._forward(ids)

    @property
    def keeps(self) -> bool:
        """Whether the model gave a cache at all."""
        return self._cache is not None

    @property
    def layers(self) -> list[Any]:
        """The layers of the cache."""
        return list(getattr(self._cache, "layers", ()))

    def spread(self, others: Sequence[Cached], rows: Sequence[int], room: int) -> None:
        """Take over what others hold, and give each row the prompt that it has.

        Args:
            others: of the same prefix; they hold nothing then.
            rows: the prompt of each row, counted on from this one's to the others'.
            room: tokens that an answer may have.
        """
        parts = [self, *others]
        width = max(part._mask.shape[1] for part in parts)
        for at in range(len(self._cache.layers)):
            # One layer after the other: never twice the cache.
            layers = [part._cache.layers[at] for part in parts]
            self._cache.layers[at] = Slab.of(layers, rows, width + room)
            for part in others:
                part._cache.layers[at] = None
        masks = [pad(part._mask, (width - part._mask.shape[1], 0)) for part in parts]
        self._mask = torch.cat(masks)[list(rows)]
        self.logits = torch.cat([part.logits for part in parts])[list(rows)]
        self.computed = sum(part.computed for part in parts)
        self._alive = list(range(len(rows)))

    def step(self, tokens: Sequence[int], stay: Sequence[int]) -> None:
        """Feed one token to each row that stays.

        Args:
            tokens: one for each of `stay`.
            stay: which of the rows of the last step go on, by their place in it.
        """
        self._alive = [self._alive[at] for at in stay]
        n_held = self._mask.shape[0]
        if len(self._alive) <= n_held * (0.75 if self._prefix else 0.5):
            # Finished rows are computed along until they are many: each copy of the cache costs.
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
        before: AbstractContextManager[dict[str, Any]] = nullcontext({})
        if self._prefix:
            positions = positions + self._prefix.length
            before = self._prefix.attended()
        with before as attention:
            out = self._model(
                input_ids=ids,
                attention_mask=self._mask,
                position_ids=positions,
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
                **attention,
            )
        self._cache = getattr(out, "past_key_values", None)
        alive = torch.tensor(self._alive, device=out.logits.device)
        self.logits = out.logits[alive, -1, :].float()


def padded(model: Any, prompts: Sequence[Ids]) -> Cached:
    """Read prompts side by side into the model's own cache."""
    ids, mask = _left_padded(prompts, model.device)
    return Cached(model, ids, mask, None)


def shared(
    model: Any,
    prompts: Sequence[Ids],
    rows: Sequence[int],
    prefix: Sequence[Slab],
    *,
    room: int,
    apart: bool = False,
) -> Cached:
    """Read each prompt once, behind the prefix that all of them have, for all of its rows.

    Args:
        model: whose cache has nothing but full layers of keys and values.
        prompts: distinct, without the prefix; none empty.
        rows: the prompt of each row, by place.
        prefix: what `read_prefix` returned, a slab a layer; without a length where none is shared.
        room: tokens that an answer may have.
        apart: leave the prefix where it is, rather than copy it to each row.
    """
    held = prefix[0].get_seq_length()
    before = None
    if apart:
        layers = [(one.keys[0], one.values[0]) if held else None for one in prefix]
        before, held = Prefix(model, layers), 0
    parts = []
    for some in _alike(prompts, _AT_ONCE.get(model.device.type, _MANY_AT_ONCE)):
        ids, mask = _left_padded(some, model.device)
        mask = torch.cat([mask.new_ones((len(some), held)), mask], dim=1)
        width = mask.shape[1]
        slabs = [Slab.of([one], [0] * len(some), width) if held else Slab(width) for one in prefix]
        parts.append(Cached(model, ids, mask, Cache(layers=slabs), before))
    parts[0].spread(parts[1:], rows, room)
    return parts[0]


def _alike(prompts: Sequence[Ids], most: int) -> Iterator[Sequence[Ids]]:
    """Yield prompts in parts of at most so many tokens, padding counted.

    They come longest first, so that a part pads little.
    """
    start = longest = 0
    for at, prompt in enumerate(prompts):
        longest = max(longest, len(prompt))
        if at > start and (at + 1 - start) * longest > most:
            yield prompts[start:at]
            start, longest = at, len(prompt)
    yield prompts[start:]


def read_prefix(model: Any, ids: Ids, n_layers: int) -> list[Slab]:
    """Return keys and values of what a group begins with, one row a layer."""
    slabs = [Slab(len(ids)) for _ in range(n_layers)]
    if ids:
        model(
            input_ids=torch.tensor([list(ids)], device=model.device),
            past_key_values=Cache(layers=slabs),
            use_cache=True,
            logits_to_keep=1,
        )
    return slabs


class Whole:
    """A batch without a cache: padded on the right, which no causal model sees."""

    def __init__(self, model: Any, prompts: Sequence[Ids]) -> None:
        self._model = model
        self._texts = [list(prompt) for prompt in prompts]
        self.computed = len(prompts) * max(map(len, prompts))
        self.logits: torch.Tensor
        self._read()

    def step(self, tokens: Sequence[int], stay: Sequence[int]) -> None:
        """Feed one token to each row that stays; arguments as of `Cached.step`."""
        self._texts = [[*self._texts[at], token] for at, token in zip(stay, tokens, strict=True)]
        self._read()

    def _read(self) -> None:
        self.logits = last_logits(self._model, self._texts, 1)[:, 0]


def last_logits(model: Any, texts: Sequence[Ids], n: int) -> torch.Tensor:
    """Return the logits at the last n tokens of each text, (texts, n, vocabulary), in one reading.

    No cache, no mask, no positions: this is what the model says, whatever its layers are.
    """
    lengths = torch.tensor([len(text) for text in texts])
    ids = torch.zeros((len(texts), int(lengths.max())), dtype=torch.long)
    for at, text in enumerate(texts):
        ids[at, : len(text)] = torch.tensor(list(text), dtype=torch.long)
    places = lengths[:, None] + torch.arange(-n, 0)
    wanted, where = torch.unique(places, return_inverse=True)
    logits = model(
        input_ids=ids.to(model.device), use_cache=False, logits_to_keep=wanted.to(model.device)
    ).logits
    columns = where if logits.shape[1] == len(wanted) else places
    rows = torch.arange(len(texts))[:, None]
    said: torch.Tensor = logits[rows.to(logits.device), columns.to(logits.device)].float()
    return said


def _left_padded(prompts: Sequence[Ids], device: Any) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(len(prompt) for prompt in prompts)
    ids = torch.zeros((len(prompts), width), dtype=torch.long)
    mask = torch.zeros((len(prompts), width), dtype=torch.long)
    for at, prompt in enumerate(prompts):
        # Padded positions hold token 0 and are masked out: no pad token is needed.
        ids[at, width - len(prompt) :] = torch.tensor(prompt, dtype=torch.long)
        mask[at, width - len(prompt) :] = 1
    return ids.to(device), mask.to(device)
