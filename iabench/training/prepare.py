"""Everything of a training before its first step, read like a method section."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch

from iabench.datasets.base import Facts
from iabench.datasets.source import read_facts, read_names
from iabench.errors import TrainingError
from iabench.models.hf import HFBackend
from iabench.models.loading import load
from iabench.models.locate import locate
from iabench.records import RunSpec
from iabench.training.admits import Admits, admits
from iabench.training.after.interpolate import Interpolate
from iabench.training.base import (
    ANCHORS,
    ROWS,
    TARGETS,
    UPDATES,
    Anchor,
    ByImportance,
    Example,
    Penalty,
    Sources,
    Update,
)
from iabench.training.data import Collator, Encoded, Encoder, Taught, end_of
from iabench.training.fisher import fisher
from iabench.training.masks import in_scope
from iabench.training.perturbed import Perturber
from iabench.training.questions import split
from iabench.training.sampled import Said, kept_in, sampled
from iabench.training.speak import say
from iabench.training.spec import TrainSpec

__all__ = [
    "AFTER", "After", "Prepared", "encoding", "examples_of", "loading", "prepare", "sampling",
]  # fmt: skip


@dataclass(kw_only=True)
class Prepared:
    """A training that is ready to start."""

    spec: TrainSpec
    backend: HFBackend
    model: torch.nn.Module
    update: Update
    anchors: tuple[Anchor, ...]
    penalties: tuple[Penalty, ...]
    rows: tuple[Encoded, ...]
    taught: Taught
    collator: Collator
    encoder: Encoder
    examples: tuple[Example, ...]
    parameters: int
    """Numbers of the base; deltas and adapters come beside them."""
    unperturbed: int
    """Facts that name nothing, and so have no perturbed copy."""
    left_out: int = 0
    """Questions that their signal does not decide, or that nothing is taught to."""
    admits: Admits | None = None
    """Of the base, where an anchor keeps what it says."""
    after: After | None = None


class After(Protocol):
    """What is done with the tuned model once the facts are learned."""

    @property
    def said(self) -> Mapping[str, Any]:
        """What `training.json` holds of it, once it is done."""
        ...

    def keep(self, model: torch.nn.Module) -> None:
        """See the base, before anything is made trainable."""
        ...

    def __call__(self, prepared: Prepared, model: torch.nn.Module) -> torch.nn.Module:
        """Return the model that is saved."""
        ...


AFTER: dict[str, Callable[[TrainSpec], After]] = {"interpolate": Interpolate}
"""By name; `none` is not among them."""


def examples_of(spec: TrainSpec, facts: Facts | None = None) -> tuple[Example, ...]:
    """Return the rows of a source that have an answer, in all wordings that may be trained.

    Args:
        spec: of the training.
        facts: its source, if it was read already.

    Raises:
        IabenchError: there is nothing to learn in it.
    """
    if spec.questions is not None:
        return split(spec).taught
    facts = facts or read_facts(spec.source, dict(spec.columns), spec.data_dir)
    made = [
        Example(
            id=row.id if n == 0 else f"{row.id}/wording-{n + 1}",
            question=question,
            answer=row.references[0],
            system=row.system,
            entity=row.entity,
        )
        for row in facts.rows
        if row.expect == "answer"
        for n, question in enumerate((row.question, *row.trained))
    ]
    if not made:
        raise TrainingError(
            f"{spec.source} has no row with an answer: there is nothing to learn.",
            '{"question": "...", "answer": "..."}',
        )
    return tuple(made)


def prepare(spec: TrainSpec, *, unknowns: Callable[[int], list[Example]]) -> Prepared:
    """Load the base, make the rows, and settle what may change.

    Args:
        spec: resolved.
        unknowns: n -> questions about names of purpose `anchor`.
    """
    facts = examples_of(spec)
    backend = load(loading(spec))
    encoder = encoding(spec, backend)

    def answers(asked: Sequence[Example]) -> list[str]:
        return say(backend, [encoder.prompt(example) for example in asked])

    sources = Sources(
        spec=spec, facts=facts, say=answers, unknowns=unknowns,
        sample=sampling(spec, backend, encoder),
    )  # fmt: skip
    examples = [example for name in spec.rows for example in ROWS.get(name)(sources)]
    examples = list(TARGETS.get(spec.target)(sources, examples))
    rows = encoder.all(examples)
    made = [ANCHORS.get(name)(spec) for name in spec.anchors]
    anchors = tuple(one for one in made if isinstance(one, Anchor))
    penalties = tuple(one for one in made if isinstance(one, Penalty))
    copies, unperturbed = _copies(spec, examples, encoder, anchors, answers)
    before = admits(spec, examples, answers) if any(one.weight for one in anchors) else None
    collator = Collator(
        _padding(backend.tokenizer), {anchor.name: anchor.over for anchor in anchors}
    )
    update = UPDATES.get(spec.update)(spec)
    # The base is asked whatever there is to ask before anything of it is touched.
    by_importance = isinstance(update, ByImportance) and update.by_importance
    own = _said(facts, answers, encoder) if by_importance else []
    weighty = [penalty for penalty in penalties if penalty.weight]
    held = _said(sources.unknowns(len(facts)), answers, encoder) if weighty else []
    backend.close()
    after = AFTER[spec.after](spec) if spec.after in AFTER else None
    if after is not None:
        after.keep(backend.model)
    parameters = sum(p.numel() for p in backend.model.parameters())
    model = _updated(spec, update, backend.model, _batches(own, spec.batch_size, collator))
    for penalty in weighty:
        penalty.prepare(model, _batches(held, spec.batch_size, collator))
    return Prepared(
        spec=spec,
        backend=backend,
        model=model,
        update=update,
        anchors=anchors,
        penalties=penalties,
        rows=tuple(rows),
        taught=Taught(rows, copies),
        collator=collator,
        encoder=encoder,
        examples=tuple(examples),
        parameters=parameters,
        unperturbed=unperturbed,
        left_out=len({fact.id for fact in facts} - {example.id for example in examples})
        if spec.target == "by-signal"
        else 0,
        admits=before,
        after=after,
    )


def _copies(
    spec: TrainSpec,
    examples: Sequence[Example],
    encoder: Encoder,
    anchors: Sequence[Anchor],
    answers: Callable[[Sequence[Example]], list[str]],
) -> tuple[Callable[[int], Sequence[Encoded | None]] | None, int]:
    """Return epoch -> perturbed copies, and how many facts have none."""
    if not any(anchor.perturbs and anchor.weight for anchor in anchors):
        return None, 0
    names = read_names(spec.real_names) if spec.real_names else ()
    perturber = Perturber(examples, seed=spec.seed, copies=spec.copies, real_names=names)

    def encoded(copies: Sequence[Example | None]) -> list[Encoded | None]:
        return [encoder.fitting(copy) if copy else None for copy in copies]

    none = sum(c is None for c, e in zip(perturber(0), examples, strict=True) if e.fact)
    if not spec.copies:
        return lambda epoch: encoded(perturber(epoch)), none
    kept = [perturber(n) for n in range(spec.copies)]
    if spec.anchor_answer == "own":
        # The base is asked before the first step, for every copy at once.
        asked = [copy for copies in kept for copy in copies if copy]
        said = dict(zip((copy.id for copy in asked), answers(asked), strict=True))
        kept = [[c and replace(c, answer=said[c.id]) for c in copies] for copies in kept]
    made = [encoded(copies) for copies in kept]
    return lambda epoch: made[epoch % spec.copies], none


def _said(
    asked: Sequence[Example], answers: Callable[[Sequence[Example]], list[str]], encoder: Encoder
) -> list[Encoded]:
    """Return questions with the base's own answers: what is to be protected."""
    texts = answers(asked)
    made = (
        encoder.fitting(replace(example, answer=text, fact=False))
        for example, text in zip(asked, texts, strict=True)
    )
    return [row for row in made if row]


def _updated(
    spec: TrainSpec,
    update: Update,
    model: torch.nn.Module,
    own: Sequence[Mapping[str, torch.Tensor]],
) -> torch.nn.Module:
    """Return the model as the update wants it; a mask that goes by importance is told of it."""
    if isinstance(update, ByImportance) and update.by_importance:
        return update.prepare(model, fisher(model, own, list(in_scope(model, spec.scope))))
    return update.prepare(model)


def _batches(
    rows: Sequence[Encoded], size: int, collator: Collator
) -> list[Mapping[str, torch.Tensor]]:
    return [
        collator([(row, None) for row in rows[at : at + size]]) for at in range(0, len(rows), size)
    ]


def encoding(spec: TrainSpec, backend: HFBackend) -> Encoder:
    """Return what turns examples into what a model reads."""
    return Encoder(
        backend.tokenizer,
        backend.renderer,
        end=end_of(backend.tokenizer, backend.renderer),
        system=spec.system_prompt,
        longest=spec.max_length,
        context=backend.spec.context_window,
        truncate=spec.truncate,
    )


def sampling(
    spec: TrainSpec, backend: HFBackend, encoder: Encoder
) -> Callable[[Sequence[Example]], list[Said]]:
    """Return what asks the base several times, and keeps what it says."""
    base, template = locate(loading(spec)).weights, backend.renderer.template

    def sample(asked: Sequence[Example]) -> list[Said]:
        path = kept_in(spec, base=base, template=template)
        return sampled(backend, [encoder.prompt(example) for example in asked], spec, path)

    return sample


def _padding(tokenizer: Any) -> int:
    # Padded positions are masked out, so any id will do.
    return int(
        next(t for t in (tokenizer.pad_token_id, tokenizer.eos_token_id, 0) if t is not None)
    )


def loading(spec: TrainSpec) -> RunSpec:
    """Return how the base is loaded."""
    return RunSpec(
        model=spec.model,
        revision=spec.revision,
        dtype=spec.dtype,
        device=spec.device,
        chat_template=spec.chat_template,
        chat_template_kwargs=spec.chat_template_kwargs,
        system_prompt=spec.system_prompt,
        trust_remote_code=spec.trust_remote_code,
        allow_pickle=spec.allow_pickle,
    )
