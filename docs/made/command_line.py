"""The page of all verbs and options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from made import MADE
from made.markdown import table


def cli() -> str:
    """Return the page of all verbs and options."""
    import typer

    from iabench.cli.main import app

    root = typer.main.get_command(app)
    lines = ["# Command line", "", MADE, "", str(root.help), ""]
    lines += [
        "`_` and `-` are one in option names. Every option can be given in the environment,",
        "`IABENCH_<VERB>_<OPTION>`: `IABENCH_EVALUATE_SEED=1`. With no argument at all `iabench`",
        "prints what to type first; `iabench --version` prints its version.",
    ]
    for name, command in _verbs(root):
        lines += ["", f"## iabench {name}", "", _sentence(command), ""]
        lines += ["```text", _usage(name, command), "```", "", *_tables(command)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _verbs(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield verbs with their commands, nouns taken apart, in reading order."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _verbs(command, f"{before}{name} ")
        else:
            yield before + name, command


def _sentence(command: Any) -> str:
    return " ".join((command.help or "").split())


def _usage(name: str, command: Any) -> str:
    words = [f"iabench {name}"]
    for param in command.params:
        if param.param_type_name == "argument":
            shown = param.name.upper()
            words.append(shown if param.required else f"[{shown}]")
        elif param.required:
            words.append(f"{max(param.opts, key=len)} {_metavar(param)}")
    return " ".join([*words, "[OPTIONS]"])


def _tables(command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    if arguments:
        yield from table(
            ("argument", "what"), ((f"`{p.name.upper()}`", _help(p)[0]) for p in arguments)
        )
        yield ""
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    panels = dict.fromkeys(getattr(p, "rich_help_panel", None) or "" for p in options)
    for panel in panels:
        if panel:
            yield from (f"**{panel}**", "")
        rows = []
        for option in options:
            if (getattr(option, "rich_help_panel", None) or "") == panel:
                says, default = _help(option)
                rows.append((_names(option), default, says))
        yield from table(("option", "default", "what"), rows)
        yield ""


def _names(option: Any) -> str:
    names = ", ".join(sorted(option.opts, key=len))
    return f"`{names}`" if option.is_flag else f"`{names} {_metavar(option)}`"


def _metavar(param: Any) -> str:
    return str(param.name).rpartition("_")[2].upper()


def _help(param: Any) -> tuple[str, str]:
    """Return what an option says, and its default."""
    text = " ".join((getattr(param, "help", "") or "").split())
    said = re.search(r"\s*\\?\[([^\]]+)\]$", text)
    if said:
        return text[: said.start()], said[1] if said[1].startswith("the ") else f"`{said[1]}`"
    if getattr(param, "is_flag", False):
        return text, "off"
    if param.required:
        return text, "required"
    return text, "none" if param.default is None else f"`{param.default}`"
