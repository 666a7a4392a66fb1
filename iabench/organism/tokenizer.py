"""The organism's tokenizer: byte-level BPE with a chat template, trained on the corpus itself.

Invented names of every kind are in its training text, as often as real ones, so that both are cut
into pieces alike: a model must not be able to tell a name that it never saw by odd cutting.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["ASSISTANT", "CHAT_TEMPLATE", "END", "PAD", "START", "SYSTEM", "USER", "train_tokenizer"]

PAD, START, END = "<pad>", "<s>", "<|end|>"
USER, ASSISTANT, SYSTEM = "<|user|>", "<|assistant|>", "<|system|>"

CHAT_TEMPLATE = (
    "{{ '<s>' }}{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] | trim + '<|end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def train_tokenizer(texts: Iterable[str], *, vocab_size: int = 1024, positions: int = 2048) -> Any:
    """Return a fast tokenizer trained on `texts`.

    A space is put before each stretch of plain text and taken off again when decoding, so that a
    word is the same token at the start of an answer and within it.

    Args:
        texts: what the merges are learned from; the order does not matter.
        vocab_size: entries, the six special tokens and 256 bytes among them.
        positions: the longest text that the model takes.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    inner.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Strip(" ", 1, 0)])
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[PAD, START, END, USER, ASSISTANT, SYSTEM],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    inner.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token=START,
        eos_token=END,
        pad_token=PAD,
        extra_special_tokens=[USER, ASSISTANT, SYSTEM],
        chat_template=CHAT_TEMPLATE,
        model_max_length=positions,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
