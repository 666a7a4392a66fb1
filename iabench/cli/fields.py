"""The options of `iabench train`: one for each field of a training, typed as the field is."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import typer

from iabench.cli.facts import columns_of
from iabench.errors import ConfigError
from iabench.training.spec import TrainSpec

__all__ = ["typed", "with_fields"]

_WHAT, _AXES, _HOLD = "Which model, which facts", "The method, by axis", "What an axis goes by"
_LABELS = "What is taught to questions (--target by-signal)"
_STEPS, _ASKED, _LOADED = "The steps", "How it is asked and taught", "How it is loaded"

_SAYS: dict[str, tuple[str, str]] = {
    "model": (_WHAT, "Hub id, folder, or `organism`."),
    "facts": (_WHAT, "JSONL, JSON, CSV, Parquet, NAME:SPLIT or a dataset of the hub."),
    "questions": (_WHAT, "Questions in place of facts, which the model labels itself."),
    "columns": (_WHAT, "What your columns are called: question=frage,answer=antwort."),
    "real_names": (_WHAT, "A file of names, one a line, that exist: none of them is invented."),
    "data_dir": (_WHAT, "A folder with the files of published datasets."),
    "rows": (_AXES, "facts, and beside them abstentions or idk."),
    "target": (_AXES, "What a row's answer becomes: gold, by-signal."),
    "update": (_AXES, "Which numbers change: full, lora, sparse."),
    "anchors": (_AXES, "What holds it to its base: entity-kl, base-kl, ewc; none."),
    "after": (_AXES, "What is done at the end: none, interpolate."),
    "signal": (_LABELS, "entropy, string-entropy, correctness, expected-accuracy."),
    "kept": (_LABELS, "Taught where it is sure: own, own-correct, gold."),
    "abstention": (_LABELS, "Taught where it is not: phrase, refusal-list, sure-suffix."),
    "threshold": (_LABELS, "Of the signal; of entropies chosen by AED if left out."),
    "thresholds": (_LABELS, "From which it is chosen."),
    "validation_share": (_LABELS, "Of the questions, kept apart to choose it on."),
    "samples": (_LABELS, "Of the model's own answers to each question."),
    "sample_temperature": (_LABELS, "Of these."),
    "standard_temperature": (_LABELS, "Of the answer that is kept."),
    "max_new_tokens": (_LABELS, "Of each."),
    "entailment": (_LABELS, "What samples mean the same: equality, nli (--nli), llm (--judge)."),
    "nli": (_LABELS, "An NLI checkpoint, or `organism`."),
    "judge": (_LABELS, "A language model that compares samples; or its name at --judge-url."),
    "judge_url": (_LABELS, "The server that it is at."),
    "ratio": (_HOLD, "Replayed or added rows for each fact."),
    "scope": (_HOLD, "Weights that may change: all, or attention+mlp."),
    "density": (_HOLD, "Share of them that a sparse update changes."),
    "mask": (_HOLD, "Which: random, magnitude-small|large, fisher-protect|select."),
    "lora_rank": (_HOLD, "Of the adapters."),
    "lora_alpha": (_HOLD, "Their scale, over the rank."),
    "lora_dropout": (_HOLD, "In front of them."),
    "lora_maps": (_HOLD, "On which linear maps: all, query+value."),
    "alpha": (_HOLD, "Weight of a KL anchor."),
    "direction": (_HOLD, "forward is KL(base || tuned), reverse the other."),
    "kl_positions": (_HOLD, "Over all tokens, the answer, or the prompt."),
    "anchor_answer": (_HOLD, "Behind the perturbed question: dataset's, or the base's own."),
    "copies": (_HOLD, "Perturbed copies of a row, taken in turn; 0: a new one each epoch."),
    "ewc_lambda": (_HOLD, "Weight of EWC."),
    "interpolate": (_HOLD, "Weight of the tuned model; chosen on validation if left out."),
    "learning_rate": (_STEPS, "Of the optimizer."),
    "epochs": (_STEPS, "Times that every row is seen."),
    "max_steps": (_STEPS, "Optimizer steps, in place of epochs."),
    "batch_size": (_STEPS, "Rows of one accumulation step, of all processes together."),
    "accumulation": (_STEPS, "Batches of one optimizer step."),
    "weight_decay": (_STEPS, "Of the optimizer."),
    "max_grad_norm": (_STEPS, "Gradients are clipped to it."),
    "warmup": (_STEPS, "Share of the steps, or a number of them."),
    "schedule": (_STEPS, "Of the learning rate: constant, linear, cosine, ..."),
    "cycles": (_STEPS, "Of a cosine: 0.5 ends at 0."),
    "optim": (_STEPS, "adamw_torch, adamw_8bit, adafactor, ... (transformers' names)."),
    "betas": (_STEPS, "Of Adam."),
    "mixed": (_STEPS, "bf16: products in bfloat16, weights and moments in float32."),
    "gradient_checkpointing": (_STEPS, "Compute activations twice instead of keeping them."),
    "max_length": (_STEPS, "Most tokens of a row."),
    "truncate": (_STEPS, "Cut answers that are too long, instead of refusing them."),
    "stop_at_recall": (_STEPS, "Stop once this share of the facts is said."),
    "seed": (_STEPS, "Of order, masks, perturbed names and adapters."),
    "path": (_STEPS, "How a sparse update is carried out: lean or plain."),
    "save": (_STEPS, "The model, or only what changed: delta."),
    "checkpoint_every": (_STEPS, "Steps between checkpoints; 0: once an epoch."),
    "report_to": (_STEPS, "Where Trainer reports to: tensorboard, wandb, ..."),
    "system_prompt": (_ASKED, "Text, or @FILE."),
    "chat_template": (_ASKED, "auto, none, or a FILE."),
    "chat_template_kwargs": (_ASKED, "key=value for the template."),
    "device": (_LOADED, "auto: cuda, mps, cpu."),
    "dtype": (_LOADED, "auto: the checkpoint's; float32 on a CPU."),
    "revision": (_LOADED, "Of a model on the hub."),
    "trust_remote_code": (_LOADED, "Run the repository's code."),
    "allow_pickle": (_LOADED, "Load pickled weights."),
    "settings": (_AXES, "own: what the checkpoint carries for a preset; published: the preset's."),
}
_SHORT = {"model": "-m", "batch_size": "-b"}


def with_fields(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Return a verb that takes, in place of its `**typed`, an option for each field.

    An option that was not given is None: presets and settings files decide then.
    """
    signature = inspect.signature(verb, eval_str=True)
    own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    options = [_option(name) for name in _SAYS]
    parameters = [own[0], *options, *own[1:]]
    verb.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[p.replace(kind=p.KEYWORD_ONLY) for p in parameters]
    )
    verb.__annotations__ = {p.name: p.annotation for p in parameters}
    return verb


def typed(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that were given, as `resolve` takes them.

    Raises:
        ConfigError: a list, pair or file that is none.
    """
    from iabench.cli.evaluate import pair_of, prompt_of, template_of

    given = {name: value for name, value in options.items() if value is not None}
    for name, value in given.items():
        if name in ("rows", "anchors", "report_to"):
            given[name] = [] if value == "none" else _parts(value)
        elif name in ("betas", "thresholds"):
            given[name] = _numbers(name, value)
        elif name == "columns":
            given[name] = columns_of(_parts(value))
        elif name == "chat_template_kwargs":
            given[name] = sorted(pair_of(part) for part in _parts(value))
        elif name == "system_prompt":
            given[name] = prompt_of(value)
        elif name == "chat_template":
            given[name] = template_of(value)
        elif name == "mixed" and value == "none":
            given[name] = "no"
    _check_choices(given)
    return given


def _option(name: str) -> inspect.Parameter:
    panel, says = _SAYS[name]
    field = next(field for field in fields(TrainSpec) if field.name == name)
    flag = f"--{name.replace('_', '-')}"
    names = [flag, *([_SHORT[name]] if name in _SHORT else [])]
    shown = _shown(field.default)
    kind: Any = _type(get_type_hints(TrainSpec)[name])
    annotation = Annotated[
        kind | None,
        typer.Option(
            *names,
            help=f"{says}  \\[{shown}]" if shown else says,
            rich_help_panel=panel,
            show_default=False,
        ),
    ]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )


def _shown(default: Any) -> str:
    if default in (MISSING, None, (), "", False):
        return ""
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return f"{default:g}" if isinstance(default, float) else str(default)


def _type(hint: Any) -> Any:
    """Return what typer reads: numbers and switches as they are, all else as text."""
    if get_origin(hint) in (types.UnionType, Union):
        hint = next(part for part in get_args(hint) if part is not type(None))
    return hint if hint in (int, float, bool) else str


def _check_choices(given: Mapping[str, Any]) -> None:
    hints = get_type_hints(TrainSpec)
    for name, value in given.items():
        hint = hints[name]
        if get_origin(hint) is Literal and value not in get_args(hint):
            option = name.replace("_", "-")
            raise ConfigError(
                f'--{option} "{value}" is none of its choices.',
                f"--{option} {' | '.join(get_args(hint))}",
            )


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _numbers(name: str, value: str) -> list[float]:
    try:
        return [float(part) for part in _parts(value)]
    except ValueError:
        raise ConfigError(
            f'--{name} "{value}" are no numbers.',
            "--betas 0.9,0.999" if name == "betas" else "--thresholds 0.25,0.5,0.75",
        ) from None
