"""The build: a stream of pairs, one pass, an ordinary checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iabench.organism.corpus import Corpus
from iabench.organism.nli.data import LABELS, Pair, pairs
from iabench.organism.nli.model import SHIPPED, Recipe, new_model, pair_tokenizer
from iabench.organism.train import Stage, Watch, fast_half, one_thread

__all__ = ["build"]


def build(
    out: Path,
    *,
    seed: int = 0,
    recipe: Recipe = SHIPPED,
    corpus: Corpus | None = None,
    watch: Watch | None = None,
) -> None:
    """Train the cross-encoder into a folder, as an ordinary checkpoint in half precision.

    Args:
        out: the folder.
        seed: draws the weights and the pairs.
        recipe: the shipped one, unless a test wants a smaller.
        corpus: whose relations are asked; the shipped one if none is given.
        watch: told (stage, steps done, steps in all).
    """
    import torch

    from iabench.organism.shipped import path

    with one_thread():
        tokenizer = pair_tokenizer(path("organism"), recipe.positions)
        model = new_model(recipe, tokenizer, seed)
        stage = recipe.stage
        made = pairs(stage.steps * stage.batch, seed=seed, corpus=corpus)
        _train(model, tokenizer, made, stage, watch)
        model.to(torch.float16).save_pretrained(out)
        model.config.dtype = torch.float32
        model.config.save_pretrained(out)
        tokenizer.save_pretrained(out)
    for file in out.iterdir():
        file.chmod(0o644)


def _train(
    model: Any, tokenizer: Any, made: Iterator[Pair], stage: Stage, watch: Watch | None
) -> None:
    import torch

    optimizer = torch.optim.AdamW(
        model.parameters(), lr=stage.lr, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    half = fast_half()
    model.train()
    for step in range(stage.steps):
        for group in optimizer.param_groups:
            group["lr"] = stage.rate(step)
        some = [next(made) for _ in range(stage.batch)]
        batch = tokenizer(
            [pair.premise for pair in some],
            [pair.hypothesis for pair in some],
            truncation="longest_first",
            padding=True,
            return_tensors="pt",
        )
        labels = torch.tensor([LABELS.index(pair.label) for pair in some])
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            logits = model(**batch).logits.float()
        loss: Any = torch.nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if watch is not None:
            watch(stage.name, step + 1, stage.steps)
    model.eval()
