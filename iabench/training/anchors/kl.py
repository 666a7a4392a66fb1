"""KL anchors: the tuned model's distribution is held to its base's.

    entity-kl   on the perturbed copy of each row. Source: SEAT (arXiv 2506.14387),
                L = CE(D) + alpha x KL(base || tuned) on D_perturbed
    base-kl     on the rows themselves: the ablation that the paper lacks

The paper gives neither direction, alpha nor positions. Taken from the same authors' earlier code:
forward KL, weight 1, all positions; there padding too, here never. `own` puts the base's own answer
behind the perturbed question in place of the row's: then no false pair of question and answer is
read.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from iabench.training.data import Encoded
from iabench.training.loss import divergence
from iabench.training.spec import TrainSpec

__all__ = ["BaseKL", "EntityKL"]


class EntityKL:
    """KL to the base on perturbed copies."""

    name = "entity-kl"
    perturbs = True

    def __init__(self, spec: TrainSpec) -> None:
        self.weight = spec.alpha
        self._direction, self._positions = spec.direction, spec.kl_positions

    def over(self, row: Encoded, perturbed: bool) -> Sequence[bool]:
        """Return, for each token of a row, whether the term is over its prediction."""
        if perturbed != self.perturbs or not (perturbed or row.fact):
            return [False] * len(row)
        prompt = self._positions in ("all", "prompt")
        answer = self._positions in ("all", "answer")
        return [prompt] * len(row.prompt) + [answer] * len(row.answer)

    def term(self, tuned: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
        """Return the sum of the divergences at the anchor's positions.

        Args:
            tuned: (positions, vocabulary) logits.
            base: likewise, of the base, without gradients.
        """
        return divergence(tuned, base, self._direction)


class BaseKL(EntityKL):
    """KL to the base on the rows that are taught."""

    name = "base-kl"
    perturbs = False
