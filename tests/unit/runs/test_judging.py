"""Judging: what goes wrong in a plug-in is said to be its own fault."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from iabench import registry
from iabench.cli.main import call

PLUGIN = """
from iabench.records import Judgement

class Moody:
    id = "moody@1"
    def __init__(self, spec): pass
    def detect(self, cases):
        {body}
    def close(self): pass
"""
SAD = [
    ("raise KeyError('mood')", "moody@1 of moods 1.0 fails: KeyError: 'mood'."),
    ("yield Judgement(value=True)\n        cases[9999]", "moody@1 of moods 1.0 fails: IndexError"),
    ("return [Judgement(value=True)]", "moody@1 of moods 1.0 gives fewer judgements than answers."),
    ("return [Judgement(value=True)] * 999", "gives more judgements than answers."),
]


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed distribution: a dist-info folder on the path is all it takes."""
    info = tmp_path / "moods-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: moods\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[iabench.detectors]\nmoody = moods_plugin:Moody\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    registry._entry_points.cache_clear()
    yield tmp_path / "moods_plugin.py"
    registry._entry_points.cache_clear()
    sys.modules.pop("moods_plugin", None)


@pytest.mark.parametrize(("body", "says"), SAD)
def test_a_detector_that_fails_is_named_with_its_distribution(
    plugin: Path, body: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin.write_text(PLUGIN.format(body=body))
    words = ["evaluate", "--backend", "scripted", "--model", "oracle", "--tasks", "real-facts"]
    assert call([*words, "--limit", "3", "--detector", "moody", "--out", "r"]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert "try: another one: --detector lexical" in err


def test_iabench_s_own_fault_stays_its_own(
    plugin: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin.write_text("")
    monkeypatch.setattr("iabench.grading.match.Match.grade", lambda *_: 1 // 0)
    words = ["evaluate", "--backend", "scripted", "--model", "oracle", "--tasks", "real-facts"]
    assert call([*words, "--limit", "3", "--out", "r"]) == 1
    assert "our fault" in capsys.readouterr().err
    assert "grade" in next(Path().rglob("crash.log")).read_text()
