"""A distribution of somebody else: built as a wheel, installed, listed, asked, and broken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "plugin_example"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh folder of packages with the example in it, as a wheel that was just built."""
    place = tmp_path_factory.mktemp("plugin")
    source, dist, site = place / "source", place / "dist", place / "site"
    shutil.copytree(EXAMPLE, source)
    python = [sys.executable, "-m"]
    build = [*python, "build", "--wheel", "--no-isolation", "--outdir", str(dist), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = dist.glob("*.whl")
    install = [*python, "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    return site


def run(site: Path, *words: str, cwd: Path, code: int = 0) -> str:
    """What a command prints, with the folder of packages on the path."""
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), root])}
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, check=False, env=env, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def fake(site: Path, name: str, group: str, entry: str, code: str) -> Path:
    """A copy of the folder with one more distribution: a dist-info folder is all it takes."""
    more = site.parent / f"with-{name}"
    shutil.copytree(site, more)
    info = more / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[iabench.{group}]\n{entry}\n")
    (more / f"{name}_plugin.py").write_text(code)
    return more


def evaluate(site: Path, out: Path, *words: str, code: int = 0) -> str:
    asked = ("--backend", "scripted", "--model", "oracle", "--out", str(out))
    return run(site, "iabench", "evaluate", *asked, *words, cwd=out.parent, code=code)


def test_installed_into_a_fresh_environment_it_is_there(site: Path, tmp_path: Path) -> None:
    import site as packages

    place = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    (library,) = place.glob("lib/python*/site-packages")
    # What is installed here already need not be fetched again: only the wheel is new.
    root = str(Path(__file__).parents[2])
    (library / "here.pth").write_text("\n".join([*packages.getsitepackages(), root]) + "\n")
    (wheel,) = (site.parent / "dist").glob("*.whl")
    python = str(place / "bin" / "python")
    install = ["pip", "--python", python, "install", "-q", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, "-m", *install], check=True, capture_output=True)
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def iabench(*words: str) -> str:
        done = subprocess.run(
            [python, "-m", "iabench", *words], check=True, env=env, cwd=tmp_path,
            capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    assert json.loads(iabench("env", "--json"))["plug-ins"]["tasks/rivers"].startswith("iabench-ex")
    out = iabench(
        "evaluate", "--backend", "scripted", "--model", "oracle", "--tasks", "rivers",
        "--detector", "plain-words", "--json",
    )  # fmt: skip
    assert "silent_rate" in {estimate["metric"] for estimate in json.loads(out)["estimates"]}


def test_it_is_listed(site: Path, tmp_path: Path) -> None:
    plugins = json.loads(run(site, "iabench", "env", "--json", cwd=tmp_path))["plug-ins"]
    assert plugins == {
        "iabench-example": "1.0",
        "tasks/rivers": "iabench-example 1.0",
        "detectors/plain-words": "iabench-example 1.0",
        "metrics/silent_rate": "iabench-example 1.0",
    }
    listed = json.loads(run(site, "iabench", "tasks", "list", "--json", cwd=tmp_path))["tasks"]
    (rivers,) = [row for row in listed if row["name"] == "rivers"]
    assert (rivers["n"], rivers["expects"], rivers["error"]) == (12, "both", None)
    assert rivers["from"] == "iabench-example 1.0"
    assert "nothing is wrong" in run(site, "iabench", "tasks", "validate", "rivers", cwd=tmp_path)


def test_it_is_asked_judged_and_counted(site: Path, tmp_path: Path) -> None:
    evaluate(site, tmp_path / "run", "--tasks", "rivers", "--detector", "plain-words", "-q")
    found = json.loads((tmp_path / "run" / "results.json").read_text())
    assert found["detector"] == "plain-words@1"
    assert found["notes"] == []
    (silent,) = [
        e for e in found["estimates"] if (e["metric"], e["slice"]) == ("silent_rate", "all")
    ]
    assert (silent["value"], silent["n"]) == (0.5, 12)
    held = json.loads((tmp_path / "run" / "run.json").read_text())
    assert held["packages"]["iabench-example"] == "1.0"


def test_its_own_tests_pass(site: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    shutil.copy(EXAMPLE / "pyproject.toml", tmp_path)
    said = run(site, "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert "passed" in said
    assert "failed" not in said


def test_one_that_does_not_import_is_a_failed_row(site: Path, tmp_path: Path) -> None:
    boom = "raise RuntimeError('boom')"
    for group, entry in (("tasks", "sad"), ("metrics", "sad_rate"), ("detectors", "sad")):
        broken = fake(site, f"sad_{group}", group, f"{entry} = sad_{group}_plugin:A", boom)
        plugins = json.loads(run(broken, "iabench", "env", "--json", cwd=tmp_path))["plug-ins"]
        assert "RuntimeError: boom" in plugins[f"{group}/{entry}"]
        out = tmp_path / group
        evaluate(broken, out, "--tasks", "rivers", "-q")
        notes = json.loads((out / "results.json").read_text())["notes"]
        assert [n for n in notes if "metric sad_rate of sad_metrics 1.0 is left out" in n] == (
            notes if group == "metrics" else []
        )
        if group == "tasks":
            assert "FAILED: task" in run(broken, "iabench", "tasks", "list", cwd=tmp_path)
            said = evaluate(broken, tmp_path / "x", "--tasks", "sad", code=2)
            assert "cannot be imported: RuntimeError: boom" in said


def test_two_of_one_name_are_an_error_that_names_both(site: Path, tmp_path: Path) -> None:
    twice = fake(site, "rival", "tasks", "rivers = rival_plugin:A", "A = 1")
    said = evaluate(twice, tmp_path / "x", "--tasks", "rivers", code=2)
    assert "iabench-example 1.0 and rival 1.0" in said
    evaluate(twice, tmp_path / "y", "--tasks", "real-facts", "-L", "2", "-q")
    listed = json.loads(run(twice, "iabench", "tasks", "list", "--json", cwd=tmp_path))["tasks"]
    (row,) = [row for row in listed if row["name"] == "rivers"]
    assert "iabench-example 1.0 and rival 1.0" in row["error"]
    sly = fake(site, "sly", "tasks", "real-facts = sly_plugin:A", "A = 1")
    said = evaluate(sly, tmp_path / "z", "--tasks", "core", "-L", "2", code=2)
    assert "comes with sly 1.0" in said
    worse = fake(site, "worse", "metrics", "accuracy = worse_plugin:A", "A = 1")
    said = evaluate(worse, tmp_path / "w", "--tasks", "rivers", code=2)
    assert "and worse 1.0" in said
