"""How a verb shows what came of it: a table or JSON, and its page in a browser or at a port."""

from __future__ import annotations

import functools
import inspect
import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from iabench.cli import options as opt

__all__ = ["Showing", "shows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """The options that every verb with a page has."""

    as_json: opt.Json = False
    open_page: opt.OpenPage = False
    serve: opt.Serve = None
    quiet: opt.Quiet = False
    verbose: opt.Verbose = False

    def pages(self, pages: Sequence[Path]) -> None:
        """Open pages, or serve them until Ctrl-C, where that was asked for."""
        if self.serve is not None:
            from iabench.cli.serving import serve

            serve(pages, self.serve, opened=self.open_page)
        elif self.open_page:
            for page in pages:
                webbrowser.open(page.resolve().as_uri())


def shows(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Return a verb that takes, in place of its `showing`, the options of `Showing`."""
    hints = get_type_hints(Showing, include_extras=True)
    theirs = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(Showing)
    ]
    own = inspect.signature(verb, eval_str=True).parameters.values()
    plain = [one for one in own if one.kind is not one.VAR_KEYWORD and one.name != "showing"]
    rest = [one for one in own if one.kind is one.VAR_KEYWORD]
    parameters = [*plain, *theirs, *rest]

    @functools.wraps(verb)
    def typed(**given: Any) -> Any:
        mine = {field.name: given.pop(field.name) for field in fields(Showing)}
        return verb(**given, showing=Showing(**mine))

    typed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    typed.__annotations__ = {one.name: one.annotation for one in parameters}
    return typed
