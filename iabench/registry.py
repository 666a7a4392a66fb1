"""One registry class for everything that can be plugged in.

A name is listed from the metadata of installed distributions without importing anything; the object
behind it is imported when it is asked for. iabench's own come through the same door. Two
distributions that offer one name are an error that names both; so is one that cannot be imported,
once it is asked for.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

from iabench.errors import IabenchError, PluginError, UnknownNameError, near_match

__all__ = ["GROUPS", "Registry", "from_file", "origin_of"]

T = TypeVar("T")

GROUPS = (
    "tasks",
    "datasets",
    "backends",
    "detectors",
    "graders",
    "metrics",
    "scorers",
    "entailment",
    "rows",
    "targets",
    "updates",
    "anchors",
    "presets",
    "checkpoints",
    "exports",
)


class Registry(Generic[T]):
    """The names of one entry-point group.

    Args:
        group: one of `GROUPS`, without the `iabench.` before it.
        what: the word for one of them in messages ("detector").
    """

    def __init__(self, group: str, what: str) -> None:
        if group not in GROUPS:
            raise ValueError(f"no plug-in group {group!r}")
        self.group = f"iabench.{group}"
        self.what = what

    def names(self) -> list[str]:
        """Return all names, sorted; imports nothing."""
        return sorted(self._points())

    def __contains__(self, name: str) -> bool:
        return name in self._points()

    def get(self, name: str) -> T:
        """Return the object behind a name.

        Raises:
            UnknownNameError: no such name; the nearest one is in the hint.
            PluginError: two distributions offer it, or importing it failed.
        """
        points = self._points().get(name)
        if points is None:
            near = near_match(name, self.names())
            raise UnknownNameError(
                f'no {self.what} "{name}".', near or f"one of: {', '.join(self.names())}"
            )
        if len(points) > 1:
            raise PluginError(
                f'{self.what} "{name}" is offered by '
                + " and ".join(self.origin(point) for point in points)
                + ".",
                f"pip uninstall {_distribution(points[-1])}",
            )
        try:
            loaded: T = points[0].load()
        # A plug-in may raise anything while it is imported, or try to leave.
        except (Exception, SystemExit) as problem:
            raise PluginError(
                f'{self.what} "{name}" of {self.origin(points[0])} cannot be imported: '
                f"{type(problem).__name__}: {problem}.",
                f"mend or remove it: pip uninstall {_distribution(points[0])}",
            ) from problem
        return loaded

    def origins(self) -> dict[str, list[str]]:
        """Return, for each name, the distributions (`name version`) that offer it."""
        return {
            name: [self.origin(p) for p in points]
            for name, points in sorted(self._points().items())
        }

    @staticmethod
    def origin(point: metadata.EntryPoint) -> str:
        """Return `name version` of the distribution that an entry point comes from."""
        return f"{_distribution(point)} {point.dist.version if point.dist else '?'}"

    def _points(self) -> dict[str, list[metadata.EntryPoint]]:
        return _entry_points(self.group)


def origin_of(made: object) -> str:
    """Return where the class of an object comes from: `name version` of a distribution, or a file.

    Empty for iabench's own.
    """
    module = type(made).__module__
    top = module.partition(".")[0]
    if top == __name__.partition(".")[0]:
        return ""
    for group in GROUPS:
        for points in _entry_points(f"iabench.{group}").values():
            for point in points:
                if point.module.partition(".")[0] == top:
                    return Registry.origin(point)
    return getattr(sys.modules.get(module), "__file__", None) or module


def from_file(reference: str, error: type[IabenchError] = PluginError) -> Any:
    """Return what `FILE.py::NAME` names: somebody's own file, imported because it was asked for.

    Args:
        reference: the file and the name in it.
        error: what to raise.

    Raises:
        IabenchError: of the type asked for: no such file, it cannot be imported, or no such name.
    """
    file, _, name = reference.partition("::")
    path = Path(file).expanduser()
    if not path.is_file():
        raise error(f"no file {path}.", "FILE.py::NAME")
    try:
        module = _module(path)
    except (Exception, SystemExit) as problem:  # somebody's file may raise anything
        raise error(f"{path} cannot be imported: {type(problem).__name__}: {problem}.") from problem
    if name and hasattr(module, name):
        return getattr(module, name)
    own = [
        key
        for key, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and not key.startswith("_")
    ]
    near = near_match(name, own) or (own[0] if own else "NAME")
    raise error(f'{path} has no function "{name}".', f"{file}::{near}")


def _module(path: Path) -> ModuleType:
    content = path.read_bytes()
    name = f"{path.stem}_{hashlib.sha256(content).hexdigest()[:8]}"
    if name in sys.modules and sys.modules[name].__file__ == str(path.resolve()):
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    if spec is None or spec.loader is None:
        raise ImportError("no Python file")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and pickles look their module up by name.
    sys.modules[name] = module
    # As if it were run: its neighbours can be imported.
    sys.path.append(str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@functools.cache
def _entry_points(group: str) -> dict[str, list[metadata.EntryPoint]]:
    found: dict[str, dict[str, metadata.EntryPoint]] = {}
    for point in metadata.entry_points(group=group):
        # One distribution seen twice on the path (an editable install) offers it once.
        found.setdefault(point.name, {}).setdefault(_distribution(point), point)
    return {name: [by[d] for d in sorted(by)] for name, by in found.items()}


def _distribution(point: metadata.EntryPoint) -> str:
    dist: Any = point.dist
    return str(dist.name) if dist else "?"
