"""The build: a stream of pairs, one pass, an ordinary checkpoint."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from iabench.organism.corpus import Corpus
from iabench.organism.nli.data import LABELS, Pair, pairs
from iabench.organism.nli.model import SHIPPED, Recipe, new_model, pair_tokenizer
from iabench.organism.train import Watch, descend, one_thread

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
        batches = (list(islice(made, stage.batch)) for _ in range(stage.steps))

        def forward(batch: list[Pair]) -> tuple[Any, Any]:
            read = tokenizer(
                [pair.premise for pair in batch],
                [pair.hypothesis for pair in batch],
                truncation="longest_first",
                padding=True,
                return_tensors="pt",
            )
            return model(**read).logits, torch.tensor([LABELS.index(p.label) for p in batch])

        descend(model, batches, stage, forward, watch)
        model.to(torch.float16).save_pretrained(out)
        model.config.dtype = torch.float32
        model.config.save_pretrained(out)
        tokenizer.save_pretrained(out)
    for file in out.iterdir():
        file.chmod(0o644)
