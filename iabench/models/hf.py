"""Hugging Face causal language models, decoded here so that rows stop, draw and finish alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from iabench.models.base import Limits, OutOfMemoryError, Request, Work
from iabench.models.decoding import Decoder, ran_out_of_memory
from iabench.models.rendering import Renderer
from iabench.models.states import SHARING
from iabench.prompts.chat import PLAIN_STOP
from iabench.records import Completion, Message, ModelSpec
from iabench.rng import digest

if TYPE_CHECKING:
    import torch

__all__ = ["HFBackend"]


class HFBackend:
    """A loaded model with its tokenizer.

    Args:
        model: a transformers causal language model, on its device. Lent: `close` gives its training
            flags back as they were found.
        tokenizer: its tokenizer; it needs no pad token.
        spec: what it is; the fields that the model itself tells are filled in here.
        chat_template: `auto`, `none` or the text of a template.
        chat_template_kwargs: passed to the template.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        spec: ModelSpec,
        chat_template: str = "auto",
        chat_template_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.model, self.tokenizer = model, tokenizer
        self._training = {module: module.training for module in model.modules()}
        model.eval()
        self.renderer = Renderer(tokenizer, chat_template, chat_template_kwargs)
        self._notes = _notes(tokenizer, self.renderer)
        self._decoder = Decoder(model, tokenizer)
        self._tight = False
        config = model.config
        self._spec = replace(
            spec,
            dtype=str(model.dtype).removeprefix("torch."),
            tokenizer=_tokenizer_digest(tokenizer),
            configuration=_configuration_digest(model),
            chat_template=self.renderer.digest,
            chat_template_kwargs=tuple(
                sorted((k, str(v)) for k, v in self.renderer.kwargs.items())
            ),
            architecture=type(model).__name__,
            n_parameters=sum(p.numel() for p in model.parameters()),
            context_window=_window(config),
            provides=tuple(getattr(config, "iabench_world", None) or spec.provides),
        )

    @property
    def spec(self) -> ModelSpec:
        """What is loaded."""
        return self._spec

    @property
    def limits(self) -> Limits:
        """Token budgets from free memory, in powers of two so that small changes keep them."""
        held, read = _budgets(self.model)
        return Limits(
            tokens=held,
            read=read,
            shared=self.work.way in SHARING,
            apart=self.work.way == "cascade",
            window=self._spec.context_window,
        )

    @property
    def work(self) -> Work:
        """How it decodes, and what it read so far."""
        return self._decoder.work

    @property
    def notes(self) -> Sequence[str]:
        """How the model is asked, where that is not by a plain chat template, or not fast."""
        work = self.work
        what = "attention is" if work.way == "shared" else "prompts are"
        slow = [f"{what} not shared: {work.why}"] if work.why else []
        if work.way == "whole":
            slow = [f"slow, as the whole text is read for each token: {work.why}"]
        return [*self._notes, *slow]

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """Return the rendered prompt."""
        return self.renderer.ids(messages)

    def prepare(self, requests: Sequence[Request]) -> None:
        """Choose the fastest way of decoding that is right for a round."""
        try:
            self._decoder.prepare(requests)
        except RuntimeError as problem:
            if not ran_out_of_memory(problem):
                raise
            self._tight = True
            self._decoder.decline("too little memory to try it")

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Completion]]:
        """Decode one batch, yielding rows as they finish.

        Raises:
            OutOfMemoryError: the device ran out of memory; its cache is emptied before the next
                batch.
        """
        if self._tight:
            # Not where it happened: there the traceback still held what did not fit.
            _empty_cache(self.model.device)
            self._tight = False
        stop = (PLAIN_STOP,) if self.renderer.template is None else ()
        opened = [self.renderer.opens_thinking(r.token_ids or ()) for r in requests]
        try:
            yield from self._decoder.decode(requests, stop=stop, opened=opened)
        except RuntimeError as problem:
            if not ran_out_of_memory(problem):
                raise
            self._tight = True
            raise OutOfMemoryError from None

    def close(self) -> None:
        """Give a lent model its training flags back."""
        for module, training in self._training.items():
            module.training = training


def _notes(tokenizer: Any, renderer: Renderer) -> list[str]:
    notes = []
    if renderer.template is None:
        notes.append("no chat template: asked as `Question: ... Answer:`, up to a blank line")
    if renderer.folds_system:
        notes.append("the template takes no system message: it leads the first user turn")
    if tokenizer.pad_token_id is None:
        notes.append("the tokenizer has no pad token: padded positions are masked out")
    return notes


def _tokenizer_digest(tokenizer: Any) -> str:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        return digest(backend.to_str())
    return digest(*sorted(tokenizer.get_vocab().items()))


def _configuration_digest(model: Any) -> str:
    """Return a digest of everything but weights that decides what a model says."""
    settings = model.config.to_diff_dict()
    for key in ("_name_or_path", "transformers_version", "dtype", "torch_dtype"):
        settings.pop(key, None)
    generation = getattr(model, "generation_config", None)
    ends = getattr(generation, "eos_token_id", None)
    adapters = getattr(model, "peft_config", {})
    return digest(
        json.dumps(settings, sort_keys=True, default=str),
        ends,
        *(
            f"{name} {json.dumps(one.to_dict(), sort_keys=True, default=_listed)}"
            for name, one in adapters.items()
        ),
    )


def _listed(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, set) else str(value)


def _window(config: Any) -> int | None:
    text = config.get_text_config()
    for key in ("max_position_embeddings", "n_positions", "n_ctx", "max_sequence_length"):
        value = getattr(text, key, None)
        if isinstance(value, int) and value > 0:
            return value
    return None


def _budgets(model: Any) -> tuple[int, int]:
    """Return tokens (rows x length) that a batch may hold, and that may be read at once.

    What is held are keys and values of every layer; what is read takes up the widest activations of
    one layer, as a prompt is read one layer at a time. Each gets a quarter of what is free. On a
    CPU more than 16,384 tokens at once gain nothing, and 2 GB are free.
    """
    import torch

    config = model.config.get_text_config()
    hidden = getattr(config, "hidden_size", 4096)
    heads = getattr(config, "num_attention_heads", None) or 1
    kv_heads = getattr(config, "num_key_value_heads", None) or heads
    head = getattr(config, "head_dim", None) or hidden // heads
    layers = getattr(config, "num_hidden_layers", 32)
    inner = getattr(config, "intermediate_size", None) or 4 * hidden
    size = model.dtype.itemsize
    cache, activations = 2 * layers * kv_heads * head * size, (8 * hidden + 3 * inner) * size
    if model.device.type == "cuda":
        free, most = torch.cuda.mem_get_info(model.device)[0] / 4, 2**18
    else:
        free, most = 2**31, 2**14
    return _power(free / cache, 2**20), _power(free / activations, most)


def _power(tokens: float, most: int) -> int:
    return max(1024, min(most, 1 << max(0, int(tokens).bit_length() - 1)))


def _empty_cache(device: torch.device) -> None:
    import torch

    if device.type == "cuda":
        torch.cuda.empty_cache()
