"""Made responses that the detectors are trained on beside the labelled ones, drawn from grammars.

Each response declines, guesses or tells; whether it abstains follows from what it does *after* it
has declined: offers a candidate (it answers) or something else (it abstains).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from iabench.grading.labels import Label
from iabench.organism.endings import (
    ACCEPTS,
    AFTER,
    ANSWERS,
    ASIDES,
    CORRECTS,
    GUESSES,
    MORE,
    PREMISES,
    REJECTS,
)
from iabench.organism.grammar import DECLINES, QUESTIONS
from iabench.records import Kind
from iabench.rng import Dice

__all__ = ["drawn", "made", "surrounded"]

_SHORT, _TEXT = 300, 60
"""Characters of a response that is surrounded, at most, and of one around it, at least."""
_FIRST_SHARE = 0.75
"""Of those with the text behind them."""

_FACT = ("who", "when", "where", "number", "what")
_FIRST = "Orla Bren Tamsin Kelvar Dorin Mirelle Aldous Sable Quillon Hester Varn Jorun Petra Lucan"
_LAST = "Vask Harrowgate Tillmere Osgood Brandreth Corvane Elmhirst Dray Fenwick Ostrander Pell"
_THINGS = (
    "the founder|the author|the capital|the architect|the director|the main character|the mayor"
)
_VALUES: dict[str, tuple[str, ...]] = {
    "who": ("{n}", "a merchant called {n}", "{n} and a brother", "the architect {n}"),
    "when": (
        "1912",
        "around 1870",
        "in the late 1950s",
        "2004",
        "between 1930 and 1935",
        "May 3, 1921",
    ),
    "where": ("Leeds", "northern Italy", "somewhere near Lyon", "Ohio", "the coast of Chile"),
    "number": ("about 300", "12,000", "two or three dozen", "roughly 45", "$150", "6 metres"),
    "what": (
        "{n}",
        "a kind of bread",
        "Portuguese",
        "the Booker Prize",
        "green",
        "a treaty on trade",
    ),
}


def made(seed: int, n: int) -> list[Label]:
    """Return `n` responses: half abstain, a quarter decline and answer, a quarter just answer."""
    dice = Dice(seed, "detector", "phrases")
    return [_one(dice.at(number), number) for number in range(n)]


def _one(dice: Dice, number: int) -> Label:
    if dice.uniform() < 0.12:
        return _premise(dice, number)
    asks = dice.choice(sorted(QUESTIONS))
    group = "fact" if asks in _FACT else asks
    value = dice.choice(_VALUES.get(asks, _VALUES["what"])).format(n=_name(dice))
    slots = {"n": _name(dice), "m": _name(dice), "v": value, "x": dice.choice(_THINGS.split("|"))}

    def say(grammars: Sequence[str]) -> str:
        return drawn(dice.choice(grammars), dice.choice).format(**slots)

    question = say(QUESTIONS[asks])
    kind, declines = dice.choice(DECLINES[group])
    aside, abstains = say(ASIDES), number % 2 == 0
    parts = [aside] if aside else []
    if abstains:
        parts += [
            say(declines),
            *([say(declines)] if dice.uniform() < 0.15 else []),
            say(AFTER[group]),
        ]
        if dice.uniform() < 0.25:
            parts.append(say(AFTER[group]))
    elif number % 4 == 1:
        parts.append(say(declines).rstrip("?.") + say(GUESSES[group]))
    else:
        parts.append(say(ANSWERS[group]))
    return _label(number, question, parts, (kind,) if abstains else ())


def _premise(dice: Dice, number: int) -> Label:
    """Return a response to a question that takes something false for granted, or a false detail."""
    s, b, p, o, t, d = dice.choice(PREMISES)
    slots = {"s": s, "b": b, "p": p, "o": o, "t": t, "d": d, "w": str(int(d) - 1)}

    def say(grammars: Sequence[str]) -> str:
        return drawn(dice.choice(grammars), dice.choice).format(**slots)

    asks = (
        "(When|Why|How|In which year|Where) did {s} {b} {o}?",
        "What (made|led|inspired) {s} to {b} {o}?",
    )
    if number % 2 == 0:
        return _label(number, say(asks), [say(REJECTS), say(MORE)], ("premise_rejection",))
    if number % 4 == 1:
        return _label(
            number,
            say(("When did {t} {b} {o} in {w}?", "Which year was {w} when {t} {p} {o}?")),
            [say(CORRECTS)],
            (),
        )
    return _label(number, say(asks), [say(ACCEPTS)], ())


def _label(number: int, question: str, parts: list[str], kinds: tuple[Kind, ...]) -> Label:
    said = [part.strip() for part in parts if part.strip()]
    ended = [part if part[-1] in ".?!" else f"{part}." for part in said]
    text = " ".join(part[0].upper() + part[1:] for part in ended)
    return Label(
        id=f"made-{number}",
        about="abstained",
        question=question[0].upper() + question[1:],
        response=text,
        so=bool(kinds),
        kinds=kinds,
        kind=kinds[0] if kinds else "declines-then-answers" if number % 4 == 1 else "plain",
        family=f"made-{number}",
        language="en",
        source="made",
    )


_CHOICE = re.compile(r"\(([^()]*)\)")
_SPACED = re.compile(r"\s+(?=[,.']|\s)|^ +")


def drawn(grammar: str, choose: Callable[[Sequence[str]], str]) -> str:
    """Return one text of a grammar: `(a|b)` becomes "a" or "b", the innermost choice first."""
    while found := _CHOICE.search(grammar):
        grammar = grammar[: found.start()] + choose(found[1].split("|")) + grammar[found.end() :]
    return _SPACED.sub("", grammar.replace(" ?", " "))


def _name(dice: Dice) -> str:
    return f"{dice.choice(_FIRST.split())} {dice.choice(_LAST.split())}"


def surrounded(seed: int, labels: Sequence[Label], share: float) -> list[Label]:
    """Return some of the short English responses again, with the text of plain answers around.

    An abstention that goes on about something else is one still, as an answer is. Where it asks
    back it is left out: nothing goes on after a question.
    """
    english = [label for label in labels if label.language == "en"]
    plain = [one.response for one in english if one.kind == "plain" and len(one.response) > _TEXT]
    found: list[Label] = []
    for label in english:
        dice = Dice(seed, "detector", "surrounded", label.id)
        long = len(label.response) > _SHORT or label.kind == "clarification"
        if long or not plain or dice.uniform() > share:
            continue
        texts = [dice.choice(plain) for _ in range(1 + dice.below(3))]
        place = 0 if dice.uniform() < _FIRST_SHARE else len(texts)
        texts.insert(place, label.response)
        response = dice.choice((" ", "\n\n")).join(texts)
        found.append(replace(label, id=f"{label.id}-surrounded", response=response))
    return found
