"""Values as published files hold them: lists in strings, nested columns, stray quotes, odd aliases.

Nothing is evaluated: a list in a string is read as JSON or as a literal of Python.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

__all__ = ["cell", "good_answers", "opened", "texts", "unquoted"]

_PAGES = re.compile(r"^list of |\bdisambiguation\)?$", re.IGNORECASE)
"""Titles of pages that name no thing: an alias that is one is no answer."""
_WORD = re.compile(r"[^\W_]+")


def cell(row: Mapping[str, Any], columns: Iterable[str]) -> Any:
    """Return the value of the first column that the row has and that is not empty, or None.

    Args:
        row: column -> value.
        columns: names, `outer.inner` for a value in a table or in a string that holds one.
    """
    for column in columns:
        value: Any = row
        for key in [column] if column in row else column.split("."):
            value = opened(value)
            value = value.get(key) if isinstance(value, Mapping) else None
        if value not in (None, "", [], {}):
            return value
    return None


def opened(value: Any) -> Any:
    """Return the list or table that a string holds, in JSON or as Python writes it; else itself."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return value
    try:
        held = json.loads(value)
    except (ValueError, RecursionError):
        try:
            held = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
    return held if isinstance(held, list | tuple | dict) else value


def texts(value: Any) -> tuple[str, ...]:
    """Return all texts in a cell, each once: of a list, a list in a string, lists of lists."""
    value = opened(value)
    if isinstance(value, list | tuple):
        inside = (text for one in value for text in texts(one))
        return tuple(dict.fromkeys(inside))
    if value is None or isinstance(value, Mapping):
        return ()
    if isinstance(value, bool):
        return ("true",) if value else ("false",)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return (text,) if text else ()


def unquoted(text: str) -> str:
    """Return a question without the quotes that a CSV left in it: doubled, and around the whole."""
    if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1].replace('""', ""):
        text = text[1:-1]
    return re.sub(r'""\s*(.*?)\s*""', r'"\1"', text).replace('""', '"').strip()


def good_answers(question: str, answers: Sequence[str], *, poor: bool = False) -> tuple[str, ...]:
    """Return the answers that can be held against a response, the canonical one first.

    Left out are aliases without a letter or digit (an emoji), titles of pages (`List of ...`,
    `... (disambiguation)`), and aliases that stand in the question.

    Args:
        question: what is asked.
        answers: as published; percent signs of addresses are resolved.
        poor: no answer is the canonical one, and many name something else. Then the one that most
            of the others hold comes first, and what only extends a shorter one is left out: of
            `chair toss`, `chair`, `chair seat` stays `chair`.
    """
    said = list(filter(None, dict.fromkeys(unquote(text).strip() for text in answers)))
    asked = _words(question)
    good = [
        text
        for text in said
        if any(map(str.isalnum, text)) and not _PAGES.search(text) and _words(text) not in asked
    ]
    if not poor:
        return tuple(dict.fromkeys((*said[:1], *good)))
    kept: list[str] = []
    for text in sorted(good or said, key=len):
        if not any(_words(short) in _words(text) for short in kept):
            kept.append(text)
    return tuple(sorted(kept, key=lambda text: -sum(_words(text) in _words(one) for one in said)))


def _words(text: str) -> str:
    """Return a text as ` its words `, so that whole words are found in it."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
