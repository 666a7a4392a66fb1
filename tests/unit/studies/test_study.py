"""A small study from beginning to end: cells of every kind, failures, a second start."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import ConfigError, IabenchError, StoreError
from iabench.organism.shipped import path as shipped
from iabench.runs.store import locked
from iabench.studies.assemble import write_table
from iabench.studies.drift import write_drift
from iabench.studies.spec import Cell, StudySpec, methods_of
from iabench.studies.study import Needs, Nobody, Study, open_study, run

COPY = "import shutil, sys; print('tuning'); shutil.copytree(sys.argv[1], sys.argv[2])"


class Heard(Nobody):
    """Remembers what it was told of cells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, str]] = []

    def cell(self, cell: Cell, state: str, says: str = "") -> None:
        if state != "begun":
            self.told.append((cell.method.name, cell.seed, state))


def spec_in(folder: Path) -> StudySpec:
    organism = json.dumps(str(shipped("organism")))
    python = json.dumps(sys.executable)
    own = {
        "given": f"checkpoints = [{organism}, {organism}]",
        "copied": f'command = [{python}, "-c", {json.dumps(COPY)}, {organism}, "{{out}}"]',
        "broken": f'command = [{python}, "-c", "print(7); raise SystemExit(3)", "{{out}}"]',
    }
    for name, text in own.items():
        (folder / f"{name}.toml").write_text(f'name = "{name}"\n{text}\n')
    files = [str(folder / f"{name}.toml") for name in own]
    return StudySpec(
        models=("organism",),
        methods=methods_of(["full", *files]),
        seeds=2,
        against="given",
        overrides=(("max_steps", "2"), ("stop_at_recall", "null")),
        limit=6,
        drift=True,
        device="cpu",
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, dict[str, Any], Heard, int]:
    folder = tmp_path_factory.mktemp("study")
    study = open_study(spec_in(folder), out=folder / "s")
    heard = Heard()
    failed = run(study, heard)
    return study, write_table(study), heard, failed


def row(table: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in table["rows"] if one["method"] == name)


def test_every_cell_is_made_or_says_why_not(made: Any) -> None:
    study, table, heard, failed = made
    assert failed == 2
    assert [one for one in heard.told if one[2] == "failed"] == [
        ("broken", 0, "failed"),
        ("broken", 1, "failed"),
    ]
    assert [one["method"] for one in table["rows"]] == ["base", "full", "given", "copied", "broken"]
    wrong = row(table, "broken")["incomplete"][0]["reason"]
    log = study.folder.path / "cells/broken/0/command.log"
    assert str(log) in wrong
    assert "exit code 3" in wrong
    assert log.read_text() == "7\n"
    assert row(table, "broken")["refusal_accuracy"] == {
        "mean": None, "sd": None, "values": [None, None]
    }  # fmt: skip


def test_the_same_weights_give_the_same_row(made: Any) -> None:
    _, table, *_ = made
    base, given, copied = (row(table, name) for name in ("base", "given", "copied"))
    for key in ("refusal_accuracy", "accuracy", "by_set", "awareness_score"):
        assert base[key] == given[key] == copied[key], key
    assert given["kept_abstention_rate"]["values"] == [1.0, 1.0]
    assert copied["against"]["refusal_accuracy"]["value"] == 0
    assert copied["against"]["refusal_accuracy"]["verdict"] == "not told apart"
    assert "against" in base
    assert given["against"] is None


def test_figures_are_over_the_sets_that_their_names_say(made: Any) -> None:
    _, table, *_ = made
    one = row(table, "full")
    by_set = one["by_set"]
    assert one["refusal_accuracy"] == by_set["unknown_same"]["refusal_accuracy"]
    assert one["accuracy"] == by_set["known_same"]["accuracy"]
    assert one["finetuning_accuracy"] == by_set["facts_trained"]["finetuning_accuracy"]
    assert one["paraphrase_accuracy"] == by_set["facts_paraphrased"]["paraphrase_accuracy"]
    assert one["neighbour_refusal"] == by_set["new_untaught"]["refusal_accuracy"]
    values = one["refusal_accuracy"]["values"]
    assert one["refusal_accuracy"]["mean"] == pytest.approx(sum(values) / 2, abs=1e-6)
    unseen = one["unknown_unseen"]
    first = [by_set[name]["refusal_accuracy"]["values"][0] for name in unseen["sets"]]
    assert len(first) == 4
    assert unseen["refusal_accuracy"]["values"][0] == pytest.approx(sum(first) / 4)


def test_sets_of_another_kind_of_study_are_not_named(made: Any) -> None:
    study, table, *_ = made
    names = {one["name"] for one in table["sets"]}
    assert names == study.lessons[0].sets.keys() > {"facts_trained", "known_same"}
    assert "mix_same" not in names
    assert not [note for note in study.notes if "left out" in note]


def test_what_a_tuning_took_stands_apart(made: Any) -> None:
    _, table, *_ = made
    costs = row(table, "full")["costs"]
    assert costs["steps"]["values"] == [2, 2]
    assert costs["seconds"]["mean"] > 0
    assert costs["tokens"]["mean"] > 0
    assert row(table, "given")["costs"]["steps"]["mean"] is None


def test_weights_go_where_they_are_not_small(made: Any) -> None:
    study, *_ = made
    full = study.folder.path / "cells/full/0"
    assert not (full / "tuned").exists()
    assert (full / "training.json").exists()


def test_a_second_start_finds_everything_and_tries_what_failed(made: Any) -> None:
    study, table, *_ = made
    again = open_study(study.spec, out=study.folder.path)
    heard = Heard()
    assert run(again, heard) == 2
    states = {(name, state) for name, _, state in heard.told}
    assert states == {
        ("base", "found"), ("full", "found"), ("given", "found"), ("copied", "found"),
        ("broken", "failed"),
    }  # fmt: skip
    assert write_table(again) == table


def test_a_cell_that_another_process_holds_is_left_to_it(made: Any) -> None:
    study, *_ = made
    only = open_study(study.spec, out=study.folder.path, only=["broken:1"])
    heard = Heard()
    with locked(only.folder.path / "cells/broken/1"):
        assert run(only, heard) == 0
    assert heard.told == [("broken", 1, "busy")]


def test_what_moved_is_averaged_over_seeds(made: Any) -> None:
    study, *_ = made
    found = write_drift(study)
    assert found is not None
    assert set(found["methods"]) == {"base", "full", "given", "copied"}
    given = found["methods"]["given"]
    assert given["cells"] == 2
    assert all(layer["sets"]["unknown_same"]["l2"] == 0 for layer in given["layers"])
    full = found["methods"]["full"]["layers"]
    # The last token of every prompt is the same, so its embedding is no news.
    assert full[0]["sets"]["unknown_same"]["cosine"] == pytest.approx(0, abs=1e-3)
    assert full[-1]["sets"]["facts_trained"]["l2"] > full[0]["sets"]["facts_trained"]["l2"]


def test_a_cell_is_whole_where_what_moved_could_not_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise MemoryError("too much")

    spec = replace(spec_in(tmp_path), seeds=1, limit=4)
    with monkeypatch.context() as broken:
        broken.setattr("iabench.studies.drift.measure", fails)
        study = open_study(spec, out=tmp_path / "s", only=["base"])
        assert run(study) == 0
    cell = study.folder.read(study.only[0])
    assert cell is not None
    assert cell["status"] == "complete"
    assert cell["drift_failed"].startswith("MemoryError: too much (")
    table = write_table(study)
    assert row(table, "base")["incomplete"] == []
    assert any(
        note.startswith("what moved in base:0 was not measured: M") for note in table["notes"]
    )
    # The same call tries it again, and asks nothing again.
    asked = study.folder.path / "cells/base/0/asked/completions.jsonl"
    before = asked.stat().st_mtime_ns
    heard = Heard()
    assert run(open_study(spec, out=tmp_path / "s", only=["base"]), heard) == 0
    assert heard.told == [("base", 0, "made")]
    assert asked.stat().st_mtime_ns == before
    assert "drift_failed" not in (study.folder.read(study.only[0]) or {})
    assert (study.folder.path / "cells/base/0/drift.json").exists()


def test_other_settings_are_another_study(made: Any) -> None:
    study, *_ = made
    (held,) = [m for m in study.spec.methods if m.name == "full"]
    other = replace(held, settings=(("learning_rate", "0.5"),))
    with pytest.raises(StoreError, match="holds another study: method full"):
        open_study(replace(study.spec, methods=(other,), against=None), out=study.folder.path)


def test_other_facts_in_the_same_place_are_another_study(made: Any) -> None:
    study, *_ = made
    done = study.folder.seed(0) / "sets" / "done"
    noted = done.read_text()
    done.write_text("of other facts")
    again = open_study(study.spec, out=study.folder.path)
    with pytest.raises(StoreError, match="seed 0 has other facts"):
        again.write_seed(0)
    done.write_text(noted)
    again.write_seed(0)


def test_a_look_before_binds_nothing(tmp_path: Path) -> None:
    spec = replace(spec_in(tmp_path), seeds=1, methods=(), against=None)

    def asked(limit: int) -> int:
        study = open_study(replace(spec, limit=limit), out=tmp_path / "s", dry=True)
        study.write_seed(0)
        probes = study.folder.seed(0) / "sets" / "study-invented-real" / "probes.jsonl"
        return len(probes.read_text().splitlines())

    assert (asked(2), asked(5)) == (2, 5)


def test_what_is_wrong_before_anything_runs(tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    with pytest.raises(ConfigError, match="given has checkpoints for 2 seeds; the study has 3"):
        open_study(replace(spec, seeds=3), out=tmp_path / "s")
    given = [method for method in spec.methods if method.name == "given"]
    both = replace(spec, models=("organism", "organism-unaligned"), methods=tuple(given), seeds=2)
    with pytest.raises(ConfigError, match="given has 2 checkpoints; 2 models under 2 seeds take 4"):
        open_study(both, out=tmp_path / "s")
    # Three a model, two asked: which of six are whose nobody can tell.
    six = replace(given[0], checkpoints=given[0].checkpoints * 3)
    with pytest.raises(ConfigError, match="given has 6 checkpoints"):
        open_study(replace(both, methods=(six,)), out=tmp_path / "s")
    assert not (tmp_path / "s").exists()
    needs = Needs(
        tunings=1, evaluations=1, given=0, facts=1, memory=1, disk=10**9, disk_free=10**6, seconds=1
    )
    with pytest.raises(StoreError) as caught:
        needs.check(tmp_path)
    assert "may need 1,000 MB; 1 MB are free" in caught.value.message


def test_checkpoints_that_are_left_over_are_said(tmp_path: Path) -> None:
    spec = replace(spec_in(tmp_path), seeds=1)
    assert (
        "given has checkpoints for 2 seeds; the first is asked (--seeds 2: all)"
        in open_study(spec, out=tmp_path / "s").notes
    )


@pytest.mark.parametrize(
    ("changes", "only", "says"),
    [
        ({"overrides": (("epochs", "-1"),)}, (), "--epochs -1 means nothing"),
        ({"overrides": (("schedule", '"never"'),)}, (), 'no --schedule "never"'),
        ({"overrides": (("max_length", "5"),)}, (), "have more than 5 tokens"),
        ({"seeds": 9}, (), "given has checkpoints for 2 seeds"),
        ({}, ("seat",), 'no method "seat"'),
    ],
)
def test_a_typo_beside_fresh_moves_nothing(
    tmp_path: Path, changes: dict[str, Any], only: tuple[str, ...], says: str
) -> None:
    spec, out = spec_in(tmp_path), tmp_path / "s"
    open_study(spec, out=out).folder.note(spec, {})
    with pytest.raises(IabenchError, match=says):
        open_study(replace(spec, **changes), only=only, out=out, fresh=True)
    assert [path.name for path in tmp_path.glob("s*")] == ["s"]
    open_study(spec, out=out, fresh=True)
    assert [path.name for path in tmp_path.glob("*s*-old1")] == ["s-old1"]
    assert not out.exists()
    assert not [path for path in tmp_path.glob(".*") if path.is_dir()]


def test_one_seed_has_no_spread_and_one_model_is_said(tmp_path: Path) -> None:
    spec = replace(spec_in(tmp_path), seeds=1, methods=(), against=None)
    study = open_study(spec, out=tmp_path / "s")
    assert any("no spread" in note for note in study.notes)
    assert any("one model" in note for note in study.notes)
    assert write_table(study)["rows"][0]["accuracy"] == {
        "mean": None, "sd": None, "values": [None]
    }  # fmt: skip


def test_methods_of_facts_and_of_questions_are_one_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    (tmp_path / "mine.toml").write_text(
        f'name = "mine"\ncheckpoints = [{json.dumps(str(shipped("organism-unaligned")))}]\n'
    )
    spec = StudySpec(
        models=("organism-unaligned",),
        methods=methods_of(["full", "se-tuning", str(tmp_path / "mine.toml")]),
        seeds=1,
        overrides=(
            ("max_steps", "2"), ("stop_at_recall", "null"), ("samples", "2"), ("threshold", "0.5"),
        ),
        limit=4,
        drift=False,
        device="cpu",
    )  # fmt: skip
    study = open_study(spec, out=tmp_path / "s")
    assert run(study, Nobody()) == 0
    table = write_table(study)
    assert [one["method"] for one in table["rows"]] == ["base", "full", "se-tuning", "mine"]
    full, by_signal, mine = (row(table, name) for name in ("full", "se-tuning", "mine"))
    for one in (full, by_signal, mine):
        assert one["accuracy"]["mean"] is not None
        assert one["by_set"]["mix_same"]["aed"]["mean"] is not None
    assert full["finetuning_accuracy"]["mean"] is not None
    assert by_signal["finetuning_accuracy"]["mean"] is None
    assert (full["not_taught"], by_signal["not_taught"], mine["not_taught"]) == (
        None, "tuned on questions, not taught the facts", None,
    )  # fmt: skip
