"""Several evaluations one after the other, where an adapter and its own base load weights once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from iabench.models.base import Backend
from iabench.runs.planning import Planned

__all__ = ["lending"]

Key = tuple[Path, str, str | None, str, str]


@contextmanager
def lending(planned: Sequence[Planned]) -> Iterator[Iterator[Planned]]:
    """Give, one after the other, each plan with the backend to carry it out, if it shares one.

    Args:
        planned: in the order in which they are carried out; a base that is adapted later comes
            first or not at all.
    """
    keys = [_key(one) for one in planned]
    shared = {key for key, n in Counter(keys).items() if key is not None and n > 1}
    held: dict[Key, Any] = {}

    def each() -> Iterator[Planned]:
        for number, (one, key) in enumerate(zip(planned, keys, strict=True)):
            if key not in shared or key is None:
                yield one
                continue
            if key not in held:
                held[key] = _load(one)
            if one.located is not None and one.located.adapter is not None:
                from iabench.models.loading import adapting

                with adapting(held[key], one.spec) as backend:
                    yield replace(one, lent=backend)
            else:
                yield replace(one, lent=held[key])
            if key not in keys[number + 1 :]:
                _close(held.pop(key))

    try:
        yield each()
    finally:
        for backend in held.values():
            _close(backend)


def _close(backend: Backend) -> None:
    backend.close()


def _key(planned: Planned) -> Key | None:
    """Return what two models share that can lie in memory once, None where nothing is loaded."""
    located, spec = planned.located, planned.spec
    if planned.status == "finished" or located is None or planned.lent is not None:
        return None
    return (located.path, located.weights, spec.quantize, spec.dtype, spec.device)


def _load(planned: Planned) -> Any:
    """Load the base of a model, without its adapter."""
    from iabench.models.loading import load

    located = planned.located
    assert located is not None
    if located.adapter is None:
        return load(planned.spec)
    return load(replace(planned.spec, model=str(located.path), adapter=None, base=None))
