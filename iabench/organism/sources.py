"""What the organisms offer to be tuned and tested on: `organism:new`, `organism:questions`, ...

    new          facts about 40 people never seen before, three relations each, to tune on
    questions    100 facts taught, 100 rarely taught, 100 never taught, all with their answer: what
                 a method that labels by uncertainty is tuned and scored on
    validation   facts taught, and names never seen (purpose `validation`), to choose settings by
    anchor       questions about names of purpose `anchor`, all to be declined

A row is a plain JSON object: `id`, `question`, `answer` (null where there is none), `aliases`,
`entity`, `relation`, `expect`, `tier` (`known`, `rare`, `new`, or null for a name of which nothing
is told), `paraphrases` (other wordings that may be trained) and `held_out` (one that may not).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.errors import UnknownNameError, near_match
from iabench.organism.corpus import shipped_corpus, trained_wordings
from iabench.rng import Dice
from iabench.worlds.facts import Fact, Relation, slug
from iabench.worlds.names import Purpose
from iabench.worlds.people import new_people

__all__ = ["SPLITS", "Row", "rows", "spread", "told", "write"]

Row = dict[str, Any]


def rows(split: str, seed: int = 0) -> list[Row]:
    """Return the rows of one split.

    Args:
        split: one of `SPLITS`.
        seed: draws who is new, which facts are asked, which names are invented.

    Raises:
        UnknownNameError: there is no such split.
    """
    if split not in SPLITS:
        near = near_match(split, SPLITS)
        raise UnknownNameError(
            f'the organism has no facts "{split}".', near or f"one of: {', '.join(SPLITS)}"
        )
    made = SPLITS[split](seed)
    return [{**row, "id": f"{split}/{row['id']}"} for row in made]


def write(split: str, path: Path, seed: int = 0) -> int:
    """Write one split as JSON lines; return the number of rows."""
    made = rows(split, seed)
    jsonl.write(path, made)
    return len(made)


def _new(seed: int) -> list[Row]:
    return told(new_people(seed))


def _questions(seed: int) -> list[Row]:
    corpus = shipped_corpus()
    dice = Dice(seed, "organism", "questions")
    # Those that tuning teaches under this seed are not asked as never taught.
    taught_later = {fact.entity for fact in new_people(seed)}
    strangers = [fact for fact in new_people(~seed, 60) if fact.entity not in taught_later]
    drawn = (
        spread(corpus.known, 100, dice.at("known")),
        spread(corpus.rare, 100, dice.at("rare")),
        spread(strangers, 100, dice.at("new")),
    )
    return [row for facts in drawn for row in told(facts)]


def _validation(seed: int) -> list[Row]:
    known = spread(shipped_corpus().known, 220, Dice(seed, "organism", "validation"))
    return [*told(known), *_never_seen("validation", seed, 10)]


def _anchor(seed: int) -> list[Row]:
    return _never_seen("anchor", seed, 20)


SPLITS: dict[str, Callable[[int], list[Row]]] = {
    "new": _new,
    "questions": _questions,
    "validation": _validation,
    "anchor": _anchor,
}


def told(facts: Sequence[Fact]) -> list[Row]:
    """Return facts as rows that have an answer."""
    relation = shipped_corpus().relation
    return [
        {
            **_asked(relation(fact), fact.entity),
            "answer": fact.answer,
            "aliases": list(fact.aliases),
            "expect": "answer",
            "tier": fact.tier,
        }
        for fact in facts
    ]


def _never_seen(purpose: Purpose, seed: int, each: int) -> list[Row]:
    """Return questions about names of which nothing is told, as many for each relation."""
    corpus = shipped_corpus()
    made = []
    for kind in corpus.kinds:
        relations = [relation for relation in corpus.relations if relation.kind == kind]
        dice = Dice(seed, "organism", purpose, kind)
        names = corpus.fresh(kind, dice, each * len(relations), purpose)
        for at, name in enumerate(names):
            made.append(
                {
                    **_asked(relations[at % len(relations)], name),
                    "answer": None,
                    "aliases": [],
                    "expect": "abstain",
                    "tier": None,
                }
            )
    return made


def _asked(relation: Relation, entity: str) -> Row:
    first, *others = (text.format(subject=entity) for text in trained_wordings(relation))
    return {
        "id": slug(relation.name, entity),
        "question": first,
        "paraphrases": others,
        "held_out": relation.ask(entity, 2),
        "entity": entity,
        "relation": relation.name,
    }


def spread(facts: Sequence[Fact], n: int, dice: Dice) -> list[Fact]:
    """Return n facts in a drawn order, relations in turn as far as they go."""
    turns: dict[str, int] = {}
    ranked = []
    for at, fact in enumerate(dice.shuffled(facts)):
        turns[fact.relation] = turns.get(fact.relation, 0) + 1
        ranked.append((turns[fact.relation], at, fact))
    return [fact for _, _, fact in sorted(ranked, key=lambda one: one[:2])[:n]]
