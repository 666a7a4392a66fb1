"""The page on plug-ins runs: its commands, its task, its contracts."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from iabench.cli.main import call
from iabench.tasks import catalog
from iabench.tasks.skeleton import write_skeleton
from iabench.tasks.validate import validate
from tests.unit.test_docs import DOCS, ROOT, blocks, commands

PAGE = DOCS / "plugins.md"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    (tmp_path / "my_tasks.py").write_text(blocks(PAGE, "python")[0])


def test_the_commands_run(capsys: pytest.CaptureFixture[str]) -> None:
    ran = commands(PAGE)
    assert len(ran) == 5
    for words in ran:
        assert call(words[1:]) == 0, (words, capsys.readouterr().err)


def test_the_table_is_a_task(tmp_path: Path) -> None:
    folder = write_skeleton("mine", tmp_path)
    (folder / "probes.csv").write_text(blocks(PAGE, "text")[0])
    manifest = folder / "task.toml"
    manifest.write_text(manifest.read_text().replace("probes.jsonl", "probes.csv"))
    assert not validate(str(folder)).errors
    (task,) = catalog.load("mine", include_path=(str(folder),))
    assert task.probes[0].references == ("Paris", "Lutetia")
    assert task.probes[1].tag("type") == "country"


def test_the_contracts_pass(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(blocks(PAGE, "python")[1])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    done = subprocess.run(
        command,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_the_entry_points_are_those_of_the_example() -> None:
    text = (ROOT / "tests" / "plugin_example" / "pyproject.toml").read_text()
    offered = tomllib.loads(text)["project"]["entry-points"]
    assert tomllib.loads(blocks(PAGE, "toml")[0])["project"]["entry-points"] == offered
