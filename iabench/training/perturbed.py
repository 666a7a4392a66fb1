"""Entity perturbation: the same row about something that does not exist.

Source: SEAT (arXiv 2506.14387): for every training example one copy in which the subject entity is
replaced by a fictitious one, the rest unchanged. The paper does not say where names come from, nor
whether a copy is kept: here the finder and the swap of `--facts` are used, with names of purpose
`anchor`, which no evaluation draws, and a copy is drawn anew each epoch unless `copies` are kept.
A row that names nothing has no copy and is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from iabench.rng import digest
from iabench.training.base import Example
from iabench.worlds.perturb import Asked, Swapper

__all__ = ["Perturber"]


class Perturber:
    """Perturbs the rows of one training.

    Args:
        examples: all of them; what counts as a frame is seen over all facts.
        seed: of the training.
        copies: how many copies of a row there are, taken in turn; 0: a new one each epoch.
        real_names: names that exist and are not drawn.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        *,
        seed: int,
        copies: int = 0,
        real_names: Sequence[str] = (),
    ) -> None:
        self._examples, self._seed, self._copies = examples, seed, copies
        self._real_names = real_names
        self._asked = [
            Asked(question=e.question, answer=e.answer, entity=e.entity) if e.fact else None
            for e in examples
        ]

    def which(self, epoch: int) -> int:
        """Return which copy an epoch takes."""
        return epoch % self._copies if self._copies else epoch

    def __call__(self, epoch: int) -> list[Example | None]:
        """Return the copy of each row, or None where it names nothing; replayed rows have none."""
        copy = self.which(epoch)
        swapper = Swapper(
            [asked for asked in self._asked if asked],
            real_names=self._real_names,
            seed=int(digest(self._seed, "perturbed", copy, size=8), 16) + 1,
            purpose="anchor",
        )
        made: list[Example | None] = []
        for example, asked in zip(self._examples, self._asked, strict=True):
            swap = swapper.swap(asked) if asked else None
            made.append(
                None
                if swap is None
                else replace(
                    example,
                    id=f"{example.id}/perturbed-{copy}",
                    question=swap.apply(example.question),
                    answer=swap.apply(example.answer),
                    system=swap.apply(example.system) if example.system else None,
                    entity=swap.new,
                )
            )
        return made
