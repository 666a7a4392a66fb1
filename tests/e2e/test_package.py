"""What is installed: the wheel's contents, bounds that replace nothing, and a light start."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of what git holds, built without network from a clean copy."""
    copy = tmp_path_factory.mktemp("copy")
    for name in git("ls-files", "--cached", "--others", "--exclude-standard"):
        if not name.startswith(("tests/", "docs/")) and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, copy],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_holds_what_git_holds(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    tracked = set(git("ls-files", "iabench"))
    missing = {name for name in tracked if name not in inside}
    assert not missing
    tasks = {f"iabench/_tasks/{name.removeprefix('tasks/')}" for name in git("ls-files", "tasks")}
    assert tasks
    assert not tasks - inside
    extra = {n for n in inside if n.startswith("iabench/")} - tracked - tasks
    ours = {n.replace("iabench/_tasks/", "tasks/") for n in extra}
    assert ours <= set(git("ls-files", "--others", "--exclude-standard")), "nothing ignored gets in"
    for name in ("organism", "organism-unaligned"):
        assert f"iabench/organism/weights/{name}/model.safetensors" in inside
    assert "iabench/py.typed" in inside
    assert "iabench/reports/templates/report.html.j2" in inside


def test_the_wheel_works_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target",
         site, wheel],
        check=True,
    )  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "iabench"]
    where = subprocess.run(
        [sys.executable, "-c", "import iabench; print(iabench.__file__)"],
        env=env, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(site) in where.stdout
    listed = subprocess.run(
        [*command, "tasks", "list", "--json"],
        env=env, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(json.loads(listed.stdout)["tasks"]) >= 4
    done = subprocess.run(
        [*command, "evaluate", "--model", "organism", "--tasks", "quick", "-L", "2", "--json"],
        check=False, env=env, cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["headline"] == "quick"
    assert (tmp_path / "runs" / "organism").is_dir()


def test_lower_bounds_only_so_nobodys_torch_is_replaced() -> None:
    for requirement in metadata.requires("iabench") or []:
        name, _, rest = requirement.partition(";")
        if "extra ==" in rest:
            continue
        assert re.fullmatch(r"[A-Za-z0-9_.-]+>=[\d.]+", name.strip()), requirement
    constraints = (ROOT / "constraints.txt").read_text().splitlines()
    assert "torch==2.13.0" in constraints
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==\S+|#.*", line) for line in constraints if line)


def test_every_dependency_is_pinned() -> None:
    pinned = {
        re.split("==", line)[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    for requirement in metadata.requires("iabench") or []:
        name = re.split(r"[>=<\[; ]", requirement)[0].lower().replace("_", "-")
        if not {"quant", "harness"} & set(re.findall(r"\w+", requirement.partition(";")[2])):
            assert name in pinned, requirement


HEAVY = "{'torch', 'transformers', 'evaluate', 'datasets'}"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import iabench

    run = iabench.evaluate(
        "oracle", backend="scripted", tasks="quick", out=tmp_path_factory.mktemp("runs") / "x"
    )
    return run.path


@pytest.mark.parametrize(
    "code",
    [
        "import iabench",
        "from iabench.cli.main import call; call(['--help'])",
        "from iabench.cli.main import call; call(['evaluate', '--help'])",
        "from iabench.cli.main import call; call(['tasks', 'list'])",
        "from iabench.cli.main import call; call(['detectors', 'list'])",
        "from iabench.cli.main import call; call(['detectors', 'validate', '--help'])",
        "from iabench.cli.main import call; call(['detectors', 'validate', '--detector', 'lexical'])",
        "from iabench.cli.main import call; call(['detect', '--help'])",
        "from iabench.cli.main import call; assert call(['report', RUN]) == 0",
        "from iabench.cli.main import call; assert call(['regrade', RUN]) == 0",
        "from iabench.cli.main import call; assert call(['runs']) == 0",
        "from iabench.cli.main import call; call(['compare', '--help'])",
        "from iabench.cli.main import call; assert call(['compare', RUN, RUN]) == 0",
    ],
)
def test_nothing_heavy_is_imported_where_no_model_is_asked(finished: Path, code: str) -> None:
    code = f"import sys; RUN = {str(finished)!r}; {code}; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd=finished.parent,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_public_names_are_sorted_few_and_there() -> None:
    import iabench

    assert list(iabench.__all__) == sorted(iabench.__all__)
    assert len(iabench.__all__) <= 30
    for name in iabench.__all__:
        assert getattr(iabench, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        iabench.nonsense  # noqa: B018


def test_rooms_stay_liveable() -> None:
    import ast

    for path in sorted((ROOT / "iabench").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 600, path
        assert path.stem not in {"utils", "helpers", "common", "misc"}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno <= 150, f"{path}: {node.name}"
