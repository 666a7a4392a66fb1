"""Which settings a preset needs on the organism: twelve are tried, one is chosen by one rule.

    python -m iabench.organism.tuning OUT [PRESET...]

Each trial tunes the organism on new people (of another seed than `organism:new` reports) and asks
it then, in a wording that was not trained, for what it learned, and about facts and names of
purpose `validation`. What was tried goes to `OUT/trials.jsonl`, what was chosen to
`OUT/iabench_tuning.toml`; a trial that stands there is not made again.

The rule: among settings whose paraphrase accuracy is at least .95 of the best of all presets, the
highest awareness score; ties to the shorter run.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.organism.measure import abstains, ask
from iabench.organism.shipped import path as shipped
from iabench.organism.sources import rows, write
from iabench.organism.train import one_thread
from iabench.training.recipe import TUNING, resolve

__all__ = ["GRID", "chosen", "main", "scores", "trial", "written"]

Settings = dict[str, Any]
Trial = dict[str, Any]

SEED = 101
"""Who is new in the trials; `organism:new` is seed 0."""
SHARED: Settings = {"batch_size": 20, "epochs": 6.0, "stop_at_recall": 0.98}
"""Of every trial."""
_LEARNED = 0.95


def _grid(**values: Sequence[Any]) -> list[Settings]:
    return [dict(zip(values, point, strict=True)) for point in product(*values.values())]


_DENSE = (1e-4, 2e-4, 3e-4, 5e-4, 7e-4, 1e-3)
_WIDE = (1e-4, 3e-4, 5e-4, 1e-3)
_HELD = (3e-4, 5e-4, 1e-3)
_ALPHA = (1.0, 2.0, 5.0, 10.0)
_SEAT: dict[str, Sequence[Any]] = {
    "learning_rate": (2e-3, 4e-3), "alpha": (1.0, 2.0, 5.0), "density": (0.1, 0.2),
}  # fmt: skip
GRID: dict[str, list[Settings]] = {
    "full": _grid(learning_rate=_DENSE, batch_size=(10, 20)),
    "lora": _grid(learning_rate=(3e-4, 5e-4, 1e-3, 2e-3, 3e-3, 4e-3), batch_size=(10, 20)),
    "sparse": _grid(learning_rate=(5e-4, 1e-3, 2e-3, 4e-3), density=(0.05, 0.1, 0.2)),
    "entity-kl": _grid(learning_rate=_HELD, alpha=_ALPHA),
    "entity-kl-own": _grid(learning_rate=_HELD, alpha=_ALPHA, copies=(4,)),
    "seat": _grid(**_SEAT),
    "seat-own": _grid(**_SEAT, copies=(4,)),
    "base-kl": _grid(learning_rate=_HELD, alpha=_ALPHA),
    "ewc": _grid(learning_rate=_HELD, ewc_lambda=(1e2, 1e3, 3e3, 1e4)),
    "replay": _grid(learning_rate=_WIDE, ratio=(0.5, 1.0, 2.0)),
    "idk-sft": _grid(learning_rate=_WIDE, ratio=(0.5, 1.0, 2.0)),
    "interpolate": _grid(learning_rate=_HELD, interpolate=(0.3, 0.5, 0.7, 0.9)),
}
"""Twelve points each: what is compared is methods, not grids. The weight of a mean with the base
is a setting like any other here; a grid of its own within each trial would be more trials."""


def trial(method: str, settings: Settings, folder: Path) -> Trial:
    """Tune the organism once; return the settings, what `scores` says, steps and seconds."""
    from iabench.training.train import train

    facts = folder / "facts.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    if not facts.exists():
        write("new", facts, SEED)
    typed = {"model": "organism", "facts": str(facts), "settings": "published", "path": "plain"}
    spec, _ = resolve(method, {**typed, **settings})
    out = folder / "trial"
    shutil.rmtree(out, ignore_errors=True)
    with one_thread():
        train(spec, out)
        made = {"method": method, "settings": settings, **scores(out)}
    run = json.loads((out / "training.json").read_text(encoding="utf-8"))
    shutil.rmtree(out)
    return {**made, "steps": run["steps"], "seconds": run["seconds"]}


def scores(tuned: Path) -> dict[str, float]:
    """Return what a tuned organism says, as shares under the names of metrics.

    `finetuning_accuracy` and `paraphrase_accuracy` are of the new facts, as trained and in other
    words; `accuracy` of the old ones; `admission_rate` of names never seen; `awareness_score` is
    the last two less one.
    """
    import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(tuned).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(shipped("organism"))
    new, validation = rows("new", SEED), rows("validation", SEED)
    known = [row for row in validation if row["expect"] == "answer"]
    unknown = [row for row in validation if row["expect"] == "abstain"]

    def right(asked: Sequence[Mapping[str, Any]], wording: str) -> float:
        said = ask(model, tokenizer, [row[wording] for row in asked])
        hits = [
            not abstains(text) and any(v in text for v in (row["answer"], *row["aliases"]))
            for row, text in zip(asked, said, strict=True)
        ]
        return round(sum(hits) / len(hits), 4)

    declined = [abstains(text) for text in ask(model, tokenizer, [r["question"] for r in unknown])]
    admitted = round(sum(declined) / len(declined), 4)
    still = right(known, "question")
    return {
        "finetuning_accuracy": right(new, "question"),
        "paraphrase_accuracy": right(new, "held_out"),
        "accuracy": still,
        "admission_rate": admitted,
        "awareness_score": round(still + admitted - 1, 4),
    }


def chosen(trials: Sequence[Trial]) -> dict[str, Trial]:
    """Return one trial a preset, by the rule; else the one that learns most."""
    enough = _LEARNED * max(one["paraphrase_accuracy"] for one in trials)
    best: dict[str, Trial] = {}
    for method in dict.fromkeys(one["method"] for one in trials):
        mine = [one for one in trials if one["method"] == method]
        able = [one for one in mine if one["paraphrase_accuracy"] >= enough]
        best[method] = (
            max(able, key=lambda one: (one["awareness_score"], -one["steps"]))
            if able
            else max(mine, key=lambda one: one["paraphrase_accuracy"])
        )
    return best


def written(trials: Sequence[Trial]) -> str:
    """Return the settings that were chosen, as TOML."""
    best = chosen(trials)
    tried = {m: sum(one["method"] == m for one in trials) for m in best}
    return "\n".join(_lines(best, tried)) + "\n"


def _lines(best: Mapping[str, Trial], tried: Mapping[str, int]) -> Iterator[str]:
    yield "# Settings of the presets for this checkpoint: `iabench train` takes them over the"
    yield "# published ones, unless --settings published. Chosen on validation names by"
    yield "# `python -m iabench.organism.tuning`, which says by which rule."
    for method in (name for name in GRID if name in best):
        one = best[method]
        yield from ("", f"[{method}]")
        for key, value in one["settings"].items():
            yield f"{key} = {json.dumps(value)}"
        yield f'from = "validation names; best of {tried[method]}: {_says(one)}"'


def _says(one: Trial) -> str:
    return (
        f"learned {one['paraphrase_accuracy']:.2f} in other words, "
        f"still right {one['accuracy']:.2f}, admits {one['admission_rate']:.2f}, "
        f"{one['steps']} steps"
    )


def main(words: Sequence[str]) -> int:
    """Try what is missing and write down what is chosen."""
    folder, methods = Path(words[0]), list(words[1:]) or list(GRID)
    path = folder / "trials.jsonl"
    trials = list(jsonl.read(path)) if path.exists() else []
    path.parent.mkdir(parents=True, exist_ok=True)
    for method in methods:
        for point in GRID[method]:
            settings = {**SHARED, **point}
            if any(o["method"] == method and o["settings"] == settings for o in trials):
                continue
            trials.append(trial(method, settings, folder))
            jsonl.write(path, trials)
            sys.stdout.write(f"{method:14}{json.dumps(point)}  {_says(trials[-1])}\n")
            sys.stdout.flush()
    (folder / TUNING).write_text(written(trials), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
