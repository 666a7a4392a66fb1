"""Models and tokenizers of a few thousand parameters, built on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

CHAT = (
    "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def tiny_tokenizer(*, chat: str | None = CHAT, pad: bool = False) -> Any:
    """Return a byte-level tokenizer with no merges: 256 bytes and six special tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<s>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>", "<pad>"]
    vocab = {token: i for i, token in enumerate([*special, *alphabet])}
    inner = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token="<s>",
        eos_token="<|end|>",
        pad_token="<pad>" if pad else None,
        additional_special_tokens=["<|user|>", "<|assistant|>", "<|system|>"],
    )
    tokenizer.chat_template = chat
    return tokenizer


def tiny_model(architecture: str = "llama", seed: int = 0) -> Any:
    """Return a random model of a few thousand parameters in eval mode."""
    import torch
    import transformers

    torch.set_num_threads(1)
    common: dict[str, Any] = {"vocab_size": 262, "bos_token_id": 0, "eos_token_id": 1}
    llama = {
        **common,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "initializer_range": 0.3,
    }
    configs: dict[str, Any] = {
        "llama": lambda: transformers.LlamaConfig(**llama),
        "sliding": lambda: transformers.MistralConfig(**llama, sliding_window=24),
        "deep": lambda: transformers.LlamaConfig(**{**llama, "num_hidden_layers": 32}),
        "soft-capped": lambda: transformers.Gemma2Config(**llama, head_dim=8, sliding_window=512),
        "alibi": lambda: transformers.BloomConfig(
            **common, hidden_size=32, n_layer=2, n_head=4, initializer_range=0.3
        ),
        "mamba": lambda: transformers.MambaConfig(
            **common, hidden_size=16, num_hidden_layers=2, state_size=4, initializer_range=0.3
        ),
        "gpt2": lambda: transformers.GPT2Config(
            **common, n_embd=32, n_layer=2, n_head=4, n_positions=512, initializer_range=0.3
        ),
    }
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # noqa: TID251 - inside fork_rng
        return transformers.AutoModelForCausalLM.from_config(configs[architecture]()).eval()


def tiny_nli(
    folder: Path,
    labels: Sequence[str] = ("CONTRADICTION", "NEUTRAL", "ENTAILMENT"),
    *,
    architecture: str = "bert",
    seed: int = 0,
) -> Path:
    """Save a random sequence classifier over pairs with its tokenizer; return the folder."""
    import torch
    import transformers

    torch.set_num_threads(1)
    names = dict(enumerate(labels))
    common: dict[str, Any] = {
        "vocab_size": 262,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "max_position_embeddings": 128,
        "initializer_range": 0.5,
        "id2label": names,
        "label2id": {name: at for at, name in names.items()},
        "pad_token_id": 5,
    }
    configs: dict[str, Any] = {
        "bert": lambda: transformers.BertConfig(**common),
        "deberta": lambda: transformers.DebertaV2Config(
            **common, relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=16
        ),
    }
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # noqa: TID251 - inside fork_rng
        model = transformers.AutoModelForSequenceClassification.from_config(
            configs[architecture]()
        ).eval()
    model.save_pretrained(folder)
    tokenizer = tiny_tokenizer(chat=None, pad=True)
    tokenizer.model_max_length = 128
    tokenizer.save_pretrained(folder)
    return folder
