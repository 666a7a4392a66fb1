"""`iabench methods list|show`: the named methods, and the axes that they are points on."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from iabench.cli.options import Json
from iabench.cli.screen import write_json
from iabench.errors import UnknownNameError, near_match
from iabench.training.base import ANCHORS, PRESETS, ROWS, TARGETS, UPDATES, Preset
from iabench.training.recipe import AXES

__all__ = ["app"]

app = typer.Typer(help="The methods that train knows.", no_args_is_help=True)

_REGISTRIES: dict[str, Any] = {
    "rows": ROWS,
    "target": TARGETS,
    "update": UPDATES,
    "anchors": ANCHORS,
}
_PLAIN = {"rows": ("facts",), "target": "gold", "update": "full", "anchors": (), "after": "none"}
_SAYS = {
    "rows": "what is taught beside the facts",
    "target": "what a row's answer becomes",
    "update": "which numbers change",
    "anchors": "what holds the model to its base",
    "after": "what is done at the end",
}


@app.command("list")
def list_methods(as_json: Json = False) -> None:
    """List the presets, and the choices on each axis."""
    presets = [PRESETS.get(name) for name in PRESETS.names()]
    axes = {axis: _choices(axis) for axis in AXES}
    if as_json:
        document = {"presets": [_document(preset) for preset in presets], "axes": axes}
        write_json(document)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("method", "in words", "source"):
        table.add_column(column, overflow="fold")
    for preset in presets:
        table.add_row(preset.name, preset.says, preset.source.split(" (")[0])
    console = Console(highlight=False, markup=False)
    console.print(table)
    console.print()
    for axis, names in axes.items():
        console.print(f"--{axis:<9}{', '.join(names):<40}{_SAYS[axis]}", soft_wrap=True)


@app.command("show")
def show_method(
    name: Annotated[str, typer.Argument(help="A preset, or a choice on an axis.")],
    as_json: Json = False,
) -> None:
    """Show a method: its point on the axes, its settings, their source, what was chosen."""
    if name in PRESETS:
        preset = PRESETS.get(name)
        if as_json:
            document = {**_document(preset), "notes": dict(_notes(preset))}
            write_json(document)
            return
        lines = [f"{preset.name}: {preset.says}", f"source  {preset.source}", ""]
        point = _point(preset)
        lines += [f"{axis:<10}{_text(value)}" for axis, value in point.items()]
        settings = {k: v for k, v in preset.settings if k not in AXES}
        lines += ["", "settings  " + (_listed(settings) or "those of every method")]
        for choice, says in _notes(preset):
            lines += ["", f"-- {choice} --", says]
    else:
        lines = [_doc(axis, name) for axis in _REGISTRIES if name in _REGISTRIES[axis]]
        if name in _choices("after"):
            lines.append(_doc("after", name))
        if as_json and lines:
            sys.stdout.write(json.dumps({"name": name, "notes": lines}, indent=1) + "\n")
            return
    if not lines:
        known = [*PRESETS.names(), *(n for axis in AXES for n in _choices(axis))]
        near = near_match(name, known)
        raise UnknownNameError(f'no method "{name}".', near or "iabench methods list")
    sys.stdout.write("\n".join(lines) + "\n")


def _choices(axis: str) -> list[str]:
    return ["none", "interpolate"] if axis == "after" else _REGISTRIES[axis].names()


def _point(preset: Preset) -> dict[str, Any]:
    return {axis: dict(preset.settings).get(axis, _PLAIN[axis]) for axis in AXES}


def _document(preset: Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "says": preset.says,
        "source": preset.source,
        **_point(preset),
        "settings": {k: v for k, v in preset.settings if k not in AXES},
    }


def _notes(preset: Preset) -> Iterator[tuple[str, str]]:
    """Yield each choice that the preset makes with what its file says: source and choices."""
    for axis, value in _point(preset).items():
        for choice in (value,) if isinstance(value, str) else value:
            if choice != "none":
                yield f"{axis}: {choice}", _doc(axis, choice)


def _doc(axis: str, choice: str) -> str:
    """Return the docstring of the file that a choice stands in."""
    if axis == "after":
        if choice == "none":
            return "Nothing is done."
        module = importlib.import_module(f"iabench.training.after.{choice}")
    else:
        found = _REGISTRIES[axis].get(choice)
        module = importlib.import_module(found.__module__)
    return inspect.getdoc(module) or ""


def _listed(settings: dict[str, Any]) -> str:
    return ", ".join(f"{key.replace('_', '-')} {_text(value)}" for key, value in settings.items())


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return " + ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
