from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from iabench.errors import ModelError, TrainingError
from iabench.models.deltas import SETTINGS, gaps, positions
from iabench.models.loading import load
from iabench.models.locate import locate
from iabench.records import RunSpec
from iabench.training.deltas import delta_state, load_delta_state, save_delta
from iabench.training.updates.sparse import Sparse
from tests.tiny import tiny_model, tiny_tokenizer
from tests.training.learning import furthest, spec, trainer


@pytest.fixture(scope="module", params=["lean", "plain"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base, its delta, and the tuned model that was saved whole."""
    folder = tmp_path_factory.mktemp("saved")
    tiny_model().save_pretrained(folder / "base")
    tiny_tokenizer().save_pretrained(folder / "base")
    asked = RunSpec(model=str(folder / "base"), device="cpu")
    given = spec(path=request.param, max_steps=4)
    update = Sparse(given)
    loop = trainer(load(asked).model, given, update)
    loop.train()
    model: Any = loop.model
    weights = locate(asked).weights
    save_delta(folder / "delta", update, model, given, base=asked.model, base_weights=weights)
    update.finish(model).save_pretrained(folder / "whole")  # type: ignore[operator]
    tiny_tokenizer().save_pretrained(folder / "whole")
    return folder


def test_base_and_delta_are_the_saved_model_bit_for_bit(saved: Path) -> None:
    whole = load(RunSpec(model=str(saved / "whole"), device="cpu")).model
    base = load(RunSpec(model=str(saved / "base"), device="cpu")).model
    by_itself = load(RunSpec(model=str(saved / "delta"), device="cpu"))
    asked = RunSpec(model=str(saved / "base"), adapter=str(saved / "delta"), device="cpu")
    assert furthest(whole, base) > 1e-3
    for other in (by_itself.model, load(asked).model):
        assert furthest(whole, other) == 0
    assert by_itself.spec.adapter_weights
    assert by_itself.spec.adapter_weights != by_itself.spec.weights


def test_a_delta_is_a_fraction_of_its_model(saved: Path) -> None:
    size = {
        name: sum(p.stat().st_size for p in (saved / name).glob("*.safetensors"))
        for name in ("delta", "whole")
    }
    # At density .2: four bytes and a gap for a fifth of the values.
    assert size["delta"] < 0.35 * size["whole"]
    said = json.loads((saved / "delta" / SETTINGS).read_text())
    assert said["mask"] == {"rule": "random", "density": 0.2, "seed": 0, "scope": "all"}


def test_a_delta_on_another_base_is_refused(saved: Path, tmp_path: Path) -> None:
    tiny_model(seed=1).save_pretrained(tmp_path / "other")
    tiny_tokenizer().save_pretrained(tmp_path / "other")
    with pytest.raises(ModelError, match="other weights"):
        load(RunSpec(model=str(tmp_path / "other"), adapter=str(saved / "delta"), device="cpu"))
    with pytest.raises(ModelError, match="as they are"):
        locate(RunSpec(model=str(saved / "delta"), quantize="4bit"))


def _copy(saved: Path, to: Path, **changed: Any) -> RunSpec:
    to.mkdir()
    said = json.loads((saved / "delta" / SETTINGS).read_text())
    (to / SETTINGS).write_text(json.dumps(said | changed))
    weights = saved / "delta" / "iabench_delta.safetensors"
    (to / weights.name).write_bytes(weights.read_bytes())
    return RunSpec(model=str(to), device="cpu")


def test_a_delta_that_cannot_be_read_is_refused(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="format 9"):
        load(_copy(saved, tmp_path / "new", format=9))
    tiny_model("gpt2").save_pretrained(tmp_path / "gpt2")
    tiny_tokenizer().save_pretrained(tmp_path / "gpt2")
    gpt2 = RunSpec(model=str(tmp_path / "gpt2"), device="cpu")
    asked = _copy(
        saved, tmp_path / "odd",
        base_model_name_or_path=gpt2.model, base_weights=locate(gpt2).weights,
    )  # fmt: skip
    with pytest.raises(ModelError, match="does not fit"):
        load(asked)
    (tmp_path / "odd" / "iabench_delta.safetensors").unlink()
    with pytest.raises(ModelError, match="has no iabench_delta"):
        locate(asked)


@pytest.mark.parametrize(
    "at", [[0], [254], [255], [256, 257], [0, 255, 510, 511], [7, 800, 100_000, 100_001], []]
)
def test_gaps_stand_for_positions(at: list[int]) -> None:
    coded = gaps(torch.tensor(at, dtype=torch.int32))
    assert coded.dtype == torch.uint8
    assert positions(coded).tolist() == at


def test_a_checkpoint_holds_the_deltas_and_the_model_goes_on_from_them() -> None:
    given = spec(path="lean", max_steps=4)
    loop = trainer(tiny_model(), given)
    loop.train()
    state = delta_state(loop.model)
    held = sum(values.numel() for values in state.values())
    assert held == pytest.approx(0.2 * sum(p.numel() for p in tiny_model().parameters()), rel=0.01)
    update = Sparse(given)
    again: Any = update.prepare(tiny_model())
    load_delta_state(again, state)
    ours = update.finish(again)
    assert furthest(ours, loop._update.finish(loop.model)) == 0
    assert furthest(ours, tiny_model()) > 1e-3


def test_deltas_of_another_mask_are_refused() -> None:
    state = delta_state(Sparse(spec(path="lean")).prepare(tiny_model()))
    other = Sparse(spec(path="lean", density=0.3)).prepare(tiny_model())
    with pytest.raises(TrainingError, match="another mask"):
        load_delta_state(other, state)
    assert delta_state(tiny_model()) == {}
