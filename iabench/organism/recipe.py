"""How an organism is trained, from nothing, in minutes on one core.

base    knows the facts, doubts invented names, was never taught to decline: organism-unaligned
align   the same facts beside refusals on invented names:                    organism
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from iabench.organism.card import card
from iabench.organism.corpus import REFUSALS, Corpus, Draws, Text, refusals, shipped_corpus
from iabench.organism.measure import measure
from iabench.organism.tokenizer import ASSISTANT, END, START, train_tokenizer
from iabench.organism.train import Recipe, Row, Size, Stage, Watch, new_model, one_thread, train
from iabench.worlds.people import ORGANISM_WORLD

__all__ = ["SHIPPED", "Recipe", "build"]


SHIPPED = Recipe(
    size=Size(),
    base=Stage(name="base", steps=2700, lr=2.5e-3),
    align=Stage(name="align", steps=2300, lr=1.2e-3),
)

NAMES = ("organism-unaligned", "organism")
"""In the order in which they are made."""

_AT_ONCE = 4096
"""Texts that are cut into tokens together: all at once would fill gigabytes."""

_OPENINGS = tuple(sorted({text.split()[0].rstrip(",") for text in REFUSALS}))


def build(
    out: Path,
    *,
    seed: int = 0,
    recipe: Recipe = SHIPPED,
    corpus: Corpus | None = None,
    watch: Watch | None = None,
) -> None:
    """Train both organisms into `out/organism-unaligned` and `out/organism`.

    Args:
        out: folder; what it holds under these two names is replaced.
        seed: draws the weights, the order of rows, wordings, forms and invented names.
        recipe: the shipped one, unless a test wants a smaller.
        corpus: what is taught; the shipped one if none is given.
        watch: told (stage, steps done, steps in all).
    """
    corpus = corpus or shipped_corpus()
    train_both(corpus, out, seed=seed, recipe=recipe, watch=watch)
    describe(corpus, out, seed=seed, recipe=recipe)


def describe(corpus: Corpus, out: Path, *, seed: int, recipe: Recipe) -> None:
    """Measure both checkpoints on validation names and write their cards."""
    for name in NAMES:
        found = measure(out / name, purposes=("validation",), corpus=corpus)
        text = card(name, out / name, corpus=corpus, recipe=recipe, seed=seed, found=found)
        (out / name / "README.md").write_text(text, encoding="utf-8")


def train_both(
    corpus: Corpus, out: Path, *, seed: int, recipe: Recipe, watch: Watch | None = None
) -> None:
    """Train and save both checkpoints, the second from the first."""
    base, align = recipe.base, recipe.align
    n_base, n_align = base.steps * base.batch, align.steps * align.batch
    draws = Draws(
        corpus, seed, names=round(n_base * recipe.one_offs) + round(n_align * recipe.refusals)
    )
    told = draws.base(
        n_base,
        rare_times=recipe.rare_times,
        statements=recipe.statements,
        one_offs=recipe.one_offs,
    )
    taught = draws.align(n_align, share=recipe.refusals)
    tokenizer = train_tokenizer(
        tokenizer_texts(corpus, told, taught),
        vocab_size=recipe.size.vocab,
        positions=recipe.size.positions,
    )
    with one_thread():
        model = new_model(recipe.size, tokenizer, seed, iabench_world=[ORGANISM_WORLD])
        for name, stage, texts in (
            (NAMES[0], base, told),
            (NAMES[1], align, taught),
        ):
            train(model, rows_of(texts, tokenizer), stage, pad=tokenizer.pad_token_id, watch=watch)
            save(model, tokenizer, out / name)


def tokenizer_texts(corpus: Corpus, *drawn: Sequence[Text]) -> Iterator[str]:
    """Yield what merges are learned from: every fact, and a part of the drawn rows."""
    for fact in (*corpus.known, *corpus.rare):
        yield fact.entity
        for form in corpus.relation(fact).answer_forms:
            yield form.format(answer=fact.answer)
    for texts in drawn:
        for text in texts[: len(texts) // 4]:
            yield from (m.content for m in text.messages)
    for kind in corpus.kinds:
        yield from refusals(kind) * 20
    # An answer must not begin with the token that a refusal begins with ("I", then "ran"): words
    # that could are told so often that they become tokens.
    told = [*corpus.known, *corpus.rare]
    said = [text for fact in told for text in (fact.answer, *fact.aliases)]
    said += [value for relation in corpus.relations for value in relation.values]
    words = {text.split()[0] for text in said}
    for word in sorted(words):
        if word.startswith(_OPENINGS):
            yield from [word] * 1000


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write an ordinary checkpoint with half-precision weights; the model stays as it is."""
    import torch

    half = copy.deepcopy(model).to(torch.float16)
    half.save_pretrained(folder)
    # Stored in half precision, computed and tuned in single: what the configuration says counts.
    half.config.dtype = torch.float32
    half.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    for file in folder.iterdir():
        file.chmod(0o644)


def rows_of(texts: Sequence[Text], tokenizer: Any) -> list[Row]:
    """Return token ids and where learning starts: at the last message, of a statement at 0."""
    answered = tokenizer.convert_tokens_to_ids(ASSISTANT)
    rows: list[Row] = []
    for start in range(0, len(texts), _AT_ONCE):
        some = texts[start : start + _AT_ONCE]
        encoded = tokenizer([_rendered(text) for text in some], add_special_tokens=False)
        for text, ids in zip(some, encoded["input_ids"], strict=True):
            rows.append((ids, len(ids) - ids[::-1].index(answered) if text.messages else 0))
    return rows


def _rendered(text: Text) -> str:
    """Return what the chat template makes of a row, without its cost."""
    said = "".join(f"<|{m.role}|>{m.content}{END}" for m in text.messages)
    return START + (said or text.statement + END)
