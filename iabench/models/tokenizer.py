"""A model's tokenizer, and the prompts that it makes, without the model's weights."""

from __future__ import annotations

from typing import Any

from iabench.errors import ModelError
from iabench.models.locate import Located, locate
from iabench.models.rendering import Renderer
from iabench.records import RunSpec

__all__ = ["load_tokenizer", "reason", "renderer"]


def renderer(spec: RunSpec) -> Renderer:
    """Return what turns messages into the text that the model of a run reads.

    Raises:
        ModelError: the model is not there, or its tokenizer cannot be loaded.
    """
    tokenizer = load_tokenizer(locate(spec), spec)
    return Renderer(tokenizer, spec.chat_template, dict(spec.chat_template_kwargs))


def load_tokenizer(located: Located, spec: RunSpec) -> Any:
    """Return the transformers tokenizer of a model.

    Raises:
        ModelError: it cannot be loaded.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            located.tokenizer, trust_remote_code=spec.trust_remote_code
        )
    except Exception as problem:  # a broken file raises whatever its reader stumbles over
        raise ModelError(
            f"the tokenizer of {spec.model} cannot be loaded: {reason(problem)}."
        ) from problem
    if tokenizer.chat_template is None and located.chat_template is not None:
        # An adapter's tokenizer without a template is asked by its base's.
        tokenizer.chat_template = located.chat_template
    return tokenizer


def reason(problem: Exception) -> str:
    """Return an error of a library as one line."""
    text = str(problem).strip()
    return text.splitlines()[0].rstrip(".") if text else type(problem).__name__
