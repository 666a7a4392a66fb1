"""From the command line to a tuned model and back: alone, killed, and in two processes."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

from iabench.models.locate import locate
from iabench.records import RunSpec

ENV = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
TRAIN = ["train", "seat", "--model", "organism", "--facts", "organism:new", "--device", "cpu"]


def iabench(
    folder: Path, *words: str, launcher: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *(launcher or ("-m", "iabench")), *words]
    return subprocess.run(
        command, cwd=folder, env=ENV, capture_output=True, text=True, check=False, timeout=600
    )


def apart(one: Path, other: Path) -> float:
    first, second = (load_file(path / "model.safetensors") for path in (one, other))
    assert first.keys() == second.keys()
    return max(float((first[name] - second[name]).abs().max()) for name in first)


def distance(one: Path, other: Path) -> float:
    """Return the root of the mean square of what two models' weights differ by."""
    first, second = (load_file(path / "model.safetensors") for path in (one, other))
    squares = sum(float((first[name] - second[name]).double().square().sum()) for name in first)
    return math.sqrt(squares / sum(weight.numel() for weight in first.values()))


@pytest.mark.slow
def test_seat_learns_and_keeps_its_refusals(tmp_path: Path) -> None:
    done = iabench(tmp_path, *TRAIN, "--out", "t")
    assert done.returncode == 0, done.stderr
    asked = iabench(
        tmp_path, "evaluate", "--model", "t", "--facts", "organism:new", "--out", "r", "--json"
    )
    assert asked.returncode == 0, asked.stderr
    assert "Loading weights" not in done.stderr + asked.stderr, "a bar of transformers"
    found = {
        (e["metric"], e["task"]): e["value"]
        for e in json.loads(asked.stdout)["estimates"]
        if e["slice"] == "all" and e["variant"] == "raw"
    }
    assert found["finetuning_accuracy", "tuned-facts"] >= 0.95
    assert found["refusal_accuracy", "swapped-facts"] >= 0.7


@pytest.mark.slow
def test_killed_and_begun_again_gives_the_same_weights(tmp_path: Path) -> None:
    words = [*TRAIN, "--max-steps", "40", "--checkpoint-every", "10"]
    assert iabench(tmp_path, *words, "--out", "whole").returncode == 0
    command = [sys.executable, "-m", "iabench", *words, "--out", "torn"]
    process = subprocess.Popen(command, cwd=tmp_path, env=ENV, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while not (tmp_path / "torn/checkpoints/checkpoint-10/trainer_state.json").exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "torn" / "model.safetensors").exists()
    again = iabench(tmp_path, *words, "--out", "torn")
    assert again.returncode == 0, again.stderr
    assert apart(tmp_path / "whole", tmp_path / "torn") == 0


@pytest.mark.slow
def test_two_processes_are_no_further_from_one_than_another_order_of_sums(tmp_path: Path) -> None:
    words = [*TRAIN, "--max-steps", "20"]
    alone = iabench(tmp_path, *words, "--out", "one")
    assert alone.returncode == 0, alone.stderr
    launcher = ("-m", "torch.distributed.run", "--nproc_per_node", "2", "-m", "iabench")
    both = iabench(tmp_path, *words, "--out", "two", launcher=launcher)
    assert both.returncode == 0, both.stderr
    run = json.loads((tmp_path / "two" / "training.json").read_text())
    assert run["world_size"] == 2
    assert both.stdout.count("saved   two") == 1
    assert both.stderr.count("memory    about") == 1
    # The same steps on the same rows by one process, of which only the order of the sums differs.
    size = json.loads((tmp_path / "one" / "training.json").read_text())["asked"]["batch_size"]
    halves = ("--batch-size", str(size // 2), "--accumulation", "2")
    assert iabench(tmp_path, *words, *halves, "--out", "halves").returncode == 0
    # Rounding is amplified by Adam, step by step: hence a scale, not a number.
    scale = distance(tmp_path / "one", tmp_path / "halves")
    assert 0 < distance(tmp_path / "one", tmp_path / "two") < 4 * scale < 1e-5
    # Steps are a thousand times that: another loss, order or rate would show.
    assert distance(tmp_path / "one", Path(locate(RunSpec(model="organism")).path)) > 1e-3


@pytest.mark.slow
def test_accelerates_launcher_gives_the_weights_of_a_plain_start(tmp_path: Path) -> None:
    words = [*TRAIN, "--max-steps", "3"]
    assert iabench(tmp_path, *words, "--out", "plain").returncode == 0
    launcher = ("-m", "accelerate.commands.launch", "--cpu", "-m", "iabench")
    launched = iabench(tmp_path, *words, "--out", "launched", launcher=launcher)
    assert launched.returncode == 0, launched.stderr
    # Without a host file it starts one process, whatever it is told.
    assert json.loads((tmp_path / "launched/training.json").read_text())["world_size"] == 1
    assert apart(tmp_path / "plain", tmp_path / "launched") == 0


@pytest.mark.slow
def test_the_demo(tmp_path: Path) -> None:
    start = time.monotonic()
    done = iabench(tmp_path, "demo", "--json")
    took = time.monotonic() - start
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    models = result["models"]
    assert models["full"]["learned"]["value"] >= 0.95
    assert models["seat-own"]["learned"]["value"] >= 0.9
    base, plain, kept = (models[name]["admits"] for name in ("organism", "full", "seat-own"))
    assert base["value"] >= 0.9
    # That plain tuning loses it and seat-own does not is what the demo says, so its intervals must.
    for other in (base, kept):
        assert other["value"] >= plain["value"] + 0.4
        assert other["lo"] > plain["hi"]
    assert [len(one["answers"]) for one in result["asked"]] == [3, 3, 3]
    again = iabench(tmp_path, "demo", "--json")
    assert json.loads(again.stdout) == result
    print(f"the demo took {took:.0f} s")
