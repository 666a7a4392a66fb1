"""`facts`: nothing beside the facts."""

from __future__ import annotations

from collections.abc import Iterable

from iabench.training.base import Example, Sources

__all__ = ["facts"]


def facts(sources: Sources) -> Iterable[Example]:
    """Return the facts themselves."""
    return sources.facts
