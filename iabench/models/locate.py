"""Where a model lies and what it is, found out before anything heavy is imported or loaded.

A hub id becomes a folder (its snapshot in the Hugging Face cache), so that everything after this
file knows folders only.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iabench.errors import ModelError, near_match
from iabench.models.base import CHECKPOINTS, weights_digest
from iabench.models.deltas import SETTINGS as DELTA
from iabench.models.deltas import WEIGHTS as DELTA_WEIGHTS
from iabench.records import RunSpec

__all__ = ["Located", "backend_of", "folder_of", "locate", "parameters", "short_name"]

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
_FILES = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja", "*.tiktoken"]
_SETTINGS = (
    "config.json",
    "generation_config.json",
    "adapter_config.json",
    DELTA,
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
)
_BACKEND_WORDS = ("hf", "vllm", "local-completions", "local-chat-completions", "openai", "scripted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A model's folder, checked as far as files can tell."""

    name: str
    """As it was asked for."""
    path: Path
    """Folder of the (base) model."""
    adapter: Path | None
    """Folder of an adapter: PEFT's, or a delta."""
    tokenizer: Path
    """Folder that the tokenizer and template come from."""
    revision: str | None
    weights: str
    adapter_weights: str | None
    settings: str
    """Digest of the files besides the weights that decide an answer: configuration, end tokens,
    adapter settings, tokenizer."""
    config: Mapping[str, Any]
    provides: tuple[str, ...]
    chat_template: str | None
    """Text of the tokenizer's own template, or of its base's; None where there is none."""
    n_parameters: int | None


def backend_of(spec: RunSpec) -> str:
    """Return the backend that `auto` means for a model."""
    if spec.backend != "auto":
        return spec.backend
    if spec.base_url:
        return "openai"
    return "callable" if ".py::" in spec.model else "hf"


def short_name(model: str) -> str:
    """Return a model's name as a folder name: no path, no owner, nothing odd."""
    name = model.split("::", maxsplit=1)[0].rstrip("/").rpartition("/")[2].removesuffix(".py")
    name = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "model"
    return f"{name}-model" if name == "latest" else name  # `runs/latest` is the last run


def locate(spec: RunSpec) -> Located:
    """Find the model of a run and check what can be checked without loading it.

    Raises:
        ModelError: it is not there, not readable here, or not a model that can be asked.
    """
    folder, revision = _folder(spec.model, spec)
    adapter: Path | None = None
    if _adapts(folder):
        adapter, (folder, revision) = folder, _base_of(folder, spec)
    elif spec.adapter:
        adapter, _ = _folder(spec.adapter, spec)
        if not _adapts(adapter):
            raise ModelError(f"{spec.adapter} is no adapter: it has no adapter_config.json.")
    config = _config(folder, spec)
    weights = _weights(folder, spec)
    if adapter and (adapter / DELTA).exists():
        _check_delta(adapter, folder, weights, spec)
    elif adapter:
        _check_pickle(adapter, "adapter_model", spec)
    owner = adapter if adapter and _has_tokenizer(adapter) else folder
    folders = [folder, *([adapter] if adapter else [])]
    return Located(
        name=spec.model,
        path=folder,
        adapter=adapter,
        tokenizer=owner,
        revision=revision,
        weights=weights,
        adapter_weights=weights_digest(
            sorted([*adapter.glob("adapter_model.*"), *adapter.glob(DELTA_WEIGHTS)])
        )
        if adapter
        else None,
        settings=weights_digest([f / n for f in folders for n in _SETTINGS if (f / n).is_file()]),
        config=config,
        provides=tuple(config.get("iabench_world", ())),
        chat_template=_template(owner) or _template(folder),
        n_parameters=parameters(folder),
    )


def folder_of(model: str) -> Path:
    """Return the folder of a checkpoint name, path or hub id, of whatever kind the model is.

    Raises:
        ModelError: it is not there, or cannot be fetched.
    """
    return _folder(model, RunSpec(model=model))[0]


def parameters(folder: Path) -> int | None:
    """Return the number of parameters in a folder's safetensors, read from their headers alone."""
    total = 0
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            try:
                header = json.loads(file.read(min(size, 2**27)))
            except ValueError:
                raise ModelError(f"{path} is no safetensors file.") from None
        total += sum(math.prod(t["shape"]) for name, t in header.items() if name != "__metadata__")
    return total or None


def _template(folder: Path) -> str | None:
    file = folder / "chat_template.jinja"
    if file.exists():
        return file.read_text(encoding="utf-8")
    if not (folder / "tokenizer_config.json").exists():
        return None
    template = _json(folder / "tokenizer_config.json").get("chat_template")
    if isinstance(template, list):
        template = {t["name"]: t["template"] for t in template}.get("default")
    return template or None


def _folder(model: str, spec: RunSpec) -> tuple[Path, str | None]:
    """Return the folder of a checkpoint name, path or hub id, and the commit of the last."""
    path = Path(model).expanduser()
    if path.is_dir():
        return path, None
    if model in CHECKPOINTS:
        return CHECKPOINTS.get(model)().path, None
    if path.exists():
        raise ModelError(f'"{model}" is a file, not a model folder.', "--model FOLDER_OR_HUB_ID")
    if model in _BACKEND_WORDS:
        raise ModelError(f'"{model}" is a backend, not a model.', "--model ID_OR_FOLDER")
    if model.startswith((".", "/", "~")) or not _HUB_ID.fullmatch(model):
        raise _not_found(model)
    return _snapshot(model, spec)


def _snapshot(model: str, spec: RunSpec) -> tuple[Path, str | None]:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    patterns = [*_FILES, *(["*.py"] if spec.trust_remote_code else [])]
    if spec.allow_pickle:
        patterns.append("*.bin")
    try:
        path = Path(snapshot_download(model, revision=spec.revision, allow_patterns=patterns))
    except GatedRepoError:
        raise ModelError(
            f"{model} is gated and this machine has no access.",
            "accept the licence on its page, then: hf auth login   (or set HF_TOKEN)",
        ) from None
    except RevisionNotFoundError:
        raise ModelError(f"{model} has no revision {spec.revision}.", "--revision main") from None
    except (RepositoryNotFoundError, HFValidationError):
        raise _not_found(model) from None
    except LocalEntryNotFoundError:
        # A folder was meant: where it would lie is here, or what is here is called nearly so.
        above = Path(model).parent
        if above.is_dir() and (above.name or _near(model)):
            raise _not_found(model) from None
        cache = str(constants.HF_HUB_CACHE).replace(str(Path.home()), "~").removesuffix("/hub")
        if constants.HF_HUB_OFFLINE:
            why = f"HF_HUB_OFFLINE is set and {model} is not in {cache}."
            raise ModelError(why, "unset HF_HUB_OFFLINE, or give a folder") from None
        why = f"the hub does not answer and {model} is not in {cache}."
        raise ModelError(why, "check the network, or give a folder") from None
    except (HfHubHTTPError, OSError) as problem:
        reason = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise ModelError(f"{model} cannot be fetched: {reason}") from None
    return path, path.name


def _not_found(model: str) -> ModelError:
    near = _near(model)
    hint = f"{near} (near match)" if near else "--model FOLDER_OR_HUB_ID"
    return ModelError(f'no model "{model}": not a folder here, not a hub id.', hint)


def _near(model: str) -> str | None:
    """Return the folder or checkpoint that is called most like one that is not there, as typed."""
    path = Path(model).expanduser()
    beside = path.parent if path.parent.is_dir() else Path()
    folders = {p.name.lower(): p.name for p in beside.iterdir() if p.is_dir()}
    near = near_match(path.name.lower(), folders) if path.name else None
    if near:
        return f"{model[: len(model) - len(path.name)]}{folders[near]}"
    return near_match(model, CHECKPOINTS.names())


def _adapts(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("adapter_config.json", DELTA))


def _check_delta(delta: Path, base: Path, weights: str, spec: RunSpec) -> None:
    """Refuse a delta on another base: its values would land on weights that they do not fit."""
    if not (delta / DELTA_WEIGHTS).exists():
        raise ModelError(f"{delta} has no {DELTA_WEIGHTS}.", "--adapter FOLDER")
    if spec.quantize:
        raise ModelError("a delta needs the weights of its base as they are.", "no --quantize")
    if _json(delta / DELTA).get("base_weights") != weights:
        raise ModelError(
            f"the delta {delta} was trained on other weights than those of {base.name}.",
            "--base with the model that it was trained on",
        )


def _base_of(adapter: Path, spec: RunSpec) -> tuple[Path, str | None]:
    settings = DELTA if (adapter / DELTA).exists() else "adapter_config.json"
    base = spec.base or _json(adapter / settings).get("base_model_name_or_path")
    if not base:
        raise ModelError(f"{spec.model} is an adapter that does not name its base.", "--base ID")
    missing = ModelError(
        f"{spec.model} is an adapter for {base}, which is not there.",
        "--base meta-llama/Llama-3.1-8B-Instruct",
    )
    if str(base).startswith((".", "/", "~")) and not Path(base).expanduser().is_dir():
        raise missing
    try:
        return _folder(str(base), spec)
    except ModelError as problem:
        if problem.message.startswith("no model"):
            raise missing from None
        raise


def _config(folder: Path, spec: RunSpec) -> Mapping[str, Any]:
    if not (folder / "config.json").exists():
        raise ModelError(f"{spec.model} has no config.json: not a model folder.", "--model FOLDER")
    config = _json(folder / "config.json")
    own = config.get("auto_map")
    code = own.get("AutoModelForCausalLM") if isinstance(own, dict) else own
    if code and not spec.trust_remote_code:
        file = str(code).split("--")[-1].split(".")[0]
        raise ModelError(
            f"{spec.model} needs code from its repository ({file}.py).",
            "--trust-remote-code after reading it",
        )
    names = config.get("architectures") or []
    causal = ("CausalLM", "LMHeadModel", "ConditionalGeneration")
    encoder = config.get("is_encoder_decoder", False)
    if names and (encoder or not any(end in name for name in names for end in causal)):
        raise ModelError(
            f"{spec.model} is a {names[0]}; iabench asks causal language models.",
            "serve it and use --base-url",
        )
    return config


def _weights(folder: Path, spec: RunSpec) -> str:
    files = sorted(folder.glob("*.safetensors"))
    if not files and spec.allow_pickle:
        files = sorted(folder.glob("*.bin"))
    elif not files and _has_pickle(folder, spec.model):
        raise ModelError(
            f"{spec.model} has only pickled weights, which can run code when loaded.",
            "--allow-pickle if you trust it",
        )
    if not files:
        raise ModelError(
            f"{spec.model} has no weights (*.safetensors).", "--model FOLDER_OR_HUB_ID"
        )
    return weights_digest(files)


def _check_pickle(folder: Path, name: str, spec: RunSpec) -> None:
    if (folder / f"{name}.safetensors").exists() or spec.allow_pickle:
        return
    if (folder / f"{name}.bin").exists():
        raise ModelError(
            f"{folder} has only pickled weights, which can run code when loaded.",
            "--allow-pickle if you trust it",
        )
    raise ModelError(f"{folder} has no {name}.safetensors.", "--adapter FOLDER")


def _has_pickle(folder: Path, model: str) -> bool:
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")) or any(folder.glob("*.pth")):
        return True
    # A snapshot was fetched without pickles; the hub still knows of them.
    if folder.parent.name != "snapshots" or os.environ.get("HF_HUB_OFFLINE"):
        return False
    from huggingface_hub import list_repo_files

    try:
        return any(name.endswith((".bin", ".pt", ".pth")) for name in list_repo_files(model))
    except OSError:
        return False


def _has_tokenizer(folder: Path) -> bool:
    return any(
        (folder / n).exists()
        for n in ("tokenizer.json", "tokenizer.model", "tokenizer_config.json")
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ModelError(f"cannot read {path}: {problem}.") from None
    if not isinstance(value, dict):
        raise ModelError(f"{path} holds no table.")
    return value
