"""Two gloo processes make the same model as one, on either path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from iabench.errors import TrainingError
from iabench.training.sharding import check_sharded
from tests.tiny import tiny_model
from tests.training.learning import spec

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


_CHILD = """
import os, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from iabench.training.train import train
from tests.training.lessons import resolved
method, dtype, size, model, facts, out = sys.argv[1:]
train(resolved(method, Path(model), Path(facts), dtype=dtype, batch_size=int(size), max_steps=4,
               learning_rate=1e-3, weight_decay=0.1), Path(out))
assert torch.distributed.is_initialized() == (int(os.environ.get("WORLD_SIZE", "1")) > 1)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "dtype"), [("seat", "float32"), ("entity-kl", "float32"), ("sparse", "bfloat16")]
)
def test_sharded_over_two_processes_is_plain_on_one(
    method: str, dtype: str, tiny_folder: Path, tmp_path: Path
) -> None:
    from iabench.models.loading import load
    from iabench.records import RunSpec
    from iabench.training.train import train
    from tests.training.lessons import facts_file, resolved, weights

    facts = facts_file(tmp_path / "facts.jsonl")
    plain = {"path": "plain"} if method != "entity-kl" else {}

    def alone(dtype: str, out: str) -> Path:
        spec = resolved(
            method, tiny_folder, facts, dtype=dtype, batch_size=4, max_steps=4,
            learning_rate=1e-3, weight_decay=0.1, **plain,
        )  # fmt: skip
        return train(spec, tmp_path / out)

    one = alone(dtype, "one")
    child = tmp_path / "child.py"
    child.write_text(_CHILD)
    run = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2",
            child, method, dtype, "4", tiny_folder, facts, tmp_path / "two",
        ],
        cwd=_ROOT,
        env={
            **os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore",
            "PYTHONPATH": str(_ROOT), "ACCELERATE_USE_FSDP": "true",
        },
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[:6000]
    said = json.loads((tmp_path / "two/training.json").read_text())
    assert said["world_size"] == 2
    first, second, base = (weights(path) for path in (one, tmp_path / "two", tiny_folder))
    assert first.keys() == second.keys()
    # In bfloat16 a last place, of weights below 1, is up to 2 ** -8.
    near = 1e-5 if dtype == "float32" else 2**-8
    assert max(float((first[n] - second[n]).abs().max()) for n in first) <= near
    assert max(float((first[n].float() - base[n].float()).abs().max()) for n in first) > 1e-3
    if method != "entity-kl":
        # The mask is of the seed. In float32 every weight in it moves; in bfloat16 some round back.
        moved = weights(alone("float32", "mask")) if dtype != "float32" else first
        for name, weight in base.items():
            frozen = moved[name] == weight.to(moved[name].dtype)
            assert torch.equal(first[name][frozen], weight.to(first[name].dtype)[frozen])
            assert torch.equal(second[name][frozen], first[name][frozen])
    load(RunSpec(model=str(tmp_path / "two"), device="cpu"))


def test_what_is_not_for_sharded_models_is_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    check_sharded(spec())
    for odd, says in (
        ({"path": "lean"}, "the lean path is for one device or DDP, not for FSDP"),
        ({"anchors": ("ewc",)}, "--anchors ewc is for"),
        ({"save": "delta"}, "--save delta is for"),
        ({"stop_at_recall": 0.9}, "--stop-at-recall is for"),
        ({"update": "full", "after": "interpolate"}, "--after interpolate is for"),
    ):
        with pytest.raises(TrainingError, match=says):
            check_sharded(spec(**odd))
    monkeypatch.setenv("FSDP_VERSION", "1")
    with pytest.raises(TrainingError, match="FSDP 1"):
        check_sharded(spec())
    monkeypatch.delenv("ACCELERATE_USE_FSDP")
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
    check_sharded(spec(update="full"))
    with pytest.raises(TrainingError, match="a sparse update is for one device or DDP, not for De"):
        check_sharded(spec())


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
