from __future__ import annotations

from pathlib import Path

import pytest

from iabench import registry
from iabench.errors import ConfigError, PluginError, StoreError
from iabench.records import RunSpec
from iabench.runs.planning import plan
from iabench.runs.runner import run
from iabench.runs.watch import Silent


def test_a_metric_named_like_ours_is_refused_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "pa-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pa\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[iabench.metrics]\naccuracy = pa:M\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry._entry_points.cache_clear()
    try:
        with pytest.raises(PluginError, match=r'metric "accuracy" is offered by iabench .* and pa'):
            plan(RunSpec(model="oracle", backend="scripted"), out=tmp_path / "x")
    finally:
        registry._entry_points.cache_clear()


def test_facts_that_no_task_asks_are_said(tmp_path: Path) -> None:
    spec = RunSpec(model="oracle", backend="scripted", facts="f.jsonl", tasks=("core",))
    with pytest.raises(
        ConfigError, match=r"--facts f\.jsonl is not asked by --tasks core"
    ) as caught:
        plan(spec, out=tmp_path / "x")
    assert "finetune" in caught.value.hint


@pytest.mark.parametrize("held", ['{"schema_version": 1, "status": "complete"}', '{"schema_ver'])
def test_fresh_moves_nothing_until_the_run_begins(tmp_path: Path, held: str) -> None:
    out, aside = tmp_path / "x", tmp_path / "x-old1"
    out.mkdir()
    (out / "run.json").write_text(held)
    spec = RunSpec(model="oracle", backend="scripted", tasks=("real-facts",), limit=2)
    planned = plan(spec, out=out, fresh=True)
    assert planned.notes == (f"the old run goes to {aside}",)
    assert planned.status == "new"
    assert not aside.exists()
    run(planned, Silent())
    assert (aside / "run.json").read_text() == held
    assert plan(spec, out=out).status == "finished"


def test_fresh_moves_no_folder_of_other_things(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(StoreError, match="folder of other things"):
        plan(RunSpec(model="oracle", backend="scripted"), out=tmp_path, fresh=True)
