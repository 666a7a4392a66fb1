"""What a model in training says: through the same engine and templates that evaluate it."""

from __future__ import annotations

from collections.abc import Sequence

from iabench.errors import TrainingError
from iabench.models.engine import Engine
from iabench.models.hf import HFBackend
from iabench.records import Message, Prompt, Round, Sampling
from iabench.rng import digest

__all__ = ["say"]


def say(
    backend: HFBackend, asked: Sequence[Sequence[Message]], *, max_new_tokens: int = 64
) -> list[str]:
    """Return the greedy answers to prompts, in their order.

    Raises:
        TrainingError: one could not be answered.
    """
    prompts = tuple(
        Prompt(
            id=str(place),
            probe_id=f"say/{place}",
            series="say",
            turn=1,
            messages=tuple(messages),
            template="train@1",
            digest=digest(*(part for m in messages for part in (m.role, m.content)), size=32),
        )
        for place, messages in enumerate(asked)
    )
    said = Round(series="say", sampling=Sampling(max_new_tokens=max_new_tokens), prompts=prompts)
    texts = [""] * len(prompts)
    for completion in Engine(backend).complete(said):
        if completion.finish == "error":
            raise TrainingError(f"the base could not be asked: {completion.error}.")
        texts[int(completion.prompt_id)] = completion.text
    return texts
