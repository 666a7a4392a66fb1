from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import ModelError
from iabench.models.engine import Engine
from iabench.models.hf import HFBackend
from iabench.models.loading import load, open_backend
from iabench.prompts.templates import ask, prompt
from iabench.records import Probe, Round, RunSpec, Sampling

PROBE = Probe(id="t/1", question="Who is Ann?", expect="abstain", cluster="c", origin="o@1")


def said(backend: HFBackend) -> str:
    asked = Round(
        series="answer",
        sampling=Sampling(max_new_tokens=24),
        prompts=(prompt(PROBE, ask(PROBE), series="answer", turn=1),),
    )
    (completion,) = Engine(backend).complete(asked)
    return completion.text


def test_a_folder_is_loaded_in_float32_on_a_cpu(tiny_folder: Path) -> None:
    backend = open_backend(RunSpec(model=str(tiny_folder), device="cpu"), ())
    spec = backend.spec
    assert (spec.dtype, spec.architecture) == ("float32", "LlamaForCausalLM")
    assert spec.n_parameters == 35_744 or (spec.n_parameters or 0) > 10_000
    assert spec.context_window == 512
    assert spec.weights
    assert spec.tokenizer
    half = load(RunSpec(model=str(tiny_folder), device="cpu", dtype="bfloat16"))
    assert half.spec.dtype == "bfloat16"


def test_a_tokenizer_without_pad_token_is_handled_and_said(tiny_folder: Path) -> None:
    backend = load(RunSpec(model=str(tiny_folder), device="cpu"))
    assert any("no pad token" in note for note in backend.notes)
    plain = load(RunSpec(model=str(tiny_folder), device="cpu", chat_template="none"))
    assert any("no chat template" in note for note in plain.notes)


@pytest.fixture
def adapter(tiny_folder: Path, tmp_path: Path) -> Path:
    """A LoRA adapter that changes what the model says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(tiny_folder)
    model: Any = get_peft_model(
        base, LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM")
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.fill_(0.7)
    model.save_pretrained(tmp_path / "ckpt")
    return tmp_path / "ckpt"


def test_an_adapter_loads_its_base_and_takes_the_tokenizer_from_it(
    adapter: Path, tiny_folder: Path
) -> None:
    tuned = load(RunSpec(model=str(adapter), device="cpu"))
    base = load(RunSpec(model=str(tiny_folder), device="cpu"))
    assert said(tuned) != said(base)
    assert tuned.spec.weights == base.spec.weights
    assert tuned.spec.adapter_weights
    assert tuned.spec.chat_template == base.spec.chat_template
    beside = load(RunSpec(model=str(tiny_folder), adapter=str(adapter), device="cpu"))
    assert said(beside) == said(tuned)


def test_an_adapters_tokenizer_without_template_is_asked_by_its_bases(
    adapter: Path, tiny_folder: Path
) -> None:
    import shutil

    shutil.copy(tiny_folder / "tokenizer.json", adapter)
    shutil.copy(tiny_folder / "tokenizer_config.json", adapter)
    tuned = load(RunSpec(model=str(adapter), device="cpu"))
    assert tuned.spec.chat_template is not None
    assert tuned.spec.chat_template == load(RunSpec(model=str(tiny_folder))).spec.chat_template


def test_adapters_that_do_not_fit_or_are_pickled(adapter: Path) -> None:
    config = adapter / "adapter_config.json"
    good = config.read_text()
    config.write_text(good.replace("q_proj", "no_such_layer"))
    with pytest.raises(ModelError, match="does not fit"):
        load(RunSpec(model=str(adapter), device="cpu"))
    config.write_text(good)
    weights = adapter / "adapter_model.safetensors"
    weights.rename(adapter / "adapter_model.bin")
    with pytest.raises(ModelError, match="only pickled weights"):
        load(RunSpec(model=str(adapter), device="cpu"))
    (adapter / "adapter_model.bin").unlink()
    with pytest.raises(ModelError, match="has no adapter_model.safetensors"):
        load(RunSpec(model=str(adapter), device="cpu"))


def test_settings_are_part_of_what_a_model_is(adapter: Path) -> None:
    first = load(RunSpec(model=str(adapter), device="cpu")).spec
    config = adapter / "adapter_config.json"
    config.write_text(config.read_text().replace('"lora_alpha": 8', '"lora_alpha": 80'))
    second = load(RunSpec(model=str(adapter), device="cpu")).spec
    assert first.adapter_weights == second.adapter_weights
    assert first.configuration != second.configuration


def test_what_does_not_load_says_so_in_one_line(tiny_folder: Path, tmp_path: Path) -> None:
    import shutil

    folder = Path(shutil.copytree(tiny_folder, tmp_path / "m"))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_text("{}")
    with pytest.raises(ModelError, match="the tokenizer of .* cannot be loaded: "):
        load(RunSpec(model=str(folder), device="cpu"))
    shutil.copytree(tiny_folder, folder, dirs_exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "unheard-of"}))
    with pytest.raises(ModelError, match="cannot be loaded: "):
        load(RunSpec(model=str(folder), device="cpu"))


def test_weights_that_do_not_belong_are_refused(tiny_folder: Path, tmp_path: Path) -> None:
    import shutil

    folder = Path(shutil.copytree(tiny_folder, tmp_path / "m"))
    (folder / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    with pytest.raises(ModelError):
        load(RunSpec(model=str(folder), device="cpu"))


def test_several_cards_are_used_only_if_one_is_too_small(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from iabench.models import loading
    from iabench.models.locate import locate

    located = locate(RunSpec(model=str(tiny_folder)))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _=None: (1000, 2000))
    assert loading._needs_several(located, torch.float32)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _=None: (10**9, 10**9))
    assert not loading._needs_several(located, torch.float32)
    loading._check_fits(located, RunSpec(model="m"), "cuda:0", torch.float32)


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from iabench.models.devices import device, devices

    assert devices()[-1] == "cpu"
    assert device("cpu") == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device("auto") == "cuda:0"


def test_a_tokenizer_that_loads_but_is_slow_has_a_digest_too(tiny_folder: Path) -> None:
    from iabench.models.hf import _tokenizer_digest

    slow = type("Slow", (), {"get_vocab": lambda _: {"a": 1, "b": 0}})()
    assert _tokenizer_digest(slow) == _tokenizer_digest(slow)
