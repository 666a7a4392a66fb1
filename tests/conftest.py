"""What every test stands on: no network, one thread, tiny models that are built here."""

from __future__ import annotations

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["COLUMNS"] = "88"
os.environ.pop("IABENCH_RUNS", None)

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# The same examples everywhere, and no clock: a shared machine is slow now and then.
settings.register_profile("iabench", deadline=None, derandomize=True, database=None)
settings.load_profile("iabench")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    import sys

    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


_skipped: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count skips: in CI only those named in `allowed_skips.txt` are let through."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else ""
        _skipped[report.nodeid] = str(reason)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or not os.environ.get("CI"):
        return
    lines = (Path(__file__).parent / "allowed_skips.txt").read_text(encoding="utf-8").splitlines()
    allowed = tuple(line.partition("#")[0].strip() for line in lines)
    allowed = tuple(line for line in allowed if line)
    bad = {k: v for k, v in _skipped.items() if not (allowed and k.startswith(allowed))}
    for node, reason in sorted(bad.items()):
        print(f"skipped, and not in tests/allowed_skips.txt: {node} ({reason})")
    if bad:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


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
        "gpt2": lambda: transformers.GPT2Config(
            **common, n_embd=32, n_layer=2, n_head=4, n_positions=512, initializer_range=0.3
        ),
    }
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # noqa: TID251 - inside fork_rng
        return transformers.AutoModelForCausalLM.from_config(configs[architecture]()).eval()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama as an ordinary Hugging Face folder."""
    folder = tmp_path_factory.mktemp("models") / "tiny-llama"
    tiny_model().save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder
