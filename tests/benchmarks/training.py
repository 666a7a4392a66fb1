"""Memory and time of a step, lean against plain: python -m tests.benchmarks.training [--density D].

A step is one of SEAT: the base speaks to the perturbed half of the batch, the tuned model to all of
it, cross-entropy on one half, KL on the other, clipping, AdamW with decay. Each path runs in a
process of its own, one after the other, on a Llama of random weights. On a CPU in float32; with a
CUDA card also in bfloat16, where plain has float32 master weights under autocast and lean has
bfloat16 weights with float32 deltas.

    held       weights, gradients, moments, mask or base copy: the tensors' own bytes
    passing    the peak above that: activations, logits, pieces of gradients, what allocators keep.
               Plain forms its gradients while activations are let go, so that these hide there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from iabench.training.lean import deltas
from iabench.training.loss import cross_entropy, divergence
from iabench.training.predictions import predictions
from iabench.training.spec import TrainSpec
from iabench.training.updates.sparse import Sparse

SHAPES: dict[str, dict[str, Any]] = {
    "tiny": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "heads": (4, 2)},
    "100M": {
        "hidden_size": 768, "intermediate_size": 2048, "num_hidden_layers": 12, "heads": (12, 4),
        "vocab_size": 16_000,
    },
    "1B": {
        "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "heads": (32, 8),
        "vocab_size": 128_256, "tie_word_embeddings": True,
    },
    "8B": {
        "hidden_size": 4096, "intermediate_size": 14_336, "num_hidden_layers": 32, "heads": (32, 8),
        "vocab_size": 128_256,
    },
}  # fmt: skip
GB = 1e9


def measured(shape: str, path: str, device: str, given: argparse.Namespace) -> dict[str, float]:
    """Return bytes held and at the peak, and seconds a step: the middle of those after the first."""
    half = device == "cuda"
    spec = TrainSpec(
        model="", facts="", update="sparse", path=path,  # type: ignore[arg-type]
        density=given.density, scope=given.scope,
    )  # fmt: skip
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    before = _now(device)
    model = _llama(shape, torch.bfloat16 if half and path == "lean" else torch.float32, device)
    total = sum(p.numel() for p in model.parameters())
    update = Sparse(spec)
    model = update.prepare(model).train()
    if given.recompute:
        model.gradient_checkpointing_enable()  # type: ignore[operator]
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.1)
    update.watch(optimizer, model)
    ids = torch.randint(model.config.vocab_size, (given.rows, given.length), device=device)  # type: ignore[union-attr, arg-type]
    _reset(device)
    seconds = []
    # On cores that others use too, the processor's time; a card is nobody else's.
    clock = time.perf_counter if half else time.process_time
    for _ in range(given.steps):
        start = clock()
        _step(model, update, optimizer, trained, ids, device, half)
        if half:
            torch.cuda.synchronize()
        seconds.append(clock() - start)
    return {
        "parameters": total,
        "held": sum(t.numel() * t.element_size() for t in _held(model, update, optimizer, trained)),
        "peak": _peak(device) - before,
        "seconds": statistics.median(seconds[1:]),
    }


def _llama(shape: str, dtype: torch.dtype, device: str) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    settings = {"vocab_size": 1000, **SHAPES[shape]}
    heads, groups = settings.pop("heads")
    config = LlamaConfig(**settings, num_attention_heads=heads, num_key_value_heads=groups)
    default = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            return LlamaForCausalLM(config)
    finally:
        torch.set_default_dtype(default)


def _step(
    model: Any, update: Sparse, optimizer: Any, trained: Any, ids: Any, device: str, half: bool
) -> None:
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    there = torch.ones_like(ids, dtype=torch.bool)
    there[:, 0] = False
    n = int(there.sum()) // 2
    with torch.autocast(device, torch.bfloat16, enabled=half):
        with torch.no_grad(), update.teacher(model) as base:
            said = predictions(base, batch, there)[n:]
        taught, held = predictions(model, batch, there).split([n, n])
    loss = cross_entropy(taught, ids[there][:n]) / n
    loss = loss + divergence(held, said, "forward") / n
    del taught, held, said
    loss.backward()
    update.after_backward(model)
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    update.after_step(model)
    optimizer.zero_grad()


def _held(model: Any, update: Sparse, optimizer: Any, trained: Any) -> Iterator[torch.Tensor]:
    yield from model.parameters()
    yield from trained  # once more: their gradients
    for state in optimizer.state.values():
        yield from (value for value in state.values() if torch.is_tensor(value))
    for _, delta in deltas(model).values():
        yield from (delta.indices, delta.base)
    way: Any = update._way
    if not update.lean:
        yield from way._base.parameters()
        yield from way._frozen.values()


def _status(key: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(key))


def _now(device: str) -> int:
    return torch.cuda.memory_allocated() if device == "cuda" else _status("VmRSS")


def _reset(device: str) -> None:
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    else:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak(device: str) -> int:
    return torch.cuda.max_memory_allocated() if device == "cuda" else _status("VmHWM")


def _apart(shape: str, path: str, device: str, argv: list[str]) -> dict[str, float] | None:
    """Measure in a process of its own; None where it does not fit."""
    run = subprocess.run(
        [sys.executable, __file__, "--child", f"{shape}:{path}:{device}", *argv],
        # Blocks that are freed go back at once, so that what is resident is what is held.
        env={**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536", "PYTHONWARNINGS": "ignore"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "OutOfMemoryError" in run.stderr or run.returncode == -9:
        return None
    if run.returncode:
        raise SystemExit(run.stderr[-3000:])
    return dict(json.loads(run.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--density", type=float, default=0.1)
    parser.add_argument("--scope", default="all", choices=["all", "attention+mlp"])
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--recompute", action="store_true", help="gradient checkpointing")
    parser.add_argument("--shapes", nargs="*")
    parser.add_argument("--child")
    given = parser.parse_args()
    if given.child:
        shape, path, device = given.child.split(":")
        print(json.dumps(measured(shape, path, device, given)))
        return
    argv = [f"--{k}={getattr(given, k)}" for k in ("density", "scope", "rows", "length", "steps")]
    argv += ["--recompute"] * given.recompute
    wanted = [("cpu", shape) for shape in given.shapes or ["100M"] if shape in ("tiny", "100M")]
    if torch.cuda.is_available():
        wanted += [("cuda", shape) for shape in given.shapes or ["1B", "8B"]]
    print(f"density {given.density}, scope {given.scope}, {given.rows} x {given.length} tokens")
    print(f"{'':14}{'held GB':>9}{'passing GB':>12}{'peak GB':>9}{'s/step':>9}")
    for device, shape in wanted:
        seen = {path: _apart(shape, path, device, argv) for path in ("plain", "lean")}
        for path, one in seen.items():
            print(f"{device} {shape} {path:6}" + (_line(one) if one else "  does not fit"))
        plain, lean = seen["plain"], seen["lean"]
        if plain and lean:
            held, peak, time_ = (lean[k] / plain[k] for k in ("held", "peak", "seconds"))
            print(f"{'lean / plain':14}{held:9.2f}{'':12}{peak:9.2f}{time_:9.2f}")


def _line(one: dict[str, float]) -> str:
    passing = one["peak"] - one["held"]
    sizes = f"{one['held'] / GB:9.2f}{passing / GB:12.2f}{one['peak'] / GB:9.2f}"
    return f"{sizes}{one['seconds']:9.2f}"


if __name__ == "__main__":
    main()
