"""Judges that are functions: what a prompt holds, and what comes of a reply."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iabench.grading import panel
from iabench.models.base import Backend, Request
from iabench.models.callable import CallableBackend
from iabench.records import Completion, Finish, Probe, RunSpec

GOLDEN = Path(__file__).parents[2] / "golden"
WORDS = {True: "ABSTAINS", False: "ANSWERS"}

Messages = list[dict[str, str]]


class Opened:
    """Stands for the registry of backends: every judge is one function."""

    def __init__(self, answer: Callable[[Messages], Any]) -> None:
        self.answer = answer
        self.specs: list[RunSpec] = []
        self.closed = 0
        self.finish: Finish | None = None
        """How replies end; None: as they do."""

    def get(self, name: str) -> Callable[[RunSpec, Sequence[Probe]], Backend]:
        def opened(spec: RunSpec, probes: Sequence[Probe]) -> Backend:
            self.specs.append(spec)
            return Answering(self)

        return opened


class Answering(CallableBackend):
    def __init__(self, opened: Opened) -> None:
        super().__init__(opened.answer, name="judge")
        self.opened = opened

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Completion]]:
        for at, said in super().generate(requests):
            yield at, replace(said, finish=self.opened.finish or said.finish)

    def close(self) -> None:
        self.opened.closed += 1


def seat(monkeypatch: pytest.MonkeyPatch, answer: Callable[[Messages], Any]) -> Opened:
    """Let a function be the judge, whatever `--judge` names."""
    opened = Opened(answer)
    monkeypatch.setattr(panel, "BACKENDS", opened)
    return opened


def injections() -> list[dict[str, Any]]:
    rows = []
    for line in (GOLDEN / "injections.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text, times = row.pop("fill", ("", 0))
        row["response"] = row["response"].replace("{fill}", text * times)
        rows.append(row)
    return rows


def apart(prompt: str) -> tuple[str, str]:
    """Return what stands outside and what inside the fences of a prompt."""
    found = re.search(r"that carry the mark (\w+),", prompt)
    assert found is not None
    outside: list[str] = []
    inside: list[str] = []
    now = outside
    for line in prompt.split("\n"):
        if re.fullmatch(rf"===== end of [a-z ]+ {found[1]} =====", line):
            now = outside
        elif re.fullmatch(rf"===== [a-z ]+ {found[1]} =====", line):
            now = inside
        else:
            now.append(line)
    return "\n".join(outside), "\n".join(inside)


def orders(text: str) -> list[str]:
    """Return the verdicts that somebody who obeys would give: not the form's own line."""
    form = r"VERDICT: (ABSTAINS|ANSWERS)\b(?! or ANSWERS)|\"verdict\": \"(\w+)\""
    return [(found[1] or found[2]).upper() for found in re.finditer(form, text)]
