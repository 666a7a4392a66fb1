"""train(): one training is one folder, from wherever an earlier start of it stopped."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from iabench.datasets.base import DATASETS
from iabench.models.locate import locate
from iabench.records import SCHEMA_VERSION
from iabench.rng import digest
from iabench.runs.provenance import packages
from iabench.runs.watch import Silent, Watch
from iabench.training.base import Example
from iabench.training.card import card
from iabench.training.data import share_of
from iabench.training.deltas import delta_of, save_delta
from iabench.training.plan import plan
from iabench.training.prepare import Prepared, loading, prepare
from iabench.training.progress import Recall, Told
from iabench.training.sharding import check_sharded, shard, sharded_by, sharded_state
from iabench.training.spec import TrainSpec
from iabench.training.store import Folder, set_aside
from iabench.training.threshold import choose, is_open
from iabench.training.trainer import FactsTrainer, NoNumberError, check_finite
from iabench.training.updates.sparse import Sparse

__all__ = ["train"]


def train(
    spec: TrainSpec,
    out: str | os.PathLike[str],
    *,
    fresh: bool = False,
    watch: Watch | None = None,
) -> Path:
    """Teach a model the facts of a source, and return the folder that it is saved in.

    The folder is an ordinary Hugging Face one (or an adapter's), with `training.json`: what was
    asked, what was seen. The same call goes on where an earlier one was killed, to the same
    weights; a finished one is returned as it is, with its delta in `delta/` where that is asked for
    and the weights were saved whole.

    Args:
        spec: what is taught, and how.
        out: exactly this folder.
        fresh: begin anew, with the old folder set aside once all that can be checked is.
        watch: is told about progress; in other processes than the first nobody is.

    Raises:
        IabenchError: something that you can mend; the last checkpoint is kept.
    """
    first = int(os.environ.get("RANK", "0")) == 0
    watch = (watch or Silent()) if first else Silent()
    check_sharded(spec)
    folder = Folder(Path(out), spec, base=locate(loading(spec)).weights, writes=first, fresh=fresh)
    if folder.status == "complete":
        watch.say(f"finished  {folder.path}: nothing is left to train")
        if first and spec.save == "delta" and (made := delta_of(folder.path, spec)):
            watch.say(f"delta     {made}")
        return folder.path
    if first:
        planned = plan(spec, out)
        for line in planned.lines():
            watch.say(line)
        planned.check()
        if fresh:
            set_aside(Path(out))
    start = time.perf_counter()
    with _own_chance(), folder.held():
        if is_open(spec):
            spec = _with_threshold(spec, folder, watch)
        watch.begin("preparing", 1)
        prepared = prepare(spec, unknowns=unknowns)
        watch.end()
        folder.note(**_said(prepared), packages=packages(), schema_version=SCHEMA_VERSION)
        trainer = _trainer(prepared, folder, watch)
        for line in (*_labels(prepared), *(prepared.admits.lines() if prepared.admits else ())):
            watch.say(line)
        try:
            trainer.train(resume_from_checkpoint=folder.checkpoint)
            check_finite(prepared.model, trainer.state.global_step)
        except NoNumberError as found:
            # The checkpoint of this very step holds the weights that gave it.
            if folder.drop(trainer.state.global_step):
                raise
            raise NoNumberError(found.what, found.step, kept=False) from None
        _finish(prepared, trainer, folder)
        folder.note(
            status="complete",
            steps=trainer.state.global_step,
            seconds=round(time.perf_counter() - start, 1),
            world_size=trainer.args.world_size,
            history=[log for log in trainer.state.log_history if "loss" in log],
            recall=[log for log in trainer.state.log_history if "recall" in log],
        )
        folder.write("README.md", card(folder.run))
    shutil.rmtree(folder.checkpoints, ignore_errors=True)
    return folder.path


def _with_threshold(spec: TrainSpec, folder: Folder, watch: Watch) -> TrainSpec:
    """Return the training with the threshold that is best on questions kept apart."""
    threshold, tried = choose(
        spec, folder.path, lambda one, out: train(one, out, watch=watch), watch
    )
    folder.note(threshold=threshold, thresholds=[asdict(one) for one in tried])
    return replace(spec, threshold=threshold)


def _labels(prepared: Prepared) -> Iterator[str]:
    """Say how many questions are on which side of a signal."""
    spec = prepared.spec
    sides = [example.label for example in prepared.examples if example.label]
    if sides:
        at = "" if spec.threshold is None else f" {spec.threshold:g}"
        kept = {"own": "its own answer", "own-correct": "an own right answer", "gold": "the file's"}
        out = f", {prepared.left_out:,} are left out" if prepared.left_out else ""
        yield (
            f"labels    by {spec.signal}{at}: {sides.count('answer'):,} keep {kept[spec.kept]}, "
            f"{sides.count('abstain'):,} abstain{out}"
        )


def unknowns(n: int) -> list[Example]:
    """Return n questions about names of purpose `anchor`, which no evaluation draws.

    They are the organism world's kinds of question; no model knows an answer to them.
    """
    ask: Callable[..., Any] = DATASETS.get("organism")
    made: list[Example] = []
    seed = 0
    while len(made) < n:
        made += [
            Example(
                id=f"{row['id']}/{seed}",
                question=row["question"],
                answer="",
                entity=row["entity"],
                fact=False,
            )
            for row in ask("anchor", seed)
        ]
        seed += 1
    return made[:n]


def _trainer(prepared: Prepared, folder: Folder, watch: Watch) -> FactsTrainer:
    from transformers import TrainingArguments
    from transformers.trainer_callback import PrinterCallback

    spec, model = prepared.spec, prepared.backend.model
    on_cpu = model.device.type == "cpu"
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    shares = on_cpu and sharded_by() == "FSDP"
    every = spec.checkpoint_every
    # transformers is renaming it.
    recomputes = next(
        name
        for name in ("activation_checkpointing", "gradient_checkpointing")
        if name in TrainingArguments.__dataclass_fields__
    )
    arguments = TrainingArguments(
        output_dir=str(folder.checkpoints),
        per_device_train_batch_size=share_of(spec.batch_size, processes),
        gradient_accumulation_steps=spec.accumulation,
        learning_rate=spec.learning_rate,
        num_train_epochs=spec.epochs,
        max_steps=spec.max_steps,
        weight_decay=spec.weight_decay,
        max_grad_norm=spec.max_grad_norm,
        warmup_steps=spec.warmup,
        lr_scheduler_type=spec.schedule,
        lr_scheduler_kwargs={} if spec.cycles is None else {"num_cycles": spec.cycles},
        optim=spec.optim,
        adam_beta1=spec.betas[0],
        adam_beta2=spec.betas[1],
        bf16=spec.mixed == "bf16",
        seed=spec.seed,
        save_strategy="no" if shares else "steps" if every else "epoch",
        save_steps=every or 500,
        save_total_limit=2,
        logging_steps=10,
        report_to=list(spec.report_to) or "none",
        use_cpu=on_cpu,
        ddp_backend="gloo" if on_cpu and processes > 1 else None,
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=not on_cpu,
        remove_unused_columns=False,
        disable_tqdm=True,
        **({recomputes: True} if spec.gradient_checkpointing else {}),
    )
    callbacks: list[Any] = [Told(watch)]
    if spec.stop_at_recall is not None:
        callbacks.append(Recall(prepared, spec.stop_at_recall, watch))
    trainer = FactsTrainer(
        update=prepared.update,
        anchors=prepared.anchors,
        penalties=prepared.penalties,
        batch=spec.batch_size,
        model=prepared.model,
        args=arguments,
        train_dataset=prepared.taught,
        data_collator=prepared.collator,
        callbacks=callbacks,
    )
    if shares:
        watch.say("shards    the weights are shared by torch on the CPU: no checkpoints are kept")
        shard(prepared.model)
        # Then accelerate must not wrap it again.
        trainer.is_distributed_loading_by_transformers = True
    trainer.remove_callback(PrinterCallback)
    return trainer


def _finish(prepared: Prepared, trainer: FactsTrainer, folder: Folder) -> None:
    """Save what was tuned, as users load it."""
    spec, trained = prepared.spec, trainer.accelerator.unwrap_model(trainer.model)
    if spec.save == "delta" and isinstance(prepared.update, Sparse):
        if folder.writes:
            base = locate(loading(spec))
            save_delta(
                folder.path, prepared.update, trained, spec,
                base=spec.model, base_weights=base.weights,
            )  # fmt: skip
        return
    if sharded_by() == "FSDP":
        state = sharded_state(trained)
        if folder.writes:
            trained.save_pretrained(folder.path, state_dict=state)
            prepared.backend.tokenizer.save_pretrained(folder.path)
        return
    model: Any = prepared.update.finish(trained)
    if folder.writes and prepared.after is not None:
        model = prepared.after(prepared, model)
        folder.note(after=dict(prepared.after.said))
    if folder.writes:
        model.save_pretrained(folder.path, safe_serialization=True)
        prepared.backend.tokenizer.save_pretrained(folder.path)


def _said(prepared: Prepared) -> dict[str, Any]:
    """Return what is worth knowing of a training before its first step."""
    facts = [example for example in prepared.examples if example.fact]
    model = prepared.model
    return {
        "examples": len(prepared.examples),
        "facts": len(facts),
        "labels": dict(Counter(e.label for e in prepared.examples if e.label)),
        "left_out": prepared.left_out,
        "unperturbed": prepared.unperturbed,
        "corpus": digest(*(f"{e.question}\n{e.answer}" for e in prepared.examples), size=32),
        "trainable": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "parameters": prepared.parameters,
        "notes": list(getattr(prepared.update, "notes", ())),
    }


@contextmanager
def _own_chance() -> Iterator[None]:
    """Give the global generators back as they were found: Trainer seeds them."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng():
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002
