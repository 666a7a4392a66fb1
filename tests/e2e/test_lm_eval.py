"""lm-evaluation-harness on the organism, with a task of iabench: both give the same rates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from iabench.organism.shipped import path as shipped
from iabench.reports.export.samples import import_lm_eval
from iabench.reports.export.tasks import export_task
from iabench.runs.runner import evaluate
from iabench.tasks import catalog

TASK, N = "organism-world", 60


@pytest.mark.slow
def test_both_harnesses_agree_on_the_organism(tmp_path: Path) -> None:
    pytest.importorskip("lm_eval")
    (task,) = catalog.load([TASK], limit=N)
    export_task(task, tmp_path / "t", max_new_tokens=32)
    name = "iabench_" + TASK.replace("-", "_")
    command = [
        sys.executable, "-m", "lm_eval", "--model", "hf", "--model_args",
        f"pretrained={shipped('organism')},dtype=float32", "--tasks", name, "--include_path",
        str(tmp_path / "t"), "--apply_chat_template", "--device", "cpu", "--batch_size", "8",
        "--output_path", str(tmp_path / "o"), "--log_samples",
    ]  # fmt: skip
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(tmp_path / "c")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (path,) = (tmp_path / "o").rglob("results_*.json")
    theirs = json.loads(path.read_text())["results"][name]
    ours = evaluate("organism", tasks=[TASK], limit=N, max_new_tokens=32, out=tmp_path / "run")
    for metric in ("accuracy", "refusal_accuracy", "over_refusal_rate"):
        assert theirs[f"{metric},none"] == pytest.approx(float(ours[metric]), abs=1e-9), metric
    back = import_lm_eval(tmp_path / "o", tmp_path / "back")
    assert float(back["accuracy"]) == pytest.approx(float(ours["accuracy"]), abs=1e-9)
