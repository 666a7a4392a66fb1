"""Loading a Hugging Face model safely: safetensors, no remote code, and only if it fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import torch

from iabench.errors import ConfigError, ModelError
from iabench.models.deltas import SETTINGS as DELTA
from iabench.models.deltas import apply_delta, take_back
from iabench.models.devices import device as find_device
from iabench.models.hf import HFBackend
from iabench.models.locate import Located, locate
from iabench.models.tokenizer import load_tokenizer, reason
from iabench.records import ModelSpec, Probe, RunSpec
from iabench.rng import digest

__all__ = ["adapting", "lend", "load", "open_backend"]


def load(spec: RunSpec) -> HFBackend:
    """Return the model of a run, loaded.

    Raises:
        ModelError: it is not there, not causal, needs code or pickles, or does not fit.
        ConfigError: a device or dtype that there is not.
    """
    located = locate(spec)
    device = find_device(spec.device)
    dtype = _dtype(spec.dtype, device, located.config)
    _check_fits(located, spec, device, dtype)
    return _backend(_model(located, spec, device, dtype), located, spec)


@contextmanager
def adapting(base: HFBackend, spec: RunSpec) -> Iterator[HFBackend]:
    """Put an adapter or a delta over a base that is loaded already; take it off at the end.

    Raises:
        ModelError: it does not fit the base.
    """
    located = locate(spec)
    assert located.adapter is not None
    if (located.adapter / DELTA).exists():
        before = apply_delta(base.model, located.adapter)
        try:
            yield _backend(base.model, located, spec)
        finally:
            take_back(base.model, before)
        return
    model = _adapted(base.model, located, spec)
    try:
        yield _backend(model, located, spec)
    finally:
        model.unload()


def _backend(model: Any, located: Located, spec: RunSpec) -> HFBackend:
    return HFBackend(
        model,
        load_tokenizer(located, spec),
        spec=ModelSpec(
            backend="hf",
            name=located.name,
            revision=located.revision,
            weights=located.weights,
            adapter=str(located.adapter) if located.adapter else None,
            adapter_weights=located.adapter_weights,
            quantize=spec.quantize,
            provides=located.provides,
        ),
        chat_template=spec.chat_template,
        chat_template_kwargs=dict(spec.chat_template_kwargs),
    )


def open_backend(spec: RunSpec, probes: Sequence[Probe]) -> HFBackend:
    """Load the model of a run."""
    return load(spec)


def lend(model: Any, tokenizer: Any, spec: RunSpec) -> HFBackend:
    """Return a backend over a model that is in memory already.

    Its weights are known by a digest of values spread over every parameter, so that a model that
    was trained on between two calls is another one.
    """
    return HFBackend(
        model,
        tokenizer,
        spec=ModelSpec(backend="hf", name=spec.model, weights=_sampled_digest(model)),
        chat_template=spec.chat_template,
        chat_template_kwargs=dict(spec.chat_template_kwargs),
    )


def _dtype(asked: str, device: str, config: Any) -> torch.dtype:
    if asked != "auto":
        return getattr(torch, asked)  # type: ignore[no-any-return]
    if device == "cpu":
        return torch.float32
    stored = config.get("dtype") or config.get("torch_dtype") or "float32"
    return getattr(torch, str(stored).removeprefix("torch."))  # type: ignore[no-any-return]


def _check_fits(located: Located, spec: RunSpec, device: str, dtype: torch.dtype) -> None:
    """Refuse a model that one card cannot hold where there is only one; a CPU may swap."""
    if not device.startswith("cuda") or spec.quantize or torch.cuda.device_count() > 1:
        return
    n = located.n_parameters or 0
    free = torch.cuda.mem_get_info(device)[0]
    need = n * dtype.itemsize
    if need <= free:
        return
    name = located.config.get("model_type", "model").capitalize()
    hints = [f"--quantize 4bit ({n * 0.7 / 1e9:.0f} GB)"]
    if dtype.itemsize > 2:
        hints.insert(0, f"--dtype bfloat16 ({n * 2 / 1e9:.0f} GB)")
    raise ModelError(
        f"{name} {n / 1e9:.1f} B in {str(dtype).removeprefix('torch.')} needs {need / 1e9:.0f} GB; "
        f"{device} has {free / 1e9:.1f} free.",
        " or ".join(hints),
    )


def _model(located: Located, spec: RunSpec, device: str, dtype: torch.dtype) -> Any:
    from transformers import AutoModelForCausalLM

    options: dict[str, Any] = {"dtype": dtype, "trust_remote_code": spec.trust_remote_code}
    options["use_safetensors"] = None if spec.allow_pickle else True
    if spec.quantize:
        options["quantization_config"] = _quantization(spec.quantize)
        options["device_map"] = {"": device}
    elif device.startswith("cuda") and _needs_several(located, dtype):
        options["device_map"] = "auto"
    try:
        model, info = AutoModelForCausalLM.from_pretrained(
            located.path, output_loading_info=True, **options
        )
    except torch.OutOfMemoryError:
        raise ModelError(
            f"{spec.model} does not fit on {device}.", "--dtype bfloat16 or --quantize 4bit"
        ) from None
    except Exception as problem:  # likewise
        raise ModelError(f"{spec.model} cannot be loaded: {reason(problem)}.") from problem
    if info["missing_keys"]:
        # transformers would make them up at random and go on.
        missing = sorted(info["missing_keys"])
        raise ModelError(
            f"{spec.model}: {len(missing)} weights are not in its files, e.g. {missing[0]}.",
            "a complete checkpoint; --base for an adapter",
        )
    if "device_map" not in options:
        model = model.to(device)
    return _adapted(model, located, spec) if located.adapter else model


def _adapted(model: Any, located: Located, spec: RunSpec) -> Any:
    assert located.adapter is not None
    if (located.adapter / DELTA).exists():
        apply_delta(model, located.adapter)
        return model
    from peft import PeftModel

    options = {} if spec.allow_pickle else {"use_safetensors": True}
    try:
        return PeftModel.from_pretrained(model, str(located.adapter), **options)
    except Exception as problem:  # an adapter of another base fails in many ways
        raise ModelError(
            f"the adapter {located.adapter} does not fit {located.path.name}: {reason(problem)}.",
            "--base with the model that it was trained on",
        ) from problem


def _needs_several(located: Located, dtype: torch.dtype) -> bool:
    if torch.cuda.device_count() < 2:
        return False
    return (located.n_parameters or 0) * dtype.itemsize > torch.cuda.mem_get_info("cuda:0")[0]


def _quantization(bits: str) -> Any:
    if bits not in ("4bit", "8bit"):
        raise ConfigError(f'no quantization "{bits}".', "--quantize 4bit or 8bit")
    if find_spec("bitsandbytes") is None:
        raise ConfigError("--quantize needs bitsandbytes.", 'pip install "iabench[quant]"')
    from transformers import BitsAndBytesConfig

    if bits == "8bit":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16, bnb_4bit_quant_type="nf4"
    )


def _sampled_digest(model: Any) -> str:
    parts: list[object] = []
    for name, parameter in sorted(model.named_parameters()):
        flat = parameter.detach().reshape(-1)
        step = max(1, flat.numel() // 64)
        parts += [name, tuple(parameter.shape), _values(flat[::step])]
    return digest(*parts)


def _values(tensor: torch.Tensor) -> Sequence[float]:
    return [float(value) for value in tensor.float().cpu().tolist()]
