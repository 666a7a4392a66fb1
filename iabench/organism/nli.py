"""A small NLI cross-encoder for the organism's world: does one answer follow from another?

    "What is the capital of X? It is Paris."  entails  "What is the capital of X? The capital is
    Paris."; "It is Lyon." contradicts it; "I don't know." is neutral to it

It is there so that clustering by entailment runs whole with no network. It is trained on answers in
many surface forms about taught and invented things, with values that occur, values with a letter
changed, and made-up ones, so that it compares what stands there rather than knowing the world.
Forms of `HELD_OUT` are in no training: `measure` clusters answers in these.

    iabench organism build nli --out FOLDER          minutes on one core
    python -m iabench.organism.nli FOLDER            how well it clusters
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

from iabench.models.entailment import Entailment, HFEntailment, open_entailment
from iabench.organism.corpus import Corpus, refusals, shipped_corpus, trained_wordings
from iabench.organism.tokenizer import END, PAD, START, USER
from iabench.organism.train import Stage, Watch, fast_half, one_thread
from iabench.rng import Dice
from iabench.uncertainty.clusters import Clusterer
from iabench.uncertainty.equality import bare
from iabench.worlds.facts import Relation

__all__ = [
    "FORMS", "HELD_OUT", "LABELS", "SHIPPED", "Pair", "Recipe", "build", "main", "measure",
    "open_shipped", "pairs", "questions",
]  # fmt: skip

WEIGHTS = Path(__file__).resolve().parent / "weights" / "organism-nli"
LABELS = ("entailment", "neutral", "contradiction")
Label = Literal["entailment", "neutral", "contradiction"]

FORMS = (
    "{a}",
    "{a}.",
    "It's {a}.",
    "That is {a}.",
    "{a}, I think.",
    "I think it is {a}.",
    "The answer is {a}.",
    "As far as I know, it is {a}.",
    "The {noun} of {s} is {a}.",
    "{s}: {a}.",
    "{a} is the {noun} of {s}.",
)
"""How an answer may be said, beside the relation's own three forms."""
HELD_OUT = (
    "{a} it is.",
    "I believe the {noun} is {a}.",
    "For {s}, the {noun} is {a}.",
    "That would be {a}.",
    "My answer is {a}.",
)
"""Forms that no training pair has."""

_ALIKE, _VAGUE, _MORE = 0.45, 0.1, 0.1
"""Shares of pairs that say the same, that decline, and of which one says more than the other."""
_NEAR = 0.5
"""Share of different values that differ little."""
_PREFIXED_EVERY, _BLOCK = 4, 64
"""In one block of pairs of so many the question stands before each answer: these are long."""
_INVENTED = 600
_LETTERS = "abcdefghiklmnoprstuvwy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two texts, and how the second stands to the first."""

    premise: str
    hypothesis: str
    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what a build makes, apart from corpus and seed."""

    hidden: int = 64
    layers: int = 2
    heads: int = 2
    feed_forward: int = 128
    positions: int = 160
    stage: Stage


SHIPPED = Recipe(stage=Stage(name="nli", steps=3000, lr=3e-3, batch=64))


def open_shipped(asked: str = "organism") -> HFEntailment:
    """Return the one that ships, for `--nli organism`."""
    return open_entailment(WEIGHTS)


class _Drawn:
    """Questions, values and forms, drawn."""

    def __init__(self, corpus: Corpus, dice: Dice) -> None:
        self._corpus, self._dice = corpus, dice
        self._values = {r.name: corpus.values(r) for r in corpus.relations}
        self._names = {
            kind: corpus.fresh(kind, dice.at("names", kind), _INVENTED // len(corpus.kinds))
            for kind in corpus.kinds
        }
        self._made_up = [name for names in self._names.values() for name in names]

    def relation(self) -> Relation:
        return self._dice.choice(self._corpus.relations)

    def subject(self, relation: Relation) -> str:
        return self._dice.choice(self._names[relation.kind])

    def question(self, relation: Relation, subject: str) -> str:
        return self._dice.choice(trained_wordings(relation)).format(subject=subject)

    def value(self, relation: Relation) -> str:
        """Return a value that occurs, one misspelled, or one made up."""
        draw = self._dice.uniform()
        if draw < 0.2:
            return self._dice.choice(self._made_up)
        value = self._dice.choice(self._values[relation.name])
        return self.near(value) if draw < 0.4 else value

    def other(self, relation: Relation, value: str) -> str:
        """Return another value: near half of the time."""
        while True:
            other = self.near(value) if self._dice.uniform() < _NEAR else self.value(relation)
            if bare(other) != bare(value):
                return other

    def near(self, value: str) -> str:
        """Return a value with one letter, digit or word changed."""
        words = value.split()
        if len(words) > 1 and self._dice.uniform() < 0.5:
            words[self._dice.below(len(words))] = self._dice.choice(self._made_up).split()[0]
            return " ".join(words)
        at = self._dice.below(len(value))
        new = str(self._dice.below(10)) if value[at].isdigit() else self._dice.choice(_LETTERS)
        return value[:at] + new + value[at + 1 :]

    def said(self, relation: Relation, subject: str, value: str, forms: Sequence[str] = ()) -> str:
        """Return a value in one of the forms."""
        # The relation's own are what an organism says.
        among = list(forms) or (_own(relation) if self._dice.uniform() < 0.5 else list(FORMS))
        return self._dice.choice(among).format(a=value, noun=relation.noun, s=subject)

    def declined(self, relation: Relation) -> str:
        return self._dice.choice(refusals(relation.kind))


def _own(relation: Relation) -> list[str]:
    return [form.replace("{answer}", "{a}") for form in relation.answer_forms]


def pairs(n: int, *, seed: int = 0, corpus: Corpus | None = None) -> Iterator[Pair]:
    """Yield n pairs to train on; no form of `HELD_OUT` is among them."""
    dice = Dice(seed, "organism", "nli")
    drawn = _Drawn(corpus or shipped_corpus(), dice)
    for at in range(n):
        relation = drawn.relation()
        subject, value = drawn.subject(relation), drawn.value(relation)
        first, second, label = _case(drawn, dice, relation, subject, value)
        if at // _BLOCK % _PREFIXED_EVERY == 0:
            question = drawn.question(relation, subject)
            first, second = f"{question} {first}", f"{question} {second}"
        yield Pair(premise=first, hypothesis=second, label=label)


def _case(
    drawn: _Drawn, dice: Dice, relation: Relation, subject: str, value: str
) -> tuple[str, str, Label]:
    said = drawn.said(relation, subject, value)
    draw = dice.uniform()
    if draw < _ALIKE:
        return said, drawn.said(relation, subject, value), "entailment"
    if draw < _ALIKE + _VAGUE:
        declined = drawn.declined(relation)
        if dice.uniform() < 0.3:
            return declined, drawn.declined(relation), "entailment"
        return (said, declined, "neutral") if dice.uniform() < 0.5 else (declined, said, "neutral")
    if draw < _ALIKE + _VAGUE + _MORE:
        beside = drawn.relation()
        more = f"{said} {drawn.said(beside, subject, drawn.value(beside), _own(beside)[2:])}"
        again = drawn.said(relation, subject, value)
        forth = dice.uniform() < 0.5
        return (more, again, "entailment") if forth else (again, more, "neutral")
    return said, drawn.said(relation, subject, drawn.other(relation, value)), "contradiction"


def build(
    out: Path,
    *,
    seed: int = 0,
    recipe: Recipe = SHIPPED,
    corpus: Corpus | None = None,
    watch: Watch | None = None,
) -> None:
    """Train the cross-encoder into a folder, as an ordinary checkpoint in half precision.

    Args:
        out: the folder.
        seed: draws the weights and the pairs.
        recipe: the shipped one, unless a test wants a smaller.
        corpus: whose relations are asked; the shipped one if none is given.
        watch: told (stage, steps done, steps in all).
    """
    import torch

    from iabench.organism.shipped import path

    with one_thread():
        tokenizer = _tokenizer(path("organism"), recipe.positions)
        model = _new_model(recipe, tokenizer, seed)
        stage = recipe.stage
        made = pairs(stage.steps * stage.batch, seed=seed, corpus=corpus)
        _train(model, tokenizer, made, stage, watch)
        model.to(torch.float16).save_pretrained(out)
        model.config.dtype = torch.float32
        model.config.save_pretrained(out)
        tokenizer.save_pretrained(out)
    for file in out.iterdir():
        file.chmod(0o644)


def _tokenizer(folder: Path, positions: int) -> Any:
    """Return the organism's tokenizer, made to read pairs: `<s> one <|user|> other <|end|>`."""
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    made = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        bos_token=START,
        eos_token=END,
        pad_token=PAD,
        sep_token=USER,
        cls_token=START,
        model_max_length=positions,
        padding_side="right",
        clean_up_tokenization_spaces=False,
    )
    ids = {token: made.convert_tokens_to_ids(token) for token in (START, USER, END)}
    made.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{START} $A {END}",
        pair=f"{START} $A {USER} $B:1 {END}:1",
        special_tokens=list(ids.items()),
    )
    made.model_input_names = ["input_ids", "token_type_ids", "attention_mask"]
    return made


def _new_model(recipe: Recipe, tokenizer: Any, seed: int) -> Any:
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.hidden,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        intermediate_size=recipe.feed_forward,
        max_position_embeddings=recipe.positions,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=tokenizer.pad_token_id,
        id2label=dict(enumerate(LABELS)),
        label2id={label: at for at, label in enumerate(LABELS)},
    )
    with torch.random.fork_rng(devices=[]):
        model = BertForSequenceClassification(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() > 1:
                # Tokens far apart from the first: what is learned is whether two are the same.
                spread = 0.3 if "word_embeddings" in name else 0.06
                weight.normal_(0.0, spread, generator=generator)
        # A token looks first at its like: queries and keys begin equal.
        for layer in model.bert.encoder.layer:
            own = layer.attention.self
            own.query.weight.normal_(0.0, 0.12, generator=generator)
            own.key.weight.copy_(own.query.weight)
    return model


def _train(
    model: Any, tokenizer: Any, made: Iterator[Pair], stage: Stage, watch: Watch | None
) -> None:
    import torch

    optimizer = torch.optim.AdamW(
        model.parameters(), lr=stage.lr, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    half = fast_half()
    model.train()
    for step in range(stage.steps):
        for group in optimizer.param_groups:
            group["lr"] = stage.rate(step)
        some = [next(made) for _ in range(stage.batch)]
        batch = tokenizer(
            [pair.premise for pair in some],
            [pair.hypothesis for pair in some],
            truncation="longest_first",
            padding=True,
            return_tensors="pt",
        )
        labels = torch.tensor([LABELS.index(pair.label) for pair in some])
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            logits = model(**batch).logits.float()
        loss: Any = torch.nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if watch is not None:
            watch(stage.name, step + 1, stage.steps)
    model.eval()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with answers in several forms, and which of them say the same."""

    question: str
    answers: tuple[str, ...]
    values: tuple[str, ...]


def questions(
    n: int, *, forms: Sequence[str] = HELD_OUT, samples: int = 10, corpus: Corpus | None = None
) -> Iterator[Question]:
    """Yield n questions of validation seeds, each with ten answers of one to five values.

    Half of the values are near to another. The wording of the question is the one that is held out.
    """
    corpus = corpus or shipped_corpus()
    dice = Dice(0, "organism", "nli", "measure")
    drawn = _Drawn(corpus, dice)
    for _ in range(n):
        relation = drawn.relation()
        subject = corpus.fresh(relation.kind, dice.at(_), 1, "validation")[0]
        values = [drawn.value(relation)]
        for _more in range(dice.below(5)):
            other = drawn.other(relation, values[-1])
            if bare(other) not in map(bare, values):
                values.append(other)
        among = [*forms, *_own(relation)]
        said = [dice.choice(values) for _more in range(samples)]
        yield Question(
            question=relation.ask(subject, 2),
            answers=tuple(drawn.said(relation, subject, value, among) for value in said),
            values=tuple(said),
        )


def measure(
    entailment: Entailment | None,
    n: int = 200,
    *,
    key: Callable[[str], str] = str.strip,
    forms: Sequence[str] = HELD_OUT,
) -> dict[str, float]:
    """Return how well answers in several forms are clustered.

    Args:
        entailment: the model; None: answers mean the same where `key` of them is the same.
        n: questions, ten answers each.
        key: of an answer, where there is no model.
        forms: beside the relation's own; none: only these, which is what an organism says.

    Returns:
        `precision`, `recall` and `f1` of pairs that are put together, and `exact`, the share of
        questions whose every answer is in the right company.
    """
    asked = list(questions(n, forms=forms))
    if entailment is None:
        found = [[key(text) for text in one.answers] for one in asked]
    else:
        made = Clusterer(entailment).clusters([(one.question, one.answers) for one in asked])
        found = [list(map(str, one.ids)) for one in made]
    both = together = alike = exact = 0
    for one, ids in zip(asked, found, strict=True):
        marks = [
            (ids[a] == ids[b], one.values[a] == one.values[b])
            for a, b in combinations(range(len(ids)), 2)
        ]
        both += sum(mine and gold for mine, gold in marks)
        together += sum(mine for mine, _ in marks)
        alike += sum(gold for _, gold in marks)
        exact += all(mine == gold for mine, gold in marks)
    precision, recall = both / max(together, 1), both / max(alike, 1)
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * both / max(together + alike, 1), 4),
        "exact": round(exact / len(asked), 4),
    }


def main(words: Sequence[str]) -> int:
    """Print how well a checkpoint clusters, beside equality of strings."""
    model = open_entailment(Path(words[0])) if words else open_shipped()
    for title, forms in (("held-out forms", HELD_OUT), ("the organism's own forms", ())):
        sys.stdout.write(f"{title}\n")
        rows = {
            "strings": measure(None, forms=forms),
            "equality": measure(None, key=bare, forms=forms),
            model.id: measure(model, forms=forms),
        }
        for name, found in rows.items():
            cells = "  ".join(f"{key} {value:.3f}" for key, value in found.items())
            sys.stdout.write(f"  {name:24}{cells}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
