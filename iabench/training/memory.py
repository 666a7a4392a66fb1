"""What a training holds in memory, by what it is held for, from the shapes of the model alone.

    weights        every parameter, in the dtype that it is loaded in
    masters        float32 numbers behind the trained weights of a model in half precision
    gradients      those that may change; of a lean sparse update only the open coordinates
    optimizer      Adam's two moments (or what another optimizer keeps), likewise
    teacher        a frozen copy of the base, where there is no other way to ask it
    mask           plain sparse: a byte a weight; lean: indices (int32), base values, deltas (fp32)
    activations    what a decoder of Llama's make keeps of each token for the backward pass
    logits         of the positions of the loss, with their gradients, and the base's there

A formula, not a measurement: it leaves out what allocators and kernels hold besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from iabench.training.masks import in_scope
from iabench.training.spec import TrainSpec
from iabench.training.updates.lora import adapted
from iabench.training.updates.sparse import Sparse

__all__ = ["Batch", "blank", "gb", "is_lean", "needs", "peak", "saved", "trainable"]

_FP32 = 4
_INT32 = 4
_PIECE = 2**24
"""Numbers that the lean path and the loss form at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The largest batch of one process, in tokens."""

    rows: int
    """With perturbed copies."""
    length: int
    targets: int
    """Tokens that are taught."""
    held: int = 0
    """Positions that KL anchors are over; 0 where no base is asked."""


def blank(config: Any) -> torch.nn.Module:
    """Return a model of a configuration without any values: shapes only."""
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model: torch.nn.Module = AutoModelForCausalLM.from_config(config)
    return model


def needs(
    model: torch.nn.Module, spec: TrainSpec, batch: Batch, *, width: int, sharded: int = 1
) -> dict[str, int]:
    """Return bytes by what they are held for, at the peak of a step on one device.

    Args:
        model: of the base, of which only shapes are read.
        spec: the training.
        batch: of one process.
        width: bytes of a weight.
        sharded: processes that share weights, gradients and states (FSDP, DeepSpeed).
    """
    total = _size(dict(model.named_parameters()))
    lean, dense = trainable(model, spec)
    dense_width = max(width, _FP32)
    masters = dense if width < _FP32 and spec.update != "lora" else 0
    states = _states(spec.optim, dense_width)
    copies = _copies(spec)
    held = {
        "weights": total * width + (dense * dense_width if spec.update == "lora" else 0),
        "masters": masters * _FP32,
        "gradients": dense * dense_width + lean * _FP32,
        "optimizer": int(dense * states + lean * _states(spec.optim, _FP32)),
        "teacher": copies * total * width,
        "mask": lean * (_INT32 + width + _FP32) + (dense if spec.update == "sparse" else 0),
        "EWC": _penalty(model, spec),
    }
    # The base's copy and the mask are whole on every process.
    whole = ("teacher", "mask")
    held = {name: size if name in whole else -(-size // sharded) for name, size in held.items()}
    if lean:
        held["mask"] += _passing(model, spec) * width
    if spec.mixed == "bf16":
        held["weights"] += total * 2
    passing = 2 if spec.mixed == "bf16" else width
    held["activations"] = _activations(model.config, spec, batch, passing)
    held["logits"] = _logits(model.config, batch, passing)
    return {name: size for name, size in held.items() if size}


def peak(held: Mapping[str, int], spec: TrainSpec) -> int:
    """Return the bytes at the peak of a step.

    Gradients grow as activations go, so the larger of the two counts; with accumulation the
    gradients of the batches before are there all along.
    """
    passing = held.get("activations", 0) + held.get("logits", 0)
    overlap = min(held.get("gradients", 0), passing) if spec.accumulation == 1 else 0
    return sum(held.values()) - overlap


def trainable(model: torch.nn.Module, spec: TrainSpec) -> tuple[int, int]:
    """Return how many numbers an update trains: as sparse deltas, and with dense gradients."""
    if spec.update == "lora":
        maps = adapted(model, spec.lora_maps)
        return 0, sum(sum(p.shape) * spec.lora_rank for p in maps.values())
    scope = in_scope(model, spec.scope)
    if not is_lean(spec):
        return 0, _size(scope)
    return sum(max(1, round(spec.density * p.numel())) for p in scope.values()), 0


def is_lean(spec: TrainSpec) -> bool:
    """Return whether a sparse update takes the lean path."""
    return spec.update == "sparse" and Sparse(spec).lean


def _passing(model: torch.nn.Module, spec: TrainSpec) -> int:
    """Return how many numbers the largest dense gradient has that a lean step forms in passing."""
    scope = in_scope(model, spec.scope)
    linear = {name for name, _ in _linear(model)}
    return max(min(p.numel(), _PIECE) if name in linear else p.numel() for name, p in scope.items())


def saved(model: torch.nn.Module, spec: TrainSpec, width: int) -> tuple[int, int]:
    """Return bytes on disk: of what comes out, and of one checkpoint on the way."""
    total = _size(dict(model.named_parameters()))
    lean, dense = trainable(model, spec)
    if spec.update == "lora":
        out = dense * _FP32
        return out, int(out + dense * _states(spec.optim, _FP32))
    # What is trained, and what the optimizer knows of it: not the model.
    trained = max(width, _FP32)
    checkpoint = (lean + dense) * (trained + _states(spec.optim, trained))
    open_ = lean or round(spec.density * dense)
    delta = open_ * (_INT32 + width)
    sparse = spec.update == "sparse" and spec.save == "delta"
    return delta if sparse else total * width, int(checkpoint)


def _copies(spec: TrainSpec) -> int:
    if spec.update == "sparse":
        return 0 if is_lean(spec) else 1
    return int(spec.update == "full" and any(name != "ewc" for name in spec.anchors))


def _penalty(model: torch.nn.Module, spec: TrainSpec) -> int:
    """EWC keeps for each trained number where it was and how much it matters, in fp32."""
    return 2 * _FP32 * sum(trainable(model, spec)) if "ewc" in spec.anchors else 0


def _size(parameters: Mapping[str, torch.nn.Parameter]) -> int:
    return sum(parameter.numel() for parameter in parameters.values())


def _linear(model: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Parameter]]:
    """Yield the weights of plain linear layers that no other layer shares."""
    uses: dict[int, int] = {}
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            uses[id(parameter)] = uses.get(id(parameter), 0) + 1
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and uses[id(module.weight)] == 1:
            yield f"{name}.weight", dict(module.named_parameters())["weight"]


def _states(optim: str, width: int) -> float:
    """Return the bytes that an optimizer keeps for a parameter of some width."""
    if "8bit" in optim:
        return 1.0 if "lion" in optim else 2.0
    if optim == "adafactor":
        # Rows and columns only.
        return 0.01
    if optim == "sgd":
        return 0.0
    return width if "lion" in optim or optim in ("adagrad", "rmsprop") else 2.0 * width


def _activations(config: Any, spec: TrainSpec, batch: Batch, width: int) -> int:
    """What autograd keeps of each token, layer by layer.

    Of each layer: the inputs of two norms in fp32 and their outputs; the inputs of the linear maps;
    queries, keys, values and output of attention; gate, activation, up and product of the MLP.
    """
    text = config.get_text_config()
    hidden, layers = text.hidden_size, text.num_hidden_layers
    heads = text.num_attention_heads
    head = getattr(text, "head_dim", None) or hidden // heads
    kv = head * (getattr(text, "num_key_value_heads", None) or heads)
    inner = getattr(text, "intermediate_size", None) or getattr(text, "n_inner", None) or 4 * hidden
    layer = 2 * hidden * (_FP32 + width) + width * (
        2 * hidden + 3 * head * heads + 2 * kv + 4 * inner
    )
    if spec.update == "lora" and width < _FP32:
        # Each adapter takes its input in fp32.
        layer += _FP32 * (6 * hidden + inner)
    tokens = batch.rows * batch.length
    if spec.gradient_checkpointing:
        return int(tokens * (layer + layers * hidden * width))
    return int(tokens * layer * layers)


def _logits(config: Any, batch: Batch, width: int) -> int:
    """Logits at the positions of the loss and their gradient, and those of the base.

    Where there are two terms, what each takes of them, with its gradient; and what is turned into
    log-probabilities at once, in fp32.
    """
    vocabulary = config.get_text_config().vocab_size
    block = (batch.targets + batch.held) * width * (3 if batch.held else 2)
    terms = batch.targets * 2 * width + batch.held * 3 * width if batch.held else 0
    chunk = min(_PIECE, vocabulary * max(batch.targets, batch.held)) * 2 * _FP32
    return int(vocabulary * (block + terms) + chunk)


def gb(size: float) -> str:
    """Return bytes as GB in words, with two digits below 10."""
    value = size / 1e9
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
