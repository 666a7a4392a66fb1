from __future__ import annotations

import io
from typing import Any

import pytest

from iabench.cli import progress
from iabench.cli.progress import Lines, Terminal, loaded_lines, parameters, watching
from iabench.records import ModelSpec

MODEL = ModelSpec(
    backend="hf", name="m", architecture="LlamaForCausalLM", n_parameters=8_030_261_248,
    dtype="bfloat16", chat_template="5f1c2e0011aa",
)  # fmt: skip


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(progress, "time", one)
    return one


def test_one_line_every_thirty_seconds(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.begin("asking", 1733, done=100)
    for _ in range(7):
        clock.now += 10
        lines.advance(10)
    lines.end()
    assert capsys.readouterr().err.splitlines() == [
        "asking    goes on at 100 of 1,733",
        "asking    130/1,733  1.0/s  0:30",
        "asking    160/1,733  1.0/s  1:00",
        "asking    170/1,733  1.0/s  1:10",
    ]
    lines.begin("grading", 3)
    lines.end("lexical@2 · 0 undecided")
    assert capsys.readouterr().err == "grading   lexical@2 · 0 undecided\n"


def test_what_was_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    Lines().loaded(MODEL, ("no pad token",))
    assert capsys.readouterr().err.splitlines() == [
        "model     Llama · 8.0 B · bfloat16 · chat template 5f1c2e",
        "          no pad token",
    ]
    assert loaded_lines(ModelSpec(backend="scripted", name="s"), ()) == ["model     scripted"]
    assert [parameters(n) for n in (2_400_000, 35_000, 12)] == ["2.4 M", "35.0 k", "12"]


def test_quiet_and_who_watches(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = watching(quiet=True)
    quiet.say("hello")
    quiet.begin("asking", 3, done=1)
    quiet.advance()
    quiet.end()
    assert capsys.readouterr().err == ""
    assert type(watching(quiet=False)) is Lines
    monkeypatch.setattr("sys.stderr", type("Tty", (io.StringIO,), {"isatty": lambda _: True})())
    assert type(watching(quiet=False)) is Terminal


def test_a_bar_in_a_terminal(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    screen = io.StringIO()
    made: Any = Console(file=screen, force_terminal=True, width=88)
    monkeypatch.setattr(progress, "console", lambda: made)
    bar = Terminal()
    bar.begin("asking", 1733, done=33)
    clock.now += 20
    bar.advance(200)
    bar.say("a word above the bar")
    bar.advance(1500)
    bar.end()
    said = screen.getvalue()
    assert "asking" in said
    assert "1,733/1,733  85.0/s  0:20" in said
    assert "a word above the bar" in said
    bar.begin("grading", 3)
    bar.advance()
    bar.end("done")
