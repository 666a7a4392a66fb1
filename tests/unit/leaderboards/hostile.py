"""A board whose strangers are hostile: whatever an entry may say of itself, and what its model said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from iabench.leaderboards import board as boards
from iabench.leaderboards import entry as entries
from iabench.leaderboards.build import build

__all__ = ["LATEX", "spoil"]

LATEX = (
    r"\input{/etc/passwd}", r"\write18{touch pwned}", r"\immediate\write18{touch pwned}", "}{", "%",
    r"\end{tabular}\end{document}", r"a & b \\", "$x^2$ #1 _ ~ ^", "../../../etc/passwd", "a/b\\c",
)  # fmt: skip


def spoil(folder: Path, texts: Sequence[str], *, name: str) -> None:
    """Let an entry, its answers and the board say all of that; build the board."""
    lines = [text.encode("utf-8", "replace").decode() for text in texts]
    text = "\n".join([*lines, *LATEX])
    path = folder / "entries" / f"{name}.json"
    value = json.loads(path.read_text())
    value["about"] = dict.fromkeys(("model", "licence", "submitted_by", "says", text[:60]), text)
    value["model"].update(name=text, revision=text, architecture=text)
    path.write_text(json.dumps(value))
    said = [replace(line, response=text) for line in entries.answers_of(folder, name)]
    path.with_suffix(".jsonl.gz").write_bytes(entries._packed(said))
    board = boards.read(folder)
    boards.write(folder, replace(board, title=text, says=text))
    build(folder, boards.read(folder))
