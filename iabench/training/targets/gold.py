"""`gold`: each row is answered as the file answers it."""

from __future__ import annotations

from collections.abc import Sequence

from iabench.training.base import Example, Sources

__all__ = ["gold"]


def gold(sources: Sources, examples: Sequence[Example]) -> Sequence[Example]:
    """Return the examples as they are."""
    return examples
