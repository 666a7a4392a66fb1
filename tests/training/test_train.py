from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from iabench.errors import ConfigError, TrainingError
from iabench.training.loss import cross_entropy
from iabench.training.prepare import prepare
from iabench.training.progress import recall
from iabench.training.train import train
from iabench.training.trainer import check_finite
from tests.tiny import tiny_model
from tests.training.lessons import (
    Lines,
    StopError,
    Stopping,
    facts_file,
    resolved,
    same,
    tuned,
    weights,
)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return facts_file(tmp_path_factory.mktemp("facts") / "facts.jsonl")


def _run(folder: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    return held


def test_what_comes_out_is_an_ordinary_folder(
    tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    watch = Lines()
    out = train(resolved("seat", tiny_folder, facts), tmp_path / "t", watch=watch)
    run = _run(out)
    assert (run["status"], run["steps"], run["facts"], run["examples"]) == ("complete", 6, 8, 8)
    assert (run["unperturbed"], run["world_size"]) == (0, 1)
    size = sum(weight.numel() for weight in weights(tiny_folder).values())
    assert run["parameters"] == size, "the base alone, without deltas"
    assert run["trainable"] == pytest.approx(0.1 * size, rel=0.02)
    assert run["asked"]["alpha"] == 1.0
    assert not (out / "checkpoints").exists()
    assert "tuned by `seat`" in (out / "README.md").read_text()
    tuned_model = AutoModelForCausalLM.from_pretrained(out)
    assert all(torch.isfinite(p).all() for p in tuned_model.parameters())
    assert any("perturbed questions" in line for line in watch.said)

    again = Lines()
    before = (out / "training.json").stat().st_mtime_ns
    assert train(resolved("seat", tiny_folder, facts), out, watch=again) == out
    assert again.said == [f"finished  {out}: nothing is left to train"]
    assert (out / "training.json").stat().st_mtime_ns == before


@pytest.mark.parametrize("method", ["seat", "entity-kl", "lora", "ewc"])
def test_what_was_torn_off_goes_on_to_the_same_weights(
    method: str, tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    spec = resolved(method, tiny_folder, facts, checkpoint_every=2, weight_decay=0.1)
    whole = tuned(spec, tmp_path / "whole")
    torn = tmp_path / "torn"
    with pytest.raises(StopError):
        train(spec, torn, watch=Stopping(5))
    assert _run(torn)["status"] == "failed"
    assert (torn / "checkpoints" / "checkpoint-4").is_dir()
    # A later one that was torn in the middle of writing.
    (torn / "checkpoints" / "checkpoint-5").mkdir()
    assert same(tuned(spec, torn), whole)
    assert _run(torn)["status"] == "complete"
    assert not same(whole, weights(tiny_folder))


_CHILD = """
import sys
from pathlib import Path
from tests.tiny import tiny_model
from tests.training.lessons import resolved
from iabench.training.train import train

model, facts, out = map(Path, sys.argv[1:])
train(resolved("seat", model, facts, checkpoint_every=10, epochs=25, copies=2), out)
"""


def test_what_was_killed_goes_on_to_the_same_weights(
    tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "killed"
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tiny_folder), str(facts), str(out)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 120
    while not list(out.glob("checkpoints/checkpoint-*/trainer_state.json")):
        assert child.poll() is None, child.communicate()[1].decode()[-2000:]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert _run(out)["status"] == "started"
    spec = resolved("seat", tiny_folder, facts, checkpoint_every=10, epochs=25, copies=2)
    assert same(tuned(spec, out), tuned(spec, tmp_path / "whole"))


def test_fresh_begins_anew_and_keeps_what_was(
    tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "t"
    first = tuned(resolved("full", tiny_folder, facts, max_steps=1), out)
    other = resolved("full", tiny_folder, facts, max_steps=1, seed=1)
    with pytest.raises(TrainingError, match="another training: seed 0 there, 1 now"):
        train(other, out)
    train(other, out, fresh=True)
    assert _run(out)["asked"]["seed"] == 1
    assert same(weights(tmp_path / "t-old1"), first)
    assert not same(weights(out), first)


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_checkpoint(
    tiny_folder: Path, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "t"
    losses: list[Any] = []

    def spoilt(logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        losses.append(cross_entropy(logits, tokens))
        return torch.mul(losses[-1], float("nan") if len(losses) == 3 else 1.0)

    monkeypatch.setattr("iabench.training.trainer.cross_entropy", spoilt)
    spec = resolved("full", tiny_folder, facts, checkpoint_every=1)
    with pytest.raises(TrainingError, match=r"at step 3; the last good checkpoint"):
        train(spec, out)
    assert _run(out)["status"] == "failed"
    kept = sorted(p.name for p in (out / "checkpoints").iterdir())
    # The weights of the second step are those that gave it.
    assert kept == ["checkpoint-1"]
    good = weights(out / "checkpoints" / "checkpoint-1")
    assert all(torch.isfinite(one).all() for one in good.values())


def test_weights_that_are_no_number_are_no_result() -> None:
    model = tiny_model()
    check_finite(model, 4)
    model.lm_head.weight.data[0, 0] = float("inf")
    with pytest.raises(TrainingError, match="lm_head.weight is no number at step 4"):
        check_finite(model, 4)


def test_a_training_stops_once_enough_is_said(
    tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    watch = Lines()
    spec = resolved("full", tiny_folder, facts, epochs=60, stop_at_recall=0.9, learning_rate=5e-3)
    out = train(spec, tmp_path / "t", watch=watch)
    assert _run(out)["steps"] < 120
    said = [line for line in watch.said if line.startswith("recall")]
    assert float(said[-1].split()[1]) >= 0.9
    assert all(float(line.split()[1]) < 0.9 for line in said[:-1])
    learned = prepare(resolved("full", out, facts), unknowns=lambda n: [])
    assert recall(learned) >= 0.9


def test_a_folder_of_other_things_is_left_alone(
    tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match="folder of other things"):
        train(resolved("full", tiny_folder, facts), facts.parent)


def test_two_starts_of_one_training_do_not_meet(
    tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    from iabench.errors import IabenchError
    from iabench.runs.store import locked

    out = tmp_path / "t"
    out.mkdir()
    with locked(out), pytest.raises(IabenchError):
        train(resolved("full", tiny_folder, facts, max_steps=1), out)


def test_deltas_alone_are_the_whole_model_over_their_base(
    tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    from iabench.models.loading import load
    from iabench.records import RunSpec

    whole = train(resolved("sparse", tiny_folder, facts), tmp_path / "whole")
    delta = train(resolved("sparse", tiny_folder, facts, save="delta"), tmp_path / "delta")
    assert not (delta / "model.safetensors").exists()
    over = load(RunSpec(model=str(delta), device="cpu")).model.state_dict()
    assert all(torch.equal(over[name], value) for name, value in weights(whole).items())
    held, watch = weights(whole), Lines()
    asked = resolved("sparse", tiny_folder, facts, save="delta")
    assert train(asked, whole, watch=watch) == whole
    assert watch.said[-1] == f"delta     {whole / 'delta'}"
    assert same(weights(whole), held), "a finished training gets its delta beside it"
    beside = load(RunSpec(model=str(whole / "delta"), device="cpu")).model.state_dict()
    assert all(torch.equal(beside[name], value) for name, value in held.items())
    with pytest.raises(ConfigError, match="delta is for a sparse update alone, not for full"):
        resolved("full", tiny_folder, facts, save="delta")
