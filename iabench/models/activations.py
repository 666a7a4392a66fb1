"""What a model holds of a prompt before it answers: the residual stream at the last prompt token.

Read as the code of LUNAR does (`facebookresearch/LUNAR`, by SEAT's first authors): of the
chat-formatted prompt, generation header included, position -1, one vector a layer. Layer 0 are the
embeddings, layer k is what enters block k + 1; the last one stands behind the final norm, as
transformers gives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from iabench.models.hf import HFBackend
from iabench.records import Message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["last_token"]

_ROWS = 32


def last_token(
    backend: HFBackend, questions: Sequence[str], system: str | None = None
) -> NDArray[np.float32]:
    """Return activations of shape (questions, layers + 1, hidden), in single precision.

    A system prompt stands before each question, as in a run. Prompts of one length go together, so
    that nothing is padded.
    """
    import numpy as np
    import torch

    first = [Message(role="system", content=system)] if system else []
    prompts = [backend.encode([*first, Message(role="user", content=text)]) for text in questions]
    by_length: dict[int, list[int]] = {}
    for at, prompt in enumerate(prompts):
        by_length.setdefault(len(prompt), []).append(at)
    found: list[NDArray[np.float32] | None] = [None] * len(prompts)
    for places in by_length.values():
        for start in range(0, len(places), _ROWS):
            some = places[start : start + _ROWS]
            ids = torch.tensor([prompts[at] for at in some], device=backend.model.device)
            with torch.no_grad():
                out = backend.model(ids, output_hidden_states=True, use_cache=False)
            held = torch.stack([layer[:, -1] for layer in out.hidden_states], dim=1)
            for at, one in zip(some, held.float().cpu().numpy(), strict=True):
                found[at] = one
    return np.stack([one for one in found if one is not None])
