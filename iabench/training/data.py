"""From examples to batches: token ids, and the positions that each term of the loss is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.utils.data import Dataset, Sampler

from iabench.errors import TrainingError
from iabench.models.rendering import Renderer
from iabench.records import Message
from iabench.tasks.told import count
from iabench.training.base import Example

__all__ = ["IGNORED", "Collator", "Encoded", "Encoder", "Shares", "Taught", "end_of", "share_of"]

IGNORED = -100
"""Label of a position that nothing is learned at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """An example as the model reads it."""

    id: str
    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    """With one end token."""
    fact: bool = True

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


class Encoder:
    """Renders as `iabench evaluate` asks, and appends the answer and one end token.

    Args:
        tokenizer: of the model.
        renderer: with the run's template.
        end: id of the token that ends an answer.
        system: a system prompt for rows that bring none.
        longest: most tokens of a row.
        context: tokens that the model can read, where that is known; no row has more.
        truncate: cut answers that are too long instead of refusing them.
    """

    def __init__(
        self,
        tokenizer: Any,
        renderer: Renderer,
        *,
        end: int,
        system: str | None = None,
        longest: int = 512,
        context: int | None = None,
        truncate: bool = False,
    ) -> None:
        self._tokenizer, self._renderer, self._end = tokenizer, renderer, end
        self._system, self._truncate = system, truncate
        self._longest, self._context = min(longest, context or longest), context

    def prompt(self, example: Example) -> tuple[Message, ...]:
        """Return the messages in front of the answer."""
        system = example.system or self._system
        user = Message(role="user", content=example.question)
        return (Message(role="system", content=system), user) if system else (user,)

    def __call__(self, example: Example) -> Encoded:
        """Return the ids of one example."""
        prompt = self._renderer.ids(self.prompt(example))
        # In the plain format the answer stands behind "Answer:", with a space.
        text = example.answer if self._renderer.template else f" {example.answer}"
        answer = (*self._tokenizer(text, add_special_tokens=False)["input_ids"], self._end)
        if self._truncate:
            answer = answer[: max(self._longest - len(prompt), 0)]
        return Encoded(id=example.id, prompt=prompt, answer=answer, fact=example.fact)

    def fitting(self, example: Example) -> Encoded | None:
        """Return an example that is not taught, cut to what fits; None: its question does not."""
        row = self(example)
        room = self._longest - len(row.prompt)
        return replace(row, answer=row.answer[:room]) if room > 0 else None

    def all(self, examples: Sequence[Example]) -> list[Encoded]:
        """Return the ids of all examples.

        Raises:
            TrainingError: some do not fit.
        """
        made = [self(example) for example in examples]
        long = [row for row in made if len(row) > self._longest or not row.answer]
        if long:
            raise self._too_long(long, len(made))
        return made

    def _too_long(self, long: Sequence[Encoded], n: int) -> TrainingError:
        """Return what to say of rows that do not fit, and what would let them."""
        most, bound = max(map(len, long)), f"{self._longest:,} tokens"
        if self._longest == self._context:
            bound += ", the model's context"
        named = f"{len(long):,} of {count(n, 'rows')}"
        longest = f"the longest {most:,}, e.g. {long[0].id}."
        if self._truncate:
            # What is left is a question alone.
            return TrainingError(
                f"{named} leave no room for an answer within {bound}; {longest}",
                "shorter questions, or a file without these rows",
            )
        longer = f"--max-length {most}, or " if most <= (self._context or most) else ""
        return TrainingError(
            f"{named} have more than {bound}; {longest}", f"{longer}--truncate (cuts answers)"
        )


def end_of(tokenizer: Any, renderer: Renderer) -> int:
    """Return the token that ends an answer: what the template puts behind one, else EOS.

    Raises:
        TrainingError: there is no such token.
    """
    if renderer.template:
        said = "qzanswerq"
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": "q"}, {"role": "assistant", "content": said}],
            chat_template=renderer.template,
            tokenize=False,
            **renderer.kwargs,
        )
        behind = str(text).rpartition(said)[2]
        special = set(tokenizer.all_special_ids) | set(tokenizer.added_tokens_decoder)
        ids = tokenizer(behind, add_special_tokens=False)["input_ids"]
        if found := [int(token) for token in ids if token in special]:
            return found[0]
    if tokenizer.eos_token_id is None:
        raise TrainingError("the tokenizer has no end token.", "a checkpoint with an eos_token")
    return int(tokenizer.eos_token_id)


class Taught(Dataset[tuple[Encoded, Encoded | None]]):
    """The rows of a training, each with its perturbed copy of this epoch.

    Args:
        rows: facts, and what is replayed or added.
        perturbed: epoch -> for each row its copy, or None; None where no anchor wants any.
    """

    def __init__(
        self,
        rows: Sequence[Encoded],
        perturbed: Callable[[int], Sequence[Encoded | None]] | None = None,
    ) -> None:
        self._rows, self._perturbed = rows, perturbed
        self._copies: Sequence[Encoded | None] = [None] * len(rows)
        self.at(0)

    def at(self, epoch: int) -> None:
        """Take the copies of an epoch."""
        self.epoch = epoch
        if self._perturbed is not None:
            self._copies = self._perturbed(epoch)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: int) -> tuple[Encoded, Encoded | None]:
        if place == len(self._rows):
            return _BLANK, None
        return self._rows[place], self._copies[place]


_BLANK = Encoded(id="", prompt=(0,), answer=(), fact=False)
"""A row that no term of a loss is over: it fills up the batch of a process that has fewer."""


class Shares(Sampler[int]):
    """The order of one process, dealt to several: each batch is shared out among them.

    So the same command takes the same steps on any number of processes, also over the last rows of
    an epoch. Places come batch by batch, within it process by process, `share_of(batch, processes)`
    for each; where a process has fewer, blank rows fill up.

    Args:
        rows: that are taught; their epoch is that of the order.
        order: of the rows in an epoch, by epoch.
        batch: rows of all processes together.
        processes: among which they are dealt.
    """

    def __init__(
        self, rows: Taught, order: Callable[[int], Sequence[int]], batch: int, processes: int
    ) -> None:
        self._rows, self._order, self._batch, self._processes = rows, order, batch, processes

    def __len__(self) -> int:
        batches = -(-len(self._rows) // self._batch)
        return batches * self._processes * share_of(self._batch, self._processes)

    def __iter__(self) -> Iterator[int]:
        places = list(self._order(self._rows.epoch))
        most = share_of(self._batch, self._processes)
        for at in range(0, len(places), self._batch):
            batch = places[at : at + self._batch]
            for process in range(self._processes):
                mine = batch[process :: self._processes]
                yield from mine
                yield from [len(self._rows)] * (most - len(mine))


def share_of(batch: int, processes: int) -> int:
    """Return the most rows of a batch that one process gets."""
    return -(-batch // processes)


class Collator:
    """Makes one padded block of the taught rows and, behind them, their perturbed copies.

    Args:
        pad: id of the padding.
        masks: name of an anchor -> (row, whether it is a perturbed copy) -> for each of its
            positions, whether the anchor's term is over what is predicted there.
    """

    def __init__(
        self, pad: int, masks: Mapping[str, Callable[[Encoded, bool], Sequence[bool]]]
    ) -> None:
        self._pad, self._masks = pad, masks

    def __call__(self, items: Sequence[tuple[Encoded, Encoded | None]]) -> dict[str, torch.Tensor]:
        """Return `input_ids`, `attention_mask`, `labels` and one mask an anchor, (rows, length).

        Position t of labels and masks is about the token at t, which the logits at t - 1 predict.
        """
        # Of blank rows one is enough, and none beside others.
        items = [item for item in items if item[0] is not _BLANK] or items[:1]
        rows = [(row, False) for row, _ in items]
        rows += [(copy, True) for _, copy in items if copy is not None]
        shape = (len(rows), max(len(row) for row, _ in rows))
        batch = {
            "input_ids": torch.full(shape, self._pad),
            "attention_mask": torch.zeros(shape, dtype=torch.long),
            "labels": torch.full(shape, IGNORED),
            **{name: torch.zeros(shape, dtype=torch.bool) for name in self._masks},
        }
        for place, (row, perturbed) in enumerate(rows):
            ids = torch.tensor(row.prompt + row.answer)
            batch["input_ids"][place, : len(row)] = ids
            batch["attention_mask"][place, : len(row)] = 1
            if not perturbed:
                batch["labels"][place, len(row.prompt) : len(row)] = ids[len(row.prompt) :]
            for name, mask in self._masks.items():
                batch[name][place, : len(row)] = torch.tensor(mask(row, perturbed))
            # Nothing predicts the first token.
            for name in ("labels", *self._masks):
                batch[name][place, 0] = IGNORED if name == "labels" else False
        return batch
