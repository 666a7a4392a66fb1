"""The cross-encoder itself: two layers over the organism's tokens, opened or new."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iabench.models.entailment import HFEntailment, open_entailment
from iabench.organism.nli.data import LABELS
from iabench.organism.tokenizer import END, PAD, START, USER
from iabench.organism.train import Stage

__all__ = ["SHIPPED", "WEIGHTS", "Recipe", "new_model", "open_shipped", "pair_tokenizer"]

WEIGHTS = Path(__file__).resolve().parents[1] / "weights" / "organism-nli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what a build makes, apart from corpus and seed."""

    hidden: int = 64
    layers: int = 2
    heads: int = 2
    feed_forward: int = 128
    positions: int = 160
    stage: Stage


SHIPPED = Recipe(stage=Stage(name="nli", steps=5000, lr=3e-3, batch=64))


def open_shipped(asked: str = "organism") -> HFEntailment:
    """Return the one that ships, for `--nli organism`."""
    return open_entailment(WEIGHTS)


def pair_tokenizer(folder: Path, positions: int) -> Any:
    """Return the organism's tokenizer, made to read pairs: `<s> one <|user|> other <|end|>`."""
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    made = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        bos_token=START,
        eos_token=END,
        pad_token=PAD,
        sep_token=USER,
        cls_token=START,
        model_max_length=positions,
        # Kept with it: opened without, it would not say which of the two texts a token is of.
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        padding_side="right",
        clean_up_tokenization_spaces=False,
    )
    ids = {token: made.convert_tokens_to_ids(token) for token in (START, USER, END)}
    made.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{START} $A {END}",
        pair=f"{START} $A {USER} $B:1 {END}:1",
        special_tokens=list(ids.items()),
    )
    return made


def new_model(recipe: Recipe, tokenizer: Any, seed: int) -> Any:
    """Return an untrained cross-encoder of a recipe; the seed draws its weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.hidden,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        intermediate_size=recipe.feed_forward,
        max_position_embeddings=recipe.positions,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=tokenizer.pad_token_id,
        id2label=dict(enumerate(LABELS)),
        label2id={label: at for at, label in enumerate(LABELS)},
    )
    with torch.random.fork_rng(devices=[]):
        model = BertForSequenceClassification(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() > 1:
                # Tokens far apart from the first: what is learned is whether two are the same.
                spread = 0.3 if "word_embeddings" in name else 0.06
                weight.normal_(0.0, spread, generator=generator)
        # A token looks first at its like: queries and keys begin equal.
        for layer in model.bert.encoder.layer:
            own = layer.attention.self
            own.query.weight.normal_(0.0, 0.12, generator=generator)
            own.key.weight.copy_(own.query.weight)
    return model
