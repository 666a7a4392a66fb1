"""What every test stands on: no network, one thread, tiny models that are built here."""

from __future__ import annotations

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["COLUMNS"] = "88"
os.environ.pop("IABENCH_RUNS", None)

from pathlib import Path

import pytest
from hypothesis import settings

from tests.tiny import tiny_model, tiny_tokenizer

# A distribution of its own, whose tests run where it is installed: tests/e2e/test_plugins.py.
collect_ignore = ["plugin_example"]

# The same examples everywhere, and no clock: a shared machine is slow now and then.
settings.register_profile("iabench", deadline=None, derandomize=True, database=None)
settings.load_profile("iabench")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    import sys

    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


_skipped: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count skips: in CI only those named in `allowed_skips.txt` are let through."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else ""
        _skipped[report.nodeid] = str(reason)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or not os.environ.get("CI"):
        return
    lines = (Path(__file__).parent / "allowed_skips.txt").read_text(encoding="utf-8").splitlines()
    allowed = tuple(line.partition("#")[0].strip() for line in lines)
    allowed = tuple(line for line in allowed if line)
    bad = {k: v for k, v in _skipped.items() if not (allowed and k.startswith(allowed))}
    for node, reason in sorted(bad.items()):
        print(f"skipped, and not in tests/allowed_skips.txt: {node} ({reason})")
    if bad:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama as an ordinary Hugging Face folder."""
    folder = tmp_path_factory.mktemp("models") / "tiny-llama"
    tiny_model().save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder
