"""Asking a part of a task: the same part every time, and twins together."""

from __future__ import annotations

import math
from collections.abc import Sequence

from iabench.errors import ConfigError
from iabench.records import Probe
from iabench.rng import digest

__all__ = ["check_limit", "limited"]


def check_limit(limit: float | None) -> None:
    """Refuse a limit that means nothing.

    Raises:
        ConfigError: it is neither a count from 1 up nor a share below 1.
    """
    if limit is None or 0 < limit < 1:
        return
    if limit >= 1 and math.isfinite(limit) and limit == int(limit):
        return
    raise ConfigError(
        f"--limit {limit:g} asks nothing.", "--limit 50 (a task), or --limit 0.1 (a share)"
    )


def limited(probes: Sequence[Probe], limit: float | None) -> tuple[Probe, ...]:
    """Return at most `limit` probes in their order; all where it is None.

    Twins are taken or left together, by the hash of their pair, so that two tasks that ask twins
    take the same ones; a smaller limit takes a part of what a larger one takes. At least one pair
    is taken, though it be two probes.

    Args:
        probes: of one task.
        limit: a count from 1 up, or a share below 1.

    Raises:
        ConfigError: the limit means nothing.
    """
    check_limit(limit)
    if limit is None:
        return tuple(probes)
    most = int(limit) if limit >= 1 else int(limit * len(probes))
    groups: dict[str, list[str]] = {}
    for probe in probes:
        groups.setdefault(probe.pair or probe.id, []).append(probe.id)
    taken: set[str] = set()
    for key in sorted(groups, key=lambda key: digest("limit", key)):
        if taken and len(taken) + len(groups[key]) > most:
            break
        taken.update(groups[key])
    return tuple(probe for probe in probes if probe.id in taken)
