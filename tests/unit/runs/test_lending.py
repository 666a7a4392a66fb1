"""Evaluations one after the other: an adapter and its own base load the weights once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iabench.records import RunSpec
from iabench.runs.lending import lending
from iabench.runs.planning import plan
from iabench.runs.runner import run
from iabench.runs.watch import Silent


@pytest.fixture
def adapters(tiny_folder: Path, tmp_path: Path) -> list[Path]:
    """Two LoRA adapters of the tiny model."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    made = []
    for number in (1, 2):
        base = AutoModelForCausalLM.from_pretrained(tiny_folder)
        config = LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM")
        model: Any = get_peft_model(base, config)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if "lora_B" in name:
                    parameter.fill_(0.7 * number)
        model.save_pretrained(tmp_path / f"ckpt-{number}")
        made.append(tmp_path / f"ckpt-{number}")
    return made


def _plan(model: Path, out: Path) -> Any:
    spec = RunSpec(model=str(model), tasks=("quick",), limit=2, max_new_tokens=8, device="cpu")
    return plan(spec, out=out)


def test_weights_are_loaded_once_and_nothing_else_changes(
    tiny_folder: Path, adapters: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForCausalLM

    models = [tiny_folder, *adapters]
    for number, model in enumerate(models):
        run(_plan(model, tmp_path / f"alone-{number}"), Silent())
    loaded = []
    really = AutoModelForCausalLM.from_pretrained

    def counted(*words: Any, **options: Any) -> Any:
        loaded.append(words)
        return really(*words, **options)

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", counted)
    planned = [_plan(model, tmp_path / f"shared-{n}") for n, model in enumerate(models)]
    with lending(planned) as each:
        for one in each:
            run(one, Silent())
    assert len(loaded) == 1
    for number in range(3):
        alone, shared = tmp_path / f"alone-{number}", tmp_path / f"shared-{number}"
        for name in ("results.json", "samples.jsonl"):
            assert (alone / name).read_bytes() == (shared / name).read_bytes()
        about = [json.loads((path / "run.json").read_text()) for path in (alone, shared)]
        assert about[0]["model"] == about[1]["model"]
        assert about[0]["identity"] == about[1]["identity"]
    answers = {(tmp_path / f"shared-{n}" / "samples.jsonl").read_text() for n in range(3)}
    assert len(answers) == 3, "the adapters say something else"
    with lending(
        [_plan(model, tmp_path / f"shared-{n}") for n, model in enumerate(models)]
    ) as each:
        assert [one.status for one in each] == ["finished"] * 3
    assert len(loaded) == 1
