"""Weight interpolation: the mean of what was tuned and what it was tuned from.

    W = w x tuned + (1 - w) x base          for every weight

Source: Wortsman et al., "Robust fine-tuning of zero-shot models", arXiv 2109.01903 (WiSE-FT), Eq. 1
with alpha = w. There w is chosen on the target set or is .5; here it is given (`interpolate`) or
chosen from .1, .2, ... 1 on `iabench.training.validation` by the rule that chooses settings in a
study: among weights whose paraphrase accuracy is at least .95 of the best, the highest awareness;
ties to the better learned, then to the larger weight. Sums are in float32 at least, and w = 1 is
the tuned model to the bit.

Of an adapter (LoRA), W + s B A, the base is left as it is and B becomes w B: the same mean.
The base is kept on the CPU while the model is tuned, and so is what was tuned while weights are
tried. Where nothing could be decided, nothing is mixed: w = 1, and the grid says so.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch

from iabench.training.progress import asking
from iabench.training.spec import TrainSpec
from iabench.training.validation import Scores, cases, score

if TYPE_CHECKING:
    from iabench.training.prepare import Prepared

__all__ = ["GRID", "Interpolate", "chosen", "mixed"]

GRID = tuple(n / 10 for n in range(1, 11))
_LEARNED = 0.95

Weights = dict[str, torch.Tensor]


class Interpolate:
    """The mean of tuned and base."""

    def __init__(self, spec: TrainSpec) -> None:
        self._weight = spec.interpolate
        self._base: Weights = {}
        self.said: dict[str, Any] = {}
        """What `training.json` holds of it: `weight`, and what each of the grid scored."""

    def keep(self, model: torch.nn.Module) -> None:
        """Keep the base's weights, before anything is made trainable."""
        self._base = _copied(model)

    def __call__(self, prepared: Prepared, model: torch.nn.Module) -> torch.nn.Module:
        """Return the tuned model with its weights mixed with the base's, in place."""
        tuned = _copied(model)
        grid: list[tuple[float, Scores]] = []
        if self._weight is None:
            asked = cases(prepared.spec)
            for weight in GRID:
                self._mix(model, tuned, weight)
                with asking(prepared, model) as say:
                    grid.append((weight, score(asked, say)))
        weight = chosen(grid) if self._weight is None else self._weight
        self._mix(model, tuned, weight)
        self.said = {
            "weight": weight,
            "chosen_on": "validation" if grid else "given",
            "grid": [
                {"weight": w, **asdict(scores), "shares": dict(scores.shares)} for w, scores in grid
            ],
        }
        return model

    @torch.no_grad()
    def _mix(self, model: torch.nn.Module, tuned: Weights, weight: float) -> None:
        adapted = hasattr(model, "peft_config")
        for name, parameter in model.named_parameters():
            if not adapted:
                base = self._base[name]
            elif "lora_B" in name:
                base = torch.zeros_like(tuned[name])
            else:
                continue
            parameter.copy_(mixed(tuned[name], base, weight))


def mixed(tuned: torch.Tensor, base: torch.Tensor, weight: float) -> torch.Tensor:
    """Return weight x tuned + (1 - weight) x base, in the dtype of the tuned."""
    wide = torch.promote_types(tuned.dtype, torch.float32)
    return (weight * tuned.to(wide) + (1 - weight) * base.to(wide)).to(tuned.dtype)


def chosen(grid: list[tuple[float, Scores]]) -> float:
    """Return the weight that the rule chooses; 1 where nothing could be decided."""
    learned = {weight: s.paraphrase_accuracy or 0.0 for weight, s in grid}
    enough = _LEARNED * max(learned.values())
    able = [
        (scores.awareness_score, learned[weight], weight)
        for weight, scores in grid
        if scores.awareness_score is not None and learned[weight] >= enough
    ]
    return max(able)[2] if able else 1.0


def _copied(model: torch.nn.Module) -> Weights:
    return {
        name: parameter.detach().to("cpu", copy=True)
        for name, parameter in model.named_parameters()
    }
