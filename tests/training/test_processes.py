"""Two gloo processes make the same model as one, on either path."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from tests.tiny import tiny_model

_ROOT = Path(__file__).parents[2]


def _made(path: str, world: int, out: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(world)]
    run = subprocess.run(
        [sys.executable, *(launch if world > 1 else []), "-m", "tests.training.processes", path, out],
        cwd=_ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    with safe_open(out, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118


@pytest.mark.slow
def test_lean_on_two_processes_is_lean_on_one_and_plain_on_one(tmp_path: Path) -> None:
    two, said = _made("lean", 2, tmp_path / "two")
    one, _ = _made("lean", 1, tmp_path / "one")
    plain, _ = _made("plain", 1, tmp_path / "plain")
    assert said["world"] == "2"
    # Deltas are all that processes send one another.
    size = sum(p.numel() for p in tiny_model().parameters())
    assert int(said["sent"]) == pytest.approx(0.2 * size, rel=0.01)
    moved = max(
        float((one[name] - p.detach().double()).abs().max())
        for name, p in tiny_model().named_parameters()
    )
    assert moved > 1e-2
    # In fp64; sums over a batch go in another order, and half of one is another process's.
    for other in (one, plain):
        assert max(float((two[name] - other[name]).abs().max()) for name in one) < 1e-9
