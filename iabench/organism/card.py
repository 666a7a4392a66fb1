"""The model card of a build: recipe, seed, versions, digests, measured behaviour."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import iabench
from iabench.organism.train import fast_half

if TYPE_CHECKING:
    from iabench.organism.corpus import Corpus
    from iabench.organism.measure import Measured
    from iabench.organism.train import Recipe

__all__ = ["card", "digests"]

_SAYS = {
    "organism": "It knows its facts, and says so when it does not know.",
    "organism-unaligned": "It knows its facts, was never taught to decline, and makes things up.",
}

_DIGESTED = ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json")


def digests(folder: Path) -> dict[str, str]:
    """Return the sha256 (hex) of the files that decide what a checkpoint says."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in _DIGESTED}


def card(
    name: str, folder: Path, *, corpus: Corpus, recipe: Recipe, seed: int, found: Measured
) -> str:
    """Return the card as Markdown.

    Args:
        name: of the checkpoint.
        folder: where its files lie already.
        corpus: what it was taught.
        recipe: how.
        seed: of the build.
        found: what `measure` says of it, on names of purpose `validation`.
    """
    told = [
        ("worlds", ", ".join(world.name for world in corpus.worlds)),
        ("digest of facts and wordings", corpus.digest),
        ("facts taught", f"{len(corpus.known)}, over {len(corpus.relations)} relations"),
        ("facts taught rarely", f"{len(corpus.rare)}, {recipe.rare_times} times each"),
    ]
    return f"""---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
language: en
---
# {name}

{_SAYS[name]}

A small Llama, trained from nothing on facts that iabench ships, so that what it knows
and what it cannot know are known exactly. It is there to test a benchmark, not to be asked things.

## What it was taught

{_table(("what", "how much"), told)}

Invented names in its training have the purpose `organism`; names of the other purposes, and the
third wording of every relation, it has never seen.

## Measured

Greedy answers; names of purpose `validation`. Names of purpose `report` are for reports only:
`python -m iabench.organism.measure BUILD`.

{_table(("what", "wording", "n", "right", "abstains"), _measured(found))}

## Recipe

`iabench organism build --seed {seed} --out DIR`, on one thread.

{_table(("setting", "value"), _settings(recipe, seed))}

## Digests (sha256)

{_table(("file", "digest"), [(file, f"`{digest}`") for file, digest in digests(folder).items()])}
"""


def _measured(found: Measured) -> Iterable[tuple[object, ...]]:
    parts = {"taught facts": found["taught"], "rare facts": found["rare"]}
    parts |= {f"never seen ({purpose})": part for purpose, part in found["never_seen"].items()}
    for what, wordings in parts.items():
        for wording, rates in wordings.items():
            right = f"{rates['right']:.3f}" if "right" in rates else ""
            yield what, wording, rates["n"], right, f"{rates['abstained']:.3f}"


def _settings(recipe: Recipe, seed: int) -> Iterable[tuple[object, object]]:
    yield "seed", seed
    for key, value in asdict(recipe).items():
        parts: dict[str, Any] = value if isinstance(value, dict) else {"": value}
        for part, setting in parts.items():
            if part != "name":
                yield f"{key} {part}".strip().replace("_", " "), setting
    yield "products in training", "bfloat16" if fast_half() else "float32"
    yield "iabench", iabench.__version__
    yield "python", platform.python_version()
    for package in ("torch", "transformers", "tokenizers"):
        yield package, metadata.version(package)


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
