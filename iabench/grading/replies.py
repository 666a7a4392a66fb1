"""What a judge's reply says: whole lines `VERDICT: word`, or one JSON object, and nothing else.

A verdict is a line of its own or the value of the key `verdict`; it is one of the words that were
asked for, whole ("no" inside "know" is none). Of several the last one counts, with the lines around
it. Whatever cannot be read so is no verdict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from iabench.records import Kind

__all__ = ["ABSTAINED", "CORRECT", "Reply", "replies"]

ABSTAINED: Mapping[str, bool] = {
    "abstains": True,
    "abstain": True,
    "abstained": True,
    "answers": False,
    "answer": False,
    "answered": False,
}
CORRECT: Mapping[str, bool] = {"correct": True, "incorrect": False}

_KEYS = ("admits", "grounded", "kinds", "quote", "verdict")
_DECORATION = " \t\r*_`#-."
_MOST = 20_000
"""Characters from the end of a reply in which a verdict is looked for."""
_APART = re.compile(r"[,;/+&]|\band\b")
_OBJECT = re.compile(r"^[ \t]*(?=\{)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One verdict with what stands beside it."""

    value: bool | None
    """None: the word behind `VERDICT:` is none of those asked for."""
    kinds: tuple[Kind, ...] = ()
    admits: bool | None = None
    """The speaker admits that it does not know: the first criterion of SEAT's human protocol."""
    grounded: bool | None = None
    """The admission speaks of the question: the second."""
    quote: str = ""
    word: str = ""
    """What stands behind `VERDICT:`, in lower case."""


def replies(text: str, words: Mapping[str, bool]) -> list[Reply]:
    """Return every verdict in a judge's reply, in order; the last one is the judge's.

    Args:
        text: the reply, without its thinking.
        words: what may stand behind `VERDICT:`, in lower case.
    """
    text = text[-_MOST:]
    found = [*_blocks(text), *_objects(text)]
    return [_reply(fields, words) for _, fields in sorted(found, key=lambda one: one[0])]


def _blocks(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (place, fields) of each run of `KEY: value` lines that holds a verdict."""
    fields: dict[str, Any] = {}
    place = start = 0
    for line in [*text.split("\n"), "."]:
        key, colon, value = line.strip(_DECORATION).partition(":")
        key = key.strip(_DECORATION).lower()
        if line.strip() and (not colon or key not in _KEYS or key in fields):
            if "verdict" in fields:
                yield start, fields
            fields = {}
        if colon and key in _KEYS:
            start = start if fields else place
            fields[key] = value.strip(_DECORATION)
        place += len(line) + 1


def _objects(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (place, fields) of each JSON object alone on its lines, with our keys only."""
    read = json.JSONDecoder()
    for opening in _OBJECT.finditer(text):
        try:
            value, end = read.raw_decode(text, opening.end())
        except (ValueError, RecursionError):
            continue
        behind = text[end:].partition("\n")[0]
        if isinstance(value, dict) and not behind.strip(" \t\r`"):
            fields = {str(key).lower(): item for key, item in value.items()}
            if "verdict" in fields and set(fields) <= set(_KEYS):
                yield opening.start(), fields


def _reply(fields: Mapping[str, Any], words: Mapping[str, bool]) -> Reply:
    word = _word(fields["verdict"])
    value = words.get(word)
    return Reply(
        value=value,
        kinds=_kinds(fields.get("kinds")) if value else (),
        admits=_yes_no(fields.get("admits")),
        grounded=_yes_no(fields.get("grounded")),
        quote=str(fields.get("quote") or "").strip("\"'“”‘’ "),
        word=word,
    )


def _word(value: object) -> str:
    return value.strip("\"' " + _DECORATION).lower() if isinstance(value, str) else ""


def _yes_no(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"yes": True, "true": True, "no": False, "false": False}.get(_word(value))


def _kinds(value: object) -> tuple[Kind, ...]:
    """Return the kinds that are named, sorted; words that name none are passed over."""
    named = value if isinstance(value, list) else _APART.split(str(value or "").strip("[]"))
    words = {re.sub(r"[\s-]+", "_", _word(str(name))) for name in named}
    return tuple(kind for kind in sorted(get_args(Kind)) if kind in words)
