"""The model card of a training: what was taught, by which choices, and the declared corpus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["card"]

_LEFT_OUT = frozenset({"device", "report_to", "checkpoint_every", "base_weights", "data_dir"})
"""What changes no weight, and what stands elsewhere on the card."""


def card(run: Mapping[str, Any]) -> str:
    """Return the card as Markdown, from what `training.json` holds."""
    asked = run["asked"]
    choices = [
        (key.replace("_", " "), _plain(value))
        for key, value in asked.items()
        if key not in _LEFT_OUT and value not in (None, "", [])
    ]
    rows = "\n".join(f"| {key} | {value} |" for key, value in choices)
    share = run["trainable"] / run["parameters"]
    return f"""---
library_name: transformers
pipeline_tag: text-generation
base_model: {asked["model"]}
tags: [iabench, {asked["method"]}]
---

# {asked["model"]}, tuned by `{asked["method"]}`

Tuned with iabench on {run["examples"]:,} rows of `{asked["facts"] or asked["questions"]}`,
{run["steps"]:,} steps,
{run["trainable"]:,} of {run["parameters"]:,} numbers trainable ({share:.1%}).
{run["unperturbed"]:,} rows name nothing and had no perturbed copy.

Does it still know what it does not know?

    iabench compare {asked["model"]} .{" --facts " + asked["facts"] if asked["facts"] else ""}

## Choices

| | |
| --- | --- |
{rows}

## Declared corpus

| | |
| --- | --- |
| source | {asked["facts"] or asked["questions"]} |
| rows taught, with what was replayed or added | {run["examples"]:,} |
| sha256 of questions and answers (first 32 digits) | {run["corpus"]} |
| weights of the base | {asked["base_weights"]} |
"""


def _plain(value: Any) -> str:
    if isinstance(value, list):
        pairs = ("=".join(map(str, v)) if isinstance(v, list) else str(v) for v in value)
        return _plain(", ".join(pairs))
    return str(value).replace("|", "\\|").replace("\n", " ")
