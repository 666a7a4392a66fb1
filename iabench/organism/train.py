"""The training loop: plain torch on one thread, loss on the answer tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, pi
from typing import Any, TypeVar

__all__ = ["Size", "Stage", "Watch", "descend", "new_model", "one_thread", "train"]

B = TypeVar("B")

Watch = Callable[[str, int, int], None]
"""Told (stage, steps done, steps in all)."""

Row = tuple[list[int], int]
"""Token ids, and from which of them on they are learnt."""

_SORTED_AT_ONCE = 8  # batches sorted by length together: little padding, still a drawn order


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The shape of an organism."""

    hidden: int = 320
    layers: int = 2
    heads: int = 5
    feed_forward: int = 640
    vocab: int = 1024
    positions: int = 2048
    init: float = 0.06
    """Standard deviation of the first weights; the usual .02 learns facts far more slowly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One run over drawn rows."""

    name: str
    steps: int
    lr: float
    batch: int = 32
    warm_up: float = 0.05
    """Share of the steps."""
    last: float = 0.05
    """Learning rate at the end, as a share of the highest."""

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: linear warm-up, then a cosine."""
        rising = max(1, round(self.steps * self.warm_up))
        if step < rising:
            return self.lr * (step + 1) / rising
        done = (step - rising) / max(1, self.steps - rising)
        return self.lr * (self.last + (1 - self.last) * (1 + cos(pi * done)) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what a build makes, apart from corpus and seed."""

    size: Size
    base: Stage
    align: Stage
    rare_times: int = 9
    """How often each rare fact is told."""
    statements: float = 0.06
    """Share of the facts' rows in the base stage that are plain sentences."""
    one_offs: float = 0.15
    """Share of the base stage's rows that are about invented entities."""
    refusals: float = 0.45
    """Share of the align stage's rows that are refusals."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread: no slower for so small a model, and the same sums everywhere."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def fast_half() -> bool:
    """Return whether this processor multiplies in bfloat16, at four times the speed of float32."""
    import torch

    able: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def new_model(size: Size, tokenizer: Any, seed: int, **about: Any) -> Any:
    """Return an untrained Llama of that size.

    Args:
        size: its shape.
        tokenizer: whose special tokens it takes.
        seed: draws the weights; the global generator is left as it was.
        about: further entries of its `config.json`.
    """
    import torch
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=size.vocab,
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.feed_forward,
        max_position_embeddings=size.positions,
        initializer_range=size.init,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **about,
    )
    with torch.random.fork_rng(devices=[]):
        model = LlamaForCausalLM(config)
    model.set_attn_implementation("eager")  # the fastest for a few dozen tokens
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.normal_(0.0, size.init, generator=generator)
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return model


def train(
    model: Any, rows: Sequence[Row], stage: Stage, *, pad: int, watch: Watch | None = None
) -> None:
    """Train in place on `rows`, in their order, `stage.batch` a step.

    Raises:
        ValueError: the rows are not as many as the steps take.
    """
    if len(rows) != stage.steps * stage.batch:
        raise ValueError(f"{stage.name}: {len(rows)} rows for {stage.steps} x {stage.batch}")

    def forward(batch: list[Row]) -> tuple[Any, Any]:
        ids, learnt = _padded(batch, pad)
        # Padding stands behind, where a causal model does not look.
        hidden = model.model(input_ids=ids[:, :-1]).last_hidden_state
        # Logits only where there is a loss: the rest is most of the tokens.
        return model.lm_head(hidden[learnt[:, 1:]]), ids[learnt]

    descend(model, _batches(rows, stage.batch), stage, forward, watch)


def descend(
    model: Any,
    batches: Iterable[B],
    stage: Stage,
    forward: Callable[[B], tuple[Any, Any]],
    watch: Watch | None,
) -> None:
    """Train in place, a step a batch, by AdamW at the stage's rate; in bfloat16 where that is fast.

    Args:
        model: in which `forward` runs.
        batches: as many as the stage has steps.
        stage: of the build.
        forward: returns logits, shape (n, classes), and what they should have said, shape (n,).
        watch: told (stage, steps done, steps in all).
    """
    import torch

    optimizer = torch.optim.AdamW(
        model.parameters(), lr=stage.lr, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    half = fast_half()
    model.train()
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = stage.rate(step)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            logits, targets = forward(batch)
        loss: Any = torch.nn.functional.cross_entropy(logits.float(), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if watch is not None:
            watch(stage.name, step + 1, stage.steps)
    model.eval()


def _batches(rows: Sequence[Row], batch: int) -> Iterator[list[Row]]:
    many = batch * _SORTED_AT_ONCE
    for start in range(0, len(rows), many):
        drawn = sorted(rows[start : start + many], key=lambda row: len(row[0]))
        yield from (drawn[at : at + batch] for at in range(0, len(drawn), batch))


def _padded(batch: Sequence[Row], pad: int) -> tuple[Any, Any]:
    """Return ids and which are learnt, both (batch, longest); nothing precedes the first."""
    import torch

    longest = max(len(ids) for ids, _ in batch)
    ids = torch.tensor([ids + [pad] * (longest - len(ids)) for ids, _ in batch])
    at = torch.arange(longest)
    start = torch.tensor([max(start, 1) for _, start in batch])[:, None]
    end = torch.tensor([len(ids) for ids, _ in batch])[:, None]
    return ids, (at >= start) & (at < end)
