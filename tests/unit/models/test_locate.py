from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import ModelError
from iabench.models.base import weights_digest
from iabench.models.locate import backend_of, locate, parameters, short_name
from iabench.records import RunSpec


def spec(model: object, **options: Any) -> RunSpec:
    return RunSpec(model=str(model), **options)


@pytest.fixture
def folder(tmp_path: Path, tiny_folder: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "acme-8b"))


def edit(folder: Path, **fields: object) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text()) | fields
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not None}))


def refused(says: str, model: object, hint: str, **options: Any) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        locate(spec(model, **options))
    assert hint in caught.value.hint


def test_a_folder_is_known_without_loading_it(folder: Path) -> None:
    found = locate(spec(folder))
    assert found.path == folder
    assert found.tokenizer == folder
    assert found.revision is None
    assert found.n_parameters == parameters(folder) == 33_120 or found.n_parameters
    assert found.chat_template is not None
    assert found.weights == weights_digest([folder / "model.safetensors"])


def test_a_typo_names_the_folder_beside_it(folder: Path) -> None:
    typo = f"{folder.parent}/acme-8B"
    refused(f'no model "{typo}": not a folder here, not a hub id', typo, f"{folder} (near match)")
    refused("no model", "./nothing-like-it-at-all", "--model FOLDER_OR_HUB_ID")
    refused("no model", "not a hub id", "--model FOLDER_OR_HUB_ID")


def test_a_backend_is_not_a_model() -> None:
    refused('"hf" is a backend, not a model', "hf", "--model ID_OR_FOLDER")


def test_offline_says_where_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    refused(
        "HF_HUB_OFFLINE is set and Qwen/Qwen2.5-7B is not in .*huggingface",
        "Qwen/Qwen2.5-7B",
        "unset HF_HUB_OFFLINE",
    )


def test_offline_a_folder_that_is_not_there_is_no_hub_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "base").mkdir(parents=True)
    (tmp_path / "tuned").mkdir()
    says = "not a folder here, not a hub id"
    refused(f'no model "runs/bse": {says}', "runs/bse", "runs/base (near match)")
    refused(f'no model "runs/x": {says}', "runs/x", "--model FOLDER_OR_HUB_ID")
    refused(f'no model "tunned": {says}', "tunned", "tuned (near match)")
    refused("HF_HUB_OFFLINE is set and gpt2 is not in", "gpt2", "unset HF_HUB_OFFLINE")


def test_a_hub_id_is_its_snapshot(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    commit = "0123456789abcdef0123456789abcdef01234567"
    snapshot = folder.parent / "snapshots" / commit
    shutil.copytree(folder, snapshot)
    asked: dict[str, Any] = {}

    def fetch(model: str, **options: Any) -> str:
        asked.update(options, model=model)
        return str(snapshot)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    found = locate(spec("acme/acme-8b", revision="v2"))
    assert (found.path, found.revision) == (snapshot, commit)
    assert asked["model"] == "acme/acme-8b"
    assert asked["revision"] == "v2"
    assert not {"*.bin", "*.py"} & set(asked["allow_patterns"]), "no code and no pickles fetched"
    locate(spec("acme/acme-8b", allow_pickle=True, trust_remote_code=True))
    assert {"*.bin", "*.py"} <= set(asked["allow_patterns"])


@pytest.mark.parametrize(
    ("error", "says", "hint"),
    [
        ("GatedRepoError", "is gated and this machine has no access", "hf auth login"),
        ("RepositoryNotFoundError", 'no model "acme/acme-8b": not a folder here', "--model"),
        ("RevisionNotFoundError", "has no revision v9", "--revision main"),
        ("HfHubHTTPError", "cannot be fetched: boom", ""),
    ],
)
def test_what_the_hub_says(
    error: str, says: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    import huggingface_hub
    from huggingface_hub import errors

    response: Any = SimpleNamespace(status_code=404, headers={}, request=None)

    def fail(*_: object, **__: object) -> str:
        raise getattr(errors, error)("boom", response=response)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    refused(says, "acme/acme-8b", hint, revision="v9")


def test_the_hub_may_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub
    from huggingface_hub import constants
    from huggingface_hub.errors import LocalEntryNotFoundError

    def fail(*_: object, **__: object) -> str:
        raise LocalEntryNotFoundError("no connection")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    refused("the hub does not answer and a/b is not in", "a/b", "check the network")


def test_pickled_weights_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    refused("has only pickled weights", folder, "--allow-pickle")
    assert locate(spec(folder, allow_pickle=True)).weights
    (folder / "pytorch_model.bin").unlink()
    refused("has no weights", folder, "--model")


def test_own_code_is_refused(folder: Path) -> None:
    edit(folder, auto_map={"AutoModelForCausalLM": "modeling_x.XForCausalLM"})
    refused(r"needs code from its repository \(modeling_x.py\)", folder, "--trust-remote-code")
    assert locate(spec(folder, trust_remote_code=True))


def test_only_causal_models_are_asked(folder: Path) -> None:
    edit(folder, architectures=["T5ForConditionalGeneration"], is_encoder_decoder=True)
    refused("is a T5ForConditionalGeneration; iabench asks causal", folder, "serve it")
    edit(folder, architectures=["BertForMaskedLM"], is_encoder_decoder=False)
    refused("is a BertForMaskedLM", folder, "serve it")


def test_folders_that_are_no_models(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused("has no config.json", tmp_path / "empty", "--model")
    (tmp_path / "file.txt").write_text("")
    refused("is a file, not a model folder", tmp_path / "file.txt", "--model")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "config.json").write_text("{")
    refused("cannot read", tmp_path / "bad", "")
    (tmp_path / "bad" / "config.json").write_text("[]")
    refused("holds no table", tmp_path / "bad", "")
    (tmp_path / "bad" / "config.json").write_text("{}")
    (tmp_path / "bad" / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0xx")
    refused("is no safetensors file", tmp_path / "bad", "")


def adapter(at: Path, base: object) -> Path:
    at.mkdir()
    (at / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base}))
    (at / "adapter_model.safetensors").write_bytes(b"weights")
    return at


def test_an_adapter_brings_its_base(folder: Path, tmp_path: Path) -> None:
    ckpt = adapter(tmp_path / "ckpt", str(folder))
    found = locate(spec(ckpt))
    assert (found.path, found.adapter, found.tokenizer) == (folder, ckpt, folder)
    assert found.adapter_weights
    beside = locate(spec(folder, adapter=str(ckpt)))
    assert (beside.path, beside.adapter) == (folder, ckpt)
    shutil.copy(folder / "tokenizer_config.json", ckpt)
    assert locate(spec(ckpt)).tokenizer == ckpt


def test_an_adapter_whose_base_is_gone(folder: Path, tmp_path: Path) -> None:
    ckpt = adapter(tmp_path / "ckpt", "/old/path/llama")
    refused("is an adapter for /old/path/llama, which is not there", ckpt, "--base ")
    assert locate(spec(ckpt, base=str(folder))).path == folder
    refused("is an adapter for no such model", ckpt, "--base", base="no such model")
    nameless = adapter(tmp_path / "nameless", None)
    refused("does not name its base", nameless, "--base")
    refused("is no adapter", folder, "", adapter=str(folder))


def test_names_of_shipped_checkpoints_are_known() -> None:
    refused('no model "organsm/x y"', "organsm/x y", "")
    found = locate(spec("organism"))
    assert found.provides == ("organism-world@1",)


def test_weights_digests_see_any_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from iabench.models import base

    path = tmp_path / "a.safetensors"
    path.write_bytes(bytes(range(256)) * 400)
    first = weights_digest([path])
    assert weights_digest([path]) == first
    monkeypatch.setattr(base, "_WHOLE", 1000)
    monkeypatch.setattr(base, "_BLOCK", 64)
    spread = weights_digest([path])
    assert spread != first
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert weights_digest([path]) != spread


def test_which_backend_auto_means() -> None:
    assert backend_of(spec("m", backend="scripted")) == "scripted"
    assert backend_of(spec("m", base_url="http://localhost:8000")) == "openai"
    assert backend_of(spec("bot.py::answer")) == "callable"
    assert backend_of(spec("m")) == "hf"


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct"),
        ("./acme-8b/", "acme-8b"),
        ("../my bot.py::answer", "my-bot"),
        ("/", "model"),
        ("../..", "model"),
    ],
)
def test_short_names_are_safe_folder_names(model: str, name: str) -> None:
    assert short_name(model) == name
