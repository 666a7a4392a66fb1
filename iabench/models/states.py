"""How a batch is read and gone on with: three ways, of which the first that is right is taken.

    shared  keys and values stand in blocks that are allocated once and written by slice; what a
            group begins with is read once, and an equal prompt once for all of its samples
    padded  the model's own cache, each row read whole and padded on the left: for windows of
            attention that are shorter than the text, and for layers with a state of their own
    whole   no cache: the whole text is read again for each token

A state holds `logits` of the next token, (rows, vocabulary) in float32, and goes on by `step`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import Cache, DynamicLayer

__all__ = ["Cached", "Slab", "Whole", "last_logits", "padded", "read_prefix", "shared"]

Ids = Sequence[int]


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

    def rows(self, places: torch.Tensor | int, capacity: int) -> Slab:
        """Return some rows in a slab of their own.

        Args:
            places: which, repeated as often as wanted; or a number of copies of the only one.
            capacity: of the new slab.
        """
        other = Slab(capacity)
        other.lazy_initialization(self.keys, self.values)
        n = places if isinstance(places, int) else len(places)
        other._allocate(self.keys, self.values, n)
        for block, held in zip(other._blocks, (self.keys, self.values), strict=True):
            some = held if isinstance(places, int) else held[places.to(held.device)]
            block[:, :, : held.shape[-2]] = some
        other._show(self.get_seq_length())
        return other

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep some rows."""
        kept = self.rows(indices, self._capacity)
        self._blocks = kept._blocks
        self._show(kept.get_seq_length())

    def _allocate(self, keys: torch.Tensor, values: torch.Tensor, n: int) -> None:
        self._blocks = tuple(
            like.new_empty((n, like.shape[1], self._capacity, like.shape[3]))
            for like in (keys, values)
        )

    def _show(self, length: int) -> None:
        self.keys, self.values = (block[:, :, :length] for block in self._blocks)


class Cached:
    """A batch with a cache, and the logits of the next token of each row."""

    def __init__(self, model: Any, ids: torch.Tensor, mask: torch.Tensor, cache: Any) -> None:
        self._model, self._cache, self._mask = model, cache, mask
        self._alive = list(range(len(ids)))
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

    def spread(self, rows: Sequence[int], capacity: int) -> None:
        """Give each row the prompt that it has, by place, with its keys and values."""
        places = torch.tensor(rows, device=self._mask.device)
        for at, layer in enumerate(self._cache.layers):
            # One layer after the other: never twice the cache.
            self._cache.layers[at] = layer.rows(places, capacity)
        self._mask, self.logits = self._mask[places], self.logits[places.to(self.logits.device)]
        self._alive = list(range(len(rows)))

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
        alive = torch.tensor(self._alive, device=out.logits.device)
        self.logits = out.logits[alive, -1, :].float()


def padded(model: Any, prompts: Sequence[Ids]) -> Cached:
    """Read prompts side by side into the model's own cache."""
    ids, mask = _left_padded(prompts, model.device)
    return Cached(model, ids, mask, None)


def shared(
    model: Any, prompts: Sequence[Ids], rows: Sequence[int], prefix: Sequence[Slab], *, room: int
) -> Cached:
    """Read each prompt once, behind the prefix that all of them have, for all of its rows.

    Args:
        model: whose cache has nothing but full layers of keys and values.
        prompts: distinct, without the prefix; none empty.
        rows: the prompt of each row, by place.
        prefix: what `read_prefix` returned, a slab a layer; without a length where none is shared.
        room: tokens that an answer may have.
    """
    ids, mask = _left_padded(prompts, model.device)
    held = prefix[0].get_seq_length()
    mask = torch.cat([mask.new_ones((len(prompts), held)), mask], dim=1)
    own = list(rows) == list(range(len(prompts)))
    width = mask.shape[1]
    capacity = width + room if own else width
    slabs = [one.rows(len(prompts), capacity) if held else Slab(capacity) for one in prefix]
    state = Cached(model, ids, mask, Cache(layers=slabs))
    if not own:
        state.spread(rows, width + room)
    return state


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
