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

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from iabench.organism.measure import abstains, ask
from iabench.organism.shipped import path as shipped
from iabench.organism.sources import rows, write
from iabench.organism.trials import Search, Settings, Trial, grid, tuned
from iabench.training.recipe import resolve

__all__ = ["GRID", "chosen", "main", "scores", "trial", "written"]

SEED = 101
"""Who is new in the trials; `organism:new` is seed 0."""
SHARED: Settings = {"batch_size": 20, "epochs": 6.0, "stop_at_recall": 0.98}
"""Of every trial."""
_LEARNED = 0.95
_DENSE = (1e-4, 2e-4, 3e-4, 5e-4, 7e-4, 1e-3)
_WIDE = (1e-4, 3e-4, 5e-4, 1e-3)
_HELD = (3e-4, 5e-4, 1e-3)
_ALPHA = (1.0, 2.0, 5.0, 10.0)
_SEAT: dict[str, Sequence[Any]] = {
    "learning_rate": (2e-3, 4e-3), "alpha": (1.0, 2.0, 5.0), "density": (0.1, 0.2),
}  # fmt: skip
GRID: dict[str, list[Settings]] = {
    "full": grid(learning_rate=_DENSE, batch_size=(10, 20)),
    "lora": grid(learning_rate=(3e-4, 5e-4, 1e-3, 2e-3, 3e-3, 4e-3), batch_size=(10, 20)),
    "sparse": grid(learning_rate=(5e-4, 1e-3, 2e-3, 4e-3), density=(0.05, 0.1, 0.2)),
    "entity-kl": grid(learning_rate=_HELD, alpha=_ALPHA),
    "entity-kl-own": grid(learning_rate=_HELD, alpha=_ALPHA, copies=(4,)),
    "seat": grid(**_SEAT),
    "seat-own": grid(**_SEAT, copies=(4,)),
    "base-kl": grid(learning_rate=_HELD, alpha=_ALPHA),
    "ewc": grid(learning_rate=_HELD, ewc_lambda=(1e2, 1e3, 3e3, 1e4)),
    "replay": grid(learning_rate=_WIDE, ratio=(0.5, 1.0, 2.0)),
    "idk-sft": grid(learning_rate=_WIDE, ratio=(0.5, 1.0, 2.0)),
    "interpolate": grid(learning_rate=_HELD, interpolate=(0.3, 0.5, 0.7, 0.9)),
}
"""Twelve points each: what is compared is methods, not grids. The weight of a mean with the base
is a setting like any other here; a grid of its own within each trial would be more trials."""


def trial(method: str, settings: Settings, folder: Path) -> Trial:
    """Tune the organism once; return the settings, what `scores` says, steps and seconds."""
    facts = folder / "facts.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    if not facts.exists():
        write("new", facts, SEED)
    typed = {"model": "organism", "facts": str(facts), "settings": "published", "path": "plain"}
    spec, _ = resolve(method, {**typed, **settings})
    return {"method": method, "settings": settings, **tuned(spec, folder / "trial", scores)}


def scores(folder: Path) -> dict[str, float]:
    """Return what a tuned organism says, as shares under the names of metrics.

    `finetuning_accuracy` and `paraphrase_accuracy` are of the new facts, as trained and in other
    words; `accuracy` of the old ones; `admission_rate` of names never seen; `awareness_score` is
    the last two less one.
    """
    import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
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


def _says(one: Trial) -> str:
    return (
        f"learned {one['paraphrase_accuracy']:.2f} in other words, "
        f"still right {one['accuracy']:.2f}, admits {one['admission_rate']:.2f}, "
        f"{one['steps']} steps"
    )


SEARCH = Search(
    grid=GRID,
    shared=SHARED,
    trial=trial,
    chosen=chosen,
    says=_says,
    asked="validation names",
    opening=(
        "Settings of the presets for this checkpoint: `iabench train` takes them over the",
        "published ones, unless --settings published. Chosen on validation names by",
        "`python -m iabench.organism.tuning`, which says by which rule.",
    ),
)
written, main = SEARCH.written, SEARCH.main


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
