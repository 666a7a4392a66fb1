"""What people already type: lm-evaluation-harness's and TRL's words, in one table.

The words are turned into iabench's own before the command line is parsed, so `--help` stays short.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

__all__ = ["Understood", "understand"]

VERBS = {"run": "evaluate", "eval": "evaluate", "score": "regrade", "ls": "tasks"}

OPTIONS = {
    "--model-name-or-path": "--model",
    "--pretrained": "--model",
    "--task": "--tasks",
    "--suite": "--tasks",
    "--peft": "--adapter",
    "--lora": "--adapter",
    "--system-instruction": "--system-prompt",
    "--output-path": "--out",
    "--output-dir": "--out",
    "--max-gen-toks": "--max-new-tokens",
    "--batch": "--batch-size",
    "--num-concurrent": "--concurrency",
}

# Of `train`: what transformers and TRL call it.
TRAIN = {
    "--model-name-or-path": "--model",
    "--pretrained": "--model",
    "--dataset-name": "--facts",
    "--train-file": "--facts",
    "--output-dir": "--out",
    "--output-path": "--out",
    "--overwrite-output-dir": "--fresh",
    "--lr": "--learning-rate",
    "--num-train-epochs": "--epochs",
    "--per-device-train-batch-size": "--batch-size",
    "--gradient-accumulation-steps": "--accumulation",
    "--warmup-ratio": "--warmup",
    "--warmup-steps": "--warmup",
    "--lr-scheduler-type": "--schedule",
    "--max-seq-length": "--max-length",
    "--model-max-length": "--max-length",
    "--save-steps": "--checkpoint-every",
    "--torch-dtype": "--dtype",
    "--lora-r": "--lora-rank",
    "--kl-weight": "--alpha",
    "--model-revision": "--revision",
    "--bf16": "--mixed bf16",
}
# With a value, which is dropped with them.
TRAIN_DROPPED = {
    "--dataset-train-split": "--facts NAME:SPLIT",
    "--logging-steps": "every tenth step is kept in training.json",
    "--save-strategy": "--checkpoint-every N",
    "--save-total-limit": "two checkpoints are kept until the end",
    "--eval-strategy": "iabench evaluate asks what was learned",
    "--logging-dir": "--report-to says where",
}
TRAIN_FLAGS_DROPPED = {
    "--do-train": "train does",
    "--do-eval": "iabench evaluate asks what was learned",
    "--use-peft": "iabench train lora",
    "--assistant-only-loss": "only answers are ever learned",
    "--completion-only-loss": "only answers are ever learned",
}

# Keys of --model_args, and what they say here.
MODEL_ARGS = {
    "pretrained": "--model",
    "model": "--model",
    "peft": "--adapter",
    "revision": "--revision",
    "dtype": "--dtype",
    "device": "--device",
    "batch_size": "--batch-size",
    "base_url": "--base-url",
    "num_concurrent": "--concurrency",
    "max_gen_toks": "--max-new-tokens",
}

# Options with a value that mean nothing here; said and dropped.
DROPPED = {
    "--num-fewshot": "questions are asked without examples",
    "--fewshot-as-multiturn": "questions are asked without examples",
    "--verbosity": "-v or -q",
    "--use-cache": "answers are always kept in the run's folder",
    "--cache-requests": "answers are always kept in the run's folder",
    "--wandb-args": "nothing is sent anywhere",
    "--wandb-config-args": "nothing is sent anywhere",
    "--hf-hub-log-args": "nothing is sent anywhere",
    "--trackio-args": "nothing is sent anywhere",
    "--max-batch-size": "the batch fits itself to memory",
}
# The same without a value.
FLAGS_DROPPED = {
    "--log-samples": "always on: samples.jsonl",
    "--write-out": "prompts.jsonl holds every prompt",
    "--show-config": "run.json holds it",
    "--check-integrity": "checksums are always checked",
    "--predict-only": "iabench regrade makes verdicts apart",
    "--confirm-run-unsafe-code": "no task runs code",
}
BACKENDS = ("hf", "hf-auto", "huggingface", "openai", "scripted")
SERVERS = ("openai-completions", "openai-chat-completions", "local-completions",
           "local-chat-completions")  # fmt: skip
FOREIGN = (*SERVERS, "vllm", "sglang", "gguf", "nemo_lm", "openvino", "mamba_ssm")
_DTYPES = {"float": "float32", "half": "float16"}


class Understood(NamedTuple):
    """A command line in iabench's words."""

    argv: list[str]
    notes: list[str]
    """One line each on what was read as what, or dropped."""


def understand(argv: Sequence[str]) -> Understood:
    """Return the command line in iabench's own words."""
    notes: list[str] = []
    words = list(_served(_words(argv)))
    if words and words[0].startswith("-") and any(w == "--model" or w == "-m" for w in words):
        words.insert(0, "evaluate")
    if words:
        words[0] = VERBS.get(words[0], words[0])
        if words[0] == "tasks" and words[1:] == ["tasks"]:
            words = ["tasks", "list"]
    if words and words[0] == "train":
        return Understood(["train", *_train(words[1:], notes)], notes)
    if not words or words[0] != "evaluate":
        return Understood(words, notes)
    words = ["evaluate", *_options(words[1:], notes)]
    return Understood(_tasks_list(_backend(words, notes)), notes)


def _words(argv: Sequence[str]) -> Iterator[str]:
    """Yield the words with `--a_b=c` taken apart and `_` as `-` in option names."""
    for word in argv:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word.partition("=")
            yield name.replace("_", "-")
            if equals:
                yield value
        else:
            yield word


def _served(words: Iterable[str]) -> Iterator[str]:
    """Yield the words with a port behind every `--serve`, which may stand alone: 0 is any."""
    waits = False
    for word in words:
        if waits and not word.isdigit():
            yield "0"
        waits = word == "--serve"
        yield word
    if waits:
        yield "0"


def _options(words: Sequence[str], notes: list[str]) -> Iterator[str]:
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in FLAGS_DROPPED:
            notes.append(f"{word} is not needed: {FLAGS_DROPPED[word]}")
        elif word in DROPPED:
            value = _value(rest)
            notes.append(f"{word} {value or ''}".rstrip() + f" is left out: {DROPPED[word]}")
        elif word in ("--model-args", "--gen-kwargs"):
            read = _model_args if word == "--model-args" else _gen_kwargs
            while rest and "=" in rest[0] and not rest[0].startswith("-"):
                yield from read(rest.pop(0), notes)
        elif OPTIONS.get(word, word) in ("--batch-size", "-b") and rest[:1] and ":" in rest[0]:
            notes.append(f"--batch-size {rest.pop(0)} is read as auto: memory is watched all along")
            yield from ("--batch-size", "auto")
        else:
            yield from _option(word, rest)


def _train(words: Sequence[str], notes: list[str]) -> Iterator[str]:
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in TRAIN_FLAGS_DROPPED:
            notes.append(f"{word} is not needed: {TRAIN_FLAGS_DROPPED[word]}")
            if rest and rest[0].lower() in ("true", "false"):
                rest.pop(0)
        elif word in TRAIN_DROPPED:
            value = _value(rest)
            notes.append(f"{word} {value or ''}".rstrip() + f" is left out: {TRAIN_DROPPED[word]}")
        else:
            yield from TRAIN[word].split() if word in TRAIN else [word]
            if word == "--bf16" and rest and rest[0].lower() == "true":
                rest.pop(0)


def _option(word: str, rest: list[str]) -> Iterator[str]:
    """Yield one option in our words; what it takes besides is taken from `rest`."""
    if word == "--apply-chat-template":
        # A name of one of several templates may follow; the tokenizer's default is taken.
        _value(rest)
        yield from ("--chat-template", "auto")
    elif word == "--no-chat-template":
        yield from ("--chat-template", "none")
    elif word in ("--enable-thinking", "--no-enable-thinking"):
        value = (_value(rest) or "true") if word == "--enable-thinking" else "false"
        yield from ("--chat-template-kwargs", f"enable_thinking={value.lower()}")
    elif word in ("--load-in-4bit", "--load-in-8bit"):
        yield from ("--quantize", word[-4:])
    elif word == "--backend" and rest[:1] and rest[0] in SERVERS:
        yield from (word, _backend_name(rest.pop(0)))
    else:
        yield OPTIONS.get(word, word)


def _value(rest: list[str]) -> str | None:
    """Take the next word if it is a value."""
    return rest.pop(0) if rest and not rest[0].startswith("-") else None


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split(","):
        key, _, value = pair.partition("=")
        yield key.strip(), value.strip().strip("\"'")


def _model_args(text: str, notes: list[str]) -> Iterator[str]:
    for key, value in _pairs(text):
        if key in MODEL_ARGS:
            yield from (MODEL_ARGS[key], _DTYPES.get(value, value))
        elif key in ("load_in_4bit", "load_in_8bit"):
            if value.lower() == "true":
                yield from ("--quantize", key[-4:])
        elif key == "trust_remote_code":
            if value.lower() == "true":
                yield "--trust-remote-code"
        elif key == "enable_thinking":
            yield from ("--chat-template-kwargs", f"enable_thinking={value.lower()}")
        elif key:
            notes.append(f"--model_args {key}={value} is left out")


def _gen_kwargs(text: str, notes: list[str]) -> Iterator[str]:
    for key, value in _pairs(text):
        if key in ("max_gen_toks", "max_new_tokens"):
            yield from ("--max-new-tokens", value)
        elif (key, value.lower()) not in (("temperature", "0"), ("do_sample", "false")):
            notes.append(f"--gen_kwargs {key}={value} is left out: the graded answer is greedy")


def _backend(words: list[str], notes: list[str]) -> list[str]:
    """Read `--model hf` beside a model name as lm-eval does: a backend."""
    at = [i for i, word in enumerate(words) if word in ("--model", "-m")]
    values = [words[i + 1] for i in at if i + 1 < len(words)]
    for i, value in zip(at, values, strict=False):
        if value in (*BACKENDS, *FOREIGN) and len(values) > 1:
            name = _backend_name(value)
            other = next((v for v in values if v != value), value)
            notes.append(
                f'read "--model {value}" as lm-eval does: --backend {name} --model {other}'
            )
            return [*words[:i], "--backend", name, *words[i + 2 :]]
    return words


def _backend_name(value: str) -> str:
    if value in SERVERS:
        return "openai"
    return "hf" if value.startswith(("hf", "huggingface")) else value


def _tasks_list(words: list[str]) -> list[str]:
    """Read `--tasks list` as `tasks list`."""
    for i, word in enumerate(words[:-1]):
        if word in ("--tasks", "-t") and words[i + 1] == "list":
            return ["tasks", "list"]
    return words
