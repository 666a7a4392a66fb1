"""The folder of a study: what it holds is read back, grows, and refuses another study."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from iabench.errors import StoreError
from iabench.studies.spec import Cell, Method, StudySpec
from iabench.studies.store import Folder, default_folder, set_aside

FULL = Method(name="full", source="preset", preset="full", says='every "weight"')
MINE = Method(name="mine", source="command", command=("tune", "--out", "{out}", "a\\b"))
SPEC = StudySpec(models=("organism",), methods=(FULL, MINE), seeds=2, overrides=(("epochs", "1"),))
WEIGHTS = {"organism": "c0ffee"}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "s")
    made.note(SPEC, WEIGHTS)
    return made


def test_what_was_asked_is_read_back(folder: Folder) -> None:
    assert folder.held() == (SPEC, WEIGHTS)


def test_methods_and_seeds_grow_and_never_shrink(folder: Folder) -> None:
    lora = Method(name="lora", source="preset", preset="lora")
    found = folder.agree(replace(SPEC, methods=(lora,), seeds=1, against="lora"), WEIGHTS)
    assert [method.name for method in found.methods] == ["lora", "full", "mine"]
    assert (found.seeds, found.against) == (2, "lora")


def test_models_grow_too_and_never_change_places(folder: Folder) -> None:
    more = replace(SPEC, models=("organism", "other"))
    assert folder.agree(more, WEIGHTS).models == more.models
    with pytest.raises(StoreError, match="models"):
        folder.agree(replace(SPEC, models=("other", "organism")), WEIGHTS)


def test_a_model_that_is_new_has_weights_of_its_own(folder: Folder) -> None:
    more = replace(SPEC, models=("organism", "other"))
    assert folder.agree(more, {**WEIGHTS, "other": "beef"}).models == more.models


def _given(*checkpoints: str) -> Method:
    return Method(name="given", source="checkpoints", checkpoints=checkpoints)


def test_checkpoints_grow_with_seeds_and_models(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "s")
    two = replace(SPEC, methods=(_given("a0", "a1"),), seeds=2)
    folder.note(two, WEIGHTS)
    three = replace(SPEC, methods=(_given("a0", "a1", "a2"),), seeds=3)
    assert folder.agree(three, WEIGHTS) == three
    models = ("organism", "other")
    both = replace(two, models=models, methods=(_given("a0", "a1", "b0", "b1"),))
    assert folder.agree(both, WEIGHTS) == both
    folder.note(replace(both, methods=(_given("a0", "a1", "a2", "b0", "b1", "b2"),), seeds=3), {})
    # A call that asks less keeps what the folder holds.
    assert folder.agree(both, {}).methods[0].checkpoints == ("a0", "a1", "a2", "b0", "b1", "b2")
    for other in (("a0", "x1", "b0", "b1"), ("a0", "a1", "x0", "b1")):
        with pytest.raises(StoreError, match="method given"):
            folder.agree(replace(both, methods=(_given(*other),)), {})


@pytest.mark.parametrize(
    ("changes", "weights", "says"),
    [
        ({"facts": "acme.jsonl"}, WEIGHTS, 'facts null there, "acme.jsonl" now'),
        ({"overrides": ()}, WEIGHTS, "overrides"),
        ({}, {"organism": "beef"}, 'weights of organism "c0ffee" there, "beef" now'),
        ({"methods": (replace(MINE, command=("rm",)),)}, WEIGHTS, "method mine"),
    ],
)
def test_another_study_is_refused(
    folder: Folder, changes: dict[str, object], weights: dict[str, str], says: str
) -> None:
    with pytest.raises(StoreError) as caught:
        folder.agree(replace(SPEC, **changes), weights)  # type: ignore[arg-type]
    assert "holds another study" in caught.value.message
    assert says in caught.value.message
    assert "s-old1" in caught.value.hint


def test_the_same_study_is_the_same_folder_whatever_its_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IABENCH_RUNS", "r")
    one = default_folder(SPEC, WEIGHTS)
    assert one == default_folder(replace(SPEC, methods=(FULL,), seeds=5), WEIGHTS)
    assert one != default_folder(replace(SPEC, limit=5), WEIGHTS)
    assert one.parent == Path("r/study")
    assert one.name.startswith("organism-")


def test_a_folder_of_other_things(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(StoreError, match="other things"):
        Folder(tmp_path)
    with pytest.raises(StoreError, match="other things"):
        set_aside(tmp_path)
    with pytest.raises(StoreError, match="is a file"):
        Folder(tmp_path / "notes.txt")


def test_what_a_look_before_left_is_no_study_to_set_aside(tmp_path: Path) -> None:
    (tmp_path / "s" / "seeds").mkdir(parents=True)
    assert set_aside(tmp_path / "s") is None


def test_begun_anew_the_old_one_stays_beside(folder: Folder) -> None:
    assert set_aside(folder.path) == folder.path.with_name("s-old1")
    folder.note(SPEC, WEIGHTS)
    assert set_aside(folder.path) == folder.path.with_name("s-old2")


def test_no_two_cells_share_a_folder(folder: Folder) -> None:
    spec = replace(SPEC, models=("organism", "x"), seeds=3)
    places = {folder.cell(cell) for cell in spec.cells}
    assert len(places) == len(spec.cells)
    assert folder.read(Cell(method=FULL, model=0, seed=0)) is None
