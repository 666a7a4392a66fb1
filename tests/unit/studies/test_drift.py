"""What moved, on activations whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from iabench.studies.drift import moved, probe_aurocs

N, LAYERS, HIDDEN = 40, 3, 8
GROUPS = {name: [f"{name}/{i // 2}" for i in range(N)] for name in ("known_same", "unknown_same")}


def activations(apart: float, seed: int = 0) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(seed)
    known, unknown = (chance.normal(size=(N, LAYERS, HIDDEN)) for _ in range(2))
    known[:, 1:, 0] += apart
    return {"known_same": known.astype("f4"), "unknown_same": unknown.astype("f4")}


def test_nothing_moves_in_the_same_model() -> None:
    base = activations(3.0)
    for layer in moved(base, base, GROUPS)["layers"]:
        for one in layer["sets"].values():
            assert one["l2"] == one["centroid"] == one["projection"] == 0
            assert one["cosine"] == pytest.approx(0, abs=1e-6)


def test_a_shift_is_measured_by_its_length_and_its_direction() -> None:
    base = activations(4.0)
    now = {name: value.copy() for name, value in base.items()}
    now["unknown_same"][:, 2, 0] += 2.0
    still, shifted = (moved(base, now, GROUPS)["layers"][2]["sets"][n] for n in GROUPS)
    assert still["l2"] == 0
    assert shifted["l2"] == shifted["centroid"] == pytest.approx(2.0, abs=1e-3)
    norms = np.linalg.norm(base["unknown_same"][:, 2].astype(float), axis=1)
    assert shifted["relative"] == pytest.approx(2.0 / norms.mean(), abs=1e-3)
    # Towards what was known: the first coordinate is nearly all of the direction.
    assert 1.6 < shifted["projection"] <= 2.0


def test_a_probe_finds_what_is_there_and_nothing_where_nothing_is() -> None:
    base = activations(4.0)
    layers = moved(base, base, GROUPS)["layers"]
    assert layers[2]["probe"]["base"] > 0.95
    assert 0.25 < layers[0]["probe"]["base"] < 0.75


def test_the_bases_probe_misses_what_was_moved_away_and_a_new_one_finds_it() -> None:
    base = activations(4.0)
    now = {name: value.copy() for name, value in base.items()}
    for value in now.values():
        value[..., [0, 1]] = value[..., [1, 0]]
    one, other = ({name: v[:, 2].astype(float) for name, v in side.items()} for side in (base, now))
    found = probe_aurocs(one, other, GROUPS)
    assert (found["base"] or 0) > 0.95
    assert (found["own"] or 0) > 0.95
    assert (found["from_base"] or 0) < 0.8


def test_without_a_known_set_there_is_no_probe() -> None:
    base = {"unknown_same": activations(1.0)["unknown_same"]}
    found = moved(base, base, {"unknown_same": GROUPS["unknown_same"]})
    assert found["layers"][1]["probe"]["base"] is None
    assert len(found["plane"]["unknown_same"]) == N


def test_too_few_entities_for_the_folds_give_no_value() -> None:
    few = {name: value[:6].astype(float)[:, 1] for name, value in activations(4.0).items()}
    found = probe_aurocs(few, few, {name: groups[:6] for name, groups in GROUPS.items()})
    assert found == {"base": None, "from_base": None, "own": None}
