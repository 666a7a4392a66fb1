from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iabench.errors import ConfigError, UnknownNameError
from iabench.training.base import PRESETS
from iabench.training.presets import preset
from iabench.training.recipe import TUNING, resolve

HERE = {"model": "m", "facts": "f"}
POINTS: dict[str, dict[str, Any]] = {
    "full": {},
    "lora": {"update": "lora", "lora_rank": 8, "learning_rate": 1e-4},
    "sparse": {"update": "sparse", "density": 0.1, "mask": "random"},
    "entity-kl": {"anchors": ("entity-kl",)},
    "entity-kl-own": {"anchors": ("entity-kl",), "anchor_answer": "own", "kl_positions": "answer"},
    "seat": {"update": "sparse", "anchors": ("entity-kl",)},
    "seat-own": {
        "update": "sparse",
        "anchors": ("entity-kl",),
        "anchor_answer": "own",
        "kl_positions": "answer",
    },
    "base-kl": {"anchors": ("base-kl",), "kl_positions": "prompt"},
    "ewc": {"anchors": ("ewc",), "ewc_lambda": 100.0},
    "replay": {"rows": ("facts", "abstentions"), "ratio": 1.0},
    "idk-sft": {"rows": ("facts", "idk")},
    "interpolate": {"after": "interpolate", "interpolate": None},
}


@pytest.mark.parametrize("name", POINTS)
def test_a_preset_is_its_point_on_the_axes(name: str) -> None:
    spec, notes = resolve(name, HERE)
    axes = {"rows": ("facts",), "target": "gold", "update": "full", "anchors": (), "after": "none"}
    for key, value in {**axes, **POINTS[name]}.items():
        assert getattr(spec, key) == value, key
    assert spec.method == name
    assert notes == (f"{name}: {preset(name).says} ({preset(name).source})",)
    assert PRESETS.get(name) == preset(name)


def test_seat_is_the_paper_as_far_as_it_is_known() -> None:
    spec, _ = resolve("seat", HERE)
    assert (spec.anchor_answer, spec.kl_positions, spec.direction) == ("dataset", "all", "forward")
    assert (spec.alpha, spec.copies, spec.weight_decay) == (1.0, 0, 0.0)


def test_what_is_typed_wins_over_the_checkpoint_and_that_over_the_preset(tmp_path: Path) -> None:
    (tmp_path / TUNING).write_text(
        '[lora]\nlearning_rate = 2e-3\nepochs = 3.0\nfrom = "validation names"\nsays = "x"\n'
    )
    spec, notes = resolve("lora", {**HERE, "epochs": 5.0}, folder=tmp_path)
    assert (spec.learning_rate, spec.epochs, spec.lora_rank) == (2e-3, 5.0, 8)
    assert "learning_rate 0.002" in notes[1]
    assert "validation names" in notes[1]
    published, notes = resolve("lora", {**HERE, "settings": "published"}, folder=tmp_path)
    assert published.learning_rate == 1e-4
    assert len(notes) == 1
    other, notes = resolve("full", HERE, folder=tmp_path)
    assert other.learning_rate == 1e-5
    assert len(notes) == 1


def test_a_checkpoint_may_carry_settings_for_a_row_of_a_study(tmp_path: Path) -> None:
    (tmp_path / TUNING).write_text("[lora]\nepochs = 3.0\n\n[lora-mine]\nepochs = 4.0\n")
    assert resolve("lora", HERE, folder=tmp_path, row="lora-mine")[0].epochs == 4.0
    assert resolve("lora", HERE, folder=tmp_path, row="lora-yours")[0].epochs == 3.0
    assert resolve("lora", HERE, folder=tmp_path)[0].epochs == 3.0


def test_a_slip_in_the_checkpoints_file_is_named(tmp_path: Path) -> None:
    (tmp_path / TUNING).write_text("[full]\nlearning_rat = 1.0\n")
    with pytest.raises(ConfigError, match=r'full has an unknown setting "learning_rat"'):
        resolve("full", HERE, folder=tmp_path)


def test_a_changed_axis_is_no_preset_any_more() -> None:
    assert resolve("seat", {**HERE, "density": 0.5})[0].method == "seat"
    assert resolve("seat", {**HERE, "update": "full"})[0].method == "custom"
    spec, notes = resolve(None, {**HERE, "anchors": ("ewc",)})
    assert (spec.method, notes) == ("custom", ())


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"density": 1.5}, "--density 1.5 is no share"),
        ({"density": 0.0}, "--density 0 means nothing"),
        ({"learning_rate": -1.0}, "--learning-rate -1 means nothing"),
        ({"batch_size": 0}, "--batch-size 0 means nothing"),
        ({"alpha": -1.0}, "--alpha -1 means nothing"),
        ({"lora_rank": 0}, "--lora-rank 0 means nothing"),
        ({"ratio": -0.5}, "--ratio -0.5 means nothing"),
        ({"interpolate": 1.2}, "--interpolate 1.2 is no share"),
        ({"learning_rate": float("nan")}, "--learning-rate nan is no number"),
        ({"epochs": float("inf")}, "--epochs inf is no number"),
        ({"lora_dropout": 2.0}, "--lora-dropout 2 means nothing"),
        ({"stop_at_recall": 2.0}, "--stop-at-recall 2 means nothing"),
        ({"warmup": -1.0}, "--warmup -1 means nothing"),
        ({"seed": -1}, "--seed -1 means nothing"),
        ({"betas": (2.0, 3.0)}, "--betas"),
        ({"schedule": "foo"}, 'no --schedule "foo"'),
        ({"optim": "foo"}, 'no --optim "foo"'),
        ({"after": "soup"}, 'nothing is done after tuning called "soup"'),
        ({"mask": "best"}, "mask"),
        ({"densty": 0.5}, "densty"),
        ({"anchors": ("entity-kl",), "anchor_answer": "own"}, "--anchor-answer own asks"),
    ],
)
def test_what_means_nothing_is_refused(typed: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        resolve("full", {**HERE, **typed})


@pytest.mark.parametrize(
    "typed",
    [
        {"rows": ("facts", "abstention")},
        {"target": "golt"},
        {"update": "lorra"},
        {"anchors": ("ew",)},
    ],
)
def test_a_choice_that_is_none_is_refused_with_the_nearest(typed: dict[str, Any]) -> None:
    with pytest.raises(UnknownNameError) as found:
        resolve("full", {**HERE, **typed})
    assert found.value.hint


def test_zero_is_a_weight() -> None:
    assert resolve("seat", {**HERE, "alpha": 0.0})[0].alpha == 0
    assert resolve("ewc", {**HERE, "ewc_lambda": 0.0})[0].ewc_lambda == 0
