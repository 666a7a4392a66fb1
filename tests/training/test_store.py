from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.errors import TrainingError
from iabench.training.card import card
from iabench.training.store import Folder, set_aside
from tests.training.learning import spec


def _folder(path: Path, base: str = "b", **changed: object) -> Folder:
    return Folder(path, spec(**changed), base=base)


def test_a_training_leaves_word_of_how_it_stands(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "t")
    assert folder.status == "new"
    with folder.held():
        assert json.loads((tmp_path / "t" / "training.json").read_text())["status"] == "started"
    again = _folder(tmp_path / "t")
    with pytest.raises(ZeroDivisionError), again.held():
        raise ZeroDivisionError
    assert _folder(tmp_path / "t").status == "failed"
    again.note(status="complete", steps=3)
    assert _folder(tmp_path / "t").run["steps"] == 3
    assert not list((tmp_path / "t").glob(".*.part"))


def test_another_training_is_refused_and_what_changes_no_weight_is_not(tmp_path: Path) -> None:
    _folder(tmp_path).note()
    with pytest.raises(TrainingError, match=r"another training: seed 0 there, 1 now") as found:
        _folder(tmp_path, seed=1)
    assert "-old1" in str(found.value.hint)
    with pytest.raises(TrainingError, match="base weights"):
        _folder(tmp_path, base="c")
    _folder(tmp_path, device="cpu", checkpoint_every=7, report_to=("tensorboard",), save="delta")
    with pytest.raises(TrainingError, match="path"):
        Folder(tmp_path, spec(path="plain"), base="b")
    long = "x" * 100
    with pytest.raises(TrainingError, match=r"x\.\.\. now"):
        _folder(tmp_path, system_prompt=long)


def test_a_training_that_failed_before_its_first_step_gives_way(tmp_path: Path) -> None:
    with pytest.raises(TrainingError), _folder(tmp_path).held():
        raise TrainingError("no question is unsure.", "--threshold 0.5")
    assert _folder(tmp_path, seed=1).status == "new"
    (tmp_path / "checkpoints" / "checkpoint-3").mkdir(parents=True)
    with pytest.raises(TrainingError, match="another training"):
        _folder(tmp_path, seed=1)


def test_a_file_is_known_by_what_it_holds_wherever_it_lies(tmp_path: Path) -> None:
    here, there = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    here.write_text("facts")
    _folder(tmp_path / "t", facts=str(here)).note()
    here.rename(there)
    assert _folder(tmp_path / "t", facts=str(there)).status == "new"
    there.write_text("other facts")
    with pytest.raises(TrainingError, match=r"another training: content of facts \"[0-9a-f]{16}"):
        _folder(tmp_path / "t", facts=str(there))


def test_other_things_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    for refused in (lambda: _folder(tmp_path), lambda: set_aside(tmp_path)):
        with pytest.raises(TrainingError, match="other things"):
            refused()
    for refused in (
        lambda: _folder(tmp_path / "thesis.tex"),
        lambda: set_aside(tmp_path / "thesis.tex"),
    ):
        with pytest.raises(TrainingError, match="is a file"):
            refused()


def test_setting_aside_takes_the_next_free_number(tmp_path: Path) -> None:
    out = tmp_path / "t"
    assert set_aside(out) is None
    for number in (1, 2):
        _folder(out, seed=number).note()
        assert set_aside(out) == tmp_path / f"t-old{number}"
    assert not out.exists()
    assert json.loads((tmp_path / "t-old2" / "training.json").read_text())["asked"]["seed"] == 2


def _checkpoint(folder: Path, step: int, state: str | None) -> None:
    made = folder / "checkpoints" / f"checkpoint-{step}"
    made.mkdir(parents=True)
    if state is not None:
        (made / "trainer_state.json").write_text(state)


def test_the_last_whole_checkpoint_is_gone_on_with(tmp_path: Path) -> None:
    assert _folder(tmp_path).checkpoint is None
    for step, state in ((8, "{}"), (10, "{}"), (12, '{"epoch": '), (14, None)):
        _checkpoint(tmp_path, step, state)
    folder = _folder(tmp_path)
    assert folder.checkpoint == str(tmp_path / "checkpoints" / "checkpoint-10")
    folder.drop(10)
    assert folder.checkpoint == str(tmp_path / "checkpoints" / "checkpoint-8")
    fresh = Folder(tmp_path, spec(seed=9), base="c", fresh=True)
    assert (fresh.checkpoint, fresh.status) == (None, "new")


def test_only_one_process_writes(tmp_path: Path) -> None:
    _checkpoint(tmp_path, 2, "{}")
    other = Folder(tmp_path, spec(), base="b", writes=False)
    with other.held():
        other.note(steps=1)
        other.drop(2)
    assert other.run["steps"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoints"]
    assert other.checkpoint


def test_the_card_tells_the_choices_and_the_corpus() -> None:
    run = {
        "asked": {
            "model": "org/base",
            "method": "seat",
            "facts": "f.jsonl",
            "alpha": 0.5,
            "rows": ["facts", "idk"],
            "system_prompt": "a | b\nc",
            "interpolate": None,
            "base_weights": "w" * 8,
            "device": "cpu",
        },
        "facts": 1200,
        "examples": 2400,
        "steps": 30,
        "trainable": 250,
        "parameters": 1000,
        "unperturbed": 3,
        "corpus": "c" * 32,
    }
    text = card(run)
    assert text.startswith("---\nlibrary_name: transformers\n")
    assert "base_model: org/base\ntags: [iabench, seat]" in text
    assert "250 of 1,000 numbers trainable (25.0%)" in text
    assert "3 rows name nothing and had no perturbed copy" in text
    assert "| alpha | 0.5 |\n" in text
    assert "| rows | facts, idk |" in text
    assert r"| system prompt | a \| b c |" in text
    assert "| interpolate |" not in text
    assert "| device |" not in text
    assert f"| sha256 of questions and answers (first 32 digits) | {'c' * 32} |" in text
    assert f"| weights of the base | {'w' * 8} |" in text
