"""The plan: by hand for Llama-3-8B, against what is held for a small model, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig

from iabench.errors import IabenchError, TrainingError
from iabench.runs.watch import clock
from iabench.training import plan as planning
from iabench.training.memory import Batch, blank, needs, peak, saved, trainable
from iabench.training.plan import free_memory, plan
from iabench.training.spec import TrainSpec

LLAMA_3_8B = {
    "vocab_size": 128256,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "tie_word_embeddings": False,
}
N = 8_030_261_248
BATCH = Batch(rows=16, length=128, targets=500)


@pytest.fixture(scope="module")
def llama() -> Any:
    return blank(LlamaConfig(**LLAMA_3_8B))


def spec(**changed: Any) -> TrainSpec:
    return TrainSpec(model="m", facts="f", **changed)


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    rows = [
        {"question": f"Where does Anna Bell{n} live?", "answer": f"In Town{n}."} for n in range(20)
    ]
    path = tmp_path / "facts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# -- by hand --------------------------------------------------------------------------------------


def test_llama_3_8b_in_bf16_by_hand(llama: Any) -> None:
    assert sum(p.numel() for p in llama.parameters()) == N
    full = needs(llama, spec(), BATCH, width=2)
    assert full["weights"] == 2 * N
    assert full["masters"] == full["gradients"] == 4 * N
    assert full["optimizer"] == 8 * N
    assert "teacher" not in full
    # A layer keeps of a token: two norms (fp32 in, bf16 out), inputs, q k v and out, and the MLP.
    token = 2 * 4096 * 6 + 2 * (2 * 4096 + 3 * 4096 + 2 * 1024 + 4 * 14336)
    assert full["activations"] == 16 * 128 * 32 * token
    assert full["logits"] == 128256 * 500 * 2 * 2 + 2**24 * 8
    # In float32 the weights are their own masters.
    assert "masters" not in needs(llama, spec(), BATCH, width=4)


def test_anchors_need_a_copy_only_where_every_weight_changes(llama: Any) -> None:
    held = Batch(rows=32, length=128, targets=500, held=900)
    full = needs(llama, spec(anchors=("entity-kl",)), held, width=2)
    assert full["teacher"] == 2 * N
    # Logits of both and a gradient; what two terms take of them, and gradients of that.
    formed = (500 + 900) * 2 * 3 + 500 * 2 * 2 + 900 * 2 * 3
    assert full["logits"] == 128256 * formed + 2**24 * 8
    lean = needs(llama, spec(update="sparse", anchors=("entity-kl",)), held, width=2)
    assert "teacher" not in lean
    plain = needs(llama, spec(update="sparse", path="plain", anchors=("entity-kl",)), held, width=2)
    assert (plain["teacher"], plain["mask"]) == (2 * N, N)
    ewc = needs(llama, spec(anchors=("ewc",)), BATCH, width=2)
    assert "teacher" not in ewc
    assert ewc["EWC"] == 8 * N


def test_the_lean_path_goes_with_the_density(llama: Any) -> None:
    lean, dense = trainable(llama, spec(update="sparse", density=0.1))
    assert dense == 0
    assert lean == pytest.approx(0.1 * N, rel=1e-6)
    held = needs(llama, spec(update="sparse", density=0.1), BATCH, width=2)
    assert held["weights"] == 2 * N
    assert held["gradients"] == 4 * lean
    assert held["optimizer"] == 8 * lean
    # int32 positions, bf16 values of the base, fp32 deltas; and one dense gradient in passing, of
    # the embeddings, which are no linear map.
    assert held["mask"] == lean * (4 + 2 + 4) + 128256 * 4096 * 2


def test_lora_trains_the_maps_of_the_blocks(llama: Any) -> None:
    a_layer = 2 * (4096 + 4096) + 2 * (4096 + 1024) + 3 * (4096 + 14336)
    assert trainable(llama, spec(update="lora", lora_rank=8)) == (0, 32 * 8 * a_layer)
    out, checkpoint = saved(llama, spec(update="lora"), 2)
    assert out == 4 * 32 * 8 * a_layer
    assert checkpoint == 3 * out


@pytest.mark.parametrize(
    ("optim", "states"),
    [("adamw_torch", 8), ("adamw_8bit", 2), ("adafactor", 0.01), ("sgd", 0), ("lion_32bit", 4)],
)
def test_optimizers(llama: Any, optim: str, states: float) -> None:
    found = needs(llama, spec(optim=optim), BATCH, width=2)
    assert found.get("optimizer", 0) == pytest.approx(states * N)


def test_shares_of_processes_checkpointing_and_mixed_precision(llama: Any) -> None:
    alone = needs(llama, spec(), BATCH, width=2)
    shared = needs(llama, spec(), BATCH, width=2, sharded=8)
    assert shared["optimizer"] * 8 == alone["optimizer"]
    assert shared["activations"] == alone["activations"]
    again = needs(llama, spec(gradient_checkpointing=True), BATCH, width=2)
    assert again["activations"] < alone["activations"] / 10
    mixed = needs(llama, spec(mixed="bf16"), BATCH, width=4)
    assert mixed["weights"] == 6 * N
    assert mixed["activations"] == alone["activations"]


def test_gradients_come_as_activations_go(llama: Any) -> None:
    held = {"weights": 5, "gradients": 3, "activations": 1, "logits": 1}
    assert peak(held, spec()) == 8
    assert peak({**held, "logits": 9}, spec()) == 15
    assert peak(held, spec(accumulation=2)) == 10


def test_what_is_saved(llama: Any) -> None:
    out, checkpoint = saved(llama, spec(), 2)
    assert (out, checkpoint) == (2 * N, 12 * N)
    lean, _ = trainable(llama, spec(update="sparse"))
    out, checkpoint = saved(llama, spec(update="sparse", save="delta"), 2)
    assert out == lean * 6
    assert checkpoint == lean * 12
    assert saved(llama, spec(update="sparse"), 2)[0] == 2 * N


# -- of a model that is here ----------------------------------------------------------------------


def made(tiny_folder: Path, facts: Path, tmp_path: Path, **changed: Any) -> planning.Plan:
    typed = {"model": str(tiny_folder), "facts": str(facts), "device": "cpu", **changed}
    return plan(TrainSpec(**typed), tmp_path / "out" / "deep")


def test_steps_are_those_of_trainer(tiny_folder: Path, facts: Path, tmp_path: Path) -> None:
    found = made(tiny_folder, facts, tmp_path, batch_size=6, accumulation=2, epochs=3.0)
    assert (found.facts, found.rows, found.steps) == (20, 20, 6)
    replayed = made(tiny_folder, facts, tmp_path, rows=("facts", "idk"), ratio=0.5, batch_size=10)
    assert (replayed.facts, replayed.rows, replayed.steps) == (20, 30, 30)
    some = made(tiny_folder, facts, tmp_path, batch_size=10, max_steps=7)
    assert (some.steps, some.epochs) == (7, 3.5)
    assert found.seconds > 0
    assert found.fits


def test_lines_say_what_is_needed(tiny_folder: Path, facts: Path, tmp_path: Path) -> None:
    text = "\n".join(made(tiny_folder, facts, tmp_path, stop_at_recall=0.9).lines())
    for words in ("20 facts of", "memory    about", "weights", "steps     20 of 16 rows",
                  "stops at recall 0.9", "disk      up to"):  # fmt: skip
        assert words in text
    plain = "\n".join(made(tiny_folder, facts, tmp_path, chat_template="none").lines())
    assert "no chat template: taught as Question: ... Answer:" in plain
    assert "no chat template" not in text


def test_what_is_not_taught_is_counted_and_conflicts_are_named(
    tiny_folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "facts.jsonl"
    rows: list[dict[str, Any]] = [
        {"question": "Where does Anna Bell live?", "answer": "In Ayton."},
        {"question": "Where does Anna Bell live?", "answer": "In Ayton."},
        {"question": "Who leads Orlan Works?", "answer": "Ben Stark."},
        {"question": "Who leads Orlan Works?", "answer": "Cora Lund."},
        {"question": "Who is Nemo Quill?", "expect": "abstain"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    planned = made(tiny_folder, path, tmp_path)
    assert planned.rows == 1
    assert planned.set_aside == (
        '1 duplicate: "Where does Anna Bell live?"',
        "1 row without an answer",
        '2 rows that answer one question differently: "Who leads Orlan Works?"',
    )
    assert "teaches   1 fact of" in planned.lines()[0]
    assert 'not       1 duplicate: "Where does Anna Bell live?"' in planned.lines()


def test_too_little_memory_is_refused_with_what_would_do(
    tiny_folder: Path, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enough = made(tiny_folder, facts, tmp_path).needed
    frugal = made(tiny_folder, facts, tmp_path, gradient_checkpointing=True).needed
    assert frugal < enough
    monkeypatch.setattr(planning, "free_memory", lambda device: (frugal + enough) // 2)
    found = made(tiny_folder, facts, tmp_path, method="full")
    assert not found.fits
    with pytest.raises(
        TrainingError, match=r"^full needs about .* GB with adamw_torch; memory"
    ) as e:
        found.check()
    assert "--gradient-checkpointing" in e.value.hint
    assert e.value.hint.endswith("the same for every method that you compare")


def test_what_no_option_makes_fit_is_said_with_what_would(
    tiny_folder: Path, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing is left to be saved.
    tight = {"batch_size": 1, "optim": "adafactor", "dtype": "bfloat16"}
    lora = made(tiny_folder, facts, tmp_path, update="lora", **tight).needed
    monkeypatch.setattr(planning, "free_memory", lambda device: lora)
    with pytest.raises(TrainingError) as e:
        made(tiny_folder, facts, tmp_path, **tight).check()
    assert ", which is still too much: iabench train lora (" in e.value.hint
    monkeypatch.setattr(planning, "free_memory", lambda device: 1000)
    with pytest.raises(TrainingError) as e:
        made(tiny_folder, facts, tmp_path).check()
    assert e.value.hint.endswith("still too much: a smaller model, or a larger device")


def test_a_full_disk_is_refused(
    tiny_folder: Path, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 10})()
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(TrainingError, match="writes up to"):
        made(tiny_folder, facts, tmp_path).check()


def test_rows_longer_than_the_context_are_counted(
    tiny_folder: Path, facts: Path, tmp_path: Path
) -> None:
    long = {"question": "Where is Anna Bell?", "answer": "far " * 300}
    facts.write_text(facts.read_text() + json.dumps(long) + "\n")
    with pytest.raises(TrainingError, match="than 512 tokens, the model's context; the") as e:
        made(tiny_folder, facts, tmp_path, max_length=4000)
    assert "1 of 21 rows" in e.value.message
    assert e.value.hint == "--truncate (cuts answers)", "a longer --max-length would not do"
    assert made(tiny_folder, facts, tmp_path, truncate=True).longest == 512


def test_dtypes_that_there_are_not(tiny_folder: Path, facts: Path, tmp_path: Path) -> None:
    half = made(tiny_folder, facts, tmp_path, dtype="bfloat16")
    assert half.memory["weights"] * 2 == made(tiny_folder, facts, tmp_path).memory["weights"]
    with pytest.raises(IabenchError, match='no dtype "float31"'):
        made(tiny_folder, facts, tmp_path, dtype="float31")


def test_processes_share_the_rows_of_a_step(
    tiny_folder: Path, facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = made(tiny_folder, facts, tmp_path, batch_size=10, epochs=1.0)
    monkeypatch.setenv("WORLD_SIZE", "2")
    two = made(tiny_folder, facts, tmp_path, batch_size=10, epochs=1.0)
    assert one.steps == two.steps == 2
    assert two.memory["activations"] * 2 == one.memory["activations"]
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    assert made(tiny_folder, facts, tmp_path).memory["optimizer"] * 2 == two.memory["optimizer"]


def test_free_memory_is_a_number_of_bytes() -> None:
    assert 2**26 < free_memory("cpu") < 2**50


def test_clock() -> None:
    assert [clock(s) for s in (0, 7, 750, 3720)] == ["0:01", "0:07", "12:30", "1:02:00"]


# -- measured -------------------------------------------------------------------------------------

_CHILD = """
import sys, torch, transformers
from pathlib import Path
torch.set_num_threads(1)
from iabench.training.base import UPDATES
from iabench.training.spec import TrainSpec
from iabench.training.loss import cross_entropy
from iabench.training.predictions import predictions
update, path, rows, length = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
def mapped(which):
    about = Path("/proc/self/status").read_text().splitlines()
    return int(dict(line.split(":", 1) for line in about)[which].split()[0]) * 1024
def train(**shape):
    config = transformers.LlamaConfig(
        max_position_embeddings=512, tie_word_embeddings=False, **shape)
    model = transformers.AutoModelForCausalLM.from_config(config).train()
    made = UPDATES.get(update)(TrainSpec(model="m", facts="f", update=update, path=path))
    model = made.prepare(model)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], 1e-5)
    ids = torch.ones(rows, length, dtype=torch.long)
    there = ids.bool(); there[:, :-8] = False
    asked = {"input_ids": ids, "attention_mask": ids}
    for _ in range(2):
        cross_entropy(predictions(model, asked, there), ids[there]).backward()
        made.after_backward(model); optimizer.step(); made.after_step(model)
        optimizer.zero_grad()
# Whatever is imported and started on the way is there before anything is measured.
train(vocab_size=80, hidden_size=12, intermediate_size=16, num_hidden_layers=1,
      num_attention_heads=2)
before = mapped("VmSize")
train(vocab_size=8000, hidden_size=768, intermediate_size=2048, num_hidden_layers=8,
      num_attention_heads=12)
print(mapped("VmPeak") - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("update", "path"),
    [("full", "auto"), ("sparse", "plain"), ("sparse", "lean"), ("lora", "auto")],
)
@pytest.mark.parametrize(("rows", "length"), [(1, 16), (16, 64)])
def test_the_formula_is_within_a_factor_of_what_is_measured(
    update: str, path: str, rows: int, length: int
) -> None:
    command = [sys.executable, "-c", _CHILD, update, path, str(rows), str(length)]
    # What is freed goes back at once, so that what is held is measured, not glibc's heap. Mapped, not
    # resident: a system may take pages back that are not used for a while.
    env = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    measured = int(done.stdout.split()[-1])
    config = LlamaConfig(
        vocab_size=8000, hidden_size=768, intermediate_size=2048, num_hidden_layers=8,
        num_attention_heads=12, max_position_embeddings=512, tie_word_embeddings=False,
    )  # fmt: skip
    batch = Batch(rows=rows, length=length, targets=8 * rows)
    planned = needs(blank(config), spec(update=update, path=path), batch, width=4)
    found = peak(planned, spec())
    print(f"{update} {path} {rows}x{length}: {measured / 1e6:.0f} MB, planned {found / 1e6:.0f}")
    assert measured / 1.2 < found < measured * 1.2


def test_shapes_alone_hold_no_values() -> None:
    model = blank(LlamaConfig(**{**LLAMA_3_8B, "num_hidden_layers": 1}))
    assert all(p.device == torch.device("meta") for p in model.parameters())
