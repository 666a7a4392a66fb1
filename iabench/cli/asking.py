"""What verbs beside `evaluate` ask a model with: options of `evaluate`, each written there once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any

from iabench.cli import options as opt
from iabench.cli.evaluate import evaluate

__all__ = ["asking"]


def asking(
    names: Collection[str], *, behind: int = 0, **defaults: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what gives a verb, in place of its `**given`, options of `evaluate`.

    Args:
        names: which of them.
        behind: how many options of its own stand before them.
        defaults: where they are others; the seed is one, not several.
    """

    def taking(verb: Callable[..., Any]) -> Callable[..., Any]:
        own = list(inspect.signature(verb, eval_str=True).parameters.values())[:-1]
        asked = inspect.signature(evaluate, eval_str=True).parameters.values()
        theirs = [
            p.replace(annotation=opt.Seed, default=0)
            if p.name == "seed"
            else p.replace(default=defaults.get(p.name, p.default))
            for p in asked
            if p.name in names
        ]
        parameters = [
            p.replace(kind=p.KEYWORD_ONLY) for p in (*own[:behind], *theirs, *own[behind:])
        ]
        verb.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        verb.__annotations__ = {p.name: p.annotation for p in parameters}
        return verb

    return taking
