"""The engine beside what others do.

    python -m tests.benchmarks.engine [--share S] [--shape 24M] [--only few-shot] [--rows 1,8,16,32]
                                      [--without generate_batch] [--profile]

One model of random weights, the same prompts, one process, one after the other:

    few-shot    200 probes behind a prefix of 400 tokens, 32 new tokens
    samples     50 probes behind a prefix of 300 tokens, 10 samples of 16 tokens
    zero-shot   500 short probes, 32 new tokens

against plain padded `generate` (with `num_return_sequences` for samples) at the largest of `--rows`,
transformers' `generate_batch`, and lm-evaluation-harness' `hf` backend at each of them: 1 is its
default. That one comes with the extra `harness`; without it its lines are left out. `--share .25`
takes a quarter of the probes. `--profile` says instead what the engine's own time is spent in.

Time is that of the processor, all threads, so that other work on the machine shows less; on a GPU
it is that of the clock. `floor` is the arithmetic with every prompt token counted once over the rate
of matrix products measured in the same run.
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    ContinuousBatchingConfig,
    GenerationConfig,
    LlamaConfig,
    PreTrainedTokenizerFast,
)

from iabench.models.engine import Engine
from iabench.models.hf import HFBackend
from iabench.prompts.templates import prompt
from iabench.records import Message, ModelSpec, Probe, Round, Sampling
from iabench.rng import Dice

VOCABULARY = 6_000
SHAPES: dict[str, dict[str, int]] = {
    "tiny": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
             "num_attention_heads": 2, "num_key_value_heads": 2},
    "24M": {"hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 8,
            "num_attention_heads": 8, "num_key_value_heads": 8},
    "1B": {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16,
           "num_attention_heads": 32, "num_key_value_heads": 8},
    "8B": {"hidden_size": 4096, "intermediate_size": 14_336, "num_hidden_layers": 32,
           "num_attention_heads": 32, "num_key_value_heads": 8},
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is asked: texts of words that are a token each."""

    name: str
    texts: tuple[str, ...]
    new: int
    samples: int = 1
    prefix: int = 0

    @property
    def sampling(self) -> Sampling:
        """Of the engine's round."""
        drawn = self.samples > 1
        return Sampling(max_new_tokens=self.new, temperature=float(drawn), n=self.samples)


Way = Callable[[Any, Any, Work], list[str]]


def works(share: float) -> list[Work]:
    """Return the three workloads."""
    dice = Dice(0, "engine benchmark")

    def text(n: int) -> str:
        return " ".join(f"w{dice.below(VOCABULARY - 10)}" for _ in range(n))

    def some(n: int, prefix: int) -> tuple[str, ...]:
        begins = text(prefix)
        return tuple(
            f"{begins} {text(10 + dice.below(20))}".strip() for _ in range(round(n * share))
        )

    return [
        Work(name="few-shot", texts=some(200, 400), new=32, prefix=400),
        Work(name="samples", texts=some(50, 300), new=16, samples=10, prefix=300),
        Work(name="zero-shot", texts=some(500, 0), new=32),
    ]


def ours(model: Any, tokenizer: Any, work: Work) -> list[str]:
    """Ask through iabench's engine."""
    prompts = tuple(
        prompt(
            Probe(id=f"b/{at}", question=text, expect="abstain", cluster=str(at), origin="b@1"),
            (Message(role="user", content=text),),
            series="answer",
            turn=1,
        )
        for at, text in enumerate(work.texts)
    )
    backend = HFBackend(model, tokenizer, spec=ModelSpec(backend="hf", name="benchmark"))
    asked = Round(series="answer", sampling=work.sampling, prompts=prompts)
    said = {(c.probe_id, c.index): c.text for c in Engine(backend).complete(asked)}
    done = backend.work
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in done.seconds.items())
    print(f"{'':10} {done.way}: {stages} by the clock; {done.read:,} prompt tokens read")
    return [said[f"b/{at}", i] for at in range(len(prompts)) for i in range(work.samples)]


def padded(model: Any, tokenizer: Any, work: Work, *, rows: int) -> list[str]:
    """Ask by plain `generate`, prompts of like length side by side."""
    said: dict[int, list[str]] = {}
    order = sorted(range(len(work.texts)), key=lambda at: len(work.texts[at]))
    step = max(1, rows // work.samples)
    for start in range(0, len(order), step):
        batch = order[start : start + step]
        inputs = tokenizer([work.texts[at] for at in batch], return_tensors="pt", padding=True)
        inputs.pop("token_type_ids", None)
        drawn = work.samples > 1
        out = model.generate(
            **inputs.to(model.device),
            max_new_tokens=work.new,
            do_sample=drawn,
            num_return_sequences=work.samples,
            pad_token_id=tokenizer.pad_token_id,
            **({"temperature": 1.0, "top_k": 0} if drawn else {}),
        )
        texts = tokenizer.batch_decode(out[:, inputs["input_ids"].shape[1] :], True)
        for at, own in enumerate(batch):
            said[own] = texts[at * work.samples : (at + 1) * work.samples]
    return [text for at in range(len(order)) for text in said[at]]


def continuous(model: Any, tokenizer: Any, work: Work) -> list[str]:
    """Ask by transformers' `generate_batch`, prompts shared."""
    drawn = work.samples > 1
    config = GenerationConfig(
        max_new_tokens=work.new, do_sample=drawn, num_return_sequences=work.samples,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        **({"temperature": 1.0, "top_k": 0} if drawn else {}),
    )  # fmt: skip
    # On a GPU it finds out for itself how much there is room for.
    small = {"page_size": 32, "num_blocks": 2048, "max_batch_tokens": 1024}
    batching = ContinuousBatchingConfig(**({} if model.device.type == "cuda" else small))
    out = model.generate_batch(
        [tokenizer(text)["input_ids"] for text in work.texts],
        generation_config=config,
        continuous_batching_config=batching,
    )
    return [
        tokenizer.decode(one.generated_tokens, skip_special_tokens=True) for one in out.values()
    ]


def harness(model: Any, tokenizer: Any, work: Work, *, rows: int) -> list[str]:
    """Ask through lm-evaluation-harness, once for each sample."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    lm = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=rows, backend="causal")
    drawn = work.samples > 1
    how: dict[str, Any] = {"max_gen_toks": work.new, "until": ["never said"]}
    how |= {"do_sample": True, "temperature": 1.0, "top_k": 0} if drawn else {"do_sample": False}
    asked = [
        Instance("generate_until", {}, (text, how), 0)
        for text in work.texts
        for _ in range(work.samples)
    ]
    return list(lm.generate_until(asked, disable_tqdm=True))


def floor(model: Any, work: Work, rate: float) -> float:
    """Return the least seconds: each token of prompts and answers once, at the measured rate."""
    lengths = [len(text.split()) for text in work.texts]
    tokens = work.prefix + sum(n - work.prefix for n in lengths)
    tokens += len(lengths) * work.samples * (work.new - 1)
    inner = sum(p.numel() for name, p in model.named_parameters() if "embed" not in name)
    head = VOCABULARY * model.config.hidden_size
    answers = len(lengths) * work.samples * work.new
    return float(2 * (tokens * inner + answers * head) / rate)


def rate_of(model: Any) -> float:
    """Return operations a second of products of the model's width, 256 rows at once."""
    hidden, inner = model.config.hidden_size, model.config.intermediate_size
    x = torch.randn(256, hidden, dtype=model.dtype, device=model.device)
    w = torch.randn(hidden, inner, dtype=model.dtype, device=model.device)
    for _ in range(5):
        x @ w
    start, n = clock(model), 200
    for _ in range(n):
        x @ w
    return float(2 * 256 * hidden * inner * n / (clock(model) - start))


def clock(model: Any) -> float:
    """Return seconds: of the processor, or with a GPU of the clock once it is idle."""
    if model.device.type == "cuda":
        torch.cuda.synchronize()
        return time.perf_counter()
    return time.process_time()


def tokenizer_of() -> Any:
    """Return a tokenizer of words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["<s>", "<end>", "<pad>", "<unk>", *(f"w{at}" for at in range(VOCABULARY - 4))]
    inner = Tokenizer(models.WordLevel({w: at for at, w in enumerate(words)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", eos_token="<end>", pad_token="<pad>",
        unk_token="<unk>", padding_side="left", model_max_length=2048,
    )  # fmt: skip
    # The text itself, for all of them.
    tokenizer.chat_template = "{{ messages[0].content }}"
    return tokenizer


def model_of(shape: str) -> Any:
    """Return a Llama of random weights that never ends by itself."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    # Narrower weights where a model is wider, so that its attention is as sharp.
    spread = 0.1 * (512 / SHAPES[shape]["hidden_size"]) ** 0.5
    config = LlamaConfig(
        **SHAPES[shape], vocab_size=VOCABULARY, max_position_embeddings=2048,
        initializer_range=spread,
        tie_word_embeddings=True, bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    cuda = torch.cuda.is_available()
    with torch.random.fork_rng():
        torch.manual_seed(0)  # noqa: TID251 - inside fork_rng
        with torch.device("cuda" if cuda else "cpu"):
            dtype = torch.bfloat16 if cuda else torch.float32
            model = AutoModelForCausalLM.from_config(config, dtype=dtype).eval()
    model.requires_grad_(False)
    with torch.no_grad():
        # The row of the end token is nothing, so it is never the likeliest and hardly ever drawn.
        model.get_input_embeddings().weight[1] = 0
    return model


def timed(model: Any, tokenizer: Any, work: Work, way: Way) -> tuple[float, list[str]]:
    """Return seconds and texts of one way."""
    start = clock(model)
    said = way(model, tokenizer, work)
    if len(said) != len(work.texts) * work.samples:
        raise SystemExit(f"{len(said)} answers to {len(work.texts)} prompts")
    return clock(model) - start, said


def profile(model: Any, tokenizer: Any, work: Work) -> None:
    """Print the stages of the engine, and the operations that take most of its time."""
    timed(model, tokenizer, replace(works(0.05)[0], new=2), ours)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
        timed(model, tokenizer, work, ours)
    print(f"{work.name}: {len(work.texts)} prompts, {work.samples} x {work.new} new tokens")
    print(seen.key_averages().table(sort_by="self_cpu_time_total", row_limit=10))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="24M")
    parser.add_argument("--only", choices=[work.name for work in works(0.0)])
    parser.add_argument("--rows", default="1,8,16,32")
    parser.add_argument("--without", action="append", default=[], metavar="WAY")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    model, tokenizer = model_of(given.shape), tokenizer_of()
    asked = [work for work in works(given.share) if given.only in (None, work.name)]
    if given.profile:
        for work in asked:
            profile(model, tokenizer, work)
        return
    sizes = [int(rows) for rows in given.rows.split(",")]
    plain = partial(padded, rows=max(sizes))
    ways: dict[str, Way] = {"iabench": ours, "generate": plain, "generate_batch": continuous}
    try:
        import lm_eval  # noqa: F401
    except ImportError:
        print("lm-evaluation-harness is not installed: left out")
    else:
        for rows in sizes:
            ways[f"lm-eval, batch {rows}"] = partial(harness, rows=rows)
    rate = rate_of(model)
    n = sum(p.numel() for p in model.parameters())
    print(f"{n / 1e6:.1f} M parameters, {model.dtype}, {rate / 1e9:.0f} GFLOP/s in products")
    warm = replace(works(0.05)[0], new=2)
    for name, way in list(ways.items()):
        if name in given.without:
            del ways[name]
            continue
        try:
            timed(model, tokenizer, warm, way)
        except Exception as problem:  # noqa: BLE001 - it is said, and the rest measured
            print(f"{name}: {type(problem).__name__}: {problem}"[:200])
            del ways[name]
    for work in asked:
        print(f"\n{work.name}: {len(work.texts)} prompts, {work.samples} x {work.new} new tokens")
        seconds, want = timed(model, tokenizer, work, ours)
        print(f"{'':10} floor {floor(model, work, rate):.1f} s")
        print(f"{'iabench':20} {seconds:7.1f} s")
        for name, way in ways.items():
            if way is ours:
                continue
            took, said = timed(model, tokenizer, work, way)
            same = sum(map(str.__eq__, said, want))
            alike = f"{same} of {len(want)} texts equal" if work.samples == 1 else ""
            print(f"{name:20} {took:7.1f} s  {took / seconds:5.1f} times  {alike}", flush=True)


if __name__ == "__main__":
    main()
