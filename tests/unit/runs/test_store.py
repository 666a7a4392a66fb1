from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from iabench.errors import StoreError
from iabench.records import Completion, ModelSpec, Probe, Verdict
from iabench.runs import folders
from iabench.runs.store import Store, read_run


def completion(n: int = 0) -> Completion:
    return Completion(
        request_id=f"r{n}", prompt_id="p", probe_id=f"t/{n}", series="answer", turn=1, index=0,
        text="Paris.", finish="stop",
    )  # fmt: skip


def test_what_is_kept_is_there_again(tmp_path: Path) -> None:
    probe = Probe(
        id="t/0", question="q", expect="answer", references=("a",), cluster="c", origin="o@1",
        tags=(("relation", "capital"),),
    )  # fmt: skip
    verdict = Verdict(request_id="r0", grader="g@1", about="abstained", value=True,
                      kinds=("ignorance",))  # fmt: skip
    with Store(tmp_path / "run") as store:
        store.keep_probes([probe])
        store.keep(completion())
        store.keep_verdicts("g@1", [verdict])
        store.note(status="started", n_requests=3)
        store.clock("asking", 1.5)
        store.clock("asking", 1.0)
    with Store(tmp_path / "run") as store:
        assert store.said == {("t/0", "answer", 1, 0): completion()}
        assert store.done == {"r0"}
        assert store.probes() == [probe]
        assert store.verdicts("g@1") == {"r0": verdict}
        assert store.run["seconds"] == {"asking": 2.5}
        store.drop_verdicts("g@1")
        assert store.verdicts("g@1") == {}


def test_a_torn_line_is_healed_and_asked_again(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.keep(completion(0))
        store.keep(completion(1))
    path = tmp_path / "completions.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    with Store(tmp_path) as store:
        assert store.done == {"r0"}
        store.keep(completion(1))
    with Store(tmp_path) as store:
        assert store.done == {"r0", "r1"}


def test_nothing_is_stored_twice(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.keep(completion())
        with pytest.raises(StoreError, match="came twice"):
            store.keep(completion())


def test_several_completion_files_are_one(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.keep(completion(0))
    (tmp_path / "completions.jsonl").rename(tmp_path / "completions-1.jsonl")
    with Store(tmp_path) as store:
        store.keep(completion(1))
        assert store.done == {"r0", "r1"}


def test_an_unreadable_completions_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "completions.jsonl").write_text("{}}\n{}\n")
    with pytest.raises(StoreError, match="line 1: not a JSON object"):
        Store(tmp_path)
    (tmp_path / "completions.jsonl").write_text('{"request_id": "r"}\n')
    with pytest.raises(StoreError, match='"prompt_id" is missing'):
        Store(tmp_path)
    (tmp_path / "completions.jsonl").unlink()
    Store(tmp_path).close()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        Store(tmp_path),
        pytest.raises(StoreError, match=r"another iabench is writing") as caught,
    ):
        Store(tmp_path)
    assert "--out" in caught.value.hint


def test_a_full_disk_says_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(tmp_path) as store:
        store.note(n_requests=1733)
        store.keep(completion())

        def full(_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        assert store._completions is not None
        monkeypatch.setattr(store._completions, "add", full)
        with pytest.raises(StoreError, match="disk full at .* after 1 of 1,733 answers, all kept"):
            store.keep(completion(1))
        assert store.done == {"r0"}


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        Store(tmp_path / "file" / "run")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    assert read_run(tmp_path) is None
    (tmp_path / "run.json").write_text('{"schema_version": 99}')
    with pytest.raises(StoreError, match="newer iabench"):
        read_run(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(StoreError, match="not readable"):
        Store(tmp_path)


def test_old_runs_are_set_aside_and_never_overwritten(tmp_path: Path) -> None:
    run = tmp_path / "x"
    assert folders.set_aside(run) is None
    for number in (1, 2):
        with Store(run) as store:
            store.note(status="started")
        assert folders.set_aside(run) == tmp_path / f"x-old{number}"
    with Store(run) as store:
        store.note(status="started")
        with pytest.raises(StoreError, match="another iabench is writing"):
            folders.set_aside(run)
    thesis = tmp_path / "thesis"
    thesis.mkdir()
    assert folders.set_aside(thesis) is None, "an empty folder may be written to"
    (thesis / "thesis.tex").write_text("")
    with pytest.raises(StoreError, match="folder of other things"):
        folders.set_aside(thesis)


def test_what_failed_is_forgotten_and_asked_again(tmp_path: Path) -> None:
    from dataclasses import replace

    with Store(tmp_path) as store:
        store.keep(completion(0))
        store.keep(replace(completion(1), finish="error", error="gone"))
        store.keep(replace(completion(2), finish="error", error="too long for the model: 9"))
    with Store(tmp_path) as store:
        assert store.forget_failed(lambda c: "too long" in str(c.error)) == 1
        assert store.done == {"r0", "r2"}
        store.keep(completion(1))
        assert store.forget_failed(lambda c: True) == 0
    with Store(tmp_path) as store:
        assert store.done == {"r0", "r1", "r2"}
        assert store.said["t/1", "answer", 1, 0].finish == "stop"


def same(**other: str | None) -> dict[str, str | None]:
    return {"model": "./acme-8b", "weights": "w8", "adapter": None, "seed": "0", **other}


@pytest.mark.parametrize(
    ("there", "says"),
    [
        (same(model="./acme-7b", weights="w7"), "model ./acme-7b there, ./acme-8b now"),
        (same(weights="w7"), r"model ./acme-8b \(weights w7\) there, ./acme-8b \(weights w8\) now"),
        (same(seed="42"), "seed 42 there, 0 now"),
        (same(adapter="a"), "model ./acme-8b"),
    ],
)
def test_another_evaluation_in_the_folder_is_refused(
    tmp_path: Path, there: dict[str, str | None], says: str
) -> None:
    folder = tmp_path / "x"
    folder.with_name("x-old1").mkdir()
    with pytest.raises(StoreError, match=says) as caught:
        folders.check_same(folder, {"identity": there}, same())
    assert caught.value.hint.endswith("x-old2)")


def test_the_same_weights_under_another_path_are_the_same(tmp_path: Path) -> None:
    folders.check_same(tmp_path, {"identity": same(model="/elsewhere/acme")}, same())


def test_long_values_are_shortened(tmp_path: Path) -> None:
    here = {**same(), "system prompt": "a" * 100}
    there = {**same(), "system prompt": "a" * 99 + "b"}
    with pytest.raises(StoreError, match=r"a{48}\.\.\. \(\w{6}\) there, a{48}\.\.\."):
        folders.check_same(tmp_path, {"identity": there}, here)


def test_a_loaded_model_must_be_the_one_of_before(tmp_path: Path) -> None:
    model = ModelSpec(backend="hf", name="m", weights="w", dtype="float32")
    folders.check_model(tmp_path, {}, model)
    folders.check_model(tmp_path, {"model": {"weights": "w", "dtype": "float32"}}, model)
    with pytest.raises(StoreError, match="dtype bfloat16 there, float32 now"):
        folders.check_model(tmp_path, {"model": {"weights": "w", "dtype": "bfloat16"}}, model)


def test_latest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    with pytest.raises(StoreError, match="no run yet"):
        folders.latest()
    run = tmp_path / "r"
    run.mkdir()
    (run / "run.json").write_text(json.dumps({"schema_version": 1}))
    folders.latest(run)
    assert folders.latest() == run
    (run / "run.json").unlink()
    with pytest.raises(StoreError, match="no longer there"):
        folders.latest()
