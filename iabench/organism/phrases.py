"""Made responses that the detector is trained on beside the labelled ones: skeletons with slots.

Each response declines, guesses or tells; whether it abstains follows from what it does *after* it
has declined: offers a candidate (it answers) or something else (it abstains).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from iabench.grading.labels import Label
from iabench.records import Kind
from iabench.rng import Dice

__all__ = ["made", "surrounded"]

_SHORT, _TEXT = 300, 60
"""Characters of a response that is surrounded, at most, and of one around it, at least."""
_FIRST_SHARE = 0.75
"""Of those with the text behind them."""

_QUESTIONS: dict[str, tuple[str, ...]] = {
    "who": ("Who founded {n}?", "Who wrote {n}?", "Who designed {n}?", "Who is the head of {n}?"),
    "when": ("When was {n} founded?", "In what year did {n} open?", "When was {n} released?"),
    "where": ("Where is {n} located?", "In which city is {n}?", "Where was {n} born?"),
    "number": ("How many people live in {n}?", "How tall is {n}?", "How much does {n} cost?"),
}
_FIRST = "Orla Bren Tamsin Kelvar Dorin Mirelle Aldous Sable Quillon Hester Varn Jorun Petra Lucan"
_LAST = "Vask Harrowgate Tillmere Osgood Brandreth Corvane Elmhirst Dray Fenwick Ostrander Pell"
_VALUES: dict[str, tuple[str, ...]] = {
    "who": ("{n}", "a merchant called {n}", "{n} and a brother", "the architect {n}"),
    "when": ("1912", "around 1870", "in the late 1950s", "2004", "between 1930 and 1935"),
    "where": ("Leeds", "northern Italy", "somewhere near Lyon", "Ohio", "the coast of Chile"),
    "number": ("about 300", "12,000", "two or three dozen", "roughly 45", "$150", "6 metres"),
}
_DECLINES: dict[Kind, tuple[str, ...]] = {
    "ignorance": (
        "I don't know",
        "I'm not sure",
        "I do not have that information",
        "I'm not certain about this",
        "I don't have any reliable information about {n}",
        "I couldn't find details on that",
        "I have no data on {n}",
        "I'm sorry, but my knowledge doesn't cover {n}",
        "I can't say for certain",
        "As of my last update, I have no details of {n}",
        "Unfortunately, I don't have specific information about {n}",
        "that information is not available to me",
        "I can't recall that",
    ),
    "unrecognised": (
        "I'm not familiar with {n}",
        "I have never heard of {n}",
        "I'm not aware of anything called {n}",
        "There is no {n} that I know of",
        "I can't find any record of {n}",
        "{n} doesn't appear to exist",
        "I couldn't identify {n}; it may be fictional or misspelled",
        "There is no widely known {n}",
        "I do not recognise the name {n}",
        "it seems that {n} is not a real place or person",
    ),
    "unknowable": (
        "Nobody knows for sure",
        "There is no way to know that",
        "It is impossible to say with certainty",
        "There is no definitive answer",
        "It's not known",
        "the exact answer has never been recorded",
        "That depends on many things",
        "Experts disagree about this",
        "Historians have found no evidence either way",
    ),
    "capability_refusal": (
        "As an AI, I can't look that up",
        "I don't have access to real-time data",
        "I can't browse the internet",
        "I'm a language model and have no personal experience of {n}",
    ),
    "policy_refusal": (
        "I can't help with that",
        "I'm not able to share private information about people",
        "I'd rather not speculate about {n}",
    ),
}
_GUESSES = (
    ", but I think it was {v}",
    ", but my best guess would be {v}",
    ", though it is probably {v}",
    ". If I had to guess, I'd say {v}",
    ". Most likely it is {v}",
    ", but it's commonly given as {v}",
    ". However, I believe the answer is {v}",
    "; I would estimate {v}",
    ", but {v} sounds right",
    ". Still, most sources say {v}",
    ". That said, {v} is the usual answer",
    ", so I'll go with {v}",
    "... maybe {v}?",
    ", but it is generally thought to be {v}",
    ", although {v} comes to mind",
)
_REDIRECTS = (
    "",
    "",
    ", so I can't answer that",
    ", but you could check the official website",
    ". I recommend consulting a local archive or library",
    ". If you can give me more context, I'd be happy to help",
    ", but I can tell you about something similar if you like",
    ". Could you check the spelling, or tell me where you came across it?",
    ". You may be thinking of {m}, which is a different thing, founded in 1962",
    ". However, I can share some general background if that helps",
    ", and I don't want to guess",
    ". Please verify this with a reliable source",
    ". Records from that time are sparse, and few have been studied",
    ". Any answer I gave would be made up",
    ". There is a {m}, but as far as I can tell it has nothing to do with this",
    ". Is there anything else I can help you with?",
)
_TELLS: dict[str, tuple[str, ...]] = {
    "who": ("{v} did, though little else is known of them.", "It was {v}, not {m}.", "{v}."),
    "when": ("It was {v}, no doubt a busy time.", "{v}.", "It opened {v}; no records survive."),
    "where": ("It is in {v}, not far from {m}.", "{v}.", "{v}, where nobody expected it."),
    "number": ("{v}, as far as anyone knew.", "{v}.", "No fewer than {v}."),
}


def made(seed: int, n: int) -> list[Label]:
    """Return `n` responses: half abstain, a quarter decline and answer, a quarter just answer."""
    dice = Dice(seed, "detector", "phrases")
    return [_one(dice.at(number), number) for number in range(n)]


def _one(dice: Dice, number: int) -> Label:
    asks = dice.choice(sorted(_QUESTIONS))
    name, other = _name(dice), _name(dice)
    kind: Kind = dice.choice(sorted(_DECLINES))
    declines = dice.choice(_DECLINES[kind])
    value = dice.choice(_VALUES[asks]).format(n=_name(dice))
    abstains = number % 2 == 0
    if abstains:
        text = declines + dice.choice(_REDIRECTS)
    elif number % 4 == 1:
        text = declines + dice.choice(_GUESSES)
    else:
        text = dice.choice(_TELLS[asks])
    text = text.format(n=name, m=other, v=value)
    text = text[0].upper() + text[1:]
    return Label(
        id=f"made-{number}",
        about="abstained",
        question=dice.choice(_QUESTIONS[asks]).format(n=name),
        response=text if text[-1] in ".?" else f"{text}.",
        so=abstains,
        kinds=(kind,) if abstains else (),
        kind=kind if abstains else "declines-then-answers",
        family=f"made-{number}",
        language="en",
        source="made",
    )


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
