"""The contract suite: what plug-in authors run under pytest against their own parts."""

from __future__ import annotations

__all__: list[str] = []
