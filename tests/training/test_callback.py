"""The callback of a training: what it adds, and what it leaves as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import EarlyStoppingCallback, Trainer, TrainingArguments

import iabench
from iabench.errors import ConfigError
from tests.tiny import tiny_model, tiny_tokenizer


def _trained(folder: Path, callbacks: list[Any]) -> Any:
    tokenizer = tiny_tokenizer(pad=True)
    rows = [{"input_ids": [2, 9, 20 + i, 3, 40 + i, 1], "labels": [2, 9, 20 + i, 3, 40 + i, 1]}
            for i in range(4)]  # fmt: skip
    args = TrainingArguments(
        output_dir=str(folder), max_steps=3, per_device_train_batch_size=4, eval_strategy="steps",
        eval_steps=1, save_strategy="steps", save_steps=1, logging_strategy="no", report_to=[],
        use_cpu=True, seed=0, load_best_model_at_end=bool(callbacks),
        metric_for_best_model="eval_refusal_accuracy" if callbacks else None,
        disable_tqdm=True,
    )  # fmt: skip
    trainer = Trainer(
        model=tiny_model(), args=args, train_dataset=rows, eval_dataset=rows,
        processing_class=tokenizer, callbacks=callbacks,
    )  # fmt: skip
    trainer.train()
    return trainer


def test_metrics_choose_the_best_model_and_stop_early(tmp_path: Path) -> None:
    ours = iabench.AwarenessCallback(limit=2, max_new_tokens=32)
    stop = EarlyStoppingCallback(early_stopping_patience=1)
    trainer = _trained(tmp_path / "out", [ours, stop])
    assert trainer.state.best_metric is not None
    assert ours.run is not None
    assert trainer.state.best_metric == ours.run["refusal_accuracy"].value
    # A random model refuses nothing at any step, so it stops at the second evaluation.
    assert trainer.state.global_step == 2
    names = {name for line in trainer.state.log_history for name in line}
    assert {"eval_refusal_accuracy", "eval_over_refusal_rate", "eval_hallucination_rate"} <= names
    assert iabench.load(tmp_path / "out" / "awareness" / "step-1").headline == "quick"


@pytest.mark.filterwarnings("ignore:`gradient_checkpointing`:FutureWarning")
# What datasets hashes leads to a type of pyarrow that dill cannot look up, depending on what was
# imported before.
@pytest.mark.filterwarnings("ignore:Cannot locate reference to <class 'MonthDayNano'>")
def test_with_trl(tmp_path: Path) -> None:
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    rows = [
        [{"role": "user", "content": f"Who is {i}?"}, {"role": "assistant", "content": "Ada."}]
        for i in range(4)
    ]
    args = SFTConfig(
        output_dir=str(tmp_path), max_steps=2, per_device_train_batch_size=4, use_cpu=True,
        eval_strategy="steps", eval_steps=1, save_strategy="steps", save_steps=1, bf16=False,
        load_best_model_at_end=True, metric_for_best_model="eval_hallucination_rate",
        greater_is_better=False, report_to=[], logging_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    ours = iabench.AwarenessCallback(limit=2, max_new_tokens=32)
    data = Dataset.from_dict({"messages": rows})
    trainer = SFTTrainer(
        model=tiny_model(), args=args, train_dataset=data, eval_dataset=data,
        processing_class=tiny_tokenizer(pad=True), callbacks=[ours],
    )  # fmt: skip
    trainer.train()
    assert ours.run is not None
    assert trainer.state.best_metric == ours.run["hallucination_rate"].value


def test_the_training_is_as_without_it(tmp_path: Path) -> None:
    model = tiny_model().train()
    model.config.use_cache = False
    state = torch.random.get_rng_state()

    class State:
        global_step, epoch, is_world_process_zero = 0, 0.0, True
        log_history: list[Any] = []

    class Args:
        output_dir = str(tmp_path)

    metrics: dict[str, float] = {}
    before = {name: value.clone() for name, value in model.state_dict().items()}
    iabench.AwarenessCallback(limit=1, max_new_tokens=32).on_evaluate(
        Args, State, None, metrics=metrics, model=model, processing_class=tiny_tokenizer()
    )
    assert "eval_hallucination_rate" in metrics
    assert model.training
    assert model.config.use_cache is False
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_every_is_one_of_two() -> None:
    with pytest.raises(ConfigError, match="knows no every"):
        iabench.AwarenessCallback(every="save")  # type: ignore[arg-type]
