from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from iabench.errors import UnknownNameError

SCRIPT = """
import warnings; warnings.simplefilter("error")
import sys
import iabench.metrics
assert "evaluate" not in sys.modules
from iabench.metrics import evaluate_module
aed, accuracy = evaluate_module("aed"), evaluate_module("accuracy")
import evaluate
said = {"predictions": ["correct"] * 300 + ["incorrect"] * 100 + ["abstained"] * 100 + ["undecided"],
        "references": ["answer"] * 501}
assert round(aed.compute(**said)["aed"], 6) == 0.316228
both = evaluate.combine([aed, accuracy]).compute(**said)
assert round(both["aed"], 6) == 0.316228 and both["accuracy"] == 0.6, both
assert both["aed_n_undecided"] == 1
made_up = evaluate_module("fabrication_rate")
made_up.add_batch(predictions=["hallucinated", "abstained"], references=["abstain"] * 2)
assert made_up.compute() == {"fabrication_rate": 0.5, "n_undecided": 0}
none = evaluate_module("refusal_accuracy").compute(predictions=["correct"], references=["answer"])
assert none == {"refusal_accuracy": None, "n_undecided": 0}
"""


def test_modules_work_offline_in_memory_and_combined(tmp_path: Any) -> None:
    subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "HOME": str(tmp_path)},
        check=True,
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["awareness_score", "admission_rate", "aedd"])
def test_what_outcomes_alone_do_not_give(name: Any) -> None:
    from iabench.metrics import evaluate_module

    with pytest.raises(UnknownNameError, match=f'no evaluate module "{name}"'):
        evaluate_module(name)


def test_in_this_process() -> None:
    from iabench.metrics import evaluate_module

    found = evaluate_module("over_refusal_rate")
    assert found.compute(predictions=["abstained", "correct"], references=["answer"] * 2) == {
        "over_refusal_rate": 0.5,
        "n_undecided": 0,
    }
