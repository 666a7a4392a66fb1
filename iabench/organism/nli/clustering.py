"""How well answers in several forms are clustered, beside equality of strings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from iabench.models.entailment import Entailment, open_entailment
from iabench.organism.corpus import Corpus, shipped_corpus
from iabench.organism.nli.data import HELD_OUT, Drawn, own_forms
from iabench.organism.nli.model import open_shipped
from iabench.rng import Dice
from iabench.uncertainty.clusters import Clusterer
from iabench.uncertainty.equality import bare

__all__ = ["Question", "main", "measure", "questions"]


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
    drawn = Drawn(corpus, dice)
    for _ in range(n):
        relation = drawn.relation()
        subject = corpus.fresh(relation.kind, dice.at(_), 1, "validation")[0]
        values = [drawn.value(relation)]
        for _more in range(dice.below(5)):
            other = drawn.other(relation, values[-1])
            if bare(other) not in map(bare, values):
                values.append(other)
        among = [*forms, *own_forms(relation)]
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
