"""Every answer of a page: what it is filtered by, and its texts, compressed in blocks.

    entries -> index (for filters) + texts (for the list and the search) + details (for opened rows)

A block is gzip in base64 within the page. The script opens the index once, and a block of texts or
details when somebody looks at it or searches; so a page of 100,000 answers opens like a small one.
Everything is text, with hidden characters shown by name, and the script sets it as text content.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from iabench.reports.shown import visible

__all__ = ["BLOCK", "Entry", "Facet", "Packed", "Value", "cut", "pack"]

BLOCK = 500
"""Answers of one compressed block."""
_LONGEST = 4000
"""Characters of a text that the page holds; all of it stands in `samples.jsonl`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One of the things that answers are filtered by."""

    code: str
    """What stands for it in an address and in the page's markup: made here, never a model's."""
    says: str
    n: int = 0
    """Answers that have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """What answers are filtered by: their task, outcome, ..."""

    key: str
    label: str
    every: str
    """How the choice of all is called."""
    values: tuple[Value, ...]
    several: bool = False
    """An answer may have several of its values; at most 30 of them are told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One probe with what one or several models said to it."""

    id: str
    question: str
    answers: tuple[str, ...]
    outcomes: str
    """A letter for each answer."""
    due: str
    """What was expected, where the list says so."""
    has: tuple[tuple[int, ...], ...]
    """By facet, the numbers of its values that the entry has; of the first two exactly one."""
    details: tuple[tuple[str, str], ...]
    """What an opened row tells: term and text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The answers of a page as it holds them."""

    n: int
    facets: tuple[Facet, ...]
    """The first groups the list, the second is what a row is marked with."""
    names: tuple[str, ...]
    """What each answer is called; empty where there is one."""
    index: str
    texts: tuple[str, ...]
    details: tuple[str, ...]

    @property
    def about(self) -> dict[str, Any]:
        """What the script must know before it opens anything."""
        facets = [
            {
                "key": one.key,
                "several": one.several,
                "values": [[value.code, value.says] for value in one.values],
            }
            for one in self.facets
        ]
        return {"n": self.n, "block": BLOCK, "facets": facets, "names": list(self.names)}


def cut(text: str) -> str:
    """Return a text made visible, no longer than a page holds."""
    text = visible(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def pack(entries: Sequence[Entry], facets: Sequence[Facet], names: Sequence[str] = ()) -> Packed:
    """Return answers as blocks, in their order.

    Args:
        entries: the answers.
        facets: what they are filtered by; the counts of values are filled in here.
        names: what the answers of an entry are called, where there are several.
    """
    columns = {facet.key: _column(facet, at, entries) for at, facet in enumerate(facets)}
    columns["length"] = [sum(map(len, one.answers)) for one in entries]
    texts = [
        [visible(one.id), cut(one.question), cut(one.due), one.outcomes, *map(cut, one.answers)]
        for one in entries
    ]
    details = [[[visible(term), cut(text)] for term, text in one.details] for one in entries]
    return Packed(
        n=len(entries),
        facets=tuple(_counted(facet, at, entries) for at, facet in enumerate(facets)),
        names=tuple(names),
        index=_block(columns),
        texts=tuple(_blocks(texts)),
        details=tuple(_blocks(details)),
    )


def _column(facet: Facet, at: int, entries: Sequence[Entry]) -> list[int]:
    """Return what each entry has of a facet: a number or -1, or a sum of bits."""
    if facet.several:
        return [sum(1 << number for number in one.has[at] if number < 30) for one in entries]
    return [next(iter(one.has[at]), -1) for one in entries]


def _counted(facet: Facet, at: int, entries: Sequence[Entry]) -> Facet:
    seen = Counter(number for one in entries for number in one.has[at])
    values = (replace(value, n=seen[number]) for number, value in enumerate(facet.values))
    return replace(facet, values=tuple(values))


def _blocks(rows: Sequence[Any]) -> Iterable[str]:
    return (_block(rows[start : start + BLOCK]) for start in range(0, len(rows), BLOCK))


def _block(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # No time in the header: the same answers are the same bytes.
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), mtime=0)).decode()
